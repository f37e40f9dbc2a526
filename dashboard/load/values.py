"""Single words of a contract: taken for what they have to be, or an error says what they are."""

import math
from typing import Any

import regex


class ContractError(ValueError):
    """The contract itself is wrong: says the file, the resource, the field and what is right."""


def truth(given: Any, word: str, place: str, default: bool = False) -> bool:
    """True or false, and nothing that only looks so ("no" is a text)."""
    if given is None:
        return default
    if not isinstance(given, bool):
        raise ContractError(f"{place}: '{word}' is true or false, not {given!r}")
    return given


def whole(given: Any, word: str, place: str, least: int = 0) -> int | None:
    """A whole number, not below `least`."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        raise ContractError(f"{place}: '{word}' is a whole number from {least} on, not {given!r}")
    return given


def number(given: Any, word: str, place: str) -> float | None:
    """A number that is neither endless nor none."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise ContractError(f"{place}: '{word}' is a number, not {given!r}")
    return given


def text(given: Any, word: str, place: str, default: str | None = None) -> str | None:
    """A text."""
    if given is None:
        return default
    if not isinstance(given, str):
        raise ContractError(f"{place}: '{word}' is a text, not {given!r}")
    return given


def mark(given: Any, word: str, place: str, default: str | None) -> str | None:
    """One character: a delimiter, a decimal point."""
    if given is None:
        return default
    if not isinstance(given, str) or len(given) != 1 or given in '"\r\n':
        raise ContractError(f"{place}: '{word}' is one character, not {given!r}")
    return given


def several(given: Any) -> tuple[Any, ...]:
    """One thing or a list of them, as a list."""
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def pattern(given: Any, place: str) -> str | None:
    """A regular expression."""
    if given is None:
        return None
    try:
        regex.compile(given)
    except (regex.error, TypeError, OverflowError, RecursionError) as error:
        raise ContractError(f"{place}: pattern '{given}' is no regular expression") from error
    return given
