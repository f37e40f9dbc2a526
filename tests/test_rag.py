"""Verdicts, direction of travel and year to date: each rule by hand, and every figure by an oracle.

The oracle reads the exports with csv, reckons in fractions and follows docs/methods.md; it shares
nothing with the loader or with queries/.
"""

import csv
import json
import random
import shutil
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dashboard import settings
from dashboard.exhibits import measures
from dashboard.load.check import RULES
from dashboard.load.publish import load
from dashboard.load.versions import current_version
from dashboard.settings import Workspace
from tests.small_workspaces import both_files

SAID = (
    "target",
    "tolerance",
    "rule",
    "verdict",
    "previous_period",
    "previous_month",
    "previous_change",
    "year_change",
    "year_to_date",
    "year_to_date_verdict",
)
FIELDS = {
    "services": ("service_id", "name"),
    "councils": ("council_id", "name"),
    "measures": (
        *(
            "measure_id",
            "service_id",
            "name",
            "unit",
            "good_direction",
            "cumulative",
            "rolling_months",
        ),
        "numerator_multiplier",
    ),
    "memberships": ("service_id", "council_id", "from", "to"),
    "targets": ("measure_id", "council_id", "from", "to", "target", "tolerance", "rule"),
    "performance": (
        *("period", "service_id", "council_id", "measure_id", "value", "numerator", "denominator"),
        "status",
    ),
}
TYPES = {
    **dict.fromkeys(("value", "numerator", "denominator", "target", "tolerance"), "number"),
    "cumulative": "boolean",
    "numerator_multiplier": "number",
    "rolling_months": "integer",
}


def _rows(workspace: Workspace, sql: str) -> list[tuple]:
    version = current_version(workspace.warehouse)
    with both_files(workspace.warehouse, version) as con:
        return con.execute(sql).fetchall()


