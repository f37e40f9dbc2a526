"""Each page through Streamlit's own test runner: on every workspace, and on an empty one."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import settings, startup
from dashboard.load.publish import load
from dashboard.settings import Workspace

PAGES = ("overview", "council", "service", "measure", "costs", "satisfaction", "data")
WORKSPACES = ("shipped", "lgbf", "three_councils")


@pytest.fixture(autouse=True)
def loaded_anew():
    """`prepare` runs once a process; each test has a workspace of its own."""
    startup.prepare.cache_clear()


def _open(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page != "overview":
        app.switch_page(f"pages/{page}.py").run()
    return app


def _findings(app: AppTest) -> list[str]:
    return [h.value.split("</h2>")[0].split(">", 1)[1] for h in app.get("html") if "<h2" in h.value]


@pytest.mark.parametrize("workspace", WORKSPACES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_findings_or_says_what_is_absent(use, page, workspace):
    use(workspace)
    app = _open(page)
    assert not app.exception
    assert len(app.title) == 1
    assert _findings(app) or app.info


@pytest.mark.parametrize("page", PAGES)
def test_a_workspace_without_any_figure_breaks_no_page(tmp_path, monkeypatch, page):
    contract = {
        "name": "empty",
        "title": "Nothing yet",
        "resources": [
            {"name": n, "path": f"{n}.csv",
             "schema": {"fields": [{"name": f, "type": "string"} for f in fields]}}
            for n, fields in (("services", ["service_id", "name"]),
                              ("councils", ["council_id", "name"]))
        ],
    }  # fmt: skip
    data = tmp_path / "data"
    data.mkdir()
    (data / "datapackage.json").write_text(json.dumps(contract))
    (data / "services.csv").write_text("service_id,name\nict,ICT\n")
    (data / "councils.csv").write_text("council_id,name\nbexley,Bexley\n")
    workspace = Workspace(data, data / "datapackage.json", tmp_path / "warehouse")
    load(workspace)
    for name in ("DATA", "CONTRACT", "WAREHOUSE"):
        monkeypatch.setenv(name, str(getattr(workspace, name.lower())))
    app = _open(page)
    assert not app.exception
    assert app.info, "an empty page says what to do"


@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_word_in_the_address_falls_back(use, page):
    use("shipped")
    nonsense = "<script>alert(1)</script>' or 1=1 --"
    names = ("service", "council", "councils", "measure", "period", "from", "to", "part")
    names += ("feed", "file", "reason", "contract")
    app = _open(page, **dict.fromkeys(names, nonsense))
    assert not app.exception
    assert _findings(app)


def test_the_overview_says_what_moved_most(use):
    use("shipped")
    app = _open("overview")
    tables = " ".join(h.value for h in app.get("html"))
    assert "Bexley’s satisfaction: fell from 89% (March 2017) to 55% (October 2017)" in tables
    assert "Commercial units empty, Newham: rose from 5% to 9.3% in March 2018" in tables


def test_a_filter_changes_the_finding(use):
    use("shipped")
    app = _open("costs")
    before = _findings(app)[0]
    app.selectbox(key="service").select("ICT").run()
    assert not app.exception
    assert _findings(app)[0].startswith("ICT cost £9.76m in 2017/18")
    assert _findings(app)[0] != before


def test_months_can_be_chosen_one_by_one(use):
    use("shipped")
    app = _open("measure")
    app.selectbox(key="period").select("Choose months").run()
    app.selectbox(key="from").select("April 2016").run()
    app.selectbox(key="to").select("September 2016").run()
    assert not app.exception
    found = _findings(app)
    assert found[0].endswith("(to September 2016)")
    assert any("in September 2016" in finding for finding in found[1:])


def test_published_statistics_without_an_owner_say_so(use):
    use("lgbf")
    app = _open("measure")
    text = " ".join(h.value for h in app.get("html"))
    assert "these measures come without owner role" in text
    assert "Owner: not stated" in text


def test_illustrative_data_says_so_and_published_data_names_its_source(use):
    use("shipped")
    assert "Illustrative</span>" in " ".join(h.value for h in _open("costs").get("html"))
    use("three_councils")
    startup.prepare.cache_clear()
    text = " ".join(h.value for h in _open("measure").get("html"))
    assert "Illustrative" not in text
    assert "Source: Department for Education, LAIT" in text
