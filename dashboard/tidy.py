"""What readers left is let go while the server runs: their sessions, what they sent, and memory.

Streamlit keeps a session that was left for two minutes, as its reader may come back, and with it
the files that the reader sent; it looks whether the two minutes are over only when somebody else
leaves. And what Python frees, the C library keeps for later: after a file of 100 MB was read that
is as much again, for nothing.
"""

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from dashboard import uploads

# Often enough that nobody waits for the room of somebody who left.
SECONDS = 15

# Memory is given back once it has grown by this: what fifty readers' clicks come to is below it,
# a file that was tried is above.
WORTH_BYTES = 24_000_000

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def kept_up() -> AsyncIterator[None]:
    """Tidies now and then for as long as the server runs."""
    tidying = asyncio.create_task(_now_and_then())
    try:
        yield
    finally:
        tidying.cancel()


async def _now_and_then() -> None:
    rest = resident()
    while True:
        await asyncio.sleep(SECONDS)
        try:
            # Here, in the loop: Streamlit's sessions are touched by no other thread.
            ended = let_sessions_go()
            if ended or resident() > rest + WORTH_BYTES:
                await anyio.to_thread.run_sync(give_back)
                rest = resident()
            rest = min(rest, resident())
        except Exception:
            # A reader's page does not depend on it.
            _log.exception("what readers left could not be let go")


def let_sessions_go() -> int:
    """End the sessions whose readers did not come back, with all that is held of theirs; how many.

    Parts of a session refer to each other: what its page held is free once garbage is collected.
    """
    manager = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None
    storage = getattr(manager, "_session_storage", None)
    if not isinstance(storage, MemorySessionStorage):
        return 0
    ended = storage._cache.expire()
    for _, left in ended:
        left.session.shutdown()
    for session in uploads.held_by_session():
        # Of one that Streamlit itself let go of meanwhile.
        if manager.get_session_info(session) is None:
            uploads.let_all_go(session)
    return len(ended)


def give_back() -> None:
    """Give the system the memory that nothing needs any more."""
    gc.collect()
    trim = _trim()
    if trim:
        trim(0)


def resident() -> int:
    """The bytes of memory that this process holds; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _trim() -> Callable[[int], int] | None:
    """The C library's own; others than Linux's have none and need none."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):
        return None
