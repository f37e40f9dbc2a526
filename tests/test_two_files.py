"""A snapshot is two files: what is shown, which may be handed out whole, and the loader's own."""

import json
import os
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dashboard import settings, warehouse
from dashboard.load import versions
from dashboard.load.publish import load, recorded
from dashboard.load.versions import snapshot_path, workings_path
from dashboard.settings import Workspace
from tests import audit
from tests.small_workspaces import both_files
from tests.test_small_numbers import survey
from tests.test_small_numbers_bounds import leaks

ANSWERS = ("invited", "respondents", "satisfied")
CELLS = (
    ("it", "x", 7), ("it", "y", 40), ("it", "z", 60),
    ("hr", "x", 31), ("hr", "y", 50), ("hr", "z", 73),
)  # fmt: skip

# Each is in one place of the exports alone, and must be in none of what is shown.
SECRETS = {
    "invited of seven": "9371",
    "figures set aside": "8641",
    "text of a row set aside": "Quagga",
    "total of the survey": "77531",
    "text of a total of the survey": "Bongo",
    "suppressed value": "8123",
    "suppressed numerator": "4111",
    "suppressed denominator": "50612",
    "what was published before it was suppressed": "3907",
    "figure set aside beside it": "6229",
    "total by which it can be told": "96517",
}


def _fields(*names: str, **numbers: tuple[str, ...]) -> dict:
    """Texts, and numbers by their kind."""
    typed = [{"name": n, "type": kind} for kind, those in numbers.items() for n in those]
    return {"fields": [*({"name": n} for n in names), *typed]}


CONTRACT = {
    "name": "two",
    "onesource": {
        "waive": ["definition", "owner_role", "good_direction", "ratio", "part_of_whole"],
        "bad_share": 0.9,
    },
    "resources": [
        {"name": "services", "data": [{"service_id": s, "name": s} for s in ("it", "hr")]},
        {"name": "councils", "data": [{"council_id": c, "name": c} for c in "xyz"]},
        {
            "name": "measures",
            "data": [
                {"measure_id": "calls", "service_id": "it", "name": "Calls", "unit": "number"}
            ],
        },
        {
            "name": "performance",
            "path": "performance*.csv",
            "schema": _fields(
                *("period", "service_id", "council_id", "measure_id", "status"),
                number=("value", "numerator", "denominator"),
            ),
        },
        {
            "name": "satisfaction",
            "path": "satisfaction*.csv",
            "schema": _fields(*("period", "service_id", "council_id", "source"), integer=ANSWERS),
        },
    ],
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    data = tmp_path / "data"
    data.mkdir()
    (data / "datapackage.json").write_text(json.dumps(CONTRACT))
    _survey(data)
    _performance(data, "final", "3907")
    return Workspace(data, data / "datapackage.json", tmp_path / "warehouse")


def _survey(data: Path, last: int = 73) -> None:
    rows = survey(*CELLS[:-1], (*CELLS[-1][:2], last))
    lines = [
        f"2017-10,{r['service_id']},{r['council_id']},,"
        f"{9371 if r['respondents'] == 7 else r['invited']},{r['respondents']},{r['satisfied']}"
        for r in rows
    ]
    aside = "2017-10,nowhere,x,Quagga,9000,8641,8641"
    (data / "satisfaction-1.csv").write_text(
        f"period,service_id,council_id,source,{','.join(ANSWERS)}\n"
        + "\n".join([*lines, lines[0], aside, "Total,,,Bongo,77531,77531,77531"])
        + "\n"
    )


def _performance(data: Path, status: str, value: str) -> None:
    (data / "performance-1.csv").write_text(
        "period,service_id,council_id,measure_id,status,value,numerator,denominator\n"
        f"2017-10,it,x,calls,{status},{value},4111,50612\n"
        "2017-10,it,y,calls,final,20,40,2\n"
        "2017-10,it,nowhere,calls,final,6229,6229,1\n"
        "Total,,,,,,96517,\n"
    )


def _shown(workspace: Workspace, version: str) -> dict[str, list[tuple]]:
    """Every table of what is shown, whole."""
    path = snapshot_path(workspace.warehouse, version)
    with duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG) as con:
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() union all "
            "select schema_name, view_name from duckdb_views() where not internal"
        ).fetchall()
        assert {schema for schema, _ in tables} == {"main"}
        return {table: con.execute(f'from "{table}"').fetchall() for _, table in tables}


