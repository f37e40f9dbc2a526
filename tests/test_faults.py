"""What a folder, a disk or a file of ours can do wrong: a message, and the last good data."""

import errno
import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import settings, startup, warehouse
from dashboard.load import exports, versions
from dashboard.load.contract import ContractError
from dashboard.load.publish import LoadRefused, load
from dashboard.load.versions import LoadFailed, UnknownVersion, current_version, snapshot_path
from dashboard.settings import Workspace
from tests.test_load import PERFORMANCE, _rows, _write
from tests.test_load import workspace as workspace  # a fixture

GOOD = PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n"
BETTER = PERFORMANCE + "2018-03,ict,bexley,fix,75,3,4,final\n"
BAD = "nothing,that,is,known\n1,2,3,4\n"

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


@pytest.fixture
def published(workspace) -> str:
    """The version of a workspace that was loaded and is right."""
    _write(workspace, "performance.csv", GOOD)
    return load(workspace).version


def _values(workspace: Workspace) -> list[float]:
    return [value for (value,) in _rows(workspace, "select value from performance")]


def _environment(workspace: Workspace) -> dict[str, str]:
    given = {"DATA": workspace.data, "CONTRACT": workspace.contract}
    given |= {"WAREHOUSE": workspace.warehouse}
    return {**os.environ, **{key: str(value) for key, value in given.items()}}


