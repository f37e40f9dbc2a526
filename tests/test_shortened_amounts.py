"""An amount that a spreadsheet has shortened to fit its column is not read as if it were whole."""

from decimal import Decimal

import pytest

from dashboard.load.publish import load
from tests.small_workspaces import ledger, rows

PAYMENTS = "Date,Supplier,Amount\n2018-04-01,Ash,10.00\n2018-04-02,Elm,20.00\n"
# Read by the quickest reader.
BARE = [
    {"name": "date", "type": "date", "onesource": {"names": ["Date"]}},
    {"name": "service_id", "onesource": {"names": ["Service"]}},
    {"name": "council_id", "onesource": {"names": ["Council"]}},
    {"name": "amount_gbp", "type": "number", "onesource": {"names": ["Amount"]}},
]


def _loaded(workspace):
    report = load(workspace)
    return report, rows(workspace, report, "select sum(amount_gbp) from ledger")[0][0]


@pytest.mark.parametrize("shortened", ["1.2E+05", "1.05E+02"])
def test_a_shortened_amount_is_set_aside(plant, either_reader, shortened):
    text = f"{PAYMENTS}2018-04-03,Fir,{shortened}\n"
    report, amounts = _loaded(plant(ledger(), a=text))
    assert amounts == Decimal("30.00")
    assert [p["reason"] for p in report.problems] == [
        "not pounds and pence; a spreadsheet has shortened this amount and its last digits are "
        "lost: give the column a number format there, and save it again"
    ]


def test_so_it_is_in_a_file_that_needs_no_care(plant, either_reader):
    text = "Date,Service,Council,Amount\n2018-04-01,parks,northby,10.00\n"
    text += "2018-04-02,parks,northby,1.2E+05\n2018-04-03,parks,northby,20.00\n"
    report, amounts = _loaded(plant(ledger(schema={"fields": BARE}), a=text))
    assert (amounts, len(report.problems)) == (Decimal("30.00"), 1)


def test_one_with_all_its_pence_is_read(plant, either_reader):
    report, amounts = _loaded(plant(ledger(), a=f"{PAYMENTS}2018-04-03,Fir,1.2345E+02\n"))
    assert (amounts, report.problems) == (Decimal("153.45"), [])
