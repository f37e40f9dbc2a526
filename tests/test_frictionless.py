"""An independent judge: what Frictionless says of a file under its contract, beside what we say.

Both are given the very same datapackage.json. Row by row they have to agree on what is wrong, and
on what the rest means; where ours differs on purpose, the last tests say how.
"""

import csv
import io
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import pytest

from dashboard.load.contract import ContractError, read_contract
from dashboard.load.feeds import FEEDS
from dashboard.load.publish import load
from dashboard.settings import Workspace
from tests.small_workspaces import both_files

# The columns that a row of each feed needs beside the one that is looked at.
_BESIDE: dict[str, Callable[[str], dict[str, str]]] = {
    "performance": lambda one: {
        "period": "2018-03",
        "service_id": "ict",
        "council_id": one,
        "measure_id": "fix",
    },
    "satisfaction": lambda one: {"period": "2018-03", "service_id": "ict", "council_id": one},
    "volumes": lambda one: {
        "period": "2018-03",
        "service_id": "ict",
        "council_id": one,
        "unit": "calls",
    },
    "costs": lambda one: {"period": "2018-03", "service_id": "ict", "council_id": one},
    "targets": lambda one: {
        "measure_id": "fix",
        "council_id": one,
        "from": "2018-04",
        "target": "1",
    },
    "events": lambda one: {"date": "2018-03-01", "title": one},
    "measures": lambda one: {"measure_id": one, "service_id": "ict", "name": one},
}

# What stands in the other columns is text, but for these.
_TYPES_BESIDE = {"date": "date", "target": "number"}

# Where a field's rows are found once they are loaded, where it is not its own name.
_LOADED_AS = {"period": "period_start"}


@dataclass(frozen=True)
class Case:
    """A column: the feed whose field it is, how it is declared, and the texts that stand in it.

    `good` stands in the last row, since a last row that lacks something may be a note below the
    data. `declared` may be any further properties of the resource.
    """

    name: str
    feed: str
    field: dict[str, Any]
    texts: tuple[str, ...]
    good: str
    missing: list[str] | None = None
    declared: dict[str, Any] = field(default_factory=dict)

    @property
    def has_header(self) -> bool:
        return self.declared.get("dialect", {}).get("header", True)

    def resource(self) -> dict[str, Any]:
        name = self.field["name"]
        beside = [
            {"name": n, "type": _TYPES_BESIDE.get(n, "string")}
            for n in _BESIDE[self.feed]("")
            if n != name
        ]
        schema: dict[str, Any] = {"fields": [*beside, self.field]}
        if self.missing is not None:
            schema["missingValues"] = self.missing
        return {
            "name": self.name,
            "type": "table",
            "path": f"{self.name}.csv",
            "schema": schema,
            "onesource": {"feed": self.feed},
            **self.declared,
        }

    def file(self) -> bytes:
        out = io.StringIO()
        delimiter = self.declared.get("dialect", {}).get("delimiter", ",")
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        name = self.field["name"]
        names = [n for n in _BESIDE[self.feed]("") if n != name]
        if self.has_header:
            writer.writerow([*names, name])
        for number, text in enumerate((*self.texts, self.good)):
            beside = _BESIDE[self.feed](f"{self.name}-{number}")
            writer.writerow([*(beside[n] for n in names), text])
        return out.getvalue().encode(self.declared.get("encoding", "utf-8"))

    def text_on(self, line: int) -> str:
        return (*self.texts, self.good)[line - 1 - self.has_header]


@dataclass(frozen=True)
class Verdict:
    """What one judge says of one file: the lines that are wrong, and what the others say."""

    wrong: dict[int, str]
    values: dict[int, Any]


