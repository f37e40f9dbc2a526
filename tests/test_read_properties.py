"""What holds of any export, any bytes and any contract: nothing is lost, and nothing crashes.

Exports are written in every way that is known of councils and their systems, and have to be read
back exactly as they were written, each line accounted for.
"""

import copy
import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from dashboard import settings as own_settings
from dashboard.load.contract import ContractError, Resource, parse_contract, read_contract
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.load.read import Skipped, open_export, read_rows
from dashboard.load.text import FileRefused
from dashboard.load.versions import LoadFailed, current_version, snapshot_path
from dashboard.settings import Workspace
from tests.small_workspaces import both_files


def _profile(examples: int) -> settings:
    """The same examples on every machine, and time enough for a slow one that does much else."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=timedelta(seconds=60),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# A load of a small workspace takes a third of a second, reading a file a thousandth.
_reads, _loads = _profile(250), _profile(12)

LEDGER = ("date", "service_id", "council_id", "supplier", "description", "amount_gbp")
NAMES = {"amount_gbp": ["amount_gbp", "Net amount £"], "date": ["date", "Date of payment"]}


def _field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    ours = {"names": NAMES[name]} if name in NAMES else {}
    return {"name": name, "type": kind, "onesource": ours, **more}


LEDGER_RESOURCE = {
    "name": "ledger",
    "path": "ledger*.csv",
    "schema": {
        "fields": [
            _field("date", "date", format="any"),
            *(_field(n) for n in LEDGER[1:-1]),
            _field("amount_gbp", "number"),
        ]
    },
}
WIDE_RESOURCE = {
    "name": "performance",
    "path": "wide*.csv",
    "schema": {
        "fields": [
            {"name": "period", "onesource": {"across": True}},
            {"name": "service_id", "onesource": {"constant": "ict"}},
            {"name": "council_id", "onesource": {"names": ["Council"]}},
            {"name": "measure_id", "onesource": {"names": ["Indicator"]}},
            {"name": "value", "type": "number"},
        ]
    },
}
PACKAGE = {"name": "written", "resources": [LEDGER_RESOURCE, WIDE_RESOURCE]}


def _resource(descriptor: dict[str, Any]) -> Resource:
    package = {"name": "one", "resources": [descriptor]}
    return parse_contract(package, Path("datapackage.json")).resources[0]


# --- How exports are written ----------------------------------------------------------------


@dataclass
class Written:
    """An export as bytes, and what has to be read of it.

    rows: what each row of data says, in the order of the fields. lines: its physical lines.
    """

    raw: bytes
    lines: int
    header_lines: int
    rows: list[tuple]
    skipped: Counter = field(default_factory=Counter)
    total: Decimal | None = None


# Everything that cp1252 can write, with the marks that make a CSV hard to split.
_TEXTS = st.one_of(
    st.text(alphabet="abz AZ09 .&-'\",;|\t\n£é–’", max_size=12),
    st.sampled_from(["Total Gas & Power", "Smith, Jones & Co", 'the "old" hall', "a\nb", "5", "-"]),
)
_IDS = st.sampled_from(["ict", "hr", "newham", "Council Tax & Benefits"])
_ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
_DELIMITERS = st.sampled_from(",;\t|")
_LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
_TITLES = st.lists(
    st.sampled_from(
        [
            ["Payments to suppliers"],
            ["Report run: 30/04/2018", "", "Page 1"],
            ["Parameters:", "All services", "Period 1 to 12"],
            [""],
            ["Figures in £"],
        ]
    ),
    max_size=3,
)
_NOTES = st.lists(
    st.sampled_from(
        ["Source: finance system", "* provisional", "Note: net of VAT", "End of report"]
    ),
    max_size=2,
    unique=True,
)


def _heading(draw: st.DrawFn, name: str) -> str:
    """A heading in another case, with other marks between its words, or by its other name."""
    text = draw(st.sampled_from(NAMES.get(name, [name])))
    text = text.replace("_", draw(st.sampled_from(["_", " ", "-", ". ", "\n"])))
    change = draw(st.sampled_from([str, str.upper, str.title, str.lower]))
    return change(text) + draw(st.sampled_from(["", " ", ":"]))


def _assembled(
    draw: st.DrawFn, above: list[list[str]], header: list[str], below: list[list[str]]
) -> tuple[bytes, int, int]:
    """The bytes of a file, its physical lines, and those of them down to the header."""
    delimiter, end, encoding = draw(_DELIMITERS), draw(_LINE_ENDS), draw(_ENCODINGS)
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    before, after = draw(st.integers(0, 1)), draw(st.integers(0, 2))
    pieces = []
    for rows in ([*above, header], below):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=quoting)
        for row in rows:
            # A row of nothing at all is an empty line, or a line of delimiters.
            bare = not any(row) and draw(st.booleans())
            writer.writerow([] if bare else ["" for _ in range(before)] + row + [""] * after)
        pieces.append(out.getvalue())
    text = "".join(pieces)
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    raw = text.replace("\n", end)
    if encoding == "cp1252" and not _is_plainly_cp1252(raw):
        encoding = "utf-8"
    return raw.encode(encoding), text.count("\n") + (text[-1:] != "\n"), pieces[0].count("\n")


def _is_plainly_cp1252(text: str) -> bool:
    """False where a line, as cp1252, happens to be UTF-8 as well: such bytes can mean either."""
    for line in text.encode("cp1252").replace(b"\r", b"\n").split(b"\n"):
        try:
            line.decode()
        except UnicodeDecodeError:
            continue
        if not line.isascii():
            return False
    return True


def _with_what_is_no_data(
    draw: st.DrawFn, rows: list[list[str]], header: list[str]
) -> tuple[list[list[str]], Counter]:
    """The rows with blank ones and the header again among them."""
    out, skipped = [], Counter()
    for row in rows:
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            out.append([""] * len(header))
            skipped["blank"] += 1
        if out and draw(st.integers(0, 9)) == 0:
            out.append(header)
            skipped["header again"] += 1
        out.append(row)
    return out, skipped


def _as_money(draw: st.DrawFn, amount: Decimal) -> str:
    grouped, plain = f"{abs(amount):,.2f}", f"{abs(amount):.2f}"
    if amount < 0:
        return draw(
            st.sampled_from(
                [f"-{plain}", f"-£{grouped}", f"({grouped})", f"£({grouped})", f"{grouped}-"]
            )
        )
    forms = [plain, f"£{grouped}", f" {grouped} ", f"£ {plain}"]
    if amount == amount.to_integral_value():
        forms += [f"{amount:.0f}", f"£{amount:,.0f}"]
    return draw(st.sampled_from(forms))


_DATE_FORMS = (
    *("%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%y", "%d %B %Y", "%d %b %Y"),
    *("%Y-%m-%d", "%Y%m%d", "%A %d %B %Y", "%d/%m/%Y 00:00:00", "%Y-%m-%dT10:15:00"),
)


@st.composite
def ledgers(draw: st.DrawFn, with_totals: bool = True) -> Written:
    """A list of payments. Without totals and notes each line that isn't skipped is a row."""
    form = draw(st.sampled_from(_DATE_FORMS))
    rows = draw(
        st.lists(
            st.tuples(
                st.dates(date(2010, 1, 1), date(2019, 12, 31)),
                _IDS,
                _IDS,
                _TEXTS,
                _TEXTS,
                st.integers(-(10**8), 10**8).map(lambda pence: Decimal(pence) / 100),
            ),
            min_size=1,
            max_size=8,
        )
    )
    order = draw(st.permutations([*LEDGER, *draw(st.lists(st.just("ref"), max_size=1))]))
    header = [_heading(draw, name) for name in order]
    cells, said = [], []
    for row in rows:
        texts = dict(zip(LEDGER, row, strict=True)) | {"ref": draw(_TEXTS)}
        texts["date"], texts["amount_gbp"] = row[0].strftime(form), _as_money(draw, row[-1])
        cells.append([texts[name] for name in order])
        said.append(tuple(texts[name].strip() for name in LEDGER))
    body, skipped = _with_what_is_no_data(draw, cells, header)
    total = sum((row[-1] for row in rows), Decimal(0)) if with_totals else None
    # Without a label a total is known by its sum alone: of more than one row, and of something.
    labelled = total == 0 or len(rows) < 2 or draw(st.booleans())
    if total is not None and draw(st.booleans()):
        row = dict.fromkeys(order, "") | {"amount_gbp": _as_money(draw, total)}
        if labelled:
            row[draw(st.sampled_from(LEDGER[:-1]))] = draw(
                st.sampled_from(["Total", "TOTAL:", "Grand Total"])
            )
        body.append([row[name] for name in order])
        skipped["total"] += 1
    else:
        total = None
    for note in draw(_NOTES) if with_totals else ():
        body.append([note])
        skipped["note"] += 1
    raw, lines, header_lines = _assembled(draw, draw(_TITLES), header, body)
    kept = said
    if with_totals:
        kept = [(*r[:3], *(t.strip() or None for t in r[3:5]), r[5]) for r in rows]
    return Written(raw, lines, header_lines, kept, skipped, total)


