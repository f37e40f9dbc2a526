"""Several rows in one line: the line breaks between them were lost."""

import re
from collections.abc import Sequence
from decimal import Decimal

from dashboard.load.contract import Resource
from dashboard.load.kinds import kind_of
from dashboard.load.labels import as_label
from dashboard.load.layout import Layout

# An amount, and what ran together with it.
_AMOUNT_FIRST = re.compile(r"(\s*[£(−-]*\s*\d[\d,]*(?:\.\d{1,2})?\)?-?)(.*)", re.S)


def run_together(
    cells: Sequence[str],
    kinds: Sequence[set[str]],
    layout: Layout,
    resource: Resource,
    labels: set[str],
) -> tuple[str | None, dict[str, Decimal] | None]:
    """Why a long line is several rows, if it is, and what a total among them states, by field.

    The last cell of a row and the first of the next are one cell then; or a delimiter stands
    where the line break was. It is believed where the cells fit the file's columns.
    """
    end = len(cells)
    while end > layout.width and not cells[end - 1].strip():
        end -= 1
    whole, filled = list(cells), list(cells[:end])
    rows = _divided(whole, kinds, layout.width, labels) or _divided(
        filled, kinds, layout.width, labels
    )
    if rows is None:
        return None, None
    total = next((r for r in rows if any(as_label(c) in labels for c in r)), None)
    why = f"line breaks were lost: {len(rows)} rows seem to have run together"
    if total is None:
        return why, None
    stated = {
        f.name: amount
        for f, place in zip(resource.fields, layout.parts[0].places, strict=True)
        if f.is_number and isinstance(place, int) and not f.count and not layout.is_wide
        if (amount := _amount(total[place])) is not None
    }
    said = ", ".join(f"{amount:,.2f}" for amount in stated.values())
    return f"{why}, among them a total{' of ' + said if said else ''}", stated


def _divided(
    cells: Sequence[str], kinds: Sequence[set[str]], width: int, labels: set[str]
) -> list[list[str]] | None:
    """The rows that a line was, or None where it is not several that fit the columns."""
    if len(cells) > width and len(cells) % width == 0:
        rows = [cells[at : at + width] for at in range(0, len(cells), width)]
        if all(_fits(row, kinds) for row in rows):
            return rows
    if width < 2 or (len(cells) - 1) % (width - 1):
        return None
    rows, begin = [], cells[0]
    for at in range(width - 1, len(cells), width - 1):
        inner = cells[at - width + 2 : at]
        if at == len(cells) - 1:
            rows.append([begin, *inner, cells[at]])
            break
        glued = _parted(cells[at], kinds[-1], kinds[0], labels)
        if glued is None:
            return None
        rows.append([begin, *inner, glued[0]])
        begin = glued[1]
    # Of a total, whose cells are blank where a row has something, figures and label are enough.
    good = sum(_fits(row, kinds) for row in rows)
    return rows if len(rows) > 1 and good >= len(rows) - 1 else None


def _fits(row: Sequence[str], kinds: Sequence[set[str]]) -> bool:
    return all(kind_of(c) in k for c, k in zip(row, kinds, strict=True))


def _parted(cell: str, last: set[str], first: set[str], labels: set[str]) -> tuple[str, str] | None:
    """The end of one row and the beginning of the next, of the kinds of their columns."""
    match = _AMOUNT_FIRST.fullmatch(cell)
    if "number" in last and match:
        begin = match[2]
        if kind_of(begin) in first or as_label(begin) in labels:
            return match[1], begin
    if "number" in last and last <= {"number", "blank"}:
        return None
    for at in range(len(cell) + 1):
        if kind_of(cell[:at]) in last and kind_of(cell[at:]) in first:
            return cell[:at], cell[at:]
    return None


def _amount(text: str) -> Decimal | None:
    bare = re.sub(r"[£,\s]", "", text).replace("−", "-")
    if re.fullmatch(r"\(.*\)", bare):
        bare = "-" + bare[1:-1]
    if bare.endswith("-"):
        bare = "-" + bare[:-1]
    return Decimal(bare) if re.fullmatch(r"-?\d+(?:\.\d+)?", bare) else None
