"""What the tests share: real workspaces in throwaway warehouses, servers of them, and a browser."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dashboard import settings
from dashboard.load.publish import load
from dashboard.settings import Workspace
from tests import browser as installed
from tests.small_workspaces import package

# How long an example takes is the machine's business: a busy one is no fault.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")

# Copies of real councils' data lie beside the repository; they are not part of it.
REAL = settings.ROOT.parent / "shared" / "real"
CONTRACTS = settings.ROOT / "tests" / "contracts"

# True once a page has said all it has to say: connected, the script at rest, nothing left over from
# the run before, and every chart drawn.
_SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')];
  return app?.dataset.testConnectionState === 'CONNECTED'
    && app.dataset.testScriptState === 'notRunning'
    && document.querySelector('h1') !== null
    && document.querySelector('[data-stale=true], [data-testid=stSkeleton]') === null
    && charts.every(chart => chart.querySelector('svg.main-svg'));
}"""

# Two browsers and their servers share the machine with all other tests: what is right after six
# seconds is right.
expect.set_options(timeout=20_000)

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# A cold start imports Streamlit, DuckDB and pandas and loads the data: 5 s on two idle cores.
SERVER_UP_SECONDS = 60


@pytest.fixture(scope="session")
def workspace_of(tmp_path_factory) -> Callable[[str], Workspace]:
    """A workspace by name (shipped · lgbf · three_councils), loaded once into its own warehouse."""
    loaded: dict[str, Workspace] = {}

    def named(name: str) -> Workspace:
        if name not in loaded:
            warehouse = tmp_path_factory.mktemp(f"warehouse-{name}")
            if name == "shipped":
                data = settings.ROOT / "data"
                contract = data / "datapackage.json"
            else:
                data, contract = REAL / name, CONTRACTS / name / "datapackage.json"
                if not data.is_dir():
                    pytest.skip(f"the exports of {name} are not on this machine ({data})")
            workspace = Workspace(data, contract, warehouse)
            load(workspace)
            loaded[name] = workspace
        return loaded[name]

    return named


@pytest.fixture
def use(workspace_of, monkeypatch) -> Callable[[str | Path | Workspace], Workspace]:
    """Make a workspace the one that `fetch` and the exhibits of this process answer from.

    By its name, by the folder that a test has planted it in, or as it is.
    """

    def used(which: str | Path | Workspace) -> Workspace:
        if isinstance(which, str):
            which = workspace_of(which)
        elif isinstance(which, Path):
            which = Workspace(which, which / "datapackage.json", which / "warehouse")
        for key, value in _environment(which).items():
            monkeypatch.setenv(key, value)
        return which

    return used


@pytest.fixture(scope="session")
def serve(workspace_of, tmp_path_factory) -> Iterator[Callable[[str], str]]:
    """The address of a real server of a workspace, started once and stopped at the end."""
    running: dict[str, tuple[str, subprocess.Popen]] = {}

    def named(name: str) -> str:
        if name not in running:
            log = tmp_path_factory.mktemp(f"server-{name}") / "log.txt"
            running[name] = _start(workspace_of(name), log)
        return running[name][0]

    yield named
    for _, process in running.values():
        process.terminate()
    for _, process in running.values():
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture
def plant(tmp_path) -> Callable[..., Workspace]:
    """A workspace of these resources and files."""

    def planted(*resources: dict, **files: str) -> Workspace:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        contract = data / "datapackage.json"
        contract.write_text(json.dumps(package(*resources)))
        for name, text in files.items():
            (data / f"{name}.csv").write_text(text, encoding="utf-8")
        return Workspace(data, contract, tmp_path / "warehouse")

    return planted


@pytest.fixture(params=["careful reader", "fast readers"])
def either_reader(request, monkeypatch) -> str:
    """Every file is read as a small one is, and as a large one is."""
    if request.param == "fast readers":
        monkeypatch.setattr(settings, "FAST_READER_BYTES", 0)
    return request.param


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[[Workspace], str]]:
    """A server of a workspace of one test's own, stopped when the test is over."""
    running: list[subprocess.Popen] = []

    def started(workspace: Workspace) -> str:
        address, process = _start(workspace, tmp_path / "log.txt")
        running.append(process)
        return address

    yield started
    for process in running:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    place = installed.executable()
    if place is None:
        pytest.fail(
            "no Chromium or Chrome found: `make test` installs one, or set CHROMIUM to its path"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=place, args=list(installed.ARGUMENTS), headless=True
        )
        yield chromium
        chromium.close()


# A context keeps what was downloaded, so that only the first page pays for Streamlit's scripts.
@pytest.fixture(scope="session")
def desktop_context(browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESKTOP, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture(scope="session")
def phone_context(browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context
    context.close()


@pytest.fixture
def page(desktop_context) -> Iterator[Page]:
    """A new tab, 1440 x 900."""
    tab = desktop_context.new_page()
    yield tab
    tab.close()


@pytest.fixture
def stranger(browser) -> Iterator[Page]:
    """A tab of a browser that was never here: no cookie says which story was used last."""
    context = browser.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(phone_context) -> Iterator[Page]:
    """A new tab on a phone, 390 x 844."""
    tab = phone_context.new_page()
    yield tab
    tab.close()


@pytest.fixture
def settle() -> Callable[[Page], None]:
    """Wait until Streamlit is idle and everything is drawn."""

    def at_rest(tab: Page) -> None:
        tab.wait_for_function(_SETTLED)

    return at_rest


@pytest.fixture
def visit(serve, settle) -> Callable[..., None]:
    """Open a page of a workspace by its address below the server's, and wait until it is drawn."""

    def opened(tab: Page, address: str = "", workspace: str = "shipped") -> None:
        tab.goto(f"{serve(workspace)}/{address}")
        settle(tab)

    return opened


def _environment(workspace: Workspace) -> dict[str, str]:
    return {
        "DATA": str(workspace.data),
        "CONTRACT": str(workspace.contract),
        "WAREHOUSE": str(workspace.warehouse),
    }


def _start(workspace: Workspace, log: Path) -> tuple[str, subprocess.Popen]:
    script = settings.ROOT / "dashboard" / "server.py"
    if not script.exists():
        script = settings.ROOT / "app.py"
    port = _free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "streamlit", "run", str(script)),
                *("--server.port", str(port), "--server.address", "127.0.0.1"),
            ],
            cwd=settings.ROOT,
            env={**os.environ, **_environment(workspace)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + SERVER_UP_SECONDS
    while not _is_up(address):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"the server of {workspace.data} did not start:\n{log.read_text()}")
        time.sleep(0.1)
    return address, process


def _is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
