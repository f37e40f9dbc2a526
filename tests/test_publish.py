"""Publishing: what is new is read alone, what changed is told, what goes wrong is never seen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dashboard import settings, warehouse
from dashboard.load import exports, versions
from dashboard.load.publish import LoadRefused, load
from dashboard.load.versions import LoadFailed, UnknownVersion, snapshot_path
from dashboard.settings import Workspace

HEADER = "period,service_id,council_id,measure_id,value,numerator,denominator,status\n"


def _row(month: str, value: float, council: str = "bexley", status: str = "final") -> str:
    return f"{month},ict,{council},fix,{value:g},,,{status}\n"


def _fields(*names: str, **numbers: str) -> dict:
    return {
        "fields": [
            *({"name": n} for n in names),
            *({"name": n, "type": t} for n, t in numbers.items()),
        ],
        "missingValues": ["", "-"],
    }


CONTRACT = {
    "name": "small",
    "onesource": {"waive": ["definition", "owner_role"]},
    "resources": [
        {"name": "services", "path": "services.csv", "schema": _fields("service_id", "name")},
        {
            "name": "councils",
            "data": [
                {"council_id": "havering", "name": "Havering", "kind": "council"},
                {"council_id": "bexley", "name": "Bexley", "kind": "council"},
                {"council_id": "newham", "name": "Newham", "kind": "council"},
            ],
        },
        {
            "name": "measures",
            "path": "measures.csv",
            "schema": _fields("measure_id", "service_id", "name", "unit", "good_direction"),
        },
        {
            "name": "performance",
            "path": "performance/*.csv",
            "schema": _fields(
                *("period", "service_id", "council_id", "measure_id", "status"),
                value="number",
                numerator="number",
                denominator="number",
            ),
        },
        {
            "name": "satisfaction",
            "path": "satisfaction*.csv",
            "schema": _fields(
                *("period", "service_id", "council_id"), respondents="integer", satisfied="integer"
            ),
        },
        {
            "name": "ledger",
            "path": "ledger/*.csv",
            "schema": _fields("date", "service_id", "council_id", amount_gbp="number"),
        },
    ],
}


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    data = tmp_path / "data"
    (data / "performance").mkdir(parents=True)
    (data / "ledger").mkdir()
    (data / "services.csv").write_text("service_id,name\nict,ICT\n")
    (data / "measures.csv").write_text(
        "measure_id,service_id,name,unit,good_direction\nfix,ict,Fixed,%,higher\n"
    )
    (data / "datapackage.json").write_text(json.dumps(CONTRACT))
    for month in range(1, 13):
        _month(data, f"2017-{month:02d}", 50 + month)
    return Workspace(data, data / "datapackage.json", tmp_path / "warehouse")


def _month(data: Path, month: str, value: float) -> None:
    (data / "performance" / f"performance-{month}.csv").write_text(HEADER + _row(month, value))
    (data / "ledger" / f"ledger-{month}.csv").write_text(
        f"date,service_id,council_id,amount_gbp\n{month}-05,ict,bexley,{value:.2f}\n"
    )


def _tables(workspace: Workspace) -> dict[str, list]:
    """Every table that pages read, with files by name, since numbers are the load's own."""
    path = snapshot_path(workspace.warehouse, versions.current_version(workspace.warehouse))
    with duckdb.connect(str(path), read_only=True) as con:
        names = dict(con.execute("select file_id, file from files").fetchall())
        found = {}
        for (table,) in con.execute(
            "select table_name from information_schema.tables where table_schema = 'main' "
            "and table_name not in ('build', 'workspace', 'files', 'restatements')"
        ).fetchall():
            answer = con.execute(f"from {table}")
            columns = [c[0] for c in answer.description]
            rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
            for row in rows:
                if "file_id" in row:
                    row["file_id"] = names[row["file_id"]]
            found[table] = sorted(map(str, rows))
        return found


def _read_anew(report) -> list[str]:
    return [f.file for f in report.files if f.is_new]


def test_a_new_month_reads_its_files_alone(workspace):
    load(workspace)
    _month(workspace.data, "2018-01", 70)
    report = load(workspace)
    assert _read_anew(report) == [
        "performance/performance-2018-01.csv",
        "ledger/ledger-2018-01.csv",
    ]
    assert sum(f.loaded for f in report.files if f.feed == "performance") == 13
    assert report.restated == []


