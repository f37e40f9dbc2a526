"""The year's end by the ratio method, on figures small enough to work out by hand.

Collected by September and by March, with the share of the year's end that September was:

    2014/15   40 of  80   0.5
    2015/16   54 of  90   0.6
    2016/17   70 of 100   0.7
    2017/18   48
"""

import json
import math
from datetime import date
from decimal import Decimal

import pytest

from dashboard.exhibits import forecast
from dashboard.load.publish import load
from dashboard.method.year_end import T_90, Estimate, estimate
from dashboard.render import text
from dashboard.render.kinds import figures
from dashboard.settings import Workspace
from dashboard.warehouse import fetch

FIELDS = {
    "services": "service_id name",
    "councils": "council_id name",
    "measures": "measure_id service_id name unit good_direction frequency cumulative",
    "targets": "measure_id from target",
    "performance": "period service_id council_id measure_id value status",
    "costs": "period service_id council_id budget_gbp actual_gbp",
}
TYPES = {"cumulative": "boolean"} | dict.fromkeys(
    ("target", "value", "budget_gbp", "actual_gbp"), "number"
)
REFERENCE = {
    "services": "tax,Council Tax\nict,ICT\n",
    "councils": "bexley,Bexley\nnewham,Newham\n",
    "measures": "sum,tax,Collected,number,higher,monthly,true\n"
    "days,tax,Days to answer,days,lower,monthly,false\n",
    "targets": "sum,2014-04,85\n",
}
YEARS = {2014: (40, 80), 2015: (54, 90), 2016: (70, 100), 2017: (48, None)}


def _collected(council: str, years: dict[int, tuple]) -> str:
    """Rows of `sum` for September and March of financial years; None is no row."""
    return "".join(
        f"{month},tax,{council},sum,{value},final\n"
        for year, ends in years.items()
        for month, value in zip((f"{year}-09", f"{year + 1}-03"), ends, strict=True)
        if value is not None
    )


def _spent(year: int, actual: list[str | None], budget: str = "", service: str = "tax") -> str:
    """Rows of cost for April to March; None is no row at all."""
    months = [f"{year}-{m:02d}" for m in range(4, 13)] + [f"{year + 1}-{m:02d}" for m in (1, 2, 3)]
    return "".join(
        f"{month},{service},bexley,{budget},{amount}\n"
        for month, amount in zip(months, actual, strict=False)
        if amount is not None
    )


# By September half of 1,200 in one year, and six tenths of it in the next.
SPENT = _spent(2015, ["100"] * 12) + _spent(2016, ["120"] * 6 + ["80"] * 6)
NOW = ["110.05"] * 6 + [""] * 6


@pytest.fixture
def loaded(tmp_path, use):
    """Load rows of performance and of costs, and make that what `fetch` answers from."""

    def made(performance: str = "", costs: str = "", **more: str) -> Workspace:
        data = tmp_path / "data"
        data.mkdir()
        rows = {**REFERENCE, "performance": performance, "costs": costs, **more}
        rows = {feed: lines for feed, lines in rows.items() if lines}
        resources = []
        for feed, lines in rows.items():
            names = FIELDS[feed].split()
            (data / f"{feed}.csv").write_text(",".join(names) + "\n" + lines)
            fields = [{"name": n, "type": TYPES.get(n, "string")} for n in names]
            for f in fields:
                if f["name"] == "value":
                    f["onesource"] = {"suppressed": ["*"]}
            resources.append({"name": feed, "path": f"{feed}.csv", "schema": {"fields": fields}})
        package = {
            "name": "small",
            "onesource": {"waive": ["definition", "owner_role"]},
            "resources": resources,
        }
        (data / "datapackage.json").write_text(json.dumps(package))
        workspace = Workspace(data, data / "datapackage.json", tmp_path / "warehouse")
        assert load(workspace).is_clean
        return use(workspace)

    return made


def _measure(year: int, month: int, councils: tuple[str, ...] = ("bexley",), measure_id="sum"):
    return forecast.measure_year_end(
        measure_id=measure_id, council_ids=councils, to_month=date(year, month, 1)
    )


def _cost(year: int, month: int, service_id: str | None = "tax"):
    return forecast.cost_year_end(
        service_id=service_id, council_ids=("bexley",), to_month=date(year, month, 1)
    )


