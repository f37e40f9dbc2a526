"""Which files a workspace holds, and whether they are the same as before.

A file's digest is remembered with its size and times, so that a folder of ten years is looked at
and not read. A file that changed in the same moment as it was looked at is never remembered.
"""

import fnmatch
import hashlib
import json
import logging
import os
import re
import stat
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from dashboard.load.contract import Contract, Resource
from dashboard.load.outside import same_outside
from dashboard.load.read import read_file
from dashboard.load.text import FileRefused
from dashboard.load.versions import LoadFailed

# File systems note times to some hundredths of a second at best, some to two seconds. A file that
# is this young may change again without its times showing it.
_SETTLED_SECONDS = 3

# No line of an export is so long: it is no text, or a disk's worth of nothing.
_LONGEST_LINE_BYTES = 16_000_000
# Small enough to stay near the processor while it is gone over twice.
_PIECE_BYTES = 256 * 1024

_REMEMBERED = "digests.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExportFile:
    """A file of a resource: its name below the folder, where it is, and its digest.

    `copy_of` names the file of the same resource that has the same content; only that is read.
    `signature` is what the system says of it (size, times, number), to see whether it changes.
    `lines` are its line feeds, and one for a last line without.
    """

    resource: Resource
    name: str
    path: Path | None
    digest: str
    signature: tuple[int, ...] = ()
    lines: int = 0
    copy_of: str | None = None
    refused: str | None = None

    @property
    def identity(self) -> tuple[str, str, str, str | None]:
        return self.resource.name, self.name, self.digest, self.copy_of

    @property
    def size(self) -> int:
        """Its bytes, as the system counts them."""
        return self.signature[0] if self.signature else 0

    def read(self) -> bytes:
        """Its bytes. Raises FileRefused where the system will not give them."""
        if self.path is None:
            return (self.resource.data or "").encode()
        return read_file(self.path)

    def has_changed(self) -> bool:
        """True where the file is not the one that its digest was taken of."""
        if self.path is None or self.refused:
            return False
        try:
            return _signature(self.path) != self.signature
        except (OSError, FileRefused):
            return True


def find(
    contract: Contract, data: Path, warehouse: Path, uploads: Mapping[str, Path] | None = None
) -> list[ExportFile]:
    """Every file of every resource, in the contract's order and then by name.

    `uploads` are files that stand elsewhere and count as if they were in the folder under the
    name given. Raises LoadFailed where the folder, or one within it, cannot be read.
    """
    paths = _listing(data) | dict(uploads or {})
    digests = _Digests(warehouse)
    found: list[ExportFile] = []
    for resource in contract.resources:
        if resource.data is not None:
            digest = hashlib.sha256(resource.data.encode()).hexdigest()
            name = f"{contract.path.name}#{resource.name}"
            found.append(ExportFile(resource, name, None, digest))
            continue
        first: dict[tuple[str, str], str] = {}
        for name in sorted(n for n in paths if matches(n, resource)):
            try:
                digest, lines, signature = digests.of(paths[name])
            except FileRefused as error:
                found.append(ExportFile(resource, name, paths[name], "", refused=str(error)))
                continue
            copy_of = first.setdefault((digest, same_outside(resource, name)), name)
            found.append(
                ExportFile(
                    resource,
                    name,
                    paths[name],
                    digest,
                    signature,
                    lines,
                    copy_of if copy_of != name else None,
                )
            )
    digests.remember()
    return found


def matches(name: str, resource: Resource) -> bool:
    """True where a file of this name below the folder belongs to the resource."""
    return any(_matches(name, pattern) for pattern in resource.paths)


def _matches(name: str, pattern: str) -> bool:
    """As a shell does: `*` stays within a folder, `**` does not."""
    return _parts_match(PurePosixPath(name).parts, PurePosixPath(pattern).parts)


