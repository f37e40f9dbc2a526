"""Benchmarks: loaded like any feed, and drawn in grey behind a measure's trend."""

import json
from datetime import date

import duckdb
import pytest

from dashboard import settings
from dashboard.exhibits import measures, reference
from dashboard.load.publish import load
from dashboard.load.versions import current_version, snapshot_path
from dashboard.render.kinds import figures
from dashboard.settings import Workspace
from dashboard.warehouse import fetch
from tests.conftest import CONTRACTS, REAL

YEAR = {"from_month": date(2017, 4, 1), "to_month": date(2018, 3, 1)}
FIELDS = {
    "services": "service_id name",
    "councils": "council_id name",
    "measures": "measure_id service_id name unit good_direction frequency cumulative",
    "performance": "period service_id council_id measure_id value",
    "benchmarks": "measure_id period council_group value lower_quartile median upper_quartile"
    " source",
}
NUMBERS = {"value", "lower_quartile", "median", "upper_quartile"}
ROWS = {
    "services": "tax,Council Tax\n",
    "councils": "bexley,Bexley\n",
    "measures": "days,tax,Days to answer,days,lower,monthly,false\n"
    "rate,tax,Collected,%,higher,monthly,true\n",
    "performance": "2018-02,tax,bexley,days,10\n2018-03,tax,bexley,days,11\n"
    "2018-02,tax,bexley,rate,95\n2018-03,tax,bexley,rate,97\n",
    "benchmarks": "days,2017-18,Outer London,,8,9.5,12,A paper\n"
    "days,2018-02,Outer London,,,9,,A monthly return\n"
    "days,2017-18,Unitary councils,7,,,,Another paper\n"
    "rate,2017-18,England,96.5,,,,A return\n",
}


def _type(field: str) -> str:
    return "number" if field in NUMBERS else "boolean" if field == "cumulative" else "string"


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    """A small workspace that fetch answers from, once it is loaded."""
    data = tmp_path / "data"
    data.mkdir()
    resources = []
    for feed, fields in FIELDS.items():
        (data / f"{feed}.csv").write_text(fields.replace(" ", ",") + "\n" + ROWS[feed])
        given = [{"name": f, "type": _type(f)} for f in fields.split()]
        resources.append({"name": feed, "path": f"{feed}.csv", "schema": {"fields": given}})
    package = {
        "name": "small",
        "onesource": {"waive": ["definition", "owner_role"]},
        "resources": resources,
    }
    (data / "datapackage.json").write_text(json.dumps(package))
    made = Workspace(data, data / "datapackage.json", tmp_path / "warehouse")
    for name in ("data", "contract", "warehouse"):
        monkeypatch.setenv(name.upper(), str(getattr(made, name)))
    return made


def _rows(workspace: Workspace, sql: str) -> list[tuple]:
    path = snapshot_path(workspace.warehouse, current_version(workspace.warehouse))
    with duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG) as con:
        return con.execute(sql).fetchall()


def _trend(measure_id: str, councils: tuple[str, ...] = ("bexley",)):
    return measures.trend(measure_id=measure_id, council_ids=councils, **YEAR)


def _lines(exhibit) -> dict[str, tuple]:
    """The benchmarks drawn, each by its name."""
    lines = exhibit.chart.panels[0].lines
    return {x.name: x.values for x in lines if x.role.startswith("benchmark")}


def test_benchmarks_load_with_the_months_that_they_hold_for(workspace):
    report = load(workspace)
    assert report.is_clean
    assert _rows(
        workspace,
        "select measure_id, from_month, month, value, lower_quartile, median, upper_quartile, "
        "is_illustrative from benchmarks where council_group = 'Outer London' order by period",
    ) == [
        ("days", date(2017, 4, 1), date(2018, 3, 1), None, 8.0, 9.5, 12.0, False),
        ("days", date(2018, 2, 1), date(2018, 2, 1), None, None, 9.0, None, False),
    ]
    assert reference.has("benchmarks")


def test_a_benchmark_of_an_unknown_measure_is_set_aside(workspace):
    path = workspace.data / "benchmarks.csv"
    path.write_text(path.read_text() + "dais,2017-18,Outer London,,8,9,10,A paper\n")
    report = load(workspace)
    (problem,) = report.problems
    assert (problem["file"], problem["line"], problem["value"]) == ("benchmarks.csv", 6, "dais")
    assert "unknown: no row of measures has this measure_id" in problem["reason"]
    assert "did you mean 'days'?" in problem["reason"]
    assert _rows(workspace, "select count(*) from benchmarks") == [(4,)]


def test_two_benchmarks_of_one_group_that_contradict_each_other_are_both_set_aside(workspace):
    path = workspace.data / "benchmarks.csv"
    path.write_text(path.read_text() + "rate,2017-18,England,97,,,,A return\n")
    assert {p["line"] for p in load(workspace).problems} == {5, 6}


def test_a_benchmark_without_a_source_is_set_aside(workspace):
    path = workspace.data / "benchmarks.csv"
    path.write_text(path.read_text() + "rate,2016-17,England,97,,,,\n")
    (problem,) = load(workspace).problems
    assert (problem["line"], problem["field"]) == (6, "source")


