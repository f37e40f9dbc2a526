"""The web server: Streamlit, its own files sent compressed, and safety headers on each page.

    streamlit run dashboard/server.py

from the project's folder, because Streamlit reads `.streamlit/` there. `streamlit run app.py`
shows the same pages without any of this.
"""

import asyncio
import gzip
import hashlib
import logging
import os
import re
import socket
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pyarrow
import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard import policy, settings, stage, tidy, turns
from dashboard.hosts import KnownHosts, served_names
from dashboard.uploads import UploadRoom

# `streamlit run` put this file's own folder on the path. It goes again, so that no module of ours
# can be imported a second time under a shorter name.
sys.path[:] = [p for p in sys.path if Path(p).resolve() != settings.ROOT / "dashboard"]

# What shrinks, and the type each is sent as. Spelled out because the operating system's own table,
# which Python would ask, calls JavaScript plain text on some machines. Fonts and pictures are
# compressed already and stay with Streamlit.
CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

# Less than this fits one network packet anyway.
SMALLEST_COMPRESSED = 1_000

# The best gzip has. 23 MB of JavaScript take 0.8 s, once for each Streamlit version.
GZIP_LEVEL = 9

# Plotly's 4.7 MB: level 9 takes 0.5 s and sends 1.18 MB; level 11 takes 8.5 s and sends 1.06 MB,
# which would need a process of its own so that nobody waits. Gzip sends 1.42 MB.
BROTLI_LEVEL = 9

# Sent in pieces of this size, so that a slow line holds a piece in memory and not the file.
PIECE_BYTES = 128 * 1024

# Names that carry a hash of what is in them: PlotlyChart.D9Z0_fxz.js
_HASHED = re.compile(r"\.[\w-]{8}\.\w+$")

# Streamlit's own files are all at this depth. Odder paths are left for Streamlit to refuse.
_STATIC_FILE = re.compile(r"/static/\w+/[\w-][\w.-]*")

