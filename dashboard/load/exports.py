"""Which files a workspace holds, and whether they are the same as before.

A file's digest is remembered with its size and times, so that a folder of ten years is looked at
and not read. A file that changed in the same moment as it was looked at is never remembered.
"""

import fnmatch
import hashlib
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dashboard.load.contract import Contract, Resource
from dashboard.load.outside import same_outside
from dashboard.load.read import read_file
from dashboard.load.versions import LoadFailed

# File systems note times to some hundredths of a second at best, some to two seconds. A file that
# is this young may change again without its times showing it.
_SETTLED_SECONDS = 3

_REMEMBERED = "digests.json"


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
        try:
            return self.path is not None and _signature(self.path) != self.signature
        except OSError:
            return True


def find(
    contract: Contract, data: Path, warehouse: Path, uploads: Mapping[str, Path] | None = None
) -> list[ExportFile]:
    """Every file of every resource, in the contract's order and then by name.

    `uploads` are files that stand elsewhere and count as if they were in the folder under the
    name given. Raises LoadFailed where the folder, or one within it, cannot be read.
    """
    names = _listing(data)
    uploads = uploads or {}
    paths = {name: data / name for name in names} | dict(uploads)
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
            except OSError as error:
                why = f"cannot be read: {error.strerror or error}"
                found.append(ExportFile(resource, name, paths[name], "", refused=why))
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
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_parts_match(parts[n:], pattern[1:]) for n in range(len(parts) + 1))
    return (
        bool(parts)
        and fnmatch.fnmatchcase(parts[0], pattern[0])
        and _parts_match(parts[1:], pattern[1:])
    )


def _listing(data: Path) -> list[str]:
    def stop(error: OSError) -> None:
        raise LoadFailed(
            f"the folder of exports cannot be read: {error.filename}: {error.strerror}"
        ) from error

    names = []
    for folder, _, files in os.walk(data, onerror=stop, followlinks=True):
        below = Path(folder).relative_to(data)
        names += [(below / name).as_posix() for name in files]
    return names


def _signature(path: Path) -> tuple[int, ...]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


class _Digests:
    """The digests of files as they were, kept beside the snapshots."""

    def __init__(self, warehouse: Path) -> None:
        self._file = warehouse / _REMEMBERED
        self._known: dict[str, list] = {}
        self._seen: dict[str, list] = {}
        try:
            self._known = json.loads(self._file.read_text())
        except (OSError, ValueError):
            # Lost or damaged: every file is read again, which is slower and no worse.
            self._known = {}

    def of(self, path: Path) -> tuple[str, int, tuple[int, ...]]:
        """A file's digest, its lines, and what the system says of it. Raises OSError."""
        signature = _signature(path)
        name = str(path)
        held = self._known.get(name)
        if isinstance(held, list) and held[:-2] == list(signature):
            lines, digest = held[-2:]
        else:
            lines, digest = _read_through(path)
        newest = max(signature[1], signature[2])
        if time.time_ns() - newest > _SETTLED_SECONDS * 1_000_000_000:
            self._seen[name] = [*signature, lines, digest]
        return digest, lines, signature

    def remember(self) -> None:
        if self._seen == self._known:
            return
        fresh = self._file.with_name(f"building-{uuid.uuid4().hex}.json")
        fresh.write_text(json.dumps(self._seen))
        os.replace(fresh, self._file)


def _read_through(path: Path) -> tuple[int, str]:
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last != b"\n"), digest.hexdigest()
