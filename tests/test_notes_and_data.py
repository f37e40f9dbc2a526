"""What stands below a table is a note or a line of data: no figure is taken for words."""

import json
from collections.abc import Callable

import pytest

from dashboard import settings
from dashboard.load.publish import LoadReport, load
from dashboard.settings import Workspace

FIELDS = [
    {"name": "period", "onesource": {"names": ["Month"]}},
    {"name": "service_id", "onesource": {"constant": "finance"}},
    {"name": "council_id", "onesource": {"names": ["Council"]}},
    {"name": "unit", "onesource": {"names": ["Unit"]}},
    {"name": "quantity", "type": "number", "onesource": {"names": ["Number"]}},
]
WIDE = [
    {"name": "period", "onesource": {"across": True}},
    *({"name": n, "onesource": {"constant": "x"}} for n in ("service_id", "unit")),
    {"name": "council_id", "onesource": {"names": ["Council"]}},
    {"name": "quantity", "type": "number"},
]
PAYMENTS = [
    {"name": "date", "type": "date", "format": "any", "onesource": {"names": ["Date"]}},
    {"name": "service_id", "onesource": {"constant": "finance"}},
    {"name": "council_id", "onesource": {"constant": "x"}},
    {"name": "supplier", "onesource": {"names": ["Supplier"]}},
    {"name": "amount_gbp", "type": "number", "onesource": {"names": ["Amount"]}},
]


@pytest.fixture
def loaded(tmp_path) -> Callable[[str, str, list[dict]], LoadReport]:
    """Load one file of a feed with these fields."""

    def one(text: str, feed: str = "volumes", fields: list[dict] = FIELDS) -> LoadReport:
        resource = {"name": feed, "path": "a.csv", "schema": {"fields": fields}}
        (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
        (tmp_path / "a.csv").write_text(text)
        return load(Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "w"))

    return one


TABLE = "Month,Council,Unit,Number\n" + "".join(
    f"{month}-23,Northby,calls,{number}\n"
    for month, number in (("Apr", 91), ("May", 92), ("Jun", 93))
)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Jul-23;Northby;calls;94", "split by ; and not by ,"),
        ("Jul-23\tNorthby\tcalls\t94", "split by tabs and not by ,"),
        ("Jul-23|Northby|calls|94", "split by | and not by ,"),
        ("Jul-23    Northby   calls     94", "split by spaces and not by ,"),
        ("Jul-23;Northby;calls;94;;", "split by ; and not by ,"),
        ('Jul-23;Northby;calls;"1,094"', "split by ; and not by ,"),
        (
            '"Jul-23,Northby,calls,94"',
            "the whole line stands in quotation marks, so that it is one cell and not 4",
        ),
    ],
)
@pytest.mark.parametrize("below", ["", "\n\nSource: the contact centre\n"])
def test_a_line_of_data_at_the_end_is_set_aside_with_the_one_reason(loaded, line, reason, below):
    report = loaded(f"{TABLE}{line}\n{below}")
    (account,) = report.files
    assert (account.loaded, account.set_aside) == (3, 1)
    assert account.skipped == ({"blank": 2, "note": 1} if below else {})
    assert [(p["line"], p["reason"]) for p in report.problems] == [(5, reason)]


@pytest.mark.parametrize(
    "note",
    [
        "Note: figures for July are late; see the contact centre; 2 calls; are missing",
        "Source: contact centre; extracted 3 May 2023; by the team",
        '"Prepared by Finance, Northby, on 3 May, for OMT"',
        "© Crown copyright | 2023",
        "* 3 calls were counted twice",
    ],
)
def test_a_note_stays_a_note(loaded, note):
    (account,) = loaded(f"{TABLE}{note}\n").files
    assert (account.loaded, account.set_aside, account.skipped) == (3, 0, {"note": 1})


def test_a_line_with_commas_among_semicolons_is_data(loaded):
    report = loaded(TABLE.replace(",", ";") + "Jul-23,Northby,calls,94\n")
    assert [p["reason"] for p in report.problems] == ["split by , and not by ;"]


def test_a_line_of_a_wide_file_that_is_split_otherwise_is_set_aside(loaded):
    text = "Council,Apr-23,May-23\nNorthby,1,2\nSouthby,3,4\nEastby;5;6\n"
    report = loaded(text, fields=WIDE)
    (account,) = report.files
    assert (account.loaded, account.set_aside) == (4, 1)
    assert [(p["line"], p["reason"]) for p in report.problems] == [(4, "split by ; and not by ,")]


@pytest.mark.parametrize("size", [0, 10**9])
def test_the_quick_readers_set_aside_what_the_careful_one_does(loaded, monkeypatch, size):
    monkeypatch.setattr(settings, "FAST_READER_BYTES", size)
    text = "Date,Supplier,Amount\n" + "01/04/2018,Alder,10.00\n" * 300
    report = loaded(
        text + "02/04/2018;Birch;5.00\nNote: late payments follow\n", "ledger", PAYMENTS
    )
    (account,) = report.files
    assert (account.loaded, account.set_aside, account.skipped) == (300, 1, {"note": 1})
    assert [(p["line"], p["reason"]) for p in report.problems] == [(302, "split by ; and not by ,")]


@pytest.mark.parametrize("size", [0, 10**9])
def test_a_line_split_otherwise_is_no_rest_of_the_line_above(loaded, monkeypatch, size):
    monkeypatch.setattr(settings, "FAST_READER_BYTES", size)
    rows = [f"{day:02d}/04/2018,Alder {day},10.00,\n" for day in range(1, 11)]
    rows[4] = rows[4].replace(",", ";")
    report = loaded("Date,Supplier,Amount,Comment\n" + "".join(rows), "ledger", PAYMENTS)
    (account,) = report.files
    assert (account.loaded, account.set_aside, account.notes) == (9, 1, [])
    assert [(p["line"], p["reason"]) for p in report.problems] == [(6, "split by ; and not by ,")]
