"""What every kind of chart can do. A kind that lacks something it has to have can't be made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.render.html import Markup
from dashboard.render.native import Plot


@dataclass(frozen=True)
class Kind:
    """A kind of chart, each function of which takes the chart as an exhibit describes it.

    chart: the class of exhibits/charts.py. name: what a reader calls it.
    figures: Plotly's, to be set side by side; parts: the same for slides, figures side by side in
    each part (`fitted` says how much one holds), given how many letters stand above. plots: as
    PowerPoint and Excel draw it. key: what each sign in it stands for, the sign as HTML.
    """

    chart: type
    name: str
    figures: Callable[[Any], tuple[dict[str, Any], ...]]
    parts: Callable[[Any, int], list[list[dict[str, Any]]]]
    plots: Callable[[Any], tuple[Plot, ...]]
    key: Callable[[Any], dict[str, Markup]]
    # Raises ValueError where its parts don't belong together, as those of a file may not.
    check: Callable[[Any], None] = lambda _: None
    # What is said beneath it, as HTML.
    beneath: Callable[[Any], Markup] = lambda _: Markup()
    # The dated events lettered in it: "A April 2016: Bexley joins".
    events: Callable[[Any], tuple[str, ...]] = lambda _: ()
    # Months, and councils, can be chosen in it.
    can_be_chosen_from: bool = False
    # The class that a slide of it has on the web page.
    look: str = ""