def _start(workspace: Workspace, before: str = "") -> dict:
    """What a server's start comes to, in a process of its own: the problem it tells, and the
    version it serves. Fails where it takes a minute: something waits for what never comes."""
    code = (
        f"import json\n{before}\n"
        "from dashboard import startup, warehouse\n"
        "problem = startup.prepare()\n"
        "print(json.dumps({'problem': problem, 'version': warehouse.version()}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.ROOT,
        env=_environment(workspace),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- What stands in the folder -------------------------------------------------------------------


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_told_and_the_last_good_data_is_served(workspace, published, kind):
    odd = workspace.data / "performance-2.csv"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "device":
        odd.symlink_to("/dev/zero")
    else:
        (workspace.data / "elsewhere").mkdir()
        odd.symlink_to("elsewhere")
    started = _start(workspace)
    # A link to a folder is a folder, in which the contract names no file.
    said = "performance-2.csv: is a pipe, a device or a folder, and no file"
    assert started == {"problem": None if kind == "folder" else said, "version": published}


@posix
def test_a_contract_that_is_no_file_is_told(workspace, published):
    workspace.contract.unlink()
    os.mkfifo(workspace.contract)
    started = _start(workspace)
    assert started["version"] == published
    assert started["problem"].endswith("a pipe, a device or a folder, and no contract")


@posix
def test_a_folder_that_links_to_itself_is_gone_into_once(workspace):
    _write(workspace, "performance.csv", GOOD)
    for name in ("one", "two"):
        (workspace.data / name).symlink_to(workspace.data)
    assert [f.name for f in exports._listing(workspace.data).values()].count("services.csv") == 1
    assert load(workspace).published


@posix
def test_a_name_that_is_no_text_is_shown_by_its_bytes(workspace):
    odd = os.fsencode(workspace.data) + b"/performance-\xff\x1b[31m.csv"
    try:
        Path(os.fsdecode(odd)).write_text(GOOD)
    except OSError:
        pytest.skip("this file system keeps names as text")
    report = load(workspace)
    assert [f.file for f in report.files if f.loaded and f.feed == "performance"] == [
        "performance-\\xff\x1b[31m.csv"
    ]
    said = subprocess.run(
        [sys.executable, "-m", "dashboard", "load"],
        cwd=settings.ROOT,
        env=_environment(workspace),
        capture_output=True,
        timeout=60,
    ).stdout.decode()
    assert "performance-\\xff[31m.csv" in said
    assert "\x1b" not in said


@posix
def test_a_file_that_may_not_be_read_is_refused_by_name(workspace, published, monkeypatch):
    def denied(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    _write(workspace, "performance.csv", BETTER)
    monkeypatch.setattr(exports, "_read_through", denied)
    with pytest.raises(LoadRefused, match=r"performance\.csv: cannot be read: Permission denied$"):
        load(workspace)
    assert current_version(workspace.warehouse) == published


@posix
def test_a_file_without_an_end_of_line_is_not_read_to_its_end(workspace, published):
    """One of a terabyte of nothing, which takes no room on the disk, would take half an hour."""
    os.truncate(workspace.data / "performance.csv", 1 << 40)
    began = time.monotonic()
    with pytest.raises(LoadRefused, match=r"performance\.csv: has a line of more than 16 MB"):
        load(workspace)
    assert time.monotonic() - began < 30
    assert versions.current_version(workspace.warehouse) == published


# --- What a contract asks for --------------------------------------------------------------------


def test_a_pattern_that_would_go_on_for_ever_is_refused(workspace, published, monkeypatch):
    monkeypatch.setattr(settings, "PATTERN_SECONDS", 0.2)
    contract = json.loads(workspace.contract.read_text())
    fields = contract["resources"][0]["schema"]["fields"]
    fields[1]["constraints"] = {"pattern": "(a|aa)+b"}
    workspace.contract.write_text(json.dumps(contract))
    _write(workspace, "services.csv", f"service_id,name\nict,{'a' * 60}\nhr,HR\n")
    began = time.monotonic()
    with pytest.raises(LoadRefused, match=r"takes more than 0\.2 seconds") as refusal:
        load(workspace)
    assert time.monotonic() - began < 30
    assert "the contract's pattern '(a|aa)+b' of name" in str(refusal.value)


def test_paths_of_many_stars_over_a_deep_folder_are_told_at_once():
    pattern = "/".join(["**", "a"] * 12) + "/b.csv"
    began = time.monotonic()
    assert not exports.matches("/".join(["a"] * 40 + ["c.csv"]), _resource(pattern))
    assert exports.matches("/".join(["a"] * 40 + ["b.csv"]), _resource(pattern))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("name", "pattern", "is_of"),
    [
        ("a.csv", "*.csv", True),
        ("b/a.csv", "*.csv", False),
        ("a.csv", "**/*.csv", True),
        ("b/c/a.csv", "**/*.csv", True),
        ("b/a.csv", "b/**", True),
        ("b/a.csv", "b/**/**/a.csv", True),
        ("b/c/a.csv", "b/*/a.csv", True),
        ("b/a.csv", "b/*/a.csv", False),
        ("b/c/d/a.csv", "**/c/**/a.csv", True),
        ("b/d/a.csv", "**/c/**/a.csv", False),
    ],
)
def test_one_star_stays_within_a_folder_and_two_do_not(name, pattern, is_of):
    assert exports.matches(name, _resource(pattern)) is is_of


def _resource(path: str) -> SimpleNamespace:
    return SimpleNamespace(paths=(path,))


# --- Files of our own that were damaged ----------------------------------------------------------

DAMAGES = [b"", b"\xff\xfe\x00", b"{", b"[1]", b'"text"', b"[" * 100_000, b'{"at": 1}', b"null"]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["digests.json", "loads.jsonl", "current.json"])
def test_a_damaged_file_of_our_own_ends_no_start(workspace, published, name, damage):
    (workspace.warehouse / name).write_bytes(damage)
    assert load(workspace).version == published
    known = [entry["what"] for entry in versions.history(workspace.warehouse)]
    assert (
        known
        == {
            "digests.json": ["published"],
            "loads.jsonl": [],
            "current.json": ["published again", "published"],
        }[name]
    )


@pytest.mark.parametrize(
    "held", [["a"], [1, 2], {"a": 1}, "text", None, [0, 0, 0, 0, -1, "zz"], [[], [], [], [], 1, ""]]
)
def test_a_digest_that_is_none_is_taken_anew(workspace, published, held):
    kept = workspace.warehouse / "digests.json"
    paths = [str(p) for p in workspace.data.glob("*.csv")]
    kept.write_text(json.dumps(dict.fromkeys(paths, held)))
    assert load(workspace).already_current


