"""Where stories are kept: SQLite, or PostgreSQL by a setting. The one door to that database.

Several people may edit a story at once. Every change is one short transaction that counts the
story's revision up by one, so changes of a story stand in one order. A change of a text names the
revision it was made from: where someone else changed the same text since, nothing is overwritten
and both texts are given back (`Conflict`). Changes of other texts, and moves, which are told
relative to other slides, go in beside each other. Nothing deleted is gone: it can be restored.
"""

import functools
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dashboard import settings
from dashboard.exhibits.exhibit import Exhibit
from dashboard.exhibits.story import Slide, Story
from dashboard.memory import remembered
from dashboard.stories import database, frozen
from dashboard.stories.database import CHANGES as _changes
from dashboard.stories.database import SLIDES as _slides
from dashboard.stories.database import STORIES as _stories
from dashboard.stories.database import StoreFailed as StoreFailed
from dashboard.stories.database import told

SOMEONE = "Someone"

# The longest a text may be: what fits a slide, a question read out, two pages of notes.
LONGEST = {"title": 150, "headline": 300, "question": 500, "notes": 20_000}
_ONE_LINE = ("title", "headline", "question")
# As much of a title as the log of changes says.
_NAMED = 70
# What no database and no document of ours takes: control characters but tab and line feed, halves
# of pairs, and the two code points that are none.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_TEXTS = ("headline", "notes", "question")


class NoSuchStory(LookupError):
    """There is no such story, or it was deleted."""


class NoSuchSlide(LookupError):
    """There is no such slide, or it was deleted; the message says what to do."""


class TooLong(ValueError):
    """A text is longer than it may be; the message says how long that is."""


class Conflict(Exception):
    """Somebody changed the same text meanwhile. Nothing was overwritten; both texts are here.

    what: title · headline · notes · question. at: the revision to name in order to overwrite
    `theirs` knowingly.
    """

    def __init__(self, what: str, theirs: str, mine: str, at: int, who: str) -> None:
        super().__init__(f"{who} changed the {what} meanwhile")
        self.what, self.theirs, self.mine, self.at, self.who = what, theirs, mine, at, who


@dataclass(frozen=True)
class Change:
    """One thing that somebody did to a story. at is in UTC; was: the text that was replaced."""

    revision: int
    at: datetime
    who: str
    said: str
    was: str


@dataclass(frozen=True)
class Draft:
    """A story as those who edit it need it: with its revision, and its deleted slides in place."""

    story: Story
    revision: int
    slides: tuple[Slide, ...]
    deleted: frozenset[str]


