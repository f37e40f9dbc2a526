"""Each page through Streamlit's own test runner: on every workspace, and on an empty one."""

import json
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import filters, settings, startup
from dashboard.load.publish import load
from dashboard.render import screen
from dashboard.settings import Workspace

PAGES = (
    *("overview", "exceptions", "council", "service", "measure"),
    *("costs", "spending", "true_cost", "satisfaction", "value", "committee", "stories", "data"),
)
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
def test_a_workspace_without_any_figure_breaks_no_page(tmp_path, use, page):
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
    use(workspace)
    app = _open(page)
    assert not app.exception
    assert app.info, "an empty page says what to do"


@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_word_in_the_address_falls_back(use, page):
    use("shipped")
    nonsense = "<script>alert(1)</script>' or 1=1 --"
    names = ("service", "council", "councils", "measure", "period", "from", "to", "part", "unit")
    names += ("feed", "file", "reason", "contract", "basis", "who", "moves", "story")
    app = _open(page, **dict.fromkeys(names, nonsense))
    assert not app.exception
    assert _findings(app)


def test_the_overview_says_what_changed_in_the_stretch_that_is_chosen(use):
    use("shipped")
    app = _open("overview")
    rose = "Newham’s commercial units empty rose to 9.3% in March 2018, from a usual 5.7%"
    assert rose in " ".join(h.value for h in app.get("html"))
    app.selectbox(key="changed").select("This month").run()
    assert not app.exception
    said = " ".join(h.value for h in app.get("html"))
    assert rose not in said
    assert "Bexley’s satisfaction fell from 89% to 55%" in said
    assert "Concern, still so: 122 answers, 121 before" in said
    app.selectbox(key="changed").select("Since the last committee").run()
    said = " ".join(h.value for h in app.get("html"))
    assert "What really changed, January to March 2018" in said


def test_the_exceptions_say_how_long_what_changed_and_whose_they_are(use):
    use("shipped")
    app = _open("exceptions", service="HR & OD", councils="Newham")
    said = " ".join(h.value for h in app.get("html"))
    assert "Agency staff in the workforce" in said
    assert "48 in a row, since April 2014" in said
    assert "will not be met unless something changes" in said
    assert "getting worse since August 2017; now above the usual range" in said
    assert "Director of HR &amp; OD" in said


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


def _chips(app: AppTest) -> list[str]:
    return [b.label.replace("\\", "") for b in app.button if b.key.startswith("chip-")]


def _restrict(app: AppTest, service: str, period: str) -> None:
    app.selectbox(key="service").select(service).run()
    app.get("button_group")[0].set_value(["Bexley"]).run()
    app.selectbox(key="period").select(period).run()


def _press(app: AppTest, chip: str) -> None:
    next(b for b in app.button if b.label.replace("\\", "") == chip).click().run()


def test_every_restriction_has_a_chip_that_takes_it_away(use):
    use("shipped")
    app = _open("costs")
    assert _chips(app) == []
    everything = _findings(app)
    _restrict(app, "HR & OD", "2016/17")
    bexley, year, service = (f":gray[Remove filter:] {x}" for x in ("Bexley", "2016/17", "HR & OD"))
    assert _chips(app) == [service, bexley, year, "Clear all"]
    _press(app, bexley)
    assert _chips(app) == [service, year, "Clear all"]
    assert app.session_state["councils"] == []
    _press(app, year)
    assert _chips(app) == [service]
    _press(app, service)
    assert _chips(app) == []
    assert _findings(app) == everything

    _restrict(app, "ICT", "Last 12 months")
    _press(app, "Clear all")
    assert not app.exception
    assert _findings(app) == everything


@pytest.mark.parametrize(
    ("first", "last", "council", "period", "months", "councils"),
    [
        # A stretch that has a name is called by it; the day of the month does not matter.
        (date(2016, 4, 1), date(2017, 3, 31), None, "2016/17", None, ["Newham"]),
        (date(2016, 5, 9), date(2016, 7, 2), None, "Choose months", "May 2016, July 2016",
         ["Newham"]),
        # A point: the twelve months to it, of its council.
        (None, date(2017, 1, 1), "bexley", "Choose months", "February 2016, January 2017",
         ["Bexley"]),
        # Before the first month and after the last there is nothing to choose.
        (date(1990, 1, 1), date(2090, 1, 1), None, "All", None, ["Newham"]),
        (None, date(2014, 6, 1), "nobody", "Choose months", "April 2014, June 2014", ["Newham"]),
    ],
)  # fmt: skip
def test_what_is_chosen_in_a_chart_is_what_the_filters_say(
    use, monkeypatch, first, last, council, period, months, councils
):
    use("shipped")
    state = {"councils": ["Newham"]}
    monkeypatch.setattr(filters.st, "session_state", state)
    filters.choose(first, last, council)
    assert state.get("period") == period
    assert ", ".join(state[end] for end in ("from", "to") if end in state) == (months or "")
    assert state["councils"] == councils


def test_a_council_is_chosen_only_where_the_page_has_councils_to_choose(use, monkeypatch):
    use("shipped")
    state: dict[str, object] = {}
    monkeypatch.setattr(filters.st, "session_state", state)
    filters.choose(None, date(2018, 3, 1), "bexley")
    # The twelve months to the newest are a year of their own.
    assert state == {"period": "Last 12 months"}


@pytest.mark.parametrize(
    "sent",
    [None, 3, {}, {"from": "May", "to": "June", "council": None},
     {"from": "2016-04-01", "to": None, "council": None},
     {"from": None, "to": "2016-04-01", "council": ["bexley"]}],
)  # fmt: skip
def test_what_no_chart_sends_chooses_nothing(monkeypatch, sent):
    monkeypatch.setattr(screen.st, "session_state", {"charts": {"chosen": sent}})
    told = []
    screen.chosen(lambda *given: told.append(given))
    assert told == []


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


def test_a_year_s_end_is_forecast_for_what_adds_up_alone(use):
    use("shipped")
    app = _open(
        "measure", service="Council Tax & Benefits", measure="Council tax collected in the year"
    )
    assert any("it came to 97%" in f for f in _findings(app))
    app = _open("measure", service="ICT")
    assert not app.exception
    assert not any("expected" in f or "forecast" in f for f in _findings(app))
