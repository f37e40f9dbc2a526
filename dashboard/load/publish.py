"""A workspace into a new snapshot: read, check, build the tables, then move the pointer.

A snapshot is two DuckDB files that are never written again once they are published: what is shown,
and the workings, attached as `staging` here. Their names carry its version: a digest of every
export, the contract and the code that reads them, so that the same inputs give the same version and
loading them twice does nothing.

Where the contract and the code are those of the snapshot that is served, the new one begins as
its copy, and only files that are new, changed or gone are looked at.
"""

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from dashboard import settings
from dashboard.load import (
    alike,
    bulk,
    check,
    exports,
    frequency,
    older_versions,
    over_time,
    quick,
    restated,
    same_lines,
    small_numbers,
    staging,
    terms,
    typed,
    units,
    versions,
    withheld,
)
from dashboard.load.account import FileAccount, Reconciled
from dashboard.load.contract import (
    WAIVABLE_CHECKS,
    Contract,
    ContractError,
    Resource,
    read_contract,
)
from dashboard.load.exports import ExportFile
from dashboard.load.feeds import FEEDS, OWNERS, SENSITIVE
from dashboard.load.read import Export, open_export
from dashboard.load.sql import name_sql, text_sql
from dashboard.load.text import FileRefused, Record
from dashboard.load.totals import Source
from dashboard.load.versions import LoadFailed, snapshot_path, workings_path
from dashboard.settings import Workspace

# How rows stand that are skipped because others say the same.
_REPEATS = ("repeat", over_time.TOTAL)

# Where one of these changes, rows of every other feed may be right or wrong for it: read all.
_REFERENCE = {*OWNERS.values(), "memberships"}


@dataclass
class LoadReport:
    """What a load did, or would do: the version, an account of every file, and what it restates.

    files: every file of the workspace; `is_new` says which of them were read.
    problems: one dictionary for each thing wrong with a row that was set aside.
    warnings: figures that were loaded and look doubtful. restated: figures published before that
    are different now, or gone. alike: names that may be one, in several spellings. gone: files
    that the version before was made of.
    refused: why nothing was published, where the exports were refused. serving: the version that
    is served once the load is over, or None where none ever was.
    """

    version: str
    published: bool
    already_current: bool
    files: list[FileAccount]
    problems: list[dict] = field(default_factory=list)
    warnings: list[dict] = field(default_factory=list)
    restated: list[dict] = field(default_factory=list)
    alike: list[dict] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    held_back: bool = False
    only_tried: bool = False
    refused: str | None = None
    serving: str | None = None

    @property
    def is_clean(self) -> bool:
        return self.refused is None and all(f.is_clean for f in self.files)


_ALIKE = "select * from alike_names order by field, folded, position"


class LoadRefused(RuntimeError):
    """Nothing was published; the report says which files stand in the way."""

    def __init__(self, report: LoadReport, why: str | None = None) -> None:
        self.report = report
        bad = [f"{f.file}: {f.refused}" for f in report.files if f.refused]
        report.refused = why or "; ".join(bad)
        report.published = report.already_current = False
        super().__init__(report.refused)


def load(
    workspace: Workspace,
    *,
    uploads: Mapping[str, Path] | None = None,
    only_try: bool = False,
    sent: Collection[str] = (),
) -> LoadReport:
    """Read the workspace and publish it as the current snapshot.

    `uploads` are files elsewhere that count as if they stood in the folder under their name;
    with `only_try` nothing is published and the report says what would be. `sent` are those files
    of both that come from somebody who may not see all rows: see `_turn_back`.

    Raises ContractError for a contract that is wrong, LoadRefused where a file is refused and
    LoadFailed where the system gives way; in each case the snapshot that was current stays so.
    """
    contract = read_contract(workspace.contract)
    with versions.alone(workspace.warehouse):
        try:
            versions.clear_leftovers(workspace.warehouse)
            for _ in range(settings.TRIES_WHILE_FILES_CHANGE):
                files = exports.find(contract, workspace.data, workspace.warehouse, uploads)
                report = _attempt(workspace, contract, files, only_try, sent)
                if report is not None:
                    report.only_tried = only_try
                    report.serving = versions.current_version(workspace.warehouse)
                    return report
        except LoadRefused as refusal:
            refusal.report.only_tried = only_try
            refusal.report.serving = versions.current_version(workspace.warehouse)
            if not only_try:
                _note(workspace, "refused", refusal.report, str(refusal))
            raise
        except (LoadFailed, ContractError):
            raise
        except Exception as error:
            # A full disk, a file that no reader was made for, a fault of our own: whatever it is,
            # nothing was published, and whoever loads is told and not left without the last data.
            raise LoadFailed(
                f"the load could not be done, and nothing was published: {told_of(error)}"
            ) from error
    changing = [f.name for f in files if f.has_changed()]
    raise LoadFailed(
        f"{', '.join(changing) or 'the exports'} changed while being read, "
        f"{settings.TRIES_WHILE_FILES_CHANGE} times over; load again once they are all there"
    )


