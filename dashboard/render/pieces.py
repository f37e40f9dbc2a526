"""Pieces of Plotly figures that several kinds of chart share."""

import textwrap
from collections.abc import Iterable
from html import escape
from typing import Any

from dashboard import theme

STYLES: dict[str, dict[str, Any]] = {
    "target": {"color": theme.QUIET, "dash": "dash", "width": 1.5},
    "budget": {"color": theme.INK, "dash": "dashdot", "width": 1.5},
    "year before": {"color": theme.SEQUENCE[1], "dash": "dot", "width": 2},
    "actual": {"color": theme.SEQUENCE[0], "width": 2.5},
    "adds": {"color": theme.SEQUENCE[1]},
    "takes off": {"color": theme.QUIET},
    "whole": {"color": theme.WHOLE, "width": 3},
    "middle": {"color": theme.QUIET, "dash": "dot", "width": 1.5},
    "context": {"color": theme.CONTEXT, "width": 1},
    "benchmark": {"color": theme.QUIET, "width": 1.5},
    "benchmark quartile": {"color": theme.QUIET, "dash": "dot", "width": 1.5},
    "past year": {"color": theme.QUIET, "width": 1},
    "forecast": {"color": theme.SEQUENCE[0], "dash": "dot", "width": 2.5},
    "interval": {"color": theme.INK, "width": 1.5},
    "series": {"color": theme.WHOLE, "width": 1.5},
    "centre": {"color": theme.QUIET, "width": 1.5},
    "limit": {"color": theme.QUIET, "width": 1},
    "trial limit": {"color": theme.QUIET, "dash": "dot", "width": 1.5},
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


def broken(name: str, width: int) -> str:
    """A name in lines of so many letters; never nothing, as Plotly would number a row then."""
    return "<br>".join(escape(x) for x in textwrap.wrap(name, width)) or " "


def note(text: str, x: float | str, y: float | str, **more: Any) -> dict[str, Any]:
    """Words without an arrow. more: the axes that x and y are measured on, and how they look."""
    return {"text": text, "x": x, "y": y, "showarrow": False, **more}


def note_at(row: str | int, text: str, shift: int, **more: Any) -> dict[str, Any]:
    """What is written at the end of a row."""
    return note(text, 1, row, xref="paper", yref="y", xanchor="left", xshift=shift, **more)


def rule(
    x: tuple[float | str, float | str],
    y: tuple[float, float],
    width: float = 1,
    dash: str = "solid",
    **more: Any,
) -> dict[str, Any]:
    """A quiet line beneath what is drawn, from one x and y to the other."""
    (x0, x1), (y0, y1) = x, y
    ends = {"x0": x0, "x1": x1, "y0": y0, "y1": y1}
    look = {"color": theme.QUIET, "width": width, "dash": dash}
    return {"type": "line", "xref": "x", "yref": "y", **ends, "layer": "below", "line": look} | more


def hover(name: str, said: Iterable[str]) -> dict[str, Any]:
    """What pointing at each value says, after whose it is."""
    template = f"{escape(name)}: %{{customdata}}<extra></extra>"
    return {"customdata": [escape(one) for one in said], "hovertemplate": template}