def _write(folder: Path, cases: list[Case]) -> Workspace:
    folder.mkdir()
    # Every performance row is of this measure; and files full of bad rows are not refused whole.
    measure = {"measure_id": "fix", "service_id": "ict", "name": "Fixed at first contact"}
    contract = {
        "name": "cases",
        "onesource": {
            "bad_share": 1,
            "waive": ["definition", "owner_role", "good_direction", "part_of_whole", "ratio"],
        },
        "resources": [
            {
                "name": "measures",
                "data": [measure],
                "schema": {"fields": [{"name": n, "type": "string"} for n in measure]},
            },
            *(case.resource() for case in cases),
        ],
    }
    for case in cases:
        (folder / f"{case.name}.csv").write_bytes(case.file())
    (folder / "datapackage.json").write_text(json.dumps(contract))
    return Workspace(folder, folder / "datapackage.json", folder.with_name("warehouse"))


def _by_frictionless(workspace: Workspace, cases: list[Case]) -> dict[str, Verdict]:
    package = frictionless.Package(str(workspace.contract))
    report = package.validate(limit_errors=100_000)
    assert not report.errors
    found = {}
    for task in report.tasks:
        case = next((c for c in cases if c.name == task.name), None)
        if case is None:
            continue
        wrong = {}
        for kind, line, note in task.flatten(["type", "rowNumber", "note"]):
            assert line is not None, f"{case.name} is wrong as a whole: {kind}: {note}"
            wrong[line] = f"{kind}: {note}"
        with package.get_resource(case.name).open() as opened:
            rows = {row.row_number: row[case.field["name"]] for row in opened.row_stream}
        found[case.name] = Verdict(wrong, {n: v for n, v in rows.items() if n not in wrong})
    return found


def _by_us(workspace: Workspace, cases: list[Case]) -> dict[str, Verdict]:
    report = load(workspace)
    assert all(account.adds_up() for account in report.files)
    found = {}
    with both_files(workspace.warehouse, report.version) as con:
        for case in cases:
            file = f"{case.name}.csv"
            column = _LOADED_AS.get(case.field["name"], case.field["name"])
            rows = con.execute(
                f'select line, "{column}" from staging.{case.feed} where file_id = '
                "(select file_id from files where file = ?)",
                [file],
            ).fetchall()
            wrong = {p["line"]: p["reason"] for p in report.problems if p["file"] == file}
            found[case.name] = Verdict(wrong, dict(rows))
    return found


def _told(case: Case, lines: set[int]) -> list[tuple[int, str]]:
    return [(line, case.text_on(line)) for line in sorted(lines)]


def _assert_agreed(case: Case, theirs: Verdict, ours: Verdict) -> None:
    assert _told(case, set(ours.wrong)) == _told(case, set(theirs.wrong))
    assert set(ours.values) == set(theirs.values)
    for line, value in theirs.values.items():
        assert ours.values[line] == _as_ours(case, value), _told(case, {line})


def _as_ours(case: Case, value: Any) -> Any:
    """What Frictionless read, as we keep it: figures are binary, periods begin on a first."""
    if isinstance(value, Decimal):
        return float(value)
    if value is not None and case.field["type"] == "year":
        return date(value, 1, 1)
    if value is not None and case.field["type"] == "yearmonth":
        return date(value.year, value.month, 1)
    return value


# Texts that publishers, spreadsheets and slips of the keyboard leave in a column.
_JUNK = (
    *("five", "n/a", "-", "TBC", "x", "#REF!", "--5", "-+5", "5-5", "0x10", "1.2.3", "½", "²"),
    *("5k", "$5", "€5", "5 apples", "1,23", "1,2345", "1.234,5", ",5", "Ã©"),
    *("2018-04-30", "2018-02-30", "30/04/2018", "04/30/2018", "31/02/2018", "30 April 2018"),
    *("30-Apr-18", "2018-13-01", "0000-00-00", "2018-04", "2018-04-31", "1899-02-29", "30-04-2018"),
    *("tRUTH", "ja", "nein", "on", "off", "true?", "truefalse"),
)
_WHOLE = ("5", "-5", "+5", "0", "-0", "007", "43220", "20180430", "201804", "1000000", "1")
_BROKEN = ("5.5", ".5", "-.5", "0.1", "+0.25", "1E-2", "-1.5e-3")
_ROUND = ("5.0", "1e3", "1.00")
_WORDS = ("true", "True", "TRUE", "false", "False", "FALSE")
_EMPTY = ("", "7", "")
_POOL = (*_JUNK, *_WHOLE, *_BROKEN, *_WORDS, *_EMPTY)


