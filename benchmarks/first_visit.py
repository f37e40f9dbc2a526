"""What a first visit costs: `streamlit run app.py` against `streamlit run dashboard/server.py`.

    python benchmarks/first_visit.py [plain-script server-script]

Each figure is a median over visits by a browser that was never here, the servers taking turns.
Brotli is what browsers ask for over https and from this machine, gzip what they ask for over http.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent

# A median needs three; more only takes longer, as the visits differ by a tenth.
VISITS = 3

# An office line on a busy day. 20 ms is a usual way to a server in the same country.
SLOW_LINE = {
    "offline": False,
    "downloadThroughput": 10_000_000 / 8,
    "uploadThroughput": 10_000_000 / 8,
    "latency": 20,
}

# Plotly has drawn when its first layer is there.
CHART = ".js-plotly-plot .main-svg"

# For a start that loads the data first, and for the slowest visit.
PATIENCE_SECONDS = 120

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main(plain: Path = ROOT / "app.py", served: Path = ROOT / "dashboard" / "server.py") -> dict:
    """Bytes and seconds by way of serving, and their ratios to the plain server; printed too."""
    with _server(plain) as plain_url, _server(served) as served_url:
        ways = {
            "plain": (plain_url, "gzip, deflate, br"),
            "gzip": (served_url, "gzip, deflate"),
            "brotli": (served_url, "gzip, deflate, br"),
        }
        # The first visit ever pays for imports and for making the compressed copies.
        for url, encodings in ways.values():
            _two_visits(url, encodings)
        seen: dict[str, dict[str, list[float]]] = {way: {} for way in ways}
        for _ in range(VISITS):
            for way, (url, encodings) in ways.items():
                for slow in (False, True):
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


def _two_visits(url: str, encodings: str, slow: bool = False) -> dict[str, float]:
    line = "10 Mbit/s" if slow else "unlimited"
    with tempfile.TemporaryDirectory() as profile:
        first_bytes, first_seconds = _visit(url, encodings, slow, profile)
        second_bytes, second_seconds = _visit(url, encodings, slow, profile)
    return {
        "first visit, bytes": first_bytes,
        "second visit, bytes": second_bytes,
        f"first visit, seconds to a chart, {line}": first_seconds,
        f"second visit, seconds to a chart, {line}": second_seconds,
    }


def _visit(url: str, encodings: str, slow: bool, profile: str) -> tuple[float, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=CHROMIUM_ARGUMENTS,
        )
        page = browser.pages[0]
        devtools = browser.new_cdp_session(page)
        received: list[float] = []
        devtools.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
        devtools.send("Network.enable")
        headers = {"Accept-Encoding": encodings}
        devtools.send("Network.setExtraHTTPHeaders", {"headers": headers})
        if slow:
            devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
        start = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.wait_for_selector(CHART, timeout=PATIENCE_SECONDS * 1000)
        seconds = time.perf_counter() - start
        page.wait_for_load_state("networkidle")
        browser.close()
    return sum(received), seconds


@contextmanager
def _server(script: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "server.fileWatcherType": "none",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), *flags],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            if not _answers(f"{url}/_stcore/health", process):
                log.seek(0)
                raise RuntimeError(f"{script} did not start:\n{log.read().decode()}")
            yield url
        finally:
            process.terminate()
            process.wait()


def _answers(url: str, process: subprocess.Popen) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def _print(result: dict) -> None:
    print(f"{'':<44}{'plain':>11}{'gzip':>11}{'brotli':>11}{'gzip':>9}{'brotli':>8}")
    for measure in result["plain"]:
        number = ",.0f" if measure.endswith("bytes") else ".2f"
        values = "".join(f"{result[way][measure]:>11{number}}" for way in result if way != "ratio")
        gzip, brotli = (result["ratio"][way][measure] for way in ("gzip", "brotli"))
        print(f"{measure:<44}{values}{'x':>4}{gzip:>5.2f}{'x':>3}{brotli:>5.2f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
