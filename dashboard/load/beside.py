"""Labels of totals in columns that fill no field.

Spreadsheets write "Total" where there is room: below the invoice numbers, in a column that the
contract has no use for. Words alone settle nothing there either (a column may say "Total" of a
write-off); whoever finds them sets the row's figures beside those above it (`evidence`).
"""

from collections.abc import Iterable

from dashboard.load.contract import Resource
from dashboard.load.labels import LABELS, as_label
from dashboard.load.layout import Layout
from dashboard.load.text import records
from dashboard.load.wording import Column


def label(cells: list[str], layout: Layout, resource: Resource) -> Column | None:
    """The column of no field in which these cells say that they are a total, if one does."""
    filled = _filled(layout)
    declared = frozenset(as_label(t) for t in resource.totals)
    for at, cell in enumerate(cells[: layout.width]):
        if at not in filled and (said := as_label(cell)) and (said in declared or said in LABELS):
            heading = next((h[at] for h in layout.header if at < len(h) and h[at].strip()), "")
            known = frozenset(LABELS)
            return Column(at, heading.strip(), False, known, declared, frozenset(), is_named=False)
    return None


def labelled_lines(
    lines: Iterable[str], layout: Layout, resource: Resource, offset: int = 0
) -> list[int]:
    """The lines of a file that say in a column of no field that they are totals."""
    if len(_filled(layout)) >= layout.width:
        return []
    words = [w for t in resource.totals if "total" not in (w := as_label(t))]
    return [
        number
        for number, line in enumerate(lines, offset + 1)
        if ("otal" in line or "OTAL" in line or (words and any(w in line.lower() for w in words)))
        and label(next(records([line], layout.delimiter)).cells, layout, resource)
    ]


def _filled(layout: Layout) -> set[int]:
    """The columns that fields are read from, or rows chosen by."""
    filled = {at for at, _ in layout.only}
    for part in layout.parts:
        for place in part.places:
            filled |= set(place) if isinstance(place, tuple) else {place}
    return filled - {None}
