"""Averages, counts and balances that stand among payments are no payments."""

from decimal import Decimal

import pytest

from dashboard.load.publish import load
from tests.small_workspaces import ledger, rows
from tests.test_last_rows import CONSTANT_DATE, TWO_COLUMNS

PAYMENTS = "Alder Ltd,100.00\nBirch Ltd,250.50\nCedar Ltd,49.50\n"


def _loaded(workspace):
    report = load(workspace)
    sum_of = rows(workspace, report, "select sum(amount_gbp) from ledger")[0][0]
    return report, sum_of


@pytest.mark.parametrize(
    ("label", "amount", "is_so"),
    [
        (
            "Average",
            "133.33",
            "an average, or the largest or smallest, of others, and not as a row of its own: it "
            "states 133.33, the mean of the 3 rows of data",
        ),
        (
            "MEDIAN:",
            "100.00",
            "an average, or the largest or smallest, of others, and not as a row of its own",
        ),
        (
            "Maximum payment",
            "250.50",
            "an average, or the largest or smallest, of others, and not as a row of its own",
        ),
        (
            "Count",
            "3",
            "a count of others, and not as a row of its own: it states 3, and the rows of data "
            "are as many",
        ),
        ("Closing balance", "900.00", "a balance, and not as a row of its own"),
        ("Balance c/f", "500.00", "a balance, and not as a row of its own"),
    ],
)
def test_what_is_worked_out_of_payments_is_set_aside(plant, either_reader, label, amount, is_so):
    text = f"Supplier,Amount\n{PAYMENTS}{label},{amount}\n"
    report, amounts = _loaded(plant(TWO_COLUMNS, a=text))
    assert amounts == Decimal("400.00")
    assert [p["reason"] for p in report.problems] == [
        f'reads as {is_so}; if it is a name, the contract\'s values say so ({{"{label}": '
        f'"{label}"}}), and if it is to be skipped, its totals do (["{label}"])'
    ]


def test_balances_above_and_below_are_in_no_sum_and_the_total_is_a_total(plant, either_reader):
    text = (
        f"Supplier,Amount\nBrought forward,100.00\n{PAYMENTS}Total,400.00\nCarried forward,500.00\n"
    )
    report, amounts = _loaded(plant(TWO_COLUMNS, a=text))
    assert amounts == Decimal("400.00")
    assert [p["value"] for p in report.problems] == ["Brought forward", "Carried forward"]
    account = next(f for f in report.files if f.feed == "ledger")
    assert account.skipped["total"] == 1
    assert account.reconciled[0].difference == 0


@pytest.mark.parametrize("name", ["Average Joe Ltd", "Mean Fiddler", "Count On Us Ltd", "Maximus"])
def test_a_name_that_begins_so_is_data(plant, either_reader, name):
    report, amounts = _loaded(plant(TWO_COLUMNS, a=f"Supplier,Amount\n{PAYMENTS}{name},10.00\n"))
    assert (amounts, report.problems) == (Decimal("410.00"), [])


def test_what_many_lines_say_is_a_name_and_told(plant, either_reader):
    text = f"Supplier,Amount\n{PAYMENTS}" + "B/F,10.00\n" * 4
    report, amounts = _loaded(plant(TWO_COLUMNS, a=text))
    assert (amounts, report.problems) == (Decimal("440.00"), [])
    notes = next(f.notes for f in report.files if f.feed == "ledger")
    assert any("'B/F' reads as a balance on 4 lines: loaded as a name" in note for note in notes)


def test_the_contract_settles_it(plant, either_reader):
    text = f"Supplier,Amount\n{PAYMENTS}Average,10.00\n"
    report, amounts = _loaded(plant(TWO_COLUMNS | {"onesource": {"totals": ["Average"]}}, a=text))
    assert (amounts, report.problems) == (Decimal("400.00"), [])
    named = [
        f | {"onesource": f["onesource"] | {"values": {"Average": "Average"}}}
        if f["name"] == "supplier"
        else f
        for f in CONSTANT_DATE
    ]
    report, amounts = _loaded(plant(ledger(schema={"fields": named}), a=text))
    assert (amounts, report.problems) == (Decimal("410.00"), [])
