"""`1.000` is one or a thousand: where nothing settles it the file is refused, not read on trust."""

from decimal import Decimal

import pytest

from dashboard.load.publish import LoadRefused, load
from tests.small_workspaces import LEDGER_FIELDS, ledger, rows


def _file(*amounts: str) -> str:
    days = (f"2018-04-{day:02};Ash;{amount}\n" for day, amount in enumerate(amounts, 1))
    return "Date;Supplier;Amount\n" + "".join(days)


def _amount_field(**said: str) -> dict:
    fields = [f | said if f["name"] == "amount_gbp" else f for f in LEDGER_FIELDS]
    return ledger(schema={"fields": fields})


def test_thousands_or_decimals_are_asked_for(plant, either_reader):
    workspace = plant(ledger(), a=_file("1.000", "2.500", "350"))
    with pytest.raises(LoadRefused) as refused:
        load(workspace)
    assert refused.value.report.refused == (
        "a.csv: column 'Amount': '1.000' can be read as 1.000 pounds or as 1,000, and nothing in "
        'the column settles it; say which in the contract: "decimalChar": "." or "decimalChar": '
        '",", "groupChar": "."'
    )


@pytest.mark.parametrize(
    ("said", "comes_to"),
    [({"decimalChar": "."}, "3.50"), ({"decimalChar": ",", "groupChar": "."}, "3500")],
)
def test_the_contract_settles_it(plant, either_reader, said, comes_to):
    workspace = plant(_amount_field(**said), a=_file("1.000", "2.500"))
    found = rows(workspace, load(workspace), "select sum(amount_gbp) from ledger")
    assert found == [(Decimal(comes_to),)]


@pytest.mark.parametrize("other", ["12.50", "0.500", "1000.000", "1500"])
def test_so_does_one_amount_that_reads_one_way(plant, either_reader, other):
    workspace = plant(ledger(), a=_file("1.000", other))
    found = rows(workspace, load(workspace), "select sum(amount_gbp) from ledger")
    assert found == [(1 + Decimal(other),)]
