"""The documents hold: links lead somewhere, examples load, and commands, settings and words of the
contract are all told, and all there."""

import argparse
import contextlib
import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import PARTS
from dashboard import warehouse
from dashboard.__main__ import _parser
from dashboard.load import contract, standard
from dashboard.load.check import RULES, VOLUME_KINDS
from dashboard.load.feeds import FEEDS
from dashboard.load.publish import LoadReport, load
from dashboard.settings import ROOT, Workspace
from tests.small_workspaces import rows

DOCUMENTS = [
    p.relative_to(ROOT).as_posix() for place in ("*.md", "docs/*.md", "data/*.md")
    for p in sorted(ROOT.glob(place))
]  # fmt: skip
# What once was is told as it was.
OF_TODAY = [d for d in DOCUMENTS if d != "CHANGELOG.md"]


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _section(text: str, heading: str) -> str:
    """What stands below a heading, down to the next of its level or above."""
    level = len(heading.partition(" ")[0])
    below = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{level}}} ", below, maxsplit=1, flags=re.M)[0]


def _code(text: str) -> Iterator[str]:
    """Every line of a block of code that is no CSV or JSON, and every piece of code in a line."""
    for kind, block in re.findall(r"^```(\w*).*?\n(.*?)^```", text, re.M | re.S):
        if kind not in ("csv", "json"):
            yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def _words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _table(section: str, first: str) -> list[list[str]]:
    """The rows of the table whose header begins with a heading, cells without the spaces around."""
    found = re.search(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", section, re.M)
    cells = (re.split(r"(?<!\\)\|", line)[1:-1] for line in found[1].splitlines())
    return [[cell.strip() for cell in row] for row in cells]


# Links ------------------------------------------------------------------------------------------


def _anchors(name: str) -> set[str]:
    """The anchors that GitHub makes of headings."""
    text = re.sub(r"^```.*?^```", "", _read(name), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(name):
    for target in re.findall(r"\]\(([^)\s]+)\)", _read(name)):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        place = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert place.exists(), f"{name} leads to {target}, which is not there"
        if anchor:
            assert anchor in _anchors(place.relative_to(ROOT).as_posix()), f"{name}: {target}"


def test_every_document_of_docs_is_reached_from_the_readme():
    assert {d for d in DOCUMENTS if d.startswith("docs/")} <= set(
        re.findall(r"\]\((docs/\w+\.md)", _read("README.md"))
    )


# Made by whoever runs it, and never committed.
MADE = {".streamlit/secrets.toml", "benchmarks/scratch"}


def test_every_file_and_folder_that_is_named_is_there():
    named = {
        (name, place)
        for name in OF_TODAY
        for place in re.findall(r"`([a-z.](?:[\w.]*/)+[\w.]*)`", _read(name))
        if not place.startswith((".venv", "warehouse/")) and place not in MADE
    }
    below = (ROOT, ROOT / "dashboard", ROOT / "data")
    assert len(named) > 60
    assert not {(n, p) for n, p in named if not any((room / p).exists() for room in below)}


def test_every_module_that_the_table_of_rooms_names_is_in_its_room():
    for rooms, does, _ in _table(_section(_read("README.md"), "## How it is built"), "room"):
        first, *others = _words(rooms)
        room = ROOT / first if first.endswith("/") else (ROOT / first).parent
        beside = [ROOT if "/" in one else (ROOT / first).parent for one in others]
        assert all((at / one).exists() for at, one in zip(beside, others, strict=True)), rooms
        for name in _words(does):
            if re.fullmatch("[a-z_]+", name):
                assert (room / name).is_dir() or (room / f"{name}.py").exists(), f"{first}: {name}"


def test_every_function_that_is_named_beside_its_file_stands_in_it():
    said = [
        (path, function)
        for name in OF_TODAY
        for path, functions in re.findall(r"`([\w/]+\.py)` \(((?:`\w+`(?:, )?)+)\)", _read(name))
        for function in _words(functions)
    ]
    assert len(said) > 10
    for path, function in said:
        assert re.search(rf"^\s*(?:def|class) {function}\b", _read(path), re.M), (path, function)


def test_what_code_says_of_a_document_is_there():
    for path in [*ROOT.glob("dashboard/**/*.py"), *ROOT.glob("queries/**/*.sql"),
                 *ROOT.glob("tests/*.py"), *ROOT.glob("benchmarks/*.py")]:  # fmt: skip
        for named in re.findall(r"\b((?:docs|data)/\w+\.md)\b", path.read_text(encoding="utf-8")):
            assert named in DOCUMENTS, f"{path}: {named}"


# Commands ---------------------------------------------------------------------------------------


def _commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command."""
    return _parser()._subparsers._group_actions[0].choices


def _told_commands() -> list[str]:
    """What stands behind `python -m dashboard` wherever it is told, without brackets and notes."""
    told = [
        re.sub(r"[\[\]]", "", found[1]).partition("  #")[0].strip()
        for name in OF_TODAY
        for line in _code(_read(name))
        if (found := re.search(r"python -m dashboard(?: (.*))?$", line)) and found[1]
    ]
    return [one for one in told if re.match(r"[a-z]+( |$)", one)]


def test_every_command_that_is_told_is_taken_as_it_stands():
    told = _told_commands()
    assert len(told) > 15
    for command in told:
        given = shlex.split(command)
        said = io.StringIO()
        # `load` alone, where what it takes stands elsewhere, is a name and no command line.
        if given[0] in _commands() and len(given) == 1:
            continue
        with contextlib.redirect_stderr(said):
            try:
                asked = _parser().parse_args(given)
            except SystemExit:
                pytest.fail(f"python -m dashboard {command}: {said.getvalue()}")
        if given[0] == "query" and asked.name:
            takes = set(re.findall(r"\$(\w+)", warehouse.describe(asked.name)))
            assert {p.partition("=")[0] for p in asked.parameters} == takes


def test_every_command_and_each_of_its_options_is_told():
    section = _section(_read("README.md"), "## On the command line")
    of_all = {"--data", "--contract", "--warehouse"}
    assert of_all <= set(re.findall(r"`(--[\w-]+) ", section))
    for name, parser in _commands().items():
        lines = "\n".join(re.findall(rf"python -m dashboard {name}\b.*", section))
        assert lines, f"`{name}` is not told"
        options = {o for a in parser._actions for o in a.option_strings if o.startswith("--")}
        lacking = options - {"--help"} - of_all - set(re.findall(r"--[\w-]+", lines))
        assert not lacking, f"{name} takes {lacking}, which is not told"


def test_every_target_of_make_is_told_and_there():
    makefile = _read("Makefile")
    there = set(re.search(r"^\.PHONY: (.*)", makefile, re.M)[1].split())
    told = {
        found[1]
        for name in OF_TODAY
        for line in _code(_read(name))
        if (found := re.search(r"(?:^|\s)make ([a-z]+)(?:\s|$)", line))
    }
    assert told == there
    assert there == set(re.findall(r"^([a-z]+):", makefile, re.M))


def test_every_part_of_the_benchmarks_is_told_and_there():
    told = re.search(r"^Parts: (.*)\.$", _read("CONTRIBUTING.md"), re.M)[1]
    assert _words(told) == list(PARTS)
    for name in OF_TODAY:
        for line in _code(_read(name)):
            if found := re.search(r"python -m benchmarks ([a-z_ ]+)", line):
                assert set(found[1].split()) <= set(PARTS), line


# Programs that others of ours start: make looks for a browser, tests.same dumps each checkout.
STARTED_BY_OURS = {"browser", "dump"}


def test_every_program_of_the_tests_is_told_and_there():
    lines = [line for name in OF_TODAY for line in _code(_read(name))]
    told = {module for line in lines for module in re.findall(r"python -m tests\.(\w+)", line)}
    ending = re.compile(r'^if __name__ == "__main__":', re.M)
    there = {p.stem for p in ROOT.glob("tests/*.py") if ending.search(p.read_text("utf-8"))}
    assert told == there - STARTED_BY_OURS
    for line in lines:
        for test in re.findall(r"pytest .*?(tests/\w+\.py)", line):
            assert (ROOT / test).exists(), line


# Settings ---------------------------------------------------------------------------------------

# Said by one program of ours to another, and by nobody else.
BETWEEN_OURS = {"FREEZE", "PYTHONPATH"}


# The ways in which code takes a setting from the environment.
ASKED = re.compile(
    r"""environ\.get\(\s*"(\w+)"|environ\["(\w+)"\]|"(\w+)" (?:not )?in os\.environ|"""
    r"""getenv\(\s*"(\w+)"|_secret\("(\w+)\""""
)


def _sources() -> list[Path]:
    return [p for room in ("dashboard", "benchmarks", "tests") for p in (ROOT / room).rglob("*.py")]


def _settings() -> set[str]:
    """Every name that code takes from the environment, and what the Makefile lets be said."""
    found = set(re.findall(r"^([A-Z]+) \?=", _read("Makefile"), re.M))
    for path in _sources():
        for asked in ASKED.findall(path.read_text(encoding="utf-8")):
            found |= {name for name in asked if name}
    return found - BETWEEN_OURS


def _constants() -> set[str]:
    """Names in capitals that a module of ours gives a value."""
    given = re.compile(r"^([A-Z][A-Z_0-9]+)(?::[^=\n]+)? = ", re.M)
    return {name for path in _sources() for name in given.findall(path.read_text("utf-8"))}


def test_every_setting_is_told():
    told = {word for name in OF_TODAY for line in _code(_read(name))
            for word in re.findall(r"\b[A-Z][A-Z_]+\b", line)}  # fmt: skip
    assert _settings() - told == set()
    assert {"DATA", "STORIES_DATABASE", "HOSTS", "LINES", "BROKEN_PLACES", "PORT"} <= _settings()


def test_every_setting_that_is_told_is_there():
    settings, constants = _settings(), _constants()
    table = _table(_section(_read("README.md"), "## Your own exports"), "setting")
    assert {word for row in table for word in _words(row[0])} <= settings
    for name in OF_TODAY:
        for line in _code(_read(name)):
            said = set(re.findall(r"\b([A-Z][A-Z_]+[A-Z])=", line))
            if re.fullmatch(r"[A-Z][A-Z_]+[A-Z]", line):
                said.add(line)
            assert said <= settings | constants, f"{name}: {line}"


# The contract -----------------------------------------------------------------------------------

CONTRACT = "docs/contract.md"


def test_every_feed_and_field_is_told_and_there():
    section = _section(_read(CONTRACT), "## Feeds and their fields")
    assert f"kind ({' · '.join(VOLUME_KINDS)})" in section
    told = {}
    for feed, fields, _ in _table(section, "feed"):
        names = [f.strip() for f in re.sub(r"\([^)]*\)", "", fields).split(",")]
        told[_words(feed)[0]] = (
            {n.strip("* ") for n in names},
            {n.strip("* ") for n in names if n.startswith("**")},
        )
    assert told == {name: (set(f.fields), set(f.required)) for name, f in FEEDS.items()}


def test_every_word_of_ours_is_told_and_there():
    told: dict[str, set[str]] = {}
    where = ""
    section = _section(_read(CONTRACT), "## Words")
    for place, word, _ in _table(section.split("`onesource`", 1)[1], "where"):
        where = place or where
        told.setdefault(where, set()).update(_words(word))
    periods = _table(_section(_read(CONTRACT), "## Periods, dates and numbers"), "`period` word")
    told["period"] = {_words(row[0])[0] for row in periods}
    assert told == contract._WORDS
    counting = next(line for line in section.splitlines() if line.startswith("| | `count` |"))
    assert set(re.findall(r"\w+", counting)) >= contract._DAYS
    choices = {_words(row[0])[0]: tuple(_words(row[0])[1:]) for row in periods}
    assert {word: choices[word] for word in contract._CHOICES} == contract._CHOICES


def test_every_word_of_the_standard_is_told_and_taken():
    section = _section(_read(CONTRACT), "## Words")
    told: set[str] = set()
    for _, words, _ in _table(section, "where"):
        told |= {part for word in _words(words) for part in re.findall(r"[A-Za-z]+", word)}
    taken = set().union(*standard._PASS.values())
    assert told <= taken
    beneath = next(p for p in section.split("\n\n") if p.startswith("`categories`"))
    refused = set().union(*standard._REFUSED.values())
    words = {w for w in _words(beneath) if re.fullmatch("[A-Za-z]+", w)}
    assert words <= taken | refused | {"suffixes", "partial"}
    assert len(words & refused) >= 3
    told |= words
    assert taken - standard._DESCRIBES - {"onesource"} <= told


def test_every_check_that_can_be_waived_is_told():
    section = _section(_read(CONTRACT), "## Words")
    row = next(r for r in _table(section.split("`onesource`", 1)[1], "where") if "`waive`" in r[1])
    assert {w for w in _words(row[2]) if w not in FEEDS["measures"].fields} <= set(
        contract.WAIVABLE_CHECKS
    )
    assert set(contract.WAIVABLE_CHECKS) <= set(_words(row[2]))


def test_every_rule_of_targets_is_told_and_there():
    table = _table(_section(_read("docs/methods.md"), "## Targets and verdicts"), "rule")
    assert [word for row in table for word in _words(row[0])] == list(RULES)


# Examples ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> tuple[Workspace, LoadReport]:
    """The examples of the contract as one workspace, loaded."""
    folder = tmp_path_factory.mktemp("examples")
    section = _section(_read(CONTRACT), "## Examples")
    blocks = re.findall(r"^```(json|csv)(?: (\S+))?\n(.*?)^```", section, re.M | re.S)
    package, *resources = [json.loads(text) for kind, _, text in blocks if kind == "json"]
    (folder / "datapackage.json").write_text(json.dumps(package | {"resources": resources}))
    for kind, name, text in blocks:
        if kind == "csv":
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    workspace = Workspace(folder, folder / "datapackage.json", folder / "warehouse")
    return workspace, load(workspace)


def test_every_example_loads_and_nothing_is_said_against_it(examples):
    _, report = examples
    said = {f.file: (f.refused, f.notes, f.set_aside) for f in report.files if not f.is_clean}
    assert (said, report.problems, report.warnings, report.alike) == ({}, [], [], [])
    section = _section(_read(CONTRACT), "## Examples")
    named = set(re.findall(r"^```csv (\S+)$", section, re.M))
    assert {f.file for f in report.files if "#" not in f.file} == named
    assert all(f.loaded for f in report.files)


def test_there_is_an_example_of_every_feed(examples):
    _, report = examples
    assert {f.feed for f in report.files} == set(FEEDS)


def test_the_examples_come_to_what_they_say(examples):
    def figures(sql: str) -> list[tuple]:
        return rows(*examples, sql)

    assert figures(
        "select council_id, period, numerator, denominator from performance "
        "where measure_id = 'foi_share' order by 1"
    ) == [("northby", "2018-04", 1, 2), ("southby", "2018-04", 1, 1)]
    assert figures(
        "select period, value, status from performance where measure_id = 'claims_days' "
        "and council_id = 'southby' and value is not null order by 1"
    ) == [("2018-05", 19.4, "final"), ("2018-06", 20.1, "provisional")]
    assert figures("select sum(budget_gbp), sum(actual_gbp) from costs") == [(168_000, 172_250)]
    assert figures("select service_id, amount_gbp from ledger order by amount_gbp") == [
        ("parks", 80.5),
        ("benefits", 1200),
    ]
    assert figures("select council_id, share from cost_shares order by share") == [
        ("southby", 0.38),
        ("northby", 0.62),
    ]
