"""What a load of messy ledger exports costs beside DuckDB's own reading of the clean ones.

The same lines as in the load benchmark, as councils write them: cp1252, two lines of title above
the header, dates day first, `£1,234.50`, a total at the end.
"""

import csv
import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

from benchmarks import workspaces
from benchmarks.load import RUNS, compared_rows, in_turns, load_cost, raw_cost
from benchmarks.settings import MANY, SCRATCH, checkouts
from benchmarks.tables import megabytes, show, show_compared, times
from dashboard.settings import Workspace

_HEADER = ("Date", "Service ID", "Council ID", "Cost type", "Supplier", "Description", "Amount GBP")


def main() -> None:
    """Print one table: the messy load beside the raw read of the same lines, clean."""
    clean = workspaces.workspace(MANY)
    messy = _messy(clean)
    raw, whole = raw_cost(clean), load_cost(messy)
    rows = [
        (
            name,
            f"{cost.seconds:.2f} s",
            megabytes(cost.peak_bytes),
            times(cost.seconds, raw.seconds),
        )
        for name, cost in (
            (f"{MANY:,} clean lines: read_csv into a table", raw),
            ("the same lines messy: load, all feeds", whole),
        )
    ]
    show(
        "Messy: cp1252, title lines, £1,234.50, dates day first, totals",
        ("", "wall", "peak memory", "wall / raw"),
        rows,
        f"The last of {RUNS} runs; into an empty folder, interpreter's start included.",
    )
    if len(checkouts()) > 1:
        show_compared("Messy", compared_rows("the same lines messy: load", in_turns(messy)))


def _messy(clean: Workspace) -> Workspace:
    data = Path(f"{clean.data}-messy")
    contract = data / clean.contract.name
    if not contract.exists():
        shutil.copytree(clean.data, data, ignore=shutil.ignore_patterns("ledger", contract.name))
        (data / "ledger").mkdir()
        for path in sorted((clean.data / "ledger").glob("*.csv")):
            _rewrite(path, data / "ledger" / path.name)
        package = json.loads(clean.contract.read_text(encoding="utf-8"))
        for resource in package["resources"]:
            if resource["name"] == "ledger":
                resource.pop("encoding", None)
                for field in resource["schema"]["fields"]:
                    if field["name"] == "date":
                        field["format"] = "any"
        contract.write_text(json.dumps(package), encoding="utf-8")
    return Workspace(data, contract, SCRATCH / "messy-warehouse")


def _rewrite(source: Path, target: Path) -> None:
    total = Decimal(0)
    with (
        source.open(encoding="utf-8", newline="") as lines,
        target.open("w", encoding="cp1252", newline="") as out,
    ):
        rows = csv.reader(lines)
        columns = next(rows)
        order = [columns.index(c.lower().replace(" ", "_")) for c in _HEADER]
        writer = csv.writer(out)
        writer.writerows([["Payments", *[""] * 6], [f"Extract of {source.stem}", *[""] * 6]])
        writer.writerow(_HEADER)
        for row in rows:
            day, *texts, amount = (row[at] for at in order)
            total += Decimal(amount)
            spent = f"{date.fromisoformat(day):%d/%m/%Y}"
            writer.writerow([spent, *texts, f"£{Decimal(amount):,.2f}".replace("£-", "-£")])
        writer.writerow(["Total", *[""] * 5, f"£{total:,.2f}"])


if __name__ == "__main__":
    main()
