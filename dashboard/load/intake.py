"""New files on their way into the folder of exports: named safely, tried, kept as they came."""

import contextlib
import fnmatch
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dashboard import settings
from dashboard.load.contract import Contract, Resource, read_contract
from dashboard.load.exports import matches
from dashboard.load.feeds import SENSITIVE
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.load.read import open_export, read_file
from dashboard.load.text import FileRefused
from dashboard.load.versions import LoadFailed
from dashboard.settings import Workspace


class NotPlaced(ValueError):
    """It cannot be told which feed a file is of; says what was tried."""


@dataclass(frozen=True)
class Upload:
    """A file as it came: the name it was given by whoever sent it, and its bytes."""

    name: str
    content: bytes


def place(workspace: Workspace, files: Sequence[Path], feed: str | None = None) -> dict[str, Path]:
    """The name each file has, or would have, below the folder of exports.

    A file in the folder keeps its name. Any other is of the feed (or resource) given, else of the
    one whose header it has. Raises NotPlaced where that is none or several.
    """
    contract = read_contract(workspace.contract)
    placed: dict[str, Path] = {}
    for path in files:
        try:
            name = _name_for(contract, workspace, path.resolve(), feed)
        except FileRefused as error:
            raise NotPlaced(f"{path}: {error}") from error
        if name in placed:
            raise NotPlaced(f"{path} and {placed[name]} would both be {name}")
        placed[name] = path.resolve()
    return placed


def _name_for(contract: Contract, workspace: Workspace, path: Path, feed: str | None) -> str:
    wanted = [r for r in contract.resources if r.paths and feed in (None, r.name, r.feed)]
    if not wanted:
        known = ", ".join(dict.fromkeys(r.name for r in contract.resources))
        raise NotPlaced(f"the contract has no feed '{feed}'; it has {known}")
    if path.is_relative_to(workspace.data):
        name = path.relative_to(workspace.data).as_posix()
        if any(matches(name, r) for r in wanted):
            return name
    raw = read_file(path)
    resource = _resource_for(wanted, path.name, raw)
    return _safe_name(path.name, resource)


def _resource_for(wanted: list[Resource], name: str, raw: bytes) -> Resource:
    """The resource whose header the file has; of several, the one whose files are named so."""
    if len(wanted) == 1:
        return wanted[0]
    # What stands under one path is one file of several resources: any of them names it.
    by_paths = {r.paths: r for r in reversed(wanted)}
    if len(by_paths) == 1:
        return wanted[0]
    fitting: list[tuple[int, Resource]] = []
    reasons = []
    for resource in wanted:
        try:
            layout = open_export(raw, resource, name).layout
        except FileRefused as error:
            reasons.append(f"{resource.name}: {error}")
            continue
        found = {i for part in layout.parts for i, p in enumerate(part.places) if p is not None}
        fitting.append((len(found), resource))
    if not fitting:
        shown = "; ".join(reasons[:3])
        raise NotPlaced(f"{name} has the header of no feed of this workspace ({shown})")
    most = max(count for count, _ in fitting)
    best = [r for count, r in fitting if count == most]
    named = [r for r in best if any(_basename_matches(name, p) for p in r.paths)]
    chosen = named or best
    if len({r.paths for r in chosen}) > 1:
        raise NotPlaced(f"{name} could be of {' or of '.join(r.name for r in chosen)}: say which")
    return chosen[0]


def _basename_matches(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, PurePosixPath(pattern).name)


def _safe_name(name: str, resource: Resource) -> str:
    """The file's place below the folder: where the resource's files stand, under a plain name."""
    pattern = PurePosixPath(resource.paths[0])
    if not re.search(r"[*?\[]", str(pattern)):
        return str(pattern)
    folder = PurePosixPath(*(part for part in pattern.parent.parts if part != "**"))
    plain = _plain_name(name)
    for one in resource.paths:
        if matches(str(folder / plain), resource):
            return str(folder / plain)
        inside = PurePosixPath(one)
        fitted = re.sub(r"\*+", PurePosixPath(plain).stem, inside.name, count=1)
        if matches(str(folder / fitted), resource):
            return str(folder / fitted)
    raise NotPlaced(
        f"no file named like {name} is read for {resource.name}: its files are "
        f"{', '.join(resource.paths)}"
    )


def _plain_name(name: str) -> str:
    """Whatever path, drive or control character a name brings, only its last part's letters."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", re.split(r"[\\/]", name)[-1]).strip(".-")
    return plain[-settings.LONGEST_FILE_NAME :] or "export.csv"


@contextlib.contextmanager
def held(workspace: Workspace, uploads: Sequence[Upload]) -> Iterator[list[Path]]:
    """The uploads as files, byte for byte, for as long as they are looked at."""
    folder = workspace.warehouse / f"uploads-{uuid.uuid4().hex}"
    try:
        paths = []
        for number, upload in enumerate(uploads):
            path = folder / str(number) / _plain_name(upload.name)
            path.parent.mkdir(parents=True)
            path.write_bytes(upload.content)
            paths.append(path)
        yield paths
    except OSError as error:
        raise LoadFailed(f"the upload could not be kept: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def try_uploads(
    workspace: Workspace, uploads: Sequence[Upload], feed: str | None = None
) -> tuple[LoadReport, list[str]]:
    """What would become of these files, and the names they would have. Publishes nothing.

    Raises NotPlaced, ContractError or LoadFailed; a refusal is in the report.
    """
    with held(workspace, uploads) as paths:
        placed = place(workspace, paths, feed)
        try:
            report = load(workspace, uploads=placed, only_try=True, sent=placed)
        except LoadRefused as refusal:
            report = refusal.report
        # What is wrong in a survey's file that was there already may be of few people.
        report.problems = [
            p for p in report.problems if p["feed"] not in SENSITIVE or p["file"] in placed
        ]
        for account in report.files:
            if account.feed in SENSITIVE and account.file not in placed:
                account.reconciled, account.over_time = [], None
        return report, list(placed)


def accept(workspace: Workspace, uploads: Sequence[Upload], feed: str | None = None) -> LoadReport:
    """Put the files into the folder of exports and load it.

    A file they replace is kept in the folder `replaced` of the snapshots. Where the load is
    refused, the folder is put back as it was, and the error raised.
    """
    with held(workspace, uploads) as paths:
        placed = place(workspace, paths, feed)
        # Named for when and, since two can come within a second, for which.
        at = f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
        kept = workspace.warehouse / "replaced" / at
        before: dict[str, Path | None] = {}
        try:
            for name, path in placed.items():
                before[name] = _put(workspace.data, name, path, kept)
            return load(workspace, sent=placed)
        except BaseException as error:
            _put_back(workspace.data, before)
            if isinstance(error, OSError):
                raise LoadFailed(
                    f"the folder of exports cannot be written: {error.strerror or error}"
                ) from error
            raise


def _put(data: Path, name: str, path: Path, kept: Path) -> Path | None:
    """Put a file in its place in one step. Answers where the one it replaces is kept, if any."""
    target = data / name
    target.parent.mkdir(parents=True, exist_ok=True)
    old = None
    if target.exists():
        old = kept / name
        old.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(target, old)
    fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    shutil.copyfile(path, fresh)
    os.replace(fresh, target)
    return old


def _put_back(data: Path, before: Mapping[str, Path | None]) -> None:
    for name, old in before.items():
        if old is None:
            (data / name).unlink(missing_ok=True)
        else:
            # Moved, not copied: what was put back was not replaced.
            shutil.move(old, data / name)
