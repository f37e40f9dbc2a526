"""People at a dashboard, without their browsers: each speaks Streamlit's own websocket protocol.

    python -m benchmarks.people URL PAGE,PAGE… PEOPLE SECONDS LABEL CHOICE CHOICE…

That many people, spread over the pages, choose the next of the choices in the select box LABEL
about every three seconds; printed as JSON are the seconds from each click to its last message, and
the seconds it took them all, and their reruns with those that opened the page.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

# A reader who looks at what changed before the next click. Intervals differ by up to a third, as
# people in step would either never meet or always.
SECONDS_BETWEEN_CLICKS = 3.0
_SPREAD = 1 / 3

# The largest message is a page's chart, well below this.
_LARGEST_MESSAGE = 64 * 1024 * 1024

# Runs for which a browser keeps a message that it need not be sent again.
_RUNS_KEPT = 2


class PageFailed(RuntimeError):
    """The page showed an error or did not finish."""


@dataclass
class Visitor:
    """One open tab. `visit` and `choose` answer in seconds, until the page says it is done."""

    connection: ClientConnection
    page_hash: str = ""
    page: str = ""
    received_bytes: int = 0
    _boxes: dict[str, tuple[str, str]] = field(default_factory=dict)
    _lists: set[str] = field(default_factory=set)
    _kept: dict[str, int] = field(default_factory=dict)
    reruns: int = 0

    async def visit(self, page: str) -> float:
        """Open a page by its name in the address; "" is the first."""
        self.page, self.page_hash = page, ""
        self._boxes.clear()
        self._lists.clear()
        return await self._rerun()

    async def choose(self, label: str, choice: str) -> float:
        """Choose in the select box of that label."""
        at = next((i for i, (known, _) in self._boxes.items() if known == label), None)
        if at is None:
            known = ", ".join(label for label, _ in self._boxes.values())
            raise PageFailed(f"page '{self.page}' has no select box '{label}', only: {known}")
        self._boxes[at] = label, choice
        return await self._rerun()

    async def _rerun(self) -> float:
        start = time.perf_counter()
        await self.connection.send(self._request().SerializeToString())
        while True:
            received = await self.connection.recv()
            self.received_bytes += len(received)
            message = ForwardMsg.FromString(received)
            if self._is_last(message):
                break
        self.reruns += 1
        self._kept = {h: run for h, run in self._kept.items() if self.reruns - run <= _RUNS_KEPT}
        return time.perf_counter() - start

    def _request(self) -> BackMsg:
        # A browser sends every widget's value each time, and which messages it still has.
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.page_script_hash = self.page, self.page_hash
        asked.cached_message_hashes.extend(self._kept)
        for widget, (_, choice) in self._boxes.items():
            asked.widget_states.widgets.add(id=widget, string_value=choice)
        for widget in self._lists:
            asked.widget_states.widgets.add(id=widget).string_array_value.SetInParent()
        return message

    def _is_last(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page_hash = message.new_session.page_script_hash
        elif kind == "page_not_found":
            raise PageFailed(f"there is no page '{self.page}'")
        elif kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        elif kind == "ref_hash":
            self._kept[message.ref_hash] = self.reruns
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            if message.metadata.cacheable:
                self._kept[message.hash] = self.reruns
            self._see(message.delta.new_element)
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise PageFailed(f"page '{self.page}' does not compile")
            return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False

    def _see(self, element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise PageFailed(f"page '{self.page}': {element.exception.message}")
        if kind == "selectbox":
            box = element.selectbox
            if box.id not in self._boxes:
                self._boxes[box.id] = box.label, box.options[box.default]
        elif kind in ("button_group", "multiselect"):
            self._lists.add(getattr(element, kind).id)


async def open_tab(url: str) -> Visitor:
    """A new tab, its connection open and nothing asked for."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    connection = await connect(
        address,
        max_size=_LARGEST_MESSAGE,
        subprotocols=["streamlit"],
        # Like a browser on this machine's network: Streamlit's messages go uncompressed.
        compression=None,
    )
    return Visitor(connection)


async def crowd(
    url: str, pages: list[str], people: int, seconds: float, label: str, choices: list[str]
) -> dict[str, Any]:
    """Seconds of every click that so many people mean to make within so many seconds.

    A server that is slower than they are makes them take longer than that: both are answered.
    """
    tabs = []
    for nth in range(people):
        tab = await open_tab(url)
        await tab.visit(pages[nth % len(pages)])
        for choice in choices:
            await tab.choose(label, choice)
        tabs.append(tab)
    begin = time.perf_counter()
    waits = await asyncio.gather(
        *(_clicks(tab, begin, seconds, label, choices, seed) for seed, tab in enumerate(tabs))
    )
    took = max(seconds, time.perf_counter() - begin)
    for tab in tabs:
        await tab.connection.close()
    return {
        "waits": [wait for person in waits for wait in person],
        "seconds": took,
        "reruns": sum(tab.reruns for tab in tabs),
    }


async def _clicks(
    tab: Visitor, begin: float, seconds: float, label: str, choices: list[str], seed: int
) -> list[float]:
    chance = random.Random(seed)
    due = begin + chance.uniform(0, SECONDS_BETWEEN_CLICKS)
    waits: list[float] = []
    while due < begin + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await tab.choose(label, choices[len(waits) % len(choices)])
        # From when the click was due: whoever still waits for the last answer waits for both.
        waits.append(time.perf_counter() - due)
        due += SECONDS_BETWEEN_CLICKS * chance.uniform(1 - _SPREAD, 1 + _SPREAD)
    return waits


def main(arguments: list[str]) -> None:
    """Run a crowd and print its waits."""
    url, pages, people, seconds, label, *choices = arguments
    found = crowd(url, pages.split(","), int(people), float(seconds), label, choices)
    print(json.dumps(asyncio.run(found)))


if __name__ == "__main__":
    main(sys.argv[1:])
