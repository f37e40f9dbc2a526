"""Whether another checkout answers the same: every query, every exhibit, the shipped story.

    python -m tests.same OLD                 OLD: a checkout, or a dump that was kept
    python -m tests.same OLD --only lgbf     workspaces whose names hold that
    python -m tests.same --keep FILE.json.gz write what this checkout answers, to compare later

Each checkout loads every workspace with its own code into a warehouse of its own and answers in a
process of its own (tests/dump.py, which lists the names of the product that it goes through). The
exports and contracts are this checkout's for both: the shipped ones, those of tests/, and those of
../shared/real and ../shared/cases that are there. Differences are printed by workspace, exhibit and
field, with the old and the new; the exit status is then 1.
"""

import argparse
import difflib
import gzip
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# A row of a difference is cut to this; the whole is in the dumps.
_WIDTH = 300

# Differences of one field that are printed; the others are counted.
_SHOWN = 3

# Answers that differ in one place of a table need not be told twice.
_NOTHING = "(nothing)"


@dataclass(frozen=True)
class Exports:
    """A workspace's name, its folder and its contract."""

    name: str
    data: Path
    contract: Path


@dataclass(frozen=True)
class Difference:
    """One value that differs: whose, of what with which parameters, where in it."""

    workspace: str
    what: str
    parameters: str
    field: str
    old: str
    new: str


def workspaces(scratch: Path) -> tuple[list[Exports], list[str]]:
    """Every workspace there is, and contracts that no folder has the files for."""
    data = ROOT / "data"
    every, lacking = [Exports("shipped", data, data / "datapackage.json")], []
    folders = [_unpacked(f, scratch) for f in sorted((SHARED / "real").glob("*")) if f.is_dir()]
    for contract in sorted((ROOT / "tests").glob("**/datapackage.json")):
        name = str(contract.parent.relative_to(ROOT / "tests"))
        beside = [contract.parent, *(f for f in folders if f.name == contract.parent.name)]
        fits = [f for f in (*beside, *folders) if _fits(contract, f)]
        if fits:
            every.append(Exports(name, fits[0], contract))
        else:
            lacking.append(name)
    for contract in sorted((SHARED / "cases").glob("**/datapackage.json")):
        inner = contract.parent / "data"
        folder = inner if inner.is_dir() else contract.parent
        name = str(contract.parent.relative_to(SHARED))
        every.append(Exports(name, folder, contract))
    return every, lacking


def _fits(contract: Path, folder: Path) -> bool:
    """Whether the folder has a file for every resource of the contract that names files."""
    resources = json.loads(contract.read_text(encoding="utf-8"))["resources"]
    paths = [r["path"] for r in resources if "path" in r]
    patterns = [p for path in paths for p in (path if isinstance(path, list) else [path])]
    return bool(patterns) and all(any(folder.glob(p)) for p in patterns)


def _unpacked(folder: Path, scratch: Path) -> Path:
    """The folder, or a copy of it where files in it are compressed."""
    packed = [*folder.glob("*.xz"), *folder.glob("*.gz")]
    if not packed:
        return folder
    copy = scratch / folder.name
    shutil.copytree(folder, copy)
    for path in packed:
        opened = lzma.open if path.suffix == ".xz" else gzip.open
        with opened(path) as source, (copy / path.stem).open("wb") as out:
            shutil.copyfileobj(source, out)
    return copy


