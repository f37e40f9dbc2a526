"""Nothing hidden of the survey is told by another version, by a list of changes, or by a trial."""

import csv
import json

import duckdb
import pytest

from dashboard import warehouse
from dashboard.load import intake, older_versions, told, versions
from dashboard.load.intake import Upload
from dashboard.load.publish import LoadRefused, load
from dashboard.settings import Workspace
from dashboard.warehouse import fetch
from tests import audit
from tests.test_small_numbers import ALWAYS, COUNTED, survey
from tests.test_small_numbers_bounds import leaks

FIELDS = ("period", "service_id", "council_id", *COUNTED)
CELLS = (
    ("a", "x", 7), ("a", "y", 40), ("a", "z", 60),
    ("b", "x", 31), ("b", "y", 50), ("b", "z", 73),
)  # fmt: skip


@pytest.fixture
def surveyed(tmp_path, monkeypatch) -> Workspace:
    """A workspace of surveys alone, one file a wave, without any yet."""
    types = {"period": "string", "service_id": "string", "council_id": "string"}
    fields = [{"name": n, "type": types.get(n, "integer")} for n in FIELDS]
    contract = {
        "name": "x",
        "title": "X",
        "resources": [
            {"name": "services", "data": [{"service_id": s, "name": s} for s in "abc"]},
            {"name": "councils", "data": [{"council_id": c, "name": c} for c in "xyz"]},
            {"name": "satisfaction", "path": "satisfaction*.csv", "schema": {"fields": fields}},
        ],
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(contract))
    return Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "warehouse")


