"""Room for uploads: what readers send is held in memory until it is loaded, which is finite."""

import re
import threading
import time
from collections import Counter

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard import settings

_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/(?P<file>[^/]+)")


# What a reader was refused lately, and until when the page says so. Streamlit's uploader shows the
# number of the error alone; several files come at once, each with a run of the page of its own.
_refusals: dict[str, tuple[str, float]] = {}
_TOLD_SECONDS = 60


class UploadRoom:
    """ASGI middleware: refuses an upload for which there is no room, before it is read.

    By one reader (a session of Streamlit's) and by all together, what is held and what is on its
    way. The answer says the limit.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent_to = _UPLOAD.search(scope["path"]) if scope["type"] == "http" else None
        if sent_to is None or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        length = asked.get("content-length", "")
        # What comes in pieces has no length beforehand, whatever it says.
        if not re.fullmatch(r"\d{1,15}", length) or "transfer-encoding" in asked:
            await PlainTextResponse("An upload has to say its length.", 411)(scope, receive, send)
            return
        session, size = sent_to["session"], int(length)
        with self._lock:
            refused = self._refused(session, size)
            if refused is None:
                self._coming[session] += size
        if refused is not None:
            _tell(session, refused)
            await PlainTextResponse(refused, 413)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            with self._lock:
                self._coming[session] -= size
                # Sessions come and go: none that sends nothing is kept.
                self._coming += Counter()

    def _refused(self, session: str, size: int) -> str | None:
        held = held_by_session()
        mine = held[session] + self._coming[session] + size
        everybodys = held.total() + self._coming.total() + size
        if mine > settings.SESSION_UPLOAD_MEGABYTES * 1_000_000:
            return (
                f"The files of one reader come to at most {settings.SESSION_UPLOAD_MEGABYTES} MB "
                "together: load or remove those that are there first."
            )
        if everybodys > settings.ALL_UPLOADS_MEGABYTES * 1_000_000:
            return (
                f"The files of all readers come to at most {settings.ALL_UPLOADS_MEGABYTES} MB "
                "together: try again when others have loaded theirs."
            )
        return None


def held_by_session() -> Counter[str]:
    """The bytes that Streamlit holds of each session's uploads."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return Counter()
    with manager._lock:
        return Counter(
            {
                session: sum(len(file.data) for file in files.values())
                for session, files in manager.file_storage.items()
            }
        )


def let_go(session: str, file_ids: list[str]) -> None:
    """Free what was sent, once it is loaded. Streamlit would hold it until the reader leaves."""
    for file_id in file_ids:
        runtime.get_instance().uploaded_file_mgr.remove_file(session, file_id)


def let_all_go(session: str) -> None:
    """Free all that a reader sent who is not there any more."""
    runtime.get_instance().uploaded_file_mgr.remove_session_files(session)


def refusal(session: str) -> str | None:
    """Why a file of this reader was not taken in the last minute, if one was not."""
    said, until = _refusals.get(session, (None, 0.0))
    return said if time.monotonic() < until else None


def _tell(session: str, refused: str) -> None:
    """Have the reader's page drawn again, so that it says why."""
    now = time.monotonic()
    for one, (_, until) in list(_refusals.items()):
        if until < now:
            del _refusals[one]
    manager = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None
    found = manager.get_active_session_info(session) if manager else None
    # Nothing is kept of who only says to be a reader.
    if found is not None:
        _refusals[session] = refused, now + _TOLD_SECONDS
        found.session.request_rerun(found.session._client_state)
