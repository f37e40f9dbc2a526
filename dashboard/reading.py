"""What is read: one workspace, one version of its data, for one reader's scope.

A rerun of a page, a request, an export and a command each bind one reading when they begin, and all
that they show is of it: a version that is published meanwhile is read by whoever begins next. All
that is remembered of the data is remembered for a reading, so that nobody is ever answered with
what was made for readers who may see something else.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from dashboard import memory, settings
from dashboard.load import versions
from dashboard.settings import Workspace

P = ParamSpec("P")
R = TypeVar("R")

# The scope of all readers while nobody signs in.
EVERYBODY = "everybody"


class NoSnapshot(LookupError):
    """Nothing was published yet for this workspace."""


@dataclass(frozen=True)
class Reading:
    """A workspace, the version of its data, and what the reader may see of it."""

    workspace: Workspace
    version: str
    scope: str = EVERYBODY

    @property
    def place(self) -> str:
        """Where it is read and for whom, as text: two of the same version and place are one."""
        return f"{self.workspace.warehouse} for {self.scope}"


_bound: ContextVar[Reading | None] = ContextVar("reading", default=None)


def now(workspace: Workspace | None = None, scope: str | None = None) -> Reading:
    """The version that is current, for the scope that is bound if no other is named.

    Raises NoSnapshot.
    """
    workspace = workspace or settings.workspace()
    if scope is None:
        before = _bound.get()
        scope = before.scope if before else EVERYBODY
    return Reading(workspace, _current(workspace.warehouse), scope)


def current() -> Reading:
    """The reading that is bound; where none is, what is current now. Raises NoSnapshot."""
    return _bound.get() or now()


@contextmanager
def bound(reading: Reading) -> Iterator[Reading]:
    """All that is read within is of this reading."""
    token = _bound.set(reading)
    try:
        yield reading
    finally:
        _bound.reset(token)


def held(function: Callable[P, R]) -> Callable[P, R]:
    """The function as of the reading that is bound now, whenever and in whichever thread it is
    called: a download that is clicked later holds what its page shows."""
    of = current()

    def later(*given: P.args, **named: P.kwargs) -> R:
        with bound(of):
            return function(*given, **named)

    return later


def remembered(make: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function makes of a reading, by what it is given, which has to be hashable.

    All readers of the reading share it, and none may change it.
    """

    @memory.remembered
    def made(of: Reading, given: tuple[Any, ...], named: tuple[tuple[str, Any], ...]) -> Any:
        with bound(of):
            return make(*given, **dict(named))

    @functools.wraps(make)
    def asked(*given: P.args, **named: P.kwargs) -> R:
        return made(current(), given, tuple(sorted(named.items())))

    return asked


def _current(warehouse: Path) -> str:
    try:
        stamp = (warehouse / "current.json").stat()
        found = _pointed(warehouse, stamp.st_mtime_ns, stamp.st_ino)
    except FileNotFoundError:
        found = versions.current_version(warehouse)
    if found is None:
        raise NoSnapshot("no data has been loaded: run `python -m dashboard load`")
    return found


@functools.lru_cache(maxsize=8)
def _pointed(warehouse: Path, _changed: int, _inode: int) -> str | None:
    return versions.current_version(warehouse)
