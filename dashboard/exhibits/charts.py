"""What a chart shows, as values that no plotting library owns: a class for each kind of chart.

How a kind is drawn, told in numbers and called is a module of `render/kinds`.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Line:
    """One line of a chart. Months without a value are None and stay gaps.

    role: a council's id, or what the line is: target · budget · actual · year before · whole ·
    context · middle · benchmark · benchmark quartile · past year · forecast · interval · series ·
    centre · limit · trial limit. hover: what is said of each point; nothing for lines that need no
    words. provisional: which points are. marks: for each point a key of theme.SIGNALS, or None for
    one that needs no mark.
    """

    name: str
    role: str
    months: tuple[date, ...]
    values: tuple[float | None, ...]
    hover: tuple[str, ...]
    provisional: tuple[bool, ...] = ()
    # A value that holds until the next one, as a target does, and does not drift towards it.
    is_stepped: bool = False
    marks: tuple[str | None, ...] = ()
    # Drawn to the line before it: the space between two limits.
    is_filled: bool = False
    # How far each value may be off, drawn as error bars: (low, high), or None.
    between: tuple[tuple[float, float] | None, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something dated that bears on what is drawn; on the panels of one council where it is its."""

    month: date
    title: str
    council_id: str | None = None


@dataclass(frozen=True)
class Panel:
    """One set of axes. unit decides how the axis is labelled. council_id: whose it is alone."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    from_zero: bool = False
    council_id: str | None = None


@dataclass(frozen=True)
class Trend:
    """Panels one above the other on one time axis."""

    panels: tuple[Panel, ...]
    events: tuple[Event, ...] = ()
    council_order: tuple[str, ...] = ()
    # Where the panels are compared with each other more than read along one time axis, a wide
    # screen may set them in two columns.
    side_by_side: bool = False
    # Small multiples: one scale for all, each with room, in up to three columns.
    same_scale: bool = False


@dataclass(frozen=True)
class FunnelPoint:
    """One point of a funnel: a proportion of 0 to 1, and the cases that it is a proportion of.

    role: a council's id, or context where it was not chosen. is_outside: beyond the wider limits.
    is_labelled: its name is written beside it, unless another's is there already.
    """

    name: str
    role: str
    cases: float
    share: float
    hover: str
    is_outside: bool
    is_labelled: bool


@dataclass(frozen=True)
class Funnel:
    """Proportions against their cases, the whole's proportion, and limits by the number of cases.

    Points come furthest out first, as names are written in that order.
    cases, and for each of them the proportions within which chance alone keeps 95% and 99.8%.
    cases_are: what the axis counts, in words.
    """

    points: tuple[FunnelPoint, ...]
    centre: float
    cases: tuple[float, ...]
    limits_95: tuple[tuple[float, float], ...]
    limits_998: tuple[tuple[float, float], ...]
    cases_are: str
    council_order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spot:
    """One thing on two axes: where it is now, and where it was before, where that is known.

    role: a council's id, or whole. mark: a key of theme.SIGNALS where what the upright axis shows
    changed by more than chance; else None.
    """

    name: str
    role: str
    now: tuple[float, float]
    before: tuple[float, float] | None
    hover: str
    mark: str | None = None


@dataclass(frozen=True)
class Quadrants:
    """Things on two axes that a line on each splits in four, with the way that each has come.

    x_is, y_is: what the axes show; x_line_is, y_line_is: what the lines are. corners: two short
    lines each for top left, top right, bottom left and bottom right. sentences: what lies in each.
    """

    spots: tuple[Spot, ...]
    x_unit: str
    y_unit: str
    x_line: float
    y_line: float
    x_is: str
    y_is: str
    x_line_is: str
    y_line_is: str
    corners: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    council_order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One set of bars, one value for each category; or marks on the bars where is_mark.

    starts: where each bar begins, if not at zero: its value is then its length.
    """

    name: str
    role: str
    values: tuple[float | None, ...]
    hover: tuple[str, ...]
    is_mark: bool = False
    starts: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bars:
    """Horizontal bars, a row for each category, and what is written at its end.

    breaks: rows before which a line sets one group of rows apart from the next.
    """

    categories: tuple[str, ...]
    notes: tuple[str, ...]
    bars: tuple[Bar, ...]
    unit: str
    breaks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Step:
    """One row of a bridge, from one value to another.

    kind: start (where the bridge begins) · step (a cause) · total (from zero to what the causes
    come to so far). mark: a key of theme.MONEY, or None for a step that goes neither way.
    note: what is written beside it.
    """

    name: str
    kind: str
    start: float
    end: float
    note: str
    hover: str
    mark: str | None = None


@dataclass(frozen=True)
class Bridge:
    """From budget to what was spent, cause by cause; a waterfall on its side.

    Values are measured from the budget, which is zero: bars are then as long as what they stand
    for, where on an axis from nothing to the whole budget none could be seen. axis: what zero is.
    """

    steps: tuple[Step, ...]
    unit: str
    axis: str


@dataclass(frozen=True)
class Mark:
    """One kind of dot of a dot plot: a share for each row, with its interval where it is known.

    role: now · before · measured, which decide shape and colour.
    """

    name: str
    role: str
    values: tuple[float | None, ...]
    hover: tuple[str, ...]
    between: tuple[tuple[float, float] | None, ...] = ()


@dataclass(frozen=True)
class Dots:
    """Shares of 0 to 1 on one scale, a row for each category; what is written at a row's end.

    target: a share that all are held against.
    """

    categories: tuple[str, ...]
    notes: tuple[str, ...]
    marks: tuple[Mark, ...]
    target: float | None = None


@dataclass(frozen=True)
class Part:
    """One answer of a stack: its share of each row, 0 to 1. role: a key of theme.ANSWERS."""

    role: str
    shares: tuple[float | None, ...]
    hover: tuple[str, ...]


@dataclass(frozen=True)
class Stack:
    """What the answers of each row are made of, as bars of one length.

    headings: the rows that begin a group, by its name; notes: what is written at a row's end.
    """

    categories: tuple[str, ...]
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    headings: tuple[tuple[int, str], ...] = ()


Chart = Trend | Bars | Funnel | Bridge | Dots | Stack | Quadrants
