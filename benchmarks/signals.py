"""What the signals of 10,000 series of 60 months cost, as a share of the load they are part of."""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from benchmarks import workspaces
from benchmarks.load import load_cost
from benchmarks.settings import ROOT, SCRATCH, rounds
from benchmarks.tables import show, times
from dashboard import settings
from dashboard.load.publish import load
from dashboard.load.versions import current_version, snapshot_path
from dashboard.settings import Workspace

_MEASURES, _COUNCILS, _MONTHS = rounds(500, 10), rounds(20, 2), 60

# The Overview is to cost the same with this many months behind it.
_FEW_MONTHS = 24

# The statements that make the signals, in the order in which a load runs them.
_TABLES = sorted((settings.QUERIES / "tables").glob("*control_charts.sql"))


def main() -> None:
    """Print one table: the load of these series, and what of it the signals take."""
    if not _TABLES:
        raise LookupError("no file of queries/tables makes control charts: what are signals now?")
    of = _workspace(_MONTHS)
    whole = load_cost(of)
    signals = _signals(of)
    few, many = (_overview(_workspace(months)) for months in (_FEW_MONTHS, _MONTHS))
    rows = [
        ("load, all", f"{whole.seconds:.2f} s", ""),
        ("of it the signals", f"{signals:.2f} s", f"{signals / whole.seconds:.0%} of the load"),
        (f"Overview, nothing remembered, {_FEW_MONTHS} months", f"{few:.2f} s", times(few, few)),
        (f"Overview, nothing remembered, {_MONTHS} months", f"{many:.2f} s", times(many, few)),
    ]
    show(
        f"Signals of {_MEASURES * _COUNCILS:,} series of {_MONTHS} months",
        ("", "wall", ""),
        rows,
        "The signals' own statements run again on a copy of the snapshot.",
    )


def _signals(of: Workspace) -> float:
    copy = of.warehouse / "copy.duckdb"
    shutil.copyfile(snapshot_path(of.warehouse, _loaded(of)), copy)
    with duckdb.connect(str(copy), config={"preserve_insertion_order": False}) as con:
        start = time.perf_counter()
        for path in _TABLES:
            con.execute(path.read_text(encoding="utf-8"))
        return time.perf_counter() - start


_OVERVIEW = """
import time
from datetime import date
from dashboard.exhibits import findings, overview, reference
councils = tuple(reference.council_names("council"))
reference.measures(), reference.service_names()
first, last = reference.workspace()["first_month"], reference.workspace()["newest_month"]
start = time.perf_counter()
findings.changed(service_id=None, council_ids=councils, since=last, to_month=last)
overview.grid(council_ids=councils, from_month=first, to_month=last)
print(time.perf_counter() - start)
"""


def _overview(of: Workspace) -> float:
    """Seconds of the server for the Overview's two exhibits, the best of three processes."""
    _loaded(of)
    environment = {**os.environ, **workspaces.environment(of)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", _OVERVIEW], cwd=ROOT, env=environment, capture_output=True,
            check=True, text=True,
        )
        for _ in range(rounds(3))
    ]  # fmt: skip
    return min(float(run.stdout) for run in runs)


def _loaded(of: Workspace) -> str:
    load(of)
    return current_version(of.warehouse) or ""


def _workspace(count: int) -> Workspace:
    """10,000 series of so many months, up to the same newest month."""
    data = SCRATCH / f"signals-{count}"
    contract = data / "datapackage.json"
    if not contract.exists():
        data.mkdir(parents=True, exist_ok=True)
        _write(data, count)
        contract.write_text(json.dumps(_package(data)), encoding="utf-8")
    return Workspace(data, contract, SCRATCH / f"signals-{count}-warehouse")


def _write(data: Path, count: int) -> None:
    chance = random.Random(1)
    _csv(data / "services.csv", ["service_id", "name"], [[f"s{n}", f"S{n}"] for n in range(10)])
    councils = [f"c{n}" for n in range(_COUNCILS)]
    _csv(data / "councils.csv", ["council_id", "name"], [[c, c.upper()] for c in councils])
    measures = [[f"m{n}", f"s{n % 10}", f"M{n}", "higher"] for n in range(_MEASURES)]
    _csv(data / "measures.csv", ["measure_id", "service_id", "name", "good_direction"], measures)
    targets = [[m[0], "2000-04-01", 52, 3, "points"] for m in measures]
    _csv(data / "targets.csv", ["measure_id", "from", "target", "tolerance", "rule"], targets)
    every = [f"{2013 + n // 12}-{n % 12 + 1:02d}-01" for n in range(_MONTHS)]
    months = every[-count:]
    rows = (
        [month, service, c, m, round(chance.gauss(50, 4), 3)]
        for m, service, *_ in measures
        for c in councils
        for month in months
    )
    _csv(
        data / "performance.csv",
        ["period", "service_id", "council_id", "measure_id", "value"],
        rows,
    )


def _csv(path: Path, header: list[str], rows: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)


def _package(data: Path) -> dict:
    numbers = {"target", "tolerance", "value"}
    resources = []
    for path in sorted(data.glob("*.csv")):
        with path.open(encoding="utf-8") as lines:
            header = lines.readline().strip().split(",")
        fields = [{"name": n, "type": "number" if n in numbers else "string"} for n in header]
        resources.append({"name": path.stem, "path": path.name, "schema": {"fields": fields}})
    waived = ["definition", "owner_role"]
    return {
        "name": "signals",
        "title": "Signals",
        "onesource": {"waive": waived},
        "resources": resources,
    }


if __name__ == "__main__":
    main()
