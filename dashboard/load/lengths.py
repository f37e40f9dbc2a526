"""Rows that have more or fewer cells than their header.

Such a row is read by position only where something speaks for it: that the whole file is like
that, that its last filled cell stands where every row has its last, or that its writer leaves out
blank cells at the end and each of its cells is of the kind that its column holds. Else a separator
was lost or typed too often, and the cells right of it stand under the wrong heading.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, pairwise

from dashboard.load.contract import Field, Resource
from dashboard.load.kinds import DATE, kind_of
from dashboard.load.labels import LABELS, as_label
from dashboard.load.layout import Layout
from dashboard.load.marks import are_honest, as_usual, holds_rows
from dashboard.load.misread import line_of_data
from dashboard.load.runs import run_together
from dashboard.load.text import FileRefused, Record, normalised, records

# Rows that show how long a file's rows are and what stands in each column.
SAMPLE = 500

# The part of a file's rows that has to be of one length to be called the length of all.
_ALL = 0.8

# Short rows are their writer's habit from so many on, and so large a part of the rows.
_HABIT_ROWS, _HABIT_SHARE = 3, 0.05

# What headings say that stand over figures, and over words.
_OF_FIGURES = re.compile(r"\b(?:amount|net|vat|gross|total|value|cost|price|gbp)\b|£", re.I)
_OF_WORDS = re.compile(
    r"\b(?:name|description|comments?|narrative|purpose|supplier|payee|beneficiary|directorate|"
    r"department|service|notes?|details)\b",
    re.I,
)
_OF_EITHER = re.compile(r"\b(?:id|no|number|code|ref|reference)\b|#", re.I)


def filled(cells: Sequence[str]) -> int:
    """The cells up to the last one that is not blank."""
    at = len(cells)
    while at and not cells[at - 1].strip():
        at -= 1
    return at


def settle(layout: Layout, lines: list[str], resource: Resource) -> Layout:
    """The layout with the width of the file's rows, where all have another than the header.

    Raises FileRefused where it cannot be told which cell stands under which heading.
    """
    sample = [
        cells for cells in _first_rows(lines, layout) if sum(1 for c in cells if c.strip()) > 1
    ]
    if not sample:
        return layout
    (usual, rows), *_ = Counter(map(len, sample)).most_common(1)
    if usual == layout.width or rows < _ALL * len(sample):
        return layout
    rows_like_it = [cells for cells in sample if len(cells) == usual]
    if not layout.header:
        return replace(layout, width=usual) if usual > layout.last_place else layout
    if len(rows_like_it) < 3 and usual < layout.width:
        return layout
    said = _told_apart(layout.width, usual)
    if why := _misplaced(layout, rows_like_it, usual, resource):
        raise FileRefused(
            f"line {layout.header_lines}: {said}, and {why}, so that it cannot be told which "
            "cell stands under which heading; mend the header, or say in the contract which "
            "'column' each field is"
        )
    behind = "left out" if usual > layout.width else "taken as empty"
    if usual > layout.width and all(filled(cells) <= layout.width for cells in rows_like_it):
        behind = "blank"
    note = f"{said}; the cells behind are {behind}"
    if usual < layout.width:
        note = f"{said}; those that lack are {behind}"
    return replace(layout, width=usual, notes=(*layout.notes, note))


def _first_rows(lines: list[str], layout: Layout) -> list[list[str]]:
    """The cells of the first rows, those that are quoted in another way as they are meant."""
    mark = layout.delimiter
    first = list(islice(records(lines, mark, layout.header_lines), SAMPLE))
    odd = [(r.line, r.text) for r in first if len(r.cells) != layout.width and "\n" not in r.text]
    anew, _ = as_usual(odd, mark, layout.width)
    return [next(records([anew[r.line]], mark)).cells if r.line in anew else r.cells for r in first]


def _told_apart(width: int, usual: int) -> str:
    n = abs(usual - width)
    return f"every row has {n} {'more' if usual > width else 'fewer'} cell{'s' * (n > 1)} than " + (
        f"the header ({usual} where it has {width})"
    )


def _misplaced(layout: Layout, rows: list[list[str]], usual: int, resource: Resource) -> str | None:
    """Why the headings may not stand over their own cells, or None."""
    in_file = [f for f in resource.fields if f.is_in_file and f is not resource.across]
    if all(f.column is not None for f in in_file):
        return None
    headings = _as_they_stand(layout)
    columns = [[cells[at].strip() for cells in rows] for at in range(usual)]
    surplus = usual - layout.width
    if (why := _run_together(layout, headings, resource, in_file, surplus)) is not None:
        return why
    typed = [
        (f, place)
        for part in layout.parts
        for f, place in zip(resource.fields, part.places, strict=True)
        if isinstance(place, int) and f.kind != "text" and not f.count and f.constant is None
    ]
    for f, place in typed:
        said = [c for c in columns[place] if c] if place < usual else []
        if said and not _suits(f, said):
            return f"what stands under '{headings[place]}' is no {_word(f)}"
        if f.required and not said:
            return f"nothing stands under '{headings[place]}'"
    for at, heading in enumerate(headings[:usual]):
        if _contradicts(heading, columns[at]):
            return f"what stands under '{heading}' does not look like it"
    if surplus > 0 and any(any(column) for column in columns[layout.width :]):
        return _not_confirmed(layout, typed, columns, surplus, headings)
    return None


def _as_they_stand(layout: Layout) -> list[str]:
    """The header's lowest row, as wide as the header."""
    row = layout.headings
    return [*row, *[""] * (layout.width - len(row))]


