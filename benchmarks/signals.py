"""What the signals of 10,000 series of 60 months cost, as a share of the load they are part of."""

import csv
import json
import random
import re
import shutil
import time
from pathlib import Path

import duckdb

from benchmarks import workspaces
from benchmarks.load import load_cost
from benchmarks.tables import show
from dashboard import settings
from dashboard.load.versions import current_version, snapshot_path
from dashboard.settings import Workspace

_MEASURES, _COUNCILS, _MONTHS = 500, 20, 60

# The tables that are signals, in the order in which a load makes them.
_TABLES = ("25_control_charts",)


def main() -> None:
    """Print one table: the load of these series, and what of it the signals take."""
    of = _workspace()
    whole = load_cost(of)
    signals = _signals(of)
    rows = [
        ("load, all", f"{whole.seconds:.2f} s", ""),
        ("of it the signals", f"{signals:.2f} s", f"{signals / whole.seconds:.0%} of the load"),
    ]
    show(
        f"Signals of {_MEASURES * _COUNCILS:,} series of {_MONTHS} months",
        ("", "wall", ""),
        rows,
        "The signals' own statements run again on a copy of the snapshot.",
    )


def _signals(of: Workspace) -> float:
    fresh = Workspace(of.data, of.contract, workspaces.SCRATCH / "signals-warehouse")
    shutil.rmtree(fresh.warehouse, ignore_errors=True)
    from dashboard.load.publish import load

    load(fresh)
    copy = fresh.warehouse / "copy.duckdb"
    shutil.copyfile(snapshot_path(fresh.warehouse, current_version(fresh.warehouse) or ""), copy)
    with duckdb.connect(str(copy), config={"preserve_insertion_order": False}) as con:
        start = time.perf_counter()
        for name in _TABLES:
            con.execute((settings.QUERIES / "tables" / f"{name}.sql").read_text(encoding="utf-8"))
        return time.perf_counter() - start


def _workspace() -> Workspace:
    data = workspaces.SCRATCH / "signals"
    contract = data / "datapackage.json"
    if not contract.exists():
        data.mkdir(parents=True, exist_ok=True)
        _write(data)
        contract.write_text(json.dumps(_package(data)), encoding="utf-8")
    return Workspace(data, contract, workspaces.SCRATCH / "signals-warehouse")


def _write(data: Path) -> None:
    chance = random.Random(1)
    _csv(data / "services.csv", ["service_id", "name"], [[f"s{n}", f"S{n}"] for n in range(10)])
    councils = [f"c{n}" for n in range(_COUNCILS)]
    _csv(data / "councils.csv", ["council_id", "name"], [[c, c.upper()] for c in councils])
    measures = [[f"m{n}", f"s{n % 10}", f"M{n}", "higher"] for n in range(_MEASURES)]
    _csv(data / "measures.csv", ["measure_id", "service_id", "name", "good_direction"], measures)
    targets = [[m[0], "2000-04-01", 52, 3, "points"] for m in measures]
    _csv(data / "targets.csv", ["measure_id", "from", "target", "tolerance", "rule"], targets)
    months = [f"{2013 + n // 12}-{n % 12 + 1:02d}-01" for n in range(_MONTHS)]
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
            header = re.split(",", lines.readline().strip())
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
