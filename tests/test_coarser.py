"""A quarter for all kinds of cost, councils or services, beside months for each, counts once."""

import json
from decimal import Decimal

import duckdb
import pytest

from dashboard.load.publish import LoadReport, load
from dashboard.load.versions import snapshot_path
from dashboard.settings import Workspace

COSTS = [
    {"name": "period", "onesource": {"names": ["Month"]}},
    {"name": "service_id", "onesource": {"names": ["Service"]}},
    {"name": "council_id", "onesource": {"names": ["Council"]}},
    {"name": "cost_type", "onesource": {"names": ["Type"]}},
    {"name": "budget_gbp", "type": "number", "onesource": {"names": ["Budget"]}},
    {"name": "actual_gbp", "type": "number", "onesource": {"names": ["Actual"]}},
]
HEADER = "Month,Service,Council,Type,Budget,Actual\n"
# Beneath the rest, so that no last row is the sum of all others.
BELOW = "Apr-23,law,eastby,Staff,,1000\n"


def _months(*of_each: str) -> str:
    """Three months of 33 pounds for each of these."""
    return "".join(
        f"{month},{one},,{actual}\n"
        for month, actual in {"Apr-23": 10, "May-23": 11, "Jun-23": 12}.items()
        for one in of_each
    )


@pytest.fixture
def loaded(tmp_path):
    def load_it(*texts: str) -> tuple[LoadReport, Decimal]:
        resource = {"name": "costs", "path": "*.csv", "schema": {"fields": COSTS}}
        (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
        for nth, text in enumerate(texts):
            (tmp_path / f"{nth}.csv").write_text(HEADER + text)
        report = load(Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "w"))
        path = snapshot_path(tmp_path / "w", report.version)
        with duckdb.connect(str(path), read_only=True) as con:
            return report, con.execute("select sum(actual_gbp) from costs").fetchall()[0][0]

    return load_it


TYPES = ("hr,northby,Staff", "hr,northby,Other")


@pytest.mark.parametrize(
    ("each", "longer"),
    [
        (TYPES, "Q1 2023/24,hr,northby,,,66"),
        (TYPES, "Q1 2023/24,hr,northby,All,,66"),
        (TYPES, "Q1 2023/24,hr,northby,Combined,,66"),
        (TYPES, "H1 2023/24,hr,northby,,,66"),
        (TYPES, "2023/24,hr,northby,All types,,66"),
        (("hr,northby,Staff", "hr,southby,Staff"), "Q1 2023/24,hr,All,Staff,,66"),
        (("hr,northby,Staff", "hr,southby,Staff"), "Q1 2023/24,hr,Both,,,66"),
        (("hr,northby,Staff", "it,northby,Staff"), "Q1 2023/24,All services,northby,Staff,,66"),
        (TYPES, "Q1 2023/24,hr,northby,,,66\n2023/24,hr,northby,All,,66"),
    ],
)
@pytest.mark.parametrize("files", [1, 2])
def test_a_longer_period_for_all_that_is_the_sum_of_its_months_is_skipped(
    loaded, each, longer, files
):
    months = _months(*each)
    texts = [f"{months}{longer}\n{BELOW}"] if files == 1 else [longer, months + BELOW]
    report, actual = loaded(*texts)
    assert actual == 1066
    assert report.problems == []
    skipped = [f.skipped.get("total over time", 0) for f in report.files]
    assert sum(skipped) == len(longer.splitlines())


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        (
            "",
            "without a cost type it reads as all of them together: if it is one of its own, its "
            "cost type has to say which",
        ),
        (
            "All",
            "'All' reads as every cost type together: if it is a name of its own, the contract's "
            'values say so ({"All": "…"})',
        ),
    ],
)
def test_one_that_differs_is_set_aside_with_both_figures(loaded, kind, means):
    report, actual = loaded(_months(*TYPES) + f"Q1 2023/24,hr,northby,{kind},,70\n")
    assert actual == 66
    assert [p["reason"] for p in report.problems] == [
        f"2023-24 Q1 states 70.00; April to June 2023 come to 66.00; {means}"
    ]


@pytest.mark.parametrize(
    "longer",
    [
        "Q1 2023/24,hr,northby,Redundancy,,66",
        "Q1 2023/24,hr,southby,,,66",
        "Q2 2023/24,hr,northby,,,66",
        "Q1 2023/24,All Saints,northby,Staff,,67",
        # The budget of the year is in nobody's way.
        "2023/24,hr,northby,,800,",
    ],
)
def test_what_has_a_name_or_months_of_its_own_is_data(loaded, longer):
    report, actual = loaded(f"{_months(*TYPES)}{longer}\n{BELOW}")
    amount = longer.rsplit(",", 1)[1] or "0"
    assert (actual, report.problems) == (1066 + Decimal(amount), [])


def test_headcounts_of_councils_add_up_within_a_month_and_not_over_time(tmp_path):
    fields = [
        {"name": "period"},
        *({"name": n} for n in ("service_id", "council_id", "unit", "kind")),
        {"name": "quantity", "type": "number"},
    ]
    resource = {"name": "volumes", "path": "*.csv", "schema": {"fields": fields}}
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
    (tmp_path / "a.csv").write_text(
        "period,service_id,council_id,unit,kind,quantity\n"
        + "".join(
            f"2023-0{m},hr,{c},staff,headcount,{10 + m}\n"
            for m in (4, 5, 6)
            for c in ("northby", "southby")
        )
        + "Apr-Jun 2023,hr,All,staff,headcount,32\n"
    )
    report = load(Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "w"))
    assert report.problems == []
    assert report.files[0].skipped == {"total over time": 1}
