"""Who is answered: the names that this server is known by, and pages that it sent itself.

A page of anybody's can point a name of its own at this machine and then reads the dashboard as if
it were its own server (DNS rebinding); it cannot change what the browser says it asked for. So a
request under a name that is not ours is refused, and so is one that another site's page makes.
"""

import functools
import ipaddress
import os
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

# This machine, asked from itself.
_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

# Listening everywhere is no name to be asked by.
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})

# Streamlit's counters tell who reads what, and its door for programs drives a page as a reader
# does: nobody here asks for either.
_CLOSED = re.compile(r"/_stcore/(?:metrics|agent)(?:/|$)")

_STRANGE_NAME = (
    "This dashboard is not known by that name. Whoever runs it can make it known: HOSTS=name\n"
)
_STRANGE_ORIGIN = "This dashboard answers its own pages, and no other site's.\n"


class KnownHosts:
    """ASGI middleware: refuses requests and websockets under strange names, or of strange pages.

    Known are this machine's own names, the address that the server listens on or was reached at,
    and the names in HOSTS (`*.example.org` for all below one). A page is known if it came from the
    same name and port, or from a name in HOSTS, as behind a proxy that asks under another name.

    Starlette's TrustedHostMiddleware knows a fixed list alone, and no origins.
    """

    def __init__(self, app: ASGIApp, served_under: frozenset[str]) -> None:
        self._app = app
        self._served_under = served_under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        hosts, origins = asked.getlist("host"), asked.getlist("origin")
        if len(hosts) != 1 or not self._is_ours(hosts[0], scope):
            await PlainTextResponse(_STRANGE_NAME, 421)(scope, receive, send)
            return
        if origins and (len(origins) > 1 or _netloc(origins[0]) != hosts[0].lower()):
            if len(origins) > 1 or not self._is_served_under(_name(_netloc(origins[0]))):
                await PlainTextResponse(_STRANGE_ORIGIN, 403)(scope, receive, send)
                return
            # Streamlit would look its own address up on the internet, to compare the two. The page
            # came from a name of ours: that is the name that was asked.
            MutableHeaders(scope=scope)["host"] = _netloc(origins[0])
        if _CLOSED.search(scope["path"]):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, host: str, scope: Scope) -> bool:
        name = _name(host)
        if name is None:
            return False
        # An address in figures leads where it says: whoever reached us at it asked for us.
        reached_at = (scope.get("server") or ("", None))[0]
        return name in _OF_THIS_MACHINE or name == reached_at or self._is_served_under(name)

    def _is_served_under(self, name: str | None) -> bool:
        return name is not None and any(
            name == known or (known.startswith("*.") and name.endswith(known[1:]))
            for known in self._served_under
        )


def served_names() -> frozenset[str]:
    """The names in HOSTS, Streamlit's own `server.allowedHosts`, and the one it listens on."""
    named = [*os.environ.get("HOSTS", "").split(","), *config.get_option("server.allowedHosts")]
    listens_on = config.get_option("server.address") or ""
    plain = {one.strip().lower().rstrip(".") for one in [*named, listens_on]}
    # "*" would be any name at all, which is what this is here to refuse; and this machine's own
    # names are known anyway, but not every page of every other server on it.
    return frozenset(plain - _EVERYWHERE - _OF_THIS_MACHINE - {"*"})


def _netloc(origin: str) -> str:
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in ("http", "https") else ""


# The same few names, in every request.
@functools.lru_cache(maxsize=256)
def _name(host: str) -> str | None:
    """The name or address of a Host header, without its port; None where it is neither."""
    try:
        parts = urlsplit(f"//{host.lower()}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.netloc != host.lower() or "@" in parts.netloc:
        return None
    if parts.netloc.startswith("["):
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            return None
    return name.rstrip(".")
