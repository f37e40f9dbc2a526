"""What a first visit costs: `streamlit run app.py` beside `streamlit run dashboard/server.py`.

    python -m benchmarks.first_visit

Each figure is a median over visits by a browser that was never here, the servers taking turns.
Brotli is what browsers ask for over https and from this machine, gzip what they ask for over http.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import TimeoutError as StillWaiting
from playwright.sync_api import sync_playwright

from benchmarks import workspaces
from benchmarks.servers import serve
from benchmarks.settings import FEW, IS_BRIEF, NOW, ROOT, rounds
from tests import browser as installed

# The page that is opened: one with a chart at its top.
PAGE = "measure"

# Plotly has drawn when its first layer is there.
CHART = ".js-plotly-plot .main-svg"

# A median needs three; more only takes longer, as the visits differ by a tenth.
VISITS = rounds(3)

# At full speed, then over the slow line, which a brief run leaves out: it takes 12 s a visit.
SLOW = (False,) if IS_BRIEF else (False, True)

# An office line on a busy day, and a usual way to a server in the same country.
SLOW_LINE = {
    "offline": False,
    "downloadThroughput": 10_000_000 / 8,
    "uploadThroughput": 10_000_000 / 8,
    "latency": 20,
}

# Chromium's slowed-down line stands still for good in one visit of fifteen to forty, whatever the
# server: bytes lie in its sockets and it does not read them. Such visits are taken again.
PATIENCE_SECONDS = 40
# Without it a page comes, however busy the machine is.
PATIENCE_UNLIMITED_SECONDS = 300
ATTEMPTS = 3


def main(plain: Path = ROOT / "app.py", served: Path = NOW.server) -> dict:
    """Bytes and seconds for each way of serving, and their ratios to the plain one; printed too."""
    there = workspaces.environment(workspaces.loaded(FEW))
    with serve(plain, there) as plainly, serve(served, there) as compressed:
        ways = {
            "plain": (plainly.url, "gzip, deflate, br"),
            "gzip": (compressed.url, "gzip, deflate"),
            "brotli": (compressed.url, "gzip, deflate, br"),
        }
        # The first visit ever pays for imports and for making the compressed copies.
        for url, encodings in ways.values() if not IS_BRIEF else ():
            _two_visits(url, encodings, slow=False)
        seen: dict[str, dict[str, list[float]]] = {way: {} for way in ways}
        for _ in range(VISITS):
            for way, (url, encodings) in ways.items():
                for slow in SLOW:
                    for measure, value in _two_visits(url, encodings, slow).items():
                        seen[way].setdefault(measure, []).append(value)
    result: dict = {
        way: {measure: statistics.median(values) for measure, values in measures.items()}
        for way, measures in seen.items()
    }
    result["ratio"] = {
        way: {m: result[way][m] / result["plain"][m] for m in result["plain"]}
        for way in ("gzip", "brotli")
    }
    _print(result)
    return result


def _two_visits(url: str, encodings: str, slow: bool) -> dict[str, float]:
    line = "at 10 Mbit/s" if slow else "unlimited"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with tempfile.TemporaryDirectory() as profile:
                first_bytes, first_seconds = _visit(url, encodings, slow, profile)
                second_bytes, second_seconds = _visit(url, encodings, slow, profile)
            break
        except StillWaiting:
            if attempt == ATTEMPTS or not slow:
                raise
            print(f"{url}: no chart after {PATIENCE_SECONDS} s, visited again", file=sys.stderr)
    return {
        "first visit, bytes": first_bytes,
        "second visit, bytes": second_bytes,
        f"first visit, seconds to a chart, {line}": first_seconds,
        f"second visit, seconds to a chart, {line}": second_seconds,
    }


def _visit(url: str, encodings: str, slow: bool, profile: str) -> tuple[float, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=installed.executable(), args=list(installed.ARGUMENTS)
        )
        page = browser.pages[0]
        received: list[float] = []
        devtools = browser.new_cdp_session(page)
        devtools.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
        devtools.send("Network.enable")
        headers = {"Accept-Encoding": encodings}
        devtools.send("Network.setExtraHTTPHeaders", {"headers": headers})
        if slow:
            devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
        start = time.perf_counter()
        page.goto(f"{url}/{PAGE}", wait_until="commit")
        patience = PATIENCE_SECONDS if slow else PATIENCE_UNLIMITED_SECONDS
        page.wait_for_selector(CHART, timeout=patience * 1000)
        seconds = time.perf_counter() - start
        page.wait_for_load_state("networkidle")
        browser.close()
    return sum(received), seconds


def _print(result: dict) -> None:
    print("\nFirst visit: the server that the product brings, beside Streamlit's own\n")
    print(f"{'':<46}{'plain':>10}{'gzip':>10}{'brotli':>10}{'gzip':>10}{'brotli':>10}")
    for measure, plain in result["plain"].items():
        number = ",.0f" if measure.endswith("bytes") else ".2f"
        gzip, brotli = result["gzip"][measure], result["brotli"][measure]
        values = "".join(f"{value:>10{number}}" for value in (plain, gzip, brotli))
        ratios = "".join(f"{'x ' + format(value / plain, '.2f'):>10}" for value in (gzip, brotli))
        print(f"{measure:<46}{values}{ratios}")


if __name__ == "__main__":
    main()
