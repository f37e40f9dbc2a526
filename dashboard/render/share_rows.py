"""Rows of shares, as dots and stacks have them: names, notes at the ends, an axis of per cents."""

import math
from html import escape
from typing import Any

from dashboard import theme, words
from dashboard.render.pieces import broken, note_at

NAME_WIDTH = 18  # letters of a line of a name: a phone has room for no more
_ROW = 40  # pixels a row takes: two lines of its name at 14 px
_LINE = 17  # pixels a line of a name takes
_LETTER = 8  # pixels of a letter at 14 px
_STEPS = (0.05, 0.1, 0.2, 0.25)
# Ticks of per cents that fit side by side on a phone.
_MOST_TICKS = 5


def rows_of(categories: tuple[str, ...], width: int) -> list[str]:
    """Names broken into lines; two that are alike are told apart by what has no width."""
    rows: list[str] = []
    for category in categories:
        name = broken(category, width)
        while name in rows:
            name += "\u200b"
        rows.append(name)
    return rows


def layout(rows: list[str], notes: tuple[str, ...]) -> dict[str, Any]:
    """A row for each name from top to bottom, and a note at the end of each."""
    deepest = max(r.count("<br>") + 1 for r in rows)
    return theme.layout(max(_ROW, deepest * _LINE + 6) * len(rows) + 44) | {
        "yaxis": theme.axis(
            # From top to bottom, and a row without a bar too.
            range=[len(rows) - 0.5, -0.5],
            type="category",
            categoryorder="array",
            categoryarray=rows,
            showgrid=False,
            ticks="",
            tickfont={"color": theme.INK, "size": theme.TEXT_SIZE},
        ),
        "margin": {"l": 8, "r": 12 + max(map(len, notes), default=0) * _LETTER, "t": 8, "b": 8},
        "annotations": [
            note_at(row, escape(note), 8, font={"color": theme.INK})
            for row, note in zip(rows, notes, strict=True)
            if note
        ],
    }


def percent_axis(low: float, high: float) -> dict[str, Any]:
    step = next((s for s in _STEPS if (high - low) / s < _MOST_TICKS), _STEPS[-1])
    first = math.ceil(low / step - 1e-9)
    ticks = [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]
    return theme.axis(
        range=[low, high],
        tickvals=ticks,
        ticktext=[words.percent(t) for t in ticks],
        side="top",
        tickangle=0,
    )
