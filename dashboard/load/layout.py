"""Where a file's table begins and which of its columns is which field.

A header is found among the first lines by the names that the contract gives its fields; nothing
depends on its line, the order of its columns, or the case and punctuation of their headings.
Where a field stands across the columns (months, councils, measures), each of its headings makes
a *part*: one row of the file makes one row of the feed for each part.
"""

import re
from dataclasses import dataclass

from dashboard.load.contract import Field, Resource
from dashboard.load.periods import AmbiguousPeriods, read_column
from dashboard.load.text import DELIMITERS, FileRefused, Record, normalised, records

# Lines looked at for a header: publishers put a title and a few parameters above it, not more.
HEADER_WITHIN = 30

# A place is a column, several columns to be joined, or nothing (a constant, a field not given).
Place = int | tuple[int, ...] | None


class Pair(tuple[int, ...]):
    """Two columns whose texts are kept apart: the one may be blank and the other not."""


@dataclass(frozen=True)
class Part:
    """One heading of the field that stands across: its text, and the places of every field."""

    heading: str | None
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Layout:
    """How a file is laid out: its delimiter, its header, and its parts (one, if not wide)."""

    delimiter: str
    header_lines: int
    header: tuple[tuple[str, ...], ...]
    parts: tuple[Part, ...]
    only: tuple[tuple[int, frozenset[str]], ...]
    width: int
    notes: tuple[str, ...] = ()
    # Lines above the header, and for each field what the file says of all its rows outside them.
    above: int = 0
    outside: tuple[str | None, ...] = ()
    headings: tuple[str, ...] = ()

    @property
    def header_width(self) -> int:
        """How many cells the header has; `width` is how many its rows have."""
        return len(self.headings) or self.width

    @property
    def last_place(self) -> int:
        """The last column that any field is read from, from 0."""
        flat = [
            at
            for part in self.parts
            for place in part.places
            for at in (place if isinstance(place, tuple) else (place,))
            if at is not None
        ]
        return max(flat, default=0)

    @property
    def is_wide(self) -> bool:
        return self.parts[0].heading is not None


def find_layout(lines: list[str], resource: Resource) -> Layout:
    """The layout of a file under its contract.

    Raises FileRefused where no line looks like the header, or the header lacks what is required.
    """
    candidates = [resource.delimiter] if resource.delimiter else list(DELIMITERS)
    all_of_them = _all_hits(resource)
    best: tuple[int, int, Layout | str] = (-1, 0, "")
    for mark in candidates:
        try:
            found = _with_delimiter(lines, mark, resource)
        except AmbiguousPeriods as error:
            raise FileRefused(f"the headings: {error}") from error
        if found[:2] > best[:2]:
            best = found
        if resource.has_header and found[0] >= all_of_them:
            break
    if isinstance(best[2], str):
        raise FileRefused(best[2])
    return best[2]


def _with_delimiter(
    lines: list[str], delimiter: str, resource: Resource
) -> tuple[int, int, Layout | str]:
    """How many fields and columns are found with this delimiter; the layout, or why not."""
    head: list[Record] = []
    for record in records(lines[: 10 * HEADER_WITHIN], delimiter):
        head.append(record)
        if len(head) >= HEADER_WITHIN:
            break
    if not resource.has_header:
        return _headless(head, delimiter, resource)
    # The earliest wins a tie, and of those the one of fewest rows.
    all_of_them = _all_hits(resource)
    best: tuple[int, int, tuple[Record, ...]] | None = None
    for at, record in enumerate(head):
        options = [(record,)]
        if resource.header_rows:
            wanted = resource.header_rows
            options = [tuple(r for r in head if r.line in wanted)] if at == 0 else []
        elif resource.across is not None and at + 1 < len(head):
            options.append((record, head[at + 1]))
        for rows in options:
            if rows:
                hits = _hits(rows, resource)
                if hits and (best is None or hits > best[0]):
                    best = (hits, len(rows[-1].cells), rows)
        if best is not None and best[0] >= all_of_them:
            break
    if best is None:
        return (
            0,
            0,
            (
                "no header row found that has any of the columns "
                + ", ".join(f"'{n}'" for n in _wanted(resource))
            ),
        )
    hits, width, rows = best
    return hits, width, _layout(rows, delimiter, resource)


def layout_under(record: Record, delimiter: str, resource: Resource) -> Layout | str:
    """The layout of a table whose header is this record, or why the contract does not fit it."""
    try:
        return _layout((record,), delimiter, resource)
    except AmbiguousPeriods as error:
        return f"the headings: {error}"


def _wanted(resource: Resource) -> list[str]:
    return [
        " or ".join(f.join or f.names) for f in resource.fields if f.is_in_file and f.across is None
    ]


def _all_hits(resource: Resource) -> int:
    return sum(1 for f in resource.fields if f.is_in_file)


