"""What one rerun costs the server when its answers are remembered, and how fifty people fare.

Over real websockets: each rerun is a choice of another period, between two that were seen before.
Beside the product's pages stands a plain page with one chart and one table. The pages of an older
checkout take turns with this one's.
"""

import asyncio
import json
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import people, workspaces
from benchmarks.servers import Server, serve
from benchmarks.settings import FEW, IS_BRIEF, NOW, ROOT, checkouts, rounds
from benchmarks.tables import milliseconds, show, show_compared, times

PLAIN = ROOT / "benchmarks" / "plain_page.py"

LABEL, CHOICES = "Period", ["All", "Last 12 months"]

# Pages by their names in the address; the first has none.
PAGES = {
    "Overview": "",
    "Service": "service",
    "Council": "council",
    "Measure": "measure",
    "Costs": "costs",
    "Satisfaction": "satisfaction",
}

# A hundredth of a second is the smallest step of a process's clock: 60 reruns make it 0.2 ms.
RERUNS = rounds(60, 2)
# Before them, so that answers are remembered and Python has warmed to the code.
WARM_UP = rounds(6, 2)

# Of two checkouts each page so often, in turns.
TURNS = rounds(3) if len(checkouts()) > 1 else 1

CROWDS = (2,) if IS_BRIEF else (20, 50)
SECONDS = rounds(20, 4)


@dataclass(frozen=True)
class Rerun:
    """A rerun's processor seconds and bytes, on average, and the seconds that half waited up to."""

    processor: float
    wait: float
    received: float


@dataclass(frozen=True)
class Crowd:
    """A crowd's reruns a second, processor seconds of each, and how long each click waited."""

    rate: float
    processor: float
    waits: list[float]

    def waited(self, percent: int) -> float:
        """So many of a hundred clicks waited no longer."""
        return statistics.quantiles(self.waits, n=100)[percent - 1]


def main() -> None:
    """Print two tables: one person at each page; crowds spread over them and at the largest."""
    alone: dict[str, Rerun] = {}
    crowded: dict[tuple[str, int], Crowd] = {}
    for name, freeze in (("Plain page", ""), ("Plain page, frozen", "1")):
        with serve(PLAIN, {"FREEZE": freeze}) as server:
            alone[name] = asyncio.run(_alone(server, ""))
            for crowd in CROWDS:
                crowded[name, crowd] = _crowd(server, [""], crowd)
    seen: dict[str, dict[str, list[Rerun]]] = {}
    with ExitStack() as served:
        servers = {
            by: served.enter_context(
                serve(by.server, workspaces.environment(workspaces.loaded(FEW, by)), by.root)
            )
            for by in checkouts()
        }
        server = servers[NOW]
        for name, page in PAGES.items():
            seen[name] = {by.name: [] for by in servers}
            for _ in range(TURNS):
                for by, one in servers.items():
                    seen[name][by.name].append(asyncio.run(_alone(one, page)))
            alone[name] = seen[name][NOW.name][-1]
        for name, pages in (("All six pages", list(PAGES.values())), ("Costs alone", ["costs"])):
            for crowd in CROWDS:
                crowded[name, crowd] = _crowd(server, pages, crowd)
    _print_alone(alone)
    _print_crowds(crowded)
    if len(checkouts()) > 1:
        show_compared("Rerun, processor", [_compared(*page) for page in seen.items()])


def _compared(name: str, seen: dict[str, list[Rerun]]) -> list[str]:
    now, before = (statistics.median(one.processor for one in runs) for runs in seen.values())
    return [name, f"{now * 1000:.1f} ms", f"{before * 1000:.1f} ms", times(now, before)]


async def _alone(server: Server, page: str) -> Rerun:
    tab = await people.open_tab(server.url)
    await tab.visit(page)
    for nth in range(WARM_UP):
        await tab.choose(LABEL, CHOICES[nth % 2])
    # Garbage is collected after the last message, so a moment lets the warm-up's end.
    await asyncio.sleep(0.5)
    used, received = server.processor_seconds(), tab.received_bytes
    waits = [await tab.choose(LABEL, CHOICES[nth % 2]) for nth in range(RERUNS)]
    await asyncio.sleep(0.5)
    used = server.processor_seconds() - used
    received = tab.received_bytes - received
    await tab.connection.close()
    return Rerun(used / RERUNS, statistics.median(waits), received / RERUNS)


def _crowd(server: Server, pages: list[str], count: int) -> Crowd:
    # A process of its own, as the people's processors are not the server's.
    command = [sys.executable, "-m", "benchmarks.people", server.url, ",".join(pages)]
    command += [str(count), str(SECONDS), LABEL, *CHOICES]
    used = server.processor_seconds()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    found = json.loads(done.stdout)
    # Of a crowd the opening reruns count too: nobody tells the two processes' clocks apart.
    used = (server.processor_seconds() - used) / found["reruns"]
    return Crowd(len(found["waits"]) / found["seconds"], used, found["waits"])


def _print_alone(found: dict[str, Rerun]) -> None:
    plain = found["Plain page, frozen"]
    show(
        f"Rerun: one person, answers remembered, {RERUNS} reruns",
        ("", "processor", "wait", "sent", "processor / plain, frozen"),
        [
            [
                name,
                f"{one.processor * 1000:.1f} ms",
                milliseconds(one.wait),
                f"{one.received / 1000:.1f} kB",
                times(one.processor, plain.processor),
            ]
            for name, one in found.items()
        ],
        "Processor: of the server's process, a rerun, garbage collection included.",
        "Wait: from the click to the last message, median; nothing is drawn.",
    )


def _print_crowds(found: dict[tuple[str, int], Crowd]) -> None:
    rows = []
    for (name, count), crowd in found.items():
        plain = found["Plain page, frozen", count]
        rows.append(
            [
                f"{name}, {count} people",
                f"{crowd.rate:.1f}/s",
                f"{crowd.processor * 1000:.1f} ms",
                milliseconds(crowd.waited(50)),
                milliseconds(crowd.waited(95)),
                times(crowd.waited(95), plain.waited(95)),
            ]
        )
    show(
        f"Rerun: people who each click about every 3 s, for {SECONDS} s",
        ("", "reruns", "processor", "50 % waited up to", "95 %", "95 % / plain, frozen"),
        rows,
        "Waited: from when a click was due to its last message. Processor: a rerun, first too.",
        "The people and whatever else runs share the machine's processors.",
    )


if __name__ == "__main__":
    main()
