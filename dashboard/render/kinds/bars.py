"""Bars from left to right, a row for each category."""

import functools
import itertools
from dataclasses import replace
from html import escape
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.charts import Bar, Bars
from dashboard.render import fitted, signs
from dashboard.render.html import Markup
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Plot, Series, axis, finest_code, floating
from dashboard.render.pieces import STYLES, broken, hover, note_at, rule
from dashboard.render.scale import ticks

_BAR_HEIGHT = 38
# Names of bars are broken into lines of this many letters: a phone has room for no more.
_NAME_WIDTH = 18
_NAME_LINE = 17  # pixels a line of a name takes


def _colour_of(bar: Bar) -> str:
    """The colour of a set of bars: by what they are."""
    return STYLES[bar.role]["color"]


def _figure(chart: Bars, whole: Bars, name_width: int = _NAME_WIDTH) -> dict[str, Any]:
    """Bars with their marks, on the scale of the whole.

    name_width: letters of a name before it is broken.
    """
    count = len(chart.categories)
    rows = [broken(c, name_width) for c in chart.categories]
    deepest = max(r.count("<br>") + 1 for r in rows)
    layout = theme.layout(max(_BAR_HEIGHT, deepest * _NAME_LINE + 6) * count + 40)
    ends = [end for b in whole.bars for end in _ends(b)]
    biggest, least = max(ends, default=1), min(ends, default=0)
    marks = ticks(min(0, least), max(biggest, 0), 3, fewest=2)
    layout |= {
        "xaxis": theme.axis(
            range=[min(0, least * 1.12), max(biggest, 0) * 1.04],
            tickvals=marks,
            ticktext=[words.figure(t, chart.unit) for t in marks],
            side="top",
            tickangle=0,
        ),
        # Each bar is named, however little room it has.
        "yaxis": theme.axis(autorange="reversed", showgrid=False, ticks="", tickvals=rows),
        # Where there are one or two rows, Plotly would not make room for the axis by itself.
        "margin": {"l": 8, "r": 16 + max(len(n) for n in chart.notes) * 8, "t": 28, "b": 8},
        "hovermode": "y unified",
        "barmode": "overlay",
        "annotations": [
            note_at(row, escape(note), 6, font={"color": theme.INK})
            for row, note in zip(rows, chart.notes, strict=True)
        ],
        "shapes": [
            rule((0, 1), (row - 0.5, row - 0.5), xref="paper", layer="above")
            for row in chart.breaks
        ],
    }
    traces = []
    for bar in chart.bars:
        common = {"y": rows, "x": list(bar.values), "name": bar.name, **hover(bar.name, bar.hover)}
        if bar.is_mark:
            traces += _marks(bar, common)
        else:
            traces.append(
                common
                | {
                    "type": "bar",
                    "orientation": "h",
                    "width": 0.62,
                    "marker": {"color": _colour_of(bar)},
                }
                | ({"base": list(bar.starts)} if bar.starts else {})
            )
    return {"data": traces, "layout": layout}


def _ends(bar: Bar) -> list[float]:
    starts = bar.starts or (0.0,) * len(bar.values)
    return [at + v for at, v in zip(starts, bar.values, strict=True) if v is not None]


def _marks(bar: Bar, common: dict[str, Any]) -> list[dict[str, Any]]:
    """A value marked on the bars: ink that stands out above and below the bar.

    A tick has nothing around it: a white edge would cover the end of a bar that is a little over,
    and make it look under.
    """
    mark = common | {"type": "scatter", "mode": "markers"}
    if bar.role != "budget":
        ink = {"color": theme.INK, "width": 2}
        return [mark | {"marker": {"symbol": "diamond", "size": 11, "color": "white", "line": ink}}]
    tick = {"symbol": "line-ns-open", "size": 24, "color": theme.INK, "line": {"width": 2}}
    return [mark | {"marker": tick}]


def _plots(chart: Bars) -> tuple[Plot, ...]:
    if not chart.categories:
        return ()
    if any(b.starts for b in chart.bars):
        return (_steps(chart),)
    known = [v for b in chart.bars for v in b.values if v is not None]
    colours = {"actual": theme.SEQUENCE[0], "budget": theme.WHOLE, "year before": theme.CONTEXT}
    spare = itertools.cycle(theme.PALETTE[1:])
    series = tuple(
        Series(
            bar.name,
            bar.values,
            colours.get(bar.role) or next(spare),
            labels=chart.notes if nth == 0 else (),
        )
        for nth, bar in enumerate(sorted(chart.bars, key=lambda b: b.is_mark))
    )
    return (
        Plot(
            "bars",
            "",
            series,
            axis(known, chart.unit, 3, from_zero=True),
            finest_code(chart.unit),
            chart.categories,
        ),
    )


def _steps(chart: Bars) -> Plot:
    """Bars of which some begin where others end: one of them in each row."""
    spans = []
    for row in range(len(chart.categories)):
        bar = next((b for b in chart.bars if b.values[row] is not None), chart.bars[0])
        start = bar.starts[row] if bar.starts else 0.0
        spans.append((bar.name, start, start + (bar.values[row] or 0.0)))
    return Plot(
        "bars",
        "",
        floating(spans, {b.name: _colour_of(b) for b in chart.bars}),
        axis([end for _, *ends in spans for end in ends], chart.unit, 3, from_zero=True),
        finest_code(chart.unit),
        tuple(f"{name}: {note}" for name, note in zip(chart.categories, chart.notes, strict=True)),
        is_stacked=True,
    )


def _some(chart: Bars, at: int, until: int) -> Bars:
    return replace(
        fitted.cut(chart, at, until, "categories", "notes"),
        bars=tuple(fitted.cut(b, at, until, "values", "hover", "starts") for b in chart.bars),
        breaks=tuple(b - at for b in chart.breaks if at < b < until),
    )


def _parts(chart: Bars, _letters: int) -> list[list[dict[str, Any]]]:
    draw = functools.partial(_figure, whole=chart, name_width=fitted.NAME)
    return fitted.by_rows(chart, len(chart.categories), _some, draw)


def _key(chart: Bars) -> dict[str, Markup]:
    items = {}
    for bar in chart.bars:
        if bar.is_mark:
            shape = "┃" if bar.role == "budget" else "◇"
            items[bar.name] = signs.glyph(shape)
        else:
            items[bar.name] = signs.swatch(_colour_of(bar), "solid")
    return items


def _check(chart: Bars) -> None:
    for bar in chart.bars:
        if len(bar.values) != len(chart.categories):
            raise ValueError(f"bars “{bar.name}” are {len(bar.values)}, and categories are not")


KIND = Kind(Bars, "Bar chart", lambda chart: (_figure(chart, chart),), _parts, _plots, _key, _check)
