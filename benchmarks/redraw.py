"""From a click on a filter to the redrawn page in Chromium, and the server's memory after it.

The product's Costs page beside the script people usually write, at two sizes of ledger: each
service of six is chosen twice, first for the first time and then again. An older checkout's page
takes turns with this one's, service by service.
"""

import csv
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import workspaces
from benchmarks.servers import Server, serve
from benchmarks.settings import FEW, MANY, NOW, ROOT, SIZES, Checkout, checkouts, rounds
from benchmarks.tables import megabytes, milliseconds, show, show_compared, times
from dashboard.settings import Workspace
from tests import browser as installed

SCRIPT = ROOT / "benchmarks" / "usual_script.py"

# Twelve changes: six services never chosen before, then the same again.
SERVICES = rounds(6, 2)

# Plotly has drawn when its first layer is there.
CHART = ".js-plotly-plot .main-svg"

# The usual script reads ten million lines before its first chart.
PATIENCE = 300_000

# A page that has not changed for so long is drawn. Plotly's slowest step here takes half of it.
QUIET_MS = 800

# Notes when an option was clicked and when charts, headings or tables last changed. What follows
# the mouse (hover labels, drag handles) is not drawing.
_WATCH = """
() => {
  const seen = window.seen = {clicked: null, changed: null};
  document.addEventListener("click", (event) => {
    if (event.target.closest("[role=option]")) seen.clicked = performance.now();
  }, true);
  const drawn = (node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    return element && !element.closest(".hoverlayer, .draglayer, [data-testid=stSelectbox]");
  };
  new MutationObserver((changes) => {
    if (changes.some((change) => drawn(change.target))) seen.changed = performance.now();
  }).observe(document.querySelector("[data-testid=stMain]"), {
    subtree: true, childList: true, characterData: true,
    attributeFilter: ["d", "points", "x", "y", "transform"],
  });
}
"""

# Drawn: the page changed since the click, its script is at rest, a chart stands there, and nothing
# has moved since.
_REDRAWN = """
(quiet) => {
  const {clicked, changed} = window.seen;
  const app = document.querySelector("[data-testid=stApp]");
  return clicked !== null && changed > clicked && performance.now() - changed > quiet
    && app.dataset.testScriptState === "notRunning"
    && document.querySelector(".js-plotly-plot .main-svg") !== null
    && document.querySelector("[data-stale=true], [data-testid=stSpinner]") === null;
}
"""

HEADINGS = "[data-testid=stMain] :is(h2, h3)"


@dataclass(frozen=True)
class Way:
    """One way to the same question: its script, its page, and whether services go by name.

    by: the checkout whose server it is, which has loaded the exports.
    """

    name: str
    script: Path
    page: str
    by_name: bool
    by: Checkout = NOW


_BY_NAME = {NOW.name: "product"}
PRODUCTS = tuple(
    Way(_BY_NAME.get(by.name, by.name), by.server, "/costs", True, by) for by in checkouts()
)
USUAL = Way("usual script", SCRIPT, "", False)
WAYS = (PRODUCTS[0], USUAL)


@dataclass(frozen=True)
class Seen:
    """Seconds of changes, first time and again; of a first chart; memory at the end."""

    first_time: list[float]
    again: list[float]
    first_chart: float
    resident_bytes: float

    @property
    def change(self) -> float:
        """Half of all changes took no longer."""
        return statistics.median([*self.first_time, *self.again])


def main() -> None:
    """Print one table: each measure, both ways at both sizes, their ratio and their growth."""
    seen: dict[tuple[str, int], Seen] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed.executable(), args=list(installed.ARGUMENTS)
        )
        for lines in SIZES:
            for ways in (PRODUCTS, (USUAL,)):
                for way, found in _together(browser, ways, lines).items():
                    seen[way.name, lines] = found
        browser.close()
    _print(seen)
    if len(PRODUCTS) > 1:
        show_compared("Redraw", [row for lines in SIZES for row in _compared(seen, lines)])


def _together(browser: Browser, ways: tuple[Way, ...], lines: int) -> dict[Way, Seen]:
    """What the ways take that are served side by side and used in turns."""
    with ExitStack() as served:
        servers = {}
        for way in ways:
            of = workspaces.loaded(lines, way.by)
            there = workspaces.environment(of)
            servers[way] = served.enter_context(serve(way.script, there, way.by.root))
        services = _services(of, ways[0].by_name)
        return _use(browser, servers, services)