def _number(**more: Any) -> dict[str, Any]:
    return {"name": "value", "type": "number", **more}


def _integer(**more: Any) -> dict[str, Any]:
    return {"name": "invited", "type": "integer", **more}


def _text(**more: Any) -> dict[str, Any]:
    return {"name": "source", "type": "string", **more}


def _date(**more: Any) -> dict[str, Any]:
    return {"name": "next_review", "type": "date", **more}


def _boolean(**more: Any) -> dict[str, Any]:
    return {"name": "rebase", "type": "boolean", **more}


def _limits(**limits: Any) -> dict[str, Any]:
    return {"constraints": limits}


_WORDY = (
    *(
        "a",
        "ab",
        "abc",
        "abcd",
        "é",
        "éé",
        "e\u0301",
        "👍",
        "👩‍👩‍👧",
        "Ab",
        "AB12",
        "AB123",
        "ab12",
    ),
    *("AB-12", "x AB12", "AB12 x", "3 High Street", "O'Neill & Sons", 'the "old" one', "a,b;c|d"),
    *("", "red", "amber", "Red", "5", "5.0", "2018-04-30", "%", "\\d", "AB12\tx"),
)

_NUMBERS_NEAR = (
    *("0", "1", "4.999", "5", "5.0", "5.000001", "-5", "9.99", "10", "10.0", "10.01", "1e1", "1e2"),
    *("", "x", "5.00", "+5", "-1e1", "2.5", "2.50", "7"),
)

_WHOLE_NEAR = ("0", "1", "4", "5", "05", "+5", "-5", "9", "10", "11", "100", "", "x", "5", "7")

_DATES = (
    *("2018-04-30", "2018-05-01", "2018-04-01", "2017-12-31", "2016-02-29", "2018-02-29", ""),
    *("30/04/2018", "2018-4-31", "2018-04", "2018", "x", "2018-00-10", "2018-10-00", "2018-05-01"),
)

