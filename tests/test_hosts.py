"""Only known names are answered, and only our own pages: DNS rebinding and foreign origins."""

import asyncio
import concurrent.futures
import socket

import pytest
from starlette.datastructures import Headers
from streamlit import config

from dashboard import hosts

HERE = ("127.0.0.1", 8501)


def _run(work):
    """Run a coroutine in a thread of its own: the browser tests keep a loop in this one."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def ask(
    *headers: tuple[str, str],
    kind: str = "http",
    served_under: tuple[str, ...] = (),
    reached_at=HERE,
    path: str = "/",
) -> tuple[int, str]:
    """The status that a request gets (200 where it was let through), and the host that it then
    asks for, or why it was refused."""
    sent: list[dict] = []
    reached: list[str] = []

    async def app(scope, _receive, send) -> None:
        reached.append(Headers(scope=scope)["host"])

    async def send(message) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "method": "GET",
        "path": path,
        "server": reached_at,
        "headers": [(k.encode(), v.encode()) for k, v in headers],
        "extensions": {"websocket.http.response": {}},
    }
    _run(hosts.KnownHosts(app, frozenset(served_under))(scope, None, send))
    if reached:
        return 200, reached[0]
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode()


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host", ["localhost:8501", "LocalHost", "localhost.:8501", "127.0.0.1:8501", "[::1]:8501"]
)
def test_this_machine_is_asked_by_its_own_names(kind, host):
    assert ask(("host", host), kind=kind) == (200, host)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host",
    [
        "anything.example:8501",
        "localhost.anything.example",
        "127.0.0.1.anything.example:8501",
        "127.0.0.2:8501",
        "203.0.113.9",
        "someone@localhost",
        "localhost:port",
        "localhost/",
        "[::1",
        "",
    ],
)
def test_a_strange_name_is_refused_and_told_what_makes_it_known(kind, host):
    status, said = ask(("host", host), kind=kind)
    assert status == 421
    assert said == (
        "This dashboard is not known by that name. Whoever runs it can make it known: HOSTS=name\n"
    )


def test_no_name_or_two_names_are_refused():
    assert ask()[0] == 421
    assert ask(("host", "localhost"), ("host", "localhost"))[0] == 421


def test_the_address_that_the_server_was_reached_at_is_its_own():
    assert ask(("host", "10.1.2.3:8501"), reached_at=("10.1.2.3", 8501))[0] == 200
    assert ask(("host", "10.1.2.4:8501"), reached_at=("10.1.2.3", 8501))[0] == 421
    # A socket of the file system has no address.
    assert ask(("host", "localhost"), reached_at=None)[0] == 200


def test_it_is_served_under_the_names_that_a_setting_gives():
    names = ("dashboard.council.example", "*.shared.example")
    assert ask(("host", "dashboard.council.example"), served_under=names)[0] == 200
    assert ask(("host", "Dashboard.Council.Example:443"), served_under=names)[0] == 200
    assert ask(("host", "one.shared.example"), served_under=names)[0] == 200
    assert ask(("host", "shared.example"), served_under=names)[0] == 421
    assert ask(("host", "notshared.example"), served_under=names)[0] == 421
    assert ask(("host", "x.dashboard.council.example"), served_under=names)[0] == 421


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_page_of_another_site_is_refused(kind):
    def status(origin):
        return ask(("host", "localhost:8501"), ("origin", origin), kind=kind)[0]

    assert status("http://localhost:8501") == 200
    for foreign in (
        "http://anything.example",
        "http://anything.example:8501",
        # Another server on this machine, a page without an origin, a file.
        "http://localhost:3000",
        "http://localhost",
        "null",
        "file://",
        "chrome-extension://localhost:8501",
        "",
    ):
        assert status(foreign) == 403, foreign


def test_behind_a_proxy_a_page_of_the_name_in_the_setting_is_our_own():
    """The proxy asks by its address; Streamlit is told the name, so that it looks nothing up."""
    asked = (("host", "127.0.0.1:8501"), ("origin", "https://dashboard.council.example"))
    assert ask(*asked)[0] == 403
    assert ask(*asked, served_under=("dashboard.council.example",)) == (
        200,
        "dashboard.council.example",
    )


def test_names_come_from_the_setting_and_from_streamlits_own(monkeypatch):
    monkeypatch.setenv("HOSTS", " Dashboard.council.example. ,*.shared.example,*")
    given = {"server.allowedHosts": ["localhost", "one.example"], "server.address": "0.0.0.0"}
    monkeypatch.setattr(config, "get_option", given.__getitem__)
    assert hosts.served_names() == {
        "dashboard.council.example",
        "*.shared.example",
        "one.example",
    }


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/interact", "/a/_stcore/agent"]
)
def test_streamlits_counters_and_its_door_for_programs_are_closed(path):
    assert ask(("host", "localhost"), path=path) == (404, "Not Found")
    assert ask(("host", "localhost"), path="/_stcore/health")[0] == 200


def _answer(address: str, path: str, **headers: str) -> bytes:
    """The first line that a real server answers to a request written by hand."""
    host, port = address.removeprefix("http://").split(":")
    given = {"Host": f"{host}:{port}", "Connection": "close"} | headers
    with socket.create_connection((host, int(port)), timeout=20) as line:
        lines = [f"GET {path} HTTP/1.1", *(f"{k}: {v}" for k, v in given.items()), "", ""]
        line.sendall("\r\n".join(lines).encode())
        return line.recv(4096).split(b"\r\n")[0]


WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
}


def test_the_real_server_answers_known_hosts_alone(serve):
    """Pages, the story that is presented, files, the health of the server, and the websocket."""
    address = serve("shipped")
    for path in ("/", "/costs", "/present/none", "/_stcore/health", "/_stcore/host-config"):
        assert b" 421 " in _answer(address, path, Host="anything.example:8501"), path
        assert b" 421 " not in _answer(address, path), path
    stream = "/_stcore/stream"
    assert b" 101 " in _answer(address, stream, **WEBSOCKET)
    assert b" 421 " in _answer(address, stream, **WEBSOCKET, Host="anything.example")
    assert b" 403 " in _answer(address, stream, **WEBSOCKET, Origin="http://anything.example")
