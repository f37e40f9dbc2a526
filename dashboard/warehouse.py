"""The only door to the snapshot: `fetch(name, **parameters)` runs one file of `queries/`.

An answer is columns of plain Python values that nobody may change, so that one copy can serve
every reader. It is remembered under (data version, query, parameters).
"""

import functools
import re
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dashboard import settings
from dashboard.load import versions
from dashboard.memory import remembered
from dashboard.settings import Workspace

if TYPE_CHECKING:
    import pandas as pd

Value = Any


class UnknownQuery(LookupError):
    """There is no such file in `queries/`; the message names those that there are."""


class WrongParameters(ValueError):
    """A query was called without a parameter it needs, or with one it does not know."""


class NoSnapshot(LookupError):
    """Nothing was published yet for this workspace."""


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
    """The answer of `queries/<name>.sql` on the current snapshot.

    `is_remembered` is False for answers too large to be kept: thousands of rows for one download.

    Lists may be given as any sequence. Raises UnknownQuery, WrongParameters or NoSnapshot.
    """
    workspace = workspace or settings.workspace()
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
    return answer(workspace.warehouse, version(workspace), name, given)


def version(workspace: Workspace | None = None) -> str:
    """The version of the data being served. Raises NoSnapshot."""
    warehouse = (workspace or settings.workspace()).warehouse
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


@functools.cache
def _sql(name: str) -> str:
    path = settings.QUERIES / f"{name}.sql"
    if not re.fullmatch(r"[a-z_]+", name) or not path.exists():
        raise UnknownQuery(f"there is no query '{name}'; there are: {', '.join(names())}")
    return path.read_text(encoding="utf-8")


@remembered
def _answer(
    warehouse: Path, data_version: str, name: str, given: tuple[tuple[str, Value], ...]
) -> Answer:
    parameters = {k: list(v) if isinstance(v, tuple) else v for k, v in given}
    # A cursor for each call: one connection shared by threads answers one with the other's rows.
    with _open(warehouse, data_version).cursor() as cursor:
        cursor.execute(_sql(name), parameters)
        columns = tuple(c[0] for c in cursor.description)
        rows = cursor.fetchall()
    values = tuple(zip(*rows, strict=True)) if rows else tuple(() for _ in columns)
    return Answer(columns, values, data_version)


_opening = threading.Lock()


def _open(warehouse: Path, data_version: str) -> duckdb.DuckDBPyConnection:
    path = versions.snapshot_path(warehouse, data_version)
    with _opening:
        # By its number on the disk too: a damaged one is made anew under its name.
        return _connection(path, path.stat().st_ino if path.exists() else 0)


# The current snapshot and the one before, on which a reader may still be.
@functools.lru_cache(maxsize=2)
def _connection(path: Path, _number: int) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG)


def history(workspace: Workspace | None = None) -> list[dict[str, Value]]:
    """What each load and restore did, newest first."""
    return versions.history((workspace or settings.workspace()).warehouse)


def kept(workspace: Workspace | None = None) -> list[str]:
    """The versions that are kept, newest first."""
    return versions.kept((workspace or settings.workspace()).warehouse)


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
