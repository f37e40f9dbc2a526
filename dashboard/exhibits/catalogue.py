"""Any exhibit by its name and parameters: how a slide is made anew on today's data."""

import functools
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from dashboard import exhibits
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import MAKERS, Exhibit


class CannotBeMade(LookupError):
    """No such exhibit, or none of these parameters on today's data; the message says which."""


def make(name: str, parameters: Mapping[str, Any]) -> Exhibit:
    """The exhibit of a name and parameters on the data that is served. Raises CannotBeMade.

    Parameters may be as JSON has them: lists for tuples, "2018-03" or "2018-03-01" for dates.
    """
    maker = _makers().get(name)
    if maker is None:
        raise CannotBeMade(f"This version of the dashboard has no exhibit “{name}”.")
    takes = inspect.signature(maker).parameters
    given = {key: _value(value, takes[key].annotation) for key, value in parameters.items()
             if key in takes}  # fmt: skip
    if len(given) < len(parameters) or any(
        p.default is p.empty and key not in given for key, p in takes.items()
    ):
        must = [key for key, p in takes.items() if p.default is p.empty]
        may = [key for key in takes if key not in must]
        also = f", and if need be {', '.join(may)}" if may else ""
        raise CannotBeMade(f"“{name}” takes {', '.join(must) or 'no parameters'} now{also}.")
    for key, value in given.items():
        if not _fits(value, takes[key].annotation):
            raise CannotBeMade(f"“{value}” is no {key.replace('_', ' ')}.")
    _known(given)
    return maker(**given)


@functools.cache
def _makers() -> Mapping[str, Callable[..., Exhibit]]:
    for module in pkgutil.iter_modules(exhibits.__path__):
        importlib.import_module(f"{exhibits.__name__}.{module.name}")
    return MAKERS


def _value(value: Any, kind: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value if len(value) > 7 else f"{value}-01")
        except ValueError as error:
            raise CannotBeMade(f"“{value}” is no date.") from error
    return value


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of the kind that an exhibit asks for: a story file may say anything."""
    if typing.get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    return isinstance(value, kind)


def _known(given: Mapping[str, Any]) -> None:
    """Ids that the workspace no longer knows are told, each kind in the words of the screen."""
    for key, (what, known) in {
        "service_id": ("service", reference.service_names),
        "reported_by": ("service", reference.service_names),
        "council_id": ("council", reference.council_names),
        "council_ids": ("council", reference.council_names),
        "measure_id": ("measure", reference.measures),
        "cost_type": ("cost type", reference.cost_types),
        "budget_block": ("budget", reference.blocks),
    }.items():
        asked = given.get(key)
        for one in asked if isinstance(asked, tuple) else (asked,):
            if one is not None and one not in known():
                raise CannotBeMade(f"Today’s data has no {what} “{one}”.")
