"""Nothing hidden of the survey is known within bounds, whatever is asked: an audit from outside."""

import os
import random
import re
from collections import Counter
from datetime import date

import pytest

from dashboard.exhibits import satisfaction
from dashboard.load import small_numbers
from dashboard.load.suppression import Cell
from dashboard.settings import QUERIES
from dashboard.warehouse import fetch
from tests import audit
from tests.test_small_numbers import ALWAYS, ANSWERS, ask, build, shipped_rows, survey

CUSTOMERS = ("havering", "newham", "bexley", "onesource_staff")

# What a reader can work out of a hidden cell is at least so wide: people, and shares. Those who are
# not satisfied, and each of their answers, are two wide but where a shown total holds no more.
WIDTHS_OF_SMALL = {
    "respondents": 5, "satisfied": 5, "very_satisfied": 2, "fairly_satisfied": 2, "dont_know": 2,
    "invited": 5, "satisfied_share": 0.2, "not_satisfied": 1, "dissatisfied": 1, "neither": 1,
    "fairly_dissatisfied": 1, "very_dissatisfied": 1,
}  # fmt: skip
# Ten or more people were hidden beside them: that they are not known is enough.
WIDTHS_OF_OTHERS = dict.fromkeys(WIDTHS_OF_SMALL, 1) | {"satisfied_share": 0.01}
# Random surveys looked at: 200 take a minute and a half.
SURVEYS = int(os.environ.get("SURVEYS_AUDITED", "25"))


def known(wave: audit.Wave, cell: audit.Place, people: int) -> dict[str, audit.Interval]:
    """What is known of a hidden cell more closely than it may be."""
    intervals = wave.intervals(cell)
    wanted = WIDTHS_OF_SMALL if people < 10 else WIDTHS_OF_OTHERS
    found = {n: i for n, i in intervals.items() if i[1] - i[0] < wanted[n] - 1e-6}
    if people < 10 and intervals["respondents"][1] < 10:
        found["fewer than ten"] = intervals["respondents"]
    return found


def leaks(rows: list[dict], wave: audit.Wave, hidden: set[audit.Place]) -> dict:
    """What is known of each hidden cell of one wave; cells of which nothing is are left out."""
    people = {(r["service_id"], r["council_id"]): r["respondents"] for r in rows}
    found = {cell: known(wave, cell, people[cell]) for cell in sorted(hidden)}
    return {cell: told for cell, told in found.items() if told}


def made_up(seed: int) -> list[dict]:
    """A survey of a few services and customers, small and large, content and not."""
    chance = random.Random(seed)
    rows = []
    services, customers = "abcdefgh"[: chance.randint(1, 8)], "vwxyz"[: chance.randint(1, 5)]
    for service in services:
        content = chance.choice((0.3, 0.6, 0.8, 0.9, 0.97, 1))
        size = chance.choice((6, 12, 20, 40, 90))
        for customer in customers:
            if chance.random() < 0.1:
                continue
            invited = max(1, int(size * chance.uniform(0.5, 5)))
            said = Counter(
                _answer(chance, content) for _ in range(invited) if chance.random() < 0.35
            )
            counts = {name: said[name] for name in ANSWERS}
            rows.append(
                {"period": "2017-10", "service_id": service, "council_id": customer,
                 "invited": invited, "respondents": said.total() - said["dont_know"], **counts,
                 "satisfied": said["very_satisfied"] + said["fairly_satisfied"]}
            )  # fmt: skip
    return rows


def _answer(chance: random.Random, content: float) -> str:
    if chance.random() < 0.04:
        return "dont_know"
    if chance.random() < content:
        return chance.choice(audit.SATISFIED)
    return chance.choices(audit.OTHERS, (5, 3, 2))[0]


def everything(con, rows: list[dict]) -> list[dict]:
    customers = sorted({r["council_id"] for r in rows})
    return [
        *ask(con, "satisfaction_trend", service_id=None, council_ids=customers, **ALWAYS),
        *ask(con, "standing_satisfaction", service_id=None, council_ids=customers,
             to_month=ALWAYS["to_month"]),
    ]  # fmt: skip


def test_the_audit_finds_what_sums_alone_do_not():
    # All of s are satisfied: so are the four of x, though hidden.
    rows = survey(("s", "x", 4), ("s", "y", 12), ("t", "x", 30), ("t", "y", 40))
    for row in rows[:2]:
        row |= dict.fromkeys(ANSWERS, 0)
        row |= {"very_satisfied": row["respondents"], "satisfied": row["respondents"]}
    con = build(rows, protect=False)
    con.execute(
        "insert into staging.hidden_survey select date '2017-10-01', s, c, true "
        "from (values ('s'), ('t')) as a(s), (values ('x'), ('y')) as b(c)"
    )
    con.execute((QUERIES / "tables" / "42_surveys.sql").read_text())
    waves, hidden = audit.waves(everything(con, rows))
    (wave,), (cells,) = waves.values(), hidden.values()
    assert cells == {("s", "x"), ("s", "y"), ("t", "x"), ("t", "y")}
    intervals = wave.intervals(("s", "x"))
    assert intervals["respondents"] == (0, 10)
    assert intervals["not_satisfied"] == (0, 0) and intervals["satisfied_share"] == (1, 1)
    assert {"not_satisfied", "satisfied_share"} <= leaks(rows, wave, cells)["s", "x"].keys()
    # So of s not even the total is shown.
    waves, hidden = audit.waves(everything(build(rows), rows))
    (wave,), (cells,) = waves.values(), hidden.values()
    assert not any(place == ("s", None) for place, _ in wave.told)
    assert leaks(rows, wave, cells) == {}


