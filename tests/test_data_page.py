"""The Data page and the command line beside it: what a data officer is told, tries and undoes."""

import json
import re
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from dashboard import settings, startup
from dashboard.__main__ import main
from dashboard.exhibits import data
from dashboard.load import intake, versions
from dashboard.load.publish import LoadRefused, load
from dashboard.load.versions import LoadFailed
from dashboard.settings import Workspace

HEADER = "period,service_id,council_id,measure_id,value,numerator,denominator,status,source\n"
GOOD = HEADER + "2018-04,ict,newham,incidents_in_time,91,91,100,provisional,\n"
BAD = HEADER + (
    "2018-04,ict,newham,incidents_in_time,91,91,100,provisional,\n"
    "2018-04,ict,haverng,incidents_in_time,90,90,100,provisional,\n"
    "2018-04,ict,havering,incidents_in_time,25/06/2012900,,,provisional,\n"
    "2018-04,ict,bexley,incidents_in_time,80,90,100,provisional,\n"
)


@pytest.fixture
def own(tmp_path, use, workspace_of) -> Workspace:
    """A copy of the shipped exports that a test may change, and of their snapshot."""
    folder = tmp_path / "data"
    shutil.copytree(settings.ROOT / "data", folder)
    workspace = Workspace(folder, folder / "datapackage.json", tmp_path / "warehouse")
    shutil.copytree(workspace_of("shipped").warehouse, workspace.warehouse)
    use(workspace)
    startup.prepare.cache_clear()
    return workspace


def _page() -> AppTest:
    app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60).run()
    return app.switch_page("pages/data.py").run()


def _words(app: AppTest) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", " ".join(h.value for h in app.get("html"))))


def test_a_clean_workspace_says_so(own):
    words = _words(_page())
    assert "No feed is late" in words
    assert "Illustrative" in words
    assert "118 files: 57,238 rows loaded, none set aside" in words
    assert "Nothing was set aside" in words and "1 version kept" in words


def test_the_page_shows_what_is_wrong_where_and_what_changed(own):
    (own.data / "performance" / "performance-2018-04.csv").write_text(BAD + "Total,,,,,,,,\n")
    ledger = own.data / "ledger" / "ledger-2018-03.csv"
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join([*lines[:-1], "Total,,,,,,1.00"]) + "\n")
    load(own)
    app = _page()
    words = _words(app)
    assert "119 files: 57,238 rows loaded, 3 set aside; 1 stated total not as the rows" in words
    assert "3 rows set aside in 1 file" in words
    assert "did you mean 'havering'?" in words
    assert "a date and an amount seem to have run together" in words
    assert "the value is 80.0, but numerator ÷ denominator is 90.0" in words
    assert "This load read 2 files anew" in words
    assert "The last load changed 1 published figure" in words
    app.selectbox(key="reason").select("unknown: no row of councils has this council_id").run()
    assert "1 row set aside in 1 file" in _words(app)


def test_a_feed_is_late_from_the_day_after_it_was_due(use):
    use("shipped")
    due = date(2018, 5, 20)
    on_time = data.freshness(on=due)
    assert on_time.title == "Ledger lines is 10 days late"
    late = {row[0]: row[4] for row in data.freshness(on=date(2018, 5, 21)).table.raw_rows}
    assert late["performance"] == 1 and late["costs"] == 0 and late["ledger"] == 11


def test_the_survey_rows_set_aside_do_not_tell_what_few_people_said(own):
    wave = own.data / "satisfaction" / "satisfaction-2017-10.csv"
    lines = wave.read_text().splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index("council_id")] = "nowhere"
    wave.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    load(own)
    startup.prepare.cache_clear()
    shown = data.set_aside(file=None, rule=None)
    assert shown.title == "1 row set aside in 1 file"
    assert [row[5] for row in shown.table.raw_rows] == [None]
    assert lines[1] not in _words(_page())


def test_uploads_can_be_switched_off(own, monkeypatch):
    monkeypatch.setenv("UPLOADS", "off")
    app = _page()
    assert any("switched off" in i.value for i in app.info)
    assert not [b for b in app.button if b.key in ("try", "restore")]