def _parts_match(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    # All places of the pattern at once: many `**` over a deep folder would else be tried in every
    # way they can share its parts.
    at = _over_stars({0}, pattern)
    for part in parts:
        on = {n + 1 for n in at if n < len(pattern) and fnmatch.fnmatchcase(part, pattern[n])}
        at = _over_stars(on | {n for n in at if pattern[n : n + 1] == ("**",)}, pattern)
    return len(pattern) in at


def _over_stars(at: set[int], pattern: tuple[str, ...]) -> set[int]:
    """The places, and those behind each `**` that may stand for nothing."""
    for n in range(len(pattern)):
        if n in at and pattern[n] == "**":
            at = at | {n + 1}
    return at


def _listing(data: Path) -> dict[str, Path]:
    """Every file below a folder by its name, as text. A folder that is linked to from within itself
    is gone into once."""

    def stop(error: OSError) -> None:
        raise LoadFailed(
            f"the folder of exports cannot be read: {error.filename}: {error.strerror}"
        ) from error

    found, been = {}, set()
    for folder, folders, files in os.walk(data, onerror=stop, followlinks=True):
        place = os.stat(folder)
        if (place.st_dev, place.st_ino) in been:
            folders.clear()
            continue
        been.add((place.st_dev, place.st_ino))
        below = Path(folder).relative_to(data)
        for name in files:
            found[_as_text((below / name).as_posix())] = Path(folder, name)
    return found


def _as_text(name: str) -> str:
    """A name as it can be shown and kept: bytes that are no text stand in it as their numbers."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _signature(path: Path) -> tuple[int, ...]:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        # Whoever opens a pipe waits for somebody to write into it.
        raise FileRefused("is a pipe, a device or a folder, and no file")
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


class _Digests:
    """The digests of files as they were, kept beside the snapshots."""

    def __init__(self, warehouse: Path) -> None:
        self._file = warehouse / _REMEMBERED
        self._known: dict[str, list] = {}
        self._seen: dict[str, list] = {}
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            known = {}
        # Lost or damaged: every file is read again, which is slower and no worse.
        self._known = known if isinstance(known, dict) else {}

    def of(self, path: Path) -> tuple[str, int, tuple[int, ...]]:
        """A file's digest, its lines, and what the system says of it. Raises FileRefused."""
        try:
            return self._of(path)
        except OSError as error:
            raise FileRefused(f"cannot be read: {error.strerror or error}") from error

    def _of(self, path: Path) -> tuple[str, int, tuple[int, ...]]:
        signature = _signature(path)
        name = str(path)
        match self._known.get(name):
            case [*held, int() as lines, str() as digest] if tuple(
                held
            ) == signature and re.fullmatch("[0-9a-f]{64}", digest):
                pass
            case _:
                lines, digest = _read_through(path)
        newest = max(signature[1], signature[2])
        if time.time_ns() - newest > _SETTLED_SECONDS * 1_000_000_000:
            self._seen[name] = [*signature, lines, digest]
        return digest, lines, signature

    def remember(self) -> None:
        if self._seen == self._known:
            return
        fresh = self._file.with_name(f"building-{uuid.uuid4().hex}.json")
        try:
            fresh.write_text(json.dumps(self._seen), encoding="utf-8")
            os.replace(fresh, self._file)
        except OSError as error:
            # They spare reading the files again, and no more.
            _log.warning("digests of the exports cannot be kept: %s", error.strerror)


_LINE_FEED, _RETURN = b"\n\r"


def _read_through(path: Path) -> tuple[int, str]:
    digest, lines, last, line = hashlib.sha256(), 0, _LINE_FEED, 0
    piece = np.empty(_PIECE_BYTES, np.uint8)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(piece):
            read = piece[:size]
            digest.update(read)
            feeds = int(np.count_nonzero(read == _LINE_FEED))
            lines += feeds
            last = int(read[-1])
            line = 0 if feeds or (read == _RETURN).any() else line + size
            if line > _LONGEST_LINE_BYTES:
                raise FileRefused(
                    f"has a line of more than {_LONGEST_LINE_BYTES // 1_000_000} MB, which is no "
                    "line of an export"
                )
    return lines + (last != _LINE_FEED), digest.hexdigest()
