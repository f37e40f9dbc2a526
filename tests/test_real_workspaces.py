"""The product on real published files, unmodified: figures as in the files, counted apart."""

import csv
import random
from collections import Counter
from datetime import date

import pandas as pd
import pytest

from dashboard import settings
from dashboard.exhibits import measures as exhibits
from dashboard.load.publish import load
from dashboard.warehouse import fetch

LONG = {"from_month": date(2000, 1, 1), "to_month": date(2030, 12, 1)}


def _file(workspace, name: str) -> list[dict[str, str]]:
    with (workspace.data / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def lgbf(use):
    return use("lgbf")


@pytest.fixture
def three_councils(use):
    return use("three_councils")


def test_lgbf_loads_every_row_but_the_empty_one(lgbf):
    report = load(lgbf)
    performance = next(f for f in report.files if f.feed == "performance")
    assert (performance.read, performance.loaded) == (35467, 35466)
    assert performance.skipped == {"blank": 1} and performance.set_aside == 0
    assert all(f.adds_up() and f.set_aside == 0 for f in report.files)
    about = fetch("workspace").first()
    assert (about["councils"], about["measures"]) == (32, 108)
    assert sum(1 for row in fetch("feeds").rows() if row["rows"]) == 3


def test_lgbf_values_are_those_of_the_file(lgbf):
    rows = [r for r in _file(lgbf, "LGBF_ScotDataReal_ISSpatialHub.csv") if r["Year"]]
    for row in random.Random(2023).sample(rows, 10):
        found = fetch(
            "measure_trend", measure_ids=[row["Code"]], council_ids=[row["LocalAuthority"]], **LONG
        ).rows()
        mine = [r for r in found if r["period"] == row["Year"]]
        assert [r["value"] for r in mine] == [float(row["LA_IndicatorReal"])], row
        exhibit = exhibits.trend(
            measure_id=row["Code"], council_ids=(row["LocalAuthority"],), **LONG
        )
        drawn = exhibit.chart.panels[0].lines[0]
        at = drawn.months.index(mine[0]["month"])
        assert drawn.values[at] == float(row["LA_IndicatorReal"])


def test_lgbf_sums_of_numerators_over_denominators_equal_pandas(lgbf):
    frame = pd.DataFrame(_file(lgbf, "LGBF_ScotDataReal_ISSpatialHub.csv"))
    about = pd.DataFrame(_file(lgbf, "Indicator Information.csv")).set_index("Code")
    frame = frame[(frame.LA_Numerator_real != "") & (frame.LA_Den_Real != "")]
    frame = frame.assign(n=frame.LA_Numerator_real.astype(float), d=frame.LA_Den_Real.astype(float))
    sums = frame.groupby(["Code", "Year"])[["n", "d"]].sum().reset_index()
    councils, ids = fetch("councils")["council_id"], fetch("measures")["measure_id"]
    found = fetch("measure_overall", measure_ids=ids, council_ids=councils, **LONG).frame()
    both = found.merge(
        sums,
        left_on=["measure_id", "period"],
        right_on=["Code", "Year"],
        how="outer",
        indicator=True,
    )
    assert set(both._merge) == {"both"}
    assert both.numerator.to_numpy() == pytest.approx(both.n.to_numpy(), rel=1e-12)
    assert both.denominator.to_numpy() == pytest.approx(both.d.to_numpy(), rel=1e-12)
    times = pd.to_numeric(about.Numerator_Multipier).fillna(1) / pd.to_numeric(
        about.Denominator_Multiplier
    ).fillna(1)
    expected = both.n / both.d * both.Code.map(times)
    assert both.value.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)


def test_lgbf_total_of_one_council_is_what_was_published_for_it(lgbf):
    """The same ratio for one council is the published indicator: multipliers are read right."""
    rows = [
        r
        for r in _file(lgbf, "LGBF_ScotDataReal_ISSpatialHub.csv")
        if r["LA_Numerator_real"] and r["LA_Den_Real"] and r["LocalAuthority"] == "Fife"
    ]
    found = fetch(
        "measure_overall", measure_ids=fetch("measures")["measure_id"], council_ids=["Fife"], **LONG
    )
    ours = {
        (m, p): v
        for m, p, v in zip(found["measure_id"], found["period"], found["value"], strict=True)
    }
    close = [
        ours[r["Code"], r["Year"]]
        == pytest.approx(float(r["LA_IndicatorReal"]), rel=0.01, abs=1e-3)
        for r in rows
    ]
    # A few indicators are published net of adjustments that their parts don't show.
    assert sum(close) / len(close) > 0.9


