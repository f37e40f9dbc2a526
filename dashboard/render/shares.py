"""Shares drawn: dots with their intervals, and answers as bars of one length."""

import math
import textwrap
from html import escape
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.exhibit import Dots, Stack

_ROW = 40  # pixels a row takes: two lines of its name at 14 px
_NAME_WIDTH = 18  # letters of a line of a name: a phone has room for no more
_LINE = 17  # pixels a line of a name takes
_LETTER = 8  # pixels of a letter at 14 px
# A part narrower than this share of a bar has no room for its percentage on a wide screen.
_ROOM_FOR_WORDS = 0.06
_STEPS = (0.05, 0.1, 0.2, 0.25)
# Ticks of per cents that fit side by side on a phone.
_MOST_TICKS = 5

# Each kind of mark: shape, size, and its colour; the shape in the key says the same.
_MARKS = {
    "now": ("circle", 13, theme.SEQUENCE[0], "●"),
    "before": ("diamond", 10, theme.SURFACE, "◇"),
    "measured": ("square", 11, theme.SEQUENCE[1], "■"),
}


def error_bars(
    values: tuple[float | None, ...], between: tuple[tuple[float, float] | None, ...], colour: str
) -> dict[str, Any]:
    """Plotly's error bars from one end of each interval to the other."""
    known = list(zip(values, between, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if v is None or b is None else b[1] - v for v, b in known],
        "arrayminus": [0 if v is None or b is None else v - b[0] for v, b in known],
        "color": colour,
        "thickness": 2,
        "width": 4,
    }


def dots(chart: Dots, whole: Dots | None = None, name_width: int = _NAME_WIDTH) -> dict[str, Any]:
    """A dot plot: what is now as a dot with its interval, beside it what was before.

    whole: what the rows are some of, on whose scale they are drawn. name_width: letters of a name
    before it is broken.
    """
    rows = _rows(chart.categories, name_width)
    marks = (whole or chart).marks
    shown = [v for m in marks for v in m.values if v is not None]
    shown += [v for m in marks for b in m.between if b for v in b]
    shown += [chart.target] if chart.target is not None else []
    low, high = max(min(shown) - 0.03, 0), min(max(shown) + 0.03, 1)
    layout = _layout(rows, chart.notes) | {
        "xaxis": _percent_axis(low, high),
        "hovermode": "y unified",
    }
    if chart.target is not None:
        layout["shapes"] = [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": chart.target,
                "x1": chart.target,
                "y0": 0,
                "y1": 1,
                "layer": "below",
                "line": {"color": theme.QUIET, "width": 1.5, "dash": "dash"},
            }
        ]
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
            "customdata": [escape(h) for h in mark.hover],
            "hovertemplate": f"{escape(mark.name)}: %{{customdata}}<extra></extra>",
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
    return {"data": traces, "layout": layout}


def stack(chart: Stack, name_width: int = _NAME_WIDTH) -> dict[str, Any]:
    """Bars of one length, each answer's share of them in its own colour with its percentage."""
    # Each heading is a row of its own, without a bar.
    names: list[str] = []
    at: list[int] = []
    headings = dict(chart.headings)
    for nth, row in enumerate(_rows(chart.categories, name_width)):
        if nth in headings:
            names.append(f"<b>{escape(headings[nth])}</b>")
        at.append(len(names))
        names.append(row)
    notes = [""] * len(names)
    for place, note in zip(at, chart.notes, strict=True):
        notes[place] = note
    rows = [names[place] for place in at]
    layout = _layout(names, tuple(notes)) | {
        "xaxis": _percent_axis(0, 1),
        "barmode": "stack",
        # A percentage that would have to be set smaller on a phone is left out there.
        "uniformtext": {"mode": "hide", "minsize": theme.TEXT_SIZE - 2},
        "hovermode": "y unified",
    }
    traces = []
    for part in chart.parts:
        colour, ink, said = theme.ANSWERS[part.role]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": list(part.shares),
                "y": rows,
                "name": said,
                "width": 0.7,
                "marker": {"color": colour, "line": {"color": theme.SURFACE, "width": 1}},
                "text": [
                    words.percent(s) if s is not None and s >= _ROOM_FOR_WORDS else ""
                    for s in part.shares
                ],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"color": ink, "size": theme.TEXT_SIZE},
                "cliponaxis": False,
                "customdata": [escape(h) for h in part.hover],
                "hovertemplate": f"{said}: %{{customdata}}<extra></extra>",
            }
        )
    return {"data": traces, "layout": layout}


def key(chart: Dots | Stack) -> dict[str, str]:
    """What each mark or colour stands for: its name, and its sign as HTML."""
    if isinstance(chart, Stack):
        return {
            said: f'<span class="os-block" aria-hidden="true" style="background:{colour}"></span>'
            for colour, _, said in (theme.ANSWERS[p.role] for p in chart.parts)
        }
    items = {}
    for mark in chart.marks:
        *_, colour, shape = _MARKS[mark.role]
        ink = theme.INK if colour == theme.SURFACE else colour
        shape = f"┝{shape}┥" if any(mark.between) else shape
        items[mark.name] = f'<span aria-hidden="true" style="color:{ink}">{shape}</span>'
    if chart.target is not None:
        items[f"Target {words.percent(chart.target)}"] = (
            '<span class="os-swatch" aria-hidden="true" '
            f'style="border-top:3px dashed {theme.QUIET}"></span>'
        )
    return items


def _rows(categories: tuple[str, ...], width: int) -> list[str]:
    """Names broken into lines; two that are alike are told apart by what has no width."""
    rows: list[str] = []
    for category in categories:
        name = "<br>".join(escape(x) for x in textwrap.wrap(category, width)) or " "
        while name in rows:
            name += "\u200b"
        rows.append(name)
    return rows


def _layout(rows: list[str], notes: tuple[str, ...]) -> dict[str, Any]:
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
            {
                "text": escape(note),
                "xref": "paper",
                "yref": "y",
                "x": 1,
                "y": row,
                "xanchor": "left",
                "xshift": 8,
                "showarrow": False,
                "font": {"color": theme.INK},
            }
            for row, note in zip(rows, notes, strict=True)
            if note
        ],
    }


def _percent_axis(low: float, high: float) -> dict[str, Any]:
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
