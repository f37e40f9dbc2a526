"""What readers left is let go: their sessions, what they sent, and the memory that it took."""

import asyncio
import concurrent.futures
import sys
from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from dashboard import tidy, uploads
from tests import walk


@pytest.fixture
def sent() -> MemoryUploadedFileManager:
    """What readers sent: nothing yet."""
    return MemoryUploadedFileManager("/upload")


@pytest.fixture
def left(monkeypatch, sent) -> MemorySessionStorage:
    """Where Streamlit keeps sessions that were left, with nothing in it."""
    storage = MemorySessionStorage(ttl_seconds=0)
    manager = WebsocketSessionManager(storage, sent, None, None)
    streamlit = SimpleNamespace(_session_mgr=manager, uploaded_file_mgr=sent)
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: streamlit)
    return storage


class _Session:
    """A session that notes its end, as Streamlit's lets go of what was sent."""

    def __init__(self, ended: list[str], name: str) -> None:
        self.id, self._ended = name, ended

    def shutdown(self) -> None:
        self._ended.append(self.id)


def test_a_session_that_nobody_came_back_to_ends_without_another_having_left(left):
    ended: list[str] = []
    left.save(SimpleNamespace(session=_Session(ended, "a")))
    # Streamlit by itself holds it until the next one is left.
    assert ended == []
    assert tidy.let_sessions_go() == 1
    assert ended == ["a"]
    assert tidy.let_sessions_go() == 0


def test_what_somebody_sent_who_is_not_there_any_more_is_let_go(left, sent):
    left._cache._ttl = 60
    left.save(SimpleNamespace(session=_Session([], "may come back")))
    for session in ("may come back", "gone"):
        sent.add_file(session, UploadedFileRec("1", "x.csv", "text/csv", b"12345"))
    tidy.let_sessions_go()
    assert uploads.held_by_session() == {"may come back": 5}


def test_without_streamlit_there_is_nothing_to_do(monkeypatch):
    monkeypatch.setattr(runtime, "exists", lambda: False)
    tidy.let_sessions_go()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell it")
def test_memory_that_was_freed_is_given_back():
    # In pieces, as texts of a file: large blocks are given back by themselves.
    pieces = [bytes(1_000) for _ in range(100_000)]
    most = tidy.resident()
    del pieces
    tidy.give_back()
    assert tidy.resident() < most - 50_000_000


def test_memory_is_given_back_when_a_session_ended_though_none_was_taken(monkeypatch):
    given: list[int] = []
    ended = iter([0, 2, 0, 0])
    monkeypatch.setattr(tidy, "SECONDS", 0)
    monkeypatch.setattr(tidy, "resident", lambda: 100)
    monkeypatch.setattr(tidy, "let_sessions_go", lambda: next(ended))
    monkeypatch.setattr(tidy, "give_back", lambda: given.append(1))

    async def work() -> None:
        # Until there is no more to be said.
        with pytest.raises(RuntimeError):
            await tidy._now_and_then()

    monkeypatch.setattr(tidy._log, "exception", _stop)
    _run(work())
    assert given == [1]


def _stop(*_: object) -> None:
    raise RuntimeError("over")


def test_what_goes_wrong_in_tidying_does_not_end_it(monkeypatch):
    times = []

    def fails() -> None:
        times.append(1)
        raise RuntimeError("no")

    monkeypatch.setattr(tidy, "SECONDS", 0)
    monkeypatch.setattr(tidy, "let_sessions_go", fails)

    async def work() -> None:
        async with tidy.kept_up():
            while len(times) < 3:
                await asyncio.sleep(0)

    _run(work())


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as Linux does")
def test_a_walk_over_the_pages_ends_near_where_it_began(tmp_path):
    """A hundred and fifty views and small files; the whole walk is `python -m tests.walk`."""
    said: list[str] = []
    assert _run(walk.all_of_it(150, first=50, megabytes=1, rows=21_000, say=said.append)) == 0, said
    assert said[0].startswith("50 views: ")
    assert said[1].startswith("150 views: ")
    assert said[2].startswith("6 × 1 MB sent (taken back, left behind, loaded, taken back, ")
    assert said[4].endswith("its table has 21,000 rows, and up to 20,000 are taken")


def _run(work):
    """Run a coroutine in a thread of its own: the browser tests keep a loop in this one."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