def test_a_version_is_restored_from_the_page(own):
    first = versions.current_version(own.warehouse)
    (own.data / "performance" / "performance-2018-04.csv").write_text(GOOD)
    load(own)
    app = _page()
    app.button(key="restore").click().run()
    assert versions.current_version(own.warehouse) == first
    assert any(f"Data version {first} is served now" in s.value for s in app.success)


def test_an_upload_is_tried_then_loaded_and_kept_as_it_came(own, page, serve_own, settle):
    page.goto(f"{serve_own}/data")
    settle(page)
    page.set_input_files(
        "[data-testid=stFileUploaderDropzoneInput]",
        {"name": "../../April return.csv", "mimeType": "text/csv", "buffer": BAD.encode()},
    )
    page.get_by_role("button", name="Try them").click()
    page.get_by_text("1 row would be loaded and 3 set aside.").wait_for()
    told = page.locator("[data-testid=stCode]").inner_text()
    assert "line 3: council_id 'haverng'" in told and "did you mean 'havering'?" in told
    # Nothing has changed so far.
    assert not list(own.data.glob("performance/*April*"))
    page.get_by_role("button", name="Load it now").click()
    page.get_by_text("Loaded: data version").wait_for()
    assert (own.data / "performance" / "performance-April-return.csv").read_bytes() == BAD.encode()
    page.get_by_role("heading", name="3 rows set aside in 1 file").wait_for()


def test_what_became_of_a_load_is_told_though_another_press_ended_its_run(own, monkeypatch):
    app = _page()
    sent = ("performance-2018-04.csv", GOOD.encode(), "text/csv")
    app.file_uploader(key="upload-0").set_value(sent).run()
    app.button(key="try").click().run()

    @contextmanager
    def ended(said: str) -> Iterator[None]:
        # As Streamlit ends a run: where it next has something to say to the screen.
        yield
        raise StopException

    monkeypatch.setattr(st, "spinner", ended)
    app.button(key="accept").click().run()
    assert (own.data / "performance" / "performance-2018-04.csv").read_text() == GOOD
    assert not [s for s in app.success if "Loaded" in s.value]
    app.run()
    now = versions.current_version(own.warehouse)
    assert [s.value for s in app.success if "Loaded" in s.value] == [
        rf"Loaded\: data version {now} is served\."
    ]
    assert not [b for b in app.button if b.key in ("try", "accept")]


@pytest.fixture
def serve_own(own, start) -> str:
    """The address of a server of the workspace that a test may change."""
    return start(own)


def test_a_link_opened_first_after_a_start_has_navigation_and_look(serve_own, page, settle):
    with urllib.request.urlopen(f"{serve_own}/_stcore/health") as answer:
        assert answer.status == 200
    page.goto(f"{serve_own}/costs")
    settle(page)
    assert "Where we stand" in page.inner_text("[data-testid=stSidebarNav]")


def test_a_file_that_replaces_another_is_kept_and_a_refused_one_put_back(own):
    name = "performance/performance-2018-03.csv"
    old = (own.data / name).read_bytes()
    with pytest.raises(LoadRefused, match="performance-2018-03"):
        intake.accept(own, [intake.Upload("performance-2018-03.csv", HEADER.encode() + b"\0")],
                      "performance")  # fmt: skip
    assert (own.data / name).read_bytes() == old
    report = intake.accept(
        own, [intake.Upload("performance-2018-03.csv", GOOD.encode())], "performance"
    )
    assert report.published and report.restated
    assert (own.data / name).read_bytes() == GOOD.encode()
    (kept,) = own.warehouse.glob("replaced/*/performance/performance-2018-03.csv")
    assert kept.read_bytes() == old


