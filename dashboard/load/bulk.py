"""Large clean exports by DuckDB's own typed reader, bound by name; anything odd is left alone.

A file is taken only where its first line is the header and every field is a plain column of text,
number, money or date. One value that does not convert, one row too long or too short, one money
amount beyond the penny, and nothing of the file is kept: the careful reader then reads it and
says what is wrong.
"""

import csv
from pathlib import Path

import duckdb

from dashboard.load.check import FileAccount, _name, _text, columns_of, table_of
from dashboard.load.contract import Resource
from dashboard.load.read import normalised

_READ_AS = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    # Two places more than the penny, so that a stray fraction shows instead of being rounded.
    "money": "decimal(18,4)",
    "date": "date",
}


def read_bulk(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    path: Path,
    file_id: int,
    account: FileAccount,
) -> bool:
    """Read a whole file straight into its feed's table. False, and nothing kept, if not clean."""
    columns = _columns(resource, path)
    if columns is None:
        return False
    places, by_field = columns
    declared = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in places)
    dates = [f.format for f in resource.fields if f.kind == "date" and f.format != "default"]
    missing = ", ".join(_text(m) for m in {*resource.missing, ""})
    chosen = []
    for name in columns_of(resource.feed):
        at = by_field.get(name)
        field = next((f for f in resource.fields if f.name == name), None)
        if at is None or field is None:
            chosen.append("null")
        elif field.kind == "text":
            chosen.append(f"trim({_name(at)})")
        elif field.kind == "money":
            rounded = f"round({_name(at)}, 2)"
            chosen.append(
                f"case when {_name(at)} is null or abs({_name(at)} - {rounded}) < 0.0001 "
                f"then {rounded} else error('beyond the penny') end"
            )
        else:
            chosen.append(_name(at))
    required = " and ".join(
        f"{_name(by_field[f.name])} is not null" for f in resource.fields if f.required
    )
    source = (
        f"read_csv({_text(str(path))}, columns={{{declared}}}, auto_detect=false, header=true, "
        f"delim={_text(resource.delimiter or ',')}, quote='\"', escape='\"', "
        f"nullstr=[{missing}], strict_mode=true"
        + (f", dateformat={_text(dates[0])}" if dates else "")
        + ")"
    )
    guarded = (
        f"case when {required} then {file_id} else error('missing') end"
        if required
        else (str(file_id))
    )
    try:
        loaded = con.execute(
            f"insert into {table_of(resource.feed)} select {guarded}, null, "
            f"{', '.join(chosen)}, {resource.illustrative} from {source}"
        ).fetchone()
    except duckdb.Error:
        return False
    account.header_lines = 1
    account.read = account.loaded = int(loaded[0]) if loaded else 0
    return True


def _columns(resource: Resource, path: Path) -> tuple[list[tuple[str, str]], dict[str, str]] | None:
    """The file's columns in its own order with their types, and each field's column."""
    if resource.only or resource.encoding not in (None, "utf-8"):
        return None
    for f in resource.fields:
        if f.kind not in _READ_AS or f.constant is not None or f.lookup or f.join:
            return None
        if f.values or f.suppressed or f.scale or f.enum or f.format == "any":
            return None
        if f.minimum is not None or f.maximum is not None:
            return None
    if len({f.format for f in resource.fields if f.kind == "date"}) > 1:
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        try:
            header = next(csv.reader(lines, delimiter=resource.delimiter or ","))
        except (StopIteration, csv.Error, UnicodeDecodeError):
            return None
    known = {normalised(name): at for at, name in reversed(list(enumerate(header)))}
    kinds, by_field = ["varchar"] * len(header), {}
    for f in resource.fields:
        at = next((known[normalised(n)] for n in f.names if normalised(n) in known), None)
        if at is None:
            return None
        kinds[at], by_field[f.name] = _READ_AS[f.kind], f"column {at}"
    return [(f"column {at}", kind) for at, kind in enumerate(kinds)], by_field
