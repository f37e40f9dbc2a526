"""A funnel: proportions against their cases, with the limits within which chance keeps them."""

import itertools
from dataclasses import replace
from html import escape
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.charts import Funnel, FunnelPoint
from dashboard.render import signs
from dashboard.render.html import Markup
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Plot, Series, axis, code
from dashboard.render.pieces import STYLES, hover
from dashboard.render.scale import ticks

# Direct labels closer than this overlap at 14 px.
_LABEL_APART = 18
# Pixels of a letter at 14 px, and of a tablet's plot, which the names in a funnel must fit.
_LETTER, _NARROW = 7, 500


def _figure(chart: Funnel) -> dict[str, Any]:
    shares = [p.share for p in chart.points]
    most = max(p.cases for p in chart.points)
    widest = _widest(chart)
    low, high = min(*shares, widest[0]), max(*shares, widest[1])
    gap = (high - low) or 0.1
    bottom, top = max(low - gap * 0.12, -0.02), min(high + gap * 0.12, 1.02)
    steps = ticks(bottom, top, 5)
    room = (most - chart.cases[0]) * 0.08
    layout = theme.layout(theme.CHART_HEIGHT + 60)
    marks = ticks(chart.cases[0], most + room, 5)
    layout |= {
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "hovermode": "closest",
        "xaxis": theme.axis(
            range=[chart.cases[0], most + room],
            tickvals=marks,
            ticktext=[f"{t:,.0f}" for t in marks],
            title={
                "text": escape(chart.cases_are),
                "font": {"color": theme.QUIET, "size": theme.TEXT_SIZE},
            },
            showgrid=False,
            tickangle=0,
            ticks="outside",
        ),
        "yaxis": theme.axis(
            range=[bottom, top], tickvals=steps, ticktext=[words.figure(t, "share") for t in steps]
        ),
    }
    edges = [
        ("limit", [low for low, _ in chart.limits_998], False),
        ("limit", [high for _, high in chart.limits_998], False),
        ("trial limit", [low for low, _ in chart.limits_95], False),
        ("trial limit", [high for _, high in chart.limits_95], True),
        ("whole", [chart.centre] * len(chart.cases), False),
    ]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": list(chart.cases),
            "y": y,
            "mode": "lines",
            "hoverinfo": "skip",
            "line": STYLES[role],
        }
        | ({"fill": "tonexty", "fillcolor": theme.BAND} if filled else {})
        for role, y, filled in edges
    ]
    # Those outside last, so that they lie on top.
    sides = _sides(chart, most + room, bottom, top)
    for point in sorted(chart.points, key=lambda p: (p.role != "context", p.is_outside)):
        traces.append(_point(point, chart, sides.get(point.name)))
    return {"data": traces, "layout": layout}


def _widest(chart: Funnel) -> tuple[float, float]:
    """The limits that an axis spans: those at the smallest council, as they widen without end
    towards few cases."""
    least = min(p.cases for p in chart.points) * (1 - 1e-9)
    return next(at for n, at in zip(chart.cases, chart.limits_998, strict=True) if n >= least)


def _sides(chart: Funnel, most: float, bottom: float, top: float) -> dict[str, Markup]:
    """Where each name is written: none over another, none beyond an edge."""
    sides: dict[str, str] = {}
    taken: list[tuple[float, float, float, float]] = []
    for point in chart.points:
        if not point.is_labelled:
            continue
        x = (point.cases - chart.cases[0]) / (most - chart.cases[0])
        y = (point.share - bottom) / ((top - bottom) or 1)
        wide, high = len(point.name) * _LETTER / _NARROW, _LABEL_APART / theme.CHART_HEIGHT
        leftwards, upwards = x > 0.6, point.share >= chart.centre
        left, low = x - wide * leftwards, y - high * (not upwards)
        box = (left, low, left + wide, low + high)
        if any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            continue
        taken.append(box)
        sides[point.name] = f"{'top' if upwards else 'bottom'} {'left' if leftwards else 'right'}"
    return sides