@pytest.mark.parametrize(
    ("given", "placed"),
    [
        ("return.csv", "performance/performance-return.csv"),
        ("../../../etc/passwd", "performance/performance-passwd.csv"),
        ("C:\\temp\\my return (final).csv", "performance/performance-my-return-final-.csv"),
        ("=cmd|' /C calc'!A0.csv", "performance/performance-C-calc-A0.csv"),
        (".csv", "performance/performance-csv.csv"),
        ("performance.xlsx", "performance/performance-performance.csv"),
    ],
)
def test_a_name_never_leads_out_of_the_folder(own, given, placed):
    _, names = intake.try_uploads(own, [intake.Upload(given, GOOD.encode())])
    assert names == [placed]


def test_a_file_of_no_feed_is_said_to_be_none(own):
    with pytest.raises(intake.NotPlaced, match="has the header of no feed"):
        intake.try_uploads(own, [intake.Upload("x.csv", b"a,b\n1,2\n")])


def test_a_folder_that_cannot_be_written_loads_nothing(own, monkeypatch):
    monkeypatch.setattr(intake.shutil, "copyfile", _full)
    before = versions.current_version(own.warehouse)
    with pytest.raises(LoadFailed, match="cannot be written: No space left"):
        intake.accept(own, [intake.Upload("performance-2018-04.csv", GOOD.encode())])
    assert versions.current_version(own.warehouse) == before


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_check_says_what_is_wrong_and_changes_nothing(own, tmp_path, capsys):
    before = versions.current_version(own.warehouse)
    bad, good = tmp_path / "april.csv", tmp_path / "good.csv"
    bad.write_text(BAD)
    good.write_text(GOOD)
    assert main(["check", str(bad)]) == 1
    said = capsys.readouterr().out
    assert "line 4: value '25/06/2012900': not a number; a date and an amount" in said
    assert "Something is wrong" in said and "this was a check" in said
    assert main(["check", str(good), "--feed", "performance"]) == 0
    assert "Nothing is wrong." in capsys.readouterr().out
    assert main(["check", str(bad), "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert (told["loaded"], told["set_aside"]) == (1, 3)
    assert main(["check", str(good), "--feed", "weather"]) == 1
    assert "the contract has no feed 'weather'" in capsys.readouterr().err
    assert versions.current_version(own.warehouse) == before
    assert not list(own.data.glob("performance/*april*"))


def test_what_describe_proposes_can_be_loaded_once_its_gaps_are_filled(tmp_path, capsys):
    export = tmp_path / "payments.csv"
    export.write_text(
        "Payments over £500\n\nDate paid,Directorate,Net amount,Gross amount,Supplier name\n"
        "24/12/2010,City Development,1616.23,1939.48,A & A\n"
        "07/12/2010,City Development,(12.00),(14.40),B Ltd\n"
    )
    assert main(["describe", str(export)]) == 0
    proposal = json.loads(capsys.readouterr().out)
    fields = {f["name"]: f for f in proposal["resources"][0]["schema"]["fields"]}
    assert proposal["resources"][0]["name"] == "ledger"
    assert fields["date"]["format"] == "any"
    assert proposal["onesource_header_line"] == 3
    assert (
        "'amount_gbp' could be 'Net amount', or 'Gross amount'" in proposal["onesource_to_settle"]
    )
    assert fields["council_id"]["onesource"] == {"constant": "…"}
    fields["council_id"]["onesource"]["constant"] = "leeds"
    contract = tmp_path / "datapackage.json"
    contract.write_text(json.dumps(proposal))
    report = load(Workspace(tmp_path, contract, tmp_path / "warehouse"))
    assert (report.files[0].loaded, report.is_clean) == (2, True)
    (tmp_path / "empty.csv").write_text("")
    assert main(["describe", str(tmp_path / "empty.csv")]) == 1
    assert "the file is empty" in capsys.readouterr().err


def test_versions_and_restore_on_the_command_line(own, capsys):
    first = versions.current_version(own.warehouse)
    (own.data / "performance" / "performance-2018-04.csv").write_text(GOOD)
    second = load(own).version
    assert main(["versions"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{second}  current", first]
    assert main(["restore", first]) == 0
    assert main(["load"]) == 0
    assert f"Data version {second} is held back" in capsys.readouterr().out
    assert main(["restore", "none"]) == 1
    assert "no snapshot of version 'none'" in capsys.readouterr().err