def _hits(rows: tuple[Record, ...], resource: Resource) -> int:
    """How many of the fields these rows name, as a header would."""
    try:
        keys, parts = _columns(rows, resource)
    except AmbiguousPeriods:
        # Headings that can be read two ways are headings; which, is asked once they are chosen.
        keys, parts = _keys(_headings(rows), resource), {}
        return 1 + sum(1 for place in keys.values() if place is not None)
    found = sum(1 for place in keys.values() if place is not None)
    if parts:
        inside = {name for part in parts.values() for name in part}
        found += 1 + len(inside - {n for n, p in keys.items() if p is not None})
    return found


def _layout(rows: tuple[Record, ...], delimiter: str, resource: Resource) -> Layout | str:
    keys, parts = _columns(rows, resource)
    across = resource.across
    line = rows[0].line
    if across is not None and not parts:
        return f"line {line}: no column heading reads as a {across.name.replace('_', ' ')}"
    inside = {name for part in parts.values() for name in part}
    lacking = [
        f
        for f in resource.fields
        if (f.required or f.days) and f.is_in_file and f is not across
        if keys.get(f.name) is None and f.name not in inside
    ]
    if lacking:
        headings = [h for h in (_headings(rows)) if h]
        return (
            f"line {line}: the header lacks "
            + ", ".join(f"'{' or '.join(f.join or f.names)}'" for f in lacking)
            + f"; it has {', '.join(repr(h) for h in headings)}"
        )
    if doubled := _doubled(rows, resource):
        return f"line {line}: {doubled}"
    width = max(len(r.cells) for r in rows)
    known = {normalised(h): at for at, h in reversed(list(enumerate(_headings(rows))))}
    only = []
    for column, wanted in resource.only:
        if normalised(column) not in known:
            return f"the header lacks '{column}', by which rows are chosen"
        only.append((known[normalised(column)], frozenset(wanted)))
    for total, pieces in resource.adds_up:
        for name in (total, *pieces):
            if normalised(name) not in known:
                return f"the header lacks '{name}', which has to add up"
    made = tuple(
        Part(heading, tuple(part.get(f.name, keys.get(f.name)) for f in resource.fields))
        for heading, part in (parts or {None: {}}).items()
    )
    return Layout(
        delimiter=delimiter,
        header_lines=rows[-1].last_line,
        header=tuple(tuple(normalised(c) for c in r.cells) for r in rows),
        parts=made,
        only=tuple(only),
        width=width,
        notes=_headings_not_there(across, parts),
        above=rows[0].line - 1,
        headings=tuple(_headings(rows)),
    )


def _headings_not_there(
    across: Field | None, parts: dict[str, dict[str, Place]]
) -> tuple[str, ...]:
    lacking = [h for h in (across.across or () if across else ()) if h not in parts]
    if not lacking:
        return ()
    return (f"the contract's heading {', '.join(map(repr, lacking))} is not in this file",)


def _doubled(rows: tuple[Record, ...], resource: Resource) -> str | None:
    """Which heading that a field is found by stands over several columns, if one does."""
    if len(rows) > 1:
        return None
    places: dict[str, list[int]] = {}
    for at, heading in enumerate(rows[0].cells, 1):
        places.setdefault(normalised(heading), []).append(at)
    for f in resource.fields:
        if not f.is_in_file or f.column is not None:
            continue
        found = (f.count[0],) if f.count else f.across or f.join or f.names
        first = next((n for n in found if normalised(n) in places), None)
        wanted = found if f.across or f.join else [first] if first else []
        columns = dict(f.across_columns)
        for name in wanted:
            if name in columns:
                continue
            if len(at := places.get(normalised(name), [])) > 1:
                which = (
                    f'{{"heading": "{name}", "column": {at[0]}}}'
                    if f.across
                    else f'"column": {at[0]}'
                )
                return (
                    f"the heading '{name}' stands over columns {' and '.join(map(str, at))}; the "
                    f"contract has to say which is meant for '{f.name}': {which}"
                )
    return None


def _headless(
    head: list[Record], delimiter: str, resource: Resource
) -> tuple[int, int, Layout | str]:
    """A file without a header: fields stand where the contract says, or in the order it gives."""
    width = max((len(r.cells) for r in head), default=0)
    if width < 2 and delimiter != DELIMITERS[0]:
        return 0, 0, "the delimiter does not occur"
    in_order = [f for f in resource.fields if f.is_in_file]
    places: list[Place] = [
        f.column - 1 if f.column else in_order.index(f) if f in in_order else None
        for f in resource.fields
    ]
    lacking = [
        f.name
        for f, p in zip(resource.fields, places, strict=True)
        if f.required and isinstance(p, int) and p >= width
    ]
    if lacking:
        return width, width, f"there are {width} columns, and none for {', '.join(lacking)}"
    layout = Layout(delimiter, 0, (), (Part(None, tuple(places)),), (), width)
    return width, width, layout


