"""The web server: Streamlit's files compressed once, and everything else as Streamlit sends it."""

import asyncio
import concurrent.futures
import gzip
import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow
import pytest
import streamlit

from dashboard import server, startup

STATIC = Path(streamlit.__file__).parent / "static"
PLOTLY = next(f"/static/js/{p.name}" for p in STATIC.glob("static/js/PlotlyChart.*.js"))
FONT = next(f"/static/media/{p.name}" for p in STATIC.glob("static/media/SourceSans*.woff2"))
FOREVER = "public, max-age=31536000, immutable"

SCRIPT = "console.log('as long as a file has to be')\n" * 100


# --- The compressing alone, over a folder of five files ------------------------------------------


def _run(work):
    """Run a coroutine in a thread of its own: the browser tests keep a loop in this one."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class Site:
    """The middleware before an application that only says it was reached."""

    def __init__(self, folder: Path, copies: Path, base_url: str = "") -> None:
        self.app = server.CompressedFiles(self._streamlit, folder, copies, base_url)
        self.reached: list[dict] = []

    async def _streamlit(self, scope, _receive, send) -> None:
        self.reached.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"streamlit's own"})

    def ask(self, path: str, method: str = "GET", root: str = "", **headers: str):
        """Status, headers and body of one request. Header names with underscores for dashes."""
        return _run(self.asking(path, method, root, **headers))

    async def asking(self, path: str, method: str = "GET", root: str = "", **headers: str):
        sent: list[dict] = []

        async def send(message) -> None:
            sent.append(message)

        raw = [(k.replace("_", "-").lower().encode(), v.encode()) for k, v in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "root_path": root, "headers": raw}
        await self.app(scope, None, send)
        given = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
        return sent[0]["status"], given, b"".join(m.get("body", b"") for m in sent[1:])


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "static-of-streamlit"
    (place / "static" / "js").mkdir(parents=True)
    (place / "static" / "media").mkdir()
    (place / "index.html").write_text("<p>page</p>" * 200)
    (place / "static" / "js" / "Chart.D9Z0_fxz.js").write_text(SCRIPT)
    (place / "static" / "js" / "tiny.AAAAAAAA.js").write_text("1")
    (place / "static" / "media" / "font.BBBBBBBB.woff2").write_bytes(b"\0" * 5000)
    return place


@pytest.fixture
def site(folder, tmp_path) -> Site:
    return Site(folder, tmp_path / "copies")


CHART = "/static/js/Chart.D9Z0_fxz.js"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, GZIP;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q = 0.000", None),
        ("gzip;q=a lot", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_the_best_encoding_that_is_taken(accepted, encoding):
    assert server.best_encoding(accepted) == encoding


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_copy_gives_back_the_file(site, encoding):
    status, headers, body = site.ask(CHART, accept_encoding=encoding)
    assert (status, headers["content-encoding"]) == (200, encoding)
    assert restored(body, encoding, SCRIPT.encode()) == SCRIPT.encode()
    assert headers["content-length"] == str(len(body))
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["cache-control"] == FOREVER
    assert headers["vary"] == "Accept-Encoding"
    assert not site.reached


def test_a_restart_finds_the_copies_made_before(site, folder, tmp_path, monkeypatch):
    made = site.ask(CHART, accept_encoding="gzip")
    monkeypatch.setattr(server, "compressed", lambda *_: pytest.fail("made a second time"))
    assert Site(folder, tmp_path / "copies").ask(CHART, accept_encoding="gzip") == made


# The same name in every process that collects it: gzip would put the second into it.
@pytest.mark.parametrize("damage", [b"", b"not gzip", gzip.compress(b"another file", mtime=0)])
def test_a_damaged_copy_is_made_anew(site, folder, tmp_path, damage):
    made = site.ask(CHART, accept_encoding="gzip")
    (kept,) = (tmp_path / "copies").rglob("*.gzip")
    kept.write_bytes(damage)
    assert Site(folder, tmp_path / "copies").ask(CHART, accept_encoding="gzip") == made
    assert gzip.decompress(kept.read_bytes()) == SCRIPT.encode()


def test_a_folder_that_cannot_be_written_costs_memory_and_one_warning(folder, tmp_path, caplog):
    (tmp_path / "a-file").touch()
    site = Site(folder, tmp_path / "a-file" / "copies")
    for path in (CHART, "/"):
        status, headers, _ = site.ask(path, accept_encoding="gzip")
        assert (status, headers["content-encoding"]) == (200, "gzip")
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert "a-file" in caplog.text


def test_many_who_ask_at_once_wait_for_one_copy(site, monkeypatch):
    made = []
    making = server.compressed

    def counted(plain, encoding):
        made.append(encoding)
        return making(plain, encoding)

    monkeypatch.setattr(server, "compressed", counted)

    async def crowd():
        return await asyncio.gather(
            *(site.asking(CHART, accept_encoding="gzip") for _ in range(50))
        )

    answers = _run(crowd())
    assert made == ["gzip"]
    assert all(answer == answers[0] for answer in answers)


def test_a_failed_making_is_streamlits_to_answer_and_tried_again(site, folder):
    file = folder / CHART.strip("/")
    moved = file.rename(folder / "elsewhere")
    assert site.ask(CHART, accept_encoding="gzip")[2] == b"streamlit's own"
    moved.rename(file)
    assert site.ask(CHART, accept_encoding="gzip")[1]["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path",
    [
        "/static/media/font.BBBBBBBB.woff2",
        "/static/js/tiny.AAAAAAAA.js",
        "/performance",
        "/static",
        "/static/",
        "/static/../index.html",
        "/static/js/../../index.html",
        "/static/js/..",
        "//static/js/Chart.D9Z0_fxz.js",
        "/static/js/\0.js",
        "/_stcore/health",
    ],
)
def test_fonts_small_files_pages_and_odd_paths_are_left_to_streamlit(site, path):
    assert site.ask(path, accept_encoding="gzip") == (200, {}, b"streamlit's own")


@pytest.mark.parametrize("path", ["/static/js/Chart.OLDHASH0.js", "/static/css/none.css"])
def test_an_unknown_static_file_is_not_found(site, path):
    status, headers, _ = site.ask(path, accept_encoding="gzip")
    assert (status, headers["cache-control"]) == (404, "no-cache")
    assert not site.reached


def test_a_plain_reader_gets_the_file_plain_and_caches_are_told(site):
    assert site.ask(CHART) == (200, {"vary": "Accept-Encoding"}, b"streamlit's own")


def test_a_range_is_cut_from_the_plain_file(site):
    _, _, body = site.ask(CHART, accept_encoding="gzip", range="bytes=0-9")
    assert body == b"streamlit's own"


def test_other_methods_and_websockets_are_left_to_streamlit(site):
    assert site.ask(CHART, "POST", accept_encoding="gzip")[2] == b"streamlit's own"
    _run(site.app({"type": "websocket", "path": CHART}, None, None))
    assert [scope["type"] for scope in site.reached] == ["http", "websocket"]


def test_the_headers_alone_are_those_of_the_whole(site):
    whole = site.ask(CHART, accept_encoding="br")
    assert site.ask(CHART, "HEAD", accept_encoding="br") == (*whole[:2], b"")


def test_each_encoding_has_a_tag_of_its_own_and_is_not_sent_twice(site):
    tags = {e: site.ask(CHART, accept_encoding=e)[1]["etag"] for e in ("br", "gzip")}
    assert len(set(tags.values())) == 2
    for encoding, tag in tags.items():
        for held in (tag, f'W/{tag}, "another"', "*"):
            status, headers, body = site.ask(CHART, accept_encoding=encoding, if_none_match=held)
            assert (status, body) == (304, b"")
            assert headers == {
                "cache-control": FOREVER,
                "etag": tag,
                "vary": "Accept-Encoding",
            }
    assert site.ask(CHART, accept_encoding="br", if_none_match=tags["gzip"])[0] == 200


def test_the_page_is_asked_for_again_each_time(site):
    for path in ("/", "/index.html"):
        _, headers, _ = site.ask(path, accept_encoding="gzip")
        assert headers["cache-control"] == "no-cache"
        assert headers["content-type"] == "text/html; charset=utf-8"


def test_an_app_below_another_address(folder, tmp_path):
    under = Site(folder, tmp_path / "copies", base_url="/councils/")
    mounted = Site(folder, tmp_path / "copies")
    for path in (CHART, "/", ""):
        assert "etag" in under.ask(f"/councils{path}", accept_encoding="gzip")[1]
        assert "etag" in mounted.ask(f"/a{path}", root="/a", accept_encoding="gzip")[1]
    assert under.ask("/councilsandmore", accept_encoding="gzip")[2] == b"streamlit's own"


# --- What happens before the first answer --------------------------------------------------------


def test_the_data_is_ready_before_the_first_answer(monkeypatch):
    ready = []
    monkeypatch.setattr(startup, "prepare", lambda: ready.append(True))

    async def start():
        async with server.lifespan(server.app):
            assert ready == [True]

    _run(start())


def test_a_start_without_data_is_no_start(monkeypatch):
    def prepare():
        raise LookupError("nothing to serve")

    monkeypatch.setattr(startup, "prepare", prepare)

    async def start():
        async with server.lifespan(server.app):
            pytest.fail("served all the same")

    with pytest.raises(LookupError, match="nothing to serve"):
        _run(start())


# --- The real server -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ask(serve):
    """One request to the real server: (status, headers, body)."""
    address = urlsplit(serve("shipped"))

    def asking(path: str, method: str = "GET", **headers: str):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        try:
            named = {k.replace("_", "-"): v for k, v in headers.items()}
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            given = {k.lower(): v for k, v in answer.getheaders()}
            return answer.status, given, b"" if answer.status == 101 else answer.read()
        finally:
            connection.close()

    return asking


def restored(body: bytes, encoding: str, plain: bytes) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    return pyarrow.decompress(body, len(plain), codec="brotli", asbytes=True)


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_everything_the_page_names_arrives_whole(ask, encoding):
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    named = [f"/{m}" for m in re.findall(r'"\./(static/[^"]+\.(?:js|css))"', page)]
    assert len(named) > 20
    sent = full = 0
    for path in [*named, PLOTLY, "/"]:
        plain = (STATIC / (path.strip("/") or "index.html")).read_bytes()
        status, headers, body = ask(path, accept_encoding=encoding)
        assert status == 200
        if len(plain) < server.SMALLEST_COMPRESSED:
            assert (headers.get("content-encoding"), body) == (None, plain)
        else:
            assert headers["content-encoding"] == encoding
            assert restored(body, encoding, plain) == plain, path
        sent, full = sent + len(body), full + len(plain)
    assert sent < 0.35 * full


def test_a_plain_reader_gets_the_very_file(ask):
    for accepted in ({}, {"accept_encoding": "identity"}, {"accept_encoding": "gzip;q=0"}):
        status, headers, body = ask(PLOTLY, **accepted)
        assert (status, headers.get("content-encoding")) == (200, None)
        assert headers["vary"] == "Accept-Encoding"
        assert body == (STATIC / PLOTLY.strip("/")).read_bytes()


def test_files_with_a_hash_are_kept_for_good_and_the_page_is_not(ask):
    for accepted in ("identity", "gzip", "br"):
        kept = ask(PLOTLY, accept_encoding=accepted)[1]["cache-control"]
        assert set(kept.split(", ")) == set(FOREVER.split(", "))
        for page in ("/", "/costs"):
            assert ask(page, accept_encoding=accepted)[1]["cache-control"] == "no-cache"


def test_what_a_browser_holds_is_not_sent_again(ask):
    for accepted in ("identity", "gzip", "br"):
        for path in (PLOTLY, "/", FONT):
            tag = ask(path, accept_encoding=accepted)[1]["etag"]
            status, _, body = ask(path, accept_encoding=accepted, if_none_match=tag)
            assert (status, body) == (304, b"")


def test_a_font_is_not_compressed_twice(ask):
    status, headers, body = ask(FONT, accept_encoding="gzip, br")
    assert (status, headers.get("content-encoding")) == (200, None)
    assert body == (STATIC / FONT.strip("/")).read_bytes()


def test_a_range_of_a_script_still_works(ask):
    status, headers, body = ask(PLOTLY, accept_encoding="gzip", range="bytes=10-19")
    assert (status, headers.get("content-encoding")) == (206, None)
    assert body == (STATIC / PLOTLY.strip("/")).read_bytes()[10:20]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/js/..%2f..%2findex.html",
        "//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_folder(ask, path):
    assert ask(path, accept_encoding="gzip")[0] == 400


def test_a_script_of_an_older_version_is_not_found(ask):
    assert ask("/static/js/PlotlyChart.OLDHASH0.js", accept_encoding="gzip")[0] == 404


@pytest.mark.parametrize("page", ["/", "/costs"])
@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_pages_carry_their_safety_headers(ask, page, accepted):
    status, headers, body = ask(page, accept_encoding=accepted)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert b"<html" in (gzip.decompress(body) if accepted == "gzip" else body)


def test_the_page_can_open_its_websocket(ask):
    status, headers, _ = ask(
        "/_stcore/stream",
        connection="Upgrade",
        upgrade="websocket",
        sec_websocket_version="13",
        sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
        sec_websocket_protocol="streamlit",
    )
    assert (status, headers["upgrade"]) == (101, "websocket")
