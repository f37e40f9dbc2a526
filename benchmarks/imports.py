"""What a start imports: all that `app.py` and its pages do, beside the libraries beneath alone."""

import ast
import re
import statistics
import subprocess
import sys
import time

from benchmarks.settings import ROOT, rounds
from benchmarks.tables import show, times

LIBRARIES = "import streamlit, pandas, duckdb, plotly"
# As they say it themselves, so that a module that moves is found where it went.
APP = "\n".join(
    ast.unparse(line)
    for path in (ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")))
    for line in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(line, ast.Import | ast.ImportFrom)
)

# Each in turn; a start differs by a tenth from the next.
RUNS = rounds(7)

# `import time:  self [us] | cumulative | name`, indented by depth.
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


def main() -> None:
    """Print one table: both ways' wall time, and the largest of what only the app imports."""
    seen: dict[str, list[float]] = {"nothing": [], "libraries": [], "app": []}
    for _ in range(RUNS):
        for name, code in (("nothing", "pass"), ("libraries", LIBRARIES), ("app", APP)):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
            seen[name].append(time.perf_counter() - start)
    nothing, libraries, app = (statistics.median(values) for values in seen.values())
    rows = [
        ["Python alone", f"{nothing:.2f} s", times(nothing, libraries)],
        ["streamlit, pandas, duckdb, plotly", f"{libraries:.2f} s", times(libraries, libraries)],
        ["what app.py and its pages import", f"{app:.2f} s", times(app, libraries)],
    ]
    rows += [[f"  {name}", f"{s:.3f} s", ""] for name, s in _largest_of_our_own()]
    show(
        "Imports: a fresh Python, wall time",
        ("", "wall", "/ libraries"),
        rows,
        f"Median of {RUNS}. Indented: packages that the app adds, by -X importtime.",
    )


def _largest_of_our_own(most: int = 6) -> list[tuple[str, float]]:
    """Top-level packages that the app imports after the libraries, with their own seconds."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"{LIBRARIES}\nimport sys\n"
         f"print('---', file=sys.stderr)\n{APP}"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    spent: dict[str, int] = {}
    for line in done.stderr.partition("---")[2].splitlines():
        if found := _LINE.match(line):
            package = found[4].partition(".")[0]
            spent[package] = spent.get(package, 0) + int(found[1])
    ranked = sorted(spent.items(), key=lambda item: -item[1])[:most]
    return [(name, micros / 1e6) for name, micros in ranked]


if __name__ == "__main__":
    main()
