"""Days and times that fall into one month: no figure is lost, and the reason names what adds up."""

import json
from collections.abc import Callable

import duckdb
import pytest

from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.load.versions import snapshot_path
from dashboard.settings import Workspace

FIELDS = [
    {"name": "period", "onesource": {"names": ["Date"]}},
    {"name": "service_id", "onesource": {"constant": "ict"}},
    {"name": "council_id", "onesource": {"names": ["Council"]}},
    {"name": "unit", "onesource": {"constant": "calls"}},
    {"name": "quantity", "type": "number", "onesource": {"names": ["Number"]}},
    {"name": "kind", "onesource": {"constant": "flow"}},
]
MEASURES = [
    {"measure_id": m, "service_id": "ict", "name": m, "unit": unit, "good_direction": "higher"}
    for m, unit in (("answered", "%"), ("days", "days"))
]


def _performance(measure: str, **figures: str) -> list[dict]:
    numbers = [
        {"name": n, "type": "number", "onesource": {"names": [column]}}
        for n, column in figures.items()
    ]
    return [*FIELDS[:3], {"name": "measure_id", "onesource": {"constant": measure}}, *numbers]


def _of_kind(kind: str) -> list[dict]:
    return [*FIELDS[:-1], {"name": "kind", "onesource": {"constant": kind}}]


@pytest.fixture
def loaded(tmp_path) -> Callable[..., tuple[LoadReport, list[tuple]]]:
    """Load files of daily figures; answers the report, and what stands if it was published."""

    def all_of(
        *texts: str, feed: str = "volumes", fields: list[dict] = FIELDS, gather: bool = False
    ) -> tuple[LoadReport, list[tuple]]:
        ours = {"onesource": {"gather": True}} if gather else {}
        resources = [{"name": feed, "path": "*.csv", "schema": {"fields": fields}, **ours}]
        if feed == "performance":
            resources.append({"name": "measures", "data": MEASURES})
        about = {"resources": resources, "onesource": {"waive": ["definition", "owner_role"]}}
        (tmp_path / "datapackage.json").write_text(json.dumps(about))
        for n, text in enumerate(texts):
            (tmp_path / f"{n}.csv").write_text("Date,Council,Number,Of\n" + text)
        where = Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "w")
        try:
            report = load(where)
        except LoadRefused as refusal:
            return refusal.report, []
        with duckdb.connect(str(snapshot_path(tmp_path / "w", report.version))) as con:
            sql = f"select period, council_id, {'value' if feed == 'performance' else 'quantity'} "
            return report, con.execute(f"{sql} from {feed} order by all").fetchall()

    return all_of


OTHER = "2018-05-01,northby,9,\n"
ADDS = (
    "several days fall into April 2018, for which one figure is kept; "
    "the contract's 'gather' adds them up"
)


def _reasons(report: LoadReport) -> set[str]:
    return {p["reason"] for p in report.problems}


@pytest.mark.parametrize("second", ["2", "1"])
@pytest.mark.parametrize("apart", [False, True])
def test_two_days_of_a_month_are_set_aside_even_where_they_say_the_same(loaded, second, apart):
    one, other = "2018-04-03,northby,1,\n", f"04/04/2018,northby,{second},\n"
    report, stands = loaded(*((OTHER + one, other) if apart else (OTHER + one + other,)))
    assert stands == [("2018-05", "northby", 9.0)]
    assert _reasons(report) == {ADDS}
    assert {p["expected"] for p in report.problems} == {"one row for each month"}


def test_gathered_days_are_added_up(loaded):
    days = "2018-04-03,northby,1,\n2018-04-04,northby,1,\n2018-04-04,southby,5,\n"
    report, stands = loaded(OTHER + days, gather=True)
    assert report.is_clean
    assert stands == [
        ("2018-04", "northby", 2.0),
        ("2018-04", "southby", 5.0),
        ("2018-05", "northby", 9.0),
    ]


def test_times_of_one_day_are_told_as_such(loaded):
    report, _ = loaded(OTHER + "2018-04-03 09:00,northby,1,\n2018-04-03 10:00,northby,2,\n")
    assert _reasons(report) == {ADDS.replace("several days", "several times of one day")}


def test_the_first_and_the_last_of_a_month_in_two_files_are_the_month(loaded):
    report, stands = loaded("2018-04-01,northby,1,\n", "30/04/2018,northby,1,\n")
    assert report.is_clean and stands == [("2018-04", "northby", 1.0)]


def test_one_day_sent_twice_is_a_repeat(loaded):
    day = "2018-04-03,northby,1,\n"
    report, stands = loaded(day + day.replace("2018-04-03", "03/04/2018 00:00"))
    assert report.files[0].skipped == {"repeat": 1} and stands == [("2018-04", "northby", 1.0)]


def test_one_day_that_says_two_things_is_a_contradiction(loaded):
    report, _ = loaded(OTHER + "2018-04-03,northby,1,\n2018-04-03,northby,2,\n")
    assert _reasons(report) == {"another row has the same key and says something else"}


@pytest.mark.parametrize(
    ("feed", "fields", "said"),
    [
        ("volumes", _of_kind("level"), "a level cannot be added up: give one figure a month"),
        (
            "performance",
            _performance("answered", value="Number"),
            "shares cannot be added up: give numerator and denominator, and the contract's "
            "'gather' adds those up",
        ),
        (
            "performance",
            _performance("answered", numerator="Number", denominator="Of"),
            "the contract's 'gather' adds them up",
        ),
        (
            "performance",
            _performance("days", value="Number"),
            "the contract's 'gather' adds them up, or, where they are shares, their numerator and "
            "denominator",
        ),
    ],
)
def test_the_reason_says_what_can_be_added_up(loaded, feed, fields, said):
    report, _ = loaded(
        "2018-05-01,northby,9,10\n2018-04-03,northby,1,2\n2018-04-04,northby,2,4\n",
        feed=feed,
        fields=fields,
    )
    assert _reasons(report) == {
        f"several days fall into April 2018, for which one figure is kept; {said}"
    }
