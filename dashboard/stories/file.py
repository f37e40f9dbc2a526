"""A story as a file and back: to keep, to send, to open elsewhere.

The file is JSON of one version of one format. What it holds was written somewhere else by somebody
else: nothing of it is taken that is not an exhibit that this version knows and can draw.
"""

import hashlib
import json
import math
import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dashboard import settings
from dashboard.exhibits import foot
from dashboard.exhibits.exhibit import Exhibit, Table
from dashboard.exhibits.story import Slide, Story
from dashboard.render import kinds, text
from dashboard.stories import frozen
from dashboard.stories.frozen import NotAnExhibit, freeze, thaw

# The version is that of the exhibits within; older ones are opened, too.
FORMAT, VERSION = "oneSource story", frozen.FORMAT
# Of a slide, besides its exhibit: texts, and which of them may be missing.
_TEXTS = ("slide_id", "headline", "notes", "question", "address")
# Longer than any headline, note or address that a person writes; a file is no place for a book.
_LONGEST_TEXT = 20_000
# An away day has a dozen slides. Ten times that is a mistake, and a day's work to draw.
_MOST_SLIDES = 200
_ANY_DAY = date(2018, 4, 26)


class NotAStory(ValueError):
    """The text is no story that this version can open; the message says why, for a reader."""