@pytest.mark.parametrize("part", range(5))
def test_of_no_made_up_survey_anything_hidden_is_known(part):
    looked_at = 0
    for seed in range(part, SURVEYS, 5):
        rows = made_up(seed)
        if not rows:
            continue
        waves, hidden = audit.waves(everything(build(rows), rows))
        for month, wave in waves.items():
            assert leaks(rows, wave, hidden[month]) == {}, seed
            looked_at += len(hidden[month])
            small = {(r["service_id"], r["council_id"]) for r in rows if 0 < r["respondents"] < 10}
            assert small <= hidden[month]
    assert looked_at > 5


def test_where_only_the_satisfied_are_counted_nothing_is_called_not_broken_down():
    looked_at = 0
    for seed in range(8):
        rows = [
            {k: v for k, v in row.items() if k not in (*ANSWERS, "invited")}
            for row in made_up(seed)
        ]
        found = everything(build(rows), rows)
        assert all(r["is_broken_down"] for r in found if not r["is_hidden"] and "answered" in r)
        waves, hidden = audit.waves(found)
        for month, wave in waves.items():
            known = leaks(rows, wave, hidden[month])
            # Nobody was asked whether they did not know.
            assert {name for told in known.values() for name in told} <= {"dont_know"}
            looked_at += len(hidden[month])
    assert looked_at > 5


def test_of_the_shipped_survey_nothing_hidden_is_known(use):
    use("shipped")
    exports = shipped_rows()
    found = fetch("satisfaction_trend", service_id=None, council_ids=CUSTOMERS, **ALWAYS).rows()
    for month in exports:
        asked = {"service_id": None, "council_ids": CUSTOMERS, "to_month": month}
        found += fetch("standing_satisfaction", **asked).rows()
    waves, hidden = audit.waves(found)
    assert waves.keys() == exports.keys()
    for month, rows in exports.items():
        assert leaks(rows, waves[month], hidden[month]) == {}
    assert sum(map(len, hidden.values())) == 48
    # Every total's share is shown, and how many answered.
    totals = [r for r in found if None in (r["service_id"], r["council_id"])]
    assert all(r["satisfied_share"] is not None for r in totals)
    # One of health and safety's customers is not satisfied in March, and one in October 2017.
    narrow = set()
    for month, rows in exports.items():
        for cell in ((r["service_id"], r["council_id"]) for r in rows if r["respondents"] < 10):
            low, high = waves[month].interval(cell, "not_satisfied")
            if high - low < 2:
                narrow.add((month.year, month.month, cell[0]))
    assert narrow == {(2017, 3, "health_safety"), (2017, 10, "health_safety")}
    # No share is withheld that council papers published.
    shown = {(r["month"], r["service_id"], r["council_id"]): r["satisfied_share"] for r in found}
    published = {
        (
            r["month"],
            None if r["service_id"] == "onesource" else r["service_id"],
            None if r["council_id"] == "all" else r["council_id"],
        ): r["figure"]
        for r in fetch("published", feed="satisfaction", **ALWAYS).rows()
        if "target" not in r["topic"]
    }
    assert len(published) == 17
    assert all(round(100 * shown[place]) == figure for place, figure in published.items())


def test_what_exhibits_hold_is_what_the_audit_saw(use):
    use("shipped")
    span = {"from_month": date(2014, 4, 1), "to_month": date(2018, 3, 1)}
    services = [None, *fetch("services")["service_id"]]
    trend = fetch("satisfaction_trend", service_id=None, council_ids=CUSTOMERS, **ALWAYS).rows()
    seen = {(r["month"], name, r[name]) for r in trend for name in r}
    looked_at = set()
    for chosen in (CUSTOMERS, *((c,) for c in CUSTOMERS)):
        made = [
            *(make(council_ids=chosen, **span)
              for make in (satisfaction.by_service, satisfaction.services_over_time)),
            *(make(service_id=s, council_ids=chosen, **span) for s in services
              for make in (satisfaction.headline, satisfaction.by_customer, satisfaction.answers,
                           satisfaction.response)),
        ]  # fmt: skip
        for exhibit in made:
            if exhibit.table is None:
                continue
            columns = exhibit.table.raw_columns
            for row in exhibit.table.raw_rows:
                held = dict(zip(columns, row, strict=True))
                figures = {n: v for n, v in held.items() if n in trend[0] and v is not None}
                assert {(held["month"], n, v) for n, v in figures.items()} <= seen
                looked_at |= figures.keys()
    assert {"respondents", "satisfied_share", "very_satisfied", "invited"} <= looked_at


def test_no_query_reads_the_survey_that_is_not_audited():
    reading = {
        path.stem
        for path in QUERIES.glob("*.sql")
        if re.search(r"\b(from|join)\s+surveys\b", re.sub(r"--.*", "", path.read_text()))
    }
    assert reading == {"satisfaction_trend", "standing_satisfaction"}


def test_a_service_with_a_hidden_cell_is_not_broken_down_but_its_share_is_shown():
    cells = [
        Cell(s, c, people, people < 10, satisfied, {
            "very_satisfied": satisfied // 2, "fairly_satisfied": satisfied - satisfied // 2,
            "neither": people - satisfied - 4 if people > 9 else 1,
            "fairly_dissatisfied": 2 if people > 9 else 0,
            "very_dissatisfied": 2 if people > 9 else 0,
            "dont_know": 2, "unanswered": 50,
        })
        for s, c, people, satisfied in (
            ("a", "x", 6, 5), ("a", "y", 30, 20), ("b", "x", 40, 30), ("b", "y", 50, 40),
            ("c", "x", 70, 50), ("c", "y", 80, 60),
        )
    ]  # fmt: skip
    whole, by_answer = small_numbers.hidden(cells)
    assert whole == [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    assert by_answer == [("a", None), ("b", None)]
