"""The only door to the snapshot: `fetch(name, **parameters)` runs one file of `queries/`.

An answer is columns of plain Python values that nobody may change, so that one copy can serve
every reader. It is remembered for (workspace, data version, scope), query and parameters.
"""

import functools
import logging
import re
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dashboard import reading, settings
from dashboard.load import versions
from dashboard.memory import remembered
from dashboard.reading import NoSnapshot, Reading
from dashboard.settings import Workspace

if TYPE_CHECKING:
    import pandas as pd

Value = Any

_log = logging.getLogger(__name__)


class UnknownQuery(LookupError):
    """There is no such file in `queries/`; the message names those that there are."""


class WrongParameters(ValueError):
    """A query was called without a parameter it needs, or with one it does not know."""


@dataclass(frozen=True)
class Answer:
    """The rows of one query: column names, and a tuple of values for each column."""

    columns: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    data_version: str

    def __len__(self) -> int:
        return len(self.values[0]) if self.values else 0

    def __getitem__(self, column: str) -> tuple[Value, ...]:
        return self.values[self.columns.index(column)]

    def rows(self) -> list[dict[str, Value]]:
        """Each row as a dictionary; for words and small tables, not for arithmetic."""
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*self.values, strict=True)]

    def first(self) -> dict[str, Value]:
        """The first row, or an empty dictionary."""
        return next(iter(self.rows()), {})

    def frame(self) -> "pd.DataFrame":
        """The answer as a fresh data frame."""
        # Half a second to import, which no load and no query on the command line wants.
        import pandas as pd

        return pd.DataFrame(dict(zip(self.columns, self.values, strict=True)))


def names() -> list[str]:
    """Every query there is."""
    return sorted(p.stem for p in settings.QUERIES.glob("*.sql"))


def describe(name: str) -> str:
    """What a query answers: the comment at its top, without the dashes."""
    lines = []
    for line in _sql(name).splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").removeprefix(" "))
    return "\n".join(lines).strip()


def parameters_of(name: str) -> tuple[str, ...]:
    """The parameters a query needs, in alphabetical order."""
    code = "\n".join(x for x in _sql(name).splitlines() if not x.lstrip().startswith("--"))
    return tuple(sorted(set(re.findall(r"\$([a-z_]+)", code))))


def fetch(
    name: str,
    *,
    workspace: Workspace | None = None,
    is_remembered: bool = True,
    **parameters: Value,
) -> Answer:
    """The answer of `queries/<name>.sql` on the reading that is bound, or on what a workspace
    serves now.

    `is_remembered` is False for answers too large to be kept: thousands of rows for one download.

    Lists may be given as any sequence. Raises UnknownQuery, WrongParameters or NoSnapshot.
    """
    needed = parameters_of(name)
    if set(needed) != set(parameters):
        raise WrongParameters(
            f"query '{name}' takes {', '.join(needed) or 'no parameters'}; "
            f"given: {', '.join(sorted(parameters)) or 'none'}"
        )
    given = tuple(
        (key, tuple(value) if isinstance(value, list | tuple | set | frozenset) else value)
        for key, value in sorted(parameters.items())
    )
    answer = _answer if is_remembered else _answer.forgetful
    return answer(reading.now(workspace) if workspace else reading.current(), name, given)


def version(workspace: Workspace | None = None) -> str:
    """The version of the data that is read, or that a workspace serves now. Raises NoSnapshot."""
    return (reading.now(workspace) if workspace else reading.current()).version


@functools.cache
def _sql(name: str) -> str:
    path = settings.QUERIES / f"{name}.sql"
    if not re.fullmatch(r"[a-z_]+", name) or not path.exists():
        raise UnknownQuery(f"there is no query '{name}'; there are: {', '.join(names())}")
    return path.read_text(encoding="utf-8")


@remembered
def _answer(of: Reading, name: str, given: tuple[tuple[str, Value], ...]) -> Answer:
    parameters = {k: list(v) if isinstance(v, tuple) else v for k, v in given}
    # A cursor for each call: one connection shared by threads answers one with the other's rows.
    with _open(of.workspace.warehouse, of.version).cursor() as cursor:
        cursor.execute(_sql(name), parameters)
        columns = tuple(c[0] for c in cursor.description)
        rows = cursor.fetchall()
    values = tuple(zip(*rows, strict=True)) if rows else tuple(() for _ in columns)
    return Answer(columns, values, of.version)


def unreadable(version: str, workspace: Workspace | None = None) -> str | None:
    """Why this program's queries can't read a version that is kept, or None where they can.

    A version that another program made may lack tables or columns. Half a second: for who is about
    to serve one that was not just made.
    """
    with _open(_folder(workspace), version).cursor() as cursor:
        for name in names():
            given = {p: _ANY_MONTH if p.endswith("month") else None for p in parameters_of(name)}
            try:
                cursor.execute(f"explain {_sql(name)}", given)
            except (duckdb.BinderException, duckdb.CatalogException) as error:
                _log.error("%s can't read data version %s: %s", name, version, error)
                return (
                    f"data version {version} was made by another version of the dashboard, and "
                    "this one can't read it"
                )
    return None


# Some value of the kind, for a query that is only looked at.
_ANY_MONTH = date(2000, 1, 1)

_opening = threading.Lock()


def _open(warehouse: Path, data_version: str) -> duckdb.DuckDBPyConnection:
    path = versions.snapshot_path(warehouse, data_version)
    with _opening:
        try:
            # By its number on the disk too: a damaged one is made anew under its name.
            number = path.stat().st_ino
        except FileNotFoundError:
            raise NoSnapshot(f"data version {data_version} is not kept any more") from None
        return _connection(path, number)


# The current snapshot and the one before, on which a reader may still be.
@functools.lru_cache(maxsize=2)
def _connection(path: Path, _number: int) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG)


def history(workspace: Workspace | None = None) -> list[dict[str, Value]]:
    """What each load and restore did, newest first."""
    return versions.history(_folder(workspace))


def kept(workspace: Workspace | None = None) -> list[str]:
    """The versions that are kept, newest first."""
    return versions.kept(_folder(workspace))


def _folder(workspace: Workspace | None) -> Path:
    return (workspace or settings.workspace()).warehouse


def restore(version: str, workspace: Workspace | None = None) -> None:
    """Serve a version that is kept again, until the exports change.

    Raises UnknownVersion, and LoadFailed where this program can't read it.
    """
    if version in kept(workspace) and (problem := unreadable(version, workspace)):
        raise versions.LoadFailed(problem)
    versions.restore(_folder(workspace), version)


def as_parameter(name: str, text: str) -> Value:
    """A parameter from the command line: months as dates, `…_ids` as lists, `null` as nothing."""
    if text.lower() == "null":
        return None
    if name.endswith("_ids"):
        return [part for part in text.split(",") if part]
    if name.endswith("month"):
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    if name.startswith(("at_most", "count")):
        return int(text)
    return text
