"""Large files that want care, split into cells by DuckDB and checked like any other.

The careful reader takes some ten microseconds a line, which for ten million lines is minutes.
Here DuckDB splits the lines, after the file was written anew as UTF-8 with plain line ends where
it is not; everything after that is the same. A row's line is its place in the table, which holds
as long as every line gave one row: where the counts differ (a text over several lines, a blank
line between others), the file is left to the careful reader.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dashboard.load.account import FileAccount
from dashboard.load.contract import Field, Resource
from dashboard.load.exports import ExportFile
from dashboard.load.layout import Layout, Place, find_layout
from dashboard.load.sql import list_sql, text_sql
from dashboard.load.staging import insert
from dashboard.load.text import Record, cp1252, read_text, split_lines

# Read to find the header: thirty lines of titles and long headings fit many times over.
_HEAD_BYTES = 256 * 1024

# Written anew in pieces of this size: few enough calls, little memory.
_PIECE = 8 * 1024 * 1024


@dataclass
class QuickExport:
    """A large file whose lines stand in the table `cells`, with what is needed to name them."""

    layout: Layout
    path: Path
    encoding: str

    def records_at(self, wanted: list[int]) -> dict[int, Record]:
        """The records that begin on these lines; reads the file through, once."""
        numbers, found = set(wanted), {}
        with self.path.open(encoding=self.encoding, newline=None) as lines:
            for number, line in enumerate(lines, 1):
                if number in numbers:
                    text = line.rstrip("\n")
                    cells = next(csv.reader([text], delimiter=self.layout.delimiter), [])
                    found[number] = Record(number, number, text, cells)
                    if len(found) == len(numbers):
                        break
        return found


def read_quickly(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    file_id: int,
    account: FileAccount,
    file: ExportFile,
    scratch: Path,
) -> QuickExport | None:
    """Make the view `rows` of a large file; None where the careful reader has to read it.

    Raises FileRefused where the file has no header that the contract knows.
    """
    if file.path is None or resource.across is not None or resource.adds_up:
        return None
    with file.path.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    whole_lines = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
    text = read_text(whole_lines, resource.encoding)
    if text.notes:
        return None
    layout = find_layout(split_lines(text.text), resource)
    is_plain = text.encoding == "utf-8" and b"\r" not in whole_lines.replace(b"\r\n", b"")
    for encoding in (text.encoding, "cp1252"):
        if is_plain:
            path, lines = file.path, file.lines
        else:
            path = scratch.with_name(f"{scratch.name}.{file_id}.csv")
            lines = _write_anew(file.path, path, encoding)
        if lines is not None and _split(con, path, layout):
            account.encoding = encoding
            if _show(con, resource, file_id, account, layout, path, lines):
                return QuickExport(layout, path, "utf-8-sig" if is_plain else "utf-8")
            return None
        is_plain = False
        if encoding != "utf-8" or resource.encoding:
            break
    return None


def _write_anew(source: Path, target: Path, encoding: str) -> int | None:
    """A copy in UTF-8 with plain line ends; its lines, or None where it is not in this encoding."""
    lines, last = 0, "\n"
    try:
        with target.open("wb") as out:
            for piece in _decoded(source, encoding):
                out.write(piece.encode())
                lines += piece.count("\n")
                last = piece[-1:] or last
    except UnicodeError:
        return None
    return lines + (last != "\n")


def _decoded(source: Path, encoding: str) -> Iterator[str]:
    decode = codecs.getincrementaldecoder(encoding)().decode if encoding != "cp1252" else None
    held, first = "", True
    with source.open("rb") as raw:
        while piece := raw.read(_PIECE):
            # Latin letters and pounds are the same in latin-1, which is decoded ten times faster.
            text = decode(piece) if decode else _western(piece)
            if first:
                text, first = text.removeprefix("\ufeff"), False
            text = held + text
            # A carriage return at the end may be the first half of a line end.
            held = "\r" if text.endswith("\r") else ""
            text = text[: len(text) - len(held)]
            yield text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if held:
        yield "\n"


# The bytes that mean one thing in cp1252 and another in latin-1.
_BETWEEN = bytes(range(0x80, 0xA0))


def _western(piece: bytes) -> str:
    if len(piece.translate(None, _BETWEEN)) == len(piece):
        return piece.decode("latin-1")
    return cp1252(piece)


def _split(con: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> bool:
    """The table `cells` of a file's lines below the header. False where DuckDB cannot split it."""
    columns = ", ".join(f"'x{at}': 'varchar'" for at in range(layout.width))
    try:
        con.execute("set preserve_insertion_order = true")
        con.execute(
            f"create or replace temp table cells as select * from read_csv({text_sql(str(path))}, "
            f"columns={{{columns}}}, auto_detect=false, header=false, skip={layout.header_lines}, "
            f"delim={text_sql(layout.delimiter)}, quote='\"', escape='\"', strict_mode=true, "
            "null_padding=true, max_line_size=1000000)"
        )
    except duckdb.Error:
        return False
    finally:
        con.execute("set preserve_insertion_order = false")
    return True