def _run_together(
    layout: Layout, headings: list[str], resource: Resource, in_file: list[Field], surplus: int
) -> str | None:
    """What speaks for a separator or a line break that the header lost or was given."""
    found = {
        f.name
        for part in layout.parts
        for f, place in zip(resource.fields, part.places, strict=True)
        if place is not None
    }
    lacking = [f for f in in_file if f.name not in found]
    keys = [normalised(h) for h in headings]
    if surplus > 0:
        for f in lacking:
            for name in f.names:
                key = normalised(name)
                if any(len(key) > 3 and key in k and key != k for k in keys):
                    return f"the heading '{name}' seems to have run together with another"
        return None
    last = filled(headings)
    if any(not h.strip() for h in headings[1:last]):
        return "a heading is blank"
    if not layout.is_wide:
        for h in headings:
            if DATE.fullmatch(h.strip()) or re.fullmatch(r"-?[\d,]+\.\d+", h.strip()):
                return f"'{h.strip()}' among the headings is no heading: a line break seems lost"
    pairs = {a + b for a, b in pairwise(keys)}
    for f in in_file:
        for name in f.names:
            if normalised(name) in pairs and (f in lacking or normalised(name) not in keys):
                return f"the heading '{name}' seems to be split in two"
    return None


def _not_confirmed(
    layout: Layout,
    typed: list[tuple[Field, int]],
    columns: list[list[str]],
    surplus: int,
    headings: list[str],
) -> str | None:
    """Filled cells without a heading stand at the end, or are what a lost separator pushed there.

    The rightmost field with a type of its own tells: where no column that it could have been
    pushed to suits it, nothing left of it was pushed.
    """
    if not typed:
        return "no date or figure tells which"
    field, place = max(typed, key=lambda one: one[1])
    if layout.last_place > place:
        return f"nothing tells what stands under '{headings[layout.last_place]}'"
    if any(_suits(field, columns[place + k]) for k in range(1, surplus + 1)):
        return f"another column could stand under '{headings[place]}' as well"
    return None


def _suits(field: Field, column: list[str]) -> bool:
    """True where a column could be the field's: most of its cells are of the field's type."""
    if field.is_number:
        return 2 * sum(kind_of(c) == "number" for c in column) > len(column)
    if field.kind == "date":
        # A day may be written as a number (20180430); an amount is no day.
        days = sum(bool(DATE.fullmatch(c) or re.fullmatch(r"\d{5,8}", c)) for c in column)
        return 2 * days > len(column)
    return 2 * sum(bool(c) for c in column) > len(column)


def _word(field: Field) -> str:
    return "number" if field.is_number else "date"


