"""What a scenario costs the server on the shipped workspace, beside the script usually written.

Both answer the same: who would pay what in 2017/18 if shared cost went by volume of work. The
script reads the exports, as it does when it is run; the product reads its snapshot.
"""

import json
import os
import subprocess
import sys

from benchmarks import workspaces
from benchmarks.settings import ROOT, SCRATCH, rounds
from benchmarks.tables import milliseconds, show, times
from dashboard.settings import Workspace

_RUNS = rounds(5)

# A page's own answers are there before: names, and what the workspace holds.
_SCENARIO = """
import json, time
from datetime import date
from dashboard.exhibits import reference, true_cost
from dashboard.render import kinds, text
reference.council_names(), reference.service_names(), reference.provenance("costs")
reference.feeds_present()

def played(basis, council_id, first):
    start = time.perf_counter()
    made = true_cost.scenario(
        service_id=None, basis=basis, council_id=council_id, leaves=True, quarters=2,
        from_month=first, to_month=date(2018, 3, 1),
    )
    kinds.figures(made), text.head(made), text.foot(made)
    return time.perf_counter() - start, made

year, years = date(2017, 4, 1), date(2014, 4, 1)
first, made = played("volume", None, year)
pays = {r[2]: str(r[6]) for r in made.table.raw_rows if r[1] == "all services"}
print(json.dumps({
    "first": first, "another": played(None, "bexley", year)[0],
    "four years": played("headcount", "bexley", years)[0], "pays": pays,
}))
"""


def main() -> None:
    """Print one table: a scenario of a year, another one, one of four years, and the script."""
    data = ROOT / "data"
    of = Workspace(data, data / "datapackage.json", SCRATCH / "shipped-warehouse")
    environment = {**os.environ, **workspaces.environment(of)}
    _run(["-m", "dashboard", "load"], environment)
    product = [json.loads(_run(["-c", _SCENARIO], environment)) for _ in range(_RUNS)]
    usual = [
        json.loads(_run(["-m", "benchmarks.usual_what_if", str(data)], environment))
        for _ in range(_RUNS)
    ]
    pays = product[0]["pays"]
    for council, pounds in usual[0]["pays"].items():
        assert abs(float(pays[council]) - pounds) < 1, f"{council}: {pays[council]}, {pounds}"
    script = min(run["seconds"] for run in usual)
    seconds = {name: min(run[name] for run in product) for name in product[0] if name != "pays"}
    show(
        "What if: a scenario for all services of the shipped workspace",
        ("", "wall", "of the script"),
        [
            *(
                [name, milliseconds(seconds[key]), times(seconds[key], script)]
                for key, name in (
                    ("first", "2017/18 by volume, nothing remembered"),
                    ("another", "2017/18, a council leaves, data remembered"),
                    ("four years", "four years by headcount, a council leaves"),
                )
            ),
            ["the usual script, 2017/18 by volume", milliseconds(script), times(script, script)],
        ],
        f"Best of {_RUNS} processes, imports not counted. Both come to the same, within a pound.",
    )


def _run(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True,
        text=True,
    ).stdout  # fmt: skip


if __name__ == "__main__":
    main()