_MONTH_FORMS = ("%b-%y", "%B %Y", "%Y-%m", "%m/%Y", "%d/%m/%Y", "%b %Y", "%Y %B")


@st.composite
def wide_returns(draw: st.DrawFn, with_totals: bool = True) -> Written:
    """Measures down the side and months across the columns; a blank cell is no figure."""
    form = draw(st.sampled_from(_MONTH_FORMS))
    first = draw(st.integers(0, 20))
    months = [
        date(2016 + (first + n) // 12, (first + n) % 12 + 1, 1)
        for n in range(draw(st.integers(2, 6)))
    ]
    # Hundredths, so that sums of them are exact to the penny.
    figures = st.one_of(st.none(), st.integers(-(10**6), 10**6).map(lambda n: Decimal(n) / 100))
    table = draw(
        st.lists(
            st.lists(figures, min_size=len(months), max_size=len(months)), min_size=1, max_size=5
        )
    )
    header = ["Indicator", draw(st.sampled_from(["Council", "COUNCIL ", "council"]))]
    header += [month.strftime(form) for month in months]
    cells, said, skipped = [], [], Counter()
    for number, values in enumerate(table):
        who = draw(_IDS)
        texts = ["" if v is None else draw(st.sampled_from([f"{v}", f"{v:,}"])) for v in values]
        cells.append([f"m{number}", who, *texts])
        blank = texts.count("")
        skipped["no figure in any column" if blank == len(months) else "no figure"] += (
            1 if blank == len(months) else blank
        )
        said += [
            (month, who, f"m{number}", value if with_totals else text)
            for month, value, text in zip(months, values, texts, strict=True)
            if value is not None
        ]
    body, others = _with_what_is_no_data(draw, cells, header)
    skipped += others
    columns = list(zip(*table, strict=True))
    sums = [sum((v for v in column if v is not None), Decimal(0)) for column in columns]
    total = None
    if with_totals and any(sums) and len(table) > 1 and draw(st.booleans()):
        label = draw(st.sampled_from(["Total", "", "Totals:"]))
        if label or len(said) > 1:
            body.append([label, "", *(f"{amount}" for amount in sums)])
            total = sum(sums, Decimal(0))
            skipped["total"] += 1
    for note in draw(_NOTES) if with_totals else ():
        body.append([note])
        skipped["no figure in any column"] += 1
    raw, lines, header_lines = _assembled(draw, draw(_TITLES), header, body)
    return Written(raw, lines, header_lines, said, +skipped, total)


# --- What is written is read back ------------------------------------------------------------


def _read(raw: bytes, descriptor: dict[str, Any]) -> tuple[list[tuple], Counter]:
    """The rows of an export and what was skipped of it, every physical line accounted for."""
    resource = _resource(descriptor)
    export = open_export(raw, resource)
    found = list(read_rows(export, resource))
    begun = {row.line if isinstance(row, Skipped) else row[0] for row in found}
    assert export.layout.header_lines + export.continued + len(begun) == export.line_count
    rows = [row for row in found if not isinstance(row, Skipped)]
    assert all(odd is None for _, _, _, odd, _ in rows)
    return rows, Counter(row.reason for row in found if isinstance(row, Skipped))


@_reads
@given(ledgers(with_totals=False))
def test_a_list_is_read_as_it_was_written(written):
    rows, skipped = _read(written.raw, LEDGER_RESOURCE)
    assert [cells for *_, cells in rows] == written.rows
    assert skipped == written.skipped


@_reads
@given(wide_returns(with_totals=False))
def test_a_wide_file_is_read_as_it_was_written(written):
    rows, skipped = _read(written.raw, WIDE_RESOURCE)
    assert [cells[2:] for *_, cells in rows] == [row[1:] for row in written.rows]
    assert skipped == written.skipped


@contextmanager
def _loaded(tmp: Path, files: dict[str, bytes]) -> Iterator[tuple[LoadReport, Any]]:
    """A workspace of these files, loaded from nothing; its report, and a way to ask of it."""
    workspace = _workspace(tmp, files)
    report = load(workspace)
    with both_files(workspace.warehouse, report.version) as con:
        yield report, lambda sql, *given: con.execute(sql, list(given)).fetchall()


def _workspace(tmp: Path, files: dict[str, bytes]) -> Workspace:
    data = tmp / "data"
    data.mkdir()
    for name, raw in files.items():
        (data / name).write_bytes(raw)
    (data / "datapackage.json").write_text(json.dumps(PACKAGE))
    return Workspace(data, data / "datapackage.json", tmp / "warehouse")


def _assert_accounted_for(account, written: Written, name: str) -> None:
    assert account.adds_up()
    assert (account.lines, account.header_lines) == (written.lines, written.header_lines)
    assert (account.loaded, account.set_aside) == (len(written.rows), 0)
    assert +Counter(account.skipped) == +written.skipped
    if written.total is not None:
        (found,) = [r for r in account.reconciled if r.field == name]
        assert (found.counted, found.loaded, found.stated) == (written.total,) * 3
        assert found.difference == 0


def _unlike(files: list[Written]) -> list[Written]:
    """Each content once: the same file under another name is read once only."""
    return list({written.raw: written for written in files}.values())


@_loads
@given(st.lists(ledgers(), min_size=1, max_size=6).map(_unlike))
def test_money_dates_and_texts_are_loaded_as_they_were_written(tmp_path_factory, files):
    named = {f"ledger-{n}.csv": written for n, written in enumerate(files)}
    with _loaded(tmp_path_factory.mktemp("ledgers"), {n: w.raw for n, w in named.items()}) as (
        report,
        ask,
    ):
        assert report.problems == []
        for account in report.files:
            written = named[account.file]
            _assert_accounted_for(account, written, "amount_gbp")
            assert (
                ask(
                    f"select {', '.join(LEDGER)} from ledger where file_id = (select file_id from "
                    "files where file = ?) order by line",
                    account.file,
                )
                == written.rows
            )


@_loads
@given(wide_returns())
def test_figures_of_a_wide_file_are_loaded_as_they_were_written(tmp_path_factory, written):
    with _loaded(tmp_path_factory.mktemp("wide"), {"wide.csv": written.raw}) as (report, ask):
        assert report.problems == []
        _assert_accounted_for(report.files[0], written, "value")
        assert ask(
            "select period_start, council_id, measure_id, value from staging.performance "
            "order by line, period_start"
        ) == [(*row[:3], float(row[3])) for row in written.rows]


# --- Any bytes ------------------------------------------------------------------------------


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """An export with bytes flipped, pieces cut out or doubled, and marks put in."""
    raw = bytearray(draw(st.one_of(ledgers(), wide_returns())).raw)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(raw) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "end", "double", "insert"])):
            case "flip" if raw:
                raw[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del raw[at : at + draw(st.integers(1, 40))]
            case "end":
                del raw[at:]
            case "double":
                raw[at:at] = raw[at : at + draw(st.integers(1, 60))]
            case _:
                raw[at:at] = draw(
                    st.sampled_from(
                        [
                            *(b'"', b'""', b"\n", b"\r", b"\0", b",", b";", b"\xff\xfe"),
                            *(b"\xef\xbb\xbf", b"\x1a", b"\xc3", b"\x85", b"\xe2\x80\xa8"),
                            *(b"Total", b"#REF!", b"()", b"<html>"),
                        ]
                    )
                )
    return bytes(raw)


_BYTES = st.one_of(
    damaged(),
    st.binary(max_size=200),
    st.binary(max_size=100).map(lambda raw: b"date,service_id,council_id,amount_gbp\n" + raw),
)


@_reads
@given(_BYTES, st.sampled_from([LEDGER_RESOURCE, WIDE_RESOURCE]))
def test_any_bytes_are_read_or_refused_and_every_line_is_accounted_for(raw, descriptor):
    resource = _resource(descriptor)
    try:
        export = open_export(raw, resource)
    except FileRefused:
        return
    begun = {
        row.line if isinstance(row, Skipped) else row[0] for row in read_rows(export, resource)
    }
    assert export.layout.header_lines + export.continued + len(begun) == export.line_count


GOOD = b"date,service_id,council_id,supplier,description,amount_gbp\n2018-04-01,ict,newham,a,b,1\n"


def _load_or_refuse(workspace: Workspace) -> None:
    """Load: either every line is accounted for, or what was served before is served on."""
    before = current_version(workspace.warehouse)
    try:
        report = load(workspace)
    except (LoadRefused, LoadFailed, ContractError):
        assert current_version(workspace.warehouse) == before
        assert before is None or snapshot_path(workspace.warehouse, before).exists()
    else:
        assert all(account.adds_up() for account in report.files)
        assert current_version(workspace.warehouse) == report.version
    assert list(workspace.warehouse.glob("building-*")) == []


def test_a_load_of_any_bytes_is_accounted_for_or_leaves_what_was_served(tmp_path):
    workspace = _workspace(tmp_path, {"ledger.csv": GOOD})
    load(workspace)

    @_profile(40)
    @given(_BYTES, st.sampled_from(["ledger.csv", "wide.csv"]))
    def any_bytes(raw: bytes, name: str) -> None:
        (workspace.data / name).write_bytes(raw)
        _load_or_refuse(workspace)

    any_bytes()


def _told(workspace: Workspace, warehouse: Path, bytes_of_large_files: int) -> Any:
    """What a load says of each file, and what it loaded; or that it refuses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_settings, "FAST_READER_BYTES", bytes_of_large_files)
        try:
            report = load(Workspace(workspace.data, workspace.contract, warehouse))
        except LoadRefused:
            return "refused"
    accounts = [
        (
            *(a.file, a.read, a.loaded, a.set_aside, +Counter(a.skipped), a.adds_up()),
            # A clean file without a total of its own has nothing to be reconciled with.
            [r for r in a.reconciled if r.stated is not None],
        )
        for a in report.files
    ]
    problems = [
        (p["file"], p["line"], p["field"], p["value"], p["reason"]) for p in report.problems
    ]
    columns = f"{', '.join(LEDGER)}"
    with both_files(warehouse, report.version) as con:
        rows = con.execute(f"select {columns} from ledger order by all").fetchall()
        figures = con.execute(
            "select period, council_id, measure_id, value from staging.performance order by all"
        ).fetchall()
    return accounts, problems, rows, figures


# A failure is shown as it was found: making it smaller would take two loads for every step.
@settings(_profile(15), phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.one_of(ledgers().map(lambda w: w.raw), damaged()), st.sampled_from(["any", "default"]))
def test_large_files_are_read_as_small_ones_are(tmp_path_factory, raw, date_format):
    # UTF-16 has a test of its own, below.
    assume(b"\0" not in raw)
    _assert_alike(tmp_path_factory.mktemp("large"), raw, date_format)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_large_file_in_utf_16_is_read_as_a_small_one_is(tmp_path, encoding):
    _assert_alike(tmp_path, GOOD.decode().encode(encoding), "any")


def _assert_alike(tmp: Path, raw: bytes, date_format: str) -> None:
    # What counts as large is set to nothing, so that the readers for large files read it.
    workspace = _workspace(tmp, {"ledger.csv": raw, "ledger-2.csv": GOOD})
    contract = copy.deepcopy(PACKAGE)
    contract["resources"][0]["schema"]["fields"][0]["format"] = date_format
    workspace.contract.write_text(json.dumps(contract))
    small = _told(workspace, tmp / "small", 10**9)
    assert _told(workspace, tmp / "large", 0) == small


# --- Any contract ---------------------------------------------------------------------------

_FULL = {
    "name": "full",
    "title": "Full",
    "licenses": [{"name": "OGL", "title": "Open Government Licence"}],
    "onesource": {"waive": ["definition", "ratio"], "bad_share": 0.5},
    "resources": [
        {"name": "councils", "data": [{"council_id": "newham", "name": "Newham"}]},
        LEDGER_RESOURCE
        | {
            "dialect": {"delimiter": ",", "header": True},
            "encoding": "utf-8",
            "sources": [{"title": "Finance"}],
            "onesource": {
                "only": {"council_id": ["newham"]},
                "adds_up": [{"total": "amount_gbp", "parts": ["amount_gbp"]}],
                "totals": ["Sum"],
                "bad_share": 1,
                "expected_days": 30,
                "illustrative": False,
            },
        },
        {
            "name": "returns",
            "path": ["wide*.csv", "more/**/*.csv"],
            "onesource": {"feed": "performance", "cells": "value"},
            "schema": {
                "missingValues": ["", "-"],
                "fields": [
                    {
                        "name": "period",
                        "onesource": {
                            "across": True,
                            "period": {"hyphen": "months", "notes": {"(p)": "provisional"}},
                        },
                    },
                    {"name": "service_id", "onesource": {"constant": "ict"}},
                    {
                        "name": "council_id",
                        "onesource": {"names": ["Council"], "values": {"N": "n"}},
                    },
                    {
                        "name": "measure_id",
                        "constraints": {"pattern": "[a-z]+", "maxLength": 9, "required": True},
                        "onesource": {"names": ["Indicator"]},
                    },
                    {
                        "name": "value",
                        "type": "number",
                        "decimalChar": ".",
                        "constraints": {"minimum": 0, "maximum": 100, "enum": ["1", "2"]},
                        "onesource": {"suppressed": ["<5"], "scale": 10, "suffixes": {"k": 1000}},
                    },
                ],
            },
        },
    ],
}

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 2, 7, 10**18, 0.5, -0.25, 1e308]),
    st.sampled_from(["", "x", "number", "date", "any", "performance", "value", "period", "1"]),
    st.sampled_from(["2018-04", "%d/%m/%Y", "(", "(?=x)", "*.csv", "../x", "/x", "utf-16", "🙂"]),
    st.sampled_from([",", "\n", '"', "ab", "Ünnü", "council_id"]),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "value", "feed", "names", "onesource", "x", "total"]),
            inner,
            max_size=2,
        ),
    ),
    max_leaves=4,
)


def _places(thing: Any, path: tuple = ()) -> Iterator[tuple]:
    """Every place in a contract, from the whole of it to each text."""
    yield path
    items = thing.items() if isinstance(thing, dict) else enumerate(thing)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from _places(value, (*path, key))
        else:
            yield (*path, key)


_PLACES = list(_places(_FULL))


@st.composite
def changed_contracts(draw: st.DrawFn) -> Any:
    """A right contract with one to three values replaced, taken away or put in."""
    contract: Any = copy.deepcopy(_FULL)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(_PLACES))
        if not place:
            continue
        inner = contract
        try:
            for key in place[:-1]:
                inner = inner[key]
            if draw(st.integers(0, 4)) == 0:
                del inner[place[-1]]
            else:
                inner[place[-1]] = draw(_VALUES)
        except (KeyError, IndexError, TypeError):
            # An earlier change took this place away.
            continue
    return contract


@_profile(600)
@given(changed_contracts())
def test_any_contract_is_read_or_refused_as_a_contract(tmp_path_factory, contract):
    path = tmp_path_factory.getbasetemp() / "changed.json"
    path.write_text(json.dumps(contract))
    try:
        read_contract(path)
    except ContractError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize(
    "text",
    [
        '{"resources": [], "x": ' + "1" * 5000 + "}",
        json.dumps(PACKAGE).replace('"path": "l', '"dialect": {"headerRows": [1e999]}, "path": "l'),
        json.dumps(PACKAGE).replace(
            '"name": "supplier"',
            '"name": "supplier", "constraints": {"pattern": "a{99999999999999}"}',
        ),
    ],
    ids=["a number of 5,000 digits", "an endless header row", "an endless pattern"],
)
def test_numbers_beyond_all_bounds_are_errors_of_the_contract(tmp_path, text):
    (tmp_path / "datapackage.json").write_text(text)
    with pytest.raises(ContractError):
        read_contract(tmp_path / "datapackage.json")


def _wrong_in_one_place(resource: dict[str, Any], fields: dict[str, dict[str, Any]]) -> Any:
    contract = copy.deepcopy(PACKAGE)
    contract["resources"][0] |= resource
    for one in contract["resources"][0]["schema"]["fields"]:
        one |= fields.get(one["name"], {})
    return contract


@pytest.mark.parametrize(
    ("resource", "fields"),
    [
        ({"dialect": {"delimiter": "ab"}}, {}),
        ({"dialect": {"delimiter": 5}}, {}),
        ({"onesource": {"adds_up": [{"total": None, "parts": ["amount_gbp"]}]}}, {}),
        ({"onesource": {"expected_days": "soon"}}, {}),
        ({"title": "Ledger"}, {"supplier": {"onesource": {"column": "x"}}}),
        ({}, {"supplier": {"onesource": {"column": 2.5}}}),
        ({}, {"amount_gbp": {"onesource": {"scale": "x"}}}),
        ({}, {"amount_gbp": {"onesource": {"suffixes": {"k": 1e999}}}}),
        ({}, {"amount_gbp": {"groupChar": None}}),
        ({}, {"amount_gbp": {"constraints": {"minimum": "abc"}}}),
        ({}, {"date": {"format": 5}}),
        ({}, {"date": {"constraints": {"minimum": "2018-02-30"}}}),
        ({}, {"supplier": {"onesource": {"lookup": {"feed": "ledger", "match": "council_id"}}}}),
        ({}, {"supplier": {"constraints": {"pattern": "(?=a)a"}}}),
    ],
    ids=json.dumps,
)
def test_a_word_that_cannot_be_meant_is_an_error_of_the_contract(tmp_path, resource, fields):
    workspace = _workspace(tmp_path, {"ledger.csv": GOOD})
    workspace.contract.write_text(json.dumps(_wrong_in_one_place(resource, fields)))
    _load_or_refuse(workspace)


def test_a_contract_that_is_accepted_loads_or_says_why_not(tmp_path):
    workspace = _workspace(
        tmp_path, {"ledger.csv": GOOD, "wide.csv": b"Indicator,Council,Apr-18\n"}
    )
    load(workspace)

    @_profile(25)
    @given(changed_contracts())
    def any_contract(contract: Any) -> None:
        workspace.contract.write_text(json.dumps(contract))
        _load_or_refuse(workspace)

    any_contract()


# --- What was found by hand ------------------------------------------------------------------


def test_a_row_with_a_cell_too_many_is_no_total(tmp_path):
    start = GOOD.decode() + "2018-04-01,ict,newham,a,b,2\n"
    odd, last = "2018-04-01,ict,newham,a,b,3,c\n", "2018-04-01,ict,newham,a,b,9\n"
    workspace = _workspace(tmp_path, {"ledger.csv": (start + odd + last).encode()})
    (account,) = load(workspace).files
    assert (account.loaded, account.set_aside, account.skipped) == (3, 1, {})


def test_two_texts_may_stand_for_the_same_name(tmp_path):
    raw = GOOD + GOOD.splitlines()[1].replace(b"newham", b"LBN") + b"\n"
    workspace = _workspace(tmp_path, {"ledger.csv": raw})
    values = {"newham": "LB Newham", "LBN": "LB Newham"}
    contract = _wrong_in_one_place({}, {"council_id": {"onesource": {"values": values}}})
    contract["resources"].append(
        {"name": "councils", "data": [{"council_id": "e09", "name": "LB Newham"}]}
    )
    workspace.contract.write_text(json.dumps(contract))
    (account,) = [a for a in load(workspace).files if a.feed == "ledger"]
    assert account.loaded == 2
