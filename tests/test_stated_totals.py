"""What a file's total is held against: the rows whose figures are known, and no others."""

import pytest

from dashboard.load import told
from dashboard.load.publish import load
from tests.small_workspaces import ledger

HEADER = "Date,Supplier,Amount,Memo,Ref\n"
ROWS = (
    "03/04/2018,Alder Ltd,100.00,a,1\n"
    "04/04/2018,Birch Ltd,200.00,b,2\n"
    "{}\n"
    "06/04/2018,Dogwood,40.00,d,4\n"
    "07/04/2018,Elm,41.00,d,5\n"
)


@pytest.mark.parametrize(
    "broken",
    [
        "05/04/2018,Cedar,50.25,c,3",
        "05/04/2018,Cedar, Ltd,50.25,c,3",
        "05/04/2018,Cedar,7,50.25,c,3,9",
        "05/04/2018,Cedar 7,50.25,3",
    ],
)
def test_an_amount_that_may_be_another_columns_is_no_part_of_the_sum(plant, broken):
    is_whole = broken.count(",") == 4
    workspace = plant(ledger(), a=HEADER + ROWS.format(broken) + "Total,,431.25,,\n")

    [account] = [a for a in load(workspace).files if a.feed == "ledger"]

    assert account.set_aside == (0 if is_whole else 1)
    assert told.of_reconciled(account.reconciled[0]) == (
        "amount_gbp: the rows come to 431.25, as the file's total (line 7) says"
        if is_whole
        else "amount_gbp: the file's total (line 7) states 431.25, 50.25 over its rows, which come "
        "to 381.00, without 1 row whose figure cannot be read"
    )
