"""A workspace into a new snapshot: read, check, build the tables, then move the pointer.

A snapshot is a DuckDB file that is never written again once it is published. Its name carries
its version: a digest of every export, the contract and the code that reads them, so that the
same inputs give the same version and loading them twice does nothing. `current.json` says which
snapshot is served; it is replaced in one step, and only by a load that went through.
"""

import getpass
import hashlib
import json
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dashboard import settings
from dashboard.load import bulk, check
from dashboard.load.check import FileAccount
from dashboard.load.contract import Contract, Resource, read_contract
from dashboard.load.feeds import FEEDS
from dashboard.load.read import FileRefused, open_export, text_lines
from dashboard.settings import Workspace

_POINTER = "current.json"


@dataclass
class LoadReport:
    """What a load did: the snapshot's version, and an account of every file."""

    version: str
    published: bool
    already_current: bool
    files: list[FileAccount]
    problems: list[dict] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not any(f.refused or f.set_aside for f in self.files)


class LoadRefused(RuntimeError):
    """Nothing was published; the report says which files stand in the way."""

    def __init__(self, report: LoadReport) -> None:
        self.report = report
        bad = [f"{f.file}: {f.refused}" for f in report.files if f.refused]
        super().__init__("; ".join(bad))


def snapshot_path(warehouse: Path, version: str) -> Path:
    """The file of a snapshot."""
    return warehouse / f"snapshot-{version}.duckdb"


def current_version(warehouse: Path) -> str | None:
    """The version being served, or None where nothing was ever published."""
    try:
        return json.loads((warehouse / _POINTER).read_text())["version"]
    except FileNotFoundError:
        return None


def load(workspace: Workspace) -> LoadReport:
    """Read the workspace and publish it as the current snapshot.

    Raises ContractError for a contract that is wrong and LoadRefused where a file is refused;
    in both cases the snapshot that was current stays so.
    """
    contract = read_contract(workspace.contract)
    found = [(r, p) for r in contract.resources for p in _files(workspace.data, r)]
    hashes = {p: _digest(p) for p in {path for _, path in found}}
    version = _version(workspace, contract, hashes)
    target = snapshot_path(workspace.warehouse, version)
    if target.exists():
        moved = current_version(workspace.warehouse) != version
        if moved:
            _point(workspace.warehouse, version)
        accounts, problems = _recorded(target)
        return LoadReport(version, moved, not moved, accounts, problems)
    workspace.warehouse.mkdir(parents=True, exist_ok=True)
    building = workspace.warehouse / f"building-{uuid.uuid4().hex}.duckdb"
    try:
        report = _build(building, workspace, contract, found, hashes, version)
        if any(f.refused for f in report.files):
            raise LoadRefused(report)
        with building.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(building, target)
    finally:
        for left in (building, building.with_name(building.name + ".wal")):
            left.unlink(missing_ok=True)
    _point(workspace.warehouse, version)
    _drop_old(workspace.warehouse, keep=version)
    return report


def _files(data: Path, resource: Resource) -> list[Path]:
    found = {p for pattern in resource.paths for p in data.glob(pattern) if p.is_file()}
    return sorted(found)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version(workspace: Workspace, contract: Contract, hashes: dict[Path, str]) -> str:
    """A digest of all that decides what a snapshot holds."""
    digest = hashlib.blake2b(digest_size=6)
    digest.update(contract.path.read_bytes())
    for path, value in sorted(hashes.items()):
        digest.update(f"{path.relative_to(workspace.data)} {value}\n".encode())
    code = [*Path(__file__).parent.glob("*.py"), *(settings.QUERIES / "tables").glob("*.sql")]
    for path in sorted(code):
        digest.update(path.read_bytes())
    digest.update(duckdb.__version__.encode())
    return digest.hexdigest()