def _contradicts(heading: str, column: list[str]) -> bool:
    said = [kind_of(c) for c in column if c]
    if not said or _OF_EITHER.search(heading):
        return False
    if _OF_FIGURES.search(heading) and not _OF_WORDS.search(heading):
        return sum(k in ("text", "date") for k in said) > _ALL * len(said)
    if _OF_WORDS.search(heading) and not _OF_FIGURES.search(heading):
        return sum(k in ("number", "date") for k in said) > _ALL * len(said)
    return False


@dataclass
class Doubtful:
    """A record that may not be what its cells say, its place among the rows of the table, and the
    rows of the usual length just above and below it.

    `odd`, `cut_above` and `cut_below` are the verdicts: why it, and why the one above or below it,
    cannot be split with certainty. `begins_below` says that it may be the beginning of the row
    below, as far as can be told. `stated` is what a total states that ran together with other rows
    in this record, by field.
    """

    record: Record
    above: Record | None
    nth: int
    below: Record | None = None
    odd: str | None = None
    cut_above: str | None = None
    cut_below: str | None = None
    begins_below: bool = False
    stated: dict[str, Decimal] | None = None


def judge(
    doubtful: Sequence[Doubtful],
    sample: Sequence[list[str]],
    rows: int,
    last: int,
    layout: Layout,
    resource: Resource,
) -> None:
    """Say of each record of another length why it is not read by position, where it is not.

    `sample` are rows of the usual length, `rows` is how many rows there are, and `last` the place
    of the last one of the usual length.
    """
    usual = layout.width
    kinds = [{kind_of(cells[at]) for cells in sample} for at in range(usual)]
    ends = {filled(cells) for cells in sample}
    always = next(iter(ends)) if len(ends) == 1 and len(sample) >= 3 else None
    are_stripped = bool(sample) and all(cells[-1].strip() for cells in sample)
    others = [d for d in doubtful if len(d.record.cells) != usual]
    _judge_marks([d for d in doubtful if len(d.record.cells) == usual], kinds, layout)
    short = [d for d in others if len(d.record.cells) < usual and filled(d.record.cells) > 1]
    is_habit = len(short) >= _HABIT_ROWS and len(short) > _HABIT_SHARE * rows
    in_blocks = _in_blocks(others)
    required = [
        place
        for f, place in zip(resource.fields, layout.parts[0].places, strict=True)
        if f.required and isinstance(place, int) and f.is_in_file
    ]
    labels = {*LABELS, *resource.totals}
    misread: set[int] = set()
    for d in others:
        cells = d.record.cells
        end = filled(cells)
        fits = _fits(cells, kinds, usual)
        is_stripped = is_habit and are_stripped and end == len(cells) < usual
        if (
            d.record.odd is None
            and end <= usual
            and (
                (fits and (end == always or d.nth in in_blocks))
                or (is_stripped and _fits(cells, kinds, end))
            )
        ):
            continue
        if filled(cells) == 1 and (why := line_of_data(d.record, layout, resource)):
            # Neither a note nor the rest of the line above.
            d.odd = why
            misread.add(d.nth)
            continue
        if d.record.odd is None and end <= usual and _is_no_data(cells, required, labels, usual):
            continue
        d.odd = d.record.odd
        if d.odd is None and len(cells) > usual:
            d.odd, d.stated = run_together(cells, kinds, layout, resource, labels)
        d.odd = d.odd or _why(len(cells), end, usual, layout)
    left = [d for d in doubtful if d.nth not in misread]
    _cut_ones(left, sample, last, layout, always, labels)


def _judge_marks(marked: Sequence[Doubtful], kinds: list[set[str]], layout: Layout) -> None:
    """The verdict on records of the usual length whose quotation marks may not pair."""
    mark = layout.delimiter
    for d, honest in zip(marked, are_honest([d.record for d in marked]), strict=True):
        if d.record.odd is not None:
            d.odd = d.record.odd
        elif holds_rows(d.record, mark, layout.width):
            rows = [line.split(mark) for line in d.record.text.replace('"', "").split("\n")]
            if all(_fits(cells, kinds, layout.width) for cells in rows):
                d.odd = (
                    f"a quotation mark is opened on line {d.record.line} and closed on line "
                    f"{d.record.last_line}, so that {len(rows)} rows are one text"
                )
        elif not honest:
            d.odd = (
                "a quotation mark stands within an unquoted text: one of a pair seems to be lost, "
                "or the mark to be typed by mistake"
            )


