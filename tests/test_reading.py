"""One reading a run: whatever is published meanwhile, and whoever reads beside."""

import json
import threading
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import memory, reading, settings, startup, warehouse
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Exhibit, Finding, Table, exhibit
from dashboard.load.publish import load
from dashboard.load.versions import snapshot_path
from dashboard.render import text
from dashboard.render.kinds import figures
from tests.every_exhibit import every


@pytest.fixture
def ict(plant, use):
    """A workspace of one service, and a way to publish it under another name."""
    fields = [{"name": "service_id"}, {"name": "name"}]
    services = {"name": "services", "path": "services.csv", "schema": {"fields": fields}}
    workspace = plant(services, services="service_id,name\nict,ICT\nparks,Parks\n")
    use(workspace)
    load(workspace)

    def renamed(name: str) -> None:
        (workspace.data / "services.csv").write_text(f"service_id,name\nict,{name}\nparks,Parks\n")
        load(workspace)

    return renamed


@pytest.fixture
def between(monkeypatch) -> Callable[[Callable[[], None]], Callable[[], Exhibit]]:
    """An exhibit that asks for the services twice, with something happening in between."""
    monkeypatch.setattr("dashboard.exhibits.exhibit.MAKERS", {})

    def of(happens: Callable[[], None]) -> Callable[[], Exhibit]:
        @exhibit
        def asked_twice() -> Finding:
            first = warehouse.fetch("services")["name"]
            happens()
            names = tuple(reference.service_names().values())
            rows = ((first[0], names[0], warehouse.version()),)
            return Finding("Services", table=Table("t", ("a",), (), ("a", "b", "v"), rows))

        return asked_twice

    return of


def test_a_publish_within_an_exhibit_mixes_no_versions(ict, between):
    ask = between(lambda: ict("Digital"))
    before = reading.now()
    with reading.bound(before):
        made = ask()
    assert made.table.raw_rows == (("ICT", "ICT", before.version),)
    assert made.data_version == before.version
    after = reading.now()
    assert after.version != before.version
    with reading.bound(after):
        assert between(lambda: None)().table.raw_rows == (("Digital", "Digital", after.version),)


def test_what_begins_unbound_is_of_one_version_all_the_same(ict, between):
    version = warehouse.version()
    assert between(lambda: ict("Digital"))().table.raw_rows == (("ICT", "ICT", version),)


def test_a_download_that_is_clicked_later_holds_what_its_page_showed(ict):
    def rows() -> bytes:
        return json.dumps([warehouse.version(), reference.service_names()["ict"]]).encode()

    with reading.bound(reading.now()) as shown:
        click = reading.held(rows)
    ict("Digital")
    answered = []
    thread = threading.Thread(target=lambda: answered.append(click()))
    thread.start()
    thread.join()
    assert json.loads(answered[0]) == [shown.version, "ICT"]
    assert json.loads(rows()) == [reading.now().version, "Digital"]


def test_a_version_that_is_no_longer_kept_says_so(ict):
    with reading.bound(reading.now()) as shown:
        ict("Digital")
        snapshot_path(shown.workspace.warehouse, shown.version).unlink()
        with pytest.raises(reading.NoSnapshot, match=f"{shown.version} is not kept any more"):
            warehouse.fetch("services", is_remembered=False)


def test_two_scopes_are_never_answered_with_each_others_words(use, monkeypatch):
    """Every exhibit with all that is drawn of it, for one scope and then for another: of what was
    remembered for the first, nothing is found by the second that tells of the data."""
    use("shipped")
    memory.store.clear()
    monkeypatch.setattr(settings, "REMEMBERED_BYTES", 10**9)
    found: list[object] = []
    find = memory.Store.find

    def noted(self, key):
        answer = find(self, key)
        if answer is not None:
            found.append(key)
        return answer

    monkeypatch.setattr(memory.Store, "find", noted)

    def everything(scope: str) -> list[Exhibit]:
        with reading.bound(reading.now(scope=scope)):
            exhibits = every()
            for one in exhibits:
                text.head(one), text.foot(one)
                if one.table:
                    text.table(one)
                if one.chart:
                    figures(one)
            return exhibits

    first = everything("the finance team")
    kept = set(memory.store._held)
    assert len(kept) > 200
    found.clear()
    second = everything("the people team")
    assert len(set(found)) > 50
    assert [key for key in found if key in kept] == []
    for ours, theirs in zip(first, second, strict=True):
        assert ours is not theirs and ours != theirs
        assert vars(ours) | {"read_from": "", "table": None} == vars(theirs) | {
            "read_from": "",
            "table": None,
        }


def test_the_scope_that_is_bound_is_the_scope_of_what_is_read_next(ict):
    with reading.bound(reading.now(scope="the finance team")):
        assert reading.now().scope == "the finance team"
    assert reading.current().scope == reading.EVERYBODY


def test_all_that_a_page_shows_is_of_one_reading(use, monkeypatch):
    use("shipped")
    startup.prepare.cache_clear()
    seen = []
    fetched = warehouse._answer

    def noted(of, *given):
        seen.append(of)
        return fetched(of, *given)

    noted.forgetful = fetched.forgetful
    monkeypatch.setattr(warehouse, "_answer", noted)
    page = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60).run()
    assert not page.exception
    bound = {id(of) for of in seen}
    assert len(seen) > 20 and len(bound) == 1
