"""What contributors are told holds: one version, one lint, one check."""

import re
import tomllib

from dashboard.settings import ROOT


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _recipe(target: str) -> tuple[list[str], list[str]]:
    """What a target of the Makefile needs, and the commands that it runs."""
    needs, commands = re.search(rf"^{target}:(.*)\n((?:\t.*\n)*)", _read("Makefile"), re.M).groups()
    return needs.split(), [line.strip() for line in commands.splitlines()]


def test_the_version_is_the_changelog_s_newest():
    newest = re.search(r"^## (\d+\.\d+\.\d+)\b", _read("CHANGELOG.md"), re.M)
    assert tomllib.loads(_read("pyproject.toml"))["project"]["version"] == newest[1]


def test_ci_runs_make_check_and_that_is_lint_and_test():
    assert _read(".ci/run").splitlines()[-1] == "make check"
    assert _recipe("check") == (["lint", "test"], [])


def test_the_hook_before_a_commit_is_make_lint_and_comes_from_nowhere_else():
    config = _read(".pre-commit-config.yaml")
    assert re.findall(r"repo: (.*)", config) == ["local"]
    assert re.findall(r"entry: (.*)", config) == ["make lint"]