def _attempt(
    workspace: Workspace,
    contract: Contract,
    files: list[ExportFile],
    only_try: bool,
    sent: Collection[str],
) -> LoadReport | None:
    """One try at a load; None where a file changed while it was read."""
    warehouse = workspace.warehouse
    if not any(f.path for f in files) and all(r.data is None for r in contract.resources):
        paths = ", ".join(f"'{p}'" for r in contract.resources for p in r.paths)
        empty = LoadReport("", False, False, [])
        raise LoadRefused(empty, f"{workspace.data} holds no file that the contract names: {paths}")
    code = _code_digest(contract)
    version = _version(code, files)
    now = versions.pointer(warehouse)
    kept = None if only_try else _kept(warehouse, version)
    if kept is not None:
        held = bool(now and now.held_back == version)
        moved = not held and (now is None or now.version != version)
        if moved:
            versions.point(warehouse, versions.Pointer(version))
            versions.note(warehouse, {"what": "published again", "version": version})
            older_versions.drop_unmasked(warehouse, version)
        report = kept
        report.published, report.held_back = moved, held
        report.already_current = not (moved or held)
        return report
    building = warehouse / f"building-{uuid.uuid4().hex}.duckdb"
    try:
        work = _Building(workspace, contract, files, version, code, building, sent)
        report = work.build()
        if any(f.has_changed() for f in files):
            return None
        if any(f.refused for f in report.files):
            raise LoadRefused(report)
        if only_try:
            # That a survey would not change says that a guess is right.
            report.restated = [r for r in report.restated if r["feed"] not in SENSITIVE]
            return report
        versions.publish(warehouse, building, work.workings, version)
        older_versions.drop_unmasked(warehouse, version)
        if "satisfaction" in work.changed:
            older_versions.withhold(warehouse, version)
        report.published = True
    finally:
        versions.remove(warehouse.glob(f"{building.name}*"))
    _note(workspace, "published", report)
    versions.drop_old(warehouse, keep=version)
    return report


def _kept(warehouse: Path, version: str) -> LoadReport | None:
    """The report of a snapshot that is there already; None, so that it is built again, if it is
    not, or is damaged."""
    if not versions.is_whole(warehouse, version):
        return None
    if not versions.are_workings_whole(warehouse, version):
        return None
    try:
        return recorded(warehouse, version)
    except duckdb.Error:
        return None


def told_of(error: Exception) -> str:
    """An error of the system's or of a library's in a line, with its kind where it says no more."""
    said = str(getattr(error, "strerror", None) or error).strip().split("\n")[0]
    return f"{said} ({type(error).__name__})" if said else type(error).__name__


def _note(workspace: Workspace, what: str, report: LoadReport, why: str | None = None) -> None:
    """Keep the load in the history; of a refused one also why, since no snapshot has it."""
    entry: dict = {
        "what": what,
        "version": report.version or None,
        "files": len(report.files),
        "files_read": sum(f.is_new for f in report.files),
        "rows_loaded": sum(f.loaded for f in report.files),
        "rows_set_aside": sum(f.set_aside for f in report.files),
        "restated": len(report.restated),
        "gone": report.gone,
    }
    if why:
        entry["why"] = settings.without_paths(why)
        entry["refused"] = [[f.file, f.refused] for f in report.files if f.refused]
    versions.note(workspace.warehouse, entry)


