"""What a load costs beside DuckDB's own reading of the same ledger files into a table.

`python -m dashboard load` digests, checks, types, sorts and sums up every feed; the raw read is
`create table ledger as from read_csv([…])` into a fresh file, all options at their defaults.
An older checkout's load takes turns with this one's.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import workspaces
from benchmarks.settings import NOW, ROOT, SCRATCH, SIZES, Checkout, checkouts, rounds
from benchmarks.tables import megabytes, show, show_compared, times
from dashboard.settings import Workspace

# The first finds the files on the disk, the second in the system's memory.
RUNS = rounds(2)

# Of two checkouts each so often, in turns: what is to tell a twentieth must be repeated.
TURNS, WARM_UP = rounds(4), rounds(1, 0)

_RAW = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
con.execute("create table ledger as from read_csv(?)", [sys.argv[2:]])
con.close()
"""


@dataclass(frozen=True)
class Cost:
    """Of a process: seconds from start to end, seconds of processor, most memory it held."""

    seconds: float
    processor: float
    peak_bytes: int


def main() -> None:
    """Print one table: both sizes, each beside its raw read; and one beside an older checkout."""
    rows: list[list[str]] = []
    compared: list[list[str]] = []
    for lines in SIZES:
        of = workspaces.workspace(lines)
        raw, whole, rest = raw_cost(of), load_cost(of), load_cost(_without_ledger(of))
        rows += [
            _row(f"{lines:,} lines: read_csv into a table", raw, raw),
            _row(f"{lines:,} lines: load, all feeds", whole, raw),
            _row_of_ledger(f"{lines:,} lines: of it the ledger", whole, rest, raw),
        ]
        compared += _compared(f"{lines:,} lines: load, all feeds", of)
    show(
        "Load: exports into a published snapshot",
        ("", "wall", "processor", "peak memory", "wall / raw", "processor / raw", "memory / raw"),
        rows,
        f"The last of {RUNS} runs; into an empty folder, interpreter's start included.",
        "Of it the ledger: the load less a load of the same workspace without ledger files.",
    )
    show_compared("Load", compared)


def _compared(name: str, of: Workspace) -> list[list[str]]:
    return compared_rows(name, in_turns(of)) if len(checkouts()) > 1 else []


def in_turns(of: Workspace) -> dict[str, list[Cost]]:
    """Loads of all feeds into an empty folder by each checkout in turn, after one that warms."""
    seen: dict[str, list[Cost]] = {by.name: [] for by in checkouts()}
    for turn in range(WARM_UP + TURNS):
        for by in checkouts():
            cost = load_cost(of, by, runs=1)
            if turn >= WARM_UP:
                seen[by.name].append(cost)
    return seen


def compared_rows(name: str, seen: dict[str, list[Cost]]) -> list[list[str]]:
    """A row of wall and processor time, now and before: medians, and their ratio."""
    rows = []
    for what in ("seconds", "processor"):
        now, before = (
            statistics.median(getattr(cost, what) for cost in costs) for costs in seen.values()
        )
        said = "wall" if what == "seconds" else what
        rows.append([f"{name}, {said}", f"{now:.2f} s", f"{before:.2f} s", times(now, before)])
    return rows


def _row(name: str, cost: Cost, raw: Cost) -> list[str]:
    return [
        name,
        f"{cost.seconds:.2f} s",
        f"{cost.processor:.2f} s",
        megabytes(cost.peak_bytes),
        times(cost.seconds, raw.seconds),
        times(cost.processor, raw.processor),
        times(cost.peak_bytes, raw.peak_bytes),
    ]


def _row_of_ledger(name: str, whole: Cost, rest: Cost, raw: Cost) -> list[str]:
    seconds, processor = whole.seconds - rest.seconds, whole.processor - rest.processor
    wall_ratio, ratio = times(seconds, raw.seconds), times(processor, raw.processor)
    return [name, f"{seconds:.2f} s", f"{processor:.2f} s", "", wall_ratio, ratio, ""]


def raw_cost(of: Workspace) -> Cost:
    """DuckDB's own reading of the ledger files into a table, the last of the runs."""
    table = SCRATCH / "raw.duckdb"
    files = [str(p) for p in sorted((of.data / "ledger").glob("*.csv"))]
    command = [sys.executable, "-c", _RAW, str(table), *files]
    cost = _last(command, {}, lambda: table.unlink(missing_ok=True))
    table.unlink()
    return cost


def load_cost(of: Workspace, by: Checkout = NOW, runs: int = RUNS) -> Cost:
    """A load of all feeds into an empty folder, the last of so many runs."""
    fresh = Workspace(of.data, of.contract, SCRATCH / "load-warehouse")
    command = [sys.executable, "-m", "dashboard", "load"]
    environment = workspaces.environment(fresh)

    def clear() -> None:
        shutil.rmtree(fresh.warehouse, ignore_errors=True)

    cost = _last(command, environment, clear, by.root, runs)
    clear()
    return cost


def load_once(of: Workspace) -> Cost:
    """A load as things stand, once."""
    command = [sys.executable, "-m", "dashboard", "load"]
    return _run(command, workspaces.environment(of))


def _without_ledger(of: Workspace) -> Workspace:
    rest = Path(f"{of.data}-without-ledger")
    if not rest.exists():
        shutil.copytree(of.data, rest, ignore=shutil.ignore_patterns("ledger"))
    return Workspace(rest, rest / of.contract.name, of.warehouse)


def _last(
    command: list[str],
    environment: dict[str, str],
    clear: Callable[[], None],
    root: Path = ROOT,
    runs: int = RUNS,
) -> Cost:
    for _ in range(runs):
        clear()
        cost = _run(command, environment, root)
    return cost


def _run(command: list[str], environment: dict[str, str], root: Path = ROOT) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=root, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    # Linux counts kilobytes, macOS bytes.
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(seconds, used.ru_utime + used.ru_stime, peak)


if __name__ == "__main__":
    main()
