"""A long walk: whether a server's memory ends where it began, whatever was looked at and sent.

    python -m tests.walk [VIEWS]

looks at 5,000 random views of the shipped workspace, or as many as are named (page, services,
councils, months, and whatever else a page asks), from sessions that come and go; then sends six
ledgers of 100 MB, of which some are tried and taken back, some left behind and some loaded, and a
story file of 200,000 rows. Prints the server's resident memory after each, and exits with 1 where
it is not back within 150 MB of what it was after the first hundred views. No browser: it speaks
Streamlit's own websocket protocol.
"""

import asyncio
import csv
import functools
import io
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileUploaderState, UploadedFileInfo
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from dashboard import settings, words
from dashboard.exhibits.exhibit import Cell, Table
from dashboard.method.financial_year import later
from dashboard.stories import file
from tests.test_frozen import an_exhibit
from tests.test_story_file import TREND, a_story

VIEWS = 5_000
# What is imported and remembered once is no growth.
FIRST_VIEWS = 100
GROWTH_MB = 150

SESSIONS = 8
VIEWS_A_SESSION = 25
UPLOADS = 6
UPLOAD_MB = 100
STORY_ROWS = 200_000

# A session that was left is kept so long for one that comes back (dashboard/tidy.py).
LEFT_SECONDS = 150
_PATIENCE_SECONDS = 300
_SERVER_UP_SECONDS = 60

PAGES = (
    *("", "exceptions", "council", "service", "measure", "costs", "spending", "true_cost"),
    *("satisfaction", "value", "stories", "committee", "data"),
)
_FIRST_MONTH, _MONTHS = date(2014, 4, 1), 48


class Refused(RuntimeError):
    """The server took no upload; the message is its own."""


class Tab:
    """One open page, driven as a browser drives it."""

    def __init__(self, connection: ClientConnection, address: str) -> None:
        self._connection, self._address = connection, address
        self._page, self._query, self._page_hash = "", "", ""
        self._kept: dict[str, ForwardMsg] = {}
        self._files: dict[str, list[UploadedFileInfo]] = {}
        self.shown: list[Element] = []

    async def open(self, page: str, query: str = "") -> None:
        """Open a page by its address."""
        self._page, self._query, self._page_hash = page, query, ""
        self._files.clear()
        await self._run()

    async def press(self, label: str) -> None:
        """Press the button that says so."""
        await self._run(next(e.button.id for e in self._all("button") if e.button.label == label))

    async def send(self, name: str, content: bytes) -> UploadedFileInfo:
        """Send a file to the page's uploader and have the page drawn again. Raises Refused."""
        uploader = next(e.file_uploader for e in self._all("file_uploader"))
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self._session
        await self._connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self._connection.recv())
            if answer.WhichOneof("type") == "file_urls_response":
                urls = answer.file_urls_response.file_urls[0]
                break
        await asyncio.to_thread(_put, f"{self._address}{urls.upload_url}", name, content)
        info = UploadedFileInfo(name=name, size=len(content), file_id=urls.file_id, file_urls=urls)
        self._files.setdefault(uploader.id, []).append(info)
        await self._run()
        return info

    async def take_back(self, info: UploadedFileInfo) -> None:
        """Take a file out of the uploader, as its cross does."""
        for files in self._files.values():
            files[:] = [f for f in files if f.file_id != info.file_id]
        await asyncio.to_thread(_delete, f"{self._address}{info.file_urls.delete_url}")
        await self._run()

    def says(self) -> str:
        """All messages and code that the page shows, as one text."""
        kinds = ("alert", "html", "markdown")
        bodies = (getattr(e, k).body for e in self.shown if (k := e.WhichOneof("type")) in kinds)
        return re.sub(r"\\(\W)", r"\1", "\n".join(bodies))

    def _all(self, kind: str) -> Iterator[Element]:
        return (e for e in self.shown if e.WhichOneof("type") == kind)

    async def _run(self, pressed: str | None = None) -> None:
        message = BackMsg()
        asked: ClientState = message.rerun_script
        asked.query_string, asked.page_name = self._query, self._page
        asked.page_script_hash = self._page_hash
        asked.cached_message_hashes.extend(self._kept)
        for uploader, files in self._files.items():
            state = FileUploaderState(uploaded_file_info=files)
            asked.widget_states.widgets.add(id=uploader).file_uploader_state_value.CopyFrom(state)
        if pressed:
            asked.widget_states.widgets.add(id=pressed, trigger_value=True)
        self.shown = []
        await self._connection.send(message.SerializeToString())
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not self._is_last(ForwardMsg.FromString(await self._connection.recv())):
                pass

    def _is_last(self, message: ForwardMsg) -> bool:
        if message.WhichOneof("type") == "ref_hash":
            message = self._kept[message.ref_hash]
        elif message.hash:
            self._kept[message.hash] = message
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id
            self.shown = []
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                raise RuntimeError(f"{self._page}?{self._query}: {element.exception.message}")
            self.shown.append(element)
        elif kind == "script_finished":
            # One that asks for another run at once ends as the other does.
            return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False


