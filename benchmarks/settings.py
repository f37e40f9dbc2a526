"""What a run of the benchmarks is told by the environment, read once; each with its reason.

LINES     ledger lines of the larger workspace (10 million)
AGAINST   the folder of an older checkout: load, messy, rerun and redraw measure it too, in turns
BRIEF     every part as short as it goes, on a cut-down workspace: whether it runs, no figures
KEEP      leave the workspaces there for the next run
SCRATCH   where they are made (benchmarks/scratch)
"""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

IS_BRIEF = bool(os.environ.get("BRIEF"))
IS_KEPT = bool(os.environ.get("KEEP"))
SCRATCH = Path(os.environ.get("SCRATCH") or ROOT / "benchmarks" / "scratch").resolve()

# What a large council keeps, and a year or two of one small council's ledger.
MANY = int(os.environ.get("LINES") or 10_000_000)
FEW = min(100_000, MANY)
SIZES = tuple(dict.fromkeys((FEW, MANY)))


@dataclass(frozen=True)
class Checkout:
    """A version of the product to be measured: what it is called in tables, and its folder."""

    name: str
    root: Path

    @property
    def server(self) -> Path:
        """What `streamlit run` is given."""
        return self.root / "dashboard" / "server.py"


NOW = Checkout("now", ROOT)


def checkouts() -> tuple[Checkout, ...]:
    """This one and, where AGAINST names it, the one before. Raises FileNotFoundError.

    Each runs its own code on the same exports and contract, with a warehouse of its own.
    """
    if not (named := os.environ.get("AGAINST")):
        return (NOW,)
    before = Checkout("before", Path(named).resolve())
    if not before.server.exists():
        raise FileNotFoundError(f"AGAINST={named} is no checkout: it has no dashboard/server.py")
    return (NOW, before)


def rounds(usual: int, least: int = 1) -> int:
    """How often something is repeated: as usual, or the least that still measures it."""
    return least if IS_BRIEF else usual
