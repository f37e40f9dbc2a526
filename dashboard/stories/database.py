"""The database of stories: its tables, how it is opened, and how an older one is brought on.

Its tables change by numbered steps (`migrations/`, by Alembic, which is SQLAlchemy's own): each is
applied once, in one transaction, when a store is opened.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from dashboard import settings

# The newest of `migrations/versions/`.
NEWEST = "0002"
# Where a database says which steps it has had. Not Alembic's usual name: others may share the
# database.
_STEPS = "stories_steps"

TABLES = sa.MetaData()
STORIES = sa.Table(
    "stories",
    TABLES,
    sa.Column("story_id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    # The revision at which the title was last changed; the same of each text of a slide.
    sa.Column("title_at", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    # In UTC, without a zone: SQLite has none.
    sa.Column("changed_at", sa.DateTime, nullable=False),
    sa.Column("is_deleted", sa.Boolean, nullable=False),
)
SLIDES = sa.Table(
    "slides",
    TABLES,
    sa.Column("slide_id", sa.Text, primary_key=True),
    sa.Column("story_id", sa.ForeignKey("stories.story_id"), nullable=False, index=True),
    # Deleted slides keep their place among the others, to come back to.
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("exhibit", sa.Text, nullable=False),
    # Of the text of the exhibit (frozen.FORMAT).
    sa.Column("exhibit_format", sa.Integer, nullable=False, server_default="1"),
    sa.Column("exhibit_at", sa.Integer, nullable=False),
    sa.Column("headline", sa.Text, nullable=False),
    sa.Column("headline_at", sa.Integer, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("notes_at", sa.Integer, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("question_at", sa.Integer, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("is_deleted", sa.Boolean, nullable=False),
)
CHANGES = sa.Table(
    "changes",
    TABLES,
    sa.Column("change_id", sa.Integer, primary_key=True),
    sa.Column("story_id", sa.ForeignKey("stories.story_id"), nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    # The text that was replaced, so that none is ever lost.
    sa.Column("was", sa.Text, nullable=False),
)


class StoreFailed(RuntimeError):
    """The store could not be reached or written; the message says which and why."""


_NO_ADDRESS = (
    "STORIES_DATABASE is no address of a database that can be opened here; SQLite and PostgreSQL "
    "are known: "
)


def url_of(address: str) -> sa.URL:
    try:
        return sa.make_url(address)
    except (ArgumentError, ValueError):
        # What it is may hold a password, and so may the error.
        raise StoreFailed(f"{_NO_ADDRESS}it cannot be read as an address") from None


@contextmanager
def told(address: str) -> Iterator[None]:
    """Raise StoreFailed for what goes wrong; address: as it may be shown, without a password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, ImportError) as error:
        if isinstance(error, ArgumentError | ImportError):
            raise StoreFailed(f"{_NO_ADDRESS}{error}") from error
        cause = getattr(error, "orig", None) or error
        raise StoreFailed(f"the stories in {address} can't be reached: {cause}") from error


def _sqlite(url: sa.URL) -> sa.Engine:
    """An engine of SQLite's: readers never wait for a writer, and writers wait for each other."""
    engine = sa.create_engine(url, connect_args={"timeout": settings.STORIES_WAIT_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        # Else Python's driver begins transactions itself, too late for a lock.
        connection.isolation_level = None
        connection.execute("pragma foreign_keys = on")

    @sa.event.listens_for(engine, "begin")
    def _(now: sa.Connection) -> None:
        # A writer takes its turn at once: one that read first could only fail later.
        reading = now.get_execution_options().get("is_reading")
        now.exec_driver_sql("begin" if reading else "begin immediate")

    if url.database and url.database != ":memory:":
        path = Path(url.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        # One at a time: SQLite does not wait where two change its journal at once.
        with filelock.FileLock(f"{path}.lock"):
            raw = engine.raw_connection()
            raw.execute("pragma journal_mode = wal")
            raw.close()
            _bring_up_to_date(engine)
    else:
        _bring_up_to_date(engine)
    return engine


def opened(url: sa.URL) -> sa.Engine:
    """An engine of the database, brought up to date. Raises what `told` puts into words."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    # A connection that the server closed meanwhile is replaced unseen.
    engine = sa.create_engine(url, pool_pre_ping=True)
    _bring_up_to_date(engine)
    return engine


def _bring_up_to_date(engine: sa.Engine) -> None:
    with engine.connect() as now:
        if _step_of(now) == NEWEST:
            return
    # A fifth of a second to import, once for each database.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    steps = Config()
    steps.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as now:
        if engine.dialect.name == "postgresql":
            # Of two servers that start at once, the second waits for the first.
            now.execute(sa.text("select pg_advisory_xact_lock(hashtext('onesource stories'))"))
        steps.attributes |= {"connection": now, "version_table": _STEPS}
        had = _step_of(now)
        try:
            if had is None and sa.inspect(now).has_table(STORIES.name):
                # Made before its steps were counted.
                command.stamp(steps, "0001")
            command.upgrade(steps, NEWEST)
        except CommandError as error:
            raise StoreFailed(
                f"the stories were changed by a later version of the dashboard (step {had}): "
                "update the dashboard"
            ) from error


def _step_of(now: sa.Connection) -> str | None:
    if not sa.inspect(now).has_table(_STEPS):
        return None
    return now.execute(sa.text(f"select version_num from {_STEPS}")).scalar()
