"""A story of twelve slides as each kind of document, beside an empty document of that kind."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks import workspaces
from benchmarks.settings import FEW, rounds
from benchmarks.tables import show, times
from dashboard.exhibits.story import Slide, Story
from dashboard.stories import formats

# As an away day would have them: trends, control charts, small multiples, bars and tables.
EXHIBITS = (
    "findings.changed", "overview.grid", "exceptions.listed", "costs.to_date",
    "costs.through_the_year", "costs.by_service", "forecast.cost_year_end",
    "satisfaction.by_customer", "satisfaction.by_service", "signals.control", "measures.trend",
    "together.council",
)  # fmt: skip
RUNS = rounds(5)


def main() -> None:
    """Print one table: seconds and bytes of each format, and of all together."""
    with workspaces.used(workspaces.loaded(FEW)):
        _measure(_story())


def _measure(told: Story) -> None:
    rows, whole = [], 0.0
    for to, about in formats.FORMATS.items():
        empty, _ = _median(lambda to=to: formats.write(replace(told, slides=()), to))
        taken, worked = _median(lambda to=to: formats.write(told, to))
        size = len(formats.write(told, to))
        whole += taken
        rows.append(
            [
                about.name,
                f"{taken:.2f} s",
                f"{worked:.2f} s",
                f"{size / 1e6:.2f} MB",
                times(taken, empty),
            ]
        )
    rows.append(["all of them", f"{whole:.2f} s", "", "", ""])
    show(
        "Export of a story of twelve slides",
        ("", "wall", "processor", "size", "/ a story without slides"),
        rows,
        f"Median of {RUNS}, modules imported before.",
    )


def _story() -> Story:
    from tests.every_exhibit import every

    by_name = {exhibit.name: exhibit for exhibit in reversed(every())}
    slides = (Slide(name, by_name[name], notes="Pause", question="What?") for name in EXHIBITS)
    return Story("bench", "Where we stand", tuple(slides), datetime(2018, 4, 26, tzinfo=UTC))


def _median(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    work()
    taken, worked = [], []
    for _ in range(RUNS):
        start, begun = time.perf_counter(), time.process_time()
        work()
        taken.append(time.perf_counter() - start)
        worked.append(time.process_time() - begun)
    return statistics.median(taken), statistics.median(worked)
