"""A total that no word of the contract's columns gives away is known by its figures."""

from decimal import Decimal

import pytest

from dashboard.load.publish import load
from tests.small_workspaces import ledger, rows

CONSTANT_DATE = [
    {"name": "date", "type": "date", "onesource": {"constant": "2018-04-30"}},
    {"name": "service_id", "onesource": {"constant": "parks"}},
    {"name": "council_id", "onesource": {"constant": "northby"}},
    {"name": "supplier", "onesource": {"names": ["Supplier"]}},
    {"name": "amount_gbp", "type": "number", "onesource": {"names": ["Amount"]}},
]
TWO_COLUMNS = ledger(schema={"fields": CONSTANT_DATE})


def _amounts(workspace) -> list[Decimal]:
    return sorted(
        amount for (amount,) in rows(workspace, load(workspace), "select amount_gbp from ledger")
    )


@pytest.mark.parametrize("below", ["", "\n", "\nPrinted on 3 May 2018\n"])
def test_a_last_row_without_a_name_that_is_the_sum_is_a_total(plant, either_reader, below):
    text = "Supplier,Amount\nAlder Ltd,100.00\nBirch Ltd,250.50\nCedar Ltd,49.50\n,400.00\n"
    workspace = plant(TWO_COLUMNS, a=text + below)
    report = load(workspace)
    assert _amounts(workspace) == [Decimal("49.50"), Decimal("100.00"), Decimal("250.50")]
    account = next(f for f in report.files if f.feed == "ledger")
    assert account.skipped["total"] == 1
    assert account.reconciled[0].stated == Decimal("400.00")
    assert report.is_clean


def test_so_is_one_that_says_total_where_no_field_is_read(plant, either_reader):
    text = (
        "Ref,Date,Supplier,Amount\n1,2018-04-01,Ash,10.00\n2,2018-04-02,Elm,20.00\n"
        "Total,2018-04-02,Elm,30.00\n"
    )
    workspace = plant(ledger(), a=text)
    report = load(workspace)
    assert _amounts(workspace) == [Decimal("10.00"), Decimal("20.00")]
    assert next(f for f in report.files if f.feed == "ledger").skipped == {"total": 1}


@pytest.mark.parametrize(
    "last",
    [
        # Its figure is no sum, nor near one.
        ",350.00",
        # It has a name: chance, or a refund of all of it.
        "Dogwood Ltd,400.00",
    ],
)
def test_a_last_row_that_is_no_sum_or_has_its_name_is_data(plant, either_reader, last):
    text = f"Supplier,Amount\nAlder Ltd,100.00\nBirch Ltd,250.50\nCedar Ltd,49.50\n{last}\n"
    workspace = plant(TWO_COLUMNS, a=text)
    load(workspace)
    assert len(_amounts(workspace)) == 4


@pytest.mark.parametrize("stated", ["401.00", "399.00", "390.00"])
def test_a_last_row_without_a_name_that_is_nearly_the_sum_is_set_aside(
    plant, either_reader, stated
):
    text = f"Supplier,Amount\nAlder Ltd,100.00\nBirch Ltd,250.50\nCedar Ltd,49.50\n,{stated}\n"
    workspace = plant(TWO_COLUMNS, a=text)
    report = load(workspace)
    assert sum(_amounts(workspace)) == Decimal("400.00")
    assert [(p["line"], p["field"], p["reason"]) for p in report.problems] == [
        (
            5,
            "supplier",
            f"the last row states {stated} in amount_gbp, the 3 rows above it come to 400.00, and "
            "it alone has no supplier: it reads as their total, and differs; if it is data, the "
            'contract\'s values give it a name ({"": "…"})',
        )
    ]


def test_the_contract_can_give_such_a_row_a_name(plant, either_reader):
    fields = [
        f | {"onesource": f["onesource"] | {"values": {"": "Redacted"}}}
        if f["name"] == "supplier"
        else f
        for f in CONSTANT_DATE
    ]
    text = "Supplier,Amount\nAlder Ltd,100.00\nBirch Ltd,250.50\nCedar Ltd,49.50\n,401.00\n"
    workspace = plant(ledger(schema={"fields": fields}), a=text)
    assert load(workspace).problems == []
    assert sum(_amounts(workspace)) == Decimal("801.00")


def test_where_names_are_often_blank_a_blank_one_says_nothing(plant, either_reader):
    workspace = plant(TWO_COLUMNS, a="Supplier,Amount\nAlder Ltd,100.00\n,250.00\n,350.00\n")
    load(workspace)
    assert len(_amounts(workspace)) == 3


def test_one_row_is_no_sum_of_others(plant, either_reader):
    workspace = plant(TWO_COLUMNS, a="Supplier,Amount\nAlder Ltd,100.00\n,100.00\n")
    load(workspace)
    assert len(_amounts(workspace)) == 2
