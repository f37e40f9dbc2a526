"""No answer of fewer than ten people is shown, nor can it be worked out from all that is."""

import functools
import itertools
import json
import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from dashboard.exhibits import data, satisfaction
from dashboard.load import small_numbers, staging
from dashboard.load.publish import load
from dashboard.load.suppression import Cell
from dashboard.settings import QUERIES, Workspace
from dashboard.warehouse import fetch

ALWAYS = {"from_month": date(1900, 1, 1), "to_month": date(2100, 1, 1)}
ANSWERS = (
    *("very_satisfied", "fairly_satisfied", "neither", "fairly_dissatisfied"),
    *("very_dissatisfied", "dont_know"),
)
FIGURES = ("invited", "answered", "respondents", *ANSWERS)
COUNTED = ("invited", "respondents", "satisfied", *ANSWERS)


def survey(*cells: tuple[str, str, int], wave: str = "2017-10") -> list[dict]:
    """Rows of a survey, of so many people by service and customer; what they say follows."""
    rows = []
    for service, customer, people in cells:
        counts = dict.fromkeys(ANSWERS, people // 5) | {"dont_know": people % 3}
        counts["very_satisfied"] += people % 5
        rows.append(
            {"period": wave, "service_id": service, "council_id": customer, "respondents": people,
             "invited": people * 3 + 1, **counts,
             "satisfied": counts["very_satisfied"] + counts["fairly_satisfied"]}
        )  # fmt: skip
    return rows


def build(rows: list[dict], protect: bool = True) -> duckdb.DuckDBPyConnection:
    """The tables that a load makes of these rows; all may be seen where nothing is protected."""
    con = _database()
    con.execute("delete from staging.satisfaction_rows")
    for row in rows:
        month = date.fromisoformat(row["period"] + "-01")
        full = {"period_kind": "month", "period_start": month, "period_end": month} | row
        marks = ", ".join("?" * len(full))
        con.execute(
            f"insert into staging.satisfaction_rows ({', '.join(full)}) values ({marks})",
            list(full.values()),
        )
    con.execute((QUERIES / "tables" / "40_satisfaction.sql").read_text())
    small_numbers.hide(con)
    if not protect:
        con.execute("delete from staging.hidden_survey")
    con.execute((QUERIES / "tables" / "42_surveys.sql").read_text())
    return con


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all tests, since the tables of a load take longer to make than those of a survey."""
    con = duckdb.connect()
    staging.attach(con, ":memory:")
    staging.open_staging(con)
    staging.create_tables(con)
    return con


def ask(con: duckdb.DuckDBPyConnection, name: str, **parameters) -> list[dict]:
    found = con.execute((QUERIES / f"{name}.sql").read_text(), parameters)
    names = [c[0] for c in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def answers(con, services: Iterable[str], customers: list[str]) -> list[dict]:
    """What filters are answered: each service or all, and no customer, one, or all."""
    found = []
    for service in (None, *services):
        for chosen in ([], customers[:1], customers):
            asked = {"service_id": service, "council_ids": chosen}
            found += ask(con, "satisfaction_trend", **asked, **ALWAYS)
            found += ask(con, "standing_satisfaction", **asked, to_month=ALWAYS["to_month"])
    return found


def told(rows: list[dict], found: list[dict]) -> list[tuple[int, ...]]:
    """The groups of one wave's cells that answers are of, after seeing that they really are."""
    groups = set()
    # Most answers come again with other filters.
    for answer in map(dict, {tuple(answer.items()): None for answer in found}):
        group = tuple(
            int(
                answer["service_id"] in (None, row["service_id"])
                and answer["council_id"] in (None, row["council_id"])
            )
            for row in rows
        )
        if answer["is_hidden"]:
            assert all(v is None for k, v in answer.items() if k.endswith(("_share", "_low")))
            assert all(answer.get(k) is None for k in FIGURES)
            continue
        whole = {k: sum(g * r[k] for g, r in zip(group, rows, strict=True)) for k in COUNTED}
        whole["answered"] = whole["respondents"] + whole["dont_know"]
        for name in FIGURES:
            if name != "respondents" and not answer.get("is_broken_down", True):
                assert answer[name] is None
            else:
                assert answer.get(name, whole[name]) == whole[name]
        if whole["respondents"]:
            share = whole["satisfied"] / whole["respondents"]
            assert answer["satisfied_share"] == pytest.approx(share)
        groups.add(group)
    return sorted(groups)


class Known:
    """All that adding and subtracting makes of some groups: their row space, in whole fractions."""

    def __init__(self, groups: Iterable[tuple[int, ...]]) -> None:
        self.rows: list[tuple[int, list[Fraction]]] = []
        for group in groups:
            rest = self._rest([Fraction(g) for g in group])
            first = next((i for i, v in enumerate(rest) if v), None)
            if first is not None:
                self.rows.append((first, [v / rest[first] for v in rest]))

    def _rest(self, row: list[Fraction]) -> list[Fraction]:
        for first, other in self.rows:
            if row[first]:
                times = row[first]
                row = [a - times * b for a, b in zip(row, other, strict=True)]
        return row

    def tells(self, group: Iterable[int]) -> bool:
        return not any(self._rest([Fraction(g) for g in group]))


def groups_of_few(rows: list[dict]) -> Iterable[tuple[int, ...]]:
    """Every group of cells in which fewer than ten people answered, or so few were asked."""
    few = [
        i
        for i, r in enumerate(rows)
        if r["respondents"] < 10 and (r["respondents"] > 0 or 0 < r["invited"] < 10)
    ]

    def grow(at: int, chosen: tuple[int, ...], people: int) -> Iterable[tuple[int, ...]]:
        if chosen:
            yield tuple(int(i in chosen) for i in range(len(rows)))
        for nth in range(at, len(few)):
            more = people + rows[few[nth]]["respondents"]
            if more < 10:
                yield from grow(nth + 1, (*chosen, few[nth]), more)

    yield from grow(0, (), 0)


def leaks(rows: list[dict], found: list[dict]) -> list[list[tuple[str, str]]]:
    """The groups of fewer than ten people whose answers follow from what is told."""
    known = Known(told(rows, found))
    return [
        [(r["service_id"], r["council_id"]) for g, r in zip(group, rows, strict=True) if g]
        for group in groups_of_few(rows)
        if known.tells(group)
    ]


def shown(*cells: tuple[str, str, int]) -> set[tuple[str | None, str | None]]:
    """The places of a survey that are shown."""
    con = build(survey(*cells))
    found = con.execute("select service_id, council_id from surveys where not is_hidden").fetchall()
    return set(found)


def test_the_oracle_finds_a_leak():
    # Hidden by the rule of old: each small cell and the next smallest of its row and column.
    rows = survey(("a", "x", 3), ("a", "y", 4), ("a", "z", 50), ("b", "x", 40), ("b", "y", 60))
    con = build(rows, protect=False)
    everything = ask(con, "satisfaction_trend", service_id=None, council_ids=["z"], **ALWAYS)
    # The two are told together, as the service's 57 less the 50 of z; neither alone.
    assert leaks(rows, everything) == [[("a", "x"), ("a", "y")]]


def test_two_small_cells_of_a_service_are_not_told_together():
    everything = shown(
        ("a", "x", 3), ("a", "y", 4), ("a", "z", 50),
        ("b", "x", 40), ("b", "y", 60), ("b", "z", 80),
    )  # fmt: skip
    # 3 and 4 are 7 people, so a's 50 go too; then each cell of b, as its customer's total less it.
    assert everything == {
        ("a", None),
        ("b", None),
        (None, "x"),
        (None, "y"),
        (None, "z"),
        (None, None),
    }


def test_a_cell_that_alone_is_hidden_of_its_customer_is_not_told_by_the_total():
    everything = shown(("a", "x", 4), ("a", "y", 20), ("b", "x", 30), ("b", "y", 40))
    assert everything == {("a", None), ("b", None), (None, "x"), (None, "y"), (None, None)}


def test_of_one_service_customers_totals_are_their_cells_and_hidden_with_them():
    everything = shown(("a", "x", 4), ("a", "y", 20), ("a", "z", 30))
    assert everything == {("a", None), (None, None), ("a", "z"), (None, "z")}


def test_a_service_that_few_answered_in_all_is_hidden_and_another_beside_it():
    everything = shown(
        ("a", "x", 3), ("a", "y", 4), ("b", "x", 20), ("b", "y", 30), ("c", "x", 50), ("c", "y", 60)
    )
    assert everything == {
        ("c", "x"), ("c", "y"), ("c", None), (None, "x"), (None, "y"), (None, None),
    }  # fmt: skip


def test_of_a_survey_that_few_answered_nothing_is_shown():
    assert shown(("a", "x", 3), ("b", "x", 2), ("b", "y", 4)) == set()


def test_nobody_is_no_small_number():
    nobody = survey(("a", "x", 0), ("a", "y", 20), ("b", "x", 30), ("b", "y", 40))
    nobody[0] |= {"invited": 40}
    assert build(nobody).execute("from staging.hidden_survey").fetchall() == []
    # That none of two people answered is what two people did.
    nobody[0] |= {"invited": 2}
    hidden = build(nobody).execute("select count(*) from staging.hidden_survey where is_whole")
    assert hidden.fetchall() == [(4,)]


def test_a_share_without_its_number_is_as_published_and_has_no_total():
    con = build(
        [
            {"period": "2017-10", "service_id": "a", "council_id": "x", "satisfied_share": 0.7},
            {"period": "2017-10", "service_id": "a", "council_id": "y", "satisfied_share": 0.6},
            *survey(("b", "x", 40), ("b", "y", 60)),
        ]
    )
    found = {
        (r["service_id"], r["council_id"]): (r["satisfied_share"], r["share_low"], r["respondents"])
        for r in ask(con, "satisfaction_trend", service_id=None, council_ids=["x"], **ALWAYS)
    }
    assert found["a", "x"] == (0.7, None, None)
    # Of a part of the answers no total is made, that would pass for one of all.
    assert found["a", None] == found[None, None] == (None, None, None)
    assert found["b", None][2] == 100


def test_a_quarter_beside_its_months_is_not_counted_twice():
    rows = survey(("a", "x", 20), ("b", "x", 30))
    quarter = {**rows[0], "respondents": 90, "period_kind": "quarter"}
    con = build([*rows, quarter])
    assert con.execute(
        "select respondents from surveys where service_id is null and council_id is null"
    ).fetchall() == [(50,)]


PEOPLE = st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 60))


