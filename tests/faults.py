"""Faults on demand: what a killed load, a full disk, damage, or a wrong clock make of the answers.

    python -m tests.faults [KILLS]

kills 1,000 loads, or as many as are named, each at a random moment and while readers read; lets
the disk fill at every size; damages the warehouse's own files; turns clocks; and lets two servers
load and read one warehouse. Prints how often each was done and what came of it, and exits 1 on
any wrong answer. Every answer has to be the old version or the new one, whole.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dashboard import settings, warehouse
from dashboard.load import versions
from dashboard.load.publish import load
from dashboard.settings import Workspace
from tests.test_faults import FULL
from tests.test_publish import CONTRACT, _environment, _month

KILLS = 1_000

# Starts on demand, each in a process of its own that began with everything imported: a kill then
# falls into the load and not into the start of the interpreter.
_SERVER = """
import json, os, sys, time
from dashboard import startup, warehouse
now = time.time
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ.update(asked["environment"])
        exec(asked["before"])
        try:
            problem = startup.prepare()
            said = [warehouse.fetch(feed)["name"][0] for feed in ("services", "measures")]
            answer = {"problem": problem, "said": said}
        except BaseException as error:
            answer = {"problem": f"{type(error).__name__}: {error}", "said": None}
        # In one write, after all else: a child that is killed says nothing.
        os.write(1, (json.dumps(answer) + chr(10)).encode())
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("over", flush=True)
"""

_OURS = (
    *("snapshot-*.duckdb", "snapshot-*.crc32", "workings-*.duckdb", "workings-*.crc32"),
    *("current.json", "digests.json", "loads.jsonl"),
)
_BETWEEN_READS = 0.02
_TEN_YEARS = 10 * 365 * 86_400


@dataclass
class Found:
    """What came of one kind of fault: how often each outcome was seen, and what was wrong."""

    what: str
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {count:,}" for name, count in self.seen.items())
        lines = [f"{self.what}: {counts}, wrong {len(self.wrong):,}"]
        return "\n".join([*lines, *(f"  {one}" for one in self.wrong[:10])])


class Server:
    """Starts of a dashboard's server, one after another."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER],
            cwd=settings.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def begin(self, workspace: Workspace, before: str = "") -> int:
        """Begin a start, after some code of its own; the process in which it runs."""
        asked = {"environment": _environment(workspace), "before": before}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> dict | None:
        """What the start came to: the problem it tells, and what it says of each of two feeds.

        None where it was killed.
        """
        answer = None
        while (line := self._process.stdout.readline()) != "over\n":
            if not line:
                raise RuntimeError("the server of the faults ended")
            answer = json.loads(line)
        return answer

    def start(self, workspace: Workspace, before: str = "") -> dict:
        """Begin a start and wait for what it comes to."""
        self.begin(workspace, before)
        return self.end() or {"problem": "it ended without a word", "said": None}

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


def plant(folder: Path) -> Workspace:
    """A small workspace whose services and measures each say which turn they are of: turn 0."""
    data = folder / "data"
    (data / "performance").mkdir(parents=True)
    (data / "ledger").mkdir()
    (data / "datapackage.json").write_text(json.dumps(CONTRACT))
    _month(data, "2018-01", 50)
    _write(data, 0)
    return Workspace(data, data / "datapackage.json", folder / "warehouse")


def _write(data: Path, turn: int) -> None:
    # Equally long whatever the turn: only what they say tells one from the other.
    (data / "services.csv").write_text(f"service_id,name\nict,ICT {turn:06d}\n")
    (data / "measures.csv").write_text(
        f"measure_id,service_id,name,unit,good_direction\nfix,ict,Fixed {turn:06d},%,higher\n"
    )


def _say(workspace: Workspace, turn: int) -> None:
    """Both files at once, by a new folder in the place of the old: no load sees one alone."""
    fresh, old = (workspace.data.with_name(name) for name in ("fresh", "old"))
    shutil.copytree(workspace.data, fresh)
    _write(fresh, turn)
    workspace.data.rename(old)
    fresh.rename(workspace.data)
    shutil.rmtree(old)