CASES = [
    # Types, each with everything that may be found in a column of them.
    Case("integers", "satisfaction", _integer(), _POOL, "5"),
    Case("numbers", "performance", _number(), (*_POOL, *_ROUND), "5"),
    Case(
        "required-numbers", "volumes", _number(name="quantity") | _limits(required=True), _POOL, "5"
    ),
    Case("texts", "events", _text(), (*_POOL, *_ROUND, *_WORDY), "x"),
    Case("booleans", "events", _boolean(), (*_POOL, *_ROUND), "true"),
    Case("dates", "measures", _date(), (*_POOL, *_ROUND, *_DATES), "2018-04-30"),
    Case(
        "required-dates",
        "events",
        _date(name="date") | _limits(required=True),
        (*_POOL, *_DATES),
        "2018-04-30",
    ),
    Case(
        "months",
        "targets",
        {"name": "to", "type": "yearmonth"},
        ("2018-04", "2018-12", "2018-13", "2018-00", "x", "", "2018-4x", "April", "99"),
        "2018-05",
    ),
    Case(
        "years",
        "performance",
        {"name": "period", "type": "year", **_limits(required=True)},
        ("2018", "1999", "x", "20188", "April", "", "2o18", "12"),
        "2017",
    ),
    # Forms of numbers, booleans and dates.
    Case(
        "decimal-commas",
        "performance",
        _number(decimalChar=",", groupChar="."),
        ("1,5", "1.234,5", "1.234.567", "12", "-1,5", ",5", "x", "", "1,2,3", "five,5"),
        "1",
    ),
    Case(
        "decimal-commas-alone",
        "performance",
        _number(decimalChar=","),
        ("1,5", "1234,5", "1.5", "12", "-1,5", ",5", "x", "", "1,2,3", "0,25", "1e3"),
        "1",
    ),
    Case(
        "grouped-by-commas",
        "performance",
        _number(groupChar=","),
        ("1,234", "1,234.5", "1,234,567", "12", "-1,234", "1.234.567", "x", ""),
        "1",
    ),
    Case(
        "grouped-by-spaces",
        "performance",
        _number(groupChar=" ", decimalChar=","),
        ("1 234", "1 234,5", "12", "-1 234 567,25", "x", ""),
        "1",
    ),
    Case(
        "grouped-by-quotes",
        "performance",
        _number(groupChar="'"),
        ("1'234", "1'234.5", "12", "x", "1'234'567", '1"234', ""),
        "1",
    ),
    Case(
        "not-bare",
        "performance",
        _number(bareNumber=False),
        ("£5", "5%", "£1234.50", "12", "x", "", "-5"),
        "1",
    ),
    Case(
        "booleans-of-another-kind",
        "events",
        _boolean(trueValues=["ja", "Y"], falseValues=["nein", "N"]),
        ("ja", "nein", "Y", "N", "true", "false", "1", "0", "x", "", "yes", "no"),
        "ja",
    ),
    Case(
        "dates-by-pattern",
        "measures",
        _date(format="%d/%m/%Y"),
        (*_POOL, "4/5/2017", "29/02/2016", "29/02/2017", "2017/05/04", "04/05/17"),
        "30/04/2018",
    ),
    Case(
        "dates-with-names",
        "measures",
        _date(format="%d-%b-%y"),
        (*_POOL, "1-jan-18", "31-Apr-18", "30-April-18", "30-Apr-2018", "30 Apr 18"),
        "30-Apr-18",
    ),
    Case(
        "dates-of-any-form",
        "measures",
        _date(format="any"),
        (
            *("30/04/2018", "30.04.2018", "30-Apr-18", "30 April 2018", "Monday 30th April 2018"),
            *("2018-04-30", "20180430", "30/04/2018 10:15", "2018-04-30T10:15:00Z"),
            *("x", "n/a", "31/02/2018", "2018-13-45", "not yet", "", "32 April 2018"),
        ),
        "30/04/2018",
    ),
    # Missing values.
    Case(
        "missing-numbers",
        "performance",
        _number(),
        ("", "-", "N/A", "n/a", "5", "--", "-5", "NA"),
        "5",
        missing=["", "-", "N/A"],
    ),
    Case(
        "missing-though-required",
        "satisfaction",
        _integer(**_limits(required=True)),
        ("", "-", "N/A", "n/a", "5", "0", "99"),
        "5",
        missing=["", "-", "N/A", "99"],
    ),
    Case(
        "missing-texts",
        "events",
        _text(**_limits(required=True, minLength=2)),
        ("", "-", "none", "None", "ab", "a"),
        "ab",
        missing=["", "-", "none"],
    ),
    Case(
        "missing-dates",
        "measures",
        _date(**_limits(minimum="2018-01-01")),
        ("", "1900-01-01", "1900-01-02", "2018-01-01", "2017-12-31"),
        "2018-02-01",
        missing=["", "1900-01-01"],
    ),
    Case(
        "missing-booleans",
        "events",
        _boolean(**_limits(required=True)),
        ("", "?", "true", "0", "??"),
        "1",
        missing=["", "?"],
    ),
    # Constraints.
    Case("required-text", "events", _text(**_limits(required=True)), _WORDY, "x"),
    Case("unique-text", "events", _text(**_limits(unique=True)), (*_WORDY, "a", "A", ""), "x"),
    Case(
        "unique-numbers",
        "performance",
        _number(**_limits(unique=True)),
        ("5", "5.0", "x", "x", "", "", "05", "6", "7", "6"),
        "8",
    ),
    Case(
        "unique-dates",
        "measures",
        _date(format="%d/%m/%Y", **_limits(unique=True)),
        ("01/04/2018", "1/4/2018", "02/04/2018", "01/04/2018", "", ""),
        "03/04/2018",
    ),
    Case("at-least", "performance", _number(**_limits(minimum=5)), _NUMBERS_NEAR, "5"),
    Case("at-most", "performance", _number(**_limits(maximum=9.99)), _NUMBERS_NEAR, "5"),
    Case("between", "satisfaction", _integer(**_limits(minimum=1, maximum=10)), _WHOLE_NEAR, "5"),
    Case("no-less-than-nought", "performance", _number(**_limits(minimum=0)), _NUMBERS_NEAR, "5"),
    Case(
        "dates-between",
        "measures",
        _date(**_limits(minimum="2018-01-01", maximum="2018-04-30")),
        _DATES,
        "2018-04-01",
    ),
    Case(
        "months-between",
        "targets",
        {"name": "to", "type": "yearmonth", **_limits(minimum="2018-02", maximum="2018-04")},
        ("2018-01", "2018-02", "2018-03", "2018-04", "2018-05", "2019-03", "2017-03", "x", ""),
        "2018-03",
    ),
    Case("long-enough", "events", _text(**_limits(minLength=3)), _WORDY, "abc"),
    Case("short-enough", "events", _text(**_limits(maxLength=4)), _WORDY, "abc"),
    Case("of-one-length", "events", _text(**_limits(minLength=1, maxLength=1)), _WORDY, "a"),
    Case("of-a-pattern", "events", _text(**_limits(pattern="[A-Z]{2}\\d{2,3}")), _WORDY, "XY12"),
    Case("of-a-pattern-at-will", "events", _text(**_limits(pattern=".*12.*")), _WORDY, "12"),
    Case("of-a-list", "events", _text(**_limits(enum=["red", "amber", "é"])), _WORDY, "red"),
    Case(
        "of-a-list-of-numbers",
        "performance",
        _number(**_limits(enum=["5", "2.5"])),
        _NUMBERS_NEAR,
        "5",
    ),
    Case(
        "of-a-list-of-integers",
        "satisfaction",
        _integer(**_limits(enum=["5", "10"])),
        _WHOLE_NEAR,
        "5",
    ),
    Case(
        "of-a-list-of-dates",
        "measures",
        _date(**_limits(enum=["2018-04-30", "2018-05-01"])),
        _DATES,
        "2018-04-30",
    ),
    Case("true-alone", "events", _boolean(**_limits(enum=["true"])), ("true", "false", ""), "1"),
    # Dialects and encodings.
    Case("semicolons", "events", _text(), _WORDY, "x", declared={"dialect": {"delimiter": ";"}}),
    Case("tabs", "events", _text(), _WORDY, "x", declared={"dialect": {"delimiter": "\t"}}),
    Case("bars", "performance", _number(), _POOL, "5", declared={"dialect": {"delimiter": "|"}}),
    Case(
        "without-header",
        "performance",
        _number(**_limits(maximum=10)),
        _NUMBERS_NEAR,
        "5",
        declared={"dialect": {"header": False}},
    ),
    Case(
        "without-header-by-semicolons",
        "events",
        _text(**_limits(required=True, maxLength=4)),
        _WORDY,
        "x",
        declared={"dialect": {"header": False, "delimiter": ";"}},
    ),
    *(
        Case(
            f"in-{encoding}",
            "events",
            _text(**_limits(maxLength=4, enum=["£", "é", "éé", "Ünnü", "x", "a,b"])),
            ("£", "é", "éé", "Ünnü", "Ã©", "x", "a,b", "y", ""),
            "x",
            declared={"encoding": encoding},
        )
        for encoding in ("utf-8", "cp1252", "iso-8859-1", "utf-16")
    ),
]


