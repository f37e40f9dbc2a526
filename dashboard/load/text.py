"""The bytes of an export into records: encoding, line ends, delimiter and quotation marks.

Every physical line ends up in exactly one record, whatever the bytes; what cannot be a table of
text at all raises FileRefused.
"""

import csv
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.load.encodings import cp1252, foreign, may_hold_utf_8, no_text, spoilt

# A cell can hold a long definition; none seen so far comes near this. Beyond it, a quotation mark
# was opened and never closed.
_LONGEST_CELL = 200_000

DELIMITERS = ",;\t|"

# How files begin that are no text, with what to do about it.
_NO_TEXT = (
    (b"PK\x03\x04", "an Excel workbook (or another zip file): save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
    (b"%PDF", "a PDF document, not an export"),
    (b"\x1f\x8b", "a compressed file: unpack it first"),
    (b"\xfd7zXZ", "a compressed file: unpack it first"),
    (b"\x89PNG", "a picture, not an export"),
)


class FileRefused(ValueError):
    """A file that cannot be read under its contract; says why, in a data officer's words."""


@dataclass(frozen=True)
class Text:
    """A file's text with one kind of line end, and what had to be decided to read it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """One record: the physical lines it stood on, its text as it stood, and its cells.

    `odd` says why the line cannot be split with certainty.
    """

    line: int
    last_line: int
    text: str
    cells: list[str]
    odd: str | None = None


# A header again in the data is looked for in every row; its cells are mostly the same few texts.
@functools.lru_cache(maxsize=4096)
def normalised(header: str) -> str:
    """A header as it is compared: no case, punctuation or spaces (`Net Amount £` = `netamount`).

    A header of punctuation alone keeps it, lest every such column look alike.
    """
    plain = re.sub(r"[^a-z0-9]", "", header.lower())
    return plain or header.strip()


def read_text(raw: bytes, encoding: str | None = None) -> Text:
    """The text of a file: its declared encoding, else by its mark, else UTF-8, else cp1252.

    Raises FileRefused for what is empty, no text, or not in the encoding that was declared.
    """
    for mark, what in _NO_TEXT:
        if raw.startswith(mark):
            raise FileRefused(f"this is {what}")
    text, used, notes = _decoded(raw, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise FileRefused("the file is empty")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileRefused(f"line {line} holds zero bytes: this is no text file, or a damaged one")
    if re.match(r"\s*(<!doctype html|<html|<\?xml)", text, re.IGNORECASE):
        raise FileRefused("this is a web page saved under the name of a CSV, not an export")
    return Text(text, used, notes)


def _decoded(raw: bytes, encoding: str | None) -> tuple[str, str, tuple[str, ...]]:
    if encoding:
        try:
            # A byte order mark is no part of the text, declared or not.
            return raw.decode(encoding).removeprefix("\ufeff"), encoding, ()
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise FileRefused(
                f"the contract says {encoding}, but line {line} holds the byte "
                f"0x{raw[error.start]:02X}, which is none; leave 'encoding' out of the contract "
                "to have it recognised"
            ) from error
        except (LookupError, UnicodeError) as error:
            raise FileRefused(f"cannot be read as {encoding}: {error}") from error
    if why := no_text(raw):
        raise FileRefused(why)
    marked = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(raw[:2]) or _unmarked_utf_16(raw)
    if marked:
        try:
            return raw.decode(marked).removeprefix("\ufeff"), marked, ()
        except UnicodeDecodeError as error:
            raise FileRefused(f"begins as UTF-16 and is not: {error.reason}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _not_utf_8(raw)
    note = spoilt(text)
    return text, "utf-8", (note,) if note else ()


def _unmarked_utf_16(raw: bytes) -> str | None:
    """UTF-16 without its mark: Latin letters leave every other byte zero."""
    sample = raw[:4096]
    if len(sample) < 4 or len(raw) % 2:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _not_utf_8(raw: bytes) -> tuple[str, str, tuple[str, ...]]:
    """cp1252, unless some lines are UTF-8 beyond ASCII: then each line as what it is."""
    if not may_hold_utf_8(raw):
        if other := foreign(raw):
            raise FileRefused(other)
        return cp1252(raw), "cp1252", ()
    lines = raw.split(b"\n")
    texts, western, as_utf_8 = [], [], 0
    for line in lines:
        try:
            texts.append(line.decode("utf-8"))
            western.append(b"")
            as_utf_8 += not line.isascii()
        except UnicodeDecodeError:
            texts.append(cp1252(line))
            western.append(line)
    if other := foreign(b"\n".join(western)):
        raise FileRefused(other)
    if not as_utf_8:
        return cp1252(raw), "cp1252", ()
    note = f"{as_utf_8:,} lines are UTF-8 and others are cp1252; each was read as what it is"
    return "\n".join(texts).removeprefix("\ufeff"), "utf-8 and cp1252", (note,)


def split_lines(text: str) -> list[str]:
    """The physical lines, each with its end; a final line end begins no further line."""
    lines = text.split("\n")
    last = lines.pop()
    ended = [line + "\n" for line in lines]
    return [*ended, last] if last else ended


def records(lines: list[str], delimiter: str, start: int = 0) -> Iterator[Record]:
    """Each record from line index `start` on.

    Strict about quotation marks, because a mark that is opened and not closed would swallow the
    lines that follow: such a line is given by itself with `odd` set, and reading goes on after it.
    """
    csv.field_size_limit(_LONGEST_CELL)
    at = start
    while at < len(lines):
        begun = at

        def feed(first: int = at) -> Iterator[str]:
            nonlocal at
            at = first
            while at < len(lines):
                at += 1
                yield lines[at - 1]

        reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                if at - begun == 1:
                    yield Record(begun + 1, at, lines[begun].rstrip("\n"), cells)
                else:
                    text = "".join(lines[begun:at]).rstrip("\n")
                    yield Record(begun + 1, at, text, cells)
                begun = at
        except csv.Error as error:
            yield _odd(lines, begun, delimiter, str(error))
            at = begun + 1


def _odd(lines: list[str], at: int, delimiter: str, error: str) -> Record:
    line = lines[at].rstrip("\n")
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        cells = [line]
    why = (
        "a quotation mark is opened and never closed"
        if "unexpected end" in error or "field limit" in error
        else "a quotation mark stands within a quoted text"
    )
    return Record(at + 1, at + 1, line, cells, odd=why)
