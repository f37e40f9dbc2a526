"""Large files that want care, split into cells by DuckDB and checked like any other.

The careful reader takes some ten microseconds a line, which for ten million lines is minutes.
Here DuckDB splits the lines, after the file was written anew as UTF-8 where it is not. First
(`read_directly`) straight into the ledger, all but the last lines, where totals and notes stand;
that holds as long as every row is right. Where one is not (`read_quickly`), into a table of
texts, which is then checked like what the careful reader reads. A row's line is its place in that
table, as long as every line gave one row: where the counts differ (a text over several lines, a
blank line between others), the file is left to the careful reader.
"""

import codecs
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import duckdb

from dashboard.load import beside, last_rows, stored, thousands, wording
from dashboard.load.account import FileAccount
from dashboard.load.contract import Field, Resource
from dashboard.load.encodings import cp1252, foreign
from dashboard.load.exports import ExportFile
from dashboard.load.headers import header_test
from dashboard.load.layout import Layout, Pair, Place
from dashboard.load.lengths import SAMPLE, Doubtful, judge, settle
from dashboard.load.marks import has_stray, in_apostrophes, is_stray
from dashboard.load.read import Export, lay_out, of_beginnings, of_kept_marks, of_short_rows
from dashboard.load.spelling import is_name
from dashboard.load.sql import NO_TEXT, file_number, list_sql, name_sql, paths_sql, text_sql
from dashboard.load.staging import columns_of, insert
from dashboard.load.text import FileRefused, Record, read_text, records, split_lines
from dashboard.load.typed import typed_rows_sql

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
    stated: dict[str, tuple[Decimal, int]] = field(default_factory=dict)
    # None: a file that says in a column of no field that it has totals is read with care.
    labelled: list[int] = field(default_factory=list)

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


@dataclass(frozen=True)
class _Head:
    """What the first lines of a large file show: its encoding, its layout, plain line ends."""

    encoding: str
    layout: Layout
    is_plain: bool
    lines: list[str]