@pytest.fixture
def small(tmp_path):
    """A workspace of one service, made of rows given as {field: value}, and loaded."""

    def made(is_clean: bool = True, **feeds: list[dict[str, Any]]) -> Workspace:
        resources = []
        for feed, rows in feeds.items():
            with (tmp_path / f"{feed}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, FIELDS[feed], restval="")
                writer.writeheader()
                for row in rows:
                    ids = {"service_id": "ict", "council_id": "bexley", "measure_id": "fix"}
                    if feed == "targets":
                        ids = {"measure_id": "fix", "from": "2010-01"}
                    ids = {k: v for k, v in ids.items() if k in FIELDS[feed]}
                    writer.writerow({"name": "Fixed", **ids, **row} if feed == "measures" else
                                    {**ids, **row})  # fmt: skip
            fields = [{"name": n, "type": TYPES.get(n, "string")} for n in FIELDS[feed]]
            resources.append(
                {
                    "name": feed,
                    "path": f"{feed}.csv",
                    "schema": {"fields": fields},
                    "onesource": {"bad_share": 0 if is_clean else 1},
                }
            )
        contract = tmp_path / "datapackage.json"
        waive = ["definition", "owner_role", "ratio"]
        contract.write_text(
            json.dumps({"name": "small", "onesource": {"waive": waive}, "resources": resources})
        )
        workspace = Workspace(tmp_path, contract, tmp_path / "warehouse")
        assert load(workspace).is_clean == is_clean
        return workspace

    return made


def _judged(small, good: str, target: dict, values: Any, before: float | None = None) -> dict:
    """The verdict on figures of March 2018, each a council's, with one a year before them."""
    figures = [{"council_id": v, "period": "2018-03", "value": v} for v in values]
    if before is not None:
        figures += [{"council_id": v, "period": "2017-03", "value": before} for v in values]
    workspace = small(
        measures=[{"good_direction": good}], targets=[target] if target else [], performance=figures
    )
    return dict(_rows(workspace, "select value, verdict from performance where period = '2018-03'"))


GREEN, AMBER, RED = "on target", "close", "off target"


@pytest.mark.parametrize(
    ("good", "rule", "target", "tolerance", "expected"),
    [
        ("higher", "percent_of_target", 90, 10, {90: GREEN, 89.9: AMBER, 81: AMBER, 80.9: RED}),
        ("lower", "percent_of_target", 20, 5, {20: GREEN, 20.1: AMBER, 21: AMBER, 21.1: RED}),
        ("range", "percent_of_target", 100, 5, {100: GREEN, 95: AMBER, 105: AMBER, 105.1: RED}),
        # Tolerance is of the target's size, also below zero; of a target of 0 it is nothing.
        ("higher", "percent_of_target", -10, 10, {-10: GREEN, -11: AMBER, -11.1: RED}),
        ("lower", "percent_of_target", 0, 10, {0: GREEN, 0.1: RED}),
        ("higher", "worse_than_last_year", -100, 10, {-110: GREEN, -110.1: RED}),
        ("higher", "points", 60, 3, {60: GREEN, 57: AMBER, 56.9: RED}),
        ("lower", "points", 5, 1, {5: GREEN, 6: AMBER, 6.1: RED}),
        ("range", "points", 13, 2, {13: GREEN, 11: AMBER, 15: AMBER, 15.1: RED}),
        ("higher", "points", 0, 0, {0: GREEN, -0.1: RED}),
        ("higher", "no_tolerance", 97, "", {97: GREEN, 96.99: RED}),
        ("lower", "no_tolerance", 10, 5, {10: GREEN, 10.01: RED}),
        ("range", "within_range", 13, 2, {11: GREEN, 15: GREEN, 10.9: RED, 15.1: RED}),
        # The rule, not the good direction, makes it a range.
        ("higher", "within_range", 13, 2, {15: GREEN, 15.1: RED}),
        ("neither", "within_range", 13, 2, {15: GREEN, 15.1: RED}),
        ("higher", "none", 97, "", {97: None, 0: None}),
        ("higher", "none", "", "", {97: None}),
        ("neither", "no_tolerance", 97, "", {97: None}),
        # A row without a rule: green or red.
        ("higher", "", 97, "", {97: GREEN, 96.9: RED}),
        # 0.1 + 0.2 is not 0.3 in binary, nor 0.7 + 0.1 0.8, nor 1.1 × 1.1 1.21.
        ("lower", "points", 0.1, 0.2, {0.3: AMBER, 0.31: RED}),
        ("higher", "points", 0.8, 0.1, {0.7: AMBER, 0.69: RED}),
        ("lower", "percent_of_target", 1.1, 10, {1.21: AMBER, 1.22: RED}),
        ("lower", "points", 1234567890.1, 0.2, {1234567890.3: AMBER, 1234567890.31: RED}),
    ],
)  # fmt: skip
def test_each_rule_at_its_edges(small, good, rule, target, tolerance, expected):
    row = {"target": target, "tolerance": tolerance, "rule": rule}
    assert _judged(small, good, row, expected) == expected


@pytest.mark.parametrize(
    ("good", "value", "before", "expected"),
    [
        ("higher", 90, 95, GREEN),  # exactly at tolerance
        ("higher", 89.9, 89.9, AMBER),
        ("higher", 89.9, 89.8, AMBER),
        ("higher", 89.9, 90, RED),
        ("higher", 89.9, None, RED),
        ("lower", 110, 100, GREEN),
        ("lower", 110.1, 110.1, AMBER),
        ("lower", 110.1, 110, RED),
        # Within a range "worse" is farther from the target, on whichever side.
        ("range", 89, 111, AMBER),
        ("range", 89, 112, AMBER),
        ("range", 89, 110.9, RED),
        ("neither", 89, 89, None),
    ],
)
def test_worse_than_last_year_is_red_only_where_it_is_worse(small, good, value, before, expected):
    row = {"target": 100, "tolerance": 10, "rule": "worse_than_last_year"}
    assert _judged(small, good, row, [value], before) == {value: expected}


def test_without_a_target_in_force_there_is_no_verdict(small):
    assert _judged(small, "higher", {}, [50]) == {50: None}
    row = {"target": 50, "rule": "no_tolerance", "to": "2018-02"}
    assert _judged(small, "higher", row, [50]) == {50: None}


def test_the_rule_in_force_judges_and_a_councils_own_before_the_general_one(small):
    workspace = small(
        measures=[{"good_direction": "higher"}],
        targets=[
            {"to": "2017-03", "target": 90, "tolerance": 10, "rule": "percent_of_target"},
            {"from": "2017-04", "target": 90, "rule": "no_tolerance"},
            # Older than the general one, and still its own; then none at all.
            {"council_id": "newham", "to": "2017-06", "target": 80, "tolerance": 5,
             "rule": "points"},
            {"council_id": "newham", "from": "2017-07", "rule": "none"},
            # Two of its own in force: the newer.
            {"council_id": "havering", "target": 10, "rule": "no_tolerance"},
            {"council_id": "havering", "from": "2017-05", "target": 99, "rule": "no_tolerance"},
        ],
        performance=[
            {"period": period, "council_id": council, "value": 85}
            for period in ("2017-03", "2017-04", "2017-05", "2017-07")
            for council in ("bexley", "havering", "newham")
        ],
    )  # fmt: skip
    found = dict(_rows(workspace, "select (period, council_id), verdict from performance"))
    assert {council: [found[p, council] for p in ("2017-03", "2017-04", "2017-05", "2017-07")]
            for council in ("bexley", "havering", "newham")} == {
        "bexley": [AMBER, RED, RED, RED],
        "havering": [GREEN, GREEN, RED, RED],
        "newham": [GREEN, GREEN, GREEN, None],
    }  # fmt: skip


def test_a_rule_that_is_unknown_or_lacks_what_it_needs_is_set_aside_with_its_reason(small):
    workspace = small(
        is_clean=False,
        measures=[{"good_direction": "higher"}],
        targets=[
            {"from": "2011-01", "target": 1, "rule": "percent of target", "tolerance": 1},
            {"from": "2011-02", "target": 1, "rule": "points"},
            {"from": "2011-03", "rule": "no_tolerance"},
            {"from": "2011-04"},
            {"from": "2011-05", "target": 1, "tolerance": 5},
            {"from": "2011-06", "target": 1, "tolerance": -1, "rule": "worse_than_last_year"},
            {"from": "2011-07", "rule": "none"},
            {"from": "2011-08", "target": 1, "tolerance": 0},
        ],
        performance=[{"period": "2018-03", "value": 1}],
    )
    assert _rows(workspace, "select from_month from targets order by 1") == [
        (date(2011, 7, 1),),
        (date(2011, 8, 1),),
    ]
    told = _rows(
        workspace, "select line, field, expected, reason from staging.problems order by line"
    )
    known = (
        "one of percent_of_target, points, no_tolerance, within_range, worse_than_last_year, none"
    )
    assert told == [
        (2, "rule", known,
         "unknown: there is no such rule; did you mean 'percent_of_target'?"),
        (3, "tolerance", "a tolerance, 0 or more", "missing: the rule points needs a tolerance"),
        (4, "target", "a target, or the rule none",
         "missing: the rule no_tolerance needs a target"),
        (5, "target", "a target, or the rule none", "missing: a row without a rule needs a target"),
        (6, "rule", "one of percent_of_target, points, within_range, worse_than_last_year",
         "missing: a tolerance means nothing without the rule that uses it"),
        (7, "tolerance", "a tolerance, 0 or more", "a tolerance cannot be below zero"),
    ]  # fmt: skip


def test_direction_of_travel_goes_past_gaps_and_up_means_better(small):
    values = {"2018-01": 10, "2018-02": "", "2018-03": 12, "2018-05": 12, "2017-03": 12.5}
    for good, sign in (("higher", 1), ("lower", -1), ("neither", None)):
        workspace = small(
            measures=[{"good_direction": good}],
            performance=[{"period": p, "value": v} for p, v in values.items()],
        )
        found = _rows(
            workspace,
            "select period, previous_period, previous_change, year_change from performance "
            "where month >= date '2018-01-01' order by month",
        )
        minus = None if sign is None else -sign
        assert found == [
            ("2018-01", "2017-03", minus, None),
            ("2018-02", "2018-01", None, None),
            ("2018-03", "2018-01", sign, minus),
            ("2018-05", "2018-03", 0, None),
        ]


def test_nearer_to_the_target_is_better_within_a_range_and_without_one_nobody_can_say(small):
    figures = [{"period": f"2018-0{n}", "value": v} for n, v in ((1, 95), (2, 105), (3, 104))]
    for targets, expected in (
        ([{"target": 100, "tolerance": 2, "rule": "within_range"}], [None, 0, 1]),
        ([], [None, None, None]),
    ):
        workspace = small(
            measures=[{"good_direction": "range"}], targets=targets, performance=figures
        )
        found = _rows(workspace, "select previous_change from performance order by month")
        assert [r[0] for r in found] == expected


def _to_date(small, rows: list[tuple], measure: dict | None = None, **feeds: list) -> list[Any]:
    workspace = small(
        measures=[{"good_direction": "higher", "unit": "%", **(measure or {})}],
        performance=[
            dict(zip(("period", "value", "numerator", "denominator", "status"), r, strict=False))
            for r in rows
        ],
        **feeds,
    )
    return [
        r[0]
        for r in _rows(workspace, "select year_to_date from performance order by month, period")
    ]


def test_year_to_date_is_a_ratio_of_sums_within_a_financial_year(small):
    months = [("2017-04", 50, 1, 2), ("2017-05", 100, 8, 8), ("2018-04", 0, 0, 9)]
    assert _to_date(small, months) == [50, 90, 0]
    # An April that came late counts in its own year; the measure's multiplier is used.
    thousand = {"unit": "a thousand", "numerator_multiplier": 1000}
    assert _to_date(small, months, thousand) == [500, 900, 0]
    quarters = [("2017-18 Q1", 50, 1, 2), ("2017-18 Q2", 100, 8, 8), ("2017-18", 90, 9, 10)]
    assert _to_date(small, quarters) == [50, 90, None]


@pytest.mark.parametrize(
    ("may", "expected"),
    [
        (("2017-05", 100, 8, 8, "suppressed"), [50, None, None]),
        (("2017-05", 100, "", ""), [50, None, None]),
        (("2017-05", 100, 8, ""), [50, None, None]),
        (None, [50, None]),
    ],
    ids=["suppressed", "no parts", "half a part", "no row"],
)
def test_year_to_date_is_unknown_from_the_first_period_that_lacks_a_part(small, may, expected):
    rows = [("2017-04", 50, 1, 2), *([may] if may else []), ("2017-06", 50, 5, 10)]
    assert _to_date(small, rows) == expected


def test_year_to_date_begins_where_the_council_joined_and_not_where_reports_begin(small):
    rows = [("2017-06", 50, 5, 10), ("2017-07", 100, 10, 10)]
    assert _to_date(small, rows) == [None, None]
    assert _to_date(small, rows, memberships=[{"from": "2017-06"}]) == [50, 75]
    assert _to_date(small, rows, memberships=[{"from": "2017-05"}]) == [None, None]
    # A quarter that was served in part is not due.
    rows = [("2017-18 Q2", 50, 5, 10)]
    assert _to_date(small, rows, memberships=[{"from": "2017-05"}]) == [50]
    assert _to_date(small, rows, memberships=[{"from": "2017-04"}]) == [None]
    # It left in between, and came back.
    rows = [("2017-04", 50, 5, 10), ("2017-07", 100, 10, 10)]
    stays = [{"from": "2017-01", "to": "2017-04"}, {"from": "2017-07"}]
    assert _to_date(small, rows, memberships=stays) == [50, 75]


def test_a_cumulative_measure_is_its_own_year_to_date_and_has_no_period_before(small):
    workspace = small(
        measures=[{"good_direction": "higher", "cumulative": "true"}],
        targets=[{"target": 25, "rule": "no_tolerance"}],
        performance=[
            {"period": "2016-05", "value": 30},
            {"period": "2017-04", "value": 10},
            {"period": "2017-05", "value": 20},
        ],
    )
    assert _rows(
        workspace,
        "select previous_change, year_change, year_to_date, year_to_date_verdict "
        "from performance order by month",
    ) == [(None, None, 30, GREEN), (None, None, 10, RED), (None, -1, 20, RED)]


def test_figures_that_overlap_have_no_year_to_date(small):
    rows = [("2017-04", 50, 5, 10), ("2017-05", 100, 10, 10)]
    assert _to_date(small, rows, {"rolling_months": 12}) == [None, None]


def test_year_to_date_is_judged_as_the_latest_is_and_against_the_year_to_date_before(small):
    row = {"target": 90, "tolerance": 10, "rule": "worse_than_last_year"}
    figures = [("2016-04", 2), ("2016-05", 8), ("2017-04", 6), ("2017-05", 5)]
    workspace = small(
        measures=[{"good_direction": "higher", "unit": "%"}],
        targets=[row],
        performance=[
            {"period": p, "value": n * 10, "numerator": n, "denominator": 10} for p, n in figures
        ],
    )
    # May alone is worse than a year before (50 after 80); the two months together are not (55, 50).
    assert _rows(
        workspace,
        "select year_to_date, verdict, year_to_date_verdict from performance order by month",
    ) == [(20, RED, RED), (50, RED, RED), (60, AMBER, AMBER), (55, RED, AMBER)]


@pytest.fixture
def cell(small, use):
    """The lines of the Service page's cell for the one series of a small workspace."""

    def of(**feeds: list[dict[str, Any]]) -> list[str]:
        feeds |= {"services": [{"name": "ICT"}], "councils": [{"name": "Bexley"}]}
        workspace = small(**feeds)
        use(workspace)
        found = measures.now(
            service_id="ict",
            council_ids=("bexley",),
            from_month=date(2010, 1, 1),
            to_month=date(2018, 12, 1),
        )
        lines = found.table.rows[0][3].lines
        return [text if mark is None else (text, mark) for text, mark in lines]

    return of


def _ratios(**counts: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {"period": f"{p[1:5]}-{p[5:]}", "value": 100 * n / d, "numerator": n, "denominator": d}
        for p, (n, d) in counts.items()
    ]


def test_a_cell_says_the_year_to_date_where_it_reads_otherwise_and_both_directions(cell):
    passport = [{"good_direction": "higher", "unit": "%"}]
    target = [{"target": 94, "tolerance": 2, "rule": "points"}]
    figures = _ratios(p201705=(90, 100), p201804=(92, 100), p201805=(95, 100))
    assert cell(measures=passport, targets=target, performance=figures) == [
        ("95%, on target", "on target"),
        ("so far this year 93.5%, close", "close"),
        ("Usual variation", "usual variation"),
        "+5 points, better than a year before",
    ]
    # Nothing twice: April is its own year to date.
    april = _ratios(p201803=(92, 100), p201804=(92, 100))
    assert cell(measures=passport, targets=target, performance=april) == [
        ("92%, close", "close"),
        "the same as the month before",
    ]


def test_a_cell_marks_what_its_control_chart_shows_and_no_change_from_one_figure_to_another(cell):
    passport = [{"good_direction": "higher"}]
    months = [f"2017-{m:02}" for m in range(4, 13)] + [f"2018-{m:02}" for m in range(1, 9)]
    # A rise within the usual, then a fall far below it.
    usual = [50, 51] * 8
    for newest, said in (
        (52, ("Usual variation", "usual variation")),
        (36, ("Concern since August 2018", "concern")),
    ):
        figures = [{"period": p, "value": v} for p, v in zip(months, [*usual, newest], strict=True)]
        assert cell(measures=passport, performance=figures) == [
            f"{newest}",
            said,
            "+2, better than a year before" if newest == 52 else "−14, worse than a year before",
        ]
    # What hardly varies can't be judged: its one leap is no concern.
    still = [{"period": p, "value": v} for p, v in zip(months, [50] * 16 + [49], strict=True)]
    assert cell(measures=passport, performance=still) == [
        "49",
        "−1, worse than a year before",
        "worse than the month before",
    ]


def test_a_cell_names_the_period_it_compares_with_where_there_is_a_gap(cell):
    figures = [{"period": p, "value": v} for p, v in (("2017-18 Q1", 3), ("2017-18 Q3", 4))]
    assert cell(measures=[{"good_direction": "lower"}], performance=figures) == [
        "4",
        "worse than in April to June 2017",
    ]


def test_a_cell_of_a_yearly_figure_says_its_one_comparison_once(cell):
    figures = [{"period": p, "value": v} for p, v in (("2016-17", 3), ("2017-18", 4))]
    assert cell(measures=[{"good_direction": "higher"}], performance=figures) == [
        "4",
        "+1, better than a year before",
    ]


# The oracle.


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _month(text: str) -> int:
    """Months since the year 0, January being 0."""
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def _period(text: str) -> tuple[str, int]:
    """Kind and last month of "2017-09", "2017-18 Q2" or "2017-18"."""
    if " Q" in text:
        return "quarter", int(text[:4]) * 12 + 3 * int(text[-1]) + 2
    year, second = int(text[:4]), int(text[5:])
    if second == (year + 1) % 100 and second > 12:
        return "year", (year + 1) * 12 + 2
    return "month", _month(text)


def _number(text: str) -> Fraction | None:
    return Fraction(text) if text not in ("", "<5") else None


def _travel(now: Fraction | None, then: Fraction | None, target: Fraction | None, good: str) -> Any:
    if now is None or then is None:
        return None
    if now == then:
        return 0
    if good == "range":
        gain = None if target is None else abs(then - target) - abs(now - target)
    else:
        gain = {"higher": now - then, "lower": then - now}.get(good)
    return None if gain is None else (gain > 0) - (gain < 0)


def _verdict(value: Fraction | None, target: dict | None, good: str, travel: int | None) -> Any:
    if value is None or target is None or target["rule"] == "none":
        return None
    aim, rule = Fraction(target["target"]), target["rule"]
    tolerance = Fraction(target["tolerance"] or 0)
    share = abs(aim) * tolerance / 100
    if rule == "within_range":
        return GREEN if aim - tolerance <= value <= aim + tolerance else RED
    if good == "neither":
        return None
    # The figures at which green and amber end, on the wrong side.
    green = share if rule == "worse_than_last_year" else Fraction(0)
    amber = {"percent_of_target": share, "points": tolerance}.get(rule, Fraction(0))

    def as_good_as(width: Fraction) -> bool:
        if good == "higher":
            return value >= aim - width
        if good == "lower":
            return value <= aim + width
        return aim - width <= value <= aim + width

    if as_good_as(green):
        return GREEN
    if rule == "worse_than_last_year":
        return AMBER if travel in (0, 1) else RED
    return AMBER if as_good_as(amber) else RED


def _in_force(targets: list[dict], council: str, month: int) -> dict | None:
    now = [
        t
        for t in targets
        if t["council_id"] in ("", council)
        and _month(t["from"]) <= month
        and (not t["to"] or month <= _month(t["to"]))
    ]
    return max(now, key=lambda t: (t["council_id"] != "", _month(t["from"])), default=None)


def _year_to_date(
    series: dict[int, dict], last: int, kind: str, served: set[int], multiplier: int
) -> Fraction | None:
    step = 1 if kind == "month" else 3
    april = (last - 3) // 12 * 12 + 3
    top = bottom = Fraction(0)
    for end in range(april + step - 1, last + 1, step):
        row = series.get(end)
        if row is None and not set(range(end - step + 1, end + 1)) <= served:
            continue
        if row is None or row["numerator"] is None or row["denominator"] is None:
            return None
        top, bottom = top + row["numerator"], bottom + row["denominator"]
    return multiplier * top / bottom if bottom else None


def _oracle(data: Path) -> dict[tuple, tuple]:
    """Every figure's SAID, by service, council, measure and period, from the exports alone."""
    passports = {m["measure_id"]: m for m in _read(data / "reference/measures.csv")}
    targets, served, all_series = defaultdict(list), defaultdict(set), defaultdict(dict)
    for row in _read(data / "reference/targets.csv"):
        targets[row["measure_id"]].append(row)
    for row in _read(data / "reference/memberships.csv"):
        end = _month(row["to"]) if row["to"] else _month("2018-03")
        served[row["service_id"], row["council_id"]] |= set(range(_month(row["from"]), end + 1))
    for path in (data / "performance").glob("*.csv"):
        for row in _read(path):
            kind, last = _period(row["period"])
            row |= {n: _number(row[n]) for n in ("value", "numerator", "denominator")}
            row["last"] = last
            series = all_series[row["service_id"], row["council_id"], row["measure_id"], kind]
            assert last not in series
            series[last] = row
    found = {}
    for (service, council, measure, kind), series in all_series.items():
        passport = passports[measure]
        good = passport["good_direction"]
        cumulative = passport["cumulative"] == "true"
        per_thousand = passport["unit"].startswith("per 1,000")
        multiplier = 100 if passport["unit"] == "%" else 1000 if per_thousand else 1
        to_date = {
            last: None
            if kind == "year" or passport["rolling_months"] not in ("", "0")
            else row["value"]
            if cumulative
            else _year_to_date(series, last, kind, served[service, council], multiplier)
            for last, row in series.items()
        }
        before = None
        for last in sorted(series):
            row, year_before = series[last], series.get(last - 12)
            rule = _in_force(targets[measure], council, last)
            aim = _number(rule["target"]) if rule else None
            value = row["value"]
            on_year = _travel(value, year_before and year_before["value"], aim, good)
            to_date_on_year = _travel(to_date[last], to_date.get(last - 12), aim, good)
            tolerance = rule and (rule["tolerance"] or "0")
            found[service, council, measure, row["period"]] = (
                None if aim is None else float(aim),
                None if rule is None else float(tolerance),
                rule and rule["rule"],
                _verdict(value, rule, good, on_year),
                before and before["period"],
                before and date(before["last"] // 12, before["last"] % 12 + 1, 1),
                None if cumulative or not before else _travel(value, before["value"], aim, good),
                on_year,
                None if to_date[last] is None else float(to_date[last]),
                _verdict(to_date[last], rule, good, to_date_on_year),
            )
            before = row if value is not None else before
    return found


def _ours(workspace: Workspace) -> dict[tuple, tuple]:
    key = ("service_id", "council_id", "measure_id", "period")
    rows = _rows(workspace, f"select {', '.join(key + SAID)} from performance")
    assert len({r[:4] for r in rows}) == len(rows)
    return {r[:4]: r[4:] for r in rows}


def _assert_alike(ours: dict[tuple, tuple], theirs: dict[tuple, tuple]) -> None:
    assert ours.keys() == theirs.keys()
    apart = {
        (*key, name): (mine, other)
        for key in ours
        for name, mine, other in zip(SAID, ours[key], theirs[key], strict=True)
        if mine != other
    }
    assert not apart, f"{len(apart)} differ: {dict(list(apart.items())[:5])}"


def test_every_shipped_figure_is_judged_as_an_independent_count_judges_it(use):
    workspace = use("shipped")
    theirs = _oracle(settings.ROOT / "data")
    assert len(theirs) == sum(
        len(_read(p)) for p in (settings.ROOT / "data/performance").glob("*.csv")
    )
    _assert_alike(_ours(workspace), theirs)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_shipped_figure_is_judged_alike_under_any_rule(tmp_path, seed):
    chance = random.Random(seed)
    data = tmp_path / "data"
    for part in ("reference", "performance"):
        shutil.copytree(settings.ROOT / "data" / part, data / part)
    contract = json.loads((settings.ROOT / "data/datapackage.json").read_text())
    contract["resources"] = [
        r
        for r in contract["resources"]
        if r["path"].startswith(("reference/", "performance/")) and r["name"] != "events"
    ]
    (data / "datapackage.json").write_text(json.dumps(contract))
    rows = _read(data / "reference/targets.csv")
    for row in rows:
        row["rule"] = chance.choice(list(RULES))
        row["tolerance"] = chance.choice(["0", "0.3", "2", "5", "10"])
        if row["rule"] == "none" and chance.random() < 0.5:
            row["target"] = row["tolerance"] = ""
    with (data / "reference/targets.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    workspace = Workspace(data, data / "datapackage.json", tmp_path / "warehouse")
    report = load(workspace)
    assert report.is_clean
    theirs = _oracle(data)
    _assert_alike(_ours(workspace), theirs)
    said = Counter((r[2], r[3]) for r in theirs.values())
    assert {rule for rule, _ in said} - {None} == set(RULES)
    assert said["worse_than_last_year", AMBER] and said["worse_than_last_year", RED]