def is_title(cells: Sequence[str]) -> bool:
    """True where a line is words in one cell."""
    said = [c for c in cells if c.strip()]
    return len(said) == 1 and kind_of(said[0]) == "text"


def _fits(cells: Sequence[str], kinds: list[set[str]], usual: int) -> bool:
    return all(kind_of(cells[at] if at < len(cells) else "") in kinds[at] for at in range(usual))


# Spreadsheets leave blank cells at the end out, or write them, for sixteen rows at a time.
_BLOCK = 8


def _in_blocks(others: Sequence[Doubtful]) -> set[int]:
    """The places of rows that stand in a run of rows of the same other length."""
    found: set[int] = set()
    run: list[Doubtful] = []
    for d in [*others, None]:
        if (
            d
            and run
            and d.nth == run[-1].nth + 1
            and (len(d.record.cells) == len(run[-1].record.cells))
        ):
            run.append(d)
            continue
        if len(run) >= _BLOCK:
            found |= {one.nth for one in run}
        run = [d] if d else []
    return found


def _is_no_data(cells: Sequence[str], required: list[int], labels: set[str], usual: int) -> bool:
    """True where a row is judged elsewhere: a total by its label, a title or note for what it
    lacks."""
    said = [c for c in cells if c.strip()]
    if any(as_label(c) in labels for c in said):
        return True
    lacks = any(at >= len(cells) or not cells[at].strip() for at in required)
    return lacks and len(said) <= max(1, usual / 2)


def _why(length: int, end: int, usual: int, layout: Layout) -> str:
    where = "the header has" if usual == layout.header_width else "other rows have"
    has = f"has {length} cell{'s' * (length != 1)} where {where} {usual}"
    if length < usual:
        return f"{has}: a separator seems to be lost, or the line to be broken"
    if end <= usual:
        return (
            f"{has}: a separator too many, or a text that holds the delimiter wants quotation "
            "marks around it"
        )
    return f"{has}: a text that holds the delimiter wants quotation marks around it"


def _cut_ones(
    doubtful: Sequence[Doubtful],
    sample: Sequence[list[str]],
    last: int,
    layout: Layout,
    always: int | None,
    labels: set[str],
) -> None:
    """Mark rows whose last cell goes on in the line below, or whose first begins in the one above:
    a line break stands within it.

    Titles among the rows stand alone in their line too, but there are several, or a blank line
    above them; and notes stand below the `last` row of the usual length.
    """
    alone = [
        d
        for d in doubtful
        if filled(d.record.cells) == 1
        and d.record.cells[0].strip()
        and as_label(d.record.cells[0]) not in labels
        and (d.nth < last or kind_of(d.record.cells[0]) == "number")
    ]
    if len(alone) >= _HABIT_ROWS:
        return
    read = {
        at
        for part in layout.parts
        for place in part.places
        for at in (place if isinstance(place, tuple) else (place,))
    }
    first_cells = {cells[0].strip() for cells in sample}
    for d in alone:
        cells = d.record.cells
        said = cells[0].strip()
        if d.above is not None:
            above = d.above.cells
            end = filled(above)
            # The cell may have been broken before its first letter.
            ends_here = len(above) - 1 in read and len(above) - 1 + len(cells) == layout.width
            if ends_here or (end == always and end - 1 in read):
                d.cut_above = (
                    f"its last cell seems to be broken: the line below holds nothing but '{said}'"
                )
        if d.below is not None and len(cells) == 1 and 0 in read:
            # A title looks the same; the whole cell is known where other rows have it.
            if (cells[0] + d.below.cells[0]).strip() in first_cells:
                d.cut_below = (
                    f"its first cell seems to be broken: the line above holds nothing but '{said}'"
                )
            else:
                d.begins_below = d.above is not None and d.nth < last