def _mixed(number: int) -> Case:
    """A column of any type with any constraints that go together, and texts near their limits."""
    chance = random.Random(number)
    kind = chance.choice(("number", "integer", "string", "date", "boolean"))
    limits: dict[str, Any] = {}
    if chance.random() < 0.3:
        limits["required"] = True
    if chance.random() < 0.3 and kind != "boolean":
        limits["unique"] = True
    missing = chance.choice((None, None, ["", "-"], ["", "n/a", "5", "red"]))
    if kind in ("number", "integer"):
        near = _NUMBERS_NEAR if kind == "number" else _WHOLE_NEAR
        if chance.random() < 0.5:
            limits["minimum"] = chance.randrange(-5, 6)
        if chance.random() < 0.5:
            limits["maximum"] = chance.randrange(5, 101)
        feed, column, good = (
            ("performance", _number(), "6")
            if kind == "number"
            else ("satisfaction", _integer(), "6")
        )
    elif kind == "string":
        near, feed, column, good = _WORDY, "events", _text(), "good"
        if chance.random() < 0.5:
            limits["minLength"] = chance.randrange(1, 4)
        if chance.random() < 0.5:
            limits["maxLength"] = chance.randrange(4, 7)
        if chance.random() < 0.3:
            limits["pattern"] = chance.choice(("[a-z]+", "\\S*", "[^0-9]*", "g?.{0,4}"))
    elif kind == "date":
        near, feed, column, good = _DATES, "measures", _date(), "2018-04-02"
        if chance.random() < 0.5:
            limits["minimum"] = chance.choice(("2017-12-31", "2018-04-01"))
        if chance.random() < 0.5:
            limits["maximum"] = chance.choice(("2018-04-30", "2018-05-01"))
    else:
        near, feed, column, good = (
            ("true", "false", "1", "0", "", "2"),
            "events",
            _boolean(),
            "true",
        )
    texts = tuple(chance.choice((*near, *_POOL)) for _ in range(60))
    return Case(
        f"mixed-{number}", feed, column | {"constraints": limits}, texts, good, missing=missing
    )


