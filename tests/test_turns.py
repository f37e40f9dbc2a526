"""Runs of one page that follow close on each other, each race brought about and not waited for."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.session_manager import SessionClient

from dashboard import turns

# Two buttons whose callbacks a test can hold, a look that comes by itself, and what was done last
# of all on the page.
PAGE = f"""
import streamlit as st
from {__name__} import hold

def press(which):
    st.session_state["began"] = which
    hold(which)
    st.session_state.setdefault("done", []).append(which)

@st.fragment(run_every=3600)
def look():
    st.text("A look")
    st.button("In the look", key="inner", on_click=press, args=("inner",))

for which in ("one", "two"):
    st.button(which, key=which, on_click=press, args=(which,))
look()
hold("page")
st.text("Done: " + (", ".join(st.session_state.get("done", [])) or "nothing"))
"""

# What a run comes to, it enters; and goes on when it is let.
_entered: dict[str, threading.Event] = {}
_let: dict[str, threading.Event] = {}


def hold(where: str) -> None:
    """Called by the page: wait here if a test says so."""
    if where in _let:
        _entered[where].set()
        assert _let[where].wait(20)


@dataclass
class Place:
    """One place of the page, as a browser holds it: drawn in which run, and the texts within."""

    run: str
    texts: dict[tuple[int, ...], str] = field(default_factory=dict)


class Reader(SessionClient):
    """A browser: it draws what is sent, and lets go at the end of a run what that did not draw."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._places: list[Place] = []
        self._buttons: dict[str, str] = {}
        self._look, self._page, self._run = "", "", ""
        self._is_at_rest = False
        self.session_id = runtime.connect_session(self, {})

    @property
    def session(self) -> AppSession:
        return self._runtime.get_app_session(self.session_id)

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        match msg.WhichOneof("type"):
            case "new_session":
                self._is_at_rest, self._page = False, msg.new_session.page_script_hash
                self._run = msg.metadata.run.script_run_id
            case "auto_rerun":
                self._look = msg.auto_rerun.fragment_id
            case "delta":
                self._draw(list(msg.metadata.delta_path), msg.delta)
            case "script_finished":
                self._is_at_rest = True
                if msg.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self._places = [p for p in self._places if p.run == self._run]

    def _draw(self, path: list[int], delta: Delta) -> None:
        at, within = path[1], tuple(path[2:])
        if at == len(self._places):
            self._places.append(Place(self._run))
        if not within:
            was = self._places[at].texts if delta.HasField("add_block") else {}
            self._places[at] = Place(self._run, {k: v for k, v in was.items() if k})
        element = delta.new_element
        if element.HasField("text"):
            self._places[at].texts[within] = element.text.body
        if element.HasField("button"):
            self._buttons[element.button.label] = element.button.id

    def ask(self, pressed: str = "", *, of_the_look: bool = False, by_itself: bool = False) -> None:
        """Ask for a run, of the whole page or of the look, with a button pressed or none."""
        msg = BackMsg()
        msg.rerun_script.page_script_hash = self._page
        msg.rerun_script.is_auto_rerun = by_itself
        if of_the_look or by_itself:
            msg.rerun_script.fragment_id = self._look
        if pressed:
            state = msg.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = self._buttons[pressed], True
        self._runtime.handle_backmsg(self.session_id, msg)

    async def rest(self) -> list[str]:
        """The texts that are shown when all is done, from top to bottom."""
        is_quiet_since = None
        for _ in range(4_000):
            await asyncio.sleep(0.005)
            waits = self.session.__dict__.get(turns._WAITING)
            if self._is_at_rest and self.session._scriptrunner is None and not waits:
                is_quiet_since = is_quiet_since or time.monotonic()
                if time.monotonic() - is_quiet_since > 0.1:
                    return [text for place in self._places for text in place.texts.values()]
            else:
                is_quiet_since = None
        raise AssertionError(f"never at rest: {self._places}")


def while_the_server_is_busy_until(is_so: Callable[[], bool]) -> None:
    """Let the event loop handle nothing, as where others have the processor, until so."""
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.001)


