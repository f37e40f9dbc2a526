"""A stack: what the answers of each row are made of, as bars of one length."""

import functools
from dataclasses import replace
from html import escape
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.charts import Stack
from dashboard.render import fitted
from dashboard.render.html import Markup, html
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Axis, Plot, Series, code
from dashboard.render.pieces import hover
from dashboard.render.share_rows import NAME_WIDTH, layout, percent_axis, rows_of

# A part narrower than this share of a bar has no room for its percentage on a wide screen.
_ROOM_FOR_WORDS = 0.06


def _figure(chart: Stack, name_width: int = NAME_WIDTH) -> dict[str, Any]:
    """Bars of one length, each answer's share of them in its own colour with its percentage."""
    # Each heading is a row of its own, without a bar.
    names: list[str] = []
    at: list[int] = []
    headings = dict(chart.headings)
    for nth, row in enumerate(rows_of(chart.categories, name_width)):
        if nth in headings:
            names.append(f"<b>{escape(headings[nth])}</b>")
        at.append(len(names))
        names.append(row)
    notes = [""] * len(names)
    for row, note in zip(at, chart.notes, strict=True):
        notes[row] = note
    rows = [names[row] for row in at]
    look = layout(names, tuple(notes)) | {
        "xaxis": percent_axis(0, 1),
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
                **hover(said, part.hover),
            }
        )
    return {"data": traces, "layout": look}


def _plots(chart: Stack) -> tuple[Plot, ...]:
    """Answers as parts of one length; the heading of its group stands before a row's name."""
    if not chart.categories:
        return ()
    group, names = "", []
    headings = dict(chart.headings)
    for row, (name, note) in enumerate(zip(chart.categories, chart.notes, strict=True)):
        group = headings.get(row, group)
        names.append(f"{f'{group}: ' * bool(group)}{name}{f' ({note})' * bool(note)}")
    series = tuple(
        Series(theme.ANSWERS[part.role][2], part.shares, theme.ANSWERS[part.role][0])
        for part in chart.parts
    )
    scale = Axis(0, 1, 0.25, "0%")
    return (Plot("bars", "", series, scale, code("share", 0.001), tuple(names), is_stacked=True),)


def _key(chart: Stack) -> dict[str, Markup]:
    return {
        said: html(
            '<span class="os-block" aria-hidden="true" style="background:%s"></span>', colour
        )
        for colour, _, said in (theme.ANSWERS[p.role] for p in chart.parts)
    }


def _some(chart: Stack, at: int, until: int) -> Stack:
    # A group that goes on in the next part is headed again.
    before = [(0, name) for row, name in chart.headings if row <= at][-1:]
    later = [(row - at, name) for row, name in chart.headings if at < row < until]
    return replace(
        fitted.cut(chart, at, until, "categories", "notes"),
        parts=tuple(fitted.cut(p, at, until, "shares", "hover") for p in chart.parts),
        headings=(*before, *later),
    )


def _parts(chart: Stack, _letters: int) -> list[list[dict[str, Any]]]:
    count = len(chart.categories)
    draw = functools.partial(_figure, name_width=fitted.NAME)
    return fitted.by_rows(chart, count, _some, draw, count + len(chart.headings))


KIND = Kind(Stack, "Stacked bar chart", lambda chart: (_figure(chart),), _parts, _plots, _key)
