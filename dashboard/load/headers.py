"""Another header among the rows of a file: the one that begins a second table."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from dashboard.load.contract import Resource
from dashboard.load.kinds import kind_of
from dashboard.load.layout import Layout, layout_under
from dashboard.load.lengths import settle
from dashboard.load.text import FileRefused, Record, normalised

_DIGIT = re.compile(r"\d")


def header_test(
    layout: Layout, resource: Resource
) -> tuple[int | None, Callable[[Sequence[str]], bool]]:
    """The column of a figure or day that each row has, and a function that is true of the cells
    of a row that is a header.

    A row of data has figures where the contract asks for figures and days; a header has words
    there, and names at least two of the contract's fields, or one where nothing else is a figure.
    """
    named = [
        {normalised(name) for name in (f.join or f.names)}
        for f in resource.fields
        if f.is_in_file and f.across is None
    ]
    own = {h for row in layout.header for h in row if h}
    typed = [
        place
        for f, place in zip(resource.fields, layout.parts[0].places, strict=True)
        if isinstance(place, int) and f.required and f.is_number | (f.kind == "date")
    ]
    width, is_wide = layout.width, layout.is_wide
    first = typed[0] if typed and not is_wide else None

    def is_header(cells: Sequence[str]) -> bool:
        if first is not None and len(cells) == width:
            said = cells[first]
            if not said or _DIGIT.search(said):
                return False
        keys = {normalised(c) for c in cells if c.strip()}
        hits = sum(1 for names in named if names & keys)
        if not hits or len(keys) < 2:
            return False
        if not is_wide and any(kind_of(c) in ("number", "date") for c in cells):
            return False
        if hits >= min(2, len(named)):
            return len(keys) > 1
        wordy = [at for at in typed if at < len(cells) and cells[at].strip()]
        return len(keys & own) > 1 or (not is_wide and len(wordy) > 1 and len(keys) > 2)

    return first, is_header


def next_table(
    record: Record, above: Layout, first: Layout, lines: list[str], resource: Resource
) -> tuple[Layout | None, str]:
    """The layout of the table below this header, and a note; or None, and why it cannot be read."""
    found: Layout | str
    if len(first.header) > 1:
        found = "its headings stand in one line and not in two"
    else:
        found = layout_under(record, above.delimiter, resource)
    if isinstance(found, Layout):
        try:
            found = settle(
                replace(found, header_lines=record.last_line, outside=first.outside),
                lines,
                resource,
            )
        except FileRefused as error:
            found = str(error)
    if isinstance(found, str):
        return None, re.sub(r"^line \d+: ", "", found)
    if len(found.parts) > len(first.parts):
        return None, (
            f"it has {len(found.parts)} columns of figures where the first header has "
            f"{len(first.parts)}; make it a file of its own"
        )
    lost = [
        f.name
        for f, place, was in zip(
            resource.fields, found.parts[0].places, first.parts[0].places, strict=True
        )
        if place is None and was is not None
    ]
    return found, f", which has no {' or '.join(lost)}" if lost else ""