MIXED = [_mixed(number) for number in range(60)]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> dict[str, tuple[Verdict, Verdict]]:
    """What both say of every file: Frictionless first, then we."""
    cases = [*CASES, *MIXED]
    workspace = _write(tmp_path_factory.mktemp("cases") / "data", cases)
    theirs, ours = _by_frictionless(workspace, cases), _by_us(workspace, cases)
    return {case.name: (theirs[case.name], ours[case.name]) for case in cases}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_rows_are_wrong_and_the_others_mean_the_same(verdicts, case):
    theirs, ours = verdicts[case.name]
    _assert_agreed(case, theirs, ours)
    # A file in which nothing is right, or nothing wrong, would prove little.
    assert theirs.values


@pytest.mark.parametrize("case", MIXED, ids=lambda case: f"{case.name}-{case.field['type']}")
def test_constraints_that_stand_together_are_each_held_to(verdicts, case):
    _assert_agreed(case, *verdicts[case.name])


def _one(tmp_path: Path, case: Case) -> tuple[Verdict, Verdict]:
    workspace = _write(tmp_path / "data", [case])
    return _by_frictionless(workspace, [case])[case.name], _by_us(workspace, [case])[case.name]


@pytest.mark.parametrize(
    ("feed", "column", "texts"),
    [
        (
            "performance",
            _number(),
            {
                **{"1,234": 1234.0, "£1,234.50": 1234.5, "(5)": -5.0, "5-": -5.0, "−5": -5.0},
                **{"95.4%": 95.4, "£ 5": 5.0},
            },
        ),
        ("satisfaction", _integer(), {"1,234": 1234, "5.0": 5, "1e3": 1000}),
        ("events", _boolean(), {"yes": True, "Y": True, "tRuE": True, "no": False, "n": False}),
        ("measures", _date(), {"2018-04-30T00:00:00": date(2018, 4, 30)}),
        (
            "targets",
            {"name": "to", "type": "yearmonth"},
            {"Apr-18": date(2018, 4, 1), "30/04/2018": date(2018, 4, 1)},
        ),
    ],
    ids=["numbers", "integers", "booleans", "dates", "months"],
)
def test_what_councils_write_is_read_although_the_standard_would_not(tmp_path, feed, column, texts):
    last = {"boolean": "true", "date": "2018-04-01", "yearmonth": "2018-04"}
    case = Case("lenient", feed, column, tuple(texts), last.get(column["type"], "7"))
    theirs, ours = _one(tmp_path, case)
    lines = range(2, 2 + len(texts))
    assert set(theirs.wrong) == set(lines)
    assert ours.wrong == {}
    assert [ours.values[line] for line in lines] == list(texts.values())