def _raw(exhibit) -> list[dict]:
    return [dict(zip(exhibit.table.raw_columns, r, strict=True)) for r in exhibit.table.raw_rows]


def _lines(exhibit, panel: int = 0) -> dict[str, list]:
    lines: dict[str, list] = {}
    for line in exhibit.chart.panels[panel].lines:
        lines.setdefault(line.name, []).append(dict(zip(line.months, line.values, strict=True)))
    return lines


# The arithmetic


def test_three_past_years_give_a_forecast_and_a_prediction_interval():
    # Mean share 0.6; its standard deviation is 0.1, so 1.886 × 0.1 × √(4/3) = 0.217777.
    found = estimate(48, [0.5, 0.6, 0.7])
    assert (found.value, found.share, found.years) == (pytest.approx(80), pytest.approx(0.6), 3)
    assert found.low == pytest.approx(48 / 0.817777, rel=1e-5)
    assert found.high == pytest.approx(48 / 0.382223, rel=1e-5)
    assert found.interval == "80% prediction interval"


def test_two_past_years_give_their_range_and_one_gives_none():
    assert estimate(66, [0.5, 0.6]) == Estimate(66 / 0.55, 0.55, 2, 66 / 0.6, 66 / 0.5)
    assert estimate(66, [0.5, 0.6]).interval == "Range of two past years"
    assert estimate(66, [0.5]) == Estimate(132.0, 0.5, 1, None, None)


@pytest.mark.parametrize("shares", [[0.0, 0.1], [0.01, 0.2, 0.4], [-0.1, 0.5]])
def test_past_years_that_differ_so_much_that_the_end_could_be_anything_give_no_forecast(shares):
    assert estimate(10, shares) is None


def test_nothing_so_far_is_no_forecast_of_nothing():
    assert estimate(0, [0.5, 0.6, 0.7]) is None


def test_income_is_forecast_like_spending_with_its_ends_in_order():
    found = estimate(-66, [0.5, 0.6])
    assert (found.low, found.high) == (pytest.approx(-132), pytest.approx(-110))
    assert found.low < found.value < found.high


