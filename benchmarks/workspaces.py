"""The illustrative workspace at two sizes, made once a run below `benchmarks/scratch/`."""

import os
import shutil
import subprocess
import sys

from benchmarks.servers import ROOT
from dashboard import illustrative
from dashboard.settings import Workspace

SCRATCH = ROOT / "benchmarks" / "scratch"

# A year or two of one small council's ledger, and what a large one keeps.
FEW, MANY = 100_000, int(os.environ.get("LINES") or 10_000_000)


def workspace(lines: int) -> Workspace:
    """The workspace with so many ledger lines; written where it is not there yet."""
    data = SCRATCH / f"{lines}"
    contract = data / "datapackage.json"
    # The contract is copied last, so that it also says that the writing went through.
    if not contract.exists():
        illustrative.write(data, ledger_lines=lines)
        shutil.copy(ROOT / "data" / "datapackage.json", contract)
    return Workspace(data, contract, SCRATCH / f"{lines}-warehouse")


def environment(of: Workspace) -> dict[str, str]:
    """The variables that make a server or a command use the workspace."""
    return {"DATA": str(of.data), "CONTRACT": str(of.contract), "WAREHOUSE": str(of.warehouse)}


def loaded(lines: int) -> Workspace:
    """The workspace with its snapshot published, as `make run` does before it serves."""
    made = workspace(lines)
    subprocess.run(
        [sys.executable, "-m", "dashboard", "load"],
        cwd=ROOT,
        env={**os.environ, **environment(made)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return made


def remove() -> None:
    """Remove all of it, unless KEEP is set."""
    if not os.environ.get("KEEP"):
        shutil.rmtree(SCRATCH, ignore_errors=True)
