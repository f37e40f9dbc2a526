"""What is called all of the others, and is their sum, is never in one sum with them."""

import json
from pathlib import Path

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
    {"name": "actual_gbp", "type": "number", "onesource": {"names": ["Actual"]}},
]
HEADER = "Month,Service,Council,Type,Actual\n"
MONTHS = {"Apr-23": 10, "May-23": 11, "Jun-23": 12}


def _rows(one: str, other: str, whole: str, more: int = 0) -> str:
    """Three months of 33 and 48 pounds, and of what is called the whole of both."""
    return HEADER + "".join(
        f"{month},{one},{actual}\n{month},{other},{actual + 5}\n"
        f"{month},{whole},{2 * actual + 5 + more}\n"
        for month, actual in MONTHS.items()
    )


@pytest.fixture
def loaded(tmp_path):
    def load_it(text: str, **values: str) -> tuple[LoadReport, float]:
        fields = [
            f | ({"onesource": f["onesource"] | {"values": values}} if f["name"] in wanted else {})
            for f in COSTS
            for wanted in (["council_id"] if values else [],)
        ]
        resource = {"name": "costs", "path": "*.csv", "schema": {"fields": fields}}
        contract = tmp_path / "datapackage.json"
        contract.write_text(json.dumps({"resources": [resource]}))
        (tmp_path / "a.csv").write_text(text)
        report = load(Workspace(tmp_path, contract, tmp_path / "w"))
        path: Path = snapshot_path(tmp_path / "w", report.version)
        with duckdb.connect(str(path), read_only=True) as con:
            return report, float(con.execute("select sum(actual_gbp) from costs").fetchall()[0][0])

    return load_it


@pytest.mark.parametrize(
    ("one", "other", "whole"),
    [
        ("Finance,Northby,Staff", "Finance,Southby,Staff", "Finance,All councils,Staff"),
        ("Finance,Northby,Staff", "Finance,Southby,Staff", "Finance,BOTH,Staff"),
        ("Finance,Northby,Staff", "Finance,Southby,Staff", "Finance,oneSource,Staff"),
        ("Finance,Northby,Staff", "HR,Northby,Staff", "All services,Northby,Staff"),
        ("Finance,Northby,Staff", "Finance,Northby,Other", "Finance,Northby,Net"),
        ("Finance,Northby,Staff", "Finance,Northby,Other", "Finance,Northby,All"),
    ],
)
def test_a_whole_beside_its_parts_is_set_aside(loaded, one, other, whole):
    report, actual = loaded(_rows(one, other, whole))
    assert actual == 81
    assert len(report.problems) == 3
    called = next(w for w in whole.split(",") if w not in one)
    assert report.problems[0]["reason"] == (
        f"'{called}' states 25.00, which is what the 2 other rows of 2023-04 come to: it would be "
        f'counted twice; if it is their total, the contract\'s totals say so (["{called}"]), and '
        f'if it is a name of its own, its values do ({{"{called}": "…"}})'
    )


def test_one_month_in_which_a_whole_differs_is_told_with_both_figures(loaded):
    text = _rows("Finance,Northby,Staff", "Finance,Southby,Staff", "Finance,Both,Staff")
    report, actual = loaded(
        text.replace("Jun-23,Finance,Both,Staff,29", "Jun-23,Finance,Both,Staff,30")
    )
    assert actual == 81
    assert report.problems[2]["reason"].startswith(
        "'Both' states 30.00, and the 2 other rows of 2023-06 come to 29.00"
    )


def test_what_is_called_all_and_is_no_sum_is_data(loaded):
    report, actual = loaded(
        _rows("All Saints,Northby,Staff", "HR,Northby,Staff", "All services,Northby,Staff", more=1)
    )
    assert (actual, report.problems) == (165, [])


def test_a_council_that_costs_what_the_others_cost_together_is_data(loaded):
    report, actual = loaded(
        _rows("Finance,Northby,Staff", "Finance,Southby,Staff", "Finance,Eastby,Staff")
    )
    assert (actual, report.problems) == (162, [])


def test_the_contract_can_say_that_such_a_name_is_a_name(loaded):
    text = _rows("Finance,Northby,Staff", "Finance,Southby,Staff", "Finance,Both,Staff")
    report, actual = loaded(text, Both="bothwell")
    assert (actual, report.problems) == (162, [])