@asynccontextmanager
async def tab(address: str):
    """A tab that is closed in the end, as people close theirs."""
    async with connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream",
        subprotocols=["streamlit"],
        max_size=None,
        compression=None,
    ) as connection:
        yield Tab(connection, address)


def _put(url: str, name: str, content: bytes) -> None:
    edge = "----walk"
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    body = io.BytesIO(b"".join((head, content, f"\r\n--{edge}--\r\n".encode())))
    _ask(
        urllib.request.Request(
            url,
            body,
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "Content-Length": str(len(body.getbuffer())),
            },
            method="PUT",
        )
    )


def _delete(url: str) -> None:
    _ask(urllib.request.Request(url, method="DELETE"))


def _ask(request: urllib.request.Request) -> None:
    # Streamlit takes a file from whoever says the token that it gave as a cookie.
    health = f"{request.type}://{request.host}/_stcore/health"
    with urllib.request.urlopen(health, timeout=_PATIENCE_SECONDS) as answer:
        token = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    request.add_header("Cookie", f"_streamlit_xsrf={token}")
    request.add_header("X-Xsrftoken", token)
    try:
        urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS).close()
    except urllib.error.HTTPError as error:
        raise Refused(f"{error.code}: {error.read().decode()}") from error


class Chance:
    """Random views, by the words in the address; each of what the shipped workspace has."""

    def __init__(self, seed: int, data: Path) -> None:
        self._random = random.Random(seed)
        self._names = {
            name: _column(data / "reference" / f"{name}.csv", "name")
            for name in ("services", "councils", "measures")
        }
        self._suppliers = _column(next(iter(sorted((data / "ledger").iterdir()))), "supplier")

    def view(self) -> tuple[str, str]:
        """A page and the query of its address."""
        one = self._random.choice
        asked: list[tuple[str, str]] = []
        for name, key, chance in (
            ("services", "service", 0.7),
            ("councils", "council", 0.3),
            ("measures", "measure", 0.7),
        ):
            if self._random.random() < chance:
                asked.append((key, one(self._names[name])))
        asked += [("councils", c) for c in self._names["councils"] if self._random.random() < 0.3]
        first, last = sorted(self._random.sample(range(_MONTHS), 2))
        asked.append(("period", one(("All", "Last 12 months", "2015/16", "2016/17", "Choose"))))
        if asked[-1][1] == "Choose":
            asked[-1] = ("period", "Choose months")
            asked += [
                (key, words.month(later(_FIRST_MONTH, n)))
                for key, n in (("from", first), ("to", last))
            ]
        if self._random.random() < 0.3:
            asked.append(("supplier", one(self._suppliers)))
        for key, choices in (
            ("by", ("Service", "Council", "Cost type")),
            ("budget", ("Shared", "Non-shared")),
            ("changed", ("This month", "This quarter", "Last 24 months")),
        ):
            if self._random.random() < 0.3:
                asked.append((key, one(choices)))
        return one(PAGES), urlencode(asked)


def _column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(dict.fromkeys(row[name] for row in csv.DictReader(opened) if row[name]))


async def walk(address: str, views: int, data: Path, seed: int = 0) -> int:
    """Look at so many random views, from sessions that come and go; how many there were."""
    left = iter(range(views))

    async def person(chance: Chance) -> int:
        seen = 0
        while True:
            async with tab(address) as opened:
                for _ in range(VIEWS_A_SESSION):
                    if next(left, None) is None:
                        return seen
                    await opened.open(*chance.view())
                    seen += 1

    people = (person(Chance(seed * SESSIONS + n, data)) for n in range(SESSIONS))
    return sum(await asyncio.gather(*people))


