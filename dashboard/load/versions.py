"""The snapshots that are kept, which of them is served, and what each load did.

A snapshot is never written again once it is published. `current.json` says which one is served
and is replaced in one step. One load at a time works in a folder of snapshots; a lock of the
operating system's sees to it, and is given back even when a load is killed.
"""

import contextlib
import getpass
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock

from dashboard import settings

_POINTER = "current.json"
_HISTORY = "loads.jsonl"


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
    """The file of a snapshot."""
    return warehouse / f"snapshot-{version}.duckdb"


def pointer(warehouse: Path) -> Pointer | None:
    """What is being served, or None where nothing was ever published."""
    try:
        said = json.loads((warehouse / _POINTER).read_text())
        return Pointer(said["version"], said.get("held_back"))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        # Damaged by something else than a load: the next one writes it anew.
        return None


def current_version(warehouse: Path) -> str | None:
    """The version being served, or None where nothing was ever published."""
    found = pointer(warehouse)
    return found.version if found else None


def kept(warehouse: Path) -> list[str]:
    """The versions that are kept, newest first."""
    files = sorted(
        warehouse.glob("snapshot-*.duckdb"), key=lambda p: p.stat().st_mtime_ns, reverse=True
    )
    return [p.stem.removeprefix("snapshot-") for p in files]


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
    remove([*warehouse.glob("building-*"), *warehouse.glob(f"{_POINTER}.*"), *uploads])


def remove(paths: Iterable[Path]) -> None:
    """Remove files and folders, as far as they are there."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def publish(warehouse: Path, building: Path, version: str) -> None:
    """Make a finished building the snapshot that is served, on the disk before it is pointed to."""
    with building.open("rb+") as written:
        os.fsync(written.fileno())
    os.replace(building, snapshot_path(warehouse, version))
    _sync_folder(warehouse)
    point(warehouse, Pointer(version))


def point(warehouse: Path, to: Pointer) -> None:
    """Serve a version from now on: the pointer is replaced in one step, never half written."""
    fresh = warehouse / f"{_POINTER}.{uuid.uuid4().hex}"
    with fresh.open("w") as file:
        json.dump({"version": to.version, "held_back": to.held_back}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, warehouse / _POINTER)
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
    """Keep the newest snapshots and the one that is served."""
    for version in kept(warehouse)[settings.SNAPSHOTS_KEPT :]:
        if version != keep:
            snapshot_path(warehouse, version).unlink(missing_ok=True)


def note(warehouse: Path, entry: dict) -> None:
    """Add a line to the history of loads: when and by whom, and what `entry` says."""
    line = json.dumps({"at": _now(), "by": who(), **entry}, ensure_ascii=False)
    with (warehouse / _HISTORY).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def history(warehouse: Path) -> list[dict]:
    """What each load did, newest first. A line that a kill cut off is left out."""
    try:
        lines = (warehouse / _HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    entries = []
    for line in reversed(lines):
        with contextlib.suppress(json.JSONDecodeError):
            entries.append(json.loads(line))
    return entries


def who() -> str | None:
    """The user of the operating system that loads, where it knows one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


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