def test_lgbf_odd_periods_stand_at_their_last_month(lgbf):
    found = fetch("measure_trend", measure_ids=["C&L05a"], council_ids=["Fife"], **LONG)
    placed = dict(zip(found["period"], found["month"], strict=True))
    assert placed["2010-14"] == date(2014, 3, 1)
    assert placed["2020-23"] == date(2023, 3, 1)


def test_lgbf_costs_are_the_published_thousands_of_pounds(lgbf):
    rows = _file(lgbf, "LGBF_ScotDataReal_ISSpatialHub.csv")
    thousands = sum(
        float(r["LA_Numerator_real"])
        for r in rows
        if r["Code"] in ("CHN01",) and r["Year"] == "2022-23" and r["LA_Numerator_real"]
    )
    found = fetch(
        "standing_costs",
        service_id="Primary Schools",
        council_ids=fetch("councils")["council_id"],
        to_month=date(2023, 3, 1),
    ).rows()
    whole = next(r for r in found if r["council_id"] is None and r["service_id"] is None)
    assert float(whole["actual_gbp"]) == pytest.approx(thousands * 1000, abs=32 * 0.005)


def test_three_councils_loads_all_measures_and_sets_aside_only_what_has_no_period(three_councils):
    report = load(three_councils)
    performance = next(f for f in report.files if f.feed == "performance")
    assert (performance.read, performance.loaded, performance.set_aside) == (11313, 11310, 3)
    assert {(p["field"], p["value"]) for p in report.problems} == {("period", "0")}
    about = fetch("workspace").first()
    assert (about["councils"], about["measures"]) == (3, 434)


def test_three_councils_missing_values_are_missing_and_never_zero(three_councils):
    rows = [r for r in _file(three_councils, "lait_three_boroughs.csv") if r["Years"] != "0"]
    dashes = Counter(r["LA and Regions"] for r in rows if r["Values"] == "-")
    ids = fetch("measures")["measure_id"]
    found = fetch("measure_trend", measure_ids=ids, council_ids=list(dashes), **LONG).rows()
    # Rows of the file whose value is a dash; the spine adds others that are in no file.
    missing = Counter(r["council_id"] for r in found if r["status"] == "missing" and r["file"])
    assert missing == dashes
    assert all(r["value"] is None for r in found if r["status"] == "missing")


def test_three_councils_years_end_when_the_publisher_says(three_councils):
    kinds = {
        r["Measure_short"]: r["Year_Type"]
        for r in _file(three_councils, "lait_kpi_definitions.csv")
    }
    ends = {"Academic Year": 8, "Financial Year": 3, "Calendar Year": 12}
    found = fetch("measure_trend", measure_ids=list(kinds), council_ids=["Newham"], **LONG)
    for measure, period, month in zip(
        found["measure_id"], found["period"], found["month"], strict=True
    ):
        if len(period) == 4 and kinds[measure] in ends:
            assert month == date(int(period), ends[kinds[measure]], 1)


def test_three_councils_provisional_figures_are_marked(three_councils):
    rows = _file(three_councils, "lait_three_boroughs.csv")
    expected = sum(1 for r in rows if r["Years"].endswith("(prov)") and r["Values"] != "-")
    found = fetch(
        "measure_trend",
        measure_ids=fetch("measures")["measure_id"],
        council_ids=["Havering", "Newham", "Bexley"],
        **LONG,
    )
    assert found["status"].count("provisional") == expected > 0


def test_contracts_name_no_file_of_ours():
    for contract in (settings.ROOT / "tests/contracts").glob("*/datapackage.json"):
        assert not list(contract.parent.glob("*.csv"))
