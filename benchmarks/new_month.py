"""What one more month costs beside loading everything: its ledger, performance and costs."""

import shutil
import time
from pathlib import Path

from benchmarks import workspaces
from benchmarks.load import load_cost, load_once
from benchmarks.tables import show, times
from dashboard.settings import Workspace

# A digest is remembered only of files that have been at rest for some seconds.
_AT_REST_SECONDS = 4


def main() -> None:
    """Print one table: loading all, loading the month that was added, and looking again."""
    whole = workspaces.workspace(workspaces.MANY)
    everything = load_cost(whole)
    held = {
        path: path.read_bytes()
        for folder in ("ledger", "performance")
        for path in [sorted((whole.data / folder).glob("*.csv"))[-1]]
    }
    growing = Workspace(whole.data, whole.contract, workspaces.SCRATCH / "growing-warehouse")
    shutil.rmtree(growing.warehouse, ignore_errors=True)
    try:
        for path in held:
            path.unlink()
        load_once(growing)
        time.sleep(_AT_REST_SECONDS)
        load_once(growing)
        month, again = _add(growing, held)
    finally:
        _put_back(held)
    rows = [
        (name, f"{seconds:.2f} s", times(seconds, everything.seconds))
        for name, seconds in (
            (f"load all, {workspaces.MANY:,} ledger lines", everything.seconds),
            ("load one more month of ledger and performance", month),
            ("look again, nothing new", again),
        )
    ]
    show(
        "One more month",
        ("", "wall", "of loading all"),
        rows,
        "A process each, interpreter's start and imports included.",
    )


def _add(growing: Workspace, held: dict[Path, bytes]) -> tuple[float, float]:
    _put_back(held)
    return load_once(growing).seconds, load_once(growing).seconds


def _put_back(held: dict[Path, bytes]) -> None:
    for path, content in held.items():
        path.write_bytes(content)


if __name__ == "__main__":
    main()