def to_text(story: Story) -> str:
    """The story as JSON text. Equal stories give equal texts.

    Where the warehouse of its figures lies is nobody else's business and is left out.
    """
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "story_id": story.story_id,
            "title": story.title,
            "changed_at": story.changed_at.isoformat(),
            "slides": [
                {name: getattr(slide, name) for name in _TEXTS}
                | {"exhibit": json.loads(freeze(replace(slide.exhibit, read_from="")))}
                for slide in story.slides
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def from_text(given: str) -> Story:
    """The story of a text that `to_text` wrote. Raises NotAStory for any other.

    Each exhibit's `place` is a digest of all that it holds, so that it never counts as equal to one
    of the data served here, whose figures may differ.
    """
    if len(given) > settings.STORY_FILE_MEGABYTES * 1_000_000:
        raise NotAStory(
            f"this story file has {len(given) / 1_000_000:,.0f} MB, and up to "
            f"{settings.STORY_FILE_MEGABYTES} MB are opened"
        )
    try:
        found = json.loads(given.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotAStory(f"this is no story file: it is not JSON ({error})") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise NotAStory(f"this is no story file: it does not say “format”: “{FORMAT}”")
    version = found.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= VERSION:
        raise NotAStory(
            f"this story file is of version {version}, and this dashboard opens those up to "
            f"version {VERSION}"
            + (": update it first" if isinstance(version, int) and version > VERSION else "")
        )
    slides = found.get("slides")
    if not isinstance(slides, list) or len(slides) > _MOST_SLIDES:
        raise NotAStory(f"“slides” of the story file has to be a list of up to {_MOST_SLIDES}")
    story = Story(
        _text(found, "story_id", "the story"),
        _text(found, "title", "the story"),
        tuple(_slide(slide, nth + 1, version) for nth, slide in enumerate(slides)),
        _time(found.get("changed_at")),
    )
    if len({s.slide_id for s in story.slides}) < len(slides):
        raise NotAStory("two slides of the story file have the same “slide_id”")
    return story


def _slide(found: Any, nth: int, version: int) -> Slide:
    where = f"slide {nth}"
    if not isinstance(found, dict):
        raise NotAStory(f"{where} of the story file has to be an object")
    given = {name: _text(found, name, where) for name in _TEXTS}
    try:
        kept = json.dumps(found.get("exhibit"), ensure_ascii=False)
        exhibit = thaw(kept, version)
        _check(exhibit, Exhibit, "exhibit")
        _fits(exhibit)
        digest = hashlib.sha256(kept.encode()).hexdigest()
        exhibit = replace(exhibit, read_from=f"story file {digest[:16]}")
        _draw(exhibit)
    except NotAnExhibit as error:
        raise NotAStory(f"{where}: {error}") from error
    except LookupError as error:
        raise NotAStory(f"{where} can't be drawn: {error} is unknown") from error
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise NotAStory(f"{where} can't be drawn: {error}") from error
    return Slide(exhibit=exhibit, **given)


def _text(found: dict[str, Any], name: str, where: str) -> str:
    value = found.get(name, "")
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise NotAStory(f"“{name}” of {where} has to be text of up to {_LONGEST_TEXT:,} letters")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise NotAStory(f"“{name}” of {where} has half a letter, which no file can hold")
    if not value and name.endswith("_id"):
        raise NotAStory(f"“{name}” of {where} is missing")
    return value


def _time(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise NotAStory(f"“changed_at” of the story is no time: {value!r}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _check(value: Any, wanted: Any, where: str) -> None:
    """Raise TypeError unless a value is what the exhibits' own annotations say, all the way down.

    Amounts may stand where numbers are asked for, as exhibits have it; no number is infinite.
    """
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if wanted is Any:
        _check_any(value, where)
    elif origin in (types.UnionType, typing.Union):
        if not any(_is(value, one) for one in inner):
            raise TypeError(f"{where} can't be {_said(value)}")
        _check(value, next(one for one in inner if _is(value, one)), where)
    elif not _is(value, wanted):
        raise TypeError(f"{where} can't be {_said(value)}")
    elif origin is tuple:
        each = inner[:1] * len(value) if inner[-1] is ... else inner
        if len(each) != len(value):
            raise TypeError(f"{where} has to have {len(each)} parts, not {len(value)}")
        for nth, (part, kind) in enumerate(zip(value, each, strict=True)):
            _check(part, kind, f"{where} {nth + 1}")
    elif origin is frozenset:
        for part in value:
            _check(part, inner[0], where)
    elif is_dataclass(wanted):
        hints = typing.get_type_hints(wanted)
        for one in fields(wanted):
            _check(getattr(value, one.name), hints[one.name], f"{where}, {one.name}")
    else:
        _finite(value, where)


def _is(value: Any, wanted: Any) -> bool:
    kind = typing.get_origin(wanted) or wanted
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind is float:
        return isinstance(value, int | float | Decimal)
    return isinstance(value, kind)


def _check_any(value: Any, where: str) -> None:
    if isinstance(value, tuple):
        for part in value:
            _check_any(part, where)
    elif value is not None and not isinstance(value, str | bool | int | float | Decimal | date):
        raise TypeError(f"{where} can't be {_said(value)}")
    else:
        _finite(value, where)


def _finite(value: Any, where: str) -> None:
    # A float's own limit: beyond it no chart and no sheet can hold a number.
    if isinstance(value, int | float | Decimal) and not math.isfinite(float(value)):
        raise ValueError(f"{where} has to be a number that is finite, not {value}")


def _said(value: Any) -> str:
    return f"{value!r:.40}" if isinstance(value, str | int | float) else type(value).__name__


def _fits(exhibit: Exhibit) -> None:
    """Raise ValueError where parts of an exhibit don't belong together."""
    kinds.of(exhibit).check(exhibit.chart)
    if isinstance(table := exhibit.table, Table):
        for rows in (table.rows, table.raw_rows):
            if len(rows) > settings.ROWS_TO_DOWNLOAD:
                raise ValueError(
                    f"its table has {len(rows):,} rows, and up to {settings.ROWS_TO_DOWNLOAD:,} "
                    "are taken"
                )
        for columns, rows in ((table.columns, table.rows), (table.raw_columns, table.raw_rows)):
            wrong = next((r for r in rows if len(r) != len(columns)), None)
            if wrong is not None:
                raise ValueError(
                    f"a row of its table has {len(wrong)} cells under {len(columns)} columns"
                )


def _draw(exhibit: Exhibit) -> None:
    """Draw all of it once, and remember nothing of it: the only proof that it can be drawn."""
    ways: list[Callable[..., Any]] = [text.head, text.foot]
    if exhibit.chart:
        ways.append(kinds.figures)
    if exhibit.table:
        ways.append(text.table)
    for way in ways:
        typing.cast(Any, way).forgetful(exhibit)
    kinds.plots(exhibit)
    foot.foot(exhibit, _ANY_DAY)
