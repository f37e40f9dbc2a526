"""The kinds of chart, a module each. Whatever depends on an exhibit's kind is asked here."""

from typing import Any

from dashboard.exhibits.exhibit import Exhibit
from dashboard.memory import remembered
from dashboard.render.kinds import bars, bridge, dots, funnel, quadrants, stack, trend
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Plot

# By the class of the chart.
KINDS: dict[type, Kind] = {
    one.KIND.chart: one.KIND for one in (trend, bars, funnel, bridge, dots, stack, quadrants)
}


def of(exhibit: Exhibit) -> Kind | None:
    """The kind of an exhibit's chart; None where it has none."""
    return KINDS.get(type(exhibit.chart))


def _drawn(exhibit: Exhibit) -> Kind:
    kind = of(exhibit)
    if kind is None:
        raise TypeError(f"exhibit {exhibit.name} has no chart to draw")
    return kind


@remembered
def figures(exhibit: Exhibit) -> tuple[dict[str, Any], ...]:
    """The Plotly figures of an exhibit's chart: one, or up to three to be set side by side."""
    return _drawn(exhibit).figures(exhibit.chart)


def parts(exhibit: Exhibit) -> list[list[dict[str, Any]]]:
    """Figures side by side, for each part that fits on a slide (see `fitted`)."""
    return _drawn(exhibit).parts(exhibit.chart, len(exhibit.title))


def plots(exhibit: Exhibit) -> tuple[Plot, ...]:
    """The native plots of an exhibit's chart; none where it has none."""
    kind = of(exhibit)
    return kind.plots(exhibit.chart) if kind else ()


def events(exhibit: Exhibit) -> tuple[str, ...]:
    """The dated events lettered in the chart: "A April 2016: Bexley joins"."""
    kind = of(exhibit)
    return kind.events(exhibit.chart) if kind else ()


def key(exhibit: Exhibit) -> dict[str, str]:
    """What each sign in the chart stands for: its name, and the sign as HTML."""
    kind = of(exhibit)
    return kind.key(exhibit.chart) if kind else {}


def beneath(exhibit: Exhibit) -> str:
    """What is said beneath the chart, as HTML."""
    kind = of(exhibit)
    return kind.beneath(exhibit.chart) if kind else ""