class Store:
    """The stories of one database, by an SQLAlchemy address. Raises StoreFailed."""

    def __init__(self, address: str) -> None:
        url = database.url_of(address)
        self._address = url.render_as_string(hide_password=True)
        with told(self._address):
            self._engine = database.opened(url)
        self._reading = self._engine.execution_options(is_reading=True)

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    # Reading

    def stories(self, *, deleted: bool = False) -> tuple[Story, ...]:
        """Every story, the last changed first; or those that were deleted."""
        with self._read() as now:
            rows = now.execute(
                sa.select(_stories)
                .where(_stories.c.is_deleted == deleted)
                .order_by(_stories.c.changed_at.desc(), _stories.c.story_id)
            ).all()
            slides = now.execute(
                sa.select(_slides)
                .where(_slides.c.story_id.in_([r.story_id for r in rows]))
                .order_by(_slides.c.position)
            ).all()
        return tuple(_story(r, [s for s in slides if s.story_id == r.story_id]) for r in rows)

    def is_empty(self) -> bool:
        """True where no story was ever made."""
        with self._read() as now:
            return now.execute(sa.select(_stories.c.story_id).limit(1)).first() is None

    def story(self, story_id: str) -> Story:
        """A story with its slides in order. Raises NoSuchStory."""
        return self.draft(story_id).story

    def find(self, word: str) -> str | None:
        """The id of the story of this id or, where there is none, of this title; else None."""
        with self._read() as now:
            return now.execute(
                sa.select(_stories.c.story_id)
                .where(~_stories.c.is_deleted)
                .where((_stories.c.story_id == word) | (_stories.c.title == word))
                .order_by((_stories.c.story_id == word).desc(), _stories.c.changed_at.desc())
            ).scalar()

    def draft(self, story_id: str) -> Draft:
        """A story as its editors need it. Raises NoSuchStory."""
        with self._read() as now:
            row = now.execute(sa.select(_stories).where(_stories.c.story_id == story_id)).first()
            if row is None or row.is_deleted:
                raise NoSuchStory("This story was deleted, or never was.")
            slides = _in_order(now, story_id)
        return Draft(
            _story(row, slides),
            row.revision,
            tuple(_slide(s) for s in slides),
            frozenset(s.slide_id for s in slides if s.is_deleted),
        )

    def revision(self, story_id: str) -> int | None:
        """How often the story was changed; None where it is deleted. One read of one row."""
        with self._read() as now:
            return now.execute(
                sa.select(_stories.c.revision)
                .where(_stories.c.story_id == story_id)
                .where(~_stories.c.is_deleted)
            ).scalar()

    def changes(
        self, story_id: str, *, since: int = 0, most: int = settings.STORY_CHANGES_SHOWN
    ) -> tuple[Change, ...]:
        """What was done to a story after a revision, newest first."""
        with self._read() as now:
            rows = now.execute(
                sa.select(_changes)
                .where(_changes.c.story_id == story_id)
                .where(_changes.c.revision > since)
                .order_by(_changes.c.revision.desc(), _changes.c.change_id.desc())
                .limit(most)
            ).all()
        return tuple(Change(r.revision, _utc(r.at), r.who, r.said, r.was) for r in rows)

    # Stories

    def create(self, title: str, *, who: str = SOMEONE) -> str:
        """A new story without slides; its id."""
        return self._insert(title, (), "made the story", who)

    def keep(
        self, story: Story, *, who: str = SOMEONE, said: str = "brought the story in from a file"
    ) -> str:
        """A story made elsewhere, kept as a new one with ids of its own; its id."""
        return self._insert(story.title, story.slides, said, who)

    def place(self, story: Story) -> None:
        """A story that comes with the workspace, under the id it has; nothing where it is known."""
        with suppress(_Known):
            self._insert(
                story.title, story.slides, "made the story ready", "The dashboard", story.story_id
            )

    def duplicate(self, story_id: str, *, who: str = SOMEONE) -> str:
        """A copy of a story; its id. Raises NoSuchStory."""
        was = self.story(story_id)
        title = f"Copy of {was.title}"[: LONGEST["title"]]
        return self._insert(title, was.slides, f"copied the story from “{was.title}”", who)

    def rename(self, story_id: str, title: str, *, made_from: int, who: str = SOMEONE) -> int:
        """Give a story another title; the revision since then. Raises Conflict, NoSuchStory."""
        title = _fit("title", title) or "Untitled"
        with self._write(story_id, who) as change:
            if change.is_stale(
                "title", change.story.title, title, change.story.title_at, made_from
            ):
                return change.nothing()
            change.of_story(title=title, title_at=change.revision)
            change.log(f"renamed the story to “{title}”", change.story.title)
        return change.revision

    def delete(self, story_id: str, *, who: str = SOMEONE) -> None:
        """Put a story away, to be restored when asked. Raises NoSuchStory."""
        with self._write(story_id, who) as change:
            change.of_story(is_deleted=True)
            change.log("deleted the story")

    def restore(self, story_id: str, *, who: str = SOMEONE) -> None:
        """Bring a deleted story back as it was. Raises NoSuchStory where there never was one."""
        with self._write(story_id, who, deleted=True) as change:
            if not change.story.is_deleted:
                change.nothing()
                return
            change.of_story(is_deleted=False)
            change.log("brought the story back")

    # Slides

    def pin(
        self, story_id: str, exhibit: Exhibit, *, address: str = "", who: str = SOMEONE
    ) -> tuple[str, int]:
        """An exhibit as the last slide of a story: the slide's id and number. NoSuchStory."""
        with self._write(story_id, who) as change:
            slide = Slide(_new_id(), exhibit, address=address)
            change.append(slide)
            number = change.number(slide.slide_id)
            change.log(f"pinned “{_short(exhibit.title)}” as slide {number}")
        return slide.slide_id, number

    def edit(
        self,
        slide_id: str,
        what: str,
        text: str,
        *,
        made_from: int,
        who: str = SOMEONE,
    ) -> int:
        """Change the headline, notes or question of a slide; the revision since then.

        made_from: the revision of the story whose text was in front of who wrote this one. Raises
        Conflict where the same text was changed after it, NoSuchSlide where the slide was deleted.
        """
        if what not in _TEXTS:
            raise ValueError(f"a slide has no {what}; it has: {', '.join(_TEXTS)}")
        text = _fit(what, text)
        with self._write_slide(slide_id, who) as (change, slide):
            was, at = getattr(slide, what), getattr(slide, f"{what}_at")
            if change.is_stale(what, was, text, at, made_from):
                return change.nothing()
            change.of_slide(slide_id, **{what: text, f"{what}_at": change.revision})
            change.log(f"changed the {what} of {change.name(slide_id)}", was)
        return change.revision

    def refresh(self, slide_id: str, exhibit: Exhibit, *, who: str = SOMEONE) -> int:
        """Replace a slide's exhibit by a newer one; the revision since then. NoSuchSlide."""
        with self._write_slide(slide_id, who) as (change, slide):
            new = frozen.freeze(exhibit)
            if new == slide.exhibit:
                return change.nothing()
            change.of_slide(slide_id, exhibit=new, exhibit_at=change.revision)
            change.log(f"brought {change.name(slide_id)} up to data version {exhibit.data_version}")
        return change.revision

    def move(self, slide_id: str, by: int, *, who: str = SOMEONE) -> int:
        """Move a slide so many places on, or back where negative. Raises NoSuchSlide."""
        with self._write_slide(slide_id, who) as (change, _):
            live = change.live()
            old = live.index(slide_id)
            new = min(max(old + by, 0), len(live) - 1)
            if new == old:
                return change.nothing()
            after = live[new] if new > old else (live[new - 1] if new else None)
            self._put(change, slide_id, after, old)
        return change.revision

    def move_after(self, slide_id: str, after: str | None, *, who: str = SOMEONE) -> int:
        """Move a slide behind another one, or to the front. Raises NoSuchSlide."""
        with self._write_slide(slide_id, who) as (change, _):
            if after == slide_id or (after is not None and after not in change.order()):
                return change.nothing()
            live = change.live()
            old = live.index(slide_id)
            if after == (live[old - 1] if old else None):
                return change.nothing()
            self._put(change, slide_id, after, old)
        return change.revision

    def delete_slide(self, slide_id: str, *, who: str = SOMEONE) -> int:
        """Take a slide out of its story, to be restored when asked. Raises NoSuchSlide."""
        with self._write_slide(slide_id, who) as (change, _):
            said = f"deleted {change.name(slide_id)}"
            change.of_slide(slide_id, is_deleted=True)
            change.log(said)
        return change.revision

    def restore_slide(self, slide_id: str, *, who: str = SOMEONE) -> int:
        """Bring a deleted slide back to its place. Raises NoSuchSlide where there never was one."""
        with self._write_slide(slide_id, who, deleted=True) as (change, slide):
            if not slide.is_deleted:
                return change.nothing()
            change.of_slide(slide_id, is_deleted=False)
            change.log(f"brought {change.name(slide_id)} back")
        return change.revision

    # How it is done

    @staticmethod
    def _put(change: "_Writing", slide_id: str, after: str | None, old: int) -> None:
        order = [s for s in change.order() if s != slide_id]
        order.insert(order.index(after) + 1 if after else 0, slide_id)
        for position, one in enumerate(order):
            change.of_slide(one, position=position)
        title = change.title(slide_id)
        change.log(f"moved slide {old + 1}, “{title}”, to {change.number(slide_id)}")

    def _insert(
        self,
        title: str,
        slides: tuple[Slide, ...],
        said: str,
        who: str,
        story_id: str | None = None,
    ) -> str:
        chosen = story_id or _new_id()
        row = {
            "story_id": chosen,
            "title": _fit("title", title) or "Untitled",
            "title_at": 1,
            "revision": 1,
            "changed_at": _now(),
            "is_deleted": False,
        }
        with told(self._address), self._engine.begin() as now:
            try:
                now.execute(sa.insert(_stories), row)
            except IntegrityError:
                raise _Known from None
            change = _Writing(
                now, now.execute(sa.select(_stories).filter_by(story_id=chosen)).one()
            )
            change.who = who
            for slide in slides:
                change.append(slide, slide_id=_new_id())
            change.log(said)
        return chosen

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with told(self._address), self._reading.connect() as now:
            yield now

    @contextmanager
    def _write(self, story_id: str, who: str, *, deleted: bool = False) -> "Iterator[_Writing]":
        """One transaction; the story's row is taken first, so changes of it wait for each other."""
        with told(self._address), self._engine.connect() as now, now.begin() as transaction:
            row = now.execute(
                sa.update(_stories)
                .where(_stories.c.story_id == story_id)
                .values(revision=_stories.c.revision + 1, changed_at=_now())
                .returning(_stories)
            ).first()
            if row is None or (row.is_deleted and not deleted):
                raise NoSuchStory("This story was deleted, or never was.")
            change = _Writing(now, row)
            change.who = who
            yield change
            if not change.is_done:
                transaction.rollback()

    @contextmanager
    def _write_slide(
        self, slide_id: str, who: str, *, deleted: bool = False
    ) -> "Iterator[tuple[_Writing, sa.Row]]":
        with self._read() as now:
            story_id = now.execute(
                sa.select(_slides.c.story_id).where(_slides.c.slide_id == slide_id)
            ).scalar()
        if story_id is None:
            raise NoSuchSlide("There is no such slide.")
        with self._write(story_id, who) as change:
            slide = change.row(slide_id)
            if slide.is_deleted and not deleted:
                raise NoSuchSlide("Someone deleted this slide. It can be brought back.")
            yield change, slide


