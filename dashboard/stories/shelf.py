"""The stories of the workspace: its store, with the stories that come with the workspace in it."""

import functools
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from dashboard import reading, settings
from dashboard.exhibits import catalogue
from dashboard.exhibits.story import Slide, Story
from dashboard.stories import store

_log = logging.getLogger(__name__)


def opened() -> store.Store:
    """The store of the settings. What the workspace brings is placed in it while it is new.

    A workspace may hold `stories/*.json` beside its exports (docs/contract.md). They are made on
    the data that is served the first time anybody opens a store in which no story was ever made; a
    story that was deleted is not made again. Raises store.StoreFailed.
    """
    address = settings.stories_database()
    found = store.opened(address)
    _fill(found, address, settings.workspace().data)
    return found


@functools.lru_cache(maxsize=8)
def _fill(found: store.Store, _address: str, data: Path) -> None:
    if not found.is_empty():
        return
    # The last is placed last and so stands first in the list: by name, from the end.
    for path in sorted((p for p in data.glob("stories/*.json") if p.is_file()), reverse=True):
        try:
            found.place(_made(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.error("%s was not made: %s", path, error)


def _made(path: Path) -> Story:
    """The story that a file describes, made on the data that is served."""
    said = json.loads(path.read_text(encoding="utf-8"))
    slides = []
    with reading.bound(reading.current()):
        for nth, one in enumerate(said["slides"]):
            try:
                exhibit = catalogue.make(one["exhibit"], one["parameters"])
            except catalogue.CannotBeMade as error:
                _log.error("%s: slide %d was left out: %s", path, nth + 1, error)
                continue
            texts = {key: one.get(key, "") for key in ("headline", "notes", "question", "address")}
            slides.append(Slide(f"{path.stem}-{nth + 1}", exhibit, **texts))
    return Story(path.stem, said["title"], tuple(slides), datetime.now(UTC))