def _code_digest(contract: Contract) -> str:
    """A digest of all that decides how exports are read, but for the exports."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(contract.path.read_bytes())
    code = [*Path(__file__).parent.glob("*.py"), *(settings.QUERIES / "tables").glob("*.sql")]
    for path in sorted(code):
        digest.update(path.read_bytes())
    digest.update(duckdb.__version__.encode())
    for name in settings.DECIDE_WHAT_IS_LOADED:
        digest.update(f"\n{name}={getattr(settings, name)!r}".encode())
    return digest.hexdigest()


def _version(code: str, files: list[ExportFile]) -> str:
    digest = hashlib.blake2b(code.encode(), digest_size=6)
    for file in sorted(files, key=lambda f: (f.resource.name, f.name)):
        digest.update(f"{file.resource.name}\n{file.name}\n{file.digest}\n".encode())
    return digest.hexdigest()


@dataclass
class _Opened:
    """A file of this load that is read: its number, its account, and how to open it."""

    file_id: int
    account: FileAccount
    file: ExportFile


class _Building:
    """One snapshot being built; see `build`."""

    def __init__(
        self,
        workspace: Workspace,
        contract: Contract,
        files: list[ExportFile],
        version: str,
        code: str,
        path: Path,
        sent: Collection[str],
    ) -> None:
        self.workspace, self.contract, self.files = workspace, contract, files
        self.version, self.code, self.path, self.sent = version, code, path, sent
        self.accounts: dict[int, FileAccount] = {}
        self.by_id: dict[int, ExportFile] = {}
        self.sources: dict[int, Source] = {}
        self.changed: set[str] = set()
        self.gone: list[str] = []
        self.before: str | None = None
        self.workings = path.with_name(f"{path.name}.workings")
        self.con: duckdb.DuckDBPyConnection

    def has(self, feed: str) -> bool:
        """True where the workspace has a file of this feed."""
        return any(f.resource.feed == feed for f in self.files)

    def build(self) -> LoadReport:
        """Read, check and sum up into `path` and `workings`.

        The report's files say whether any was refused.
        """
        base = self._base()
        if base is not None:
            shutil.copyfile(snapshot_path(self.workspace.warehouse, base), self.path)
            shutil.copyfile(workings_path(self.workspace.warehouse, base), self.workings)
        self.con = duckdb.connect(
            str(self.path),
            config={
                "memory_limit": settings.MEMORY_LIMIT,
                "preserve_insertion_order": False,
                # A building that is killed is thrown away, so what it writes ahead helps nobody.
                "checkpoint_threshold": "1GB",
            },
        )
        try:
            staging.attach(self.con, str(self.workings))
            staging.open_staging(self.con)
            if base is None:
                staging.create_tables(self.con)
                restated.create_table(self.con)
                self._checkpoint()
                new = self._number(self.files, start=0)
                self.changed = set(FEEDS)
            else:
                new = self._keep_what_is_unchanged()
            self._read_all(new)
            self._settle()
            report = LoadReport(self.version, False, False, list(self.accounts.values()))
            report.gone = self.gone
            report.problems = self._problems()
            if not any(a.refused for a in self.accounts.values()):
                self._compare(fresh=base is None)
                self._record()
                self._record_contract()
                self._derive(everything=base is None)
                restated.withhold_surveys(self.con)
                withheld.hide_restated(self.con)
                report.warnings = _rows(self.con, "select * from warnings")
                alike.find(self.con)
                report.alike = _rows(self.con, _ALIKE)
                report.restated = _rows(
                    self.con, "select * from restatements where data_version = ?", [self.version]
                )
            self._checkpoint()
            return report
        finally:
            self.con.close()

    def _checkpoint(self) -> None:
        self.con.execute("checkpoint")
        self.con.execute("checkpoint staging")

    def _base(self) -> str | None:
        """The version to begin with: the one served, if the same contract and code made it."""
        warehouse = self.workspace.warehouse
        self.before = versions.current_version(warehouse)
        if self.before is None or not versions.is_whole(warehouse, self.before):
            self.before = None
            return None
        path = workings_path(warehouse, self.before)
        if not versions.are_workings_whole(warehouse, self.before):
            # What was restated earlier is still told; all is read anew.
            path = snapshot_path(warehouse, self.before)
            if not older_versions.is_in_one_file(path):
                return None
        try:
            with duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG) as con:
                code = con.execute("select code from build").fetchall()[0][0]
                old = con.execute(
                    "select resource, file, hash, copy_of, feed from files"
                ).fetchall()
        except duckdb.Error:
            # Made by an older version of this program, or gone: it helps neither to begin nor
            # to compare with.
            self.before = None
            return None
        # What is shown of a version that is withheld in part is not what its exports say.
        if code != self.code or older_versions.is_older(self.before):
            return None
        if any(f.refused for f in self.files):
            return None
        identities = {f.identity for f in self.files}
        differing = {f.resource.feed for f in self.files} - {feed for *_, feed in old}
        differing |= {feed for *one, feed in old if tuple(one) not in identities}
        known = {tuple(one) for *one, _ in old}
        differing |= {f.resource.feed for f in self.files if f.identity not in known}
        looked_up = {f.lookup[0] for r in self.contract.resources for f in r.fields if f.lookup}
        return None if differing & (_REFERENCE | looked_up) else self.before

    def _number(self, files: list[ExportFile], start: int) -> list[_Opened]:
        """Give files their numbers and accounts; those to be read are returned."""
        opened = []
        for file_id, file in enumerate(files, start):
            account = FileAccount(
                feed=file.resource.feed,
                file=file.name,
                resource=file.resource.name,
                hash=file.digest,
                illustrative=file.resource.illustrative,
                source=file.resource.source,
                refused=file.refused,
            )
            self.accounts[file_id] = account
            self.by_id[file_id] = file
            if file.refused is None:
                opened.append(_Opened(file_id, account, file))
        return opened

    def _keep_what_is_unchanged(self) -> list[_Opened]:
        """Take over the accounts of files that are as they were; drop the rows of the others."""
        con = self.con
        wanted = {f.identity: f for f in self.files}
        numbers = []
        for file_id, copy_of, account in _accounts(con):
            file = wanted.pop((account.resource, account.file, account.hash, copy_of), None)
            if file is None:
                numbers.append(file_id)
                self.changed.add(account.feed)
                if all(f.name != account.file for f in self.files):
                    self.gone.append(account.file)
                continue
            account.is_new = False
            self.accounts[file_id] = account
            self.by_id[file_id] = file
        if numbers:
            these = f"file_id in ({', '.join(map(str, numbers))})"
            for feed in FEEDS:
                con.execute(f"delete from {staging.table_of(feed)} where {these}")
            for table in ("problems", "skipped", "sums", "ledger_sums"):
                con.execute(f"delete from staging.{table} where {these}")
            con.execute(f"delete from supplier_sums where {these}")
        start = max([*self.accounts, *numbers], default=-1) + 1
        new = self._number([f for f in self.files if f.identity in wanted], start)
        self.changed |= {one.account.feed for one in new}
        return new

    def _name_files(self) -> None:
        """Files by number, for what depends on their order: numbers depend on when they came."""
        self.con.execute("create or replace temp table file_names (file_id integer, file varchar)")
        names = [(file_id, a.file) for file_id, a in self.accounts.items()]
        staging.insert(self.con, "file_names", names)

    def _read_all(self, new: list[_Opened]) -> None:
        self._name_files()
        for feed in FEEDS:
            if feed not in self.changed:
                continue
            mine = [one for one in new if one.account.feed == feed]
            numbers = [one.file_id for one in mine]
            took = self._read_feed(feed, mine, quickest=True)
            units.convert(self.con, feed, numbers)
            check.check_feed(self.con, feed, self.has, self.contract.waived, numbers)
            if took and self._has_unplaced_problems(feed, took):
                # The quickest reader keeps no line numbers, and something needs one: read again.
                for one in took:
                    self._forget(one)
                self._read_feed(feed, took, quickest=False)
                check.check_feed(
                    self.con, feed, self.has, self.contract.waived, [o.file_id for o in took]
                )
            if feed == "measures":
                frequency.note_unread(self.con, self.accounts)
            if feed == "ledger" and numbers:
                staging.sum_ledger(self.con, numbers)
            if feed == "satisfaction" and (back := self._turn_back(mine)):
                left = [number for number in numbers if number not in back]
                check.check_feed(self.con, feed, self.has, self.contract.waived, left)
        judged = self.changed & units.FIELDS.keys()
        if judged & units.OF_MEASURES:
            judged |= units.OF_MEASURES & {a.feed for a in self.accounts.values()}
        units.judge(self.con, judged, self.contract.waived)
        self.changed |= judged

    def _read_feed(self, feed: str, mine: list[_Opened], quickest: bool) -> list[_Opened]:
        """Read one feed's files, each resource in one go. Answers what the quick reader took."""
        took: list[_Opened] = []
        for resource in [r for r in self.contract.resources if r.feed == feed]:
            files = [one for one in mine if one.file.resource is resource]
            for one in [o for o in files if o.file.copy_of]:
                self._skip_copy(one)
            files = [one for one in files if not one.file.copy_of]
            size = sum(one.file.size for one in files)
            if quickest and size >= settings.FAST_READER_BYTES:
                left = bulk.read_bulk(
                    self.con,
                    resource,
                    [(o.file_id, o.account, o.file) for o in files],
                )
                numbers = {number for number, _, _ in left}
                took += [o for o in files if o.file_id not in numbers]
                files = [o for o in files if o.file_id in numbers]
            large = [o for o in files if o.file.size >= settings.FAST_READER_BYTES]
            directly = self._read_directly(resource, large) if quickest else []
            took += directly
            took_quickly = {o.file_id for o in directly} | {
                o.file_id for o in large if o not in directly and self._read_quickly(resource, o)
            }
            self._read_carefully(resource, [o for o in files if o.file_id not in took_quickly])
        return took

    def _read_directly(self, resource: Resource, files: list[_Opened]) -> list[_Opened]:
        """Read large files of the ledger in one go, and their last lines with care.

        Answers the files that were read: those of which all that is wrong stands in their last
        lines, with no row of data below. Nothing is kept of the others.
        """
        found = quick.read_directly(
            self.con, resource, [(o.file_id, o.file) for o in files], self.path, self.has
        )
        took = [one for one in files if one.file_id in found]
        tails = {one.file_id: found[one.file_id].tail for one in took}
        try:
            if took:
                staging.stage(
                    self.con, resource, [(o.file_id, o.account, tails[o.file_id]) for o in took]
                )
                typed.make(self.con, resource, self.has)
                took = self._keep_tails(resource, took, found)
        except FileRefused:
            # The careful reader will say the same of more than a few lines, if it is so.
            for one in took:
                self._forget(one)
            return []
        finally:
            self._clear_rows()
        return took

    def _keep_tails(
        self, resource: Resource, files: list[_Opened], found: dict[int, quick.Direct]
    ) -> list[_Opened]:
        """Judge the last lines in the table `typed`: the files where nothing else was odd."""
        odd = typed.odd_rows(resource)
        judged = {
            number: (wrong, mixed)
            for number, wrong, mixed in self.con.execute(
                f"select file_id, count(*) filter ({odd}), coalesce(max(line) filter (not {odd}) > "
                f"min(line) filter ({odd}), false) from typed group by file_id"
            ).fetchall()
        }
        took = []
        for one in files:
            direct, account = found[one.file_id], one.account
            wrong, mixed = judged.get(one.file_id, (0, False))
            if wrong + account.skipped_lines != direct.odd or mixed or direct.tail.has_tables:
                self.con.execute(f"delete from typed where file_id = {one.file_id}")
                self._forget(one)
                continue
            account.lines, account.header_lines = direct.lines, direct.header_lines
            account.read = direct.rows + direct.odd
            self.sources[one.file_id] = quick.QuickExport(
                direct.tail.layout, one.file.path, direct.tail.encoding
            )
            took.append(one)
        self.con.execute(f"delete from typed where not {odd}")
        money = next(f.name for f in resource.fields if f.kind == "money")
        typed.keep(
            self.con,
            resource,
            {o.file_id: o.account for o in took},
            {o.file_id: found[o.file_id].tail for o in took},
            {o.file_id: (found[o.file_id].rows, {money: found[o.file_id].amount}) for o in took},
        )
        return took

    def _forget(self, one: _Opened) -> None:
        """Take back what was read of a file, to read it in another way."""
        these = f"file_id = {one.file_id}"
        self.con.execute(f"delete from {staging.table_of(one.account.feed)} where {these}")
        for table in ("problems", "skipped", "sums"):
            self.con.execute(f"delete from staging.{table} where {these}")
        one.account.start_again()

    def _turn_back(self, mine: list[_Opened]) -> set[int]:
        """Refuse surveys that were sent with answers that other files hold already.

        Whether such a row is a repeat or a conflict says whether a guess at what few people said
        is right; so neither is said. Answers the numbers of the files.
        """
        back = set()
        for one in mine:
            if one.account.file not in self.sent:
                continue
            others = self.con.execute(
                f"select n.file from {staging.table_of('satisfaction')} as t "
                f"join {staging.table_of('satisfaction')} as o on o.file_id != t.file_id "
                "and o.period = t.period and o.period_end = t.period_end "
                "and o.service_id = t.service_id and o.council_id = t.council_id "
                "join file_names as n on n.file_id = o.file_id "
                "where t.file_id = ? order by all limit 1",
                [one.file_id],
            ).fetchall()
            other = one.file.copy_of or (others[0][0] if others else None)
            if other is not None:
                self._forget(one)
                one.account.lines = one.account.header_lines = 0
                one.account.refused = (
                    f"{other} has answers of the same survey, service and customer already: send "
                    "the survey under that name, and it is replaced, or only what is new in it"
                )
                back.add(one.file_id)
        return back

    def _clear_rows(self) -> None:
        self.con.execute("drop view if exists rows")
        for table in ("cells", "staged", "typed"):
            self.con.execute(f"drop table if exists temp.{table}")

    def _read_quickly(self, resource: Resource, one: _Opened) -> bool:
        """Read one large file with DuckDB's help. False where the careful reader has to."""
        try:
            source = quick.read_quickly(
                self.con, resource, one.file_id, one.account, one.file, self.path
            )
            if source is None:
                return False
            self.sources[one.file_id] = source
            accounts, sources = {one.file_id: one.account}, {one.file_id: source}
            typed.type_rows(self.con, resource, accounts, self.has, sources)
        except FileRefused as error:
            one.account.refused = str(error)
        finally:
            self._clear_rows()
        return True

    def _skip_copy(self, one: _Opened) -> None:
        account, lines = one.account, one.file.lines
        account.lines = account.read = account.skipped_lines = lines
        account.skipped = {f"the same file as {one.file.copy_of}": lines}

    def _read_carefully(self, resource: Resource, files: list[_Opened]) -> None:
        opened: list[tuple[int, FileAccount, Export]] = []

        def one_by_one() -> Iterator[tuple[int, FileAccount, Export]]:
            for one in files:
                try:
                    export = open_export(one.file.read(), resource, one.file.name, one.file.read)
                except FileRefused as error:
                    one.account.refused = str(error)
                    continue
                self.sources[one.file_id] = export
                opened.append((one.file_id, one.account, export))
                yield opened[-1]

        is_much = sum(one.file.size for one in files) > settings.MUCH_TEXT_BYTES
        try:
            with staging.little_memory(self.con, is_much):
                staging.stage(self.con, resource, one_by_one())
                self._type_carefully(resource, files, opened)
        except duckdb.OutOfMemoryException:
            if not is_much:
                raise
            opened.clear()
            for one in files:
                self._forget(one)
            staging.stage(self.con, resource, one_by_one())
            self._type_carefully(resource, files, opened)
        finally:
            self._clear_rows()

    def _type_carefully(
        self,
        resource: Resource,
        files: list[_Opened],
        opened: list[tuple[int, FileAccount, Export]],
    ) -> None:
        if not opened:
            return
        accounts = {file_id: account for file_id, account, _ in opened}
        sources: dict[int, Source] = {file_id: export for file_id, _, export in opened}
        try:
            typed.type_rows(self.con, resource, accounts, self.has, sources)
        except FileRefused as error:
            if len(opened) == 1:
                opened[0][1].refused = str(error)
                return
            # Say which of them are to blame, by reading each alone.
            alone = [one for one in files if one.file_id in accounts]
            for one in alone:
                self._forget(one)
                self._read_carefully(resource, [one])
            if not any(one.account.refused for one in alone):
                # Each can be read, but not in the same way as the others.
                for one in alone:
                    one.account.refused = (
                        f"together with the other files of {resource.name}: {error}"
                    )

    def _has_unplaced_problems(self, feed: str, took: list[_Opened]) -> bool:
        these = ", ".join(str(one.file_id) for one in took)
        return bool(
            self.con.execute(
                "select count(*) from staging.problems where feed = ? and line is null "
                f"and file_id in ({these})",
                [feed],
            ).fetchall()[0][0]
        )

    def _settle(self) -> None:
        """Fill in each account: what was set aside, what was a repeat, and so what was loaded."""
        con = self.con
        set_aside = dict(
            con.execute(
                "select file_id, count(distinct (line, part)) from staging.problems "
                "group by file_id"
            ).fetchall()
        )
        loaded: dict[int, int] = {}
        repeats: dict[tuple[int, str], int] = {}
        over: dict[int, tuple[str, dict[str, Decimal]]] = {}
        for feed in self.changed - {"ledger"}:
            for file_id, standing, rows in con.execute(
                f"select file_id, standing, sum(entries) from {staging.table_of(feed)} "
                "group by file_id, standing"
            ).fetchall():
                if standing is None:
                    loaded[file_id] = int(rows)
                elif standing in _REPEATS:
                    repeats[(file_id, standing)] = int(rows)
            over |= over_time.agreed(con, feed)
        if "ledger" in self.changed:
            loaded |= {
                file_id: int(rows)
                for file_id, rows in con.execute(
                    "select file_id, sum(lines) from staging.ledger_sums group by file_id"
                ).fetchall()
            }
            same_lines.note(con, {i: a for i, a in self.accounts.items() if a.feed == "ledger"})
        self._reconcile({file_id: sums for file_id, (_, sums) in over.items()})
        for file_id, account in self.accounts.items():
            if account.feed not in self.changed or account.refused:
                continue
            account.set_aside = set_aside.get(file_id, 0)
            account.loaded = loaded.get(file_id, 0)
            account.over_time = over[file_id][0] if file_id in over else None
            for standing in _REPEATS:
                account.skipped.pop(standing, None)
                if rows := repeats.get((file_id, standing)):
                    account.skipped[standing] = rows
            if not account.adds_up():
                raise AssertionError(f"the lines of {account.file} do not add up: {account}")
            account.note_if_empty()
            self._refuse_if_mostly_bad(file_id, account)

    def _reconcile(self, over: Mapping[int, Mapping[str, Decimal]]) -> None:
        """What each file's rows come to beside what it states, for feeds that changed.

        `over` is what totals over time come to, by file and field. They are no data, so that they
        do not count, unless the file's own total counts them.
        """
        con = self.con
        loaded: dict[tuple[int, str], Decimal] = {}
        kept: dict[int, list[Reconciled]] = {}
        sums = con.execute(
            "select feed, file_id, field, counted, unreadable, stated, stated_line "
            "from staging.sums order by file_id, field"
        ).fetchall()
        for feed, name in {(feed, name) for feed, _, name, *_ in sums if feed in self.changed}:
            table = "staging.ledger_sums" if feed == "ledger" else f"staging.{feed}"
            for file_id, amount in con.execute(
                f"select file_id, sum({name_sql(name)})::decimal(38,2) from {table} "
                "group by file_id"
            ).fetchall():
                loaded[(file_id, name)] = amount or Decimal(0)
        for feed, file_id, name, counted, unreadable, stated, line in sums:
            if feed in self.changed:
                amount = loaded.get((file_id, name), Decimal(0))
                if stated is None or stated != counted:
                    counted -= over.get(file_id, {}).get(name, Decimal(0))
                kept.setdefault(file_id, []).append(
                    Reconciled(name, counted, amount, stated, line, unreadable)
                )
        for file_id, account in self.accounts.items():
            if account.feed in self.changed:
                account.reconciled = kept.get(file_id, [])

    def _refuse_if_mostly_bad(self, file_id: int, account: FileAccount) -> None:
        resource = self.by_id[file_id].resource
        limit = next(
            s
            for s in (resource.bad_share, self.contract.bad_share, settings.BAD_SHARE)
            if s is not None
        )
        if not account.set_aside:
            return
        # Quarters beside months say nothing against the rest of their file.
        aside = account.set_aside - self._set_aside_over_time(file_id)
        rows = account.loaded + account.set_aside
        declared = resource.bad_share is not None or self.contract.bad_share is not None
        few = aside < settings.BAD_ROWS_AT_LEAST and not declared
        if aside and not few and aside > limit * rows:
            account.refused = (
                f"{aside:,} of {rows:,} rows are wrong, more than the "
                f"{limit:.0%} that may be set aside; nothing of the file was loaded. The first: "
                f"{self._first_problem(file_id)}"
            )
        elif not account.loaded and self._is_wrong_by_itself(file_id):
            account.refused = (
                f"{'its only row is' if rows == 1 else f'all of its {rows:,} rows are'} wrong, so "
                f"that nothing of the file can be loaded. The first: {self._first_problem(file_id)}"
            )

    def _set_aside_over_time(self, file_id: int) -> int:
        return self.con.execute(
            "select count(distinct (line, part)) from staging.problems "
            "where file_id = ? and kind = ?",
            [file_id, over_time.KIND],
        ).fetchall()[0][0]

    def _is_wrong_by_itself(self, file_id: int) -> bool:
        """True where no row of a file stands, or was set aside, for what another file says."""
        if any(self.accounts[file_id].skipped.get(standing) for standing in _REPEATS):
            return False
        between = "select 1 from staging.problems where file_id = ? and kind in (?, ?) limit 1"
        kinds = ["key between files", over_time.KIND]
        return not self.con.execute(between, [file_id, *kinds]).fetchall()

    def _first_problem(self, file_id: int) -> str:
        line, name, value, reason = self.con.execute(
            "select line, field, value, reason from staging.problems where file_id = ? "
            "order by line, part limit 1",
            [file_id],
        ).fetchall()[0]
        feed = self.accounts[file_id].feed
        if feed in SENSITIVE and name not in FEEDS[feed].key:
            # Readers are told why a file was refused; not what few people answered.
            value, reason = None, re.sub(r"[0-9]+([.,][0-9]+)*", "…", reason)
        shown = f"{name} '{value}'" if name and value is not None else name or "the line"
        return f"line {line}: {shown}: {reason}"

    def _problems(self) -> list[dict]:
        """Each problem with its file, after giving those without it the text of their line."""
        con = self.con
        wanted: dict[int, set[int]] = {}
        for file_id, line in con.execute(
            "select distinct file_id, line from staging.problems where row_text is null"
        ).fetchall():
            wanted.setdefault(file_id, set()).add(line)
        texts = [
            (file_id, line, record.text)
            for file_id, lines in wanted.items()
            for line, record in self._records(file_id, sorted(lines)).items()
        ]
        con.execute(
            "create or replace temp table texts (file_id integer, line integer, text varchar)"
        )
        staging.insert(con, "texts", texts)
        con.execute(
            "update staging.problems as p set row_text = t.text from texts as t "
            "where p.file_id = t.file_id and p.line = t.line"
        )
        return _problems(con, self.accounts)

    def _records(self, file_id: int, lines: list[int]) -> dict[int, Record]:
        if file_id not in self.sources:
            file = self.by_id[file_id]
            self.sources[file_id] = open_export(file.read(), file.resource, file.name, file.read)
        return self.sources[file_id].records_at(lines)

    def _compare(self, fresh: bool) -> None:
        if self.before is None:
            return
        con, warehouse = self.con, self.workspace.warehouse
        path = snapshot_path(warehouse, self.before)
        con.execute(f"attach {text_sql(str(path))} as before (read_only)")
        try:
            if fresh:
                restated.keep_earlier(con)
            if older_versions.is_in_one_file(path):
                restated.compare(con, self.version, self.changed, "before.staging")
        finally:
            con.execute("detach before")
        if versions.are_workings_whole(warehouse, self.before):
            path = workings_path(warehouse, self.before)
            con.execute(f"attach {text_sql(str(path))} as workings_before (read_only)")
            try:
                restated.compare(con, self.version, self.changed, "workings_before")
            finally:
                con.execute("detach workings_before")

    def _record(self) -> None:
        """What was loaded, from where, when and by whom, kept in the snapshot itself."""
        con = self.con
        con.execute("create or replace table staging.build (code varchar)")
        con.execute("insert into staging.build values (?)", [self.code])
        con.execute(
            "create or replace table workspace (title varchar, description varchar, "
            "licence varchar, data_version varchar, loaded_at timestamp, loaded_by varchar, "
            "waived varchar, as_of date)"
        )
        con.execute(
            "insert into workspace values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self.contract.title,
                self.contract.description,
                self.contract.licence,
                self.version,
                datetime.now(UTC).replace(tzinfo=None, microsecond=0),
                versions.who(),
                ", ".join(w for w in self.contract.waived if w not in WAIVABLE_CHECKS),
                self.contract.as_of,
            ],
        )
        con.execute(
            "create or replace table staging.files (file_id integer, feed varchar, "
            "resource varchar, file varchar, hash varchar, copy_of varchar, rows_read bigint, "
            "rows_loaded bigint, rows_set_aside bigint, rows_skipped bigint, lines bigint, "
            "header_lines integer, skipped varchar, source varchar, is_illustrative boolean, "
            "is_new boolean, account varchar)"
        )
        staging.insert(
            con,
            "staging.files",
            [
                (
                    file_id,
                    a.feed,
                    a.resource,
                    a.file,
                    a.hash,
                    self.by_id[file_id].copy_of,
                    a.read,
                    a.loaded,
                    a.set_aside,
                    sum(a.skipped.values()),
                    a.lines,
                    a.header_lines,
                    json.dumps(a.skipped, sort_keys=True),
                    a.source,
                    a.illustrative,
                    a.is_new,
                    json.dumps(asdict(a), default=str),
                )
                for file_id, a in self.accounts.items()
            ],
        )
        withheld.note_files(con, self.contract)

    def _record_contract(self) -> None:
        """The contract as the Data page shows it, and each file's money beside its own total."""
        con = self.con
        con.execute(
            "create or replace table resources (position integer, resource varchar, feed varchar, "
            "paths varchar, source varchar, is_illustrative boolean, expected_days integer, "
            "template varchar)"
        )
        con.execute(
            "create or replace table contract_fields (resource varchar, position integer, "
            "field varchar, kind varchar, is_required boolean, found_as varchar, rules varchar)"
        )
        con.execute(
            "create or replace table staging.reconciled (file_id integer, feed varchar, "
            "resource varchar, file varchar, field varchar, counted decimal(38,2), "
            "loaded decimal(38,2), stated decimal(38,2), stated_line integer, unreadable bigint)"
        )
        resources = self.contract.resources
        staging.insert(
            con,
            "resources",
            [
                (
                    at,
                    r.name,
                    r.feed,
                    ", ".join(r.paths) or "in the contract itself",
                    r.source,
                    r.illustrative,
                    r.expected_days,
                    r.template,
                )
                for at, r in enumerate(resources)
            ],
        )
        staging.insert(
            con,
            "contract_fields",
            [
                (r.name, at, f.name, f.kind, f.required, terms.found_as(f), terms.rules(r, f))
                for r in resources
                for at, f in enumerate(r.fields)
            ],
        )
        staging.insert(
            con,
            "staging.reconciled",
            [
                (
                    file_id,
                    a.feed,
                    a.resource,
                    a.file,
                    r.field,
                    f"{r.counted:f}",
                    f"{r.loaded:f}",
                    None if r.stated is None else f"{r.stated:f}",
                    r.stated_line,
                    r.unreadable,
                )
                for file_id, a in self.accounts.items()
                for r in a.reconciled
            ],
        )
        withheld.show_files(con)

    def _derive(self, everything: bool) -> None:
        """Build the tables that pages read, or those of them that a changed feed goes into."""
        withheld.offer(self.con)
        stale = {f"staging.{feed}" for feed in self.changed}
        if "ledger" in self.changed:
            stale |= {"staging.ledger_sums", "supplier_sums", "ledger"}
        for path in sorted((settings.QUERIES / "tables").glob("*.sql")):
            sql = path.read_text(encoding="utf-8")
            code = re.sub(r"--.*", "", sql)
            made = set(re.findall(r"create or replace table ([\w.]+)", code))
            used = set(re.findall(r"(?:from|join)\s+([\w.]+)", code)) - made
            # What every load writes anew is always stale.
            if everything or used & (
                stale | {"files", "resources", "staging.problems", "staging.skipped"}
            ):
                self.con.execute(sql)
                stale |= made
            if "staging.answers" in made & stale:
                small_numbers.hide(self.con)
                stale.add("staging.hidden_survey")


