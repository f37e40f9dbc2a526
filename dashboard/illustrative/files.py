"""How the illustrative exports are written: UTF-8, LF, header first, commas, text as given."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one export. Values are written as they are: numbers must already be text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(list(rows), columns=list(header), dtype=object)
    # Opened in binary terms (newline="") so that Windows writes the same bytes.
    with path.open("w", encoding="utf-8", newline="") as file:
        frame.to_csv(file, index=False, lineterminator="\n")


def pounds(pence: int) -> str:
    """Whole pence as pounds with two decimals, without passing through a float."""
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100}.{abs(pence) % 100:02d}"
