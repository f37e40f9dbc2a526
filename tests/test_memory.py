"""What is remembered takes no more bytes than it may, whatever is looked at."""

import threading
from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from dashboard import memory, settings, warehouse
from dashboard.exhibits.exhibit import Cell, Table
from dashboard.memory import Store, size_of
from dashboard.render import text
from dashboard.render.kinds import figures
from dashboard.stories import file
from tests.every_exhibit import every
from tests.test_frozen import an_exhibit
from tests.test_story_file import TREND, a_story


def _store(limit: int) -> Store:
    return Store(lambda: limit)


def test_what_was_asked_for_longest_ago_goes_first():
    store = _store(10 * (100 + memory._ENTRY))
    for n in range(10):
        store.keep(n, f"value {n}", 100)
    assert store.find(0) == ("value 0", 100 + memory._ENTRY)
    store.keep(10, "value 10", 100)
    assert store.find(1) is None
    assert store.find(0) is not None and store.find(10) is not None
    assert len(store) == 10


def test_a_value_that_would_push_out_all_others_is_not_kept():
    store = _store(80_000)
    store.keep("small", 1, 100)
    store.keep("large", 2, 10_000)
    assert store.find("large") is None
    assert store.find("small") is not None


def test_one_kept_twice_counts_once():
    store = _store(80_000)
    for _ in range(5):
        store.keep("a", 1, 100)
    assert store.bytes == 100 + memory._ENTRY


def test_the_size_of_a_value_is_that_of_all_its_parts_once():
    table = Table("t", ("a",), ((Cell.of("x" * 1000),),), ("a",), (("y" * 1000,),))
    assert 2000 < size_of(table) < 5000
    one = "z" * 1000
    assert size_of((one,) * 50) < 2000
    assert size_of({"a": [one, {1, 2, date(2018, 4, 1)}]}) > 1000


def test_threads_never_leave_more_than_may_be_held():
    store, numbers = _store(100_000), count()

    def keep() -> None:
        for _ in range(2_000):
            store.keep(next(numbers), "x", 500)
            store.find(next(numbers) % 50)

    threads = [threading.Thread(target=keep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.bytes <= 100_000
    assert store.bytes == len(store) * (500 + memory._ENTRY)


@pytest.fixture
def little(monkeypatch):
    """A store that holds a few exhibits, empty before and after."""
    monkeypatch.setattr(settings, "REMEMBERED_BYTES", 2_000_000)
    memory.store.clear()
    yield memory.store
    memory.store.clear()


def test_however_many_views_are_made_no_more_is_held_than_may_be(use, little):
    """Every exhibit of the shipped data with everything that is drawn of it, over and over."""
    use("shipped")
    seen, most = 0, 0
    for exhibit in every():
        text.head(exhibit), text.foot(exhibit)
        if exhibit.table:
            text.table(exhibit)
        if exhibit.chart:
            figures(exhibit)
        seen, most = seen + 1, max(most, little.bytes)
    assert seen > 25
    # It was full, so that something had to go, and never over.
    assert 1_500_000 < most <= 2_000_000


def test_what_is_remembered_is_answered_again_and_what_was_let_go_is_made_anew(use, little):
    use("shipped")
    first = warehouse.fetch("services")
    assert warehouse.fetch("services") is first
    little.clear()
    again = warehouse.fetch("services")
    assert again is not first and again == first


def test_a_story_file_of_too_many_rows_is_refused_with_the_limit():
    def of(rows: int) -> str:
        table = Table("t", ("a",), ((Cell.of("1"),),), ("a",), ((1,),) * rows)
        return file.to_text(a_story(replace(an_exhibit(TREND), table=table)))

    assert file.from_text(of(20_000)).slides
    with pytest.raises(file.NotAStory, match="its table has 20,001 rows, and up to 20,000 are"):
        file.from_text(of(20_001))


def test_a_story_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch):
    with pytest.raises(file.NotAStory, match="has 21 MB, and up to 20 MB are opened"):
        file.from_text(" " * 21_000_000)
