"""An exhibit as text and back, exactly: how a story keeps what it was made with.

A slide shows the figures of its own day, whatever was loaded since and whichever snapshots are
still there. So it keeps the exhibit itself, and not where to ask for it.
"""

import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboard.exhibits import charts
from dashboard.exhibits import exhibit as exhibits
from dashboard.exhibits.exhibit import Exhibit

# Every class an exhibit may be made of. Nothing else is ever built from a text.
_CLASSES = {
    name: one
    for module in (charts, exhibits)
    for name, one in vars(module).items()
    if isinstance(one, type) and is_dataclass(one) and one.__module__ == module.__name__
}
# Where more rows of a table can be asked for: of today's data, which is none of a story's.
_UNKEPT = ("every_row",)
# The format of what `freeze` writes, counted up when a class or a field of an exhibit is renamed or
# goes. Kept beside each exhibit; older ones are read by the names below.
#   1  up to version 0.6.0
#   2  place became read_from
#   3  a funnel's Place became FunnelPoint, its places points
FORMAT = 3
# What a field and a class were called when earlier versions kept them.
_CALLED_BEFORE = {"place": "read_from", "places": "points"}
_CLASSES_BEFORE = {"Place": "FunnelPoint"}
# What JSON has no word for is an object with this one key.
_CLASS, _TUPLE, _DATE, _TIME, _MONEY, _SET = "is", "t", "d", "at", "n", "s"


class NotAnExhibit(ValueError):
    """The text is no exhibit that this version knows; the message says where."""


def freeze(exhibit: Exhibit) -> str:
    """The exhibit as JSON. Equal exhibits give equal texts."""
    return json.dumps(_plain(exhibit), ensure_ascii=False, separators=(",", ":"))


def thaw(text: str, of_format: int = FORMAT) -> Exhibit:
    """The exhibit of a text that `freeze` wrote, in this format or an older one.

    Raises NotAnExhibit for any other.
    """
    if of_format > FORMAT:
        raise NotAnExhibit(
            "this slide was pinned by a later version of the dashboard: update the dashboard, or "
            "pin the exhibit anew"
        )
    try:
        found = _made(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError, InvalidOperation) as error:
        raise NotAnExhibit(f"this slide can't be read: {error}") from error
    if not isinstance(found, Exhibit):
        raise NotAnExhibit("this slide can't be read: it holds no exhibit")
    return found


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {_TIME: value.isoformat()}
        case date():
            return {_DATE: value.isoformat()}
        case Decimal():
            return {_MONEY: str(value)}
        case tuple():
            return {_TUPLE: [_plain(v) for v in value]}
        case frozenset():
            return {_SET: sorted(value)}
    given = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in _UNKEPT}
    return {_CLASS: type(value).__name__, **given}


def _made(plain: Any) -> Any:
    if not isinstance(plain, dict):
        if isinstance(plain, list):
            raise ValueError("a list stands where none can be")
        return plain
    if _CLASS in plain:
        name = plain[_CLASS]
        one = _CLASSES[_CLASSES_BEFORE.get(name, name)]
        given = {_CALLED_BEFORE.get(k, k): _made(v) for k, v in plain.items() if k != _CLASS}
        return one(**given)
    ((key, value),) = plain.items()
    match key:
        case "t":
            return tuple(_made(v) for v in value)
        case "d":
            return date.fromisoformat(value)
        case "at":
            return datetime.fromisoformat(value)
        case "n":
            return Decimal(value)
        case "s":
            return frozenset(value)
    raise ValueError(f"'{key}' is unknown")
