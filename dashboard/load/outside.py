"""What a file says of all its rows outside its table: its month in its name, or above its header.

A publisher's seventeen monthly files differ in their name alone. The period is looked for among
the words of that text: the longest stretches of it that read as a period or date, which have to
be one and the same. Nothing is guessed: a text that names none, or two, is refused.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import PurePosixPath

from dashboard.load.contract import Field, Resource
from dashboard.load.dates import MONTHS, read_dates
from dashboard.load.periods import AmbiguousPeriods, Period, PeriodRules, in_months, read_column
from dashboard.load.text import FileRefused, normalised

# "01 April 2018 to 30 June 2018" has eleven words and gaps, and no period has more.
_LONGEST = 8

_WORD = re.compile(r"[A-Za-z]+|\d+")

# A month, quarter or period without its year: beside a period it makes of it another one.
_PART = re.compile(r"(?:q|p|h|qtr|quarter|period|half)?\d{1,2}|[a-z]{3,9}", re.IGNORECASE)


def said_outside(
    resource: Resource, name: str, above: Sequence[str], delimiter: str
) -> tuple[str | None, ...]:
    """For each field of the resource the text that the file says of all its rows, if it does.

    A date comes as ISO 8601: of a month, its last day. `above` are the lines above the header.
    Raises FileRefused where a text names no period, or several.
    """
    return tuple(
        None if f.where is None else _said(f, name, above, delimiter) for f in resource.fields
    )


def same_outside(resource: Resource, name: str) -> str:
    """What a file's name says of its rows, so that only files that say the same are copies."""
    named = [f for f in resource.fields if f.where == "file name"]
    try:
        return "\n".join(_said(f, name, (), ",") for f in named)
    except FileRefused:
        return name


def _said(f: Field, name: str, above: Sequence[str], delimiter: str) -> str:
    if f.where == "file name":
        place = f"the file's name, from which '{f.name}' is read,"
        path = PurePosixPath(name)
        # A folder may have the year that its files leave out.
        texts = [[path.stem], [" ".join(path.with_suffix("").parts)]]
    else:
        place = f"what stands above the header, from which '{f.name}' is read,"
        texts = [
            _lines(above, delimiter) if f.label is None else _beside(f.label, above, delimiter)
        ]
        if f.label is not None and not texts[0]:
            raise FileRefused(
                f"no line above the header says '{f.label}' ('{f.name}' is read beside it)"
            )
    for some in texts:
        found = _periods(some, f)
        if len(found) > 1:
            others = " and ".join(f"'{text}'" for text, _ in found.values())
            raise FileRefused(
                f"{place} names {others}; there has to be one"
                + (
                    ""
                    if f.where == "file name"
                    else ': "from": {"above": "…"} says beside which word'
                )
            )
        for text, period in found.values():
            _refuse_lone_year(text, some, f, place)
            return _as_date(text, period, place) if f.kind == "date" else text
    shown = (
        name if f.where == "file name" else "; ".join(line.strip() for line in above) or "nothing"
    )
    raise FileRefused(f"{place} names no month, quarter or year: {shown[:200]}")


def _refuse_lone_year(said: str, texts: Iterable[str], f: Field, place: str) -> None:
    """Refuse "Month: 4, Year: 2018", of which only the year reads as a period."""
    if not re.fullmatch(r"\d{4}", said):
        return
    words = {w.lower() for text in texts for w in _WORD.findall(text)}
    parts = words & {*MONTHS, "month", "mth", "quarter", "qtr", "period", "half"} - {"may"}
    if parts:
        raise FileRefused(
            f"{place} names {said} and '{min(parts)}' apart from each other; '{f.name}' has to be "
            "one text, such as 'April 2018'"
        )


def _as_date(text: str, period: Period | date, place: str) -> str:
    """A day as it is said, else the last of the month."""
    if isinstance(period, date):
        return period.isoformat()
    if period.start != period.end:
        raise FileRefused(
            f"{place} names {in_months(period)} ('{text}'), and a date lies within one month"
        )
    first_of_next = (period.end + timedelta(days=32)).replace(day=1)
    return (first_of_next - timedelta(days=1)).isoformat()


