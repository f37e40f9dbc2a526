"""A date that was blank, as a spreadsheet or a system writes it, is the day of no payment."""

from decimal import Decimal

import pytest

from dashboard.load.publish import load
from tests.small_workspaces import ledger, rows

IN_2018 = "2018-04-01,Ash,10.00\n2018-04-02,Elm,20.00\n2018-04-03,Fir,30.00\n"


def _loaded(workspace):
    report = load(workspace)
    return report, rows(workspace, report, "select sum(amount_gbp) from ledger")[0][0]


@pytest.mark.parametrize("day", ["1900-01-01", "1970-01-01", "1899-12-30", "1904-01-01"])
def test_the_day_that_systems_count_from_is_set_aside(plant, either_reader, day):
    text = f"Date,Supplier,Amount\n{IN_2018}{day},Yew,40.00\n"
    report, amounts = _loaded(plant(ledger(), a=text))
    assert amounts == Decimal("60.00")
    assert [(p["line"], p["field"], p["value"]) for p in report.problems] == [(5, "date", day)]
    assert report.problems[0]["reason"].endswith(
        "systems and spreadsheets write so a date that is blank, for it is the day that they "
        "count from"
    )


def test_payments_as_old_are_data(plant, either_reader):
    text = "Date,Supplier,Amount\n1969-12-31,Ash,10.00\n1970-01-01,Elm,20.00\n"
    report, amounts = _loaded(plant(ledger(), a=text))
    assert (amounts, report.problems) == (Decimal("30.00"), [])