def _build(
    building: Path,
    workspace: Workspace,
    contract: Contract,
    found: list[tuple[Resource, Path]],
    hashes: dict[Path, str],
    version: str,
) -> LoadReport:
    con = duckdb.connect(
        str(building),
        config={
            "memory_limit": settings.MEMORY_LIMIT,
            "preserve_insertion_order": False,
            # A building that is killed is thrown away, so what it writes ahead helps nobody.
            "checkpoint_threshold": "1GB",
        },
    )
    try:
        check.create_tables(con)
        accounts: list[FileAccount] = []
        feeds_here = {r.feed for r, _ in found}
        for feed in FEEDS:
            resources = [r for r in contract.resources if r.feed == feed]
            mine = [(r, p) for r, p in found if r.feed == feed]
            fast = _read_feed(con, workspace, resources, mine, hashes, accounts, quick=True)
            check.check_feed(con, feed, feeds_here.__contains__)
            if fast and _has_unplaced_problems(con, feed):
                # The quick reader keeps no line numbers, and something needs one: read again.
                con.execute(f"delete from {check.table_of(feed)}")
                con.execute("delete from staging.problems where feed = ?", [feed])
                accounts[:] = [a for a in accounts if a.feed != feed]
                _read_feed(con, workspace, resources, mine, hashes, accounts, quick=False)
                check.check_feed(con, feed, feeds_here.__contains__)
        _settle(con, accounts)
        report = LoadReport(version, True, False, accounts, _problems(con, workspace, accounts))
        if not any(a.refused for a in accounts):
            _record(con, workspace, contract, report)
            for table in sorted((settings.QUERIES / "tables").glob("*.sql")):
                con.execute(table.read_text(encoding="utf-8"))
        con.execute("detach staging")
        con.execute("checkpoint")
        return report
    finally:
        con.close()


def _read_feed(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    resources: list[Resource],
    mine: list[tuple[Resource, Path]],
    hashes: dict[Path, str],
    accounts: list[FileAccount],
    quick: bool,
) -> bool:
    """Read one feed's files, each resource in one go. True if the quick reader took any."""
    took_quick = False
    for resource in resources:
        files: list[bulk.File] = []
        for path in [p for r, p in mine if r is resource]:
            account = FileAccount(
                feed=resource.feed,
                file=path.relative_to(workspace.data).as_posix(),
                hash=hashes[path],
                illustrative=resource.illustrative,
                source=resource.source,
            )
            accounts.append(account)
            files.append((len(accounts) - 1, account, path))
        size = sum(path.stat().st_size for _, _, path in files)
        if quick and files and size >= settings.FAST_READER_BYTES:
            left = bulk.read_bulk(con, resource, files)
            took_quick = took_quick or len(left) < len(files)
            files = left
        careful = []
        for file_id, account, path in files:
            try:
                careful.append((file_id, account, open_export(path, resource)))
            except FileRefused as error:
                account.refused = str(error)
        if careful:
            try:
                check.stage(con, resource, careful)
                check.type_rows(con, resource)
            except FileRefused as error:
                for _, account, _ in careful:
                    account.refused = account.refused or str(error)
    return took_quick


def _has_unplaced_problems(con: duckdb.DuckDBPyConnection, feed: str) -> bool:
    return bool(
        con.execute(
            "select count(*) from staging.problems where feed = ? and line is null", [feed]
        ).fetchall()[0][0]
    )


def _settle(con: duckdb.DuckDBPyConnection, accounts: list[FileAccount]) -> None:
    """Fill in each account: what was set aside, what was a repeat, and so what was loaded."""
    for file_id, lines in con.execute(
        "select file_id, count(distinct line) from staging.problems group by file_id"
    ).fetchall():
        accounts[file_id].set_aside = lines
    for file_id, rows in con.execute(
        "select file_id, sum(rows) from staging.repeats group by file_id"
    ).fetchall():
        accounts[file_id].skipped["repeat"] = int(rows)
    loaded: dict[int, int] = {}
    for feed in FEEDS:
        for file_id, rows in con.execute(
            f"select file_id, count(*) from {check.table_of(feed)} group by file_id"
        ).fetchall():
            loaded[file_id] = rows
    for file_id, account in enumerate(accounts):
        account.loaded = loaded.get(file_id, 0)
        if account.refused is None and not account.adds_up():
            raise AssertionError(f"the lines of {account.file} do not add up: {account}")


