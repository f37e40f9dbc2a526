"""From a service's variance down to its ledger lines: the product, and what a usual script needs.

Six services in turn, each for the first time, so that nothing is remembered of any: its cost types,
suppliers and largest lines, then those of its largest cost type, then those of that type's largest
supplier. The product's time is that of making the exhibits and drawing them; the script's is that
of filtering, grouping and sorting a frame which it holds in memory already.
"""

import json
import os
import statistics
import subprocess
import sys

from benchmarks import workspaces
from benchmarks.settings import FEW, MANY, ROOT, SIZES
from benchmarks.tables import milliseconds, show, times
from dashboard.settings import Workspace

STEPS = (
    "service to cost types, suppliers, lines",
    "cost type to suppliers, lines",
    "supplier to lines",
)

_PRODUCT = """
import json, sys, time
from dashboard.exhibits import reference, spending
from dashboard.render import text
from dashboard.render.kinds import figures

newest = reference.workspace()["newest_month"]
chosen = {
    "council_ids": tuple(reference.council_names("council")),
    "from_month": newest.replace(year=newest.year - 1, month=4),
    "to_month": newest,
}

def step(**more):
    start = time.perf_counter()
    shown = spending.down_to_lines(**chosen, **{"cost_type": None, "supplier": None, **more})
    for exhibit in shown:
        text.head(exhibit), text.foot(exhibit), text.table(exhibit)
        if exhibit.chart:
            figures(exhibit)
    seconds.append(time.perf_counter() - start)
    return shown

found = []
for service in [s for s in reference.service_names() if s != "onesource"][:6]:
    seconds = []
    parts, *_ = step(service_id=service)
    kind = max(parts.table.raw_rows[:-1], key=lambda r: abs(r[1]))[0]
    suppliers, _ = step(service_id=service, cost_type=kind)
    step(service_id=service, cost_type=kind, supplier=suppliers.table.raw_rows[0][0])
    found.append(seconds)
print(json.dumps(found))
"""

_SCRIPT = """
import json, os, sys, time
from pathlib import Path
import pandas as pd

start = time.perf_counter()
files = sorted(Path(os.environ["DATA"], "ledger").glob("*.csv"))
ledger = pd.concat([pd.read_csv(f, parse_dates=["date"]) for f in files], ignore_index=True)
reading = time.perf_counter() - start
services = pd.read_csv(Path(os.environ["DATA"], "reference", "services.csv"))["service_id"]

def step(by, **more):
    start = time.perf_counter()
    chosen = ledger[ledger["date"] >= "2017-04-01"]
    for column, value in more.items():
        chosen = chosen[chosen[column] == value]
    sums = [chosen.groupby(column)["amount_gbp"].agg(["sum", "count"]) for column in by]
    chosen.sort_values("amount_gbp", key=abs, ascending=False).head(100)
    seconds.append(time.perf_counter() - start)
    return sums

found = []
for service in [s for s in services if s != "onesource"][:6]:
    seconds = []
    kinds, _ = step(["cost_type", "supplier"], service_id=service)
    kind = kinds["sum"].abs().idxmax()
    (suppliers,) = step(["supplier"], service_id=service, cost_type=kind)
    supplier = suppliers["sum"].abs().idxmax()
    step([], service_id=service, cost_type=kind, supplier=supplier)
    found.append(seconds)
print(json.dumps([[reading], *found]))
"""


def main() -> None:
    """Print one table: each step, both ways at both sizes, their ratio and their growth."""
    seen: dict[tuple[str, int], list[list[float]]] = {}
    reading = {}
    for lines in SIZES:
        of = workspaces.loaded(lines)
        seen["product", lines] = _ask(_PRODUCT, of)
        (reading[lines],), *seen["usual script", lines] = _ask(_SCRIPT, of)
    rows = []
    for at, step in enumerate(STEPS):
        for way in ("product", "usual script"):
            small, large, script = (
                statistics.median(service[at] for service in seen[who, lines])
                for who, lines in ((way, FEW), (way, MANY), ("usual script", MANY))
            )
            compared = times(large, script) if way == "product" else ""
            measured = (milliseconds(small), milliseconds(large), times(large, small))
            rows.append([f"{step}, {way}", *measured, compared])
    show(
        "Drill: from a service's variance to its ledger lines, for the first time",
        ("", f"{FEW:,} lines", f"{MANY:,} lines", "growth", "product / script"),
        rows,
        "Medians of six services; a year's months of the ledger.",
        f"Before its first step the usual script has read the ledger: {reading[MANY]:.0f} s.",
    )


def _ask(code: str, of: Workspace) -> list[list[float]]:
    """Seconds of each step of each service, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **workspaces.environment(of)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
