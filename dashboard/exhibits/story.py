"""Exhibits in an order, as values: a story and its slides, a report and its sections.

What renderers know of stories; the room of stories reads, keeps and writes them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from dashboard.exhibits.exhibit import Exhibit


@dataclass(frozen=True)
class Slide:
    """One exhibit in a story, as it was when it was pinned or last brought up to date.

    headline: what stands above it; empty for the exhibit's own finding. question: asked before the
    exhibit is shown, or empty. address: the page it was pinned on with its filters, from the app's
    own address on: "costs?service=ICT".
    """

    slide_id: str
    exhibit: Exhibit
    headline: str = ""
    notes: str = ""
    question: str = ""
    address: str = ""

    @property
    def title(self) -> str:
        """What stands above the exhibit."""
        return self.headline or self.exhibit.title


@dataclass(frozen=True)
class Story:
    """Slides in their order. changed_at is in UTC."""

    story_id: str
    title: str
    slides: tuple[Slide, ...]
    changed_at: datetime

    @property
    def data_versions(self) -> tuple[str, ...]:
        """The data versions that its slides show, in order of first use."""
        return tuple(dict.fromkeys(s.exhibit.data_version for s in self.slides))


@dataclass(frozen=True)
class Section:
    """One heading of the report and what stands beneath it.

    to_fill: a column of its tables that is left for the owners to fill in.
    """

    title: str
    exhibits: tuple[Exhibit, ...]
    to_fill: str = ""


@dataclass(frozen=True)
class Report:
    """The parts of the report, in order."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


# What those who wait are told: how many slides are done.
Told = Callable[[int], object]


def silently(_done: int) -> None:
    """For who does not want to be told."""


def in_turn(slides: Iterable[Slide], told: Told) -> Iterator[Slide]:
    """Each slide, and word of it once it is done."""
    for done, slide in enumerate(slides, start=1):
        yield slide
        told(done)