_HEADERS_OF_A_PAGE = {
    # No guessing that a download or a picture is really a script.
    "X-Content-Type-Options": "nosniff",
    # Filters live in the URL; other sites need not learn them.
    "Referrer-Policy": "same-origin",
    # Nobody can lay this page under theirs and borrow a click.
    "X-Frame-Options": "SAMEORIGIN",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copy:
    """A file compressed, and the tag by which a browser asks whether its copy still holds."""

    body: bytes
    etag: str


class CompressedFiles:
    """ASGI middleware: Streamlit's static files, each compressed once and kept.

    Answers GET and HEAD for the files of `folder` when the browser takes brotli or gzip. All else
    goes on untouched: plain requests, ranges, fonts and pictures, pages, websockets. A path is
    looked up among the files found at the start, never opened, so none leads out of the folder.

    The one difference for a plain reader: a name unknown under /static/ is 404. Streamlit answers
    with the page and 200, which a browser then tries to run as a script.
    """

    def __init__(self, app: ASGIApp, folder: Path, copies: Path, base_url: str = "") -> None:
        self._app = app
        self._folder = folder
        self._kept = _KeptCopies(copies)
        self._base_url = f"/{base_url.strip('/')}".rstrip("/")
        self._files = {f"/{p.relative_to(folder).as_posix()}": p for p in _files_in(folder)}
        self._shrinkable = {
            name
            for name, path in self._files.items()
            if path.suffix in CONTENT_TYPES and path.stat().st_size >= SMALLEST_COMPRESSED
        }
        # Everything asked for since the start, 7 MB at most for each encoding.
        self._copies: dict[tuple[str, str], asyncio.Future[Copy]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        name = self._name(scope)
        if name not in self._shrinkable:
            if name not in self._files and _STATIC_FILE.fullmatch(name):
                unknown = PlainTextResponse("Not Found", 404, {"Cache-Control": "no-cache"})
                await unknown(scope, receive, send)
            else:
                await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        encoding = best_encoding(asked.get("accept-encoding", ""))
        # A range of compressed bytes is of no use to anyone who asks for one of a script.
        if encoding is None or "range" in asked:
            await self._app(scope, receive, _with_headers(send, {"Vary": "Accept-Encoding"}))
            return
        try:
            copy = await self._copy(name, encoding)
        except OSError:
            # Streamlit was replaced under the running server; its own answer shows that.
            await self._app(scope, receive, send)
            return
        await _answer(scope["method"], asked, self._headers(name, encoding, copy), copy, send)

    def _name(self, scope: Scope) -> str:
        """The path below the app's own address, with the front page by its file's name."""
        path = scope["path"]
        for prefix in (scope.get("root_path", ""), self._base_url):
            if prefix and (path == prefix or path.startswith(f"{prefix}/")):
                path = path[len(prefix) :]
        return "/index.html" if path in ("", "/") else path

    async def _copy(self, name: str, encoding: str) -> Copy:
        key = name, encoding
        if key not in self._copies:
            making = anyio.to_thread.run_sync(self._kept.copy, name, self._files[name], encoding)
            self._copies[key] = asyncio.ensure_future(making)
        try:
            # Others may wait for the same copy, so one who leaves doesn't end the making.
            return await asyncio.shield(self._copies[key])
        except Exception:
            self._copies.pop(key, None)
            raise

    def _headers(self, name: str, encoding: str, copy: Copy) -> dict[str, str]:
        forever = "public, max-age=31536000, immutable"
        return {
            "Content-Type": CONTENT_TYPES[Path(name).suffix],
            "Content-Encoding": encoding,
            "Content-Length": str(len(copy.body)),
            "Cache-Control": forever if _HASHED.search(name) else "no-cache",
            "ETag": copy.etag,
            "Vary": "Accept-Encoding",
        }


class _KeptCopies:
    """Compressed copies in a folder; one is believed only if it gives back the very file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writable = True

    def copy(self, name: str, source: Path, encoding: str) -> Copy:
        """The copy of a file, from the folder or made now. Raises OSError if it can't be read."""
        plain = source.read_bytes()
        kept = self._folder / f"{name.strip('/')}.{encoding}"
        body = self._read(kept, plain, encoding)
        if body is None:
            body = compressed(plain, encoding)
            self._write(kept, body)
        return Copy(body, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')

    def _read(self, kept: Path, plain: bytes, encoding: str) -> bytes | None:
        try:
            body = kept.read_bytes()
            # 20 ms for the largest, once a start: a disk that ran full or a patched Streamlit
            # must not show as a page that stays blank for a year.
            return body if restored(body, encoding, len(plain)) == plain else None
        except (OSError, EOFError, zlib.error):
            # Not there, or not whole: made anew. (Arrow's brotli raises an OSError.)
            return None

    def _write(self, kept: Path, body: bytes) -> None:
        if not self._writable:
            return
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(dir=kept.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(body)
            os.replace(unfinished, kept)
        except OSError as error:
            self._writable = False
            _log.warning(
                "compressed copies of Streamlit's files stay in memory and are made again after "
                "each restart: %s can't be written (%s)",
                self._folder,
                error,
            )


class PageHeaders:
    """ASGI middleware: safety headers on every answer that is HTML. A page that says of itself what
    it may load (the story that is presented) keeps what it says."""

    def __init__(self, app: ASGIApp, page: Path) -> None:
        self._app = app
        of_page = policy.of_streamlit(page.read_text(encoding="utf-8"))
        self._headers = {"Content-Security-Policy": of_page} | _HEADERS_OF_A_PAGE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            send = _with_headers(send, self._headers, only="text/html")
        await self._app(scope, receive, send)


def best_encoding(accepted: str) -> str | None:
    """Which of brotli and gzip an Accept-Encoding header takes; None if neither.

    Browsers take brotli over https only, and from localhost.
    """
    taken = set()
    for part in accepted.lower().split(","):
        coding, _, quality = part.partition(";")
        if not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality):
            taken.add(coding.strip())
    return next((e for e in _ENCODINGS if e in taken), None)


def compressed(plain: bytes, encoding: str) -> bytes:
    """The bytes in one of the encodings; the same bytes always give the same answer."""
    if encoding == "br":
        return _BROTLI.compress(plain, asbytes=True)
    return gzip.compress(plain, GZIP_LEVEL, mtime=0)


def restored(body: bytes, encoding: str, size: int) -> bytes:
    """What was compressed. Raises OSError, EOFError or zlib.error if it isn't whole."""
    if encoding == "br":
        return _BROTLI.decompress(body, decompressed_size=size, asbytes=True)
    return gzip.decompress(body)


# Arrow, which Streamlit needs anyway, brings brotli in all of its published builds.
_BROTLI = (
    pyarrow.Codec("brotli", compression_level=BROTLI_LEVEL)
    if pyarrow.Codec.is_available("brotli")
    else None
)
_ENCODINGS = ("br", "gzip") if _BROTLI else ("gzip",)


async def _answer(
    method: str, asked: Headers, headers: dict[str, str], copy: Copy, send: Send
) -> None:
    held = {tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")}
    unchanged = not held.isdisjoint({copy.etag, "*"})
    if unchanged:
        headers = {k: headers[k] for k in ("Cache-Control", "ETag", "Vary")}
    raw = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
    status = 304 if unchanged else 200
    await send({"type": "http.response.start", "status": status, "headers": raw})
    if not unchanged and method == "GET":
        for start in range(0, len(copy.body), PIECE_BYTES):
            piece = copy.body[start : start + PIECE_BYTES]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _with_headers(send: Send, headers: dict[str, str], only: str = "") -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = MutableHeaders(scope=message)
            if given.get("content-type", "").startswith(only):
                for key, value in headers.items():
                    if key == "Vary":
                        given.add_vary_header(value)
                    elif key != "Content-Security-Policy" or key not in given:
                        given[key] = value
        await send(message)

    return sending


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Before the first answer: what pages import, and the data. An error here ends the start."""
    # All that is imported by now, `prepare` takes out of the garbage collector's way; and the
    # first reader does not wait for it.
    from dashboard import startup
    from dashboard.render import screen  # noqa: F401

    await anyio.to_thread.run_sync(startup.prepare)
    async with tidy.kept_up():
        yield


def _streamlits_files(app: ASGIApp) -> ASGIApp:
    # Asked for when the server is built: at import Streamlit has not read its settings yet.
    return CompressedFiles(
        app,
        folder=Path(st.__file__).parent / "static",
        copies=settings.static_copies(st.__version__),
        base_url=config.get_option("server.baseUrlPath") or "",
    )


def _known_hosts(app: ASGIApp) -> ASGIApp:
    names = served_names()
    # Streamlit's own list is for `streamlit run app.py`. It would refuse, at the websocket, the
    # names in HOSTS and the address that this machine was reached at.
    config.set_option("server.allowedHosts", [])
    return KnownHosts(app, names)


class NoDelay:
    """Sends each message of a page at once.

    Streamlit 1.67 makes its socket in a way that leaves Nagle's algorithm on: the second message
    of every rerun then waits for the browser to acknowledge the first, about 40 ms.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            transport = getattr(getattr(send, "__self__", None), "transport", None)
            line = transport.get_extra_info("socket") if transport else None
            if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self._app(scope, receive, send)


# What stands before Streamlit, outermost first; the first needs the server's own `send`.
MIDDLEWARE = [
    Middleware(NoDelay),
    Middleware(_known_hosts),
    Middleware(UploadRoom),
    Middleware(PageHeaders, page=Path(st.__file__).parent / "static" / "index.html"),
    Middleware(_streamlits_files),
]

# Streamlit takes a folder named pages for its older kind of app until `app.py` has run once: who
# opened a link to a page first would get that page bare, without navigation, look or data.
PagesManager.uses_pages_directory = False

turns.keep()

app = st.App(
    settings.ROOT / "app.py",
    lifespan=lifespan,
    middleware=MIDDLEWARE,
    routes=[Route("/present/{story_id}", stage.present)],
)
