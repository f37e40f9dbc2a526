"""The snapshots that are kept, which of them is served, and what each load did.

A snapshot is two files: what is *shown*, which every reader opens, and the *workings*, which the
loader alone does, to begin the next one with. Neither is written again once it is published.
`current.json` says which one is served and is replaced in one step. One load at a time works in a
folder of snapshots; a lock of the operating system's sees to it, and is given back even when a load
is killed.
"""

import contextlib
import getpass
import json
import logging
import os
import re
import shutil
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import filelock

from dashboard import settings

_POINTER = "current.json"
_HISTORY = "loads.jsonl"
_DAMAGED = "damaged-"

# As publish.py makes them; whatever else stands in their place leads nowhere.
_VERSION = re.compile(r"[0-9a-f]{12}(?:-older\d*)?")

_log = logging.getLogger(__name__)


class LoadFailed(RuntimeError):
    """The load could not be done (disk full, folder unreadable); what was served is served on."""


class UnknownVersion(LookupError):
    """There is no snapshot of this version; the message names those that are kept."""


@dataclass(frozen=True)
class Pointer:
    """Which version is served, and which one it holds back: that of the exports as they are.

    A version is held back when an older one is made current again, so that the next look at the
    unchanged exports does not bring it back.
    """

    version: str
    held_back: str | None = None


def snapshot_path(warehouse: Path, version: str) -> Path:
    """The file of a snapshot that readers open."""
    return warehouse / f"snapshot-{version}.duckdb"


def workings_path(warehouse: Path, version: str) -> Path:
    """The loader's own file of a snapshot: rows as they were read, answers of few people."""
    return warehouse / f"workings-{version}.duckdb"


