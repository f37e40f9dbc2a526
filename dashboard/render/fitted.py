"""How much of a chart a slide holds: what has more panels or rows goes on in the next part.

A slide is a sheet of 747 by 420 pixels that is scaled to the screen, so that the 14 of a chart's
text is 18 points or more, and each part is fit to be read from afar.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

C = TypeVar("C")

# What is left of the sheet for a chart beneath a title of two lines, subtitle, key and foot.
HIGH = 250
# Pixels of a plot of two axes: what is left of the sheet beside and beneath its axes' words.
PLOT = 620, 210
# Letters of a name that leave the bars half of the sheet.
NAME = 34
# Rows of bars or dots with room for a line of text each.
_ROWS_HELD = 13


def alike(count: int, most: int) -> int:
    """How many a part holds, so that the last is no straggler: of seven, four and three."""
    return math.ceil(count / math.ceil(count / most))


def by_rows(
    chart: C,
    count: int,
    some: Callable[[C, int, int], C],
    draw: Callable[[C], dict[str, Any]],
    rows: int | None = None,
) -> list[list[dict[str, Any]]]:
    """The figures of a chart of rows, in parts that are alike.

    some: its rows from one to another alone. rows: with those that only head a group.
    """
    held = alike(count, math.ceil(_ROWS_HELD * count / (rows or count)))
    return [[draw(some(chart, at, at + held))] for at in range(0, count, held)]


def cut(one: C, at: int, until: int, *names: str) -> C:
    """What has something for each row, with that of the rows from one to another alone."""
    return replace(one, **{name: getattr(one, name)[at:until] for name in names})
