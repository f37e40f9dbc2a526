"""An exhibit's chart for a slide: in as many parts as it needs, each fit to be read from afar.

A slide is a sheet of 747 by 420 pixels that is scaled to the screen, so that the 14 of a chart's
text is 18 points or more. What has more panels or bars than one holds goes on in the next part.
"""

import math
from dataclasses import replace
from typing import Any

from dashboard.exhibits.exhibit import (
    Bars,
    Bridge,
    Dots,
    Exhibit,
    Panel,
    Quadrants,
    Stack,
    Trend,
)
from dashboard.render import bridge, quadrants, shares
from dashboard.render.figure import bars_figure, figures, lettered, trend_figure

# What is left of the sheet for a chart beneath a title of two lines, subtitle, key and foot.
_HIGH = 250
# Panels of small multiples: in three rows of them a rise could not be told from a fall, nor in two
# where a long title or events take room.
_ROWS, _COLUMNS = 2, 3
_LONG_TITLE = 100  # letters of two lines
# Letters of a panel's title in the whole of the sheet, a half or a third, beside the axis' labels.
_TITLE = (None, 36, 22)
# Rows of bars or dots with room for a line of text each.
_ROWS_HELD = 13
# Pixels of a plot of two axes: what is left of the sheet beside and beneath its axes' words.
_PLOT = 620, 210
# Letters of a name that leave the bars half of the sheet.
_NAME = 34


_Rows = Bars | Bridge | Dots | Stack


def parts(exhibit: Exhibit) -> list[list[dict[str, Any]]]:
    """Figures side by side, for each part. Sizes are the sheet's; the page sets what it has."""
    chart = exhibit.chart
    if isinstance(chart, Trend):
        return _trends(chart, 1 if lettered(chart) or len(exhibit.title) > _LONG_TITLE else _ROWS)
    if isinstance(chart, Quadrants):
        return [[quadrants.drawn(chart, _PLOT)]]
    if isinstance(chart, Bars):
        return [[bars_figure(part, chart, _NAME)] for part in _parts(chart, len(chart.categories))]
    if isinstance(chart, Bridge):
        return [[bridge.figure(part, chart, _NAME)] for part in _parts(chart, len(chart.steps))]
    if isinstance(chart, Dots):
        return [[shares.dots(p, chart, _NAME)] for p in _parts(chart, len(chart.categories))]
    if isinstance(chart, Stack):
        rows = len(chart.categories) + len(chart.headings)
        return [[shares.stack(p, _NAME)] for p in _parts(chart, len(chart.categories), rows)]
    return [list(figures(exhibit))]


def _trends(chart: Trend, rows: int) -> list[list[dict[str, Any]]]:
    count = len(chart.panels)
    held = _alike(count, _COLUMNS * rows)
    columns = math.ceil(held / rows)
    return [_columns(chart, chart.panels[at : at + held], columns) for at in range(0, count, held)]


def _alike(count: int, most: int) -> int:
    """How many a part holds, so that the last is no straggler: of seven, four and three."""
    return math.ceil(count / math.ceil(count / most))


def _columns(whole: Trend, panels: tuple[Panel, ...], columns: int) -> list[dict[str, Any]]:
    deep = math.ceil(len(panels) / columns)
    return [
        trend_figure(
            replace(whole, panels=panels[at : at + deep]), whole, (deep, _HIGH), _TITLE[columns - 1]
        )
        for at in range(0, len(panels), deep)
    ]


def _parts(chart: _Rows, count: int, rows: int | None = None) -> list[_Rows]:
    """A chart of rows in parts that are alike; rows: with those that only head a group."""
    held = _alike(count, math.ceil(_ROWS_HELD * count / (rows or count)))
    return [_some(chart, at, at + held) for at in range(0, count, held)]


def _some(chart: _Rows, at: int, until: int) -> _Rows:
    """The rows from one to another of a chart that has everything row by row."""
    if isinstance(chart, Bridge):
        return replace(chart, steps=chart.steps[at:until])
    kept = {"categories": chart.categories[at:until], "notes": chart.notes[at:until]}
    if isinstance(chart, Bars):
        kept["bars"] = tuple(
            replace(
                b,
                values=b.values[at:until],
                hover=b.hover[at:until],
                starts=b.starts[at:until],
            )
            for b in chart.bars
        )
        kept["breaks"] = tuple(b - at for b in chart.breaks if at < b < until)
    elif isinstance(chart, Dots):
        kept["marks"] = tuple(
            replace(
                m,
                values=m.values[at:until],
                hover=m.hover[at:until],
                between=m.between[at:until],
            )
            for m in chart.marks
        )
    else:
        # A group that goes on in the next part is headed again.
        before = [(0, name) for row, name in chart.headings if row <= at][-1:]
        later = [(row - at, name) for row, name in chart.headings if at < row < until]
        kept["headings"] = (*before, *later)
        kept["parts"] = tuple(
            replace(p, shares=p.shares[at:until], hover=p.hover[at:until]) for p in chart.parts
        )
    return replace(chart, **kept)
