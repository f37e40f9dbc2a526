"""What must not change a figure, doesn't: order, files, headings, bytes and the way that is read.

The exports are the shipped ones, cut down to a year and a half of four services. They are written
in another way each time, loaded, and everything that pages read is compared: each table of the
snapshot as a set of rows, and each query's answer row by row, since pages show them in that order.
"""

import csv
import io
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard import settings, warehouse
from dashboard.load.publish import LoadReport, load
from dashboard.load.versions import snapshot_path
from dashboard.settings import Workspace

SERVICES = ("finance", "ict", "council_tax", "business_improvement", "onesource")
SINCE = "2016-10"
LEDGER_EVERY = 12

# What tells of files and lines, which may well be others.
_OF_FILES = {
    *("build", "contract_fields", "expectations", "feeds", "files", "reconciled", "resources"),
    *("restatements", "set_aside", "skipped", "workspace", "warnings"),
}
_PLACES = {"file_id", "file", "line", "newest_file", "data_version", "loaded_at", "source"}
_OF_THE_LOAD = {
    *("contract_fields", "doubtful_figures", "feeds", "files", "overdue_figures", "reconciled"),
    *("restatements", "set_aside", "set_aside_kinds", "skipped_rows", "workspace"),
}

Rows = list[list[str]]