class _Known(Exception):
    """A story of this id was made before."""


class _Writing:
    """A change being made to a story, within its transaction."""

    def __init__(self, now: sa.Connection, story: sa.Row) -> None:
        self._now = now
        self.story = story
        self.revision: int = story.revision
        self.who = SOMEONE
        # Set by the log's line: a change without one is no change, and is not kept.
        self.is_done = False

    def nothing(self) -> int:
        """Nothing had to be changed: the revision that stands."""
        self.revision -= 1
        return self.revision

    def is_stale(self, what: str, was: str, text: str, at: int, made_from: int) -> bool:
        """True where the text stands already. Raises Conflict where another one came between."""
        if was == text:
            return True
        if at > made_from:
            who = self._now.execute(
                sa.select(_changes.c.who)
                .where(_changes.c.story_id == self.story.story_id)
                .where(_changes.c.revision == at)
            ).scalar()
            raise Conflict(what, was, text, at, who or SOMEONE)
        return False

    def of_story(self, **values: Any) -> None:
        self._now.execute(
            sa.update(_stories).filter_by(story_id=self.story.story_id).values(**values)
        )

    def of_slide(self, slide_id: str, **values: Any) -> None:
        self._now.execute(sa.update(_slides).filter_by(slide_id=slide_id).values(**values))

    def append(self, slide: Slide, *, slide_id: str | None = None) -> None:
        given = {what: _fit(what, getattr(slide, what)) for what in _TEXTS}
        last = sa.select(sa.func.coalesce(sa.func.max(_slides.c.position), -1) + 1).filter_by(
            story_id=self.story.story_id
        )
        self._now.execute(
            sa.insert(_slides).values(
                slide_id=slide_id or slide.slide_id,
                story_id=self.story.story_id,
                position=last.scalar_subquery(),
                exhibit=frozen.freeze(slide.exhibit),
                exhibit_format=frozen.FORMAT,
                exhibit_at=self.revision,
                address=_UNPRINTABLE.sub("", slide.address),
                is_deleted=False,
                **given,
                **{f"{what}_at": self.revision for what in _TEXTS},
            )
        )

    def log(self, said: str, was: str = "") -> None:
        self._now.execute(
            sa.insert(_changes).values(
                story_id=self.story.story_id,
                revision=self.revision,
                at=_now(),
                who=_UNPRINTABLE.sub("", self.who),
                said=said,
                was=was,
            )
        )
        self.is_done = True

    def row(self, slide_id: str) -> sa.Row:
        return self._now.execute(sa.select(_slides).filter_by(slide_id=slide_id)).one()

    def order(self) -> list[str]:
        """Every slide's id in order, the deleted ones among them."""
        return [s.slide_id for s in _in_order(self._now, self.story.story_id)]

    def live(self) -> list[str]:
        """The slides' ids in order."""
        rows = _in_order(self._now, self.story.story_id)
        return [s.slide_id for s in rows if not s.is_deleted]

    def number(self, slide_id: str) -> int:
        return self.live().index(slide_id) + 1

    def title(self, slide_id: str) -> str:
        return _short(_slide(self.row(slide_id)).title)

    def name(self, slide_id: str) -> str:
        """What the log calls a slide."""
        return f"slide {self.number(slide_id)}, “{self.title(slide_id)}”"


