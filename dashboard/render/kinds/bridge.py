"""A bridge from budget to what was spent, drawn on its side: rows from top to bottom.

On a phone names then stand on the left, one above the other, where beside each other they would
be turned or cut.
"""

import functools
import itertools
from html import escape
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.charts import Bridge, Step
from dashboard.render import fitted, signs
from dashboard.render.html import Markup
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Plot, axis, finest_code, floating
from dashboard.render.pieces import broken, note_at, rule
from dashboard.render.scale import ticks

# Letters of a name in a line; pixels of a line, of a row and of a letter of a note.
_NAME_WIDTH, _NAME_LINE, _ROW, _LETTER = 18, 17, 34, 7.5


def _figure(
    chart: Bridge, whole: Bridge | None = None, name_width: int = _NAME_WIDTH
) -> dict[str, Any]:
    """The bridge as a plain Plotly figure; or some steps of a whole, on its scale.

    name_width: letters of a name before it is broken.
    """
    whole = whole or chart
    # Plotly puts rows of one name together, so each is numbered and named on the axis alone.
    rows = list(range(len(chart.steps)))
    names = [_name(s, name_width) for s in chart.steps]
    deepest = max(n.count("<br>") + 1 for n in names)
    layout = theme.layout(max(_ROW, deepest * _NAME_LINE + 4) * len(rows) + 56)
    ends = [v for s in whole.steps for v in (s.start, s.end)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = (high - low or 1) * 0.05
    # A phone has room for two or three; the figures themselves stand beside the bars.
    marks = ticks(low - room, high + room, 2, fewest=2)
    layout |= {
        "xaxis": theme.axis(
            range=[low - room, high + room],
            tickvals=marks,
            ticktext=[_over_or_under(t, chart.unit) for t in marks],
            side="top",
            tickangle=0,
        ),
        "yaxis": theme.axis(
            tickvals=rows, ticktext=names, range=[len(rows) - 0.5, -0.5], showgrid=False, ticks=""
        ),
        "margin": {
            "l": 8,
            "r": 14 + int(max(len(_note(s)) for s in chart.steps) * _LETTER),
            "t": 46,
            "b": 8,
        },
        "hovermode": "y unified",
        "shapes": [rule((0, 0), (-0.5, len(rows) - 0.5)), *_ties(chart.steps)],
        "annotations": [note_at(row, _coloured(step), 6) for row, step in enumerate(chart.steps)],
    }
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": rows,
                "base": [s.start for s in chart.steps],
                "x": [s.end - s.start for s in chart.steps],
                "width": [0.5 if s.kind == "step" else 0.72 for s in chart.steps],
                "marker": {
                    "color": [_colour(s) for s in chart.steps],
                    "line": {"color": theme.INK, "width": [_edge(s) for s in chart.steps]},
                },
                "customdata": [escape(s.hover) for s in chart.steps],
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        ],
        "layout": layout,
    }


def _name(step: Step, width: int) -> str:
    said = broken(step.name, width)
    return said if step.kind == "step" else f"<b>{said}</b>"


def _note(step: Step) -> str:
    return f"{theme.MONEY[step.mark][1]} {step.note}" if step.mark else step.note


def _coloured(step: Step) -> str:
    """The note, in ink; its shape in the colour of its bar."""
    if not step.mark:
        return escape(step.note)
    colour, shape, _ = theme.MONEY[step.mark]
    note = f'<span style="color:{colour}">{shape}</span> {escape(step.note)}'
    return note if step.kind == "step" else f"<b>{note}</b>"


def _colour(step: Step) -> str:
    return theme.MONEY[step.mark][0] if step.mark else theme.QUIET


def _edge(step: Step) -> int:
    """Totals stand out from what they are made of by an edge as well as by their width."""
    return 2 if step.kind == "total" else 0


def _ties(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """A thin line from where a step ends to where the next begins."""
    return [
        rule((step.end, step.end), (row, row + 1), dash="dot")
        for row, (step, after) in enumerate(itertools.pairwise(steps))
        if step.end and step.end in (after.start, after.end)
    ]


def _over_or_under(value: float, unit: str) -> str:
    """A mark of the axis: its size, and on which side of the budget it is."""
    if not value:
        return "budget"
    return f"{words.figure(abs(value), unit)}<br>{'over' if value > 0 else 'under'}"


def _plots(chart: Bridge) -> tuple[Plot, ...]:
    """From nothing to what the causes come to; the notes stand beside the names."""
    if not chart.steps:
        return ()
    looks = {mark: (said, colour) for mark, (colour, _, said) in theme.MONEY.items()}
    looks[None] = ("Neither over nor under", theme.QUIET)
    spans = [(looks[s.mark][0], s.start, s.end) for s in chart.steps]
    return (
        Plot(
            "bars",
            "",
            floating(spans, dict(looks.values())),
            axis([v for s in chart.steps for v in (s.start, s.end)], chart.unit, 3, True),
            finest_code(chart.unit),
            tuple(f"{s.name}: {s.note}" if s.note else s.name for s in chart.steps),
            is_stacked=True,
        ),
    )


def _some(chart: Bridge, at: int, until: int) -> Bridge:
    return fitted.cut(chart, at, until, "steps")


def _parts(chart: Bridge, _letters: int) -> list[list[dict[str, Any]]]:
    draw = functools.partial(_figure, whole=chart, name_width=fitted.NAME)
    return fitted.by_rows(chart, len(chart.steps), _some, draw)


def _key(chart: Bridge) -> dict[str, Markup]:
    marks = {step.mark for step in chart.steps}
    return {said: signs.shape(mark) for mark, (_, _, said) in theme.MONEY.items() if mark in marks}


KIND = Kind(Bridge, "Bridge chart", lambda chart: (_figure(chart),), _parts, _plots, _key)