def _told(tables: dict[str, list[tuple]]) -> set[tuple[str, str]]:
    """Which secret which table tells."""
    return {
        (table, what)
        for what, secret in SECRETS.items()
        for table, rows in tables.items()
        for row in rows
        for cell in row
        if re.search(rf"(?<![0-9a-f]){secret}(?![0-9a-f])", str(cell))
    }


def test_nothing_of_few_people_is_in_any_table_of_what_is_shown(workspace):
    first = load(workspace).version
    # As long as it is published it is told.
    told = _told(_shown(workspace, first))
    assert {what for _, what in told} == {
        *("what was published before it was suppressed", "suppressed numerator"),
        *("suppressed denominator", "figure set aside beside it", "total by which it can be told"),
    }
    _performance(workspace.data, "suppressed", "8123")
    report = load(workspace)
    tables = _shown(workspace, report.version)
    assert _told(tables) == set()
    assert not {"answers", "hidden_survey", "satisfaction", "build"} & tables.keys()
    # That rows were set aside, skipped and restated is told, and why.
    assert sum(f.set_aside for f in report.files) == len(tables["set_aside"]) == 2
    assert len(tables["skipped"]) == 2
    assert {row[8:10] for row in tables["restatements"] if row[1] == "performance"} == {
        ("suppressed", "suppressed"), ("final", "suppressed"),
    }  # fmt: skip
    # Whoever loads is told all of it.
    assert {p["row_text"].split(",")[3] for p in report.problems} == {"Quagga", "calls"}
    again = recorded(workspace.warehouse, report.version)
    assert again.problems == report.problems and again.files == report.files