def _problems(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, accounts: list[FileAccount]
) -> list[dict]:
    """Each problem with its file, after giving those of the ledger the text of their line.

    Ledger rows go straight into the snapshot without their text; the few that are set aside get
    it here, from the file.
    """
    for (file_id,) in con.execute(
        "select distinct file_id from staging.problems where row_text is null"
    ).fetchall():
        lines = text_lines(workspace.data / accounts[file_id].file)
        for (line,) in con.execute(
            "select distinct line from staging.problems where row_text is null and file_id = ?",
            [file_id],
        ).fetchall():
            con.execute(
                "update staging.problems set row_text = ? where file_id = ? and line = ?",
                [lines[line - 1], file_id, line],
            )
    found = con.execute(
        "select file_id, line, field, value, expected, reason, row_text from staging.problems "
        "order by file_id, line, field"
    )
    names = [c[0] for c in found.description]
    return [
        {"feed": accounts[row[0]].feed, "file": accounts[row[0]].file}
        | dict(zip(names, row, strict=True))
        for row in found.fetchall()
    ]


def _record(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, contract: Contract, report: LoadReport
) -> None:
    """What was loaded, from where, when and by whom, kept in the snapshot itself."""
    con.execute(
        "create table workspace (title varchar, description varchar, licence varchar, "
        "data_version varchar, loaded_at timestamp, loaded_by varchar, waived varchar)"
    )
    con.execute(
        "insert into workspace values (?, ?, ?, ?, ?, ?, ?)",
        [
            contract.title,
            contract.description,
            contract.licence,
            report.version,
            datetime.now(UTC).replace(tzinfo=None, microsecond=0),
            _who(),
            ", ".join(contract.waived),
        ],
    )
    con.execute(
        "create table files (file_id integer, feed varchar, file varchar, hash varchar, "
        "rows_read bigint, rows_loaded bigint, rows_set_aside bigint, rows_skipped bigint, "
        "skipped varchar, header_lines integer, source varchar, is_illustrative boolean)"
    )
    if report.files:
        con.executemany(
            "insert into files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                [
                    i,
                    a.feed,
                    a.file,
                    a.hash,
                    a.read,
                    a.loaded,
                    a.set_aside,
                    sum(a.skipped.values()),
                    json.dumps(a.skipped, sort_keys=True),
                    a.header_lines,
                    a.source,
                    a.illustrative,
                ]
                for i, a in enumerate(report.files)
            ],
        )
    con.execute(
        "create table set_aside as select p.file_id, p.feed, f.file, p.line, p.field, p.value, "
        "p.expected, "
        "p.reason, p.row_text from staging.problems as p join files as f using (file_id) "
        "order by p.file_id, p.line"
    )


def _recorded(snapshot: Path) -> tuple[list[FileAccount], list[dict]]:
    """The accounts and problems that a snapshot was published with."""
    with duckdb.connect(str(snapshot), read_only=True, config=settings.READER_CONFIG) as con:
        files = con.execute(
            "select feed, file, rows_read, rows_loaded, rows_set_aside, skipped, header_lines, "
            "null, hash, is_illustrative, source from files order by file_id"
        ).fetchall()
        accounts = [FileAccount(*f[:5], json.loads(f[5]), *f[6:]) for f in files]
        rows = con.execute("select * from set_aside").fetchall()
        names = [c[0] for c in con.description]
    return accounts, [dict(zip(names, row, strict=True)) for row in rows]


def _who() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def _point(warehouse: Path, version: str) -> None:
    """Serve `version` from now on: the pointer is replaced in one step, never half written."""
    fresh = warehouse / f"{_POINTER}.{uuid.uuid4().hex}"
    with fresh.open("w") as file:
        json.dump({"version": version}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, warehouse / _POINTER)


def _drop_old(warehouse: Path, keep: str) -> None:
    """Keep the newest snapshots and the current one."""
    held = sorted(
        warehouse.glob("snapshot-*.duckdb"), key=lambda p: p.stat().st_mtime, reverse=True
    )
    for old in held[settings.SNAPSHOTS_KEPT :]:
        if old != snapshot_path(warehouse, keep):
            old.unlink(missing_ok=True)