def test_the_first_group_is_drawn_with_its_exact_values_and_its_sources(workspace):
    load(workspace)
    exhibit = _trend("days")
    # The return of February goes before the paper of the year, in February.
    assert _lines(exhibit) == {
        "A quarter of Outer London lie below": (8.0, 8.0),
        "Median of Outer London": (9.0, 9.5),
        "A quarter of Outer London lie above": (12.0, 12.0),
    }
    assert exhibit.provenance.notes == (
        "Benchmark of Outer London: A monthly return",
        "Benchmark of Outer London: A paper",
    )
    assert [r[1:4] for r in exhibit.table.raw_rows if r[7] == "benchmark"] == [
        ("2017-18", date(2018, 3, 1), 8.0),
        ("2017-18", date(2018, 3, 1), 9.5),
        ("2017-18", date(2018, 3, 1), 12.0),
        ("2018-02", date(2018, 2, 1), 9.0),
    ]


def test_a_year_s_benchmark_of_a_cumulative_measure_stands_at_the_year_s_end_alone(workspace):
    load(workspace)
    exhibit = _trend("rate")
    assert _lines(exhibit) == {"England": (None, 96.5)}
    (drawn,) = [t for t in figures(exhibit)[0]["data"] if t.get("name") == "England"]
    assert "markers" in drawn["mode"], "a line of one point would not show"


def test_the_names_of_benchmarks_leave_the_ends_of_lines_to_the_councils(workspace):
    load(workspace)
    notes = figures(_trend("days"))[0]["layout"]["annotations"]
    assert not [n for n in notes if "Outer London" in n["text"]]


def test_without_benchmarks_no_line_is_drawn(workspace):
    contract = json.loads(workspace.contract.read_text())
    contract["resources"] = [r for r in contract["resources"] if r["name"] != "benchmarks"]
    workspace.contract.write_text(json.dumps(contract))
    load(workspace)
    exhibit = _trend("days")
    assert _lines(exhibit) == {} and exhibit.provenance.notes == ()
    assert not reference.has("benchmarks")


def test_one_more_benchmark_is_in_the_next_snapshot(workspace):
    load(workspace)
    path = workspace.data / "benchmarks.csv"
    path.write_text(path.read_text() + "rate,2018-02,England,94,,,,A return\n")
    assert [f.file for f in load(workspace).files if f.is_new] == ["benchmarks.csv"]
    assert _lines(_trend("rate")) == {"England": (94.0, 96.5)}


def test_the_shipped_benchmarks_are_illustrative_and_say_so(use):
    use("shipped")
    found = fetch("measure_benchmarks", measure_id="foi_in_time", **YEAR).rows()
    assert [(r["period"], r["median"], r["is_illustrative"]) for r in found] == [
        ("2017-18", 88.4, True)
    ]
    exhibit = _trend("foi_in_time", ("havering", "newham"))
    assert _lines(exhibit)["Median of London boroughs"] == (88.4,) * 12
    assert exhibit.provenance.is_illustrative
    assert "Benchmark of London boroughs: Illustrative benchmark" in exhibit.provenance.notes


def test_published_averages_of_real_councils_are_benchmarks_by_a_contract_alone(
    tmp_path, monkeypatch
):
    """The Scottish figure stands on the row of each of 32 councils: alike, so that one is kept."""
    data = REAL / "lgbf"
    if not data.is_dir():
        pytest.skip(f"the exports of lgbf are not on this machine ({data})")
    contract = json.loads((CONTRACTS / "lgbf" / "datapackage.json").read_text())
    named = {
        "measure_id": {"names": ["Code"]},
        "period": {"names": ["Year"]},
        "council_group": {"constant": "Scotland"},
        "value": {"names": ["Scotland_Indicator_Real"]},
        "source": {"constant": "Improvement Service, LGBF"},
    }
    fields = [{"name": n, "type": _type(n), "onesource": ours} for n, ours in named.items()]
    contract["resources"].append(
        {
            "name": "benchmarks",
            "path": "LGBF_ScotDataReal_ISSpatialHub.csv",
            "schema": {"fields": fields},
            "onesource": {"only": {"Code": ["C&L01"]}},
        }
    )
    path = tmp_path / "datapackage.json"
    path.write_text(json.dumps(contract))
    workspace = Workspace(data, path, tmp_path / "warehouse")
    report = load(workspace)
    account = next(f for f in report.files if f.feed == "benchmarks")
    assert account.set_aside == 0 and account.adds_up()
    monkeypatch.setenv("WAREHOUSE", str(workspace.warehouse))
    monkeypatch.setenv("CONTRACT", str(path))
    long = {"from_month": date(2010, 4, 1), "to_month": date(2023, 3, 1)}
    exhibit = measures.trend(measure_id="C&L01", council_ids=("Fife",), **long)
    assert _lines(exhibit)["Scotland"][0] == 4.6311
    assert len(_lines(exhibit)["Scotland"]) == account.loaded