def _beside(label: str, above: Sequence[str], delimiter: str) -> list[str]:
    """What the cells above the header say behind a label, or the cells next to it."""
    found = []
    for cells in csv.reader(above, delimiter=delimiter):
        filled = [c.strip() for c in cells if c.strip()]
        for at, cell in enumerate(filled):
            if normalised(label) in normalised(cell):
                rest = re.sub(re.escape(label), "", cell, flags=re.IGNORECASE)
                found += [rest] if re.search(r"\w", rest) else filled[at + 1 : at + 2]
    return found


def _lines(above: Sequence[str], delimiter: str) -> list[str]:
    """The lines above the header, without what stands between their cells."""
    rows = csv.reader(above, delimiter=delimiter)
    return [" ".join(c.strip() for c in cells if c.strip()) for cells in rows]


Found = dict[tuple, tuple[str, Period | date]]


def _periods(texts: Iterable[str], f: Field) -> Found:
    """The periods that texts name, each with the words that do, by what it is."""
    found: Found = {}
    for text in texts:
        words = list(_WORD.finditer(text))
        taken: set[int] = set()
        # The longest first: "April 2018" is no further period within "1 to 30 April 2018".
        for length in range(min(_LONGEST, len(words)), 0, -1):
            for at in range(len(words) - length + 1):
                inside = range(at, at + length)
                if taken & set(inside) or _is_version(words, at):
                    continue
                read = _read(text, words[at : at + length], f)
                if read is None:
                    continue
                _refuse_neighbours(text, words, inside, read, f)
                taken |= set(inside)
                found.setdefault(_what(read[1]), read)
    return found


def _what(read: Period | date) -> tuple:
    return (read,) if isinstance(read, date) else (read.start, read.end)


def _is_version(words: list[re.Match[str]], at: int) -> bool:
    """True for the 2 of "v2"."""
    before = words[at - 1] if at else None
    glued = before is not None and before.end() == words[at].start()
    return glued and words[at][0].isdigit() and before[0].lower() in ("v", "ver", "rev", "r")


def _read(text: str, words: Sequence[re.Match[str]], f: Field) -> tuple[str, Period | date] | None:
    """What these words of a text are as a period or date, in the first form that reads."""
    for said in _ways(text, words):
        if f.kind == "date":
            form = f.format if f.format not in ("default", "excel") else "any"
            if day := read_dates([said], form)[said]:
                return said, day
        try:
            period = read_column([said], f.period)[said]
        except AmbiguousPeriods as error:
            raise FileRefused(f"'{f.name}': {error}") from error
        if period:
            return said, period
    return None


def _ways(text: str, words: Sequence[re.Match[str]]) -> list[str]:
    """The words as they stand, and with the marks that names have between words made plain."""
    as_it_is = text[words[0].start() : words[-1].end()]
    gaps = [text[a.end() : b.start()] for a, b in pairwise(words)]
    if not all(re.fullmatch(r"[\s_.,–-]*", gap) for gap in gaps):
        return [as_it_is]
    digits = [word[0].isdigit() for word in words]
    if all(digits) and len(set(gaps)) > 1:
        # "2018-04 2" is the second copy of April's file, and not the second of April.
        return []
    plain = words[0][0]
    for gap, word, pair in zip(gaps, words[1:], pairwise(digits), strict=True):
        plain += ("" if not gap else "-" if all(pair) else " ") + word[0]
    return list(dict.fromkeys((as_it_is, plain)))


def _refuse_neighbours(
    text: str,
    words: list[re.Match[str]],
    inside: range,
    read: tuple[str, Period | date],
    f: Field,
) -> None:
    """Refuse "March and April 2018": a month beside it that is another one in the same year."""
    said, period = read
    years = re.findall(r"(?:19|20)\d\d(?:\s*[-/]\s*\d\d\b)?", said)
    if not years or re.fullmatch(r"[\d\W]*", said):
        return
    for others in (words[: inside.start], words[inside.stop :]):
        near = [w for w in others if w[0].lower() not in ("to", "and")]
        near = near[-2:] if others and others[-1].end() <= words[inside.start].start() else near[:2]
        for one in (*(w[0] for w in near[-1:]), "".join(w[0] for w in near)):
            if one.isdigit() or not _PART.fullmatch(one):
                continue
            other = read_column([f"{one} {years[0]}"], PeriodRules(quarters="financial"))
            found = next(iter(other.values()))
            if found and _what(found) != _what(period):
                raise FileRefused(
                    f"'{text}' names '{one}' beside '{said}', from which '{f.name}' is read; there "
                    "has to be one month, quarter or year"
                )
