"""The kinds of chart, a module each. Whatever depends on an exhibit's kind is asked here."""

from typing import Any

from dashboard.exhibits.exhibit import Exhibit
from dashboard.memory import remembered
from dashboard.render.html import Markup
from dashboard.render.kinds import bars, bridge, dots, funnel, quadrants, stack, trend
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Plot


def _nothing(_: None, _letters: int = 0) -> Any:
    raise TypeError("an exhibit without a chart can't be drawn")


_NONE = Kind(type(None), "", _nothing, _nothing, lambda _: (), lambda _: {})
# By the class of the chart.
KINDS: dict[type, Kind] = {
    kind.chart: kind
    for kind in (
        *(trend.KIND, bars.KIND, funnel.KIND, bridge.KIND, dots.KIND, stack.KIND),
        *(quadrants.KIND, _NONE),
    )
}


def of(exhibit: Exhibit) -> Kind:
    """The kind of an exhibit's chart; without a chart one of no name that has nothing."""
    return KINDS.get(type(exhibit.chart), _NONE)


@remembered
def figures(exhibit: Exhibit) -> tuple[dict[str, Any], ...]:
    """The Plotly figures of an exhibit's chart: one, or up to three to be set side by side."""
    return of(exhibit).figures(exhibit.chart)


def parts(exhibit: Exhibit) -> list[list[dict[str, Any]]]:
    """Figures side by side, for each part that fits on a slide (see `fitted`)."""
    return of(exhibit).parts(exhibit.chart, len(exhibit.title))


def plots(exhibit: Exhibit) -> tuple[Plot, ...]:
    """The native plots of an exhibit's chart; none where it has none."""
    return of(exhibit).plots(exhibit.chart)


def events(exhibit: Exhibit) -> tuple[str, ...]:
    """The dated events lettered in the chart: "A April 2016: Bexley joins"."""
    return of(exhibit).events(exhibit.chart)


def key(exhibit: Exhibit) -> dict[str, Markup]:
    """What each sign in the chart stands for: its name, and the sign as HTML."""
    return of(exhibit).key(exhibit.chart)


def beneath(exhibit: Exhibit) -> Markup:
    """What is said beneath the chart, as HTML."""
    return of(exhibit).beneath(exhibit.chart)