def test_file_by_file_comes_to_the_same_as_all_at_once(workspace, tmp_path):
    load(workspace)
    data = workspace.data
    (data / "performance" / "late.csv").write_text(
        HEADER
        + _row("2017-03", 53)  # the same again
        + _row("2017-04", 99)  # says otherwise than the file of April
        + _row("2017-05", 55, "camden")
        + _row("2018-02", 61)
        + "Total,,,,,,,\n"
    )
    load(workspace)
    (data / "performance" / "performance-2017-06.csv").unlink()
    (data / "ledger" / "ledger-2017-06.csv").write_text(
        "date,service_id,council_id,amount_gbp\n2017-06-05,ict,bexley,1.00\nTotal,,,2.00\n"
    )
    load(workspace)
    (data / "performance" / "copy.csv").write_bytes(
        (data / "performance" / "performance-2017-01.csv").read_bytes()
    )
    step_by_step = load(workspace)
    at_once = Workspace(data, workspace.contract, tmp_path / "fresh")
    whole = load(at_once)
    assert step_by_step.version == whole.version
    assert _tables(workspace) == _tables(at_once)
    accounts = {f.file: (f.read, f.loaded, f.set_aside, f.skipped) for f in whole.files}
    assert {
        f.file: (f.read, f.loaded, f.set_aside, f.skipped) for f in step_by_step.files
    } == accounts
    # Of rows that are alike the one in the first file by name stays.
    assert accounts["performance/late.csv"] == (5, 2, 2, {"total": 1})
    assert accounts["performance/performance-2017-03.csv"] == (1, 0, 0, {"repeat": 1})
    assert accounts["performance/performance-2017-04.csv"] == (1, 0, 1, {})


def test_a_conflict_is_over_once_one_of_the_files_is_gone(workspace):
    late = workspace.data / "performance" / "late.csv"
    late.write_text(HEADER + _row("2017-04", 99))
    assert sum(f.set_aside for f in load(workspace).files) == 2
    late.unlink()
    report = load(workspace)
    assert sum(f.set_aside for f in report.files) == 0
    assert report.gone == ["performance/late.csv"]


def test_figures_published_before_are_told_from_what_to_what(workspace):
    first = load(workspace).version
    _month(workspace.data, "2017-02", 66)
    (workspace.data / "performance" / "performance-2017-03.csv").unlink()
    report = load(workspace)
    told = {(r["feed"], r["period"], r["field"], r["before"], r["after"]) for r in report.restated}
    assert told == {
        ("performance", "2017-02", "value", "52", "66"),
        ("ledger", "2017-02", "amount_gbp", "52.00", "66.00"),
        ("performance", "2017-03", "value", "53", None),
        ("performance", "2017-03", "status", "final", None),
    }
    assert {r["is_withdrawn"] for r in report.restated if r["period"] == "2017-03"} == {True}
    assert {r["data_version"] for r in report.restated} == {report.version} != {first}
    # A later load keeps what earlier ones restated.
    _month(workspace.data, "2018-01", 70)
    load(workspace)
    kept = warehouse.fetch("restatements", workspace=workspace, data_version=None, at_most=100)
    assert len(kept) == 4


def _answers(*cells: tuple[str, int, int]) -> str:
    return "period,service_id,council_id,respondents,satisfied\n" + "".join(
        f"2017-10,ict,{council},{asked},{satisfied}\n" for council, asked, satisfied in cells
    )


def test_a_restatement_does_not_tell_what_few_people_answered(workspace):
    survey = workspace.data / "satisfaction.csv"
    survey.write_text(_answers(("bexley", 9, 3), ("newham", 40, 20), ("havering", 90, 30)))
    load(workspace)
    # Nor what of a wave changed, from what to what: one more of Newham's and who it was.
    survey.write_text(_answers(("bexley", 9, 3), ("newham", 41, 20), ("havering", 90, 31)))
    told = [
        (r["period"], r["council_id"], r["field"], r["before"], r["after"])
        for r in load(workspace).restated
    ]
    assert told == [("2017-10", None, "answers", "hidden", "hidden")]
    # What an older program kept of it is told no more either.
    survey.write_text(_answers(("bexley", 9, 3), ("newham", 42, 20), ("havering", 90, 31)))
    current = versions.snapshot_path(workspace.warehouse, warehouse.version(workspace))
    with duckdb.connect(str(current)) as con:
        con.execute(
            "insert into restatements values "
            "('old', 'satisfaction', '2016-10', 'ict', 'newham', null, '', 'satisfied', '30', "
            "'31', false)"
        )
    # Older programs kept no checksum; this one would take what was meddled with for damaged.
    current.with_suffix(".crc32").unlink()
    load(workspace)
    kept = warehouse.fetch("restatements", workspace=workspace, data_version=None, at_most=100)
    assert set(zip(kept["period"], kept["council_id"], kept["after"], strict=True)) == {
        ("2016-10", None, "hidden"),
        ("2017-10", None, "hidden"),
    }


