"""What is remembered, within a number of bytes: answers, exhibits, and what was drawn of them.

One store for the whole process, because nobody can say beforehand whether its readers look at few
large things or at many small ones. What was asked for longest ago goes first.
"""

import dataclasses
import functools
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, ParamSpec, TypeVar

from dashboard import settings

P = ParamSpec("P")
R = TypeVar("R")

# A value larger than this part of the whole is not kept: it would push out what many share.
_LARGEST_PART = 8

# What an entry costs beside its value: its key, its place in the order, its number of bytes.
_ENTRY = 600


class Store:
    """Values by their keys, together no more than `limit` bytes; the least recently used go.

    Safe for many threads. `limit` is asked each time, so that it can be changed.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> tuple[Any, int] | None:
        """The value under a key with its bytes, or None."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value of so many bytes, letting others go as far as it needs their room."""
        limit, size = self._limit(), size + _ENTRY
        if size > limit // _LARGEST_PART:
            return
        with self._lock:
            if key in self._held:
                return
            self._held[key] = value, size
            self._bytes += size
            while self._bytes > limit:
                _, (_, freed) = self._held.popitem(last=False)
                self._bytes -= freed

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._bytes = 0

    @property
    def bytes(self) -> int:
        """What is held, in bytes."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._held)


store = Store(lambda: settings.REMEMBERED_BYTES)


class Remembered(Generic[P, R]):
    """A function whose answers are kept in the store; `forgetful` is the function as it is."""

    def __init__(self, make: Callable[P, R], size: Callable[[R], int]) -> None:
        self.forgetful = make
        self._size = size
        functools.update_wrapper(self, make)

    def __call__(self, *given: P.args, **named: P.kwargs) -> R:
        key = (self.forgetful, given, tuple(named.items())) if named else (self.forgetful, given)
        found = store.find(key)
        if found is not None:
            return found[0]
        value = self.forgetful(*given, **named)
        store.keep(key, value, self._size(value))
        return value


def remembered(
    make: Callable[P, R] | None = None, *, size: Callable[[R], int] | None = None
) -> Any:
    """Keep what a function answers, by what it is given, which has to be hashable.

    All readers share an answer, and none may change it. `size` tells the bytes of an answer, where
    `size_of` cannot.
    """
    if make is None:
        return functools.partial(remembered, size=size)
    return Remembered(make, size or size_of)


def size_of(value: Any) -> int:
    """The bytes of a value and of all that it holds: containers, dataclasses, and their parts.

    Counted no further than to what is too large to be kept anyway. Each part once, however often
    it is referred to; what other values share with it counts in each, so that together they rather
    take less than they are counted as.
    """
    total, seen, left = 0, set(), [value]
    most = settings.REMEMBERED_BYTES // _LARGEST_PART
    while left and total <= most:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        if isinstance(one, dict):
            left += one.keys()
            left += one.values()
        elif isinstance(one, tuple | list | set | frozenset):
            left += one
        elif dataclasses.is_dataclass(one) and not isinstance(one, type):
            left += [getattr(one, f.name) for f in dataclasses.fields(one)]
    return total
