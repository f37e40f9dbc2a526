"""Uploads have room, by reader and together, and what has none is refused with the limit."""

import asyncio
import concurrent.futures
from collections import Counter
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from dashboard import desk, settings, uploads

MB = 1_000_000
TO = "/_stcore/upload_file/{}/file-1"


def _run(work):
    """Run a coroutine in a thread of its own: the browser tests keep a loop in this one."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture
def held(monkeypatch) -> Counter[str]:
    """What Streamlit holds of each session, in bytes."""
    found: Counter[str] = Counter()
    monkeypatch.setattr(uploads, "held_by_session", lambda: Counter(found))
    monkeypatch.setattr(settings, "SESSION_UPLOAD_MEGABYTES", 400)
    monkeypatch.setattr(settings, "ALL_UPLOADS_MEGABYTES", 800)
    return found


class Site:
    """The middleware before an application that waits until it is told to go on."""

    def __init__(self) -> None:
        self.app = uploads.UploadRoom(self._streamlit)
        self.reached = 0
        self.go_on = asyncio.Event()

    async def _streamlit(self, _scope, _receive, send) -> None:
        self.reached += 1
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def ask(
        self, session="a", size: object = 1, method="PUT", path=TO, *, pieces: bool = False
    ) -> tuple[int, str]:
        sent: list[dict] = []

        async def send(message) -> None:
            sent.append(message)

        headers = [] if size is None else [(b"content-length", str(size).encode())]
        headers += [(b"transfer-encoding", b"chunked")] * pieces
        scope = {
            "type": "http",
            "method": method,
            "path": path.format(session),
            "headers": headers,
        }
        await self.app(scope, None, send)
        body = b"".join(m.get("body", b"") for m in sent[1:])
        return sent[0]["status"], body.decode()


def _one(**asked) -> tuple[int, str]:
    async def work():
        site = Site()
        site.go_on.set()
        return await site.ask(**asked)

    return _run(work())


def test_up_to_the_limit_a_reader_may_send(held):
    held["a"] = 300 * MB
    assert _one(size=100 * MB) == (204, "")
    assert _one(size=100 * MB + 1) == (
        413,
        "The files of one reader come to at most 400 MB together: load or remove those that are "
        "there first.",
    )
    assert _one(session="b", size=400 * MB)[0] == 204


def test_all_readers_together_have_a_limit(held):
    held.update({"a": 390 * MB, "b": 390 * MB})
    assert _one(session="c", size=20 * MB)[0] == 204
    assert _one(session="c", size=21 * MB) == (
        413,
        "The files of all readers come to at most 800 MB together: try again when others have "
        "loaded theirs.",
    )


def test_the_page_is_drawn_again_and_says_why_a_file_was_not_taken(held, monkeypatch):
    """Streamlit's uploader shows the number of the error alone."""
    drawn: list[str] = []
    session = SimpleNamespace(_client_state="as it is", request_rerun=drawn.append)
    readers = {"a": SimpleNamespace(session=session)}
    manager = SimpleNamespace(get_active_session_info=readers.get)
    monkeypatch.setattr(uploads.runtime, "exists", lambda: True)
    monkeypatch.setattr(
        uploads.runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager)
    )
    assert _one(size=400 * MB)[0] == 204
    assert uploads.refusal("a") is None
    refused = _one(size=400 * MB + 1)
    assert (413, uploads.refusal("a")) == refused
    assert drawn == ["as it is"]
    monkeypatch.setattr(uploads, "_TOLD_SECONDS", 0)
    assert _one(size=400 * MB + 1)[0] == 413
    assert uploads.refusal("a") is None
    # Whoever is no reader leaves nothing behind.
    assert _one(session="nobody", size=400 * MB + 1)[0] == 413
    assert "nobody" not in uploads._refusals


@pytest.mark.parametrize("size", [None, "", "many", "-1", "1e9", "9" * 16])
def test_an_upload_that_does_not_say_its_length_is_refused(held, size):
    assert _one(size=size)[0] == 411


def test_an_upload_that_comes_in_pieces_is_refused_whatever_length_it_says(held):
    assert _one(size=5, pieces=True)[0] == 411


def test_what_is_on_its_way_counts_until_it_has_come(held):
    async def work():
        site = Site()
        first = asyncio.create_task(site.ask(size=300 * MB))
        while not site.reached:
            await asyncio.sleep(0)
        meanwhile = await site.ask(size=101 * MB)
        site.go_on.set()
        assert (await first)[0] == 204
        return meanwhile[0], (await site.ask(size=101 * MB))[0], dict(site.app._coming)

    assert _run(work()) == (413, 204, {})


def test_nothing_but_uploads_is_weighed(held):
    held["a"] = 400 * MB
    assert _one(method="DELETE", size=None)[0] == 204
    assert _one(path="/", method="PUT", size=None)[0] == 204


def test_what_was_loaded_is_let_go(monkeypatch):
    """Streamlit itself would hold it until the reader leaves."""
    manager = MemoryUploadedFileManager("/upload")
    manager.add_file("a", UploadedFileRec("1", "x.csv", "text/csv", b"12345"))
    manager.add_file("a", UploadedFileRec("2", "y.csv", "text/csv", b"123"))
    monkeypatch.setattr(uploads.runtime, "exists", lambda: True)
    monkeypatch.setattr(
        uploads.runtime, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager)
    )
    assert uploads.held_by_session() == {"a": 8}
    uploads.let_go("a", ["1", "unknown"])
    assert uploads.held_by_session() == {"a": 3}


def test_what_is_tried_is_what_was_sent_and_no_copy():
    sent = UploadedFile(
        UploadedFileRec("1", "x.csv", "text/csv", content := b"12345" * 1_000), None
    )
    (upload,) = desk._uploads([sent])
    assert upload.content is content