@pytest.mark.parametrize(
    ("feed", "column", "texts", "last"),
    [
        # No figure, half a figure, a programmer's figure and one in digits that a page can't show.
        ("performance", _number(), ("NaN", "INF", "-inf", "5.", "1_000", "١٢"), "7"),
        # Commas have to stand between thousands, or the decimals may have been meant.
        ("performance", _number(groupChar=","), ("1,23", "1,2345"), "7"),
        # Money beyond the penny is no money.
        ("costs", {"name": "actual_gbp", "type": "number"}, ("1.234", "0.005"), "7"),
        # ISO has two digits for each; and years beyond these are slips of the keyboard.
        ("measures", _date(), ("2018-4-3", "0201-08-01", "2108-01-01"), "2018-04-01"),
    ],
    ids=["numbers", "groups", "money", "dates"],
)
def test_what_may_have_been_meant_otherwise_is_set_aside_although_the_standard_would_not(
    tmp_path, feed, column, texts, last
):
    theirs, ours = _one(tmp_path, Case("strict", feed, column, texts, last))
    assert theirs.wrong == {}
    assert set(ours.wrong) == set(range(2, 2 + len(texts)))


def test_lines_that_are_no_rows_are_told_apart_although_the_standard_knows_none(tmp_path):
    _write(tmp_path / "data", [])
    contract = {
        "name": "lines",
        "onesource": {"bad_share": 1},
        "resources": [
            {
                "name": "councils",
                "data": [{"council_id": "havering", "name": "LB Havering"}],
            },
            {
                "name": "volumes",
                "path": "volumes.csv",
                "schema": {
                    "fields": [
                        *(
                            {"name": n, "type": "string", **_limits(required=True)}
                            for n in _BESIDE["volumes"]("")
                        ),
                        {"name": "quantity", "type": "number"},
                    ],
                    "foreignKeys": [
                        {
                            "fields": "council_id",
                            "reference": {"resource": "councils", "fields": "council_id"},
                        }
                    ],
                },
            },
        ],
    }
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps(contract))
    (tmp_path / "data" / "volumes.csv").write_text(
        "period,service_id,council_id,unit,quantity\n"
        "2018-03,ict,havering,calls,5\n"
        "\n"
        "2018-03,ict,havering,visits\n"
        "2018-03,ict,havering,letters,9,6\n"
        "Period,Service ID,Council ID,Unit,Quantity\n"
        "2018-03,ict,LB Havering,orders,6\n"
        "2018-03,ict,L.B. HAVERING,forms,many\n"
        "Total,,,,11\n"
        "Source: our own\n"
    )
    workspace = Workspace(
        tmp_path / "data", tmp_path / "data" / "datapackage.json", tmp_path / "warehouse"
    )
    report = frictionless.Package(str(workspace.contract)).validate()
    theirs = {line for line, _ in report.flatten(["rowNumber", "type"])}
    (account,) = [f for f in load(workspace).files if f.feed == "volumes"]
    assert theirs == {3, 4, 5, 6, 7, 8, 9, 10}
    # Lines with a cell too many or too few, and a word for a figure, are wrong for both.
    assert (account.loaded, account.set_aside) == (2, 3)
    assert account.skipped == {"blank": 1, "header again": 1, "total": 1, "note": 1}
    assert account.adds_up()