def write(workspace: Workspace, rows: list[dict], name: str = "satisfaction-1.csv") -> bytes:
    with (workspace.data / name).open("w", newline="") as out:
        writer = csv.DictWriter(out, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    return (workspace.data / name).read_bytes()


def content(rows: list[dict]) -> bytes:
    lines = [",".join(FIELDS), *(",".join(str(r[f]) for f in FIELDS) for r in rows)]
    return "\n".join(lines).encode() + b"\n"


def everything(workspace: Workspace) -> list[dict]:
    """All that every kept version answers of the survey when it is served again."""
    found = []
    for version in versions.kept(workspace.warehouse):
        versions.restore(workspace.warehouse, version)
        asked = {"service_id": None, "council_ids": ["x", "y", "z"]}
        found += fetch("satisfaction_trend", workspace=workspace, **asked, **ALWAYS).rows()
    return found


def test_a_cell_hidden_in_one_version_and_shown_in_another_is_not_told(surveyed):
    before = survey(*CELLS)
    write(surveyed, before)
    first = load(surveyed).version
    hidden = {(r["service_id"], r["council_id"]) for r in everything(surveyed) if r["is_hidden"]}
    assert ("a", "x") in hidden
    # Five more of x answer about a: they are twelve, and nothing is hidden any more.
    now = survey(("a", "x", 12), *CELLS[1:])
    write(surveyed, now)
    second = load(surveyed).version
    assert versions.kept(surveyed.warehouse) == [second, f"{first}-older"]
    found = everything(surveyed)
    assert not any(r["is_hidden"] for r in found[: len(found) // 2])
    # The older one shows nothing of that wave, be it read before or not.
    assert all(r["is_hidden"] for r in found[len(found) // 2 :])
    assert {r["respondents"] for r in found[len(found) // 2 :]} == {None}
    assert [
        f"{m:%Y-%m}" for m in older_versions.withheld(surveyed.warehouse, f"{first}-older")
    ] == ["2017-10"]


def test_a_late_return_is_not_told_by_totals_of_two_versions(surveyed):
    other = survey(*CELLS, wave="2016-10")
    write(surveyed, other, "satisfaction-0.csv")
    write(surveyed, survey(*CELLS))
    load(surveyed)
    late = survey(*CELLS[:3], ("b", "x", 34), *CELLS[4:])
    write(surveyed, late)
    load(surveyed)
    found = everything(surveyed)
    # The waves that are alike are shown by both; of the other one version says all there is.
    waves, hidden = audit.waves([r for r in found if r["respondents"] or r["is_hidden"]])
    totals = [r["respondents"] for r in found if r["service_id"] is None is r["council_id"]]
    assert sorted(totals, key=lambda n: n or 0) == [None, 261, 261, 264]
    for wave, rows in zip(sorted(waves), (other, late), strict=True):
        cells = {c for c in hidden[wave] if waves[wave].is_hidden(c)}
        assert leaks(rows, waves[wave], cells) == {}
    # Of the wave before nothing is said beside the wave that is as it was.
    assert {r["share_before"] for r in found if r["month"].year == 2016} == {None}


def test_versions_that_differ_in_something_else_stay_as_they_were(surveyed):
    write(surveyed, survey(*CELLS))
    first = load(surveyed).version
    write(surveyed, survey(*CELLS, wave="2018-10"), "satisfaction-2.csv")
    second = load(surveyed).version
    assert versions.kept(surveyed.warehouse) == [second, first]


def test_a_survey_sent_again_is_shown_again(surveyed):
    before = survey(*CELLS)
    write(surveyed, before)
    first = load(surveyed).version
    write(surveyed, survey(*CELLS[:5]))
    second = load(surveyed).version
    write(surveyed, before)
    report = load(surveyed)
    assert report.version == first and report.published
    assert warehouse.version(surveyed) == first
    assert versions.kept(surveyed.warehouse)[0] == first
    assert f"{second}-older" in versions.kept(surveyed.warehouse)
    shown = fetch("satisfaction_trend", workspace=surveyed, service_id="b",
                  council_ids=["z"], **ALWAYS).rows()  # fmt: skip
    assert any(r["respondents"] for r in shown)


def test_a_version_of_an_older_program_shows_no_survey_again(surveyed):
    write(surveyed, survey(*CELLS))
    first = load(surveyed).version
    path = versions.snapshot_path(surveyed.warehouse, first)
    with duckdb.connect(str(path)) as con:
        con.execute("alter table surveys drop column is_broken_down")
    write(surveyed, survey(*CELLS, wave="2018-10"), "satisfaction-2.csv")
    load(surveyed)
    older = versions.snapshot_path(surveyed.warehouse, f"{first}-older")
    with duckdb.connect(str(older), read_only=True) as con:
        assert con.execute("select distinct is_hidden, respondents from surveys").fetchall() == [
            (True, None)
        ]
    # It can be asked for all the same, and is not changed once more.
    assert {r["is_hidden"] for r in everything(surveyed) if r["month"].year == 2017} == {
        True,
        False,
    }
    versions.restore(surveyed.warehouse, versions.kept(surveyed.warehouse)[0])
    write(surveyed, survey(*CELLS, wave="2019-10"), "satisfaction-3.csv")
    load(surveyed)
    assert f"{first}-older" in versions.kept(surveyed.warehouse)


def test_what_was_restated_of_a_survey_is_the_wave_alone(surveyed):
    write(surveyed, survey(*CELLS))
    load(surveyed)
    write(surveyed, survey(("a", "x", 8), *CELLS[1:4], ("b", "y", 52), CELLS[5]))
    report = load(surveyed)
    assert [(r["period"], r["service_id"], r["field"], r["after"]) for r in report.restated] == [
        ("2017-10", None, "answers", "hidden")
    ]
    assert fetch("restatements", workspace=surveyed, data_version=None, at_most=9)["before"] == (
        "hidden",
    )


GUESSES = [survey(("a", "x", people))[0] for people in (6, 7, 8)]


@pytest.mark.parametrize("trial", ["another file", "in its place"])
def test_a_trial_does_not_tell_whether_a_guess_is_right(surveyed, trial):
    rows = survey(*CELLS)
    write(surveyed, rows)
    load(surveyed)
    said = set()
    for guess in GUESSES:
        if trial == "another file":
            upload = Upload("satisfaction-guess.csv", content([guess]))
        else:
            upload = Upload("satisfaction-1.csv", content([guess, *rows[1:]]))
        report, names = intake.try_uploads(surveyed, [upload])
        said.add("\n".join(told.as_lines(report, set(names))))
    assert len(said) == 1
    (only,) = said
    if trial == "another file":
        assert "satisfaction-1.csv has answers of the same survey, service and customer" in only
        assert "in its place" not in only and "repeat" not in only
    else:
        assert "changed" not in only


def test_why_a_survey_was_refused_does_not_tell_what_few_people_said(surveyed):
    write(surveyed, survey(*CELLS))
    load(surveyed)
    wrong = [row | {"neither": 77} for row in survey(("c", "x", 4), ("c", "y", 6))]
    write(surveyed, wrong, "satisfaction-2.csv")
    with pytest.raises(LoadRefused) as refused:
        load(surveyed)
    assert "line 2: respondents: the five answers come to …, not to" in str(refused.value)
    fresh = Upload("satisfaction-3.csv", content(survey(*CELLS, wave="2018-10")))
    report, names = intake.try_uploads(surveyed, [fresh])
    said = "\n".join(told.as_lines(report, {*names, "satisfaction-2.csv"}))
    assert "satisfaction-2.csv" in said and "77" not in said and "81" not in said


def test_a_copy_of_a_surveys_file_is_turned_back_as_any_other(surveyed):
    written = write(surveyed, [GUESSES[1]])
    load(surveyed)
    said = set()
    for rows in (written, content([GUESSES[0]]), content([GUESSES[1]])):
        report, names = intake.try_uploads(surveyed, [Upload("satisfaction-2.csv", rows)])
        said.add("\n".join(told.as_lines(report, set(names))))
    assert len(said) == 1


def test_a_guess_is_not_loaded_either_and_the_folder_stays_as_it_was(surveyed):
    write(surveyed, survey(*CELLS))
    load(surveyed)
    before = sorted(p.name for p in surveyed.data.glob("*.csv"))
    for guess in GUESSES:
        with pytest.raises(Exception, match="has answers of the same survey"):
            intake.accept(surveyed, [Upload("satisfaction-guess.csv", content([guess]))])
    assert sorted(p.name for p in surveyed.data.glob("*.csv")) == before


def test_a_new_wave_and_a_survey_in_its_place_are_taken(surveyed):
    write(surveyed, survey(*CELLS))
    load(surveyed)
    fresh = Upload("satisfaction-2.csv", content(survey(*CELLS, wave="2018-10")))
    assert intake.accept(surveyed, [fresh]).published
    again = Upload("satisfaction-1.csv", content(survey(*CELLS[:5])))
    assert intake.accept(surveyed, [again]).published


def test_no_digest_of_a_surveys_file_is_shown(surveyed):
    write(surveyed, survey(*CELLS))
    load(surveyed)
    files = fetch("files", workspace=surveyed).rows()
    assert {r["hash"] for r in files if r["feed"] == "satisfaction"} == {None}
    assert all(r["hash"] for r in files if r["feed"] != "satisfaction")
