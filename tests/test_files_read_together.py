"""Files that are read in one go keep their rows apart, whatever they are called."""

from decimal import Decimal

import pytest

from dashboard.load.publish import load
from tests.small_workspaces import ledger, rows

NAMES = {
    # DuckDB would take each of these for a pattern that the next one matches too.
    "marks of a pattern": [
        "a*.csv",
        "a1.csv",
        "a?.csv",
        "b[12].csv",
        "b1.csv",
        "c d.csv",
        "é'.csv",
    ],
    "plain names": ["a1.csv", "a2.csv", "a3.csv", "a4.csv", "a5.csv", "a6.csv", "a7.csv"],
}


def fields(date_format: str) -> list[dict]:
    """Fields that the reader of clean files takes where days are ISO dates, and else the other."""
    return [
        {"name": "date", "type": "date", "format": date_format},
        {"name": "service_id"},
        {"name": "council_id"},
        {"name": "supplier"},
        {"name": "amount_gbp", "type": "number"},
    ]


@pytest.mark.parametrize("date_format", ["default", "any"])
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("folder", ["plain", "20[18]"])
@pytest.mark.parametrize("layouts", [1, 2])
def test_each_row_is_of_its_own_file(plant, either_reader, date_format, names, folder, layouts):
    workspace = plant(
        ledger(path=f"{folder.replace('[', '[[]')}/*.csv", schema={"fields": fields(date_format)})
    )
    (workspace.data / folder).mkdir()
    expected = []
    for n, name in enumerate(names, 1):
        lines = [
            ["date", "service_id", "council_id", "supplier", "amount_gbp"],
            *(["2018-04-03", "parks", "northby", f"Firm {n}", f"{n}.{row}0"] for row in range(3)),
        ]
        if n % layouts:
            # Then files of one layout do not follow upon each other.
            lines = [line[::-1] for line in lines]
        text = "".join(",".join(line) + "\n" for line in lines)
        (workspace.data / folder / name).write_text(text, encoding="utf-8")
        expected.append((f"{folder}/{name}", f"Firm {n}", 3, Decimal(3 * n) + Decimal("0.3")))

    report = load(workspace)

    assert report.is_clean
    assert sorted(expected) == rows(
        workspace,
        report,
        "select file, supplier, count(*), sum(amount_gbp) from ledger join files using (file_id) "
        "group by all order by all",
    )


@pytest.mark.parametrize("date_format", ["default", "any"])
@pytest.mark.parametrize("amount", ["0.005", "1.0049", "99999999999999.99", "-0.001"])
def test_a_fraction_of_a_penny_is_set_aside_by_each_reader(
    plant, either_reader, date_format, amount
):
    workspace = plant(ledger(schema={"fields": fields(date_format)}))
    lines = [f"2018-04-{day:02},parks,northby,Firm,{day}.00" for day in range(1, 31)]
    (workspace.data / "a.csv").write_text(
        "\n".join(["date,service_id,council_id,supplier,amount_gbp", *lines])
        + f"\n2018-04-03,parks,northby,Firm,{amount}\n2018-04-04,parks,northby,Firm,5.00\n"
    )

    report = load(workspace)

    is_whole = amount.endswith(".99")
    assert [p["line"] for p in report.problems] == ([] if is_whole else [32])
    found = rows(workspace, report, "select count(*), sum(amount_gbp) from ledger")
    assert found == [(32, Decimal("100000000000469.99"))] if is_whole else [(31, Decimal(470))]