@pytest.mark.parametrize("degrees", T_90)
def test_the_quantiles_are_those_of_student_s_t(degrees):
    """Half of the distribution, and Simpson's rule from the middle to the quantile: 0.9."""

    def density(x: float) -> float:
        scale = math.gamma((degrees + 1) / 2) / math.gamma(degrees / 2)
        return scale / math.sqrt(degrees * math.pi) * (1 + x * x / degrees) ** (-(degrees + 1) / 2)

    steps = 200
    width = T_90[degrees] / steps
    weights = [1, *([4, 2] * (steps // 2))[:-1], 1]
    area = sum(w * density(i * width) for i, w in enumerate(weights)) * width / 3
    assert 0.5 + area == pytest.approx(0.9, abs=1e-4)


# Measures


def test_a_cumulative_measure_is_forecast_with_interval_target_and_its_own_test(loaded):
    loaded(_collected("bexley", YEARS))
    exhibit = _measure(2017, 9)
    assert exhibit.title == "Collected, Bexley: 80 expected by March 2018 (58.7 to 126), target 85"
    now, *tests = _raw(exhibit)
    assert (now["council"], now["financial_year"], now["kind"]) == (
        *("Bexley", "2017/18", "forecast"),
    )
    assert (now["month"], now["so_far"], now["past_years"]) == (date(2017, 9, 1), 48, 3)
    assert now["forecast"] == pytest.approx(80) and now["outturn"] is None
    # Each past year from the other two: 70 ÷ 0.55, 54 ÷ 0.6 and 40 ÷ 0.65.
    assert [
        (t["financial_year"], round(t["forecast"], 4), t["outturn"], round(t["error"], 4))
        for t in tests
    ] == [
        ("2016/17", 127.2727, 100, 27.2727),
        ("2015/16", 90.0, 90, 0.0),
        ("2014/15", 61.5385, 80, -18.4615),
    ]
    assert {t["kind"] for t in tests} == {"test on a past year"}
    # 27.3%, 0% and 23.1% of the outturn.
    assert "it would have been off by 16.8% of the outturn on average" in exhibit.subtitle
    assert "80% prediction intervals, from how the shares of 3 past years" in exhibit.subtitle
    said = [[cell.lines[0][0] for cell in row] for row in exhibit.table.rows]
    assert said[1][1:] == [
        *("2016/17, from the other years", "September 2016", "70", "55.0%", "2", "127"),
        *("117 to 140", "100", "+27.3 (27.3%)"),
    ]


def test_the_chart_lays_past_years_on_this_year_s_months(loaded):
    loaded(_collected("bexley", YEARS))
    lines = _lines(_measure(2017, 9))
    september, march = date(2017, 9, 1), date(2018, 3, 1)
    assert lines["Past years"] == [
        {september: 40, march: 80},
        {september: 54, march: 90},
        {september: 70, march: 100},
    ]
    assert lines["2017/18 so far"] == [{september: 48}]
    assert lines["Forecast"] == [{september: 48, march: pytest.approx(80)}]
    assert lines["Year-end target"] == [{date(2017, 4, 1): 85, march: 85}]
    (interval,) = _measure(2017, 9).chart.panels[0].lines[-2:-1]
    assert (interval.name, interval.months) == ("80% prediction interval", (march, march))
    assert interval.values == (pytest.approx(58.6957, abs=1e-3), pytest.approx(125.58, abs=1e-2))


@pytest.mark.parametrize(
    ("year", "why"),
    [
        (2014, "0 complete past years with a figure for September, and a forecast needs 2"),
        (2015, "1 complete past year with a figure for September, and a forecast needs 2"),
    ],
)
def test_with_fewer_than_two_past_years_there_is_no_forecast(loaded, year, why):
    loaded(_collected("bexley", YEARS))
    exhibit = _measure(year, 9)
    assert exhibit.empty == f"No year’s end can be told: Bexley: {why}."
    assert exhibit.chart is None and "80" not in exhibit.title


def test_with_two_past_years_the_range_is_given_and_called_what_it_is(loaded):
    loaded(_collected("bexley", YEARS))
    exhibit = _measure(2016, 9)
    assert exhibit.title == "Collected, Bexley: 127 expected by March 2017 (117 to 140), target 85"
    assert "Two past years are too few for an interval" in exhibit.subtitle
    assert "prediction" not in exhibit.subtitle
    # Each of the two from the other: 54 ÷ 0.5 and 40 ÷ 0.6.
    assert [round(r["forecast"], 2) for r in _raw(exhibit)] == [127.27, 108.0, 66.67]


def test_of_a_complete_year_it_says_what_would_have_been_said_then(loaded):
    loaded(_collected("bexley", YEARS))
    exhibit = _measure(2017, 3)
    assert exhibit.title == (
        "Collected, Bexley: at the end of September 2016, 127 was to be expected by March 2017 "
        "(117 to 140); it came to 100"
    )
    (then,) = _raw(exhibit)
    assert (then["past_years"], then["outturn"], round(then["error"], 4)) == (2, 100, 27.2727)
    assert "At the ends of the quarters it was off by 27.3% of the outturn" in exhibit.subtitle
    assert "2016/17" in _lines(exhibit)


def test_a_month_without_a_figure_is_not_forecast_from_and_not_made_up(loaded):
    years = {**YEARS, 2015: (None, 90)}
    loaded(_collected("bexley", years) + _collected("newham", {**years, 2017: (None, None)}))
    exhibit = _measure(2017, 9, ("bexley", "newham"))
    # 48 ÷ the mean of 0.5 and 0.7: the year without a September is left out.
    assert exhibit.title.startswith("Collected, Bexley: 80 expected by March 2018 (68.6 to 96)")
    assert "No forecast for Newham: there is no figure for September 2017" in (
        exhibit.provenance.notes
    )
    september, march = date(2017, 9, 1), date(2018, 3, 1)
    assert {september: None, march: 90} in _lines(exhibit)["Past years"]


def test_a_suppressed_figure_stays_suppressed(loaded):
    loaded(
        _collected("bexley", YEARS)
        + _collected("newham", {**YEARS, 2016: (70, "*"), 2017: ("*", None)})
    )
    exhibit = _measure(2017, 9, ("bexley", "newham"))
    assert "No forecast for Newham: the figure for September 2017 is suppressed" in (
        exhibit.provenance.notes
    )
    rows = fetch(
        "forecast_measure", measure_id="sum", council_ids=("newham",), to_month=date(2017, 9, 1)
    ).rows()
    assert [(r["value"], r["status"]) for r in rows[-2:]] == [
        (None, "suppressed"),
        (None, "suppressed"),
    ]
    assert {r["council"] for r in _raw(exhibit)} == {"Bexley"}


def test_a_suppressed_year_end_is_no_complete_year(loaded):
    loaded(_collected("bexley", {**YEARS, 2016: (70, "*")}))
    now, *tests = _raw(_measure(2017, 9))
    # 48 ÷ 0.55, from the two years that ended in a figure.
    assert (now["past_years"], round(now["forecast"], 4)) == (2, 87.2727)
    assert [t["financial_year"] for t in tests] == ["2015/16", "2014/15"]


def test_a_month_after_the_newest_figure_rests_on_that_figure_and_says_so(loaded):
    loaded(_collected("bexley", YEARS))
    exhibit = _measure(2017, 11)
    assert exhibit.title == _measure(2017, 9).title
    assert "The latest figure is that of September 2017" in exhibit.provenance.notes


def test_councils_each_have_a_panel_and_the_title_names_them(loaded):
    loaded(_collected("bexley", YEARS) + _collected("newham", {**YEARS, 2017: (60, None)}))
    exhibit = _measure(2017, 9, ("bexley", "newham"))
    assert exhibit.title == (
        "Collected: Bexley 80 (58.7 to 126) and Newham 100 (73.4 to 157) expected by March 2018"
    )
    assert [p.title for p in exhibit.chart.panels] == ["Bexley", "Newham"]
    assert len(figures(exhibit)) == 1 and "Past years" in text.head(exhibit)


def test_a_measure_that_does_not_add_up_has_no_forecast_and_says_why(loaded):
    loaded("2017-09,tax,bexley,days,9,final\n")
    assert _measure(2017, 9, measure_id="days").empty.startswith("This measure is not cumulative")


def test_a_year_without_a_figure_yet_says_so(loaded):
    loaded(_collected("bexley", YEARS))
    assert _measure(2018, 5).empty == (
        "There is no figure from April 2018 to May 2018: choose a later month or more councils."
    )


# Costs


def test_costs_are_forecast_from_exact_sums_against_the_year_s_budget(loaded):
    loaded(costs=SPENT + _spent(2017, NOW, budget="90"))
    exhibit = _cost(2017, 9)
    # 660.30 ÷ 0.55 is 1,200.55 against 12 × 90.
    assert exhibit.title == (
        "Cost of Council Tax: £1,201 expected by March 2018 (£1,100 to £1,321), £121 (11%) over"
    )
    now, *tests = _raw(exhibit)
    assert now["so_far"] == Decimal("660.30") and now["aim"] == Decimal("1080.00")
    assert now["forecast"] == pytest.approx(1200.545454)
    assert (now["low"], now["high"]) == (pytest.approx(1100.5), pytest.approx(1320.6))
    # 720 ÷ 0.5 and 600 ÷ 0.6, where both years came to 1,200.
    assert [(t["forecast"], t["outturn"], t["error"]) for t in tests] == [
        (pytest.approx(1440), Decimal("1200.00"), pytest.approx(240)),
        (pytest.approx(1000), Decimal("1200.00"), pytest.approx(-200)),
    ]
    assert exhibit.subtitle.endswith("Over means spending above budget, under means below.")
    lines = _lines(exhibit)
    assert lines["Budget for the year"] == [{date(2017, 4, 1): 1080, date(2018, 3, 1): 1080}]
    assert lines["Past years"][0][date(2017, 5, 1)] == 200
    # By October past years had reached 700 and 800 of 1,200: 1,200.55 × 0.625.
    assert lines["Forecast"][0][date(2017, 9, 1)] == 660.30
    assert lines["Forecast"][0][date(2017, 10, 1)] == pytest.approx(750.340909)
    assert lines["Forecast"][0][date(2018, 3, 1)] == pytest.approx(1200.545454)


def test_a_budget_of_part_of_the_year_is_not_the_year_s(loaded):
    loaded(costs=SPENT + _spent(2017, NOW[:6], budget="90"))
    exhibit = _cost(2017, 9)
    assert exhibit.title.endswith("£1,201 expected by March 2018 (£1,100 to £1,321)")
    assert "Budget for the year" not in _lines(exhibit)


def test_after_a_month_without_an_actual_nothing_is_summed(loaded):
    loaded(costs=SPENT + _spent(2017, ["110.05", "110.05", None, "110.05"]))
    exhibit = _cost(2017, 7)
    # 220.10 by May ÷ the mean of 200 and 240 of 1,200.
    assert _raw(exhibit)[0]["so_far"] == Decimal("220.10")
    assert _raw(exhibit)[0]["forecast"] == pytest.approx(220.10 * 1200 / 220)
    assert "The latest figure is that of May 2017" in exhibit.provenance.notes


def test_a_past_year_with_a_month_missing_is_no_complete_year(loaded):
    loaded(costs=SPENT.replace("2015-08,tax,bexley,,100\n", "") + _spent(2017, NOW))
    assert _cost(2017, 9).empty == (
        "No year’s end can be told: 1 complete past year with a figure for September, and a "
        "forecast needs 2."
    )


def test_all_services_together_lack_what_one_of_them_lacks(loaded):
    ict = "".join(_spent(y, ["10"] * 12, service="ict") for y in (2015, 2016))
    ict += _spent(2017, ["10", "10", None, "10"], service="ict")
    loaded(costs=SPENT + _spent(2017, NOW) + ict)
    rows = fetch(
        "forecast_costs", service_id=None, council_ids=("bexley",), to_month=date(2017, 6, 1)
    ).rows()
    assert [(r["month"], r["actual_to_date_gbp"]) for r in rows[-3:]] == [
        (date(2017, 4, 1), Decimal("120.05")),
        (date(2017, 5, 1), Decimal("240.10")),
        (date(2017, 6, 1), None),
    ]
    assert _raw(_cost(2017, 6, None))[0]["so_far"] == Decimal("240.10")


def test_costs_by_the_quarter_are_complete_without_the_months_between(loaded):
    quarters = "".join(
        f"{y}-{str(y + 1)[2:]} Q{q},tax,bexley,,{amount}\n"
        for y, amounts in ((2015, (30, 20, 25, 25)), (2016, (30, 30, 20, 20)), (2017, (33, 33)))
        for q, amount in enumerate(amounts, 1)
    )
    loaded(costs=quarters)
    now = _raw(_cost(2017, 9))[0]
    assert (now["so_far"], now["forecast"]) == (Decimal("66.00"), pytest.approx(66 / 0.55))


def test_costs_by_the_year_say_why_there_is_no_forecast(loaded):
    loaded(costs="2015-16,tax,bexley,,1200\n2016-17,tax,bexley,,1300\n")
    assert _cost(2017, 3).empty.startswith("Figures come once a year")


# The shipped workspace, which ends with a complete year


def test_the_shipped_year_is_held_against_what_would_have_been_said(use):
    use("shipped")
    exhibit = forecast.measure_year_end(
        measure_id="council_tax_collected",
        council_ids=("havering", "newham"),
        to_month=date(2018, 3, 1),
    )
    rows = _raw(exhibit)
    assert [r["month"] for r in rows] == [date(2017, m, 1) for m in (6, 9, 12)]
    assert {r["outturn"] for r in rows} == {97.05}
    # By an independent count: December and March of the three years before.
    reported = fetch(
        "measure_trend",
        measure_ids=["council_tax_collected"],
        council_ids=["havering"],
        from_month=date(2014, 4, 1),
        to_month=date(2017, 12, 1),
    ).rows()
    by_month = {r["month"]: r["value"] for r in reported}
    shares = [by_month[date(y, 12, 1)] / by_month[date(y + 1, 3, 1)] for y in (2014, 2015, 2016)]
    expected = by_month[date(2017, 12, 1)] / (sum(shares) / 3)
    assert rows[-1]["forecast"] == pytest.approx(expected, rel=1e-12)
    assert "No forecast for Newham: there is no figure for March 2018" in exhibit.provenance.notes


def test_the_shipped_costs_end_the_year_as_the_exports_say(use):
    use("shipped")
    councils = ("havering", "newham", "bexley")
    exhibit = forecast.cost_year_end(
        service_id=None, council_ids=councils, to_month=date(2018, 3, 1)
    )
    whole = fetch(
        "standing_costs", service_id=None, council_ids=councils, to_month=date(2018, 3, 1)
    ).rows()
    spent = next(r for r in whole if r["service_id"] is None and r["council_id"] is None)
    assert {r["outturn"] for r in _raw(exhibit)} == {spent["actual_gbp"]}
    assert {r["aim"] for r in _raw(exhibit)} == {spent["budget_gbp"]}