def test_a_history_with_damaged_lines_keeps_the_others(workspace, published):
    file = workspace.warehouse / "loads.jsonl"
    file.write_bytes(b'\xff\n[]\n{"what": "published"}\n5\n' + file.read_bytes() + b'{"at": "2')
    assert [e["version"] for e in versions.history(workspace.warehouse)] == [published]


def _flip(path: Path) -> None:
    """One bit of a file's middle turned round."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def test_a_damaged_snapshot_is_noticed_and_made_anew(workspace, published):
    snapshot = snapshot_path(workspace.warehouse, published)
    whole = snapshot.stat().st_size
    _flip(snapshot)
    assert not versions.is_whole(workspace.warehouse, published)
    report = load(workspace)
    assert report.published and report.version == published
    assert versions.is_whole(workspace.warehouse, published)
    assert snapshot.stat().st_size == whole
    assert load(workspace).already_current


def test_no_snapshot_is_begun_from_a_damaged_one(workspace, published):
    _flip(snapshot_path(workspace.warehouse, published))
    _write(workspace, "performance.csv", BETTER)
    report = load(workspace)
    assert all(f.is_new for f in report.files)
    assert _values(workspace) == [75.0]


def test_a_reader_sees_a_snapshot_that_was_made_anew(workspace, published, use):
    use(workspace)
    before = warehouse.fetch("workspace", is_remembered=False)
    _flip(snapshot_path(workspace.warehouse, published))
    load(workspace)
    assert warehouse.fetch("workspace", is_remembered=False)["title"] == before["title"]


def test_where_exports_are_refused_and_the_snapshot_is_damaged_the_one_before_is_served(
    workspace, published
):
    _write(workspace, "performance.csv", BETTER)
    newer = load(workspace).version
    _flip(snapshot_path(workspace.warehouse, newer))
    _write(workspace, "performance.csv", BAD)
    started = _start(workspace)
    assert started["version"] == published
    assert started["problem"].startswith("performance.csv: ")
    # Once the exports are right again, all is as if nothing had been.
    _write(workspace, "performance.csv", BETTER)
    assert load(workspace).version == newer
    assert _values(workspace) == [75.0]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": "../../secret"}', b'{"version": 5}'])
def test_where_nothing_points_to_a_snapshot_the_newest_is_served(workspace, published, damage):
    (workspace.warehouse / "current.json").write_bytes(damage)
    _write(workspace, "performance.csv", BAD)
    assert _start(workspace)["version"] == published
    (workspace.warehouse / "current.json").unlink()
    assert _start(workspace)["version"] == published


def test_without_any_good_snapshot_the_start_says_why(workspace, use):
    _write(workspace, "performance.csv", BAD)
    use(workspace)
    with pytest.raises(LoadRefused, match=r"performance\.csv"):
        startup.prepare.__wrapped__()


# --- A disk that is full -------------------------------------------------------------------------

FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))
"""


@posix
@pytest.mark.parametrize("room", [0, 100, 20_000, 300_000, 1_000_000])
def test_on_a_full_disk_a_server_starts_with_the_last_good_data(workspace, published, room):
    """No file may grow beyond `room` bytes: what is written fails here, or there."""
    _write(workspace, "performance.csv", BETTER)
    started = _start(workspace, FULL.format(room))
    assert started["version"] == published
    assert started["problem"] and "nothing was published" in started["problem"]
    # With room again the new exports are there, and nothing is left of what was begun.
    assert load(workspace).published
    assert _values(workspace) == [75.0]
    assert not list(workspace.warehouse.glob("building-*"))


@posix
def test_on_a_full_disk_exports_that_did_not_change_are_served(workspace, published):
    assert _start(workspace, FULL.format(0)) == {"problem": None, "version": published}


def test_a_history_that_cannot_be_written_undoes_no_load(workspace, published):
    (workspace.warehouse / "loads.jsonl").unlink()
    (workspace.warehouse / "loads.jsonl").mkdir()
    _write(workspace, "performance.csv", BETTER)
    assert load(workspace).published
    assert _values(workspace) == [75.0]
    assert versions.history(workspace.warehouse) == []


