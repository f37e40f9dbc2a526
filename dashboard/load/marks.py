"""Quotation marks that stand where none should, and lines quoted in another way than usual.

A mark within an unquoted text may be an inch mark, or what is left of a pair that was broken: then
it stands for a text that was cut elsewhere. Lines quoted in a way of their own (a space before the
mark, a backslash within, apostrophes) are written anew as usual where that gives the header's
columns, and only then.
"""

import csv
import functools
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from dashboard.load.text import Record

# Feet and inches, and nothing else: a digit before the mark, a space behind.
_INCHES = re.compile(r'(?:[^"]*\d"(?= ))+[^"]*')


@functools.lru_cache
def _well_formed(delimiter: str) -> re.Pattern[str]:
    cell = rf'(?:"(?:[^"]|"")*"|[^"{re.escape(delimiter)}]*)'
    return re.compile(rf"{cell}(?:{re.escape(delimiter)}{cell})*")


def is_stray(text: str, cells: Sequence[str], delimiter: str) -> bool:
    """True where a mark stands in an unquoted cell of a record that was split all the same."""
    return '"' in "".join(cells) and not _well_formed(delimiter).fullmatch(text)


def has_stray(path: Path, encoding: str, delimiter: str) -> bool:
    """True where a line of a file has a stray mark; reads it through."""
    with path.open(encoding=encoding, newline=None) as lines:
        for line in lines:
            text = line.rstrip("\n")
            if '"' in text and not _well_formed(delimiter).fullmatch(text):
                return True
    return False


def holds_rows(record: Record, delimiter: str, width: int) -> bool:
    """True where each line of a text over several lines would be a row by itself.

    So it looks where a mark that was typed by mistake is closed by one of another line.
    """
    return record.last_line > record.line and all(
        line.count(delimiter) + 1 == width for line in record.text.split("\n")
    )


def are_honest(records: Sequence[Record]) -> list[bool]:
    """Which of these records with a stray mark may keep it.

    One that was typed or lost stands alone; honest are marks in pairs within their cell, inches,
    and a text that stands in several rows.
    """
    texts = Counter(c for r in records for c in r.cells if '"' in c)
    return [
        all(
            texts[c] > 1 or c.count('"') % 2 == 0 or bool(_INCHES.fullmatch(c))
            for c in r.cells
            if '"' in c
        )
        for r in records
    ]


# A line to be written anew: its number, and its text without the line end.
Line = tuple[int, str]


def in_apostrophes(lines: list[str], delimiter: str, width: int) -> tuple[list[str], list[str]]:
    """The lines with those written as usual that have apostrophes for quotation marks; a note.

    Only where the first lines have any, because looking costs time.
    """
    habit = _apostrophes_for_marks(delimiter)
    if not any("'" in line and habit.form.search(line) for line in lines[:_FIRST]):
        return lines, []
    numbered = [(number, line.rstrip("\n")) for number, line in enumerate(lines, 1)]
    anew, notes = habit.read(numbered, delimiter, width)
    out = [
        anew[number] + lines[number - 1][len(line) :] if number in anew else lines[number - 1]
        for number, line in numbered
    ]
    return (out, notes) if anew else (lines, [])


# Lines looked at to see whether a file has apostrophes for quotation marks.
_FIRST = 500


def as_usual(lines: list[Line], delimiter: str, width: int) -> tuple[dict[int, str], list[str]]:
    """Lines that cannot be split as they are, written as usual, by number; a note of how they were
    quoted.

    A backslash or an apostrophe counts only where every line that has one is quoted so.
    """
    found: dict[int, str] = {}
    notes: list[str] = []
    for habit in (
        _spaces_beside_marks(delimiter),
        _backslashes(delimiter),
        _apostrophes_for_marks(delimiter),
    ):
        anew, said = habit.read([one for one in lines if one[0] not in found], delimiter, width)
        found |= anew
        notes += said
    return found, notes


