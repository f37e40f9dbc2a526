"""Plots that any office program has: lines over time, points, bars.

What Plotly's figures are for the screen, these are for documents: which numbers stand in which
series and how each looks. Each kind of chart tells itself in them; `slides` and `workbook` write
them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashboard import theme
from dashboard.render.scale import ticks

# Workbooks note when they were made: always the same, so that equal stories make equal files.
WRITTEN = datetime(2018, 4, 26)
# The day that both Excel and PowerPoint count dates from.
_DAY_NOUGHT = date(1899, 12, 30)
# How finely a value is told, by unit: as words.figure does.
_FINEST = {"share": 0.001, "£": 0.01}


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


def finest_code(unit: str | None) -> str:
    """The number format of values themselves, as finely as they are told on screen."""
    return code(unit, _FINEST.get(unit or "", 0.1))


def _pounds(number: str) -> str:
    return f'"£"{number};"−£"{number}'


def _places(count: int) -> str:
    return "." + "0" * count if count else ""


def axis(values: Iterable[float], unit: str | None, about: int, from_zero: bool = False) -> Axis:
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