def _show(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    file_id: int,
    account: FileAccount,
    layout: Layout,
    path: Path,
    lines: int,
) -> bool:
    """The view `rows` over the table `cells`, and the account of what is no data. False where
    rows and lines do not correspond."""
    rows = con.execute("select count(*) from cells").fetchall()[0][0]
    blank_lines = _blank_lines_at_the_end(path)
    if layout.header_lines + rows + blank_lines != lines:
        return False
    account.header_lines, account.lines, account.read = layout.header_lines, lines, rows
    skips = [("blank", f"coalesce({', '.join(_cell(at) for at in range(layout.width))}) is null")]
    headings = _headings(path, layout)
    if headings:
        again = " and ".join(
            f"x{at} is not distinct from {text_sql(h) if h else 'null'}"
            for at, h in enumerate(headings)
        )
        skips.append(("header again", again))
    only = [f"coalesce({_cell(at)} not in ({list_sql(w)}), true)" for at, w in layout.only]
    if only:
        skips.append(("belongs to another feed", " or ".join(only)))
    counted = con.execute(
        "select " + ", ".join(f"count(*) filter ({where})" for _, where in skips) + " from cells"
    ).fetchall()[0]
    kept = []
    for (reason, where), count in zip(skips, counted, strict=True):
        if count:
            account.skipped[reason] = count
            account.skipped_lines += count
            kept.append(f"not ({where})")
            if reason != "belongs to another feed":
                found = con.execute(f"select rowid from cells where {where}").fetchall()
                start = layout.header_lines + 1
                insert(
                    con,
                    "staging.skipped",
                    [(resource.feed, file_id, start + at, reason, "") for (at,) in found],
                )
    if blank_lines:
        account.skipped["blank"] = account.skipped.get("blank", 0) + blank_lines
        account.skipped_lines += blank_lines
        account.read += blank_lines
    places = layout.parts[0].places
    chosen = ", ".join(
        f"{_text(f, place)} as c{i}"
        for i, (f, place) in enumerate(zip(resource.fields, places, strict=True))
    )
    con.execute(
        f"create or replace temp view rows as select {file_id}::integer as file_id, "
        f"(rowid + {layout.header_lines + 1})::integer as line, 0::integer as part, "
        f"null::varchar as row_text, null::varchar as odd, {chosen} from cells"
        + (f" where {' and '.join(kept)}" if kept else "")
    )
    return True


def _cell(at: int) -> str:
    return f"nullif({_trimmed(at)}, '')"


def _trimmed(at: int) -> str:
    """Trimming costs, and few texts want it: those that begin below the first letter, or end so."""
    x = f"x{at}"
    wants_it = f"{x} < '!' or ends_with({x}, ' ') or ends_with({x}, chr(9))"
    return f"case when {wants_it} then trim({x}, ' \t') else {x} end"


def _text(f: Field, place: Place) -> str:
    if f.constant is not None:
        return text_sql(f.constant)
    if place is None:
        return "null::varchar"
    if isinstance(place, tuple):
        return f"nullif(concat_ws(' ', {', '.join(_cell(at) for at in place)}), '')"
    return _trimmed(place)


def _headings(path: Path, layout: Layout) -> list[str]:
    """The lowest header row as it stands, for headers that are repeated among the rows."""
    if not layout.header:
        return []
    with path.open(encoding="utf-8-sig", newline=None) as lines:
        head = [next(lines) for _ in range(layout.header_lines)]
    cells = next(csv.reader([head[-1].rstrip("\n")], delimiter=layout.delimiter), [])
    return cells if len(cells) == layout.width else []


def _blank_lines_at_the_end(path: Path) -> int:
    with path.open("rb") as raw:
        raw.seek(0, 2)
        raw.seek(max(0, raw.tell() - _HEAD_BYTES))
        tail = raw.read().replace(b"\r\n", b"\n")
    return len(tail) - len(tail.rstrip(b"\n")) - 1 if tail.endswith(b"\n") else 0
