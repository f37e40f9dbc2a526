"""A trend as native plots: a plot for each panel."""

from datetime import date

from dashboard import theme
from dashboard.exhibits.charts import Line, Panel, Trend
from dashboard.render.kinds.trend.figure import (
    MARKERS_UP_TO,
    UNMARKED,
    has_lone_point,
    lettered,
    style_of,
)
from dashboard.render.native import Axis, Plot, Series, axis, finest_code, serial

_SYMBOLS = {"improvement": "diamond", "concern": "square", "change": "plus"}
# Between two periods further apart than this a stepped line would be drawn as a slope.
_A_MONTH = 31


def plots(chart: Trend) -> tuple[Plot, ...]:
    months = sorted({m for p in chart.panels for x in p.lines for m in x.months})
    if not months:
        return ()
    every = [v for p in chart.panels for x in p.lines for v in x.values if v is not None]
    from_zero = any(p.from_zero for p in chart.panels)
    alone = len(chart.panels) == 1
    letters = [(a, m) for a, m, _ in lettered(chart)] if alone else []
    found = []
    for panel in chart.panels:
        known = [v for x in panel.lines for v in x.values if v is not None]
        scale = (
            axis(every, panel.unit, 4, from_zero)
            if chart.same_scale
            else axis(known, panel.unit, 5 if alone else 2, panel.from_zero)
        )
        found.append(_panel(panel, chart.council_order, months, scale, letters))
    return tuple(found)


def _panel(
    panel: Panel,
    order: tuple[str, ...],
    months: list[date],
    scale: Axis,
    letters: list[tuple[str, date]],
) -> Plot:
    own = sorted({m for x in panel.lines for m in x.months})
    at_months = [_at(line, own) for line in panel.lines]
    together = None not in at_months
    series = [
        _line(line, order, values if together else None)
        for line, values in zip(panel.lines, at_months, strict=True)
    ]
    for line in panel.lines:
        series += _marked(line, own if together else None)
    if letters and together:
        by_month = {}
        for letter, month in letters:
            at = max((m for m in own if m <= month), default=own[0])
            by_month[at] = f"{by_month[at]} {letter}" if at in by_month else letter
        series.append(
            Series(
                "Dated events: see the notes",
                tuple(scale.low if m in by_month else None for m in own),
                theme.INK,
                symbol="triangle",
                size=10,
                labels=tuple(by_month.get(m, "") for m in own),
            )
        )
    days = Axis(serial(months[0]), serial(months[-1]), 1, "mmm yyyy")
    return Plot(
        "lines" if together else "points",
        panel.title,
        tuple(series),
        scale,
        finest_code(panel.unit),
        tuple(own) if together else (),
        days,
        is_over_time=True,
    )


def _at(line: Line, months: list[date]) -> tuple[float | None, ...] | None:
    """A line's values at the months of all lines, or None where it can't be told at them.

    What is level between two of its own points, as a limit is, is known in between; a step holds
    until the next. But lines told at fewer times than others would be torn apart, and steps
    between periods far apart would be drawn as slopes.
    """
    if not line.months:
        return (None,) * len(months)
    held = dict(zip(line.months, line.values, strict=True))
    own = sorted(held)
    values: list[float | None] = []
    for nth, month in enumerate(months):
        if month in held:
            values.append(held[month])
        elif not own[0] < month < own[-1]:
            values.append(None)
        else:
            before = held[max(m for m in own if m < month)]
            after = held[min(m for m in own if m > month)]
            if before is None or after is None:
                values.append(None)
            elif before == after or line.is_stepped:
                values.append(before)
            else:
                return None
        if line.is_stepped and nth and None not in values[-2:]:
            is_far = (month - months[nth - 1]).days > _A_MONTH
            if is_far and values[-1] != values[-2]:
                return None
    return tuple(values)


def _line(line: Line, order: tuple[str, ...], values: tuple[float | None, ...] | None) -> Series:
    """A line at the months of its plot, where it has values at them, or at its own."""
    style = style_of(line, order)
    known = sum(v is not None for v in line.values)
    is_marked = line.role not in UNMARKED and (
        known <= MARKERS_UP_TO or bool(line.marks) or has_lone_point(line)
    )
    x, own = _corners(line) if line.is_stepped else (line.months, line.values)
    return Series(
        line.name,
        own if values is None else values,
        style["color"],
        x if values is None else (),
        style["width"],
        style.get("dash", "solid"),
        "circle" if is_marked else None,
        5 if line.marks else 7,
        is_context=line.role == "context",
    )


def _corners(line: Line) -> tuple[tuple[date, ...], tuple[float | None, ...]]:
    """A stepped line by its corners: each value until the next begins."""
    points: list[tuple[date, float | None]] = []
    for month, value in zip(line.months, line.values, strict=True):
        if points and points[-1][1] != value:
            points.append((month, points[-1][1]))
        points.append((month, value))
    return tuple(m for m, _ in points), tuple(v for _, v in points)


def _marked(line: Line, months: list[date] | None) -> list[Series]:
    """The points that have a mark of their own, as series of their own, so that the key names
    each with its shape."""
    count = len(line.values)
    kinds = [
        (k, theme.SIGNALS[k][2], theme.SIGNALS[k][0], _SYMBOLS[k], False)
        for k in theme.SIGNALS
        if k in line.marks and k in _SYMBOLS
    ]
    found = []
    for kind, name, colour, symbol, hollow in [
        *kinds,
        ("provisional", "Provisional", theme.INK, "circle", True),
    ]:
        is_one = line.provisional if hollow else tuple(m == kind for m in line.marks)
        at = [
            (line.months[i], line.values[i])
            for i in range(count)
            if is_one and is_one[i] and line.values[i] is not None
        ]
        if not at:
            continue
        by_month = dict(at)
        found.append(
            Series(
                name,
                tuple(by_month.get(m) for m in months) if months else tuple(v for _, v in at),
                colour,
                () if months else tuple(m for m, _ in at),
                symbol=symbol,
                size=13 if hollow else 11,
                is_hollow=hollow,
            )
        )
    return found
