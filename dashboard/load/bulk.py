"""Large clean exports by DuckDB's own typed reader, bound by name; anything odd is left alone.

A file is taken only where its first line is the header and every field is a plain column of text,
number, money or date. One value that does not convert, one row too long or too short, one money
amount beyond the penny, and nothing of the file is kept: the careful reader then reads it and
says what is wrong.
"""

import mmap
from decimal import Decimal
from itertools import islice
from pathlib import Path

import duckdb

from dashboard.load import last_rows, stored, thousands, wording
from dashboard.load.account import FileAccount
from dashboard.load.contract import Field, Resource
from dashboard.load.dates import NOUGHTS, is_bare_form
from dashboard.load.exports import ExportFile
from dashboard.load.layout import HEADER_WITHIN, Layout, find_layout
from dashboard.load.marks import has_stray
from dashboard.load.quick import tail_of
from dashboard.load.spelling import is_name
from dashboard.load.sql import NO_TEXT, file_number, list_sql, name_sql, paths_sql, text_sql
from dashboard.load.staging import columns_of, table_of
from dashboard.load.text import FileRefused, split_lines

_READ_AS = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    # Two places more than the penny, so that a stray fraction shows instead of being rounded.
    "money": "decimal(18,4)",
    "date": "date",
}

# A file to be read: its number, its account, and what it is.
File = tuple[int, FileAccount, ExportFile]


def read_bulk(con: duckdb.DuckDBPyConnection, resource: Resource, files: list[File]) -> list[File]:
    """Read files straight into their feed's table; answers those that are left to be read.

    Files with the same header are read in one go, which uses every core; where that fails, each
    by itself, so that one bad file does not cost the others their speed.
    """
    if not _is_plain(resource):
        return files
    by_layout: dict[Layout, list[File]] = {}
    left = []
    for file in files:
        layout = _layout(resource, file[2].path)
        if layout is None:
            left.append(file)
        else:
            by_layout.setdefault(layout, []).append(file)
    for layout, alike in by_layout.items():
        if not _take(con, resource, layout, alike):
            left += [f for f in alike if len(alike) == 1 or not _take(con, resource, layout, [f])]
    return left


def _is_plain(resource: Resource) -> bool:
    """True where DuckDB's reader can do all that the contract asks of the fields.

    The ledger alone: other feeds have keys, and telling repeats apart takes line numbers.
    """
    return (
        resource.feed == "ledger"
        and resource.has_header
        and not resource.wants_care
        and not (resource.only or resource.adds_up or resource.gather or resource.header_rows)
        and resource.encoding in (None, "utf-8")
        and all(_is_plain_field(f) for f in resource.fields)
        and len({f.format for f in resource.fields if f.kind == "date"}) <= 1
    )


def _is_plain_field(f: Field) -> bool:
    """A field that declares nothing but its names and, of a date, its format."""
    bare = Field(f.name, f.kind, f.names, f.required, format=f.format)
    return f == bare and f.kind in _READ_AS and is_bare_form(f.format)


def _layout(resource: Resource, path: Path | None) -> Layout | None:
    """How a file is laid out, where its first line is the header and has every field."""
    if path is None:
        return None
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            head = split_lines("".join(islice(lines, HEADER_WITHIN)))
        found = find_layout(head, resource)
    except (FileRefused, UnicodeDecodeError):
        return None
    is_bare = found.header_lines == 1 and not found.is_wide and not found.notes
    is_bare = is_bare and not thousands.in_doubt(resource, found)
    is_bare = is_bare and not _is_shortened(path)
    return found if is_bare and None not in found.parts[0].places else None


