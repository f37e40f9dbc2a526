"""From a click on a filter to the redrawn page in Chromium, and the server's memory after it.

The product's Costs page beside the script people usually write, at two sizes of ledger: each
service of six is chosen twice, first for the first time and then again.
"""

import csv
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import workspaces
from benchmarks.servers import PRODUCT, ROOT, Server, serve
from benchmarks.tables import megabytes, milliseconds, show, times
from dashboard.settings import Workspace
from tests import browser as installed

SCRIPT = ROOT / "benchmarks" / "usual_script.py"

# Twelve changes: six services never chosen before, then the same again.
SERVICES = 6

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

# Drawn: a heading begins with the service, a chart stands there, and nothing has moved since.
_REDRAWN = """
([service, quiet]) => {
  const {clicked, changed} = window.seen;
  const heads = [...document.querySelectorAll("[data-testid=stMain] :is(h2, h3)")];
  return clicked !== null && changed > clicked && performance.now() - changed > quiet
    && heads.some((head) => head.textContent.trim().startsWith(service + ":"))
    && document.querySelector(".js-plotly-plot .main-svg") !== null
    && document.querySelector("[data-testid=stSpinner]") === null;
}
"""


@dataclass(frozen=True)
class Way:
    """One way to the same question: its script, its page, and whether services go by name."""

    name: str
    script: Path
    page: str
    by_name: bool


WAYS = (Way("product", PRODUCT, "/costs", True), Way("usual script", SCRIPT, "", False))


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
        for lines in (workspaces.FEW, workspaces.MANY):
            of = workspaces.loaded(lines)
            for way in WAYS:
                with serve(way.script, workspaces.environment(of)) as server:
                    seen[way.name, lines] = _use(browser, server, way, _services(of, way.by_name))
        browser.close()
    _print(seen)


def _services(of: Workspace, by_name: bool) -> list[str]:
    """Services as the way shows them: those with most lines come early in the workspace."""
    with (of.data / "reference" / "services.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["service_id"] != "onesource"]
    return [row["name" if by_name else "service_id"] for row in rows[:SERVICES]]


def _use(browser: Browser, server: Server, way: Way, services: list[str]) -> Seen:
    # The first visit of all pays for what a server does once.
    _first_chart(browser, server, way)
    first_chart = statistics.median(_first_chart(browser, server, way) for _ in range(3))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url + way.page)
    page.wait_for_selector(CHART, timeout=PATIENCE)
    page.wait_for_timeout(QUIET_MS)
    page.evaluate(_WATCH)
    # The script begins with a service chosen; the second choice of it is then no first time.
    order = services[1:] + services[:1]
    first_time, again = ([_change(page, service) for service in order] for _ in range(2))
    page.close()
    return Seen(first_time, again, first_chart, server.resident_bytes())


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
    page.evaluate("() => { window.seen.clicked = window.seen.changed = null; }")
    box = page.locator("[data-testid=stSelectbox]").filter(has_text="Service").first
    field = box.locator("input")
    field.click()
    field.fill(service)
    page.get_by_role("option", name=service, exact=True).click()
    page.wait_for_function(_REDRAWN, arg=[service, QUIET_MS], timeout=PATIENCE, polling=100)
    seen = page.evaluate("() => window.seen")
    return (seen["changed"] - seen["clicked"]) / 1000


def _print(seen: dict[tuple[str, int], Seen]) -> None:
    measures = {
        "filter to redraw, median of 12": (lambda s: s.change, milliseconds),
        "  a service for the first time": (lambda s: statistics.median(s.first_time), milliseconds),
        "  the same service again": (lambda s: statistics.median(s.again), milliseconds),
        "first chart, fresh browser": (lambda s: s.first_chart, milliseconds),
        "server's memory after use": (lambda s: s.resident_bytes, megabytes),
    }
    few, many = workspaces.FEW, workspaces.MANY
    rows = []
    for name, (measure, written) in measures.items():
        for way in WAYS:
            small, large = (measure(seen[way.name, lines]) for lines in (few, many))
            script = measure(seen["usual script", many])
            compared = times(large, script) if way.name == "product" else ""
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
        ("", f"{few:,} lines", f"{many:,} lines", "growth", "product / script"),
        rows,
        "From the click on a service until charts, headings and tables last changed.",
        "First chart: the server has been visited before, the browser never was here.",
        "Product / script at the larger size. Memory is resident, of all the server's processes.",
    )


if __name__ == "__main__":
    main()