def _spaces_beside_marks(delimiter: str) -> "_Habit":
    d = re.escape(delimiter)
    return _Habit(
        re.compile(rf'(?:^|{d})[ \t]+"|"[ \t]+(?:{d}|$)'),
        lambda line: _closed_up(line, delimiter),
        "a space beside the quotation marks; it was left out",
        everywhere=False,
    )


def _backslashes(delimiter: str) -> "_Habit":
    return _Habit(
        re.compile(r'\\"'),
        lambda line: _escaped(line, delimiter),
        "backslashes before quotation marks; the marks were read as part of the text",
    )


def _apostrophes_for_marks(delimiter: str) -> "_Habit":
    return _Habit(
        re.compile(rf"(?:^|{re.escape(delimiter)})[ \t]*'"),
        lambda line: _apostrophes(line, delimiter),
        "apostrophes for quotation marks; they were read as such",
    )


class _Habit:
    """A way of quoting: how its lines look, and how they are put as usual."""

    def __init__(
        self,
        form: re.Pattern[str],
        anew: Callable[[str], str | None],
        said: str,
        everywhere: bool = True,
    ) -> None:
        self.form, self.anew, self.said, self.everywhere = form, anew, said, everywhere

    def read(
        self, lines: list[Line], delimiter: str, width: int
    ) -> tuple[dict[int, str], list[str]]:
        """The lines that are quoted so, put as usual, and a note."""
        mark = "'" if "'" in self.form.pattern else '"'
        with_it = [one for one in lines if mark in one[1] and self.form.search(one[1])]
        out: dict[int, str] = {}
        # One apostrophe before a text is no habit; it has to make a line right, or be everywhere.
        helped, failed = 2 * len(with_it) > len(lines), 0
        for number, line in with_it:
            anew = self.anew(line)
            if anew is None or len(_cells(anew, delimiter)) != width:
                failed += 1
                continue
            helped |= mark == '"' or len(_cells(line, delimiter)) != width
            out[number] = anew
        if not out or not helped or (self.everywhere and failed):
            return {}, []
        few = ", ".join(map(str, list(out)[:5])) + (", …" if len(out) > 5 else "")
        begin = "1 line has" if len(out) == 1 else f"{len(out):,} lines have"
        return out, [f"{begin} {self.said} (line {few})"]


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _as_usual(cells: Sequence[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
    return out.getvalue()


def _closed_up(line: str, delimiter: str) -> str | None:
    d = re.escape(delimiter)
    cell = rf'[ \t]*"(?:[^"]|"")*"[ \t]*|[^"{d}]*'
    if not re.fullmatch(rf"(?:{cell})(?:{d}(?:{cell}))*", line):
        return None
    pieces = re.findall(rf"(?:^|{d})({cell})", line)
    return delimiter.join(p.strip() if '"' in p else p for p in pieces)


def _escaped(line: str, delimiter: str) -> str | None:
    d = re.escape(delimiter)
    cell = rf'[ \t]*"(?:[^"\\]|\\.|"")*"[ \t]*|[^"{d}]*'
    if not re.fullmatch(rf"(?:{cell})(?:{d}(?:{cell}))*", line):
        return None
    pieces = re.findall(rf"(?:^|{d})({cell})", line)
    return _as_usual([_unescaped(p.strip()) for p in pieces], delimiter)


def _unescaped(piece: str) -> str:
    if not piece.startswith('"'):
        return piece
    return re.sub(r'\\(["\\])|""', lambda m: m[1] or '"', piece[1:-1])


def _apostrophes(line: str, delimiter: str) -> str | None:
    if '"' in line:
        return None
    try:
        cells = next(
            csv.reader(
                [line], delimiter=delimiter, quotechar="'", strict=True, skipinitialspace=True
            ),
            [],
        )
    except csv.Error:
        return None
    return _as_usual(cells, delimiter)
