"""A trend as Plotly draws it: its panels one above the other, on one time axis."""

import itertools
import math
from dataclasses import replace
from datetime import date
from html import escape
from typing import Any

from dashboard import settings, theme, words
from dashboard.exhibits.charts import Event, Line, Panel, Trend
from dashboard.method.financial_year import later
from dashboard.render.pieces import STYLES, broken, error_bars, hover, note, rule
from dashboard.render.scale import ticks

# Pixels between a panel's axes and the next: room for its title.
_PANEL_GAP = 34
_NAME_LINE = 17  # pixels a line of a name takes
# Panels that one column holds even where two are possible.
_ONE_COLUMN_UP_TO = 3
# Columns of small multiples: in a third of a wide screen four years of months can still be read.
_COLUMNS = 3
# Direct labels closer than this overlap at 14 px.
_LABEL_APART = 18
# Pixels of a plot on a wide screen, and from which a point can be pointed at where they are many.
_PLOT_WIDTH, _LEAST_HOVER = 900, 6
# Letters that mark events; a chart with more events than these would be all events.
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Letters nearer than this share of the time axis would overlap at 390 pixels.
_LETTERS_APART = 0.05
# Points beyond which a marker on each becomes a bead chain.
MARKERS_UP_TO = 14
# Points that can each be named on the time axis of a phone.
_POINTS_TICKED = 6
# Plotly's names for the shapes of theme.SIGNALS, and the pixels at which they look alike in size.
_SYMBOLS = {
    "improvement": ("diamond", 11),
    "concern": ("square", 9),
    "change": ("cross", 11),
    None: ("circle", 9),
}
# What the key alone names, so that the ends of lines have room for the figures' own names.
_BEHIND = ("context", "benchmark", "benchmark quartile", "past year", "interval")
_ON_PAPER = {"xref": "paper", "yref": "paper"}
# Lines with a marker only where a figure stands alone, and no line would show it: a year's
# benchmark beside figures that add up, a forecast that could be made once.
_MARKED_ALONE = ("benchmark", "benchmark quartile", "forecast")
# Lines without a marker on each point, however few they are.
UNMARKED = (
    *("target", "context", "middle", "budget", "past year"),
    *("centre", "limit", "trial limit"),
)


def style_of(line: Line, order: tuple[str, ...]) -> dict[str, Any]:
    """How a line is drawn: by what it is; a council by its place in the workspace."""
    if line.role in STYLES:
        return STYLES[line.role]
    return {"color": theme.colour_of(line.role, order), "width": 2.5}


def lettered(chart: Trend) -> list[tuple[str, date, list[Event]]]:
    drawn = [m for p in chart.panels for x in p.lines for m in x.months]
    if not drawn:
        return []
    by_month: dict[date, list[Event]] = {}
    for event in chart.events:
        if min(drawn) <= event.month <= max(drawn):
            by_month.setdefault(event.month, []).append(event)
    return [
        (letter, month, events)
        for letter, (month, events) in zip(_LETTERS, sorted(by_month.items()), strict=False)
    ]


def _bears_on(panel: Panel, events: list[Event]) -> bool:
    """False where a panel is one council's and the events are another's."""
    return any(panel.council_id in (None, e.council_id) or e.council_id is None for e in events)


def figures(chart: Trend) -> tuple[dict[str, Any], ...]:
    """A figure for each column of panels, which are filled from top to bottom."""
    count = len(chart.panels)
    most = (
        _COLUMNS
        if chart.same_scale
        else 2
        if chart.side_by_side and count > _ONE_COLUMN_UP_TO
        else 1
    )
    deep = math.ceil(count / most)
    return tuple(
        figure(replace(chart, panels=chart.panels[at : at + deep]), chart)
        for at in range(0, count, deep)
    )


def _months(chart: Trend) -> list[date]:
    return sorted({m for p in chart.panels for x in p.lines for m in x.months})