@st.composite
def surveys(draw) -> list[dict]:
    services = "abcd"[: draw(st.integers(1, 4))]
    customers = "wxyz"[: draw(st.integers(1, 4))]
    cells = [
        (service, customer, people)
        for service in services
        for customer in customers
        if (people := draw(st.none() | PEOPLE)) is not None
    ]
    return survey(*cells)


@settings(max_examples=30, deadline=None)
@given(surveys())
def test_no_filter_and_no_difference_of_answers_tells_of_fewer_than_ten(rows):
    con = build(rows)
    services = sorted({r["service_id"] for r in rows})
    customers = sorted({r["council_id"] for r in rows})
    assert leaks(rows, answers(con, services, customers)) == []


@settings(max_examples=200, deadline=None)
@given(surveys())
def test_what_is_hidden_is_enough_and_the_same_again(rows):
    cells = [(r["service_id"], r["council_id"], r["respondents"]) for r in rows]
    hidden, _ = small_numbers.hidden([Cell(*c, c[2] < 10) for c in cells])
    assert hidden == small_numbers.hidden([Cell(*c, c[2] < 10) for c in reversed(cells)])[0]
    places = {
        place
        for s, c, _ in cells
        for place in ((s, c), (s, None), (None, c), (None, None))
        if place not in set(hidden)
    }
    known = Known(
        tuple(int(p[0] in (None, s) and p[1] in (None, c)) for s, c, _ in cells) for p in places
    )
    assert not any(known.tells(group) for group in groups_of_few(rows))


