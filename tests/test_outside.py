"""A month that stands in a file's name, or above its header, is that of all its rows."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard.load.contract import ContractError
from dashboard.load.intake import Upload, accept, try_uploads
from dashboard.load.publish import LoadRefused, load
from tests.small_workspaces import FIGURE_FIELDS, LEDGER_FIELDS, figures, ledger, rows


def field(name: str, where: object, **more: object) -> dict:
    return {"name": name, "onesource": {"from": where}} | more


def payments(where: object = "file name", **more: object) -> dict:
    date_field = field("date", where, type="date", **more)
    return ledger(schema={"fields": [date_field, *LEDGER_FIELDS[1:]]})


def monthly(where: object = "file name", **more: object) -> dict:
    return figures(schema={"fields": [field("period", where, **more), *FIGURE_FIELDS[1:]]})


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("spend-over-500-2018-04", date(2018, 4, 30)),
        ("Over500_April2018", date(2018, 4, 30)),
        ("expenditure over £250 jul-18", date(2018, 7, 31)),
        ("P1 2018-19", date(2018, 4, 30)),
        ("v2 February 2020 (2)", date(2020, 2, 29)),
        ("spend 2018-04-12", date(2018, 4, 12)),
        ("payments 2018-04-01 to 2018-04-30", date(2018, 4, 30)),
    ],
)
def test_payments_without_a_date_are_of_the_last_day_of_the_month_in_their_files_name(
    plant, either_reader, name, day
):
    workspace = plant(payments(), **{name: "Supplier,Amount\nAlder,5.00\nBirch,6.00\n"})
    report = load(workspace)
    found = rows(workspace, report, "select date, sum(amount_gbp), count(*) from ledger group by 1")
    assert found == [(day, Decimal("11.00"), 2)]


def test_months_are_one_resource_and_the_same_rows_in_another_month_are_no_copy(
    plant, either_reader
):
    text = "Supplier,Amount\nAlder,5.00\n"
    months = {f"spend-2018-{n:02d}": text for n in range(4, 13)}
    workspace = plant(payments(), **months, **{"spend-2018-04 again": text})
    report = load(workspace)
    found = rows(
        workspace, report, "select month(date), count(*) from ledger group by 1 order by 1"
    )
    assert found == [(n, 1) for n in range(4, 13)]
    copies = [f.file for f in report.files if any("the same file" in why for why in f.skipped)]
    assert len(copies) == 1 and copies[0].startswith("spend-2018-04")


def test_a_further_month_is_read_onto_those_already_there(plant, either_reader):
    workspace = plant(monthly(), **{"2018-04": "Value\n7\n", "2018-05": "Value\n8\n"})
    load(workspace)
    (workspace.data / "2018-06.csv").write_text("Value\n9\n")
    report = load(workspace)
    found = rows(workspace, report, "select period, value from performance order by 1")
    assert found == [("2018-04", 7), ("2018-05", 8), ("2018-06", 9)]


def test_a_folder_gives_the_year_that_its_files_leave_out(plant, either_reader):
    workspace = plant(monthly() | {"path": "**/*.csv"})
    folder = workspace.data / "2018-19"
    folder.mkdir()
    (folder / "April.csv").write_text("Value\n7\n")
    report = load(workspace)
    assert rows(workspace, report, "select period from performance") == [("2018-04",)]


@pytest.mark.parametrize(
    ("above", "where"),
    [
        ("Payments over £500 April 2018\n", "above"),
        ('"Northby Council"\nFrom,01/04/2018,To,30/04/2018\n\n', "above"),
        ("Month:,April 2018,Run on,03/05/2018\n", {"above": "Month"}),
        ("Reporting period: April 2018\nRun on 03/05/2018\n", {"above": "Reporting period"}),
    ],
)
def test_a_month_above_the_header_is_that_of_all_rows(plant, either_reader, above, where):
    text = f"{above}Supplier,Amount\nAlder,5.00\n"
    workspace = plant(payments(where), a=text)
    report = load(workspace)
    assert rows(workspace, report, "select date from ledger") == [(date(2018, 4, 30),)]
    assert report.files[1].header_lines == above.count("\n") + 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("spend", "names no month, quarter or year: spend.csv"),
        ("March 2018 to April 2018", "names 'March 2018' and 'April 2018'; there has to be one"),
        ("March and April 2018", "names 'March' beside 'April 2018'"),
        ("Q1 2018-19", "names April to June 2018 ('Q1 2018-19'), and a date lies within one month"),
        ("spend 201804", "can be read as April 2018 or as July 2018"),
        ("month 4 year 2018", "names 2018 and 'month' apart from each other"),
    ],
)
def test_a_name_that_says_no_month_or_two_is_refused_with_the_reason(
    plant, either_reader, name, why
):
    workspace = plant(payments(), **{name: "Supplier,Amount\nAlder,5.00\n"})
    with pytest.raises(LoadRefused) as refusal:
        load(workspace)
    assert why in str(refusal.value)


def test_two_months_above_the_header_are_refused_with_the_word_that_settles_it(plant):
    workspace = plant(
        payments("above"), a="April 2018,run 03/05/2018\nSupplier,Amount\nAlder,5.00\n"
    )
    with pytest.raises(LoadRefused) as refusal:
        load(workspace)
    assert '"from": {"above": "…"} says beside which word' in str(refusal.value)


def test_a_name_read_in_two_ways_is_settled_by_the_contracts_period(plant, either_reader):
    given = {"from": "file name", "period": {"digits": "months"}}
    fields = [{"name": "date", "type": "date", "onesource": given}, *LEDGER_FIELDS[1:]]
    workspace = plant(
        ledger(schema={"fields": fields}), **{"spend 201804": "Supplier,Amount\nAlder,5.00\n"}
    )
    report = load(workspace)
    assert rows(workspace, report, "select date from ledger") == [(date(2018, 4, 30),)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"from": "filename"}, '\'from\' is "file name", "above"'),
        ({"from": "above", "names": ["Date"]}, "'from' and 'names' both say where the field is"),
    ],
)
def test_a_contract_that_says_it_wrongly_is_told_how(plant, given, said):
    fields = [{"name": "date", "type": "date", "onesource": given}, *LEDGER_FIELDS[1:]]
    workspace = plant(ledger(schema={"fields": fields}), a="Supplier,Amount\nAlder,5.00\n")
    with pytest.raises(ContractError) as error:
        load(workspace)
    assert said in str(error.value)


def test_an_upload_is_read_by_the_name_it_was_sent_under(plant):
    workspace = plant(payments(), **{"2018-04": "Supplier,Amount\nAlder,5.00\n"})
    sent = [Upload("Spend May 2018.csv", b"Supplier,Amount\nBirch,6.00\n")]
    report = accept(workspace, sent)
    assert rows(workspace, report, "select date, supplier from ledger order by 1") == [
        (date(2018, 4, 30), "Alder"),
        (date(2018, 5, 31), "Birch"),
    ]
    tried, _ = try_uploads(workspace, [Upload("spend.csv", b"Supplier,Amount\nCedar,7.00\n")])
    assert "names no month, quarter or year" in tried.files[-1].refused