def test_a_version_restored_is_served_until_the_exports_change(workspace):
    first = load(workspace).version
    _month(workspace.data, "2017-02", 66)
    second = load(workspace).version
    versions.restore(workspace.warehouse, first)
    assert warehouse.version(workspace) == first
    # A look at the unchanged exports, as at every start, does not undo it.
    report = load(workspace)
    assert report.held_back and not report.published
    assert warehouse.version(workspace) == first
    _month(workspace.data, "2018-01", 70)
    third = load(workspace).version
    assert warehouse.version(workspace) == third
    versions.restore(workspace.warehouse, second)
    assert warehouse.version(workspace) == second
    with pytest.raises(UnknownVersion, match="no snapshot of version 'nonsense' is kept"):
        versions.restore(workspace.warehouse, "nonsense")
    assert [h["what"] for h in versions.history(workspace.warehouse)] == [
        *("restored", "published", "restored", "published", "published"),
    ]


def test_a_reader_moves_to_a_new_version_at_the_next_question(workspace):
    load(workspace)
    before = warehouse.fetch("services", workspace=workspace)
    (workspace.data / "services.csv").write_text("service_id,name\nict,Digital\n")
    load(workspace)
    after = warehouse.fetch("services", workspace=workspace)
    assert (before["name"], after["name"]) == (("ICT",), ("Digital",))
    assert before.data_version != after.data_version


def test_what_a_killed_load_left_behind_is_cleared(workspace):
    workspace.warehouse.mkdir()
    left = [
        workspace.warehouse / "building-0.duckdb",
        workspace.warehouse / "building-0.duckdb.wal",
        workspace.warehouse / "current.json.0",
    ]
    for path in left:
        path.write_text("half written")
    (workspace.warehouse / "building-0.duckdb.tmp").mkdir()
    load(workspace)
    assert list(workspace.warehouse.glob("building-*")) == []
    assert not any(path.exists() for path in left)


def test_a_damaged_snapshot_or_pointer_is_made_anew_by_the_next_load(workspace):
    version = load(workspace).version
    path = snapshot_path(workspace.warehouse, version)
    path.write_bytes(path.read_bytes()[:5000])
    assert load(workspace).published
    assert warehouse.fetch("services", workspace=workspace)["name"] == ("ICT",)
    (workspace.warehouse / "current.json").write_text('{"vers')
    assert load(workspace).published
    assert versions.current_version(workspace.warehouse) == version


def test_a_file_that_keeps_changing_while_it_is_read_is_not_published(workspace, monkeypatch):
    before = load(workspace).version
    _month(workspace.data, "2018-01", 70)
    read = exports.ExportFile.read

    def read_while_it_grows(self):
        raw = read(self)
        if self.name.startswith("performance/performance-2018"):
            with self.path.open("a") as file:
                file.write(_row("2018-01", 1, "havering"))
        return raw

    monkeypatch.setattr(exports.ExportFile, "read", read_while_it_grows)
    with pytest.raises(LoadFailed, match=r"performance-2018-01\.csv changed while being read"):
        load(workspace)
    assert versions.current_version(workspace.warehouse) == before
    monkeypatch.undo()
    assert load(workspace).published


def test_a_folder_that_is_not_there_or_holds_nothing_changes_nothing(workspace):
    before = load(workspace).version
    away = workspace.data.with_name("away")
    contract = away / "datapackage.json"
    workspace.data.rename(away)
    gone = Workspace(workspace.data, contract, workspace.warehouse)
    with pytest.raises(LoadFailed, match="the folder of exports cannot be read"):
        load(gone)
    workspace.data.mkdir()
    package = json.loads(contract.read_text())
    package["resources"] = [r for r in package["resources"] if "path" in r]
    contract.write_text(json.dumps(package))
    with pytest.raises(LoadRefused, match="holds no file that the contract names"):
        load(gone)
    assert versions.current_version(workspace.warehouse) == before


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are set otherwise on Windows")
def test_a_full_disk_leaves_what_was_served(workspace):
    before = load(workspace).version
    with (workspace.data / "ledger" / "large.csv").open("w") as file:
        file.write("date,service_id,council_id,amount_gbp\n")
        file.writelines(f"2017-01-05,ict,bexley,{n}.37\n" for n in range(200_000))
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000)); "
        "from dashboard.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    done = _run(["-c", limited, "load"], workspace)
    assert done.returncode == 1
    assert "the load could not be done" in done.stderr
    assert versions.current_version(workspace.warehouse) == before
    assert list(workspace.warehouse.glob("building-*")) == []
    assert load(workspace).published


def _run(arguments: list[str], workspace: Workspace) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.ROOT,
        env={**os.environ, **_environment(workspace)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def _environment(workspace: Workspace) -> dict[str, str]:
    return {
        "DATA": str(workspace.data),
        "CONTRACT": str(workspace.contract),
        "WAREHOUSE": str(workspace.warehouse),
    }


def test_two_loads_at_once_publish_one_version(workspace):
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "dashboard", "load"],
            cwd=settings.ROOT,
            env={**os.environ, **_environment(workspace)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0].splitlines()[-1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum("Published" in line for line in said) == 1
    assert sum("was current already" in line for line in said) == 2
    assert len(versions.kept(workspace.warehouse)) == 1
