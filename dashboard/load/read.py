"""One export into rows of text: encoding, delimiter, header, and the line each row stood on."""

import csv
import functools
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboard.load.contract import Field, Resource

# Lines looked at for a header: publishers put a title and a few parameters above it, not more.
_HEADER_WITHIN = 30

# A cell can hold a long definition; Python's default of 131,072 is too little for none seen so
# far, but a limit there must be, lest one unclosed quote swallows a file silently.
csv.field_size_limit(1_000_000)


class FileRefused(ValueError):
    """A file that cannot be read under its contract; says why, in a data officer's words."""


@dataclass(frozen=True)
class Row:
    """A row as it stood in the file: the line it began on, its text, and its cells by field."""

    line: int
    text: str
    cells: tuple[str | None, ...]
    skipped: str | None = None


@dataclass(frozen=True)
class Export:
    """A file opened under its contract: what stands above the data, and the rows."""

    header_lines: int
    rows: Iterator[Row]


# A header again in the data is looked for in every row; its cells are mostly the same few texts.
@functools.lru_cache(maxsize=4096)
def normalised(header: str) -> str:
    """A header as it is compared: no case, punctuation or spaces (`Net Amount £` = `netamount`).

    A header of punctuation alone keeps it, lest every such column look alike.
    """
    plain = re.sub(r"[^a-z0-9]", "", header.lower())
    return plain or header.strip()


def decode(raw: bytes, encoding: str | None = None) -> str:
    """The text of a file: its declared encoding, else by its mark, else UTF-8, else cp1252."""
    if encoding:
        # A byte order mark is no part of the text, declared or not.
        return raw.decode(encoding).removeprefix("\ufeff")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # latin-1 names the five bytes that cp1252 leaves undefined, so nothing is lost.
        try:
            return raw.decode("cp1252")
        except UnicodeDecodeError:
            return raw.decode("latin-1")


def text_lines(path: Path) -> list[str]:
    """The lines of a file as they stand, whatever ends them."""
    return _one_line_end(decode(path.read_bytes())).split("\n")


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_export(path: Path, resource: Resource) -> Export:
    """The export in `path`, ready to be read row by row in the order of the resource's fields.

    Raises FileRefused where the file is empty, is no table, or lacks a column it must have.
    """
    try:
        text = _one_line_end(decode(path.read_bytes(), resource.encoding))
    except (OSError, UnicodeDecodeError, LookupError) as error:
        raise FileRefused(f"cannot be read: {error}") from error
    if not text.strip():
        raise FileRefused("the file is empty")
    if re.match(r"\s*(<!doctype html|<html)", text, re.IGNORECASE):
        raise FileRefused("this is a web page saved under the name of a CSV, not an export")
    delimiter = resource.delimiter or _delimiter(text)
    records = _records(text, delimiter)
    wanted = [f for f in resource.fields if f.constant is None]
    head: list[tuple[int, str, list[str]]] = []
    best, best_hits = None, 0
    for record in records:
        head.append(record)
        hits = sum(1 for f in wanted if _place(f, record[2]) is not None)
        if hits > best_hits:
            best, best_hits = len(head) - 1, hits
        if hits == len(wanted) or len(head) >= _HEADER_WITHIN:
            break
    if best is None:
        raise FileRefused(
            "no header row found that has any of the columns "
            + ", ".join(f"'{f.names[0]}'" for f in wanted)
        )
    header = head[best][2]
    lacking = [f for f in wanted if f.required and _place(f, header) is None]
    if lacking:
        raise FileRefused(
            f"line {head[best][0]}: the header lacks "
            + ", ".join(f"'{' or '.join(f.join or f.names)}'" for f in lacking)
            + f"; it has {', '.join(repr(c) for c in header if c.strip())}"
        )
    return Export(
        header_lines=best + 1,
        rows=_rows(head[best + 1 :], records, header, resource),
    )


def _delimiter(text: str) -> str:
    """The delimiter of the first lines: the candidate that splits most of them into most cells."""
    lines = text.split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN]
    return max(",;\t|", key=lambda mark: (sum(line.count(mark) for line in lines), mark == ","))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, str, list[str]]]:
    """Each record with the line it began on and its text as it stood."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline="\n"):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    began = 1
    while True:
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused(f"line {began}: {error}") from error
        yield began, "".join(taken).rstrip("\n"), cells
        began = reader.line_num + 1


def _place(field: Field, header: list[str]) -> int | tuple[int, ...] | None:
    """Where a field stands in the header: a column, several to be joined, or nowhere."""
    known = {normalised(name): at for at, name in reversed(list(enumerate(header)))}
    if field.join:
        places = [known.get(normalised(name)) for name in field.join]
        return None if None in places else tuple(places)
    for name in field.names:
        if (at := known.get(normalised(name))) is not None:
            return at
    return None


def _rows(
    held: list[tuple[int, str, list[str]]],
    records: Iterator[tuple[int, str, list[str]]],
    header: list[str],
    resource: Resource,
) -> Iterator[Row]:
    places = [None if f.constant is not None else _place(f, header) for f in resource.fields]
    constants = [f.constant for f in resource.fields]
    known = {normalised(name): at for at, name in enumerate(header)}
    only = []
    for column, wanted in resource.only:
        if normalised(column) not in known:
            raise FileRefused(f"the header lacks '{column}', by which rows are chosen")
        only.append((known[normalised(column)], frozenset(wanted)))
    plain_header = [normalised(c) for c in header]

    def cell(cells: list[str], at: int | None) -> str | None:
        return cells[at].strip() if at is not None and at < len(cells) else None

    nothing = tuple(None for _ in resource.fields)
    for source in (held, records):
        for line, text, cells in source:
            values = tuple(
                constant
                if constant is not None
                else (
                    " ".join(filter(None, (cell(cells, a) for a in at))) or None
                    if isinstance(at, tuple)
                    else cell(cells, at)
                )
                for at, constant in zip(places, constants, strict=True)
            )
            if not any(
                v for v, c in zip(values, constants, strict=True) if c is None and v is not None
            ):
                yield Row(line, text, nothing, skipped="blank")
            elif len(cells) == len(plain_header) and all(
                normalised(c) == h for c, h in zip(cells, plain_header, strict=True)
            ):
                yield Row(line, text, nothing, skipped="header again")
            elif any(cell(cells, at) not in wanted for at, wanted in only):
                yield Row(line, text, nothing, skipped="belongs to another feed")
            else:
                yield Row(line, text, values)