def figure(
    chart: Trend,
    whole: Trend,
    rows_in: tuple[int, int] | None = None,
    title_width: int | None = None,
) -> dict[str, Any]:
    """The panels of a column, on the time axis, the letters and any common scale of the whole.

    rows_in: so many rows of panels in so many pixels, where another height is wanted than a page's.
    title_width: letters of a panel's title before it is broken, where panels are narrow.
    """
    months, letters = _months(whole), lettered(whole)
    scale = _range(whole.panels) if whole.same_scale else None
    count = len(chart.panels)
    single = len(whole.panels) == 1 and not chart.same_scale
    titles = [_titled(p, title_width) for p in chart.panels]
    # Columns side by side keep the same height, so all make room for the longest title.
    lines = max(_titled(p, title_width).count("<br>") for p in whole.panels)
    gap = _PANEL_GAP + lines * _NAME_LINE
    # Panels side by side keep the same height, whether or not an event bears on each.
    room_for_letters = 24 if letters else 0
    # Above the first panel stand its title and, where there are events, their letters.
    titled = 0 if single else 24 + lines * _NAME_LINE
    top, bottom = 4 + titled + room_for_letters, 44
    if rows_in:
        rows, height = rows_in
        each = (height - top - bottom - gap * (rows - 1)) // rows
    elif single:
        each = theme.CHART_HEIGHT
    else:
        each = theme.CONTROL_HEIGHT if chart.same_scale else theme.PANEL_HEIGHT
    plot = each * count + gap * (count - 1)
    layout = theme.layout(plot + top + bottom)
    named = _named(chart.panels[0])
    # Beside a crowd the key is enough: the names of its quartiles would take a phone's width.
    crowd = any(x.role == "middle" for x in named)
    labelled = single and not crowd and 1 < len(named) <= settings.COLOURED_COUNCILS + 2
    longest = max((len(x.name) for x in named), default=0) if labelled else 0
    layout["margin"] = {
        "l": 8,
        "r": 12 + (longest * 7 + 6 if labelled else 0),
        "t": top,
        "b": bottom,
    }
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    marks, shown = _time_ticks(months)
    pad = max((max(months) - min(months)).days * 0.015, 10)
    first, last = min(months).toordinal() - pad, max(months).toordinal() + pad
    # One axis for all, beneath the last panel: pointing at a month says it in every panel.
    layout["xaxis"] = theme.axis(
        type="date",
        tickvals=marks,
        ticktext=shown,
        showgrid=False,
        anchor=f"y{count if count > 1 else ''}",
        range=[
            date.fromordinal(int(first)).isoformat(),
            date.fromordinal(math.ceil(last)).isoformat(),
        ],
        hoverformat="%B %Y",
        tickangle=0,
        ticks="outside",
    )
    if count > 1:
        layout |= {
            "hovermode": "x",
            "hoversubplots": "axis",
            # Values of other months than the one pointed at are no answer.
            "hoverdistance": max(round(_PLOT_WIDTH / len(months) / 2), _LEAST_HOVER),
        }
    for at, panel in enumerate(chart.panels):
        n = "" if at == 0 else str(at + 1)
        high = 1 - at * (each + gap) / plot if not single else 1
        low = high - each / plot if not single else 0
        bottom_, top_ = scale or _range((panel,))
        step_ticks = ticks(bottom_, top_, 5 if single or scale else 3)
        layout[f"yaxis{n}"] = theme.axis(
            domain=[max(low, 0), min(high, 1)],
            range=[bottom_, top_],
            tickvals=step_ticks,
            ticktext=[words.figure(t, panel.unit) for t in step_ticks],
            anchor="x",
        )
        if panel.title:
            notes.append(
                note(
                    f"<b>{titles[at]}</b>",
                    0,
                    min(high, 1),
                    **_ON_PAPER,
                    align="left",
                    xanchor="left",
                    yanchor="bottom",
                    yshift=4,
                    font={"size": theme.TEXT_SIZE},
                )
            )
        for line in panel.lines:
            traces += _traces(line, chart.council_order, n, panel.council_id)
        if labelled:
            notes += _labels(panel, chart.council_order, bottom_, top_, plot)
    domains = [layout[f"yaxis{at + 1 if at else ''}"]["domain"] for at in range(count)]
    shapes, letters_at = _events(chart, letters, domains, (last - first) * _LETTERS_APART, titled)
    layout["shapes"], layout["annotations"] = shapes, notes + letters_at
    return {"data": traces, "layout": layout}


