"""An exhibit's chart as plots that any office program has: lines over time, points, bars.

What `figure` is for the screen, this is for documents: exhibit in, a description out that says
which numbers stand in which series and how each looks. `slides` and `workbook` write it.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.exhibit import (
    Bars,
    Bridge,
    Dots,
    Exhibit,
    Funnel,
    Line,
    Panel,
    Quadrants,
    Stack,
    Trend,
)
from dashboard.render import text
from dashboard.render.figure import colour_of, lettered, style_of
from dashboard.render.scale import ticks

# Points beyond which a marker on each becomes a bead chain.
_MARKERS_UP_TO = 14
# Lines that are bounds or aims and no figures: none of them has markers.
_UNMARKED = (
    *("target", "context", "middle", "budget", "past year"),
    *("centre", "limit", "trial limit"),
)
_SYMBOLS = {"improvement": "diamond", "concern": "square", "change": "plus"}
# Between two periods further apart than this a stepped line would be drawn as a slope.
_A_MONTH = 31
# Workbooks note when they were made: always the same, so that equal stories make equal files.
WRITTEN = datetime(2018, 4, 26)
# The day that both Excel and PowerPoint count dates from.
_DAY_NOUGHT = date(1899, 12, 30)


@dataclass(frozen=True)
class Series:
    """One line, set of points, or set of bars. A value of None is a gap.

    x: only of plots of kind "points": numbers or dates. width: points of the line, 0 for none.
    symbol: circle · diamond · square · plus · triangle, or None. labels: what is written at each
    value, in place of the number.
    """

    name: str
    values: tuple[float | None, ...]
    colour: str
    x: tuple[float | date, ...] = ()
    width: float = 0
    dash: str = "solid"
    symbol: str | None = None
    size: int = 7
    is_hollow: bool = False
    labels: tuple[str, ...] = ()
    # One of many that the key names once, and that needs no colour of its own.
    is_context: bool = False
    # Where it is not named in the key, as what it is stands beside it.
    in_key: bool = True
    # Bars that only carry others, or words, and are not drawn.
    is_unseen: bool = False


@dataclass(frozen=True)
class Axis:
    """From, to, the step between marks, and the number format of a spreadsheet."""

    low: float
    high: float
    step: float
    code: str


@dataclass(frozen=True)
class Plot:
    """One set of axes.

    kind: "lines" (categories are dates), "points" (each series has its own x) or "bars" (lying,
    categories are names, the first on top). code: the number format of the values themselves.
    """

    kind: str
    title: str
    series: tuple[Series, ...]
    value: Axis
    code: str
    categories: tuple[date | str, ...] = ()
    x: Axis | None = None
    x_title: str = ""
    # True where x counts days, as a spreadsheet does.
    is_over_time: bool = False
    # Bars that stand on each other, and not beside each other. They have no labels: a stack has no
    # outside to write them at, and Office calls a file damaged that says so.
    is_stacked: bool = False

    @property
    def key(self) -> tuple[Series, ...]:
        """The series that a key has to name; all that are context count as one."""
        first = next((s for s in self.series if s.is_context), None)
        return tuple(s for s in self.series if s.in_key and (not s.is_context or s is first))


def plots(exhibit: Exhibit) -> tuple[Plot, ...]:
    """The plots of an exhibit's chart; none where it has none, or none that is native."""
    return _WAYS.get(type(exhibit.chart), lambda _: ())(exhibit.chart)


def events(exhibit: Exhibit) -> tuple[str, ...]:
    """The dated events lettered in the chart: "A April 2016: Bexley joins"."""
    if not isinstance(exhibit.chart, Trend):
        return ()
    return tuple(f"{a} {words.month(m)}: {said}" for a, m, said in lettered(exhibit.chart))


def floating(
    spans: Sequence[tuple[str, float, float]], colours: Mapping[str, str]
) -> tuple[Series, ...]:
    """Bars from one value to another, a row each, as stacked bars: the form that Office has of it.

    spans: of each row a name of `colours`, from and to. What lies on both sides of zero is told in
    two series of one name, since stacks grow from zero to either side.
    """
    ends = [(name, min(a, b), max(a, b)) for name, a, b in spans]
    carried = tuple(max(low, 0.0) + min(high, 0.0) for _, low, high in ends)
    series = [Series("Begins at", carried, theme.SURFACE, in_key=False, is_unseen=True)]
    for name, colour in colours.items():
        above = tuple(max(b, 0) - max(a, 0) if n == name else None for n, a, b in ends)
        below = tuple(min(a, 0) - min(b, 0) if n == name else None for n, a, b in ends)
        series += [Series(name, side, colour) for side in (above, below) if any(side)]
    return tuple(series)


def serial(day: date) -> int:
    """A date as spreadsheets count it."""
    return (day - _DAY_NOUGHT).days


def code(unit: str | None, step: float) -> str:
    """The number format in which values of a unit, this far apart, read as they do on screen."""
    places = next((n for n in range(4) if abs(step - round(step, n)) < step * 1e-6), 4)
    if unit == "share":
        places = max(places - 2, 0)
        return f"0{_places(places)}%"
    if unit == "£":
        if step >= 500_000_000:
            return _pounds(("#,##0.0" if step < 1e9 else "#,##0") + ',,,"bn"')
        if step >= 100_000:
            return _pounds(f"#,##0.{'0' if step < 1e6 else ''}".rstrip(".") + ',,"m"')
        return _pounds("#,##0" if step >= 1 else "#,##0.00")
    if unit == "£m":
        return _pounds(f'#,##0{_places(places)}"m"')
    number = f"#,##0{_places(places)}"
    if unit and unit.startswith("%"):
        after = '"%"'
    elif unit in ("days", "weeks", "hours", "points"):
        after = f'" {unit}"'
    else:
        after = ""
    return f'{number}{after};"−"{number}{after}'