def test_a_fault_of_the_program_is_a_message_and_publishes_nothing(
    workspace, published, monkeypatch
):
    def broken(*_):
        raise RecursionError("too deep")

    _write(workspace, "performance.csv", BETTER)
    monkeypatch.setattr("dashboard.load.check.check_feed", broken)
    with pytest.raises(LoadFailed) as failure:
        load(workspace)
    assert str(failure.value) == (
        "the load could not be done, and nothing was published: too deep (RecursionError)"
    )
    assert current_version(workspace.warehouse) == published


# --- What is kept --------------------------------------------------------------------------------


def test_the_last_version_of_each_day_is_kept_beside_the_newest(workspace):
    today = datetime.now().replace(hour=12)
    made = []
    # Three loads on each of 16 days, then six today.
    for ago in [*(d for d in range(16, 0, -1) for _ in range(3)), *[0] * 6]:
        version = f"{len(made):012x}"
        path = snapshot_path(workspace.warehouse, version)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
        at = (today - timedelta(days=ago)).timestamp() + len(made)
        os.utime(path, (at, at))
        made.append(version)
    versions.drop_old(workspace.warehouse, keep=made[0])
    last_of_days = made[2:48:3]
    assert versions.kept(workspace.warehouse) == [
        *reversed(made[-settings.SNAPSHOTS_KEPT :]),
        *reversed(last_of_days[-(settings.DAYS_KEPT - 1) :]),
        made[0],
    ]


# --- What readers are told -----------------------------------------------------------------------


def test_no_message_to_a_reader_says_where_this_machine_keeps_its_files(workspace, use):
    use(workspace)
    said = []
    workspace.contract.write_text("{")
    for broken in ("contract", "nothing"):
        if broken == "nothing":
            (workspace.contract).write_text('{"resources": [{"name": "costs", "path": "*.x"}]}')
        try:
            load(workspace)
        except (ContractError, LoadRefused, LoadFailed) as error:
            said.append(settings.without_paths(str(error)))
    assert said[0].startswith("datapackage.json: not JSON")
    assert len(said) == 2
    places = {str(workspace.data), str(workspace.warehouse), str(settings.ROOT), "/tmp"}
    assert not [s for s in said for place in places if place in s]


# --- What another version of the dashboard made --------------------------------------------------


def _of_another_program(workspace: Workspace, version: str) -> None:
    """The snapshot as a program would have made it whose table of services had no `name`."""
    path = snapshot_path(workspace.warehouse, version)
    with duckdb.connect(str(path)) as con:
        con.execute("alter table services rename column name to title")
    # What that program wrote beside it: the file is whole.
    versions._checksum_path(path).write_text(versions._checksum(path))


def test_where_what_was_published_cannot_be_read_and_nothing_new_can_be_every_page_says_so(
    workspace, published, use
):
    _of_another_program(workspace, published)
    _write(workspace, "performance.csv", BAD)
    use(workspace)
    startup.prepare.cache_clear()
    startup.unreadable.cache_clear()
    page = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60).run()
    startup.prepare.cache_clear()
    startup.unreadable.cache_clear()
    assert not page.exception and not page.title
    (said,) = page.error
    assert "was made by another version of the dashboard" in said.value
    assert "no header row found" in said.value


def test_a_version_that_cannot_be_read_is_not_served_again(workspace, published):
    _write(workspace, "performance.csv", BETTER)
    now = load(workspace).version
    assert now != published
    _of_another_program(workspace, published)
    with pytest.raises(LoadFailed, match="made by another version of the dashboard"):
        warehouse.restore(published, workspace)
    assert warehouse.version(workspace) == now
    with pytest.raises(UnknownVersion):
        warehouse.restore("0123456789ab", workspace)


@pytest.mark.parametrize("name", ["shipped", "three_councils"])
def test_what_this_program_made_it_can_read(use, name):
    workspace = use(name)
    assert warehouse.unreadable(warehouse.version(), workspace) is None