def test_the_shipped_survey_leaks_nothing_whatever_is_chosen(use):
    use("shipped")
    services = list(fetch("services")["service_id"])
    customers = ["havering", "newham", "bexley", "onesource_staff"]
    chosen = [list(c) for n in range(5) for c in itertools.combinations(customers, n)]
    exports = shipped_rows()
    found: dict[date, list[dict]] = {}
    for service, councils in itertools.product((None, *services), chosen):
        asked = {"service_id": service, "council_ids": councils}
        for row in fetch("satisfaction_trend", **asked, **ALWAYS).rows():
            found.setdefault(row["month"], []).append(row)
        for month in exports if len(councils) in (1, 4) else ():
            for row in fetch("standing_satisfaction", **asked, to_month=month).rows():
                found[row["month"]].append(row)
    assert len(found) == len(exports) == 5
    for month, rows in exports.items():
        assert leaks(rows, found[month]) == []
        hidden = {(r["service_id"], r["council_id"]) for r in found[month] if r["is_hidden"]}
        assert 7 <= len(hidden) <= 14
        # Every total is shown.
        assert all(None not in place for place in hidden)


def shipped_rows() -> dict[date, list[dict]]:
    import csv

    from dashboard.settings import ROOT

    found = {}
    for path in sorted((ROOT / "data" / "satisfaction").glob("*.csv")):
        with path.open(newline="") as lines:
            rows = [
                {k: int(v) if k in COUNTED else v for k, v in row.items()}
                for row in csv.DictReader(lines)
            ]
        found[date.fromisoformat(rows[0]["period"] + "-01")] = rows
    return found


def test_pages_read_the_survey_by_what_may_be_shown_alone():
    for path in QUERIES.glob("*.sql"):
        code = re.sub(r"--.*", "", path.read_text())
        assert not re.search(r"\b(from|join)\s+staging\.", code), path


# Proportions.