@dataclass(frozen=True)
class Exports:
    """A workspace as it is to be written: files by feed, and how their bytes are made."""

    files: dict[str, dict[str, Rows]]
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    padding: str = ""
    # Texts that a heading goes through on its way: the contract knows it in any case and spacing.
    heading: Callable[[str], str] = field(default=lambda text: text)

    def changed(self, change: Callable[[Rows], Rows]) -> "Exports":
        """The same files, each with other rows; a file's first row is its header."""
        return replace(
            self,
            files={
                feed: {name: change(rows) for name, rows in files.items()}
                for feed, files in self.files.items()
            },
        )

    def written(self, folder: Path) -> Path:
        """Write every file and the contract into a folder."""
        for feed, files in self.files.items():
            for name, rows in files.items():
                self.write(folder / feed / name, rows)
        (folder / "datapackage.json").write_text(json.dumps(_contract()), encoding="utf-8")
        return folder

    def write(self, path: Path, rows: Rows) -> None:
        """Write one file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO(newline="")
        out = csv.writer(
            text,
            delimiter=self.delimiter,
            lineterminator=self.line_end,
            quoting=self.quoting,
        )
        out.writerow([self.heading(h) for h in rows[0]])
        out.writerows([f"{self.padding}{c}{self.padding}" for c in row] for row in rows[1:])
        path.write_bytes(text.getvalue().encode(self.encoding))


@cache
def _contract() -> dict[str, Any]:
    contract = json.loads((settings.ROOT / "data" / "datapackage.json").read_text("utf-8"))
    for resource in contract["resources"]:
        resource["path"] = f"{resource['name']}/*.csv"
        # Encodings are to be recognised.
        del resource["encoding"]
    return contract


@cache
def _shipped() -> dict[str, dict[str, Rows]]:
    """The shipped exports, cut down, with letters beyond ASCII in names and free text."""
    contract = json.loads((settings.ROOT / "data" / "datapackage.json").read_text("utf-8"))
    kept: dict[str, dict[str, Rows]] = {}
    measures: set[str] = set()
    for resource in contract["resources"]:
        feed = resource["name"]
        kept[feed] = {}
        for path in sorted((settings.ROOT / "data").glob(resource["path"])):
            with path.open(encoding="utf-8", newline="") as lines:
                header, *rows = csv.reader(lines)
            at = {name: place for place, name in enumerate(header)}
            rows = [r for r in rows if _is_kept(feed, r, at, measures)]
            if feed == "measures":
                measures |= {r[at["measure_id"]] for r in rows}
            if feed == "ledger":
                rows = rows[::LEDGER_EVERY]
                for row in rows[::5]:
                    row[at["supplier"]] += " – Café “£”"
                    row[at["description"]] = 'He said "on account; net", 50 % | tab'
            if feed == "services":
                rows = [[c.replace("Finance", "Finance – Trésor") for c in r] for r in rows]
            # Months are put together by year: each file costs its time in each of many loads.
            name = f"{feed}-{path.stem.removeprefix(feed)[1:5]}.csv"
            if rows:
                kept[feed].setdefault(name, [header]).extend(rows)
    return kept


def _is_kept(feed: str, row: list[str], at: dict[str, int], measures: set[str]) -> bool:
    if feed in ("targets", "benchmarks"):
        return row[at["measure_id"]] in measures
    if feed == "events" and row[at["measure_id"]]:
        return row[at["measure_id"]] in measures
    service = row[at["service_id"]] if "service_id" in at else ""
    if service and service not in SERVICES:
        return False
    when = next((row[at[f]] for f in ("period", "date", "year") if f in at), "")
    return feed in ("published", "satisfaction", "events") or not when or when[:7] >= SINCE


@cache
def exports() -> Exports:
    """The exports as they are shipped."""
    return Exports(_shipped())


# What is done to them ---------------------------------------------------------------------------


def shuffled(given: Exports, chance: random.Random) -> Exports:
    """The rows of each file in any order."""
    return given.changed(lambda rows: [rows[0], *chance.sample(rows[1:], len(rows) - 1)])


def columns_moved(given: Exports, chance: random.Random) -> Exports:
    """The columns of each file in any order, with one among them that means nothing."""

    def moved(rows: Rows) -> Rows:
        order = chance.sample(range(len(rows[0])), len(rows[0]))
        extra = chance.randrange(len(order) + 1)
        made = [[row[at] for at in order] for row in rows]
        for nth, row in enumerate(made):
            row.insert(extra, "Officer" if nth == 0 else "A. N. Other")
        return made

    return given.changed(moved)


def split(given: Exports, chance: random.Random) -> Exports:
    """Each file of several rows as two or three."""
    files: dict[str, dict[str, Rows]] = {}
    for feed, mine in given.files.items():
        files[feed] = {}
        for name, (header, *rows) in mine.items():
            parts = min(len(rows), chance.choice((2, 3)))
            for part in range(parts):
                files[feed][f"{part}-{name}"] = [header, *rows[part::parts]]
    return replace(given, files=files)


def merged(given: Exports, chance: random.Random) -> Exports:
    """All files of a feed as one."""
    files = {}
    for feed, mine in given.files.items():
        if not mine:
            continue
        header = next(iter(mine.values()))[0]
        assert all(rows[0] == header for rows in mine.values())
        files[feed] = {"all.csv": [header, *(r for rows in mine.values() for r in rows[1:])]}
    return replace(given, files=files)


def renamed(given: Exports, chance: random.Random) -> Exports:
    """Other names, so that files come in another order."""
    files = {
        feed: {
            f"{chance.randrange(10**6)} export of {nth}.CSV.csv": r
            for nth, r in enumerate(m.values())
        }
        for feed, m in given.files.items()
    }
    return replace(given, files=files)


def sent_twice(given: Exports, chance: random.Random) -> Exports:
    """Every file a second time, under another name."""
    files = {
        feed: mine | {f"copy of {name}": rows for name, rows in mine.items()}
        for feed, mine in given.files.items()
    }
    return replace(given, files=files)


def overlapping(given: Exports, chance: random.Random) -> Exports:
    """Some rows of a feed with a key once more, in a file of their own: a late month sent again."""
    files = dict(given.files)
    for feed in ("performance", "costs", "volumes", "satisfaction", "memberships", "targets"):
        name, (header, *rows) = chance.choice(list(files[feed].items()))
        again = [header, *chance.sample(rows, max(1, len(rows) // 3))]
        files[feed] = files[feed] | {f"once more {name}": again}
    return replace(given, files=files)


def in_another_encoding(given: Exports, chance: random.Random) -> Exports:
    return replace(given, encoding=chance.choice(("cp1252", "utf-8-sig", "utf-16")))


def with_another_delimiter(given: Exports, chance: random.Random) -> Exports:
    return replace(given, delimiter=chance.choice(";\t|"))


def with_other_line_ends(given: Exports, chance: random.Random) -> Exports:
    return replace(given, line_end=chance.choice(("\r\n", "\r")))


def quoted(given: Exports, chance: random.Random) -> Exports:
    return replace(given, quoting=csv.QUOTE_ALL)


def padded(given: Exports, chance: random.Random) -> Exports:
    return replace(given, padding=" ")


def headings_in_capitals(given: Exports, chance: random.Random) -> Exports:
    return replace(given, heading=lambda text: f" {text.upper().replace('_', ' ')} ")


CHANGES = (
    *(shuffled, columns_moved, split, merged, renamed, sent_twice, overlapping),
    *(in_another_encoding, with_another_delimiter, with_other_line_ends, quoted, padded),
    headings_in_capitals,
)


# What is compared -------------------------------------------------------------------------------


def loaded(folder: Path, warehouse_folder: Path | None = None) -> tuple[Workspace, LoadReport]:
    """Load a folder; nothing may be set aside."""
    workspace = Workspace(
        folder, folder / "datapackage.json", warehouse_folder or folder / "warehouse"
    )
    report = load(workspace)
    aside = [(p["file"], p["line"], p["reason"]) for p in report.problems]
    assert report.is_clean and not aside, aside[:5]
    return workspace, report


def figures(workspace: Workspace, version: str) -> dict[str, Counter]:
    """Every table that pages read, as rows without their places."""
    path = snapshot_path(workspace.warehouse, version)
    with duckdb.connect(str(path), read_only=True) as con:
        found = con.execute(
            "select table_name, list(column_name order by column_name) from duckdb_columns() "
            "where schema_name = 'main' and not internal group by 1"
        ).fetchall()
        return {
            f"table {table}": Counter(
                tuple(map(_rounded, row))
                for row in con.execute(_rows_of(table, columns)).fetchall()
            )
            for table, columns in found
            if table not in _OF_FILES
        }


def _rows_of(table: str, columns: list[str]) -> str:
    kept = [c for c in columns if c not in _PLACES]
    if table in ("supplier_monthly", "supplier_sums"):
        # They have a row for each file, so that a file can be taken back.
        sums = {
            "lines": "sum",
            "amount_gbp": "sum",
            "is_illustrative": "bool_or",
            "last_date": "max",
        }
        of = [f"{sums[c]}({c})" if c in sums else c for c in kept]
        return f"select {', '.join(of)} from {table} group by all"
    return f"select {', '.join(kept)} from {table}"


def answers(workspace: Workspace) -> dict[str, list[tuple]]:
    """What each query that is of figures answers, in its order."""
    given = _parameters()
    found = {}
    for name in warehouse.names():
        if name in _OF_THE_LOAD:
            continue
        answer = warehouse.fetch(
            name,
            workspace=workspace,
            is_remembered=False,
            **{p: given[p] for p in warehouse.parameters_of(name)},
        )
        kept = [i for i, c in enumerate(answer.columns) if c not in _PLACES]
        found[f"query {name}"] = [
            tuple(_rounded(row[i]) for i in kept) for row in zip(*answer.values, strict=True)
        ]
    return found


def _parameters() -> dict[str, Any]:
    councils = ("havering", "newham", "bexley")
    return {
        "at_most": 1000,
        "basis": None,
        "budget_block": None,
        "cost_type": None,
        "council_id": "havering",
        "council_ids": councils,
        "feed": "costs",
        "file": None,
        "from_month": date(2016, 10, 1),
        "measure_id": None,
        "measure_ids": sorted({r[0] for rows in _shipped()["measures"].values() for r in rows[1:]}),
        "rule": None,
        "service_id": None,
        "since": date(2017, 4, 1),
        "supplier": None,
        "to_month": date(2018, 3, 1),
        "unit": None,
    }


def _rounded(value: Any) -> Any:
    # Sums of fractions in another order differ in the sixteenth digit, and so do their differences.
    return round(float(f"{value:.12g}"), 8) + 0.0 if isinstance(value, float) else value


def differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """The tables and queries that differ, each with a row of it."""
    assert one.keys() == other.keys()
    for name, mine in one.items():
        if mine == other[name]:
            continue
        if isinstance(mine, Counter):
            yield f"{name}: {[*(mine - other[name])][:2]} and {[*(other[name] - mine)][:2]}"
        else:
            pairs = zip_longest(mine, other[name])
            yield f"{name}: {next((a, b) for a, b in pairs if a != b)}"


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> dict[str, Any]:
    """The figures of the exports as they are."""
    folder = exports().written(tmp_path_factory.mktemp("as-shipped"))
    workspace, report = loaded(folder)
    found = figures(workspace, report.version) | answers(workspace)
    for table in ("performance", "costs", "true_costs", "surveys", "unit_costs", "ledger"):
        assert len(found[f"table {table}"]) > 20, table
    return found


@pytest.fixture
def same(base, tmp_path) -> Callable[[Exports], None]:
    """Assert that exports written in another way give the same figures."""

    def checked(given: Exports) -> None:
        workspace, report = loaded(given.written(tmp_path / "exports"), tmp_path / "warehouse")
        now = figures(workspace, report.version) | answers(workspace)
        assert list(differences(base, now)) == []

    return checked


@pytest.fixture(params=["careful", "fast"])
def reader(request, monkeypatch) -> str:
    """The reader of small files, and those of large ones for every file."""
    size = 0 if request.param == "fast" else 10**12
    monkeypatch.setattr(settings, "FAST_READER_BYTES", size)
    return request.param


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_figures_are_the_same_for_exports(change, reader, same):
    chance = random.Random(change.__name__)
    same(change(exports(), chance))


@pytest.mark.parametrize("seed", range(int(os.environ.get("INVARIANCE_SEEDS", "4"))))
def test_figures_are_the_same_whatever_is_done_together(seed, monkeypatch, same):
    chance = random.Random(seed)
    monkeypatch.setattr(settings, "FAST_READER_BYTES", chance.choice((0, 20_000, 10**12)))
    given = exports()
    # What is done to rows before what is done to files, so that copies are copies.
    for change in sorted(chance.sample(CHANGES, 5), key=CHANGES.index):
        given = change(given, chance)
    same(given)


@pytest.mark.parametrize("seed", range(2))
def test_figures_are_the_same_when_files_come_one_after_the_other(seed, base, tmp_path, reader):
    chance = random.Random(seed)
    given = split(exports(), chance)
    folder = given.written(tmp_path)
    files = sorted(folder.glob("*/*.csv"))
    late = chance.sample(
        [p for p in files if p.parent.name in ("performance", "costs", "ledger", "volumes")], 8
    )
    kept = {path: path.read_bytes() for path in late}
    for path in late:
        path.unlink()
    workspace, _ = loaded(folder)
    # One comes, some come together, one goes and comes back, one comes wrong and is mended.
    first, second, third, fourth, *others = late
    first.write_bytes(kept[first])
    loaded(folder)
    for path in (second, third, *others):
        path.write_bytes(kept[path])
    loaded(folder)
    third.unlink()
    lines = kept[fourth].splitlines(keepends=True)
    fourth.write_bytes(b"".join(lines[: len(lines) // 2]))
    loaded(folder)
    third.write_bytes(kept[third])
    fourth.write_bytes(kept[fourth])
    workspace, report = loaded(folder)
    assert not all(f.is_new for f in report.files), "the last load began with the one before"
    now = figures(workspace, report.version) | answers(workspace)
    assert list(differences(base, now)) == []


def test_a_figure_that_is_another_is_seen(base, tmp_path):
    given = exports()
    name, rows = next(iter(given.files["costs"].items()))
    other = [*rows[:-1], [*rows[-1][:-1], "1.00"]]
    assert other != rows
    files = given.files | {"costs": given.files["costs"] | {name: other}}
    workspace, report = loaded(replace(given, files=files).written(tmp_path))
    now = figures(workspace, report.version) | answers(workspace)
    differ = {said.partition(":")[0] for said in differences(base, now)}
    assert {"table costs", "table costs_monthly", "query costs_trend"} <= differ
