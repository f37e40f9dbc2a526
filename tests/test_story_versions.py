"""The store of stories of the version before: brought on with nothing lost, or told why not.

`tests/data/stories-0.6.0.sql` and `story-0.6.0.json` were written by version 0.6.0.
"""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from dashboard.exhibits.charts import Trend
from dashboard.exhibits.exhibit import Exhibit
from dashboard.stories import database, file, frozen
from dashboard.stories.store import Store, StoreFailed

DATA = Path(__file__).parent / "data"
TITLES = ["Bexley waits longer", "ICT spent £20 more", "No council differs", "ICT is dearer"]


@pytest.fixture
def before(tmp_path) -> Path:
    """A copy of the database that version 0.6.0 made."""
    path = tmp_path / "stories.sqlite"
    with sqlite3.connect(path) as raw:
        raw.executescript((DATA / "stories-0.6.0.sql").read_text(encoding="utf-8"))
    raw.close()
    return path


def _address(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def _rows(path: Path, table: str) -> list[dict]:
    with sqlite3.connect(path) as raw:
        raw.row_factory = sqlite3.Row
        return [dict(row) for row in raw.execute(f"select * from {table} order by 1")]


def test_stories_of_the_version_before_are_all_there_and_can_be_edited(before):
    was = {table: _rows(before, table) for table in ("stories", "slides", "changes")}
    kept = Store(_address(before))
    (story,) = kept.stories()
    assert [s.title for s in story.slides] == TITLES
    trend = story.slides[0].exhibit
    assert isinstance(trend.chart, Trend) and trend.chart.panels[0].lines[0].values == (
        *(95.0, None, 91.5),
    )
    assert (trend.data_version, trend.read_from) == ("0123456789ab", "/srv/warehouse")
    for table, rows in was.items():
        now = _rows(before, table)
        assert [{k: row[k] for k in old} for row, old in zip(now, rows, strict=True)] == rows
    assert {row["exhibit_format"] for row in _rows(before, "slides")} == {1}

    slide_id, _ = kept.pin(story.story_id, Exhibit("a.b", (), "v1", "/x", "New"))
    formats = {row["slide_id"]: row["exhibit_format"] for row in _rows(before, "slides")}
    assert formats.pop(slide_id) == frozen.FORMAT and set(formats.values()) == {1}
    kept.close()


def test_a_database_that_is_up_to_date_is_not_touched(before):
    Store(_address(before)).close()
    content = [_rows(before, t) for t in ("stories", "slides", "changes", "stories_steps")]
    kept = Store(_address(before))
    assert [s.title for s in kept.stories()[0].slides] == TITLES
    kept.close()
    now = [_rows(before, t) for t in ("stories", "slides", "changes", "stories_steps")]
    assert now == content
    assert now[-1] == [{"version_num": database.NEWEST}]


def test_step_by_step_comes_to_the_tables_that_the_store_uses(tmp_path, before):
    for path in (tmp_path / "new.sqlite", before):
        kept = Store(_address(path))
        found = sa.inspect(kept._engine)
        for table in database.TABLES.sorted_tables:
            columns = {c["name"]: c["nullable"] for c in found.get_columns(table.name)}
            assert columns == {c.name: c.nullable for c in table.columns}, table.name
            indexed = [i["column_names"] for i in found.get_indexes(table.name)]
            assert indexed == [[c.name] for c in table.columns if c.index], table.name
            keys = [k["constrained_columns"] for k in found.get_foreign_keys(table.name)]
            assert keys == [[c.name] for c in table.columns if c.foreign_keys], table.name
        kept.close()


def test_the_newest_step_is_the_one_that_the_store_asks_for():
    steps = Config()
    folder = Path(database.__file__).parent / "migrations"
    steps.set_main_option("script_location", str(folder))
    script = ScriptDirectory.from_config(steps)
    assert script.get_current_head() == database.NEWEST
    assert [r.revision for r in script.walk_revisions()] == ["0002", "0001"]


def test_a_step_that_fails_leaves_the_database_as_it_was(before, monkeypatch):
    monkeypatch.setattr(database, "NEWEST", "0003")
    was = _rows(before, "slides")
    with pytest.raises(StoreFailed, match="later version of the dashboard"):
        Store(_address(before))
    assert _rows(before, "slides") == was
    with sqlite3.connect(before) as raw:
        tables = {name for (name,) in raw.execute("select name from sqlite_master")}
    assert "stories_steps" not in tables


def test_a_database_of_a_later_version_says_so_and_is_left_alone(before):
    Store(_address(before)).close()
    with sqlite3.connect(before) as raw:
        raw.execute("update stories_steps set version_num = '0009'")
    raw.close()
    with pytest.raises(StoreFailed, match=r"later version of the dashboard \(step 0009\): update"):
        Store(_address(before))
    assert _rows(before, "stories_steps") == [{"version_num": "0009"}]


def test_a_slide_of_a_later_format_says_that_it_has_to_be_pinned_anew(before):
    kept = Store(_address(before))
    (story,) = kept.stories()
    with sqlite3.connect(before) as raw:
        raw.execute(
            "update slides set exhibit_format = 99 where slide_id = ?",
            (story.slides[0].slide_id,),
        )
    raw.close()
    first, *others = kept.stories()[0].slides
    assert first.exhibit.title == "This slide can’t be read"
    assert "pinned by a later version of the dashboard" in first.exhibit.empty
    assert "pin the exhibit anew" in first.exhibit.empty
    assert [s.title for s in others] == TITLES[1:]
    kept.close()


def test_a_story_file_of_the_version_before_opens_whole():
    story = file.from_text((DATA / "story-0.6.0.json").read_text(encoding="utf-8"))
    assert [s.title for s in story.slides] == TITLES
    assert all(s.exhibit.chart for s in story.slides)
    again = file.from_text(file.to_text(story))
    assert [s.exhibit.chart for s in again.slides] == [s.exhibit.chart for s in story.slides]