def _in_order(now: sa.Connection, story_id: str) -> list[sa.Row]:
    found = sa.select(_slides).filter_by(story_id=story_id).order_by(_slides.c.position)
    return list(now.execute(found).all())


def _story(row: sa.Row, slides: list[sa.Row]) -> Story:
    return Story(
        row.story_id,
        row.title,
        tuple(_slide(s) for s in slides if not s.is_deleted),
        _utc(row.changed_at),
    )


def _slide(row: sa.Row) -> Slide:
    return Slide(
        row.slide_id,
        _thawed(row.exhibit, row.exhibit_format),
        row.headline,
        row.notes,
        row.question,
        row.address,
    )


# A page of ten slides asks for the same ten in every rerun.
@remembered
def _thawed(text: str, of_format: int) -> Exhibit:
    try:
        return frozen.thaw(text, of_format)
    except frozen.NotAnExhibit as error:
        # Written by a later version, or damaged: the story opens all the same, and says so.
        return Exhibit("", (), "", "", title="This slide can’t be read", empty=str(error))


def _fit(what: str, text: str) -> str:
    """A text as it is kept: without what can't be printed. Raises TooLong."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = " ".join(text.split()) if what in _ONE_LINE else text.strip()
    if len(text) > LONGEST[what]:
        raise TooLong(
            f"The {what} can have {LONGEST[what]:,} characters; these are {len(text):,}. "
            "Nothing was changed."
        )
    return text


def _short(title: str) -> str:
    return title if len(title) <= _NAMED else f"{title[:_NAMED].rsplit(' ', 1)[0]} …"


def _new_id() -> str:
    return secrets.token_hex(6)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)


_opening = threading.Lock()


def opened(address: str) -> Store:
    """The store at an address, one for the whole process."""
    with _opening:
        return _opened(address)


@functools.lru_cache(maxsize=8)
def _opened(address: str) -> Store:
    return Store(address)