def _turn(said: list[str] | None) -> int | None:
    """The turn that both feeds are of; None for no answer, or a mix of two."""
    if not said:
        return None
    service, measure = (name.split()[-1] for name in said)
    return int(service) if service == measure else None


class _Readers:
    """Threads that read all the while, and note whatever is neither the old nor the new."""

    def __init__(self, workspace: Workspace, found: Found) -> None:
        self._workspace, self._found = workspace, found
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._turn_of: dict[str, int] = {}
        self.newest = 0
        self._threads = [threading.Thread(target=self._read) for _ in range(2)]

    def __enter__(self) -> "_Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._found.seen["versions read"] = len(self._turn_of)

    def _read(self) -> None:
        last = 0
        while not self._stop.is_set():
            try:
                answers = [
                    warehouse.fetch(feed, workspace=self._workspace, is_remembered=False)
                    for feed in ("services", "measures")
                ]
            except Exception as error:
                self._note(f"a read failed: {type(error).__name__}: {error}")
                continue
            one, other = answers
            if one.data_version != other.data_version:
                continue  # A version was published between the two.
            turn = _turn([one["name"][0], other["name"][0]])
            with self._lock:
                self._found.seen["reads"] += 1
                known = self._turn_of.setdefault(one.data_version, turn)
            if turn is None or turn != known or not last <= turn <= self.newest:
                self._note(f"{one['name'][0]} with {other['name'][0]}, after turn {last}")
            last = turn or last
            # Loads and readers share the machine.
            time.sleep(_BETWEEN_READS)

    def _note(self, wrong: str) -> None:
        with self._lock:
            self._found.wrong.append(wrong)


def kills(folder: Path, count: int, server: Server, _: Server) -> Found:
    """Loads killed at random moments, some after they are over, while two readers read."""
    found = Found("killed loads")
    workspace, moments = plant(folder), random.Random(2018)
    load(workspace)
    with _Readers(workspace, found) as readers:
        _say(workspace, 1)
        readers.newest = 1
        began = time.perf_counter()
        server.start(workspace)
        took = time.perf_counter() - began
        for turn in range(2, count + 2):
            _say(workspace, turn)
            readers.newest = turn
            child = server.begin(workspace)
            time.sleep(moments.uniform(0, took))
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            answer = server.end()
            found.seen["kills" if answer is None else "over before"] += 1
            # A busy machine takes longer, and now and then a load shall be over.
            took *= 1.1 if answer is None else 0.8
            if answer and (answer["problem"] or _turn(answer["said"]) != turn):
                found.wrong.append(f"turn {turn}: {answer}")
        _expect(found, server.start(workspace), {count + 1}, "after all kills")
    if list(workspace.warehouse.glob("building-*")):
        found.wrong.append("what killed loads left behind was not cleared")
    return found


def full_disk(folder: Path, count: int, server: Server, _: Server) -> Found:
    """No file may grow beyond so many bytes: from none to all that a load writes."""
    found = Found("full disks")
    workspace = plant(folder)
    load(workspace)
    largest = max(path.stat().st_size for path in workspace.warehouse.iterdir() if path.is_file())
    for turn in range(1, count + 1):
        _say(workspace, turn)
        # Half of them among the small files, which a load writes as well.
        rooms = (1_000, 1.1 * largest)
        room = int(rooms[turn % 2] * turn / count)
        answer = server.start(workspace, FULL.format(room))
        if answer["problem"]:
            found.seen["told"] += 1
            if "nothing was published" not in answer["problem"]:
                found.wrong.append(f"room for {room:,} bytes: {answer['problem']}")
            _expect(found, answer | {"problem": None}, {turn - 1}, f"room for {room:,} bytes")
        else:
            found.seen["published"] += 1
            _expect(found, answer, {turn}, f"room for {room:,} bytes")
        _expect(found, server.start(workspace), {turn}, "with room again")
    return found


