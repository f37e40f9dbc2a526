"""What an exhibit is: one finding, as words, a chart that no library owns, a table, and its origin.

An exhibit is fully named by (name, parameters, data version, where it was read and for whom), so
two that are named alike are equal, and what was made of one can be remembered for the other.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dashboard import reading
from dashboard.exhibits.charts import Chart


@dataclass(frozen=True)
class Link:
    """Where a cell leads: a page of ours and its filters, by the words the filters use."""

    page: str
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """What a cell says, in lines; a mark (a key of theme's verdicts or signals) for each."""

    lines: tuple[tuple[str, str | None], ...]
    link: Link | None = None
    parts: tuple[tuple[str, int], ...] = ()

    @staticmethod
    def of(text: str, mark: str | None = None, link: Link | None = None) -> "Cell":
        return Cell(((text, mark),), link)


@dataclass(frozen=True)
class Table:
    """Rows as they are read, and as they are exported: the same rows, in the same order.

    raw_columns and raw_rows hold numbers and dates as they are, for CSV and for sheets. every_row
    answers those of the export where they are more than can be kept ready for each reader.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    raw_columns: tuple[str, ...]
    raw_rows: tuple[tuple[Any, ...], ...]
    # Columns whose cells are figures, set right.
    figures: frozenset[int] = frozenset()
    # Columns whose cells are sentences, which on a phone want its whole width.
    sentences: frozenset[int] = frozenset()
    every_row: Callable[[], tuple[tuple[Any, ...], ...]] | None = None


@dataclass(frozen=True)
class Provenance:
    """Where the figures come from."""

    source: str
    data_version: str
    is_illustrative: bool
    owner: str | None = None
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Everything on one line, "illustrative" first where it applies."""
        parts = ["Illustrative data"] if self.is_illustrative else []
        if self.source:
            parts.append(f"Source: {self.source}")
        if self.owner:
            parts.append(f"Owner: {self.owner}")
        parts.append(f"Data version {self.data_version}")
        return " · ".join([*parts, *self.notes])


@dataclass(frozen=True)
class Exhibit:
    """One finding. `empty` says what to do where there is nothing to show."""

    name: str
    parameters: tuple[tuple[str, Any], ...]
    data_version: str
    # The workspace and the scope that it was read for (Reading.place), or the file it came in.
    read_from: str
    title: str = field(compare=False)
    subtitle: str = field(compare=False, default="")
    alt: str = field(compare=False, default="")
    chart: Chart | None = field(compare=False, default=None)
    table: Table | None = field(compare=False, default=None)
    provenance: Provenance | None = field(compare=False, default=None)
    empty: str | None = field(compare=False, default=None)
    # A table that is the finding itself stands in the open, not beneath a chart.
    table_first: bool = field(compare=False, default=False)
    # A table beneath a chart that people go on from is open until they close it.
    table_open: bool = field(compare=False, default=False)

    @property
    def slot(self) -> str:
        """Its place on a page, the same whatever the filters: a chart there is redrawn, not
        made anew, and a table that was opened stays open."""
        return self.name.replace(".", "-")


@dataclass(frozen=True)
class Finding:
    """What an exhibit's function answers; its name, parameters and version are added to it."""

    title: str
    subtitle: str = ""
    alt: str = ""
    chart: Chart | None = None
    table: Table | None = None
    provenance: Provenance | None = None
    empty: str | None = None
    table_first: bool = False
    table_open: bool = False


# Every exhibit's function by the exhibit's name, once its module is imported.
MAKERS: dict[str, Callable[..., Exhibit]] = {}


def exhibit(make: Callable[..., Finding]) -> Callable[..., Exhibit]:
    """Turn a function that answers a Finding into one that answers a remembered Exhibit."""
    topic = make.__module__.rpartition(".")[2]
    name = f"{topic}.{make.__name__}"
    signature = inspect.signature(make)

    @reading.remembered
    def made(given: tuple[tuple[str, Any], ...]) -> Exhibit:
        of = reading.current()
        return Exhibit(name, given, of.version, of.place, **vars(make(**dict(given))))

    @functools.wraps(make)
    def named(**parameters: Any) -> Exhibit:
        bound = signature.bind(**parameters)
        bound.apply_defaults()
        return made(tuple(sorted(bound.arguments.items())))

    MAKERS[name] = named
    return named