def _refused_by_the_standard(tmp_path: Path, column: dict[str, Any], limits: Any) -> Path:
    feeds = ("performance", "satisfaction", "events", "measures")
    feed = next(f for f in feeds if column["name"] in FEEDS[f].fields)
    case = Case("wrong", feed, column | {"constraints": limits}, (), "")
    contract = _write(tmp_path / "data", [case]).contract
    with pytest.raises(frictionless.FrictionlessException):
        frictionless.Package.from_descriptor(json.loads(contract.read_text()))
    return contract


def _shown(part: Any) -> str:
    return json.dumps(part, sort_keys=True)


@pytest.mark.parametrize(
    ("column", "limits"),
    [(_text(), {"pattern": 5}), (_number(), ["required"]), (_text(type="strnig"), {})],
    ids=_shown,
)
def test_a_contract_that_the_standard_refuses_is_refused(tmp_path, column, limits):
    with pytest.raises(ContractError):
        read_contract(_refused_by_the_standard(tmp_path, column, limits))


@pytest.mark.parametrize(
    ("column", "limits"),
    [
        (_number(), {"pattern": "\\d+"}),
        (_number(), {"minLength": 2}),
        (_integer(), {"maxLength": 2}),
        (_text(), {"minimum": 1}),
        (_text(), {"maximum": "z"}),
        (_date(), {"pattern": "2018.*"}),
        (_date(), {"minLength": 10}),
        (_boolean(), {"minimum": 0}),
        (_boolean(), {"pattern": "true"}),
        (_text(), {"minLength": "two"}),
        (_number(), {"required": "no"}),
        (_number(), {"unique": "false"}),
        (_number(decimalChar=5), {}),
    ],
    ids=_shown,
)
def test_a_constraint_that_cannot_hold_for_its_field_is_an_error_of_the_contract(
    tmp_path, column, limits
):
    with pytest.raises(ContractError):
        read_contract(_refused_by_the_standard(tmp_path, column, limits))


_EDGES = [
    pytest.param(
        Case("edges", "performance", _number(type="integer"), ("5.5", "5"), "7"),
        id="a declared integer takes fractions",
    ),
    pytest.param(
        Case("edges", "satisfaction", _integer(), ("9007199254740993", "5"), "7"),
        id="integers beyond 2 to the 53rd are rounded",
    ),
    pytest.param(
        Case(
            "edges",
            "performance",
            _number(decimalChar=",", groupChar=" "),
            ("1.234", "1 234,5"),
            "7",
        ),
        id="a point is taken for a decimal comma",
    ),
    pytest.param(
        Case("edges", "performance", _number(**_limits(enum=["5", "x"])), ("5", "6"), "5"),
        id="one value of a list that cannot be read switches the list off",
    ),
    pytest.param(
        Case(
            "edges",
            "performance",
            {"name": "period", "type": "yearmonth", **_limits(minimum="2018-02", required=True)},
            ("2018-01", "2018-02"),
            "2018-03",
        ),
        id="limits of a period are not looked at",
    ),
    pytest.param(
        Case(
            "edges",
            "measures",
            _date(format="%d/%m/%Y", **_limits(minimum="02/04/2018")),
            ("01/04/2018", "03/04/2018"),
            "04/04/2018",
        ),
        id="limits in the form of the dates themselves end the load",
    ),
    pytest.param(
        Case("edges", "events", _text(**_limits(pattern="(?!x).*")), ("xy", "y"), "y"),
        id="a pattern that DuckDB has no word for ends the load",
    ),
    pytest.param(
        Case("edges", "events", _text(**_limits(pattern="\\w+")), ("Ünnü", "u u"), "u"),
        id="letters beyond ASCII are no letters of a pattern",
    ),
]


@pytest.mark.parametrize("case", _EDGES)
def test_what_the_standard_says_holds_at_its_edges(tmp_path, case):
    _assert_agreed(case, *_one(tmp_path, case))


def test_a_figure_beyond_all_bounds_is_never_loaded_as_infinity(tmp_path):
    case = Case("huge", "performance", _number(), ("1e400", "-1e999"), "7")
    _, ours = _one(tmp_path, case)
    assert [v for v in ours.values.values() if v is not None and math.isinf(v)] == []
