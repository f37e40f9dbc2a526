"""An exhibit's chart for a slide: in as many parts as it needs, each fit to be read from afar.

A slide is a sheet of 747 by 420 pixels that is scaled to the screen, so that the 14 of a chart's
text is 18 points or more. What has more panels or bars than one holds goes on in the next part.
"""

import math
from dataclasses import replace
from typing import Any

from dashboard.exhibits.exhibit import Bars, Exhibit, Panel, Trend
from dashboard.render.figure import bars_figure, figures, lettered, trend_figure

# What is left of the sheet for a chart beneath a title of two lines, subtitle, key and foot.
_HIGH = 250
# Panels of small multiples: in three rows of them a rise could not be told from a fall, nor in two
# where a long title or events take room.
_ROWS, _COLUMNS = 2, 3
_LONG_TITLE = 100  # letters of two lines
# Letters of a panel's title in the whole of the sheet, a half or a third, beside the axis' labels.
_TITLE = (None, 36, 22)
# Bars with room for a line of text each.
_BARS = 13
# Letters of a name that leave the bars half of the sheet.
_NAME = 34


def parts(exhibit: Exhibit) -> list[list[dict[str, Any]]]:
    """Figures side by side, for each part. Sizes are the sheet's; the page sets what it has."""
    chart = exhibit.chart
    if isinstance(chart, Trend):
        return _trends(chart, 1 if lettered(chart) or len(exhibit.title) > _LONG_TITLE else _ROWS)
    if isinstance(chart, Bars):
        held = _alike(len(chart.categories), _BARS)
        starts = range(0, len(chart.categories), held)
        return [[bars_figure(_some(chart, at, held), chart, _NAME)] for at in starts]
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


def _some(chart: Bars, at: int, held: int) -> Bars:
    until = at + held
    return replace(
        chart,
        categories=chart.categories[at:until],
        notes=chart.notes[at:until],
        bars=tuple(
            replace(b, values=b.values[at:until], hover=b.hover[at:until]) for b in chart.bars
        ),
    )
