"""Would today's data change a slide?"""

from dataclasses import replace

from dashboard.exhibits import catalogue
from dashboard.exhibits.exhibit import Exhibit
from dashboard.exhibits.story import Slide

# What a reader of a slide can see, but for where it is kept and which load it is of.
_SEEN = ("title", "subtitle", "alt", "chart", "table", "empty", "table_first")


def made_anew(slide: Slide) -> Exhibit:
    """A slide's exhibit with the same filters on today's data. Raises catalogue.CannotBeMade."""
    return catalogue.make(slide.exhibit.name, dict(slide.exhibit.parameters))


def differs(before: Exhibit, now: Exhibit) -> bool:
    """True where a reader could tell them apart, whatever their data versions are called."""
    if any(getattr(before, name) != getattr(now, name) for name in _SEEN):
        return True
    if before.provenance is None or now.provenance is None:
        return before.provenance is not now.provenance
    version = now.provenance.data_version
    return replace(before.provenance, data_version=version) != now.provenance