@pytest.fixture
def at_the_server(tmp_path, monkeypatch) -> Iterator[Callable[..., None]]:
    """Act out a scene between the server and one reader of the page, who sees it drawn."""
    script = tmp_path / "app.py"
    script.write_text(PAGE)
    for patched in ("request_rerun", "_clear_queue"):
        monkeypatch.setattr(AppSession, patched, getattr(AppSession, patched))
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)
    monkeypatch.setattr(Runtime, "_instance", None)
    turns.keep()

    async def acted(scene: Callable[[Reader], Awaitable[None]]) -> None:
        runtime = Runtime(
            RuntimeConfig(
                script_path=str(script),
                media_file_storage=MemoryMediaFileStorage("/media"),
                uploaded_file_manager=MemoryUploadedFileManager("/upload"),
            )
        )
        await runtime.start()
        try:
            reader = Reader(runtime)
            reader.ask()
            assert await reader.rest() == ["A look", "Done: nothing"]
            await scene(reader)
        finally:
            runtime.stop()
            await runtime.stopped

    # A thread of its own, because Playwright keeps an event loop in this one.
    with ThreadPoolExecutor(1) as apart:
        yield lambda scene: apart.submit(asyncio.run, acted(scene)).result()
    _entered.clear()
    _let.clear()


def held(where: str) -> threading.Event:
    """Have the page wait there until this event is set."""
    _entered[where], _let[where] = threading.Event(), threading.Event()
    return _let[where]


def test_what_a_press_drew_is_sent_though_a_look_asks_before_it_was(at_the_server):
    async def scene(reader: Reader) -> None:
        reader.ask("one")
        run = reader.session._scriptrunner._script_thread
        while_the_server_is_busy_until(lambda: not run.is_alive())
        reader.ask(by_itself=True)
        assert await reader.rest() == ["A look", "Done: one"]

    at_the_server(scene)


def test_a_look_that_asks_during_the_run_of_a_press_is_drawn_over_nothing_else(at_the_server):
    async def scene(reader: Reader) -> None:
        go_on = held("page")
        reader.ask("one")
        run = reader.session._scriptrunner._script_thread
        while_the_server_is_busy_until(_entered["page"].is_set)
        reader.ask(by_itself=True)
        go_on.set()
        while_the_server_is_busy_until(lambda: not run.is_alive())
        assert await reader.rest() == ["A look", "Done: one"]

    at_the_server(scene)


def test_a_press_that_a_look_sends_along_is_done_once(at_the_server):
    async def scene(reader: Reader) -> None:
        reader.ask("one", by_itself=True)
        await reader.rest()
        reader.ask("one")
        assert await reader.rest() == ["A look", "Done: one"]

    at_the_server(scene)


@pytest.mark.parametrize("moment", ["before it is begun", "while it is done"])
def test_of_two_quick_presses_both_are_done(at_the_server, moment):
    async def scene(reader: Reader) -> None:
        go_on = held("one")
        reader.ask("one")
        if moment == "while it is done":
            while_the_server_is_busy_until(_entered["one"].is_set)
        reader.ask("two")
        go_on.set()
        assert await reader.rest() == ["A look", "Done: one, two"]

    at_the_server(scene)


def test_a_press_in_a_fragment_is_done_though_the_page_is_asked_for_meanwhile(at_the_server):
    async def scene(reader: Reader) -> None:
        go_on = held("page")
        reader.ask("one")
        while_the_server_is_busy_until(_entered["page"].is_set)
        # It waits for the page's run, which the next press would end.
        reader.ask("In the look", of_the_look=True)
        reader.ask("two")
        go_on.set()
        assert await reader.rest() == ["A look", "Done: one, inner, two"]

    at_the_server(scene)


def test_a_run_that_has_done_what_was_pressed_makes_way_at_once(at_the_server):
    async def scene(reader: Reader) -> None:
        go_on = held("page")
        reader.ask("one")
        while_the_server_is_busy_until(_entered["page"].is_set)
        first = reader.session._scriptrunner
        reader.ask("two")
        assert reader.session._scriptrunner is not first
        go_on.set()
        assert await reader.rest() == ["A look", "Done: one, two"]

    at_the_server(scene)
