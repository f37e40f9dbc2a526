"""The illustrative workspace: the same every time, true to what was published, and adding up."""

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from dashboard.illustrative import write

FEW_LINES = 12_000  # just above one for each cell, so that the tests stay quick


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("workspace")
    write(out, ledger_lines=FEW_LINES)
    return out


def read(folder: Path, pattern: str) -> list[dict[str, str]]:
    rows = []
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    assert rows, f"nothing in {pattern}"
    return rows


def totals(rows, key, amount) -> dict:
    sums: dict = {}
    for row in rows:
        sums[key(row)] = sums.get(key(row), 0) + amount(row)
    return sums


def span(period: str) -> tuple[str, str]:
    """First and last month of a period as the performance files write it."""
    year = int(period[:4])
    if "Q" in period:
        quarters = {"1": ("04", "06", 0), "2": ("07", "09", 0), "3": ("10", "12", 0)}
        first, last, later = quarters.get(period[-1], ("01", "03", 1))
        return f"{year + later}-{first}", f"{year + later}-{last}"
    if int(period[5:]) == (year + 1) % 100:  # 2017-18; no month has the number 13 or more
        return f"{year}-04", f"{year + 1}-03"
    return period, period


def test_the_same_seed_gives_the_same_bytes(workspace, tmp_path):
    write(tmp_path, ledger_lines=FEW_LINES)
    names = sorted(path.relative_to(workspace) for path in workspace.rglob("*.csv"))
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.csv"))
    for name in names:
        assert (workspace / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_another_seed_leaves_what_was_published_as_it_is(workspace, tmp_path):
    write(tmp_path, seed=7, ledger_lines=FEW_LINES)
    assert read(tmp_path, "published.csv") == read(workspace, "published.csv")
    for folder in (workspace, tmp_path):
        sourced = [row for row in read(folder, "performance/*.csv") if row["source"]]
        assert {(r["measure_id"], r["council_id"], r["period"]): r["value"] for r in sourced} == {
            ("council_tax_collected", "havering", "2015-09"): "58.40",
            ("sickness_days", "havering", "2016-03"): "10.46",
            ("sickness_days", "havering", "2017-09"): "9.28",
            ("service_savings", "all", "2014-15"): "5.40",
            ("service_savings", "all", "2015-16"): "8.50",
            ("service_savings", "all", "2016-17"): "9.50",
        }


def test_the_ledger_adds_up_to_the_costs_to_the_penny(workspace):
    ledger = read(workspace, "ledger/*.csv")
    assert len(ledger) == FEW_LINES

    def names(row):
        return row["service_id"], row["council_id"], row["cost_type"]

    spent = totals(
        read(workspace, "costs/*.csv"),
        lambda row: (row["period"], *names(row)),
        lambda row: Decimal(row["actual_gbp"]),
    )
    lines = totals(
        ledger,
        lambda row: (row["date"][:7], *names(row)),
        lambda row: Decimal(row["amount_gbp"]),
    )
    assert {key: pence for key, pence in spent.items() if pence} == lines


def test_the_outturn_of_2017_18_is_the_published_one(workspace):
    variance = totals(
        read(workspace, "costs/costs-2017-18.csv"),
        lambda row: (row["budget_block"], row["council_id"]),
        lambda row: Decimal(row["actual_gbp"]) - Decimal(row["budget_gbp"]),
    )
    assert variance == {
        ("shared", "havering"): -630_000,
        ("shared", "newham"): -649_000,
        ("shared", "bexley"): -63_000,
        ("non_shared", "havering"): -812_000,
        ("non_shared", "newham"): 7_065_000,
        ("non_shared", "bexley"): -407_000,
    }


def test_the_last_forecast_of_a_year_is_its_outturn(workspace):
    for year in ("2014-15", "2017-18"):
        rows = read(workspace, f"costs/costs-{year}.csv")

        def line(row):
            return tuple(row[n] for n in ("service_id", "council_id", "cost_type", "budget_block"))

        spent = totals(rows, line, lambda row: Decimal(row["actual_gbp"]))
        for row in rows:
            assert bool(row["forecast_gbp"]) == (
                row["period"][5:] in ("06", "09", "12", "02", "03")
            )
            if row["period"].endswith("-03"):
                assert Decimal(row["forecast_gbp"]) == spent[line(row)]


def test_the_survey_gives_the_published_shares(workspace):
    rows = read(workspace, "satisfaction/*.csv")

    def percent(**wanted):
        chosen = [row for row in rows if all(row[name] == wanted[name] for name in wanted)]
        satisfied = sum(int(row["satisfied"]) for row in chosen)
        return round(Fraction(100 * satisfied, sum(int(row["respondents"]) for row in chosen)))

    surveyed = [r for r in read(workspace, "published.csv") if r["topic"].endswith("(oKPI1)")]
    assert len(surveyed) == 17
    for figure in surveyed:
        wanted = {"period": figure["period"]}
        if figure["council_id"] not in ("", "all"):
            wanted["council_id"] = figure["council_id"]
        if figure["service_id"] not in ("", "onesource"):
            wanted["service_id"] = figure["service_id"]
        assert percent(**wanted) == int(figure["figure"]), figure["text"]


def test_the_answers_of_the_survey_add_up(workspace):
    for row in read(workspace, "satisfaction/*.csv"):
        count = {name: int(row[name]) for name in list(row)[3:-1]}
        satisfied = count["very_satisfied"] + count["fairly_satisfied"]
        rest = count["neither"] + count["fairly_dissatisfied"] + count["very_dissatisfied"]
        assert count["satisfied"] == satisfied
        assert count["respondents"] == satisfied + rest
        assert count["invited"] >= count["respondents"] + count["dont_know"]


def test_cost_shares_sum_to_one(workspace):
    shares = totals(
        read(workspace, "cost_shares.csv"),
        lambda row: (row["year"], row["service_id"]),
        lambda row: Decimal(row["share"]),
    )
    assert set(shares.values()) == {Decimal(1)}


def test_nothing_is_reported_for_a_council_that_is_not_served(workspace):
    memberships = {
        (row["service_id"], row["council_id"]): (row["from"], row["to"] or "9999-12")
        for row in read(workspace, "reference/memberships.csv")
    }
    for exports in ("performance", "costs", "volumes", "satisfaction", "ledger"):
        for row in read(workspace, f"{exports}/*.csv"):
            first, last = span(row.get("period") or row["date"][:7])
            start, end = memberships[row["service_id"], row["council_id"]]
            assert start <= first and last <= end, row


def test_a_ratio_is_its_numerator_over_its_denominator(workspace):
    units = {row["measure_id"]: row["unit"] for row in read(workspace, "reference/measures.csv")}
    times = {"%": 100, "per 1,000 staff": 1000}
    for row in read(workspace, "performance/*.csv"):
        if row["numerator"]:
            exact = Fraction(int(row["numerator"]), int(row["denominator"]))
            exact *= times.get(units[row["measure_id"]], 1)
            assert abs(Fraction(row["value"]) - exact) <= Fraction("0.00501"), row


def test_a_suppressed_figure_can_not_be_worked_out_from_its_row(workspace):
    rows = [r for r in read(workspace, "performance/*.csv") if r["status"] == "suppressed"]
    assert rows
    for row in rows:
        assert (row["value"], row["numerator"], row["denominator"]) == ("<5", "", "")


def test_every_measure_but_a_volume_has_a_target_for_each_of_its_figures(workspace):
    kinds = {row["measure_id"]: row["good_direction"]
             for row in read(workspace, "reference/measures.csv")}  # fmt: skip
    targets = read(workspace, "reference/targets.csv")
    for row in read(workspace, "performance/*.csv"):
        last = span(row["period"])[1]
        fitting = [
            target
            for target in targets
            if target["measure_id"] == row["measure_id"]
            and target["council_id"] in ("", row["council_id"])
            and target["from"] <= last <= (target["to"] or "9999-12")
        ]
        assert len(fitting) == (0 if kinds[row["measure_id"]] == "neither" else 1), row