def _services(of: Workspace, by_name: bool) -> list[str]:
    """Services as the way shows them: those with most lines come early in the workspace."""
    with (of.data / "reference" / "services.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["service_id"] != "onesource"]
    return [row["name" if by_name else "service_id"] for row in rows[:SERVICES]]


def _use(browser: Browser, servers: dict[Way, Server], services: list[str]) -> dict[Way, Seen]:
    charts: dict[Way, list[float]] = {way: [] for way in servers}
    # The first visit of all pays for what a server does once.
    for visit in range(1 + rounds(3)):
        for way, server in servers.items():
            seconds = _first_chart(browser, server, way)
            if visit:
                charts[way].append(seconds)
    pages = {way: _opened(browser, server, way) for way, server in servers.items()}
    # The script begins with a service chosen; the second choice of it is then no first time.
    order = services[1:] + services[:1]
    first_time, again = (
        [{way: _change(page, service) for way, page in pages.items()} for service in order]
        for _ in range(2)
    )
    for page in pages.values():
        page.close()
    return {
        way: Seen(
            [one[way] for one in first_time],
            [one[way] for one in again],
            statistics.median(charts[way]),
            server.resident_bytes(),
        )
        for way, server in servers.items()
    }


def _opened(browser: Browser, server: Server, way: Way) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url + way.page)
    page.wait_for_selector(CHART, timeout=PATIENCE)
    page.wait_for_timeout(QUIET_MS)
    page.evaluate(_WATCH)
    return page


def _first_chart(browser: Browser, server: Server, way: Way) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(server.url + way.page, wait_until="commit")
    page.wait_for_selector(CHART, timeout=PATIENCE)
    seconds = time.perf_counter() - start
    context.close()
    return seconds


def _change(page: Page, service: str) -> float:
    """Seconds from the click on a service until the page last changed.

    Raises RuntimeError where no heading then names the service: something else was drawn.
    """
    page.bring_to_front()
    page.evaluate("() => { window.seen.clicked = window.seen.changed = null; }")
    box = page.locator("[data-testid=stSelectbox]").filter(has_text="Service").first
    field = box.locator("input")
    field.click()
    field.fill(service)
    page.get_by_role("option", name=service, exact=True).click()
    page.wait_for_function(_REDRAWN, arg=QUIET_MS, timeout=PATIENCE, polling=100)
    heads = page.locator(HEADINGS).all_text_contents()
    if not any(service in head for head in heads):
        raise RuntimeError(f"{page.url}: no heading names '{service}', only: {'; '.join(heads)}")
    seen = page.evaluate("() => window.seen")
    return (seen["changed"] - seen["clicked"]) / 1000


_MEASURES: dict[str, tuple[Callable[[Seen], float], Callable[[float], str]]] = {
    f"filter to redraw, median of {2 * SERVICES}": (lambda s: s.change, milliseconds),
    "  a service for the first time": (lambda s: statistics.median(s.first_time), milliseconds),
    "  the same service again": (lambda s: statistics.median(s.again), milliseconds),
    "first chart, fresh browser": (lambda s: s.first_chart, milliseconds),
    "server's memory after use": (lambda s: s.resident_bytes, megabytes),
}


def _compared(seen: dict[tuple[str, int], Seen], lines: int) -> list[list[str]]:
    rows = []
    for name, (measure, written) in _MEASURES.items():
        now, before = (measure(seen[way.name, lines]) for way in PRODUCTS)
        row = [f"{lines:,} lines: {name.strip()}", written(now), written(before)]
        rows.append([*row, times(now, before)])
    return rows


def _print(seen: dict[tuple[str, int], Seen]) -> None:
    rows = []
    for name, (measure, written) in _MEASURES.items():
        for way in WAYS:
            small, large = (measure(seen[way.name, lines]) for lines in (FEW, MANY))
            script = measure(seen[USUAL.name, MANY])
            compared = times(large, script) if way is not USUAL else ""
            rows.append(
                [
                    f"{name}, {way.name}",
                    written(small),
                    written(large),
                    times(large, small),
                    compared,
                ]
            )
    show(
        "Redraw: the Costs page and the usual script, in Chromium",
        ("", f"{FEW:,} lines", f"{MANY:,} lines", "growth", "product / script"),
        rows,
        "From the click on a service until charts, headings and tables last changed.",
        "First chart: the server has been visited before, the browser never was here.",
        "Product / script at the larger size. Memory is resident, of all the server's processes.",
    )


if __name__ == "__main__":
    main()