def pointer(warehouse: Path) -> Pointer | None:
    """What is being served, or None where nothing was ever published."""
    try:
        said = json.loads((warehouse / _POINTER).read_text(encoding="utf-8"))
        found = Pointer(said["version"], said.get("held_back"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        # Damaged by something else than a load: the next one writes it anew.
        return None
    # A version is part of a file's name.
    return found if isinstance(found.version, str) and _VERSION.fullmatch(found.version) else None


def current_version(warehouse: Path) -> str | None:
    """The version being served, or None where nothing was ever published.

    Where what points to it is lost or damaged, or the snapshot gone, the newest that is kept: each
    was whole when it was published.
    """
    found = pointer(warehouse)
    if found and snapshot_path(warehouse, found.version).is_file():
        return found.version
    return next(iter(kept(warehouse)), None)


def kept(warehouse: Path) -> list[str]:
    """The versions that are kept, newest first."""
    return [version for _, version in _kept(warehouse)]


def _kept(warehouse: Path) -> list[tuple[float, str]]:
    """When each version that is kept was made, in seconds, and which it is; newest first."""
    found = []
    for path in warehouse.glob("snapshot-*.duckdb"):
        version = path.stem.removeprefix("snapshot-")
        # One that is dropped meanwhile is not kept.
        with contextlib.suppress(OSError):
            if _VERSION.fullmatch(version):
                found.append((path.stat().st_mtime, version))
    return sorted(found, reverse=True)


def last_good(warehouse: Path) -> str | None:
    """Serve what is served, or, where that is damaged, the newest version kept that is whole.

    For a start at which the exports cannot be loaded, which would make a damaged one anew. None
    where nothing whole is kept. A damaged one is renamed, as that needs no room on the disk.
    """
    while version := current_version(warehouse):
        if is_whole(warehouse, version):
            return version
        path = snapshot_path(warehouse, version)
        _log.error("snapshot %s is damaged and not served", version)
        try:
            os.replace(path, path.with_name(f"{_DAMAGED}{version}.duckdb"))
        except OSError:
            return None
    return None


def is_whole(warehouse: Path, version: str) -> bool:
    """True where what is shown of a snapshot is, byte for byte, what was published.

    A checksum (CRC-32) of the file is kept beside it: five gigabytes a second, where a digest
    proof against intent takes four times as long, and who could write the one could write both.
    One published before there were checksums counts as whole; DuckDB checks each block it reads.
    """
    path = snapshot_path(warehouse, version)
    try:
        said = _checksum_path(path).read_text(encoding="ascii")
    except FileNotFoundError:
        return path.is_file()
    except (OSError, ValueError):
        return False
    try:
        return said == _checksum(path)
    except OSError:
        return False


def are_workings_whole(warehouse: Path, version: str) -> bool:
    """True where a snapshot's workings are what was published, and beside what is shown of it.

    Their checksum names that of the other file too: a load that was killed between the two would
    else leave two that number their files in two ways.
    """
    path = workings_path(warehouse, version)
    shown = _checksum_path(snapshot_path(warehouse, version))
    try:
        said = _checksum_path(path).read_text(encoding="ascii")
        return said == f"{_checksum(path)} {shown.read_text(encoding='ascii')}"
    except (OSError, ValueError):
        return False


def _checksum_path(path: Path) -> Path:
    return path.with_suffix(".crc32")


def _checksum(path: Path) -> str:
    found = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            found = zlib.crc32(piece, found)
    return f"{found:08x}"


@contextlib.contextmanager
def alone(warehouse: Path) -> Iterator[None]:
    """Work in this folder of snapshots while no other load does; waits for one that does.

    Raises LoadFailed where the folder cannot be written.
    """
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(warehouse / "load.lock", timeout=settings.LOAD_WAIT_SECONDS)
        lock.acquire()
    except filelock.Timeout as error:
        raise LoadFailed(
            f"another load has been at work in {warehouse} for over "
            f"{settings.LOAD_WAIT_SECONDS // 60} minutes"
        ) from error
    except OSError as error:
        raise LoadFailed(f"{warehouse} cannot be written: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()


def clear_leftovers(warehouse: Path) -> None:
    """Remove what a load that was killed left behind. Only to be called while `alone`."""
    # An upload is looked at for minutes at most; what is older was left by a process that died.
    old = time.time() - settings.UPLOAD_HELD_SECONDS
    uploads = [p for p in warehouse.glob("uploads-*") if p.stat().st_mtime < old]
    halves = (f"{_POINTER}.*", "snapshot-*.crc32.*", "workings-*.crc32.*")
    unfinished = [path for form in halves for path in warehouse.glob(form)]
    unshown = [
        path
        for path in warehouse.glob("workings-*")
        if not snapshot_path(warehouse, path.stem.removeprefix("workings-")).is_file()
    ]
    remove([*warehouse.glob("building-*"), *unfinished, *unshown, *uploads])


def remove(paths: Iterable[Path]) -> None:
    """Remove files and folders, as far as they are there."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def publish(warehouse: Path, building: Path, workings: Path, version: str) -> None:
    """Make a finished building the snapshot that is served, on the disk before it is pointed to."""
    for path in (building, workings):
        with path.open("rb+") as written:
            os.fsync(written.fileno())
    put(warehouse, building, workings, version)
    _sync_folder(warehouse)
    point(warehouse, Pointer(version))


def put(warehouse: Path, building: Path, workings: Path | None, version: str) -> None:
    """Give a finished building its place among the snapshots, and checksums beside its files."""
    # Whoever is killed in between leaves a file that counts as damaged, and is made again.
    shown = _checksum(building)
    if workings:
        place = workings_path(warehouse, version)
        _write(_checksum_path(place), f"{_checksum(workings)} {shown}")
        os.replace(workings, place)
    place = snapshot_path(warehouse, version)
    _write(_checksum_path(place), shown)
    os.replace(building, place)


def drop(warehouse: Path, version: str) -> None:
    """Remove a snapshot's files and their checksums."""
    # What is shown last: workings without it are cleared away, it without them would be offered.
    for path in (workings_path(warehouse, version), snapshot_path(warehouse, version)):
        remove([path, _checksum_path(path)])


def point(warehouse: Path, to: Pointer) -> None:
    """Serve a version from now on: the pointer is replaced in one step, never half written."""
    _write(warehouse / _POINTER, json.dumps({"version": to.version, "held_back": to.held_back}))
    _sync_folder(warehouse)


def restore(warehouse: Path, version: str) -> None:
    """Serve a version that is kept. It stays until the exports change or another is restored.

    Raises UnknownVersion where no such snapshot is kept.
    """
    with alone(warehouse):
        if version not in kept(warehouse):
            raise UnknownVersion(
                f"no snapshot of version '{version}' is kept; there are "
                f"{', '.join(kept(warehouse)) or 'none'}"
            )
        now = pointer(warehouse)
        # The exports in the folder are still those of the newest load, restored over or not.
        held = (now.held_back or now.version) if now else None
        point(warehouse, Pointer(version, None if held == version else held))
        note(warehouse, {"what": "restored", "version": version})


def drop_old(warehouse: Path, keep: str) -> None:
    """Keep the newest snapshots, the one that is served, and the last of each recent day.

    Without the last of each day, as many uploads in an hour as there are places would push out
    what was right yesterday.
    """
    remove(warehouse.glob(f"{_DAMAGED}*"))
    found = _kept(warehouse)
    last_of_day: dict[str, str] = {}
    for at, version in found:
        last_of_day.setdefault(f"{datetime.fromtimestamp(at):%Y-%m-%d}", version)
    staying = {
        keep,
        *(version for _, version in found[: settings.SNAPSHOTS_KEPT]),
        *islice(last_of_day.values(), settings.DAYS_KEPT),
    }
    for _, version in found:
        if version not in staying:
            drop(warehouse, version)


def note(warehouse: Path, entry: dict) -> None:
    """Add a line to the history of loads: when and by whom, and what `entry` says.

    What was done is done: where the line cannot be written, the log says so.
    """
    line = json.dumps({"at": _now(), "by": who(), **entry})
    try:
        with (warehouse / _HISTORY).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        _log.error("the history of loads cannot be written (%s): %s", error.strerror, line)


def history(warehouse: Path) -> list[dict]:
    """What each load did, newest first. A line that is cut off or damaged is left out."""
    try:
        text = (warehouse / _HISTORY).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    entries = []
    for line in reversed(text.splitlines()):
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict) and {"at", "what"} <= entry.keys():
                entries.append(entry)
    return entries


def who() -> str | None:
    """The user of the operating system that loads, where it knows one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def _write(path: Path, text: str) -> None:
    """Write a small file, replacing it in one step: it is never there half written."""
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too. Windows knows no such thing, and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
