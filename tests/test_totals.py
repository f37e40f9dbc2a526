"""A total is known by its evidence wherever it stands, and a firm called Total is no total."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboard import settings
from dashboard.load.account import FileAccount
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.load.versions import snapshot_path
from dashboard.settings import Workspace
from tests.small_workspaces import ledger, rows


def _field(name: str, kind: str = "string", **ours: object) -> dict:
    return {"name": name, "type": kind, **({"onesource": ours} if ours else {})}


PAYMENTS = [
    {"name": "date", "type": "date", "onesource": {"constant": "2018-04-30"}},
    _field("service_id", constant="all"),
    _field("council_id", constant="x"),
    _field("supplier", names=["Supplier"]),
    _field("amount_gbp", "number", names=["Amount"]),
]
LEDGER = [
    {"name": "date", "type": "date", "format": "any", "onesource": {"names": ["Date"]}},
    _field("service_id", names=["Service"]),
    _field("council_id", constant="x"),
    _field("supplier", names=["Supplier"]),
    _field("amount_gbp", "number", names=["Amount"]),
]
COSTS = [
    _field("period", names=["Month"]),
    _field("service_id", names=["Service"]),
    _field("council_id", names=["Council"]),
    _field("cost_type", names=["Type"]),
    _field("budget_gbp", "number", names=["Budget"]),
    _field("actual_gbp", "number", names=["Actual"]),
]
SURVEY = [
    _field("period", constant="2018-03"),
    _field("service_id", names=["Service"]),
    _field("council_id", names=["Council"]),
    _field("respondents", "integer", names=["Answers"]),
    _field("satisfied", "integer", names=["Satisfied"]),
]
WIDE = [
    _field("period", across=True),
    _field("service_id", names=["Service"]),
    _field("council_id", constant="x"),
    _field("actual_gbp", "number"),
]


class Files:
    """A workspace of one feed, loaded: its account of `a.csv`, what was set aside, what stands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report: LoadReport

    def load(
        self, text: str, feed: str = "ledger", fields: list[dict] = PAYMENTS, **ours: object
    ) -> FileAccount:
        resource = {"name": feed, "path": "*.csv", "schema": {"fields": fields}, "onesource": ours}
        (self.folder / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
        (self.folder / "a.csv").write_text(text)
        where = Workspace(self.folder, self.folder / "datapackage.json", self.folder / "w")
        try:
            self.report = load(where)
        except LoadRefused as refusal:
            self.report = refusal.report
        return self.report.files[0]

    @property
    def reasons(self) -> list[str]:
        return [p["reason"] for p in self.report.problems]

    def ask(self, sql: str) -> list[tuple]:
        path = snapshot_path(self.folder / "w", self.report.version)
        with duckdb.connect(str(path), read_only=True) as con:
            return con.execute(sql).fetchall()

    def stated(self, name: str = "amount_gbp") -> tuple[Decimal | None, Decimal | None]:
        found = next(r for r in self.report.files[0].reconciled if r.field == name)
        return found.stated, found.difference


@pytest.fixture
def files(tmp_path) -> Files:
    return Files(tmp_path)


@pytest.fixture(params=[10**9, 0], ids=["careful", "fast"])
def reader(request, monkeypatch) -> None:
    """Both ways in which files are read: every answer has to be the same."""
    monkeypatch.setattr(settings, "FAST_READER_BYTES", request.param)


HEADER = "Supplier,Amount\n"
ROWS = "Alder Ltd,100.00\nBirch Ltd,250.50\nCedar Ltd,49.50\n"
WORDS = [
    *("Total", "TOTALS", "Grand Total", "Grand Total:", "TOTAL NET", "Sum", "Overall", "Total (£)"),
    *(
        "Total for April 2018",
        "April 2018 Total",
        "Total spend Apr-18",
        "Report total",
        "Net total",
    ),
    *("Total 2018/19", "TOTAL PAYMENTS FOR MONTH", "Total:-", "Overall total", "*** Total ***"),
    *("Total for Q1", "Alder to Cedar Total"),
]


@pytest.mark.parametrize("word", WORDS)
def test_a_labelled_row_that_is_the_sum_of_the_rows_above_is_a_total(files, reader, word):
    account = files.load(HEADER + ROWS + f"{word},400.00\n")
    assert (account.loaded, account.set_aside, account.skipped) == (3, 0, {"total": 1})
    assert files.stated() == (Decimal("400.00"), 0) and account.is_clean


@pytest.mark.parametrize("below", ["\n\n", "Note: paid in April\n", "\nSource: ledger\n\n"])
def test_a_total_before_blank_lines_and_notes_is_one(files, reader, below):
    account = files.load(HEADER + ROWS + "Total,400.00\n" + below)
    assert account.loaded == 3 and account.skipped["total"] == 1 and account.is_clean


@pytest.mark.parametrize("word", ["Total", "Grand Total", "Total for April 2018", "Sum"])
def test_a_total_at_the_top_of_the_file_is_one(files, reader, word):
    account = files.load(HEADER + f"{word},400.00\n" + ROWS)
    assert (account.loaded, account.skipped) == (3, {"total": 1})
    assert files.stated() == (Decimal("400.00"), 0)


@pytest.mark.parametrize("word", ["Total", "Grand Total", "Total for April 2018", "Sum"])
def test_a_row_that_reads_as_a_total_and_is_no_sum_is_set_aside(files, reader, word):
    account = files.load(HEADER + ROWS + f"{word},410.00\n")
    assert (account.loaded, account.set_aside) == (3, 1) and not account.is_clean
    (problem,) = files.report.problems
    assert (problem["line"], problem["field"], problem["value"]) == (5, "supplier", word)
    assert problem["reason"] == (
        "reads as a total, but states 410.00 where the rows of the file come to 400.00; if it is a "
        f'name, the contract\'s values say so ({{"{word}": "…"}}), and if it is a total, its '
        f'totals do (["{word}"])'
    )
    assert problem["expected"] == "a row of data, or the sum of rows"


def test_the_contract_settles_that_a_word_is_a_total(files, reader):
    account = files.load(HEADER + ROWS + "Summe,410.00\n", totals=["Summe"])
    assert (account.loaded, account.set_aside, account.skipped) == (3, 0, {"total": 1})
    assert files.stated() == (Decimal("410.00"), Decimal("10.00")) and not account.is_clean


def test_the_contract_settles_that_a_word_is_a_firm(files, reader):
    fields = [
        *PAYMENTS[:3],
        _field("supplier", names=["Supplier"], values={"Total": "TotalEnergies"}),
    ]
    text = HEADER + ROWS + "Total,410.00\nGrand Total,810.00\n"
    account = files.load(text, fields=[*fields, PAYMENTS[4]])
    assert (account.loaded, account.set_aside, account.skipped) == (4, 0, {"total": 1})
    assert files.ask("select amount_gbp from ledger where supplier = 'TotalEnergies'") == [
        (Decimal("410.00"),)
    ]


@pytest.mark.parametrize("name", ["Total Gas & Power", "Total Energies", "Portal Total Care Ltd"])
def test_a_firm_with_the_word_in_its_name_is_data(files, reader, name):
    account = files.load(HEADER + ROWS + f"{name},12.00\nTotal,412.00\n")
    assert (account.loaded, account.set_aside, account.skipped) == (4, 0, {"total": 1})
    assert account.is_clean


def test_a_firm_called_total_that_the_files_total_counts_is_data(files, reader):
    account = files.load(HEADER + "Total,12.00\n" + ROWS + "Grand Total,412.00\n")
    assert (account.loaded, account.set_aside, account.skipped) == (4, 0, {"total": 1})
    assert account.is_clean


def test_a_row_that_the_files_total_leaves_out_is_set_aside(files, reader):
    account = files.load(HEADER + ROWS + "Total,410.00\nDogwood,1.00\nGrand Total,401.00\n")
    assert (account.loaded, account.set_aside, account.skipped) == (4, 1, {"total": 1})
    assert "and the total of line 7 does not count it" in files.reasons[0]


def test_a_name_on_many_lines_that_is_never_a_sum_is_a_firm_and_is_told(files, reader):
    lines = "".join(f"Alder,{n}.00\nTOTAL,{7 * n}.10\n" for n in (3, 5, 8))
    account = files.load(HEADER + lines)
    assert (account.loaded, account.set_aside, account.skipped) == (6, 0, {})
    assert account.notes == [
        "'TOTAL' reads as a total but is no sum on the 3 lines where it stands: loaded as a name "
        '(if they are totals, the contract\'s totals say so: ["TOTAL"])'
    ]


def test_subtotals_of_a_spreadsheet_are_told_by_what_they_sum_up(files, reader):
    account = files.load(
        HEADER + "Alder,100.00\nAlder Total,100.00\nBirch,50.00\nBirch,20.00\nBirch Total,70.00\n"
        "Cedar,9.00\nCedar,1.00\nCedar Total,10.00\nGrand Total,180.00\n"
    )
    assert (account.loaded, account.skipped) == (5, {"subtotal": 3, "total": 1})
    assert files.stated() == (Decimal("180.00"), 0)


def test_a_spreadsheets_subtotal_that_is_no_sum_is_set_aside(files, reader):
    account = files.load(
        HEADER + "Alder,100.00\nAlder,1.00\nAlder Total,101.00\nBirch,50.00\nBirch Total,70.00\n"
        "Grand Total,151.00\n"
    )
    assert (account.loaded, account.set_aside) == (3, 1)
    assert account.skipped == {"subtotal": 1, "total": 1}
    assert files.stated() == (Decimal("151.00"), 0)


def _ledger(*rows: tuple[str, str, str]) -> str:
    return "Date,Service,Supplier,Amount\n" + "".join(
        f"01/04/2018,{service},{supplier},{amount}\n" for service, supplier, amount in rows
    )


def test_totals_of_services_and_of_all_with_dates_filled_in_are_told(files, reader):
    account = files.load(
        _ledger(
            *(("ict", "Alder", "10"), ("ict", "Birch", "5"), ("ict", "Total", "15")),
            *(("hr", "Alder", "2"), ("hr", "Birch", "6"), ("hr", "Total", "8")),
            ("all", "Grand total", "23"),
        ),
        fields=LEDGER,
    )
    assert (account.loaded, account.set_aside) == (4, 0)
    assert account.skipped == {"subtotal": 2, "total": 1} and account.is_clean


def test_totals_that_stand_below_all_rows_are_told_by_what_they_agree_with(files, reader):
    account = files.load(
        _ledger(
            *(("ict", "Alder", "10"), ("hr", "Alder", "2"), ("ict", "Birch", "5")),
            *(("hr", "Birch", "6"), ("ict", "Total", "15"), ("hr", "Total", "8")),
            ("all", "Total", "23"),
        ),
        fields=LEDGER,
    )
    assert (account.loaded, account.set_aside) == (4, 0)
    assert account.skipped == {"subtotal": 2, "total": 1} and account.is_clean


def test_totals_above_their_rows_are_told_by_what_follows(files, reader):
    account = files.load(
        _ledger(
            *(("x", "Sum", "15"), ("ict", "Alder", "10"), ("ict", "Birch", "5")),
            *(("x", "Sum", "8"), ("hr", "Alder", "2"), ("hr", "Birch", "6")),
        ),
        fields=LEDGER,
    )
    assert (account.loaded, account.set_aside, account.skipped) == (4, 0, {"subtotal": 2})


@pytest.mark.parametrize("label", ["Total", "Finance Total", "Total Finance", "Overall"])
def test_budget_reports_are_told_by_every_column_of_money(files, label):
    rows = "Apr-18,Finance,x,Staff,10,12\nApr-18,Finance,x,Supplies,5,4\n"
    text = "Month,Service,Council,Type,Budget,Actual\n"
    account = files.load(text + rows + f"Apr-18,{label},x,All,15,16\n", "costs", COSTS)
    assert (account.loaded, account.set_aside) == (2, 0) and sum(account.skipped.values()) == 1
    assert files.stated("budget_gbp") == (15, 0) and files.stated("actual_gbp") == (16, 0)


@pytest.mark.parametrize("label", ["Overall", "Sum"])
def test_everybody_together_in_a_survey_is_a_total_or_set_aside(files, label):
    rows = "Service,Council,Answers,Satisfied\nICT,a,20,10\nICT,b,30,20\nHR,a,11,10\nHR,b,13,9\n"
    account = files.load(rows + f"All,{label},74,49\n", "satisfaction", SURVEY)
    assert (account.loaded, account.skipped) == (4, {"total": 1})
    account = files.load(rows + f"All,{label},75,49\n", "satisfaction", SURVEY)
    assert (account.loaded, account.set_aside) == (4, 1)


def test_a_total_of_a_wide_file_is_told_in_every_column(files):
    rows = "Service,Apr-18,May-18\nict,1,2\nhr,10,20\n"
    account = files.load(rows + "Total for all services,11,22\n", "costs", WIDE)
    assert account.loaded == 4 and account.skipped == {"total": 1}
    account = files.load(rows + "Total for all services,11,23\n", "costs", WIDE)
    assert (account.loaded, account.set_aside) == (4, 2)


def test_each_of_several_files_has_its_own_total(files, reader):
    (files.folder / "b.csv").write_text(HEADER + "Alder,1.00\nBirch,2.00\nGrand Total,3.00\n")
    files.load(HEADER + ROWS + "Grand Total,400.00\n")
    assert {f.file: (f.loaded, f.skipped) for f in files.report.files} == {
        "a.csv": (3, {"total": 1}),
        "b.csv": (2, {"total": 1}),
    }


def test_a_large_file_with_totals_in_a_free_column_is_read_like_a_small_one(files, monkeypatch):
    text = HEADER + "".join(f"Firm {n},1.00\n" for n in range(500)) + "Grand Total,500.00\n"
    found: dict[int, tuple] = {}
    run: Callable[[], FileAccount] = lambda: files.load(text)  # noqa: E731
    for size in (0, 10**9):
        monkeypatch.setattr(settings, "FAST_READER_BYTES", size)
        account = run()
        found[size] = (account.loaded, account.set_aside, account.skipped, files.stated())
    assert found[0] == found[10**9] == (500, 0, {"total": 1}, (Decimal("500.00"), 0))


@pytest.mark.parametrize(
    "lines",
    [
        # Each group has one payment, and the firm pays as much as the one before.
        ["Alder,100", "Alder Total,100", "Total Gas & Power,100", "Beech,50", "Beech,20"],
        ["Alder,60", "Alder,40", "Alder Total,100", "Total Gas & Power,100", "Beech,70"],
        ["Alder,100", "Total Gas & Power,100", "Beech,50", "Cedar,70"],
    ],
)
def test_a_firm_that_is_paid_as_much_as_stands_above_it_is_no_total(plant, either_reader, lines):
    text = "Date,Supplier,Amount\n" + "".join(f"2018-04-01,{line}\n" for line in lines)
    workspace = plant(ledger(), a=text)
    kept = dict(rows(workspace, load(workspace), "select supplier, amount_gbp from ledger"))
    assert kept["Total Gas & Power"] == 100


BESIDE = "Supplier,Invoice,Amount\n"


def test_totals_of_groups_may_be_labelled_in_a_column_of_no_field(files, reader):
    account = files.load(
        BESIDE + "Alder Ltd,1,1.00\nBirch Ltd,2,2.00\nBirch Ltd,Total,3.00\n"
        "Cedar Ltd,3,4.00\nDale Ltd,4,4.00\nDale Ltd,TOTAL:,8.00\nDale Ltd,Grand total,11.00\n"
    )
    assert account.skipped == {"subtotal": 2, "total": 1}
    assert files.ask("select count(*), sum(amount_gbp) from ledger") == [(4, Decimal("11.00"))]
    assert files.stated() == (Decimal("11.00"), Decimal("0.00"))


def test_a_label_in_a_column_of_no_field_that_is_no_sum_is_set_aside(files, reader):
    files.load(BESIDE + "Alder Ltd,1,1.00\nBirch Ltd,2,2.00\nBirch Ltd,Total,4.00\n")
    assert files.ask("select sum(amount_gbp) from ledger") == [(Decimal("3.00"),)]
    assert files.reasons == [
        "reads as a total, but states 4.00 where the rows of the file come to 3.00; if it is a "
        'total, the contract\'s totals say so (["Total"])'
    ]


def test_a_column_of_no_field_that_says_total_of_many_rows_says_something_else(files, reader):
    text = "Supplier,Write-off,Amount\n"
    files.load(text + "Alder,Total,1.00\nBirch,Total,2.00\nCedar,Part,4.00\nDale,Total,8.00\n")
    assert files.reasons == []
    assert files.ask("select sum(amount_gbp) from ledger") == [(Decimal("15.00"),)]


@pytest.mark.parametrize("label", ["All suppliers", "Balance", "Sum of above", "T O T A L"])
def test_a_last_row_that_is_the_sum_of_all_and_may_mean_all_is_set_aside(files, reader, label):
    files.load(HEADER + ROWS + f"{label},400.00\n")
    assert files.ask("select sum(amount_gbp) from ledger") == [(Decimal("400.00"),)]
    assert files.reasons == [
        "states 400.00, which is what the 3 rows above it come to, as a total does; if it is one, "
        f'the contract\'s totals say so (["{label}"]), and if it is data, its values do '
        f'({{"{label}": "{label}"}})'
    ]


def test_the_contract_says_whether_a_last_row_that_is_the_sum_of_all_is_a_total(files, reader):
    text = HEADER + ROWS + "All suppliers,400.00\n"
    assert files.load(text, totals=["All suppliers"]).skipped == {"total": 1}
    named = _field("supplier", names=["Supplier"], values={"All suppliers": "All Suppliers Ltd"})
    files.load(text, fields=[*PAYMENTS[:3], named, PAYMENTS[4]])
    assert files.reasons == []
    assert files.ask("select sum(amount_gbp) from ledger") == [(Decimal("800.00"),)]


def test_of_a_name_in_the_last_row_that_is_the_sum_of_all_a_note_tells(files, reader):
    account = files.load(HEADER + ROWS + "Dogwood Ltd,400.00\n")
    assert files.ask("select sum(amount_gbp) from ledger") == [(Decimal("800.00"),)]
    assert account.notes == [
        "line 5 ('Dogwood Ltd') states 400.00, which is what the 3 rows above it come to: loaded "
        'as data (if it is a total, the contract\'s totals say so: ["Dogwood Ltd"])'
    ]


def test_a_last_payment_that_happens_to_be_as_much_as_few_others_is_data(files, reader):
    files.load(HEADER + "Alder Ltd,100.00\nBirch Ltd,50.00\nCedar Ltd,150.00\n")
    assert files.reasons == []
    # To a firm that was paid before, and where credits stand among the payments.
    assert files.load(HEADER + ROWS + "Alder Ltd,400.00\n").notes == []
    assert files.load(HEADER + ROWS + "Dale Ltd,-50.00\nElm Ltd,350.00\n").notes == []
    assert files.reasons == []


def test_grand_total_may_be_written_as_one_word(files, reader):
    assert files.load(HEADER + ROWS + "GrandTotal,400.00\n").skipped == {"total": 1}


@pytest.mark.parametrize("amount", ["250.00CR", "250.00 CR", "£1,250.00 dr"])
def test_an_amount_with_cr_or_dr_is_set_aside_with_what_would_be_right(files, reader, amount):
    files.load(HEADER + ROWS + f'Dale Ltd,"{amount}"\n')
    assert files.reasons == [
        "not pounds and pence; CR and DR stand for the sign, and a ledger's credit is another's "
        "debit: write a minus before what came back (-40.00), and nothing behind the others"
    ]
    assert files.ask("select sum(amount_gbp) from ledger") == [(Decimal("400.00"),)]