def recorded(warehouse: Path, version: str) -> LoadReport:
    """The report that a snapshot was published with."""
    path = snapshot_path(warehouse, version)
    # Not opened by itself: readers of this process may have it open, without leave to attach.
    with duckdb.connect() as con:
        con.execute(f"attach {text_sql(str(path))} as shown (read_only); use shown")
        staging.attach(con, str(workings_path(warehouse, version)), read_only=True)
        accounts = {file_id: account for file_id, _, account in _accounts(con)}
        return LoadReport(
            version,
            False,
            True,
            list(accounts.values()),
            _problems(con, accounts),
            _rows(con, "select * from warnings"),
            _rows(con, "select * from restatements where data_version = ?", [version]),
            _rows(con, _ALIKE),
        )


def _problems(con: duckdb.DuckDBPyConnection, accounts: Mapping[int, FileAccount]) -> list[dict]:
    """Each problem with its feed and file."""
    found = _rows(
        con,
        "select file_id, line, field, value, expected, reason, row_text from staging.problems "
        "order by file_id, line, part, field",
    )
    return [
        {"feed": accounts[p["file_id"]].feed, "file": accounts[p["file_id"]].file} | p
        for p in found
    ]


def _accounts(con: duckdb.DuckDBPyConnection) -> list[tuple[int, str | None, FileAccount]]:
    """Each file's number, the file it copies, and its account, as a snapshot keeps them."""
    found = []
    for file_id, copy_of, text in con.execute(
        "select file_id, copy_of, account from staging.files order by file_id"
    ).fetchall():
        kept = json.loads(text)
        kept["reconciled"] = [
            Reconciled(
                r["field"],
                Decimal(r["counted"]),
                Decimal(r["loaded"]),
                None if r["stated"] is None else Decimal(r["stated"]),
                r["stated_line"],
                r["unreadable"],
            )
            for r in kept["reconciled"]
        ]
        found.append((file_id, copy_of, FileAccount(**kept)))
    return found


def _rows(con: duckdb.DuckDBPyConnection, sql: str, given: list | None = None) -> list[dict]:
    found = con.execute(sql, given or [])
    names = [c[0] for c in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