def _pounds(number: str) -> str:
    return f'"£"{number};"−£"{number}'


def _places(count: int) -> str:
    return "." + "0" * count if count else ""


# How finely a value is told, by unit: as words.figure does.
_FINEST = {"share": 0.001, "£": 0.01}


def _axis(values: Iterable[float], unit: str | None, about: int, from_zero: bool = False) -> Axis:
    """An axis over values with a little room, that begins and ends on a mark."""
    known = list(values)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0), max(high, 0)
    gap = (high - low) or abs(high) or 1
    marks = ticks(low, high if high > low else low + gap, about)
    step = marks[1] - marks[0] if len(marks) > 1 else gap
    first, last = marks[0], marks[-1]
    while first > low + step * 1e-9:
        first -= step
    while last < high - step * 1e-9:
        last += step
    if first == last:
        last += step
    return Axis(round(first, 10), round(last, 10), round(step, 10), code(unit, step))


def _trend(chart: Trend) -> tuple[Plot, ...]:
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
            _axis(every, panel.unit, 4, from_zero)
            if chart.same_scale
            else _axis(known, panel.unit, 5 if alone else 2, panel.from_zero)
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
        code(panel.unit, _FINEST.get(panel.unit or "", 0.1)),
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
    is_marked = line.role not in _UNMARKED and (
        known <= _MARKERS_UP_TO or bool(line.marks) or _has_lone_point(line)
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


def _has_lone_point(line: Line) -> bool:
    """True where a figure stands between two gaps: a line alone would not show it."""
    values = [None, *line.values, None]
    return any(
        values[i] is not None and values[i - 1] is None and values[i + 1] is None
        for i in range(1, len(values) - 1)
    )


def _bars(chart: Bars) -> tuple[Plot, ...]:
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
            _axis(known, chart.unit, 3, from_zero=True),
            code(chart.unit, _FINEST.get(chart.unit, 0.1)),
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
        floating(spans, {b.name: colour_of(b) for b in chart.bars}),
        _axis([end for _, *ends in spans for end in ends], chart.unit, 3, from_zero=True),
        code(chart.unit, _FINEST.get(chart.unit, 0.1)),
        tuple(f"{name}: {note}" for name, note in zip(chart.categories, chart.notes, strict=True)),
        is_stacked=True,
    )


def _funnel(chart: Funnel) -> tuple[Plot, ...]:
    least = min(p.cases for p in chart.places)
    # Limits widen without end towards few cases: the axis spans them at the smallest council only.
    widest = next(
        limits
        for n, limits in zip(chart.cases, chart.limits_998, strict=True)
        if n >= least * (1 - 1e-9)
    )
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
        places = [
            p for p in chart.places if p.is_outside == outside and (p.role == "context") == context
        ]
        groups = [places] if context else [[p] for p in places]
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
    shares = [*(p.share for p in chart.places), *widest]
    cases = _axis([0, *(p.cases for p in chart.places)], "number", 5)
    y = _axis(shares, "share", 5)
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


def _bridge(chart: Bridge) -> tuple[Plot, ...]:
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
            _axis([v for s in chart.steps for v in (s.start, s.end)], chart.unit, 3, True),
            code(chart.unit, _FINEST.get(chart.unit, 0.1)),
            tuple(f"{s.name}: {s.note}" if s.note else s.name for s in chart.steps),
            is_stacked=True,
        ),
    )


def _stack(chart: Stack) -> tuple[Plot, ...]:
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


def _dots(chart: Dots) -> tuple[Plot, ...]:
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


def _quadrants(chart: Quadrants) -> tuple[Plot, ...]:
    """Spots with the way each has come, and the two lines that split the plane."""
    if not chart.spots:
        return ()
    ends = [at for s in chart.spots for at in (s.now, s.before) if at]
    x = _axis([*(a for a, _ in ends), chart.x_line], chart.x_unit, 5)
    y = _axis([*(b for _, b in ends), chart.y_line], chart.y_unit, 4)
    series = [
        Series(chart.x_line_is, (y.low, y.high), theme.QUIET, (chart.x_line,) * 2, 1.5, "dash"),
        Series(chart.y_line_is, (chart.y_line,) * 2, theme.QUIET, (x.low, x.high), 1.5, "dash"),
    ]
    for spot in chart.spots:
        colour = theme.colour_of(spot.role, chart.council_order)
        if spot.before:
            trail = tuple(zip(spot.before, spot.now, strict=True))
            series.append(
                Series(
                    f"{spot.name}, the way it came",
                    trail[1],
                    colour,
                    trail[0],
                    1.5,
                    "dot",
                    in_key=False,
                )
            )
        shape = {"improvement": "diamond", "concern": "square"}.get(spot.mark, "circle")
        series.append(
            Series(
                spot.name,
                (spot.now[1],),
                colour,
                (spot.now[0],),
                symbol=shape,
                size=11,
                labels=(spot.name,),
                in_key=False,
            )
        )
    return (Plot("points", "", tuple(series), y, y.code, x=x, x_title=chart.x_is),)


_WAYS: dict[type, Callable[[Any], tuple[Plot, ...]]] = {
    Trend: _trend,
    Bars: _bars,
    Funnel: _funnel,
    Bridge: _bridge,
    Stack: _stack,
    Dots: _dots,
    Quadrants: _quadrants,
}


def shape_of(mark: str) -> tuple[str, str]:
    """A mark's shape and colour, to stand before the words of a cell."""
    colour, shape, _ = text.mark(mark)
    return shape, colour