def dump(checkout: Path, of: Exports, scratch: Path) -> dict[str, Any]:
    """What a checkout answers of a workspace. Raises RuntimeError with what it said in the end."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        out = Path(folder) / "dump.json"
        environment = {
            **{k: v for k, v in os.environ.items() if k != "STORIES_DATABASE"},
            "DATA": str(of.data),
            "CONTRACT": str(of.contract),
            "WAREHOUSE": str(Path(folder) / "warehouse"),
            "PYTHONPATH": str(checkout),
            # An order of a set is none, and the same in both.
            "PYTHONHASHSEED": "0",
        }
        # -P: beside this file lie modules that the product must not find.
        done = subprocess.run(
            [sys.executable, "-P", str(ROOT / "tests" / "dump.py"), str(out)],
            cwd=checkout, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{checkout} fails on {of.name}:\n{done.stderr[-4000:]}")
        return json.loads(out.read_text(encoding="utf-8"))


def differences(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    """Every value that differs between two dumps of a workspace."""
    for field, was, now in _walked((), old.get("load"), new.get("load")):
        yield Difference(name, "load", "", " ".join(field), was, now)
    for kind in ("queries", "exhibits"):
        olds, news = old.get(kind) or {}, new.get(kind) or {}
        for what in sorted({*olds, *news}):
            label = f"{kind[:-1] if kind == 'exhibits' else 'query'} {what}"
            if what not in olds or what not in news:
                gone = what in olds
                yield Difference(name, label, "", "", *_there(gone))
                continue
            for at in sorted({*olds[what], *news[what]}):
                for field, was, now in _walked((), olds[what].get(at), news[what].get(at)):
                    yield Difference(name, label, at, " ".join(field), was, now)
    for field, was, now in _walked((), old.get("documents"), new.get("documents")):
        yield Difference(name, f"document {field[0] if field else ''}", "", " ".join(field[1:]),
                         was, now)  # fmt: skip


def _there(is_gone: bool) -> tuple[str, str]:
    return ("there", _NOTHING) if is_gone else (_NOTHING, "there")


def _walked(
    field: tuple[str, ...], old: Any, new: Any
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _walked((*field, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(field, old, new)
    else:
        yield field, _short(old), _short(new)


def _of_lists(
    field: tuple[str, ...], old: list[Any], new: list[Any]
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if len(old) == len(new):
        for was, now in zip(old, new, strict=True):
            yield from _walked(field, was, now)
        return
    olds, news = ([json.dumps(v, ensure_ascii=False) for v in side] for side in (old, new))
    for change, a, b, c, d in difflib.SequenceMatcher(None, olds, news, False).get_opcodes():
        if change != "equal":
            yield field, _short(old[a:b]), _short(new[c:d])


def _short(value: Any) -> str:
    if value is None or value == []:
        return _NOTHING
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}… ({len(text)} characters)"


def told(found: list[Difference]) -> list[str]:
    """The differences as lines: by workspace, what, and field; equal ones once, counted."""
    groups: dict[tuple[str, str, str], dict[tuple[str, str], list[str]]] = {}
    for one in found:
        pairs = groups.setdefault((one.workspace, one.what, one.field), {})
        pairs.setdefault((one.old, one.new), []).append(one.parameters)
    lines = []
    for (workspace, what, field), pairs in groups.items():
        lines.append(f"{workspace} · {what}{f' · {field}' if field else ''}")
        for (old, new), where in list(pairs.items())[:_SHOWN]:
            times = f", and {len(where) - 1} more alike" if len(where) > 1 else ""
            if where[0] or times:
                lines.append(f"    ({where[0]}{times})")
            lines += [f"    old: {old}", f"    new: {new}"]
        if len(pairs) > _SHOWN:
            lines.append(f"    … and {len(pairs) - _SHOWN} more of this field")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """0 if all is the same, 1 if anything differs, 2 if a checkout could not be asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.same")
    parser.add_argument("old", nargs="?", type=Path, help="a checkout, or a dump that was kept")
    parser.add_argument("--only", default="", help="workspaces whose names hold this")
    parser.add_argument("--keep", type=Path, help="write what this checkout answers here")
    given = parser.parse_args(arguments)
    if not given.old and not given.keep:
        parser.error("name an older checkout or a dump, or a file to keep this one's in")
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _compare(given, Path(folder))
    except RuntimeError as failed:
        print(failed, file=sys.stderr)
        return 2


def _compare(given: argparse.Namespace, scratch: Path) -> int:
    every, lacking = workspaces(scratch)
    chosen = [one for one in every if given.only in one.name]
    if not chosen:
        raise RuntimeError(f"no workspace is called '{given.only}'")
    before = _kept(given.old) if given.old and given.old.is_file() else None
    if given.old and before is None and not (given.old / "dashboard").is_dir():
        raise RuntimeError(f"{given.old} is neither a checkout nor a dump")
    answered: dict[str, Any] = {}
    found: list[Difference] = []
    for one in chosen:
        # Both at once: two processors wait for nobody.
        with ThreadPoolExecutor() as both:
            now = both.submit(dump, ROOT, one, scratch)
            old = both.submit(dump, given.old.resolve(), one, scratch) if _asks(given) else None
            answered[one.name] = now.result()
            was = old.result() if old else (before or {}).get(one.name)
        if given.old and was is None:
            print(f"{one.name}: not in {given.old}")
        elif given.old:
            found += differences(one.name, was, answered[one.name])
        print(f"{one.name}: {_counted(answered[one.name])}", file=sys.stderr, flush=True)
    for name in lacking:
        print(f"{name}: no folder of exports here has its files", file=sys.stderr)
    if given.keep:
        with gzip.open(given.keep, "wt", encoding="utf-8") as out:
            json.dump(answered, out, ensure_ascii=False)
    for line in told(found):
        print(line)
    if given.old:
        print(f"{len(chosen)} workspaces, {len(found)} differences")
    return 1 if found else 0


def _asks(given: argparse.Namespace) -> bool:
    return bool(given.old and given.old.is_dir())


def _kept(path: Path) -> dict[str, Any]:
    with gzip.open(path, "rt", encoding="utf-8") as kept:
        return json.load(kept)


def _counted(answers: dict[str, Any]) -> str:
    counts = (
        f"{sum(map(len, answers[kind].values()))} answers of {len(answers[kind])} {kind}"
        for kind in ("queries", "exhibits")
        if kind in answers
    )
    return ", ".join((*counts, f"{len(answers.get('documents', ()))} documents"))


if __name__ == "__main__":
    sys.exit(main())