def _events(
    chart: Trend,
    letters: list[tuple[str, date, list[Event]]],
    domains: list[list[float]],
    near: float,
    titled: int,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A line on each panel that an event bears on, and its letter above the first."""
    shapes, notes = [], []
    placed: list[tuple[float, dict[str, Any]]] = []
    for letter, month, events in letters:
        concerned = [at for at, panel in enumerate(chart.panels) if _bears_on(panel, events)]
        if not concerned:
            continue
        shapes += [
            rule((month.isoformat(),) * 2, (low, high), dash="dot", yref="paper")
            for low, high in (
                [(0, 1)] if len(concerned) == len(domains) else [domains[at] for at in concerned]
            )
        ]
        # On a phone two letters a month apart would lie on each other: then they share a place.
        if placed and month.toordinal() - placed[-1][0] < near:
            placed[-1][1]["text"] += f"<b> {letter}</b>"
            continue
        letter_at = note(
            f"<b>{letter}</b>",
            month.isoformat(),
            1,
            xref="x",
            yref="paper",
            yanchor="bottom",
            yshift=titled,
            font={"size": theme.TEXT_SIZE, "color": theme.INK},
        )
        placed.append((month.toordinal(), letter_at))
        notes.append(letter_at)
    return shapes, notes


def _named(panel: Panel) -> list[Line]:
    return [x for x in panel.lines if x.role not in _BEHIND]


def _traces(
    line: Line, order: tuple[str, ...], axis: str, council_id: str | None
) -> list[dict[str, Any]]:
    style = style_of(line, order)
    points = sum(v is not None for v in line.values)
    alone = has_lone_point(line)
    marked = (
        alone
        if line.role in _MARKED_ALONE
        else line.role not in UNMARKED and (points <= MARKERS_UP_TO or alone or bool(line.marks))
    )
    x = [m.isoformat() for m in line.months]
    trace: dict[str, Any] = {
        "type": "scatter",
        "x": x,
        "y": list(line.values),
        "mode": "lines+markers" if marked else "lines",
        "name": escape(line.name),
        "line": style,
        "connectgaps": False,
        "xaxis": "x",
        "yaxis": f"y{axis}",
    }
    if marked:
        few = points <= MARKERS_UP_TO and not line.marks
        colour = theme.SIGNALS["usual variation"][0] if line.marks else style["color"]
        # The newest point stands at the edge, and is the one that matters most.
        trace["cliponaxis"] = False
        trace["marker"] = {"size": 7 if few else 5 if line.marks else 4, "color": colour}
    if line.is_stepped:
        trace["line"] = {**style, "shape": "hv"}
    if any(line.between):
        trace["error_y"] = error_bars(line.values, line.between, style["color"])
    if line.is_filled:
        trace |= {"fill": "tonexty", "fillcolor": theme.BAND}
    if not line.hover or line.role == "context":
        trace["hoverinfo"] = "skip"
    else:
        trace |= hover(line.name, line.hover)
        trace["hoverlabel"] = {"bordercolor": style["color"]}
        # Whose a point is that is chosen in the browser; a target is nobody's figure.
        if line.role not in UNMARKED:
            trace["meta"] = line.role if line.role in order else council_id or ""
    return [trace, *_marked(line, x, style, axis)]


def _marked(line: Line, x: list[str], style: dict[str, Any], axis: str) -> list[dict[str, Any]]:
    """Points with a mark of their own over the line: a trace for each shape, hollow or filled.

    Few points are marked, so a trace for each costs less than a shape and a colour for every point.
    """
    count = len(line.values)
    kinds = list(
        zip(line.marks or (None,) * count, line.provisional or (False,) * count, strict=True)
    )
    traces = []
    for mark, hollow in sorted(set(kinds), key=str):
        at = [i for i in range(count) if kinds[i] == (mark, hollow) and line.values[i] is not None]
        if not at or (mark is None and not hollow):
            continue
        symbol, size = _SYMBOLS[mark]
        colour = theme.SIGNALS[mark][0] if mark else style["color"]
        traces.append(
            {
                "type": "scatter",
                "x": [x[i] for i in at],
                "y": [line.values[i] for i in at],
                "mode": "markers",
                "cliponaxis": False,
                "hoverinfo": "skip",
                "xaxis": "x",
                "yaxis": f"y{axis}",
                "marker": {
                    "symbol": symbol,
                    "size": size,
                    "color": theme.SURFACE if hollow else colour,
                    "line": {"color": colour, "width": 2 if hollow else 0},
                },
            }
        )
    return traces


def has_lone_point(line: Line) -> bool:
    """True where a figure stands between two gaps: a line alone would not show it."""
    values = [None, *line.values, None]
    return any(
        values[i] is not None and values[i - 1] is None and values[i + 1] is None
        for i in range(1, len(values) - 1)
    )


def _labels(
    panel: Panel, order: tuple[str, ...], low: float, high: float, height: float
) -> list[dict[str, Any]]:
    """Names at the ends of lines, pushed apart so that none covers another."""
    ends = []
    for line in _named(panel):
        known = [v for v in line.values if v is not None]
        if known:
            ends.append([(known[-1] - low) / ((high - low) or 1) * height, line])
    ends.sort(key=lambda e: e[0])
    for before, after in itertools.pairwise(ends):
        after[0] = max(after[0], before[0] + _LABEL_APART)
    over = ends[-1][0] - height if ends else 0
    for end in reversed(ends):
        if over > 0:
            end[0] -= over
    return [
        note(
            escape(line.name),
            1,
            at / height,
            **_ON_PAPER,
            xanchor="left",
            yanchor="middle",
            xshift=4,
            font={
                "color": theme.text_colour(style_of(line, order)["color"]),
                "size": theme.TEXT_SIZE,
            },
        )
        for at, line in ends
    ]


def _titled(panel: Panel, width: int | None) -> str:
    return broken(panel.title, width) if width else escape(panel.title)


def _range(panels: tuple[Panel, ...]) -> tuple[float, float]:
    """What an axis spans: all that is drawn on the panels, and a little room."""
    known = [v for p in panels for x in p.lines for v in x.values if v is not None]
    known += [v for p in panels for x in p.lines for b in x.between if b for v in b]
    low, high = min(known), max(known)
    from_zero = any(p.from_zero for p in panels)
    if from_zero:
        low, high = min(low, 0), max(high, 0)
    gap = (high - low) or abs(high) or 1
    # A share can't be above 100%, and a line along the very top would be cut in half.
    return (low - (0 if from_zero and low == 0 else gap * 0.08)), high + gap * 0.08


def _time_ticks(months: list[date]) -> tuple[list[str], list[str]]:
    """Where the time axis is marked: at the points themselves where they are few; else yearly."""
    first, last = months[0], months[-1]
    if len(months) <= _POINTS_TICKED:
        return [m.isoformat() for m in months], [f"{m:%b}<br>{m:%Y}" for m in months]
    span = (last.year - first.year) * 12 + last.month - first.month
    every = 24 if span > 96 else 12 if span > 24 else 3
    start = date(first.year, first.month, 1)
    marks, texts, count = [], [], 0
    while count <= span:
        at = later(start, count)
        marks.append(at.isoformat())
        texts.append(f"{at:%b}<br>{at:%Y}")
        count += every
    return marks, texts
