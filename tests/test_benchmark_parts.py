"""Every part of `make bench` runs, and one that fails stops no other. (What they cost: make bench.)

Each part runs in a process of its own, as short as it goes, on a cut-down workspace that is made
and loaded once for all.
"""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import settings, workspaces
from dashboard.settings import ROOT

# What a part prints when it came to its end.
PRINTED = {
    "imports": "Imports: a fresh Python",
    "load": "Load: this checkout and the one before, in turns",
    "messy": "Messy: cp1252",
    "new_month": "One more month",
    "signals": "Signals of 20 series of 60 months",
    "what_if": "What if: a scenario",
    "rerun": "Rerun: people who each click",
    "drill": "Drill: from a service's variance",
    "redraw": "Redraw: the Costs page and the usual script",
    "first_visit": "First visit",
    "export": "Export of a story of twelve slides",
}

# A load of some thousand lines and a few rounds; on a machine that does much else, many times that.
PATIENCE_SECONDS = 600


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("benchmarks")


@pytest.mark.parametrize("part", benchmarks.PARTS)
def test_a_part_runs_on_a_small_workspace_and_prints_its_table(part, scratch):
    brief = {"BRIEF": "1", "KEEP": "1", "LINES": "12000", "SCRATCH": str(scratch)}
    if part == "load":
        # An older checkout is measured in the same run: here it is this one.
        brief["AGAINST"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", part],
        cwd=ROOT,
        env={**os.environ, **brief},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert PRINTED[part] in done.stdout


@pytest.fixture
def parts(monkeypatch):
    """Three parts, of which the second fails; the names of those that ran."""
    ran: list[str] = []

    def fail() -> None:
        raise RuntimeError("no heading names 'ICT'\nonly others")

    monkeypatch.setattr(benchmarks, "PARTS", ("one", "two", "three"))
    monkeypatch.setattr(workspaces, "remove", lambda: None)
    for name, work in (
        ("one", lambda: ran.append("one")),
        ("two", fail),
        ("three", lambda: ran.append("three")),
    ):
        monkeypatch.setitem(sys.modules, f"benchmarks.{name}", SimpleNamespace(main=work))
    return ran


def test_a_part_that_fails_is_told_at_the_end_and_the_others_go_on(parts, capsys):
    assert benchmarks.main([]) == 1
    assert parts == ["one", "three"]
    assert capsys.readouterr().err.endswith("FAILED two: RuntimeError: no heading names 'ICT'\n")


def test_parts_that_are_named_run_alone(parts):
    assert benchmarks.main(["three"]) == 0 and parts == ["three"]


def test_a_part_that_is_not_there_is_told_before_any_runs(parts, capsys):
    assert benchmarks.main(["one", "four"]) == 2 and parts == []
    assert capsys.readouterr().err == "no part 'four'; there are: one, two, three\n"


def test_an_older_checkout_that_is_none_is_told_before_any_part_runs(
    parts, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("AGAINST", str(tmp_path))
    assert benchmarks.main([]) == 2 and parts == []
    assert "is no checkout: it has no dashboard/server.py" in capsys.readouterr().err


def test_an_older_checkout_runs_its_own_code(monkeypatch, tmp_path):
    (tmp_path / "dashboard").mkdir()
    (tmp_path / "dashboard" / "server.py").touch()
    monkeypatch.setenv("AGAINST", str(tmp_path))
    now, before = settings.checkouts()
    assert (now.root, before.root) == (ROOT, tmp_path)
    assert before.server == tmp_path / "dashboard" / "server.py"