def _keys(headings: list[str], resource: Resource) -> dict[str, Place]:
    """Where each field stands in the header, but for the one that stands across it."""
    known = {normalised(name): at for at, name in reversed(list(enumerate(headings)))}
    return {
        f.name: _place(f, known, len(headings))
        for f in resource.fields
        if f.is_in_file and f.across is None
    }


def _place(field: Field, known: dict[str, int], width: int) -> Place:
    if field.column is not None:
        return field.column - 1 if field.column <= width else None
    if field.join:
        places = [known.get(normalised(name)) for name in field.join]
        if None in places:
            return None
        return Pair(places) if field.days else tuple(places)
    wanted = (field.count[0],) if field.count and field.count[0] else field.names
    for name in wanted:
        if (at := known.get(normalised(name))) is not None:
            return at
    return None


def _headings(rows: tuple[Record, ...]) -> list[str]:
    """One text for each column; of two header rows the lower, where it says anything."""
    width = max(len(r.cells) for r in rows)
    cells = [[*r.cells, *[""] * (width - len(r.cells))] for r in rows]
    return [
        next((c for c in reversed(column) if c.strip()), "") for column in zip(*cells, strict=True)
    ]


def _columns(
    rows: tuple[Record, ...], resource: Resource
) -> tuple[dict[str, Place], dict[str, dict[str, Place]]]:
    """Where the fields stand, and for each heading of the field across, those within it."""
    across = resource.across
    keys = _keys(_headings(rows), resource)
    if across is None:
        return keys, {}
    parts: dict[str, dict[str, Place]] = {}
    inner = [f for f in resource.fields if f.is_in_file and f is not across]
    taken = {
        at
        for name, place in keys.items()
        for at in (place if isinstance(place, tuple) else (place,))
    }
    split = _split_headings(rows, across, inner, resource.cells, taken)
    columns = dict(across.across_columns)
    for at, heading, name in split:
        if columns.get(heading, at + 1) != at + 1:
            continue
        parts.setdefault(heading, {}).setdefault(name, at)
        # A field that stands within the parts is no column of its own.
        if keys.get(name) is not None and isinstance(keys[name], int):
            keys[name] = None
    return keys, parts


def _split_headings(
    rows: tuple[Record, ...],
    across: Field,
    inner: list[Field],
    cells: str | None,
    taken: set[int | None],
) -> list[tuple[int, str, str]]:
    """For each column that has one: its place, its heading of the field across, and its field."""
    width = max(len(r.cells) for r in rows)
    upper = [*rows[0].cells, *[""] * (width - len(rows[0].cells))] if len(rows) == 2 else None
    lower = [*rows[-1].cells, *[""] * (width - len(rows[-1].cells))]
    named = {normalised(n): f.name for f in inner for n in f.names}
    # Every way to divide what stands above a column into a heading and the name of a field.
    options: list[tuple[int, str, str]] = []
    above = ""
    for at in range(width):
        text = lower[at].strip()
        if upper is not None:
            above = upper[at].strip() or above
            if above and (field := named.get(normalised(text))):
                options.append((at, above, field))
            elif above and not text and at not in taken and cells:
                options.append((at, above, cells))
            elif text and (field := named.get(normalised(upper[at]))):
                options.append((at, text, field))
            continue
        if not text:
            continue
        if at not in taken and cells:
            options.append((at, text, cells))
        options += [(at, rest, field) for rest, field in _divided(text, inner)]
    known = _known_headings([heading for _, heading, _ in options], across)
    return [(at, known[heading], name) for at, heading, name in options if heading in known]


def _divided(text: str, inner: list[Field]) -> list[tuple[str, str]]:
    """ "Apr-18 Actual" or "Actual Apr-18" into the heading and the field that it names."""
    found = []
    for f in inner:
        for name in f.names:
            quoted = r"\s+".join(re.escape(word) for word in name.split())
            for form in (
                rf"(?P<rest>.+?)[\s_:-]+\(?{quoted}\)?",
                rf"\(?{quoted}\)?[\s_:-]+(?P<rest>.+)",
            ):
                if match := re.fullmatch(form, text, re.IGNORECASE):
                    found.append((match["rest"].strip(), f.name))
    return found


def _known_headings(texts: list[str], across: Field) -> dict[str, str]:
    """The texts that are headings of the field across, as the contract writes them."""
    if across.across:
        listed = {normalised(h): h for h in across.across}
        return {t: listed[normalised(t)] for t in texts if normalised(t) in listed}
    if across.kind in ("period", "month"):
        values = dict(across.values)
        read = read_column([values.get(t, t) for t in texts], across.period)
        return {t: t for t in texts if read[values.get(t, t)] is not None}
    return {t: t for t in texts}