def _head(resource: Resource, file: ExportFile) -> _Head | None:
    """None where only the careful reader can read it. Raises FileRefused without a header."""
    if file.path is None or resource.across is not None or resource.adds_up:
        return None
    if resource.wants_care:
        return None
    with file.path.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    if b"\0" in head:
        # UTF-16: two bytes a letter, and the head may end within a pair of them.
        head = head[: len(head) // 4 * 4]
        text = read_text(head, resource.encoding)
        lines = split_lines(text.text.rpartition("\n")[0] + "\n")
        layout = _layout(lines, resource, file.name)
        return layout and _Head(text.encoding, layout, False, lines)
    whole_lines = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
    text = read_text(whole_lines, resource.encoding)
    if text.notes:
        return None
    lines = split_lines(text.text)
    is_plain = text.encoding == "utf-8" and b"\r" not in whole_lines.replace(b"\r\n", b"")
    layout = _layout(lines, resource, file.name)
    return layout and _Head(text.encoding, layout, is_plain, lines)


def _layout(lines: list[str], resource: Resource, name: str) -> Layout | None:
    """The layout of a file, if its rows are as long as its header and quoted as usual."""
    found = lay_out(lines, resource, name)
    _, notes = in_apostrophes(lines, found.delimiter, found.width)
    is_plain = not notes and settle(found, lines, resource).width == found.width
    return found if is_plain else None


@dataclass(frozen=True)
class Direct:
    """A file whose right rows went into the ledger; `odd` lines did not, which should all stand in
    its `tail`, to be read with care."""

    tail: Export
    rows: int
    amount: Decimal
    lines: int
    header_lines: int
    odd: int


@dataclass(frozen=True)
class _One:
    """A file of a group: its number, what its first lines show, and where its text now stands."""

    file_id: int
    head: _Head
    path: Path
    lines: int


def read_directly(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    files: list[tuple[int, ExportFile]],
    scratch: Path,
    has: Callable[[str], bool],
) -> dict[int, Direct]:
    """Put the right rows of ledger files straight into the ledger, by the files' numbers.

    Nothing is kept of a file where more is wrong than its last lines can hold. Files laid out
    alike are read in one go, which uses every core.
    """
    if not _is_simple(resource):
        return {}
    alike: dict[tuple, list[_One]] = {}
    for file_id, file in files:
        try:
            head = _head(resource, file)
        except FileRefused:
            # Whoever reads it next says why.
            continue
        if head is not None and thousands.in_doubt(resource, head.layout):
            continue
        if head is not None and file.path is not None:
            one = _One(file_id, head, file.path, file.lines)
            alike.setdefault((head.layout, _ways(head)), []).append(one)
    found: dict[int, Direct] = {}
    for (_, ways), group in alike.items():
        left = group
        for encoding, is_anew in ways:
            ready = [one for o in left if (one := _anew(o, encoding, scratch) if is_anew else o)]
            said = "utf-8" if is_anew else encoding
            took, others = _insert(con, resource, ready, has, said, encoding)
            for one, rows, amount in took:
                found[one.file_id] = _direct(one, rows, amount, said, encoding)
            left = [o for o in left if o.file_id in others]
            if not left:
                break
    return found


def _anew(one: _One, encoding: str, scratch: Path) -> _One | None:
    """The file written anew in UTF-8; None where it is not in this encoding."""
    path = scratch.with_name(f"{scratch.name}.{one.file_id}.csv")
    lines = _write_anew(one.path, path, encoding)
    return None if lines is None else replace(one, path=path, lines=lines)


def _direct(one: _One, rows: int, amount: Decimal, said: str, encoding: str) -> Direct:
    layout = one.head.layout
    data = one.lines - layout.header_lines
    tail = tail_of(one.path, "cp1252" if said == "latin-1" else "utf-8")[-data:]
    read_as = "cp1252" if encoding == "latin-1" else encoding
    below = replace(layout, header_lines=0)
    export = Export(below, tail, read_as, [], offset=one.lines - len(tail))
    return Direct(export, rows, amount, one.lines, layout.header_lines, data - rows)


def _ways(head: _Head) -> tuple[tuple[str, bool], ...]:
    """The encodings to try in turn, each as the file is or written anew in UTF-8.

    DuckDB reads latin-1 by itself, which is what most of cp1252 is.
    """
    western = (("latin-1", False), ("cp1252", True))
    if head.is_plain:
        return (("utf-8", False), *western)
    return western if head.encoding == "cp1252" else ((head.encoding, True),)


# Characters of latin-1 that no text has: in cp1252 these bytes are dashes and curly quotes. And
# what may be another alphabet: it is looked at once more as cp1252, and told there (`foreign`).
_NO_LATIN = (
    "[\\x{80}-\\x{9f}]|[\\x{a1}\\x{a2}\\x{a4}-\\x{ff}]{3}|[A-Za-zÀ-ÿ][¡¢¤-¦¨¯±³¶¸¹¼¿][a-zß-ÿ]"
)

# What UTF-8 looks like when it is read as latin-1 or cp1252, and the apostrophe of a Macintosh.
_UTF_8_WITHIN = "[\\x{c2}\\x{c3}][\\x{80}-\\x{bf}]|\\x{e2}[\\x{80}-\\x{84}€‚-‰]|[a-z]\\x{d5}[a-z]"


def _is_simple(resource: Resource) -> bool:
    """True where nothing but a field's own type can make a row of the ledger wrong."""
    return (
        resource.feed == "ledger"
        and not (resource.gather or resource.only)
        and all(
            f == replace(Field(f.name, f.kind, f.names, f.required), **_free(f))
            for f in resource.fields
        )
    )


def _free(f: Field) -> dict:
    """What a field may say of itself without making a row wrong that is of its type."""
    names = ("column", "constant", "values", "join", "format", "decimal_char", "group_char")
    names += ("is_marked",)
    names += ("missing", "where", "label", "period")
    return {name: getattr(f, name) for name in names}


# Files of a group that went in, each with its rows and their sum.
_Took = list[tuple[_One, int, Decimal]]


def _insert(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    group: list[_One],
    has: Callable[[str], bool],
    said: str,
    encoding: str,
    trims: bool = False,
) -> tuple[_Took, set[int]]:
    """Insert those rows of a group of files that are right. Of a file nothing is kept where more
    than the last lines are not, or where it mixes encodings; of the rest, the numbers of those
    that may be in another encoding are answered too.

    Spaces around texts, and labels of totals among ids, are looked for in what was stored: there
    each distinct text is looked at once.
    """
    if not group:
        return [], set()
    failed = _insert_once(con, resource, group, has, said, trims)
    if failed is not None and len(group) > 1:
        # One may be to blame: each alone.
        took, others = [], set()
        for one in group:
            more, left = _insert(con, resource, [one], has, said, encoding, trims)
            took += more
            others |= left
        return took, others
    if failed is not None:
        return [], {group[0].file_id} if "unicode" in failed or "utf" in failed else set()
    numbers = ", ".join(str(one.file_id) for one in group)
    where = f"from main.ledger where file_id in ({numbers})"
    texts = [name_sql(f.name) for f in resource.fields if f.kind == "text"]
    others: set[int] = set()
    mixed: set[int] = set()
    if encoding == "latin-1":
        others = _files_like(con, texts, where, _NO_LATIN)
    if encoding in ("latin-1", "cp1252"):
        mixed = _files_like(con, texts, where, _UTF_8_WITHIN) - others
    money = next(name_sql(f.name) for f in resource.fields if f.kind == "money")
    seen = stored.look(con, resource, where, _without_spaces)
    spaced = " or ".join(
        f"bool_or({name_sql(f.name)} != {_without_spaces(f)})"
        for f in resource.fields
        if f.kind == "text" and seen.is_spaced and not trims
    )
    marked = " or ".join(f"bool_or(contains({t}, '\"'))" for t in texts if seen.is_marked)
    of_files = {
        file_id: found
        for file_id, *found in con.execute(
            f"select file_id, count(*), sum({money}), coalesce({spaced or 'false'}, false), "
            f"coalesce({marked or 'false'}, false) {where} group by file_id"
        ).fetchall()
    }
    labelled = wording.files_with_labels(con, resource, where, seen.labelled)
    took: _Took = []
    spoilt: list[_One] = []
    with_spaces: list[_One] = []
    for one in group:
        rows, amount, has_spaces, has_marks = of_files.get(one.file_id, (0, None, False, False))
        odd = one.lines - one.head.layout.header_lines - rows
        if one.file_id in others | mixed | labelled or (
            has_marks
            and has_stray(
                one.path, "latin-1" if said == "latin-1" else "utf-8", one.head.layout.delimiter
            )
        ):
            spoilt.append(one)
        elif has_spaces:
            with_spaces.append(one)
        elif odd > _TAIL_LINES or last_rows.may_be_total(
            tail_of(one.path, "cp1252" if said == "latin-1" else "utf-8"),
            one.head.layout,
            resource,
            amount or Decimal(0),
        ):
            spoilt.append(one)
        else:
            took.append((one, rows, amount or Decimal(0)))
    again = [*spoilt, *with_spaces]
    if again:
        numbers = ", ".join(str(one.file_id) for one in again)
        con.execute(f"delete from main.ledger where file_id in ({numbers})")
    more, _ = _insert(con, resource, with_spaces, has, said, encoding, trims=True)
    return took + more, others


def _without_spaces(f: Field) -> str:
    """SQL for a stored text as it should have been stored."""
    text = name_sql(f.name)
    return f"trim(one_space({text}), ' \t')" if is_name(f.name, f.kind) else f"trim({text}, ' \t')"


def _files_like(
    con: duckdb.DuckDBPyConnection, texts: list[str], where: str, form: str
) -> set[int]:
    """The files of which a stored text matches."""
    found: set[int] = set()
    for text in texts:
        # By itself a column is passed over quickly (see `stored`).
        beyond = f"{where} and strlen({text}) != length({text})"
        if con.execute(f"select 1 {beyond} limit 1").fetchall():
            matching = f"select distinct file_id {beyond} and ({_like([text], form)})"
            found |= {file_id for (file_id,) in con.execute(matching).fetchall()}
    return found


def _has_like(con: duckdb.DuckDBPyConnection, layout: Layout, form: str) -> bool:
    """True where a text of the table `cells` matches."""
    texts = [f"x{at}" for at in range(layout.width)]
    found = con.execute(f"select 1 from cells where {_like(texts, form)} limit 1").fetchall()
    return bool(found)


def _like(texts: list[str], form: str) -> str:
    """SQL that is true where one matches; only texts of more bytes than letters are looked at."""
    looks = [
        f"case when strlen({t}) != length({t}) then regexp_matches({t}, {text_sql(form)}) "
        "else false end"
        for t in texts
    ]
    return " or ".join(looks) or "false"


def _sample(con: duckdb.DuckDBPyConnection, heads: list[_Head]) -> None:
    """The table `cells` of the files' first rows, as far as they were read to find the header."""
    width = heads[0].layout.width
    each = max(_SAMPLE // len(heads), 1)
    found = [
        tuple([*r.cells, *[None] * width][:width])
        for head in heads
        for r in islice(records(head.lines, head.layout.delimiter, head.layout.header_lines), each)
    ]
    columns = ", ".join(f"x{at} varchar" for at in range(width))
    con.execute(f"create or replace temp table cells ({columns})")
    insert(con, "cells", found)


def _insert_once(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    group: list[_One],
    has: Callable[[str], bool],
    said: str,
    trims: bool,
) -> str | None:
    """Insert the right rows; answers what went wrong, in small letters, if anything did."""
    layout = group[0].head.layout
    try:
        _sample(con, [one.head for one in group])
        _show_rows(con, resource, "0", layout, "cells", "0")
        select = typed_rows_sql(con, resource, has, labels=False, spaces=trims)
        if not _every_day(con, resource):
            return "dates in no usual form"
        paths = [one.path for one in group]
        number = file_number(paths, [one.file_id for one in group])
        cells = _csv(paths, layout, said, number.option) + number.join
        odd = _is_short(layout)
        _show_rows(con, resource, number.sql, layout, cells, "0", odd=odd, trims=trims)
        given = {f.name for f in resource.fields}
        picked = ", ".join(
            name_sql(c) if c in given else f"null as {name_sql(c)}" for c in columns_of("ledger")
        )
        right = " and ".join(f"not bad_{i}" for i in range(len(resource.fields)))
        con.execute(
            f"insert into main.ledger select file_id, null, {picked}, {resource.illustrative} "
            f"from ({select}) where not is_candidate and {right}"
        )
    except (duckdb.Error, FileRefused) as error:
        # A line that cannot be split, or dates that can be read two ways: nothing of this
        # statement was kept.
        return str(error).lower()
    return None


def _every_day(con: duckdb.DuckDBPyConnection, resource: Resource) -> bool:
    """Widen what the dates of the sample mean to every day that is written in the same way.

    The first rows show the form; a text of another form then has no meaning, and the file is
    read with more care. False where the form is none of the usual.
    """
    for i, f in enumerate(resource.fields):
        if f.kind != "date":
            continue
        found = con.execute(f"select said, start_at from meaning{i}").fetchall()
        texts = con.execute(f"select count(distinct c{i}) from rows").fetchall()[0][0]
        if not found or len(found) != texts:
            return False
        found_days = [day for _, day in found]
        form = next((p for p in _FORMS if all(f"{day:{p}}" == said for said, day in found)), None)
        if form is None:
            return False
        first = min(found_days) - _AROUND
        days = [first + timedelta(days=n) for n in range((max(found_days) - first + _AROUND).days)]
        con.execute(f"delete from meaning{i}")
        insert(con, f"meaning{i} (said, start_at)", [(f"{day:{form}}", day) for day in days])
    return True


# The forms of date that computers write. Whatever else people write is read with more care.
_FORMS = (
    *("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%y", "%d-%b-%Y"),
    *("%d %b %Y", "%d %B %Y", "%Y%m%d", "%Y-%m-%d 00:00:00", "%d/%m/%Y 00:00"),
)

# A file's dates lie this near to those of its first rows, or it is read with more care. Few days
# matter: looking each row's date up among sixty years' takes twice as long as among four.
_AROUND = timedelta(days=550)

# Rows that show how a file's dates are written and which names it uses for ids.
_SAMPLE = 3_000

# Lines at the end that are read with care: totals and notes stand there.
_TAIL_LINES = 200


def tail_of(path: Path, encoding: str) -> list[str]:
    """The last lines of a file."""
    with path.open("rb") as raw:
        raw.seek(max(0, raw.seek(0, 2) - _HEAD_BYTES))
        end = raw.read()
    at = len(end)
    for _ in range(_TAIL_LINES + 1):
        found = end.rfind(b"\n", 0, at)
        if found < 0:
            break
        at = found
    return split_lines(end[at + 1 :].decode(encoding).replace("\r\n", "\n"))


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
    head = _head(resource, file)
    if head is None or file.path is None:
        return None
    is_plain, layout = head.is_plain, head.layout
    for encoding in (head.encoding, "cp1252"):
        if is_plain:
            path, lines = file.path, file.lines
        else:
            path = scratch.with_name(f"{scratch.name}.{file_id}.csv")
            lines = _write_anew(file.path, path, encoding)
        if lines is not None and _split(con, path, layout):
            if encoding == "cp1252" and _has_like(con, layout, _UTF_8_WITHIN):
                # Both in one file: only the careful reader decodes line by line.
                return None
            account.encoding = encoding
            written = "utf-8-sig" if is_plain else "utf-8"
            if beside.labelled_lines(tail_of(path, written), layout, resource):
                return None
            if _show(con, resource, file_id, account, head, path, lines, written):
                return QuickExport(layout, path, written)
            return None
        is_plain = False
        if encoding != "utf-8" or resource.encoding:
            break
    return None


def _write_anew(source: Path, target: Path, encoding: str) -> int | None:
    """A copy in UTF-8 with plain line ends; its lines, or None where it is not in this encoding."""
    lines, last = 0, b"\n"
    try:
        with target.open("wb") as out:
            for piece in _in_utf_8(source, encoding):
                out.write(piece)
                lines += piece.count(b"\n")
                last = piece[-1:] or last
    except UnicodeError:
        return None
    return lines + (last != b"\n")


def _in_utf_8(source: Path, encoding: str) -> Iterator[bytes]:
    decode = codecs.getincrementaldecoder(encoding)().decode if encoding != "cp1252" else None
    held, first = b"", True
    with source.open("rb") as raw:
        while piece := raw.read(_PIECE):
            if decode is None and foreign(piece):
                raise UnicodeError("neither UTF-8 nor cp1252")
            encoded = decode(piece).encode() if decode else _western(piece)
            if first:
                encoded, first = encoded.removeprefix(codecs.BOM_UTF8), False
            encoded = held + encoded
            # A carriage return at the end may be the first half of a line end.
            held = b"\r" if encoded.endswith(b"\r") else b""
            encoded = encoded[: len(encoded) - len(held)]
            if b"\r" in encoded:
                encoded = encoded.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            yield encoded
    if held:
        yield b"\n"


_ASCII = bytes(range(0x80))


def _western(piece: bytes) -> bytes:
    """cp1252 in UTF-8. Where few bytes lie beyond ASCII, ten times faster without decoding."""
    beyond = set(piece.translate(None, _ASCII))
    for one in sorted(beyond):
        encoded = cp1252(bytes([one])).encode()
        if set(encoded) & (beyond - {one}):
            # What was put in would be taken for what is still to be replaced.
            return cp1252(piece).encode()
    for one in sorted(beyond):
        piece = piece.replace(bytes([one]), cp1252(bytes([one])).encode())
    return piece


def _csv(paths: list[Path], layout: Layout, encoding: str = "utf-8", option: str = "") -> str:
    """SQL that reads the lines below files' headers as texts x0, x1, …"""
    columns = ", ".join(f"'x{at}': 'varchar'" for at in range(layout.width))
    return (
        f"read_csv([{paths_sql(paths)}], columns={{{columns}}}{option}, "
        "auto_detect=false, header=false, "
        f"skip={layout.header_lines}, delim={text_sql(layout.delimiter)}, quote='\"', "
        f"escape='\"', nullstr={NO_TEXT}, strict_mode=true, null_padding=true, "
        "max_line_size=1000000, "
        f"encoding='{encoding}')"
    )


def _split(con: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> bool:
    """The table `cells` of a file's lines below the header. False where DuckDB cannot split it."""
    try:
        con.execute("set preserve_insertion_order = true")
        con.execute(f"create or replace temp table cells as select * from {_csv([path], layout)}")
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
    head: _Head,
    path: Path,
    lines: int,
    encoding: str,
) -> bool:
    """The view `rows` over the table `cells`, and the account of what is no data. False where
    rows and lines do not correspond, or only the careful reader can tell what a row is."""
    layout = head.layout
    rows = con.execute("select count(*) from cells").fetchall()[0][0]
    blank_lines = _blank_lines_at_the_end(path)
    if layout.header_lines + rows + blank_lines != lines:
        return False
    odd = _note_doubtful(con, resource, account, head, path, encoding)
    if odd is None:
        return False
    account.header_lines, account.lines, account.read = layout.header_lines, lines, rows
    skips = [("blank", f"coalesce({', '.join(_cell(at) for at in range(layout.width))}) is null")]
    headings = _headings(path, layout)
    if headings:
        again = " and ".join(
            f"x{at} is not distinct from {text_sql(h)}" for at, h in enumerate(headings)
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
    line = f"rowid + {layout.header_lines + 1}"
    _show_rows(con, resource, str(file_id), layout, "cells", line, " and ".join(kept), odd)
    return True


# More doubtful rows than this in a large file, and it is read with more care.
_DOUBTFUL = 2_000


def _note_doubtful(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    account: FileAccount,
    head: _Head,
    path: Path,
    encoding: str,
) -> str | None:
    """SQL that says of a row of the table `cells` why it is odd; None where the careful reader has
    to tell: there are many, or another header stands among the rows."""
    layout = head.layout
    places = {place for place in layout.parts[0].places if isinstance(place, int)}
    typed = next(
        (
            place
            for f, place in zip(resource.fields, layout.parts[0].places, strict=True)
            if isinstance(place, int) and f.required and f.is_number | (f.kind == "date")
        ),
        None,
    )
    is_marked = " or ".join(f"contains(x{at}, '\"')" for at in sorted(places)) or "false"
    wordy = (
        f"x{typed} >= '!' and not regexp_matches(x{typed}, '\\d')" if typed is not None else "false"
    )
    is_short = f"x{layout.width - 1} is null"
    blank = f"coalesce({', '.join(_cell(at) for at in range(layout.width))}) is null"
    found = con.execute(
        f"select rowid, coalesce({is_short} or {is_marked}, false) from cells "
        f"where ({is_short} or {is_marked} or {wordy}) and not {blank} "
        f"order by rowid limit {_DOUBTFUL + 1}"
    ).fetchall()
    if not found:
        return "null::varchar"
    if len(found) > _DOUBTFUL or resource.only:
        return None
    start = layout.header_lines + 1
    wanted = {at + n for at, _ in found for n in (-1, 0, 1) if at + n >= 0}
    source = QuickExport(layout, path, encoding)
    read = source.records_at([at + start for at in sorted(wanted)])
    _, is_header = header_test(layout, resource)
    if any(is_header(read[at + start].cells) for at, _ in found):
        return None

    def is_usual_row(record: Record) -> bool:
        return (
            len(record.cells) == layout.width
            and any(c.strip() for c in record.cells)
            and not is_stray(record.text, record.cells, layout.delimiter)
        )

    doubtful: list[Doubtful] = []
    for at, is_doubtful in found:
        record = read[at + start]
        if not is_doubtful or is_usual_row(record):
            continue
        beside = [read.get(at + start + n) for n in (-1, 1)]
        above, below = (
            one if one and one.line >= start and is_usual_row(one) else None for one in beside
        )
        doubtful.append(Doubtful(record, above, at, below))
    told = {d.nth for d in doubtful}
    sample = [
        r.cells
        for r in records(head.lines, layout.delimiter, layout.header_lines)
        if len(r.cells) == layout.width and any(c.strip() for c in r.cells)
    ][:SAMPLE]
    others = ", ".join(map(str, told)) or "-1"
    rows, last = con.execute(
        f"select count(*), coalesce(max(rowid) filter (rowid not in ({others})), 0) "
        f"from cells where not {blank}"
    ).fetchall()[0]
    judge(doubtful, sample, rows, last, layout, resource)
    why = {d.nth: d.odd for d in doubtful if d.odd}
    why |= {d.nth - 1: d.cut_above for d in doubtful if d.cut_above}
    why |= {d.nth + 1: d.cut_below for d in doubtful if d.cut_below}
    kept = [d.record.line for d in doubtful if not d.odd and len(d.record.cells) == layout.width]
    short = [
        d.record.line for d in doubtful if not d.odd and len(d.record.cells) <= layout.last_place
    ]
    account.notes += [*of_short_rows(short), *of_kept_marks(kept)]
    account.notes += of_beginnings([d.record.line for d in doubtful if d.begins_below])
    con.execute("create or replace temp table told (row_at bigint, why varchar)")
    insert(con, "told", list(why.items()))
    return "(select why from told where row_at = cells.rowid)"


def _show_rows(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    number: str,
    layout: Layout,
    source: str,
    line: str,
    where: str = "",
    odd: str = "null::varchar",
    trims: bool = True,
) -> None:
    """The view `rows` over texts x0, x1, … of `source`; `number`, `line` and `odd` are SQL."""
    places = layout.parts[0].places
    outside = layout.outside or (None,) * len(places)
    chosen = ", ".join(
        f"{_text(f, place, trims, said)} as c{i}"
        for i, (f, place, said) in enumerate(zip(resource.fields, places, outside, strict=True))
    )
    con.execute(
        f"create or replace temp view rows as select ({number})::integer as file_id, "
        f"({line})::integer as line, 0::integer as part, null::varchar as row_text, "
        f"{odd} as odd, {chosen} from {source}" + (f" where {where}" if where else "")
    )


def _is_short(layout: Layout) -> str:
    """SQL that says of a line that it has fewer cells than the header: the last one is not there.

    Whether that is right is judged where the whole file is known.
    """
    return f"case when x{layout.width - 1} is null then 'short' end"


def _cell(at: int) -> str:
    return f"nullif({_trimmed(at)}, '')"


def _trimmed(at: int) -> str:
    """Trimming costs, and few texts want it: those that begin below the first letter, or end so."""
    x = f"x{at}"
    wants_it = f"{x} < '!' or ends_with({x}, ' ') or ends_with({x}, chr(9))"
    return f"case when {wants_it} then trim({x}, ' \t') else {x} end"


def _text(f: Field, place: Place, trims: bool, outside: str | None = None) -> str:
    said = outside if outside is not None else f.constant
    if said is not None:
        return text_sql(said)
    if place is None:
        return "null::varchar"
    if isinstance(place, Pair):
        return " || chr(31) || ".join(f"coalesce({_cell(at)}, '')" for at in place)
    if isinstance(place, tuple):
        return f"nullif(concat_ws(' ', {', '.join(_cell(at) for at in place)}), '')"
    return _trimmed(place) if trims else f"x{place}"


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
