"""What one more month costs beside loading all of ten years: its ledger and its performance."""

import re
import shutil
import time
from pathlib import Path

from benchmarks import workspaces
from benchmarks.load import load_cost, load_once
from benchmarks.settings import MANY, SCRATCH, rounds
from benchmarks.tables import show, times
from dashboard.settings import Workspace

# A digest is remembered only of files that have been at rest for some seconds.
_AT_REST_SECONDS = 4

_MONTHS = rounds(120, 36)


def main() -> None:
    """Print one table: loading all, loading the month that was added, and looking again."""
    whole = _ten_years(workspaces.workspace(MANY))
    everything = load_cost(whole)
    held = {
        path: path.read_bytes()
        for folder in ("ledger", "performance")
        for path in [sorted((whole.data / folder).glob("*.csv"))[-1]]
    }
    growing = Workspace(whole.data, whole.contract, SCRATCH / "growing-warehouse")
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
    lines = sum(path.read_bytes().count(b"\n") - 1 for path in _months(whole))
    rows = [
        (name, f"{seconds:.2f} s", times(seconds, everything.seconds))
        for name, seconds in (
            (f"load all, {lines:,} ledger lines in {_MONTHS} files", everything.seconds),
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


def _ten_years(of: Workspace) -> Workspace:
    """The workspace with its ledger said again for later years, until there are ten."""
    data = Path(f"{of.data}-ten-years")
    contract = data / of.contract.name
    if not contract.exists():
        shutil.copytree(of.data, data, ignore=shutil.ignore_patterns(contract.name))
        months = _months(of)
        for at in range(len(months), _MONTHS):
            turns, same = divmod(at, len(months))
            year, month = (int(part) for part in months[same].stem.split("-")[1:])
            later = year + turns * len(months) // 12
            text = months[same].read_bytes()
            (data / "ledger" / f"ledger-{later}-{month:02}.csv").write_bytes(
                re.sub(rb"(?m)^%d-" % year, b"%d-" % later, text)
            )
        # Newham's council tax left in 2017; in later years all who are members stay so.
        members = data / "reference" / "memberships.csv"
        members.write_text(re.sub(r"(?m),\d{4}-\d\d$", ",", members.read_text()))
        shutil.copy(of.contract, contract)
    return Workspace(data, contract, of.warehouse)


def _months(of: Workspace) -> list[Path]:
    return sorted((of.data / "ledger").glob("*.csv"))


def _add(growing: Workspace, held: dict[Path, bytes]) -> tuple[float, float]:
    _put_back(held)
    return load_once(growing).seconds, load_once(growing).seconds


def _put_back(held: dict[Path, bytes]) -> None:
    for path, content in held.items():
        path.write_bytes(content)


if __name__ == "__main__":
    main()