def _is_shortened(path: Path) -> bool:
    """True where a file may hold an amount that a spreadsheet shortened (1.2E+05)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        return held.find(b"E+") >= 0


def _take(
    con: duckdb.DuckDBPyConnection, resource: Resource, layout: Layout, files: list[File]
) -> bool:
    """Read files of one header into the feed's table. False, and nothing kept, if not clean."""
    table, numbers = table_of(resource.feed), ", ".join(str(number) for number, _, _ in files)
    try:
        con.execute(_insert(resource, layout, files, trimmed=False))
        where = f"from {table} where file_id in ({numbers})"
        seen = stored.look(con, resource, where, _plain)
        if seen.is_marked and any(
            has_stray(f.path, "utf-8-sig", layout.delimiter) for _, _, f in files if f.path
        ):
            con.execute(f"delete {where}")
            return False
        if seen.is_spaced:
            con.execute(f"delete {where}")
            con.execute(_insert(resource, layout, files, trimmed=True))
            seen = stored.look(con, resource, where, _plain)
    except duckdb.Error:
        return False
    money = next(name_sql(f.name) for f in resource.fields if f.kind == "money")
    noughts = ", ".join(f"date '{day}'" for day in NOUGHTS)
    if con.execute(f"select 1 {where} and date in ({noughts}) limit 1").fetchall():
        # Blank, as systems write it, or as old: the careful reader tells which.
        con.execute(f"delete {where}")
        return False
    found = con.execute(
        f"select file_id, count(*), sum({money}) {where} group by file_id"
    ).fetchall()
    counts = {number: rows for number, rows, _ in found}
    amounts = {number: amount for number, _, amount in found}
    if any(counts.get(number, 0) + 1 != file.lines for number, _, file in files):
        # Blank lines, or a text over several lines: the careful reader tells which.
        con.execute(f"delete {where}")
        return False
    if wording.files_with_labels(con, resource, where, seen.labelled) or any(
        last_rows.may_be_total(
            tail_of(file.path, "utf-8"), layout, resource, amounts.get(number) or Decimal(0)
        )
        for number, _, file in files
        if file.path
    ):
        # What may be a total is told by what stands above it, and here rows have no order.
        con.execute(f"delete {where}")
        return False
    for number, account, file in files:
        account.header_lines, account.lines = 1, file.lines
        account.read = counts.get(number, 0)
        account.encoding = "utf-8"
    return True


def _insert(resource: Resource, layout: Layout, files: list[File], *, trimmed: bool) -> str:
    """SQL in steps, as DuckDB works out anew what is asked for twice within one."""
    fields = {f.name: f for f in resource.fields}
    columns_at = dict(zip(fields, layout.parts[0].places, strict=True))
    places = {name: name_sql(f"column {at}") for name, at in columns_at.items()}
    kinds = ["varchar"] * layout.width
    for name, at in columns_at.items():
        kinds[at] = _READ_AS[fields[name].kind]
    columns = ", ".join(f"'column {at}': '{kind}'" for at, kind in enumerate(kinds))
    missing = list_sql({*resource.missing, ""})
    money = next(f.name for f in resource.fields if f.kind == "money")
    said = ", ".join(
        f"{_value(f, places[name], trimmed, missing)} as {name_sql(name)}"
        for name, f in fields.items()
    )
    chosen = ", ".join(
        name_sql(name) if name in fields else "null" for name in columns_of(resource.feed)
    )
    required = " and ".join(
        f"{name_sql(f.name)} is not null" for f in resource.fields if f.required
    )
    file_id = "read_from"
    if required:
        file_id = f"case when {required} then {file_id} else error('missing') end"
    paths = [file.path for _, _, file in files if file.path]
    number = file_number(paths, [i for i, _, _ in files])
    # Said even where it is ISO: left to itself, DuckDB takes a time with a zone for its UTC day.
    dates = {f.format for f in resource.fields if f.kind == "date"}
    form = (dates & {"default"} and "%Y-%m-%d") or next(iter(dates), None)
    date_format = f", dateformat={text_sql(form)}" if form else ""
    return (
        f"insert into {table_of(resource.feed)} select {file_id}, null, {chosen}, "
        f"{resource.illustrative} from (select {said}, read_from from ("
        f"select *, round({places[money]}, 2) as rounded, {number.sql} as read_from "
        f"from read_csv([{paths_sql(paths)}], columns={{{columns}}}{number.option}, "
        f"auto_detect=false, header=true, delim={text_sql(layout.delimiter)}, "
        f"quote='\"', escape='\"', nullstr={NO_TEXT}, strict_mode=true{date_format}) as r"
        f"{number.join}))"
    )


def _plain(f: Field, place: str | None = None) -> str:
    """SQL for a text without the spaces that say nothing."""
    place = place or name_sql(f.name)
    return f"trim(one_space({place}))" if is_name(f.name, f.kind) else f"trim({place})"


def _value(f: Field, place: str, trimmed: bool, missing: str) -> str:
    if f.kind == "text":
        said = _plain(f, place) if trimmed else place
        return f"(case when {said} in ({missing}) then null else {said} end)"
    if f.kind == "money":
        return f"(case when {place} != rounded then error('beyond the penny') else rounded end)"
    return place
