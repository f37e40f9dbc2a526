"""Every file of queries/: it says its grain, the grain is unique, and other engines can read it."""

import re
from datetime import date

import pandas as pd
import pytest
import sqlglot

from dashboard import settings, warehouse
from dashboard.warehouse import fetch

WORKSPACES = ("shipped", "lgbf", "three_councils")
QUERIES = warehouse.names()

# A value for each parameter that a query may take; lists are filled from the workspace.
_FIXED = {
    "service_id": None,
    "measure_id": None,
    "feed": None,
    "file": None,
    "rule": None,
    "data_version": None,
    "from_month": date(2000, 1, 1),
    "to_month": date(2030, 12, 1),
    "at_most": 1000,
    "cost_type": None,
    "budget_block": None,
    "supplier": None,
}


def _parameters(name: str, councils: list[str], measures: list[str]) -> dict:
    lists = {"council_ids": councils, "measure_ids": measures}
    return {p: {**_FIXED, **lists}[p] for p in warehouse.parameters_of(name)}


def _grain(name: str) -> list[str]:
    """The columns that the comment at a query's top names as its grain, in brackets or by name."""
    grain = re.search(r"Grain:\s+(.*?)\n\S", warehouse.describe(name) + "\nend", re.DOTALL)
    text = re.sub(r"\s+", " ", grain.group(1))
    if text.startswith("one row") and " per " not in text:
        return []
    named = re.search(r"\(([a-z_, ]+)\)", text)
    columns = re.split(r",\s*", named.group(1)) if named else []
    return columns


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_says_its_question_grain_parameters_and_columns(name):
    said = warehouse.describe(name)
    assert said.splitlines()[0].endswith("?") or "?" in said.split("Grain:")[0]
    assert "Grain:" in said and "Parameters:" in said and "Columns:" in said
    for parameter in warehouse.parameters_of(name):
        assert f"${parameter}" in said, f"{parameter} is not explained"


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("engine", ["spark", "postgres"])
def test_a_query_carries_to_other_engines(name, engine):
    sql = (settings.QUERIES / f"{name}.sql").read_text()
    moved = sqlglot.transpile(
        sql, read="duckdb", write=engine, unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert len(moved) == 1
    assert sqlglot.parse_one(moved[0], read=engine) is not None


@pytest.mark.parametrize("workspace", WORKSPACES)
@pytest.mark.parametrize("name", QUERIES)
def test_a_query_runs_and_its_grain_is_unique(use, name, workspace):
    use(workspace)
    councils, measures = (
        list(fetch("councils")["council_id"]),
        list(fetch("measures")["measure_id"]),
    )
    answer = fetch(name, **_parameters(name, councils, measures))
    grain = [c for c in _grain(name) if c in answer.columns] or _implied(name, answer.columns)
    keys = list(zip(*(answer[c] for c in grain), strict=True)) if grain else []
    assert len(keys) == len(set(keys)), f"{name}: {grain} does not tell rows apart"
    if not grain:
        assert len(answer) <= 1


def _implied(name: str, columns: tuple[str, ...]) -> list[str]:
    """The grain of queries that give it in words: service, council and month or wave."""
    said = re.sub(r"\s+", " ", warehouse.describe(name).split("Parameters:")[0])
    if "one row per" not in said:
        return []
    words = {
        "service": "service_id",
        "council": "council_id",
        "customer": "council_id",
        "month": "month",
        "wave": "month",
        "feed": "feed",
    }
    grain = said.split("one row per")[1].split(";")[0]
    return [c for w, c in words.items() if w in grain and c in columns]


def test_parts_add_up_to_the_whole(use):
    use("shipped")
    councils = list(fetch("councils")["council_id"])
    span = {"from_month": date(2014, 4, 1), "to_month": date(2018, 3, 1)}
    costs = pd.DataFrame(
        fetch(
            "standing_costs", service_id=None, council_ids=councils, to_month=span["to_month"]
        ).rows()
    )
    cells = costs.dropna(subset=["service_id", "council_id"])
    whole = costs[costs.service_id.isna() & costs.council_id.isna()].iloc[0]
    by_service = costs[costs.council_id.isna() & costs.service_id.notna()]
    for column in ("budget_gbp", "actual_gbp", "year_before_gbp"):
        assert sum(cells[column].dropna()) == whole[column]
        assert sum(by_service[column].dropna()) == whole[column]
    standing = pd.DataFrame(
        fetch("standing_performance", service_id=None, council_ids=councils, **span).rows()
    )
    cells = standing.dropna(subset=["service_id", "council_id"])
    whole = standing[standing.service_id.isna() & standing.council_id.isna()].iloc[0]
    for column in ("measures", "judged", "on_target", "close", "off_target", "better", "worse"):
        assert cells[column].sum() == whole[column]
    assert whole["on_target"] + whole["close"] + whole["off_target"] == whole["judged"]


def test_costs_since_april_are_the_sum_of_the_months_by_an_independent_count(use):
    use("shipped")
    councils = ["havering", "newham", "bexley"]
    frame = pd.concat(
        pd.read_csv(p, dtype=str) for p in sorted((settings.ROOT / "data/costs").glob("*.csv"))
    )
    frame = frame[(frame.service_id == "ict") & (frame.period.between("2017-04", "2017-09"))]
    pence = frame.actual_gbp.str.replace(".", "", regex=False).astype(int).sum()
    row = next(
        r
        for r in fetch(
            "costs_trend",
            service_id="ict",
            council_ids=councils,
            cost_type=None,
            budget_block=None,
            from_month=date(2017, 9, 1),
            to_month=date(2017, 9, 1),
        ).rows()
        if r["service_id"] is None and r["council_id"] is None
    )
    assert int(row["actual_to_date_gbp"] * 100) == pence


def test_the_survey_headline_is_weighted_by_respondents_and_as_published(use):
    use("shipped")
    customers = ["havering", "newham", "bexley", "onesource_staff"]
    found = {
        (r["month"], r["council_id"]): r["satisfied_share"]
        for r in fetch(
            "satisfaction_trend",
            service_id=None,
            council_ids=customers,
            from_month=date(2014, 4, 1),
            to_month=date(2018, 3, 1),
        ).rows()
        if r["service_id"] is None
    }
    published = {
        (date(2016, 10, 1), None): 72, (date(2017, 3, 1), None): 75, (date(2017, 10, 1), None): 82,
        (date(2017, 3, 1), "havering"): 82, (date(2017, 3, 1), "newham"): 65,
        (date(2017, 3, 1), "bexley"): 89, (date(2017, 3, 1), "onesource_staff"): 83,
        (date(2017, 10, 1), "havering"): 89, (date(2017, 10, 1), "newham"): 81,
        (date(2017, 10, 1), "bexley"): 55, (date(2017, 10, 1), "onesource_staff"): 78,
    }  # fmt: skip
    assert {k: round(found[k] * 100) for k in published} == published


def test_nothing_is_shown_of_fewer_than_ten_people_nor_can_it_be_worked_out_beside_a_total(use):
    use("shipped")
    customers = ["havering", "newham", "bexley", "onesource_staff"]
    rows = fetch(
        "satisfaction_trend",
        service_id=None,
        council_ids=customers,
        from_month=date(2014, 4, 1),
        to_month=date(2018, 3, 1),
    ).rows()
    hidden: dict[tuple, int] = {}
    for row in rows:
        if row["is_hidden"]:
            assert row["respondents"] is None and row["satisfied_share"] is None
            hidden[row["service_id"], row["month"]] = (
                hidden.get((row["service_id"], row["month"]), 0) + 1
            )
        elif row["respondents"] is not None:
            assert row["respondents"] >= 10
    assert hidden, "the shipped survey has cells that must be hidden"
    assert min(hidden.values()) >= 2


def test_a_query_is_refused_without_its_parameters_and_an_unknown_one_by_name(use):
    use("shipped")
    with pytest.raises(warehouse.WrongParameters, match="query 'councils' takes no parameters"):
        fetch("councils", colour="red")
    with pytest.raises(warehouse.UnknownQuery, match="there is no query 'nothing'"):
        fetch("nothing")
    with pytest.raises(warehouse.UnknownQuery):
        fetch("../data/secret")


def test_an_answer_is_remembered_and_cannot_be_changed(use):
    use("shipped")
    assert fetch("councils") is fetch("councils")
    with pytest.raises(TypeError):
        fetch("councils").values[0][0] = "Camden"


def test_a_measure_not_reported_in_a_month_shows_as_a_gap(use):
    use("shipped")
    rows = fetch(
        "measure_trend",
        measure_ids=["foi_in_time"],
        council_ids=["havering", "bexley"],
        from_month=date(2014, 11, 1),
        to_month=date(2015, 1, 1),
    ).rows()
    assert [(r["month"], r["council_id"], r["status"]) for r in rows if r["value"] is None] == [
        (date(2014, 12, 1), "havering", "missing")
    ]


def test_a_council_that_left_is_not_served_and_neither_zero_nor_missing(use):
    use("shipped")
    rows = fetch(
        "measure_trend",
        measure_ids=["new_claims_days"],
        council_ids=["newham"],
        from_month=date(2017, 5, 1),
        to_month=date(2017, 7, 1),
    ).rows()
    assert [(r["month"], r["status"]) for r in rows] == [
        (date(2017, 5, 1), "final"),
        (date(2017, 6, 1), "not served"),
        (date(2017, 7, 1), "not served"),
    ]
    assert [r["value"] for r in rows][1:] == [None, None]