def ledger(megabytes: int, number: int) -> bytes:
    """A ledger of about so many megabytes, of a month that the shipped one does not have."""
    month = later(_FIRST_MONTH, _MONTHS + number)
    head = "date,service_id,council_id,cost_type,supplier,description,amount_gbp\n"
    line = "{:%Y-%m}-{:02d},finance,havering,Supplies and services,Supplier {},Invoice {},{}.50\n"
    # A block of lines that comes again and again; a line that repeats is a second invoice.
    block = "".join(line.format(month, n % 28 + 1, n, n, n) for n in range(10_000, 20_000))
    return (head + block * (megabytes * 1_000_000 // len(block))).encode()


def story(rows: int) -> bytes:
    """A story file whose only table has so many rows."""
    table = Table("t", ("a",), ((Cell.of("1"),),), ("a",), ((1,),) * rows)
    return file.to_text(a_story(replace(an_exhibit(TREND), table=table))).encode()


async def send(address: str, uploads: int, megabytes: int) -> list[str]:
    """Send so many ledgers, in turn tried and taken back, left behind, and tried and loaded.

    What the page said of each.
    """
    said = []
    for number in range(uploads):
        content = await asyncio.to_thread(ledger, megabytes, number)
        async with tab(address) as opened:
            await opened.open("data")
            sent = await opened.send(f"ledger-{number}.csv", content)
            what = ("taken back", "left behind", "loaded")[number % 3]
            if what != "left behind":
                await opened.press("Try them")
            if what == "taken back":
                await opened.take_back(sent)
            elif what == "loaded":
                await opened.press("Load it now")
                if "is served." not in opened.says():
                    raise RuntimeError(f"the upload was not loaded: {opened.says()}")
            said.append(what)
    return said


async def bring_in(address: str, rows: int) -> str:
    """Bring in a story file of so many rows; what the page says of it."""
    async with tab(address) as opened:
        await opened.open("stories")
        await opened.send("long.json", story(rows))
        await opened.press("Bring it in")
        return opened.says()


@contextmanager
def served(data: Path, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server of the exports, as `make run` starts it: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DATA": str(data),
        "CONTRACT": str(data / "datapackage.json"),
        "WAREHOUSE": str(folder / "warehouse"),
    }
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=settings.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait_for(address: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + _SERVER_UP_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def resident(process: psutil.Process) -> float:
    """What the server holds in memory now, in MB."""
    return process.memory_info().rss / 1_000_000


async def back(process: psutil.Process, began: float, seconds: float) -> float:
    """The resident memory, once it is back or so many seconds were not enough."""
    until = time.monotonic() + seconds
    while (now := resident(process)) > began + GROWTH_MB and time.monotonic() < until:
        await asyncio.sleep(1)
    return now


async def all_of_it(
    views: int,
    *,
    first: int = FIRST_VIEWS,
    megabytes: int = UPLOAD_MB,
    rows: int = STORY_ROWS,
    say: Callable[[str], None] = print,
) -> int:
    """The whole walk, told step by step; 1 where the memory did not come back."""
    with tempfile.TemporaryDirectory(prefix="onesource-walk-") as name:
        folder = Path(name)
        data = folder / "data"
        shutil.copytree(settings.ROOT / "data", data)
        with served(data, folder) as (address, process):
            seen = await walk(address, min(views, first), data)
            began = resident(process)
            say(f"{seen:,} views: {began:.0f} MB")
            is_over = False

            async def told(what: str) -> None:
                nonlocal is_over
                most = resident(process)
                now = await back(process, began, LEFT_SECONDS)
                is_over |= now > began + GROWTH_MB
                say(f"{what}: {most:.0f} MB, then {now:.0f} ({now - began:+.0f})")

            seen += await walk(address, views - seen, data, seed=1)
            await told(f"{seen:,} views")
            done = await send(address, UPLOADS, megabytes)
            await told(f"{UPLOADS} × {megabytes} MB sent ({', '.join(done)})")
            said = await bring_in(address, rows)
            await told(f"a story file of {rows:,} rows")
            refusal = [line for line in said.splitlines() if "was not brought in" in line]
            say(" ".join(refusal) or "the story file was not refused")
            return int(is_over or not refusal)


def main(views: int = VIEWS) -> int:
    """Walk, send, and say what became of the memory; 1 where it did not come back."""
    return asyncio.run(all_of_it(views, say=functools.partial(print, flush=True)))


if __name__ == "__main__":
    sys.exit(main(*(int(word.replace(",", "")) for word in sys.argv[1:2])))
