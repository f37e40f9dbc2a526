"""Dots: shares on one scale, a row for each category, with their intervals."""

import functools
from dataclasses import replace
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.charts import Dots
from dashboard.render import fitted, signs
from dashboard.render.html import Markup
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Axis, Plot, Series, code
from dashboard.render.pieces import error_bars, hover, rule
from dashboard.render.share_rows import NAME_WIDTH, layout, percent_axis, rows_of

# Each kind of mark: shape, size, and its colour; the shape in the key says the same.
_MARKS = {
    "now": ("circle", 13, theme.SEQUENCE[0], "●"),
    "before": ("diamond", 10, theme.SURFACE, "◇"),
    "measured": ("square", 11, theme.SEQUENCE[1], "■"),
}


def _figure(chart: Dots, whole: Dots | None = None, name_width: int = NAME_WIDTH) -> dict[str, Any]:
    """A dot plot: what is now as a dot with its interval, beside it what was before.

    whole: what the rows are some of, on whose scale they are drawn. name_width: letters of a name
    before it is broken.
    """
    rows = rows_of(chart.categories, name_width)
    marks = (whole or chart).marks
    shown = [v for m in marks for v in m.values if v is not None]
    shown += [v for m in marks for b in m.between if b for v in b]
    shown += [chart.target] if chart.target is not None else []
    low, high = max(min(shown) - 0.03, 0), min(max(shown) + 0.03, 1)
    look = layout(rows, chart.notes) | {"xaxis": percent_axis(low, high), "hovermode": "y unified"}
    if chart.target is not None:
        ends = (chart.target, chart.target)
        look["shapes"] = [rule(ends, (0, 1), 1.5, "dash", yref="paper")]
    traces: list[dict[str, Any]] = []
    # The newest last, so that it lies on top.
    for mark in reversed(chart.marks):
        symbol, size, colour, _ = _MARKS[mark.role]
        trace = {
            "type": "scatter",
            "mode": "markers",
            "x": list(mark.values),
            "y": rows,
            "name": mark.name,
            "cliponaxis": False,
            **hover(mark.name, mark.hover),
            "marker": {
                "symbol": symbol,
                "size": size,
                "color": colour,
                "line": {"color": theme.INK, "width": 2 if colour == theme.SURFACE else 0},
            },
        }
        if any(mark.between):
            trace["error_x"] = error_bars(mark.values, mark.between, colour) | {"thickness": 3}
        traces.append(trace)
    return {"data": traces, "layout": look}


def _plots(chart: Dots) -> tuple[Plot, ...]:
    """Shares as bars, as Office has no dots in rows; intervals and target are series beside."""
    if not chart.categories:
        return ()
    colours = {"now": theme.SEQUENCE[0], "before": theme.CONTEXT, "measured": theme.WHOLE}
    series = []
    for nth, mark in enumerate(chart.marks):
        labels = chart.notes if nth == 0 else ()
        series.append(
            Series(mark.name, mark.values, colours.get(mark.role, theme.QUIET), labels=labels)
        )
    if chart.target is not None:
        series.append(Series("Target", (chart.target,) * len(chart.categories), theme.PALETTE[2]))
    scale = Axis(0, 1, 0.25, "0%")
    return (Plot("bars", "", tuple(series), scale, code("share", 0.001), chart.categories),)


def _key(chart: Dots) -> dict[str, Markup]:
    """What each mark or colour stands for: its name, and its sign as HTML."""
    items = {}
    for mark in chart.marks:
        *_, colour, shape = _MARKS[mark.role]
        ink = theme.INK if colour == theme.SURFACE else colour
        shape = f"┝{shape}┥" if any(mark.between) else shape
        items[mark.name] = signs.glyph(shape, ink)
    if chart.target is not None:
        items[f"Target {words.percent(chart.target)}"] = signs.swatch(theme.QUIET, "dash")
    return items


def _some(chart: Dots, at: int, until: int) -> Dots:
    marks = tuple(fitted.cut(m, at, until, "values", "hover", "between") for m in chart.marks)
    return replace(fitted.cut(chart, at, until, "categories", "notes"), marks=marks)


def _parts(chart: Dots, _letters: int) -> list[list[dict[str, Any]]]:
    draw = functools.partial(_figure, whole=chart, name_width=fitted.NAME)
    return fitted.by_rows(chart, len(chart.categories), _some, draw)


KIND = Kind(Dots, "Dot plot", lambda chart: (_figure(chart),), _parts, _plots, _key)
