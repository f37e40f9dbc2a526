"""Lines of data that come as one cell: split by another delimiter, or quoted as a whole.

Two exports pasted together, or a line saved twice through a spreadsheet, leave such lines. They
look like the notes below a table, which are words in one cell too, but they hold figures.
"""

import csv
import re
from collections.abc import Sequence

from dashboard.load.contract import Resource
from dashboard.load.layout import Layout
from dashboard.load.text import DELIMITERS, Record

_NAMES = {"\t": "tabs", " ": "spaces"}


def line_of_data(record: Record, layout: Layout, resource: Resource) -> str | None:
    """Why a line that does not split into the header's columns is data all the same, or None.

    It is where it splits to the header's width in another way and a figure stands where the
    header has one.
    """
    cells = [c for c in record.cells if c.strip()]
    if len(cells) == 1 and _fits(_split(cells[0], layout.delimiter), layout, resource):
        return (
            "the whole line stands in quotation marks, so that it is one cell and not "
            f"{layout.width}"
        )
    for other in DELIMITERS:
        if other != layout.delimiter and _fits(_split(record.text, other), layout, resource):
            return f"split by {_named(other)} and not by {_named(layout.delimiter)}"
    if _fits(re.split(r"\s{2,}", record.text.strip()), layout, resource):
        return f"split by {_named(' ')} and not by {_named(layout.delimiter)}"
    return None


def _split(text: str, delimiter: str) -> list[str]:
    if delimiter not in text:
        return []
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _named(delimiter: str) -> str:
    return _NAMES.get(delimiter, delimiter)


# How a figure may be written, and a date or month: enough to tell data from prose.
_FIGURE = re.compile(r"[£$€(−-]*\s*\d[\d,. ]*\s*%?\)?-?")
_DATED = re.compile(r"\d+[/.-]\d+.*|[A-Za-z]{3,9}[- ]\d+|.*\b(?:19|20)\d\d\b.*")


def _fits(cells: Sequence[str], layout: Layout, resource: Resource) -> bool:
    """True where cells are as many as the header's, surplus blank ones aside, with a figure."""
    while len(cells) > layout.width and not cells[-1].strip():
        cells = cells[:-1]
    if not max(layout.last_place, 1) < len(cells) <= layout.width:
        return False
    figures, dates = set(), set()
    for part in layout.parts:
        for f, place in zip(resource.fields, part.places, strict=True):
            if isinstance(place, int) and not f.count:
                (figures if f.is_number else dates if f.kind != "text" else set()).add(place)
    # Rows that are only counted hold no figure; when they were tells them.
    places, form = (figures, _FIGURE) if figures else (dates, _DATED)
    return any(form.fullmatch(cells[at].strip()) for at in places)