def damages(folder: Path, count: int, server: Server, _: Server) -> Found:
    """A bit turned round, or the end cut off, in a file or two of the warehouse's own."""
    found, chance = Found("damages"), random.Random(1866)
    workspace, turn = plant(folder), 0
    load(workspace)
    for _ in range(count):
        done = [_damage(chance, workspace) for _ in range(chance.choice((1, 1, 2)))]
        found.seen.update(how.split()[0] for how in done)
        if chance.random() < 0.3:
            turn += 1
            _say(workspace, turn)
        _expect(found, server.start(workspace), {turn}, " and ".join(done))
    return found


def _damage(chance: random.Random, workspace: Workspace) -> str:
    there = [path for form in _OURS for path in workspace.warehouse.glob(form)]
    path = chance.choice([*there, workspace.warehouse / "load.lock"])
    raw = bytearray(path.read_bytes())
    if raw and chance.random() < 0.5:
        at = chance.randrange(len(raw))
        raw[at] ^= 1 << chance.randrange(8)
        how = f"flipped byte {at} of {path.name}"
    elif raw:
        del raw[chance.randrange(len(raw)) :]
        how = f"cut {path.name} to {len(raw)} bytes"
    else:
        raw = chance.randbytes(40)
        how = f"filled {path.name}"
    path.write_bytes(raw)
    return how


def clocks(folder: Path, count: int, server: Server, _: Server) -> Found:
    """Times of files and of the machine that lie years ahead, behind, or stand still."""
    found, chance = Found("clocks"), random.Random(1970)
    workspace = plant(folder)
    load(workspace)
    for turn in range(1, count + 1):
        shift = chance.choice((-_TEN_YEARS, -3_600, 0, 3_600, _TEN_YEARS))
        at = chance.choice((0, time.time() - _TEN_YEARS, time.time() + _TEN_YEARS))
        which = ("exports", "warehouse", "standing still")[turn % 3]
        if which == "standing still":
            # In their places, as long as before, and as old.
            files = [workspace.data / f"{feed}.csv" for feed in ("services", "measures")]
            was = [path.stat() for path in files]
            _write(workspace.data, turn)
            for path, stat in zip(files, was, strict=True):
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        else:
            _say(workspace, turn)
            root = workspace.data if which == "exports" else workspace.warehouse
            for path in root.rglob("*"):
                os.utime(path, (at, at))
        found.seen[which] += 1
        answer = server.start(workspace, f"time.time = lambda: now() + {shift}")
        _expect(found, answer, {turn}, f"{which}, files at {at:.0f}, clock by {shift} s")
    return found


def two_servers(folder: Path, count: int, one: Server, other: Server) -> Found:
    """Two servers start at once on one warehouse whose exports have just changed."""
    found = Found("two servers")
    workspace = plant(folder)
    load(workspace)
    with _Readers(workspace, found) as readers:
        for turn in range(1, count + 1):
            _say(workspace, turn)
            readers.newest = turn
            for server in (one, other):
                server.begin(workspace)
            for server in (one, other):
                found.seen["starts"] += 1
                _expect(found, server.end() or {}, {turn}, f"turn {turn}")
        if [e["what"] for e in versions.history(workspace.warehouse)].count(
            "published"
        ) > count + 1:
            found.wrong.append("one change was published twice")
    return found


def _expect(found: Found, answer: dict, turns: set[int], where: str) -> None:
    if answer.get("problem") or _turn(answer.get("said")) not in turns:
        found.wrong.append(f"{where}: {answer}, and not turn {turns}")


def main(count: int = KILLS) -> int:
    """Each kind of fault so often, the slower ones less; 1 where any answer was wrong."""
    is_wrong = False
    parts = ((kills, 1), (full_disk, 5), (damages, 2), (clocks, 5), (two_servers, 5))
    with Server() as one, Server() as other:
        for fault, share in parts:
            with tempfile.TemporaryDirectory(prefix="onesource-faults-") as folder:
                began = time.perf_counter()
                found = fault(Path(folder), max(2, count // share), one, other)
                print(f"{found} ({time.perf_counter() - began:.0f} s)", flush=True)
                is_wrong |= bool(found.wrong)
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(*(int(word.replace(",", "")) for word in sys.argv[1:2])))
