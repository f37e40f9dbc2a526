"""Lines that are not what the header says: too long, too short, quoted wrongly, another header.

Each file is loaded by the careful reader and by those for large files, and all say the same of it.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboard import settings
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.load.versions import snapshot_path
from dashboard.settings import Workspace

FIELDS = [
    {"name": "date", "type": "date", "onesource": {"names": ["Date"]}},
    {"name": "service_id", "onesource": {"names": ["Service"]}},
    {"name": "council_id", "onesource": {"constant": "x"}},
    {"name": "supplier", "onesource": {"names": ["Supplier"]}},
    {"name": "amount_gbp", "type": "number", "onesource": {"names": ["Net"]}},
]


def _workspace(folder: Path, files: dict[str, str | bytes], **ours: object) -> Workspace:
    """A workspace of payments; any number of bad rows are set aside before a file is refused."""
    data = folder / "data"
    data.mkdir(parents=True)
    for name, text in files.items():
        (data / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    resource = {"name": "ledger", "path": "*.csv", "schema": {"fields": FIELDS}}
    package = {"name": "odd", "resources": [resource], "onesource": {"bad_share": 1} | ours}
    contract = data / "datapackage.json"
    contract.write_text(json.dumps(package))
    return Workspace(data, contract, folder / "warehouse")


def _load(folder: Path, files: dict[str, str | bytes], **ours: object) -> LoadReport:
    try:
        return load(_workspace(folder, files, **ours))
    except LoadRefused as refusal:
        return refusal.report


def _payments(header: str, row: str, count: int = 20) -> list[str]:
    """A header and so many rows, `{n}` in each being its number from 1 and `{d}` its day."""
    return [header, *(row.format(n=n, d=f"2018-04-{n:02}") for n in range(1, count + 1))]


# Twenty payments that come to £210, or with fifty pence more each to £220: with a comment that is
# always blank, with figures to the end, and with the name behind the amount.
BLANK = _payments(
    "Date,Service,Supplier,Invoice,Net,Comment", "{d},Parks,Supplier {n},7{n:04},{n},"
)
PLAIN = _payments(
    "Date,Service,Supplier,Invoice,Net,VAT", "{d},Parks,Supplier {n},7{n:04},{n}.50,1.00"
)
FIRST = _payments("Date,Net,Service,Supplier,Comment", "{d},{n},Parks,Supplier {n},")


def _with(lines: list[str], *changes: tuple[int, str]) -> str:
    """The lines with some of them, from 1, put otherwise."""
    out = list(lines)
    for number, text in changes:
        out[number - 1] = text
    return "\n".join(out) + "\n"


@dataclass
class Odd:
    """A file, and what is said of it: lines set aside with why, what is loaded, and notes."""

    text: str
    set_aside: dict[int, str] = field(default_factory=dict)
    loaded: int = 20
    amount: str = "210"
    skipped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


_LONG = "a separator too many, or a text that holds the delimiter wants quotation marks around it"
_SHORT = "a separator seems to be lost, or the line to be broken"
_STRAY = (
    "a quotation mark stands within an unquoted text: one of a pair seems to be lost, or the mark "
    "to be typed by mistake"
)

FILES = {
    "a comma in a name before a blank cell": Odd(
        _with(BLANK, (9, "2018-04-08,Parks,Ash, Elm and Oak Ltd,70008,8,")),
        {9: f"has 7 cells where the header has 6: {_LONG}"},
        19,
        "202",
    ),
    "a comma in a name behind the amount": Odd(
        _with(FIRST, (9, "2018-04-08,8,Parks,Ash, Elm Ltd,"), (4, "2018-04-03,3,Parks,Fir,late")),
        {9: f"has 6 cells where the header has 5: {_LONG}"},
        19,
        "202",
    ),
    "a lost comma": Odd(
        _with(PLAIN, (9, "2018-04-08,Parks Supplier 8,70008,8.50,1.00")),
        {9: f"has 5 cells where the header has 6: {_SHORT}"},
        19,
        "211.5",
    ),
    "three lost commas": Odd(
        _with(PLAIN, *((n, f"2018-04-01,Parks Supplier,7{n:04},9.50,1.00") for n in (5, 9, 13))),
        dict.fromkeys((5, 9, 13), f"has 5 cells where the header has 6: {_SHORT}"),
        17,
        "194.5",
    ),
    "blank cells too many at the end of some lines": Odd(
        _with(PLAIN, (9, PLAIN[8] + ",,,"), (13, PLAIN[12] + ",")), amount="220"
    ),
    "a writer that leaves blank cells out": Odd(
        "\n".join(
            line if n % 3 else line.removesuffix(",late")
            for n, line in enumerate(
                _payments("Date,Service,Supplier,Net,Why", "{d},Parks,Supplier {n},{n},late"), 1
            )
        ).replace("Net\n", "Net,Why\n")
    ),
    "a total with fewer cells": Odd(
        _with(PLAIN) + "Total,,,,220\n", amount="220", skipped={"total": 1}
    ),
    "a note below": Odd(_with(PLAIN) + "Source: Finance\n", amount="220", skipped={"note": 1}),
    "a broken last cell": Odd(
        _with(
            _payments("Date,Service,Net,Supplier", "{d},Parks,{n},Supplier {n}"),
            (9, "2018-04-08,Parks,8,Sup\nplier 8"),
        ),
        {
            9: "its last cell seems to be broken: the line below holds nothing but 'plier 8'",
            10: "missing",
        },
        19,
        "202",
    ),
    "a mark in a name": Odd(
        _with(PLAIN, (9, '2018-04-08,Parks,Ash "n Co,70008,8.50,1')), {9: _STRAY}, 19, "211.5"
    ),
    "a mark behind a name": Odd(
        _with(PLAIN, (9, '2018-04-08,Parks,Ash",70008,8.50,1')), {9: _STRAY}, 19, "211.5"
    ),
    "a mark never closed": Odd(
        _with(PLAIN, (9, '2018-04-08,Parks,Ash,70008,8.50,"1')),
        {9: "a quotation mark is opened and never closed"},
        19,
        "211.5",
    ),
    "inches": Odd(
        _with(PLAIN, (9, '2018-04-08,Parks,12" Pipes,70008,8.50,1')),
        amount="220",
        notes=("1 line has a quotation mark within an unquoted text (line 9), left as it stands",),
    ),
    "a name with marks in several rows": Odd(
        _with(PLAIN, *((n, f'2018-04-01,Parks,Ash "n Co,7,{n}.50,1') for n in (9, 12))),
        amount="222",
        notes=("2 lines have one within an unquoted text (line 9, 12), left as it stands",),
    ),
    "marks that are escaped": Odd(
        _with(PLAIN, (9, '2018-04-08,Parks,"12"" Pipes, Ltd",70008,8.50,1')), amount="220"
    ),
}

# What is read rightly, and said; the fast readers need not say of a space what they read as well.
QUOTED = {
    "a space before the marks": Odd(
        _with(
            _payments("Date, Service, Supplier, Net", '{d}, Parks, "Supplier {n}, Ltd", {n}.00'),
            (5, '2018-04-04, Parks, "Fir", 4.00'),
        ),
        amount="210",
    ),
    "backslashes": Odd(
        _with(PLAIN, (9, '2018-04-08,Parks,"Ash \\"n\\", Co",70008,8.50,1')),
        amount="220",
        notes=(
            "1 line has backslashes before quotation marks; the marks were read as part of the "
            "text (line 9)",
        ),
    ),
    "apostrophes": Odd(
        _with(_payments("Date,Service,Supplier,Net", "{d},Parks,'Supplier {n}, Ltd',{n}.00")),
        amount="210",
        notes=(
            "20 lines have apostrophes for quotation marks; they were read as such (line 2, 3, 4, "
            "5, 6, …)",
        ),
    ),
    "every row with blank cells more": Odd(
        _with(_payments("Date,Service,Supplier,Net", "{d},Parks,Supplier {n},{n}.00,,")),
        amount="210",
        notes=(
            "every row has 2 more cells than the header (6 where it has 4); the cells behind are "
            "blank",
        ),
    ),
    "every row with cells that have no heading": Odd(
        _with(_payments("Service,Supplier,Net,Date", "Parks,Supplier {n},{n}.00,{d},7{n},x")),
        amount="210",
        notes=(
            "every row has 2 more cells than the header (6 where it has 4); the cells behind are "
            "left out",
        ),
    ),
    "every row without its last cell": Odd(
        _with(_payments("Date,Service,Supplier,Net,Comment", "{d},Parks,Supplier {n},{n}.00")),
        amount="210",
        notes=(
            "every row has 1 fewer cell than the header (4 where it has 5); those that lack are "
            "taken as empty",
        ),
    ),
    "another header": Odd(
        _with(PLAIN)
        + "\nSecond quarter\nVAT,Net,Supplier,Service,Date\n1.00,30.00,Elm,Parks,2018-05-01\n",
        loaded=21,
        amount="250",
        skipped={"blank": 1, "title": 1, "another header": 1},
        notes=("line 24 is another header; the rows below it were read by it",),
    ),
    "another header that the contract does not fit": Odd(
        _with(PLAIN) + "Date,Service,Supplier,Invoice,Paid,VAT\n2018-05-01,Parks,Elm,70021,30,5\n",
        dict.fromkeys(
            (22, 23),
            "another header stands above it, on line 22: the header lacks 'Net'; it has "
            "'Date', 'Service', 'Supplier', 'Invoice', 'Paid', 'VAT'",
        ),
        amount="220",
    ),
    "lost line breaks": Odd(
        _with(PLAIN[:11])
        + "2018-05-01,Parks,Elm,7,30.00,1.002018-05-02,Parks,Fir,7,40.00,1.00Total,,,,130,\n",
        {
            12: "line breaks were lost: 3 rows seem to have run together, among them a total of "
            "130.00"
        },
        10,
        "60",
    ),
}
FILES |= QUOTED


def _as_told(report: LoadReport, warehouse: Path) -> dict[str, Odd]:
    path = snapshot_path(warehouse, report.version)
    with duckdb.connect(str(path), read_only=True) as con:
        sums = dict(
            con.execute(
                "select file, sum(amount_gbp) from ledger join files using (file_id) group by 1"
            ).fetchall()
        )
    told = {}
    for account in report.files:
        assert account.adds_up() and account.refused is None
        aside = {p["line"]: p["reason"] for p in report.problems if p["file"] == account.file}
        amount = sums.get(account.file, Decimal(0)).normalize()
        told[account.file] = Odd(
            "", aside, account.loaded, f"{amount:f}", account.skipped, tuple(account.notes)
        )
    return told


@pytest.fixture(scope="module", params=[10**9, 0], ids=["careful", "fast"])
def told(request, tmp_path_factory) -> dict[str, Odd]:
    """What is said of each file, read with care or as if it were large."""
    folder = tmp_path_factory.mktemp("odd")
    files = {f"{name}.csv": odd.text for name, odd in FILES.items()}
    workspace = _workspace(folder, files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "FAST_READER_BYTES", request.param)
        return _as_told(load(workspace), workspace.warehouse)


@pytest.mark.parametrize("name", FILES)
def test_what_is_said_of_an_odd_line_is_the_same_whichever_reader_takes_the_file(told, name):
    expected = FILES[name]
    got = told[f"{name}.csv"]
    assert got.set_aside == expected.set_aside
    assert (got.loaded, got.amount, got.skipped) == (
        expected.loaded,
        expected.amount,
        expected.skipped,
    )
    assert [n for n in got.notes if n in expected.notes] == list(expected.notes)


@pytest.mark.parametrize("large", [10**9, 0], ids=["careful", "fast"])
def test_text_of_another_system_is_refused_with_the_word_that_settles_it(
    tmp_path, monkeypatch, large
):
    monkeypatch.setattr(settings, "FAST_READER_BYTES", large)
    text = _with(PLAIN, (9, "2018-04-08,Parks,Café Royal,70008,8.50,1"))
    (account,) = _load(tmp_path, {"dos.csv": text.encode("cp850")}).files
    assert account.refused == (
        "line 9 holds the byte 0x82, which is '\u201a' in Windows' text and 'é' in that of MS-DOS; "
        'the contract has to say which: "encoding": "cp850", or "cp1252"'
    )