@pytest.mark.parametrize(
    ("satisfied", "people"), [(0, 1), (1, 1), (0, 12), (12, 12), (3, 7), (67, 122), (1379, 1684)]
)
def test_an_interval_is_wilsons(satisfied, people):
    (row,) = _told({"x": (satisfied, people)})
    low, high = proportion_confint(satisfied, people, method="wilson")
    assert row["share_low"] == pytest.approx(low, abs=1e-12)
    assert row["share_high"] == pytest.approx(high, abs=1e-12)
    assert 0 <= row["share_low"] <= row["satisfied_share"] <= row["share_high"] <= 1


PROPORTION = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(PROPORTION, PROPORTION), min_size=20, max_size=20))
def test_the_interval_of_a_change_is_newcombes(changes):
    before, now = (
        dict(zip("abcdefghijklmnopqrst", wave, strict=True)) for wave in zip(*changes, strict=True)
    )
    for row in _told(before, now):
        if row["month"].year == 2011:
            customer = row["council_id"]
            low, high = confint_proportions_2indep(
                *now[customer], *before[customer], method="newcomb"
            )
            assert row["change_low"] == pytest.approx(low, abs=1e-12)
            assert row["change_high"] == pytest.approx(high, abs=1e-12)
            assert row["is_real_change"] == (low > 1e-12 or high < -1e-12)


def _told(*waves: dict[str, tuple[int, int]]) -> list[dict]:
    """What is said of customers' answers, wave by wave; small numbers are left in."""
    rows = [
        {"period": f"{2010 + nth}-10", "service_id": "a", "council_id": customer,
         "respondents": people, "satisfied": satisfied}
        for nth, wave in enumerate(waves)
        for customer, (satisfied, people) in wave.items()
    ]  # fmt: skip
    con = build(rows, protect=False)
    asked = {"service_id": "a", "council_ids": [*waves[0]], **ALWAYS}
    return [r for r in ask(con, "satisfaction_trend", **asked) if r["council_id"]]


# What stands around the survey: exhibits, and the lines of its files.


def test_no_download_of_the_survey_holds_a_figure_of_what_is_hidden(use):
    use("shipped")
    customers = ("havering", "newham", "bexley", "onesource_staff")
    exhibit = satisfaction.services_over_time(
        council_ids=customers, from_month=date(2014, 4, 1), to_month=date(2018, 3, 1)
    )
    columns = exhibit.table.raw_columns
    hidden = [row for row in exhibit.table.raw_rows if row[columns.index("is_hidden")]]
    assert len(hidden) == 48
    # What was said in an earlier wave may have been by enough people.
    told = {"service and customer", "period", "month", "is_hidden"}
    figures = [i for i, n in enumerate(columns) if n not in told and not n.endswith("_before")]
    assert "satisfied_share" in columns and "respondents" in columns
    assert {row[i] for row in hidden for i in figures} == {None}


def test_lines_of_the_survey_do_not_tell_what_few_people_said(tmp_path, monkeypatch):
    header = "period,service_id,council_id,respondents,satisfied,very_satisfied,fairly_satisfied,"
    header += "neither,fairly_dissatisfied,very_dissatisfied\n"
    (tmp_path / "satisfaction.csv").write_text(
        header
        + "2017-10,a,x,4,3,3,0,1,0,0\n" * 2
        + "2017-10,a,y,40,30,30,0,9,0,1\n2017-10,b,x,7,5,5,0,1,0,0\n"
        + "Total,,,47,36,,,,,\n"
    )
    numbers = header.strip().split(",")[3:]
    fields = [{"name": n} for n in ("period", "service_id", "council_id")]
    fields += [{"name": n, "type": "integer"} for n in numbers]
    contract = {
        "name": "x",
        "title": "X",
        "resources": [
            {"name": "services", "data": [{"service_id": s, "name": s} for s in "ab"]},
            {"name": "councils", "data": [{"council_id": c, "name": c} for c in "xy"]},
            {"name": "satisfaction", "path": "satisfaction.csv", "schema": {"fields": fields}},
        ],
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(contract))
    load(Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "warehouse"))
    for name, place in (
        ("DATA", "."),
        ("CONTRACT", "datapackage.json"),
        ("WAREHOUSE", "warehouse"),
    ):
        monkeypatch.setenv(name, str(tmp_path / place))
    aside = fetch("set_aside", file=None, rule=None, at_most=10).rows()
    assert [(r["value"], r["row_text"]) for r in aside] == [(None, None)]
    assert aside[0]["reason"].startswith("the five answers come to")
    assert not re.search(r"\d", aside[0]["reason"])
    skipped = fetch("skipped_rows", file=None, at_most=10).rows()
    assert {r["reason"].split(":")[0] for r in skipped} and len(skipped) >= 1
    assert {r["row_text"] for r in skipped} == {None}
    assert len(fetch("reconciled")) == 0
    said = data.skipped(file=None).table.rows
    assert {row[2].lines[0][0] for row in said} == {"withheld: answers of few people"}
