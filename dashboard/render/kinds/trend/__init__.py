"""A trend: lines over time, in panels on one time axis."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.charts import Panel, Trend
from dashboard.render import fitted, signs
from dashboard.render.html import Markup, html, joined
from dashboard.render.kinds.kind import Kind
from dashboard.render.kinds.trend.figure import figure, figures, lettered, style_of
from dashboard.render.kinds.trend.native import plots

# Panels of small multiples: in three rows of them a rise could not be told from a fall, nor in two
# where a long title or events take room.
_ROWS, _COLUMNS = 2, 3
_LONG_TITLE = 100  # letters of two lines
# Letters of a panel's title in the whole of the sheet, a half or a third, beside the axis' labels.
_TITLE = (None, 36, 22)
# Spreadsheets know no day before.
_FIRST_YEAR = 1900


def _named_events(chart: Trend) -> list[tuple[str, date, str]]:
    """The events drawn, each with its letter; several in a month share one."""
    return [
        (letter, month, "; ".join(e.title for e in events))
        for letter, month, events in lettered(chart)
    ]


def _parts(chart: Trend, letters: int) -> list[list[dict[str, Any]]]:
    rows = 1 if lettered(chart) or letters > _LONG_TITLE else _ROWS
    count = len(chart.panels)
    held = fitted.alike(count, _COLUMNS * rows)
    columns = math.ceil(held / rows)
    return [_columns(chart, chart.panels[at : at + held], columns) for at in range(0, count, held)]


def _columns(whole: Trend, panels: tuple[Panel, ...], columns: int) -> list[dict[str, Any]]:
    deep = math.ceil(len(panels) / columns)
    return [
        figure(
            replace(whole, panels=panels[at : at + deep]),
            whole,
            (deep, fitted.HIGH),
            _TITLE[columns - 1],
        )
        for at in range(0, len(panels), deep)
    ]


def _key(chart: Trend) -> dict[str, Markup]:
    items: dict[str, Markup] = {}
    lines = [x for p in chart.panels for x in p.lines]
    for line in lines:
        if line.role == "context":
            items.setdefault("Each council", signs.swatch(theme.CONTEXT, "solid"))
            continue
        style = style_of(line, chart.council_order)
        if line.role == "series":
            items.setdefault(line.name, signs.glyph("━●━", style["color"]))
            continue
        drawn = signs.band if line.role in ("limit", "trial limit") else signs.swatch
        items.setdefault(line.name, drawn(style["color"], style.get("dash", "solid")))
    marks = {mark or "usual variation" for x in lines for mark in x.marks}
    for mark, (_, _, said) in theme.SIGNALS.items():
        if mark in marks:
            items[said] = signs.shape(mark)
    if any(any(x.provisional) for x in lines):
        items["Provisional"] = Markup('<span class="os-hollow" aria-hidden="true"></span>')
    return items


def _beneath(chart: Trend) -> Markup:
    """The events lettered in it."""
    items = joined(
        html("<li><b>%s</b> %s: %s</li>", letter, f"{month:%B %Y}", title)
        for letter, month, title in _named_events(chart)
    )
    return html('<ul class="os-events">%s</ul>', items) if items else items


def _events(chart: Trend) -> tuple[str, ...]:
    return tuple(f"{a} {words.month(m)}: {said}" for a, m, said in _named_events(chart))


def _check(chart: Trend) -> None:
    for line in (x for panel in chart.panels for x in panel.lines):
        for name in ("values", "hover", "provisional", "marks"):
            part = getattr(line, name)
            if len(part) != len(line.months) and (part or name == "values"):
                raise ValueError(
                    f"line “{line.name}” has {len(line.months)} months but {len(part)} {name}"
                )
        if any(month.year < _FIRST_YEAR for month in line.months):
            raise ValueError(f"line “{line.name}” begins before {_FIRST_YEAR}")


KIND = Kind(
    Trend,
    "Line chart",
    figures,
    _parts,
    plots,
    _key,
    _check,
    _beneath,
    _events,
    can_be_chosen_from=True,
)
