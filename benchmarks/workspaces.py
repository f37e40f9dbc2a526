"""The illustrative workspace at two sizes, made once a run below `benchmarks/scratch/`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.settings import IS_BRIEF, IS_KEPT, NOW, ROOT, SCRATCH, Checkout
from dashboard import illustrative
from dashboard.settings import Workspace

# A brief run's workspace keeps what begins here: two years, so that a year before is there.
_BRIEF_SINCE = "2016-04"


def workspace(lines: int) -> Workspace:
    """The workspace with so many ledger lines; written where it is not there yet."""
    data = SCRATCH / f"{lines}"
    contract = data / "datapackage.json"
    # The contract is copied last, so that it also says that the writing went through.
    if not contract.exists():
        illustrative.write(data, ledger_lines=lines)
        if IS_BRIEF:
            _cut(data)
        shutil.copy(ROOT / "data" / "datapackage.json", contract)
    return Workspace(data, contract, SCRATCH / f"{lines}-warehouse")


def environment(of: Workspace) -> dict[str, str]:
    """The variables that make a server or a command use the workspace."""
    return {"DATA": str(of.data), "CONTRACT": str(of.contract), "WAREHOUSE": str(of.warehouse)}


@contextmanager
def used(of: Workspace) -> Iterator[None]:
    """This process itself uses the workspace, until the end."""
    before = dict(os.environ)
    os.environ.update(environment(of))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def loaded(lines: int, by: Checkout = NOW) -> Workspace:
    """The workspace with its snapshot published, as `make run` does before it serves."""
    made = workspace(lines)
    if by is not NOW:
        made = Workspace(made.data, made.contract, Path(f"{made.warehouse}-{by.name}"))
    subprocess.run(
        [sys.executable, "-m", "dashboard", "load"],
        cwd=by.root,
        env={**os.environ, **environment(made)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return made


def _cut(data: Path) -> None:
    """Remove files of months and years before the brief run's first."""
    for path in data.glob("*/*-20*.csv"):
        # Of 2016-04 and of 2016-17 alike.
        if path.stem.partition("-")[2] < _BRIEF_SINCE:
            path.unlink()


def remove() -> None:
    """Remove all of it, unless KEEP is set."""
    if not IS_KEPT:
        shutil.rmtree(SCRATCH, ignore_errors=True)