def _point(point: FunnelPoint, chart: Funnel, side: str | None) -> dict[str, Any]:
    """One council's point: with its name where there is a side to write it on."""
    is_context = point.role == "context"
    colour = theme.CONTEXT if is_context else theme.colour_of(point.role, chart.council_order)
    return {
        "type": "scatter",
        "x": [point.cases],
        "y": [point.share],
        "mode": "markers+text" if side else "markers",
        "text": [escape(point.name)] if side else [],
        "textposition": side or "top right",
        "textfont": {"color": theme.text_colour(colour), "size": theme.TEXT_SIZE},
        "cliponaxis": False,
        **hover(point.name, [point.hover]),
        "marker": {
            "symbol": "diamond" if point.is_outside else "circle",
            "size": (13 if point.is_outside else 9) - 3 * is_context,
            "color": colour,
            # Two of the palette's colours are too light for the band that they stand on.
            "line": {
                "color": theme.QUIET if is_context else theme.INK,
                "width": 1.5 if point.is_outside else 1,
            },
        },
    }


def _plots(chart: Funnel) -> tuple[Plot, ...]:
    widest = _widest(chart)
    limit, inner = ({"color": theme.QUIET, "width": w} for w in (1.0, 1.5))
    edges = [
        ("99.8% limits", tuple(low for low, _ in chart.limits_998), limit, "solid", True),
        ("99.8% limits", tuple(high for _, high in chart.limits_998), limit, "solid", False),
        ("95% limits", tuple(low for low, _ in chart.limits_95), inner, "dot", True),
        ("95% limits", tuple(high for _, high in chart.limits_95), inner, "dot", False),
    ]
    series = [
        Series(name, y, style["color"], chart.cases, style["width"], dash, in_key=named)
        for name, y, style, dash, named in edges
    ]
    series.append(
        Series(
            f"All councils together, {words.figure(chart.centre, 'share')}",
            (chart.centre,) * len(chart.cases),
            theme.WHOLE,
            chart.cases,
            2.5,
        )
    )
    for outside, context in itertools.product((False, True), (True, False)):
        points = [
            p for p in chart.points if p.is_outside == outside and (p.role == "context") == context
        ]
        groups = [points] if context else [[p] for p in points]
        for group in filter(None, groups):
            colour = theme.QUIET if context else theme.colour_of(group[0].role, chart.council_order)
            series.append(
                Series(
                    "Other councils" + (", outside the limits" if outside else "")
                    if context
                    else group[0].name,
                    tuple(p.share for p in group),
                    colour,
                    tuple(p.cases for p in group),
                    symbol="diamond" if outside else "circle",
                    size=13 if outside else 10,
                    is_hollow=context,
                    # The shape alone would not say what it stands for.
                    labels=tuple(
                        p.name + ", outside the limits" * outside if p.is_labelled else ""
                        for p in group
                    ),
                    in_key=context,
                )
            )
    shares = [*(p.share for p in chart.points), *widest]
    cases = axis([0, *(p.cases for p in chart.points)], "number", 5)
    y = axis(shares, "share", 5)
    return (
        Plot(
            "points",
            "",
            tuple(series),
            replace(y, low=max(y.low, 0.0), high=min(y.high, 1.0)),
            code("share", 0.001),
            x=cases,
            x_title=chart.cases_are,
        ),
    )


def _key(chart: Funnel) -> dict[str, Markup]:
    items = {
        f"All councils together, {words.figure(chart.centre, 'share')}": signs.swatch(
            theme.WHOLE, "solid"
        ),
        "95% limits": signs.band(theme.QUIET, "dot"),
        "99.8% limits": signs.band(theme.QUIET, "solid", theme.SURFACE),
    }
    if any(not p.is_outside for p in chart.points):
        items["Within the 99.8% limits"] = signs.glyph("●", theme.INK)
    if any(p.is_outside for p in chart.points):
        items["Outside them: more than chance"] = signs.glyph("◆", theme.INK)
    if any(p.role == "context" for p in chart.points):
        items["Other councils"] = signs.glyph("○", theme.QUIET)
    return items


def _check(chart: Funnel) -> None:
    if not len(chart.cases) == len(chart.limits_95) == len(chart.limits_998):
        raise ValueError("its limits are not as many as the cases that they are for")


KIND = Kind(
    Funnel,
    "Funnel chart",
    lambda chart: (_figure(chart),),
    lambda chart, _: [[_figure(chart)]],
    _plots,
    _key,
    _check,
)