def test_of_what_is_shown_of_the_survey_nothing_hidden_is_known(workspace):
    version = load(workspace).version
    path = snapshot_path(workspace.warehouse, version)
    with duckdb.connect(str(path), read_only=True) as con:
        found = con.execute("from surveys")
        names = [c[0] for c in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    waves, hidden = audit.waves(rows)
    exported = [row | {"invited": 9371 if row["respondents"] == 7 else row["invited"]}
                for row in survey(*CELLS)]  # fmt: skip
    (wave,), (cells,) = waves.values(), hidden.values()
    assert ("it", "x") in cells and len(cells) == 4
    told = {name for known in leaks(exported, wave, cells).values() for name in known}
    # Nobody was asked how satisfied, or whether they did not know.
    assert told <= {"dont_know"}
    figures = [n for n in names if n not in (*audit_places(), "period", "is_illustrative")]
    for row in rows:
        if row["is_hidden"]:
            assert {row[n] for n in figures if not n.startswith("is_")} == {None}


def audit_places() -> tuple[str, ...]:
    return ("month", "service_id", "council_id")


def test_of_the_shipped_survey_what_is_shown_whole_tells_nothing_hidden(use):
    from tests.test_small_numbers import shipped_rows

    workspace = use("shipped")
    path = snapshot_path(workspace.warehouse, warehouse.version(workspace))
    with duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG) as con:
        found = con.execute("from surveys")
        names = [c[0] for c in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    waves, hidden = audit.waves(rows)
    for month, exported in shipped_rows().items():
        assert leaks(exported, waves[month], hidden[month]) == {}
    assert sum(map(len, hidden.values())) == 48


def test_no_reader_opens_the_loaders_own_file(workspace):
    version = load(workspace).version
    workings_path(workspace.warehouse, version).write_bytes(b"nonsense")
    given = {"from_month": date(1900, 1, 1), "to_month": date(2100, 1, 1),
             "month": date(2017, 10, 1), "since": date(2017, 1, 1), "council_ids": ["x"],
             "service_ids": ["it"],
             "measure_ids": ["calls"], "at_most": 9}  # fmt: skip
    for name in warehouse.names():
        asked = {p: given.get(p) for p in warehouse.parameters_of(name)}
        warehouse.fetch(name, workspace=workspace, is_remembered=False, **asked)
    # Nor does any module but those of the load name it.
    root = Path(settings.__file__).parent
    naming = {
        path.relative_to(root).parts[0]
        for path in [*root.rglob("*.py"), *(root.parent / "pages").glob("*.py")]
        if re.search(r"workings_path|workings-|\bstaging\b", path.read_text())
    }
    assert naming == {"load"}


# Damage, and what a load begins with.


def _new(workspace: Workspace) -> tuple[set[str], list[tuple]]:
    """The files that a load read anew, and the answers it restates."""
    report = load(workspace)
    return (
        {f.file for f in report.files if f.is_new},
        [(r["feed"], r["period"], r["after"]) for r in report.restated],
    )


def test_a_load_begins_with_both_files_of_the_one_before(workspace):
    load(workspace)
    _survey(workspace.data, last=74)
    assert _new(workspace) == ({"satisfaction-1.csv"}, [("satisfaction", "2017-10", "hidden")])


@pytest.mark.parametrize("damage", ["missing", "flipped", "of another load", "checksum"])
def test_without_whole_workings_all_is_read_anew_and_nothing_refused(workspace, damage):
    version = load(workspace).version
    path = workings_path(workspace.warehouse, version)
    raw = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "flipped":
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    elif damage == "checksum":
        path.with_suffix(".crc32").write_bytes(b"\xff")
    else:
        # A load that was killed between the two files.
        said = path.with_suffix(".crc32")
        said.write_text(said.read_text()[:9] + "00000000")
    assert versions.is_whole(workspace.warehouse, version)
    assert not versions.are_workings_whole(workspace.warehouse, version)
    _survey(workspace.data, last=74)
    read, _ = _new(workspace)
    assert {"satisfaction-1.csv", "performance-1.csv"} <= read


def test_damaged_workings_are_made_anew_though_nothing_changed(workspace):
    version = load(workspace).version
    workings_path(workspace.warehouse, version).unlink()
    report = load(workspace)
    assert (report.version, report.published) == (version, True)
    assert versions.are_workings_whole(workspace.warehouse, version)
    assert load(workspace).already_current


def test_workings_go_with_what_is_shown(workspace):
    version = load(workspace).version
    left = workings_path(workspace.warehouse, "0" * 12)
    left.write_bytes(b"x")
    left.with_suffix(".crc32").write_bytes(b"x")
    # Ten people more: the older version goes on without the survey, under another name.
    _survey(workspace.data, last=83)
    newest = load(workspace).version
    assert versions.kept(workspace.warehouse) == [newest, f"{version}-older"]
    assert {p.name for p in workspace.warehouse.glob("workings-*")} == {
        f"workings-{v}.{form}" for v in (newest, f"{version}-older") for form in ("crc32", "duckdb")
    }
    versions.restore(workspace.warehouse, f"{version}-older")
    _performance(workspace.data, "final", "3908")
    report = load(workspace)
    # What is withheld of it is not begun with, but compared with.
    assert all(f.is_new for f in report.files)
    assert {(r["feed"], r["field"], r["after"]) for r in report.restated} == {
        ("performance", "value", "3908"), ("satisfaction", "answers", "hidden"),
    }  # fmt: skip


def _in_one_file(workspace: Workspace, version: str) -> None:
    """Make of a snapshot one as version 0.6.0 did: workings and all in one file."""
    path = snapshot_path(workspace.warehouse, version)
    made = path.with_name("made.duckdb")
    with both_files(workspace.warehouse, version) as con:
        con.execute(f"attach '{made}' as made")
        con.execute("create schema made.staging")
        for database, schema in (("shown", "main"), ("staging", "staging")):
            for (table,) in con.execute(
                "select table_name from duckdb_tables() where database_name = ?", [database]
            ).fetchall():
                place = "main" if table in ("build", "files", "reconciled") else schema
                con.execute(
                    f"create or replace table made.{place}.{table} as from {database}.main.{table}"
                )
        con.execute("update made.main.build set code = '0.6.0'")
    os.replace(made, path)
    for file in (path.with_suffix(".crc32"), *workspace.warehouse.glob("workings-*")):
        file.unlink()


def test_a_snapshot_in_one_file_is_read_to_the_end_compared_with_and_not_offered_again(workspace):
    first = load(workspace).version
    _in_one_file(workspace, first)
    assert versions.current_version(workspace.warehouse) == first
    path = snapshot_path(workspace.warehouse, first)
    with duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG) as reader:
        _performance(workspace.data, "final", "3908")
        report = load(workspace)
        assert reader.execute("select count(*) from surveys").fetchall() == [(12,)]
    assert [(r["field"], r["before"], r["after"]) for r in report.restated] == [
        ("value", "3907", "3908")
    ]
    assert versions.kept(workspace.warehouse) == [report.version]
    assert workings_path(workspace.warehouse, report.version).is_file()
    assert not path.exists()
