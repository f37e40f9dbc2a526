"""A sum of costs is whole or not known; a comparison is of the same months, services and councils.

Small workspaces with holes in them. In the first, Finance has no row of May 2023, HR a budget and
no actual in May and a true nought in June, and the year before is whole:

              April          May            June
    Finance   100 of 100     no row         120 of 100    (2022: 90, 95, 110)
    HR         50 of 50      blank of 50      0 of 50     (2022: 40, 45, 60)
"""

import json
from datetime import date, timedelta

import pytest

from dashboard.exhibits import (
    costs,
    findings,
    forecast,
    overview,
    reference,
    satisfaction,
    spending,
    true_cost,
    variance,
)
from dashboard.load.publish import load
from dashboard.render import kinds, text
from dashboard.settings import Workspace
from dashboard.stories import committee
from dashboard.warehouse import fetch

JUNE = date(2023, 6, 1)
FIELDS = {
    "ledger": "date service_id council_id supplier amount_gbp",
    "costs": "period service_id council_id cost_type budget_block budget_gbp actual_gbp",
    "memberships": "service_id council_id from to",
}
HOLES = """
    2022-04 Finance Northby Staff . 100 90
    2022-05 Finance Northby Staff . 100 95
    2022-06 Finance Northby Staff . 100 110
    2023-04 Finance Northby Staff . 100 100
    2023-06 Finance Northby Staff . 100 120
    2022-04 HR Northby Staff . 50 40
    2022-05 HR Northby Staff . 50 45
    2022-06 HR Northby Staff . 50 60
    2023-04 HR Northby Staff . 50 50
    2023-05 HR Northby Staff . 50 .
    2023-06 HR Northby Staff . 50 0
"""


_TYPES = {"date": "date"}


def _csv(feed: str, rows: str) -> str:
    """Rows of cells with spaces between them, where a point is an empty cell, as a CSV."""
    lines = [FIELDS[feed].split(), *(line.split() for line in rows.strip().splitlines())]
    cells = ([("" if c == "." else c.replace("_Q", " Q")) for c in line] for line in lines)
    return "\n".join(map(",".join, cells)) + "\n"


@pytest.fixture
def plant(tmp_path, use):
    """Load feeds, told as above, into a workspace that the exhibits answer from."""

    def planted(as_of: str | None = None, gather: bool = False, **feeds: str) -> None:
        resources = []
        for feed, rows in feeds.items():
            (tmp_path / f"{feed}.csv").write_text(_csv(feed, rows))
            fields = [
                {"name": f, "type": _TYPES.get(f, "number" if f.endswith("_gbp") else "string")}
                for f in FIELDS[feed].split()
            ]
            resource = {"name": feed, "path": f"{feed}.csv", "schema": {"fields": fields}}
            resources.append(resource | ({"onesource": {"gather": True}} if gather else {}))
        contract = {"name": "holes", "title": "Holes", "resources": resources}
        if as_of:
            contract["onesource"] = {"as_of": as_of}
        (tmp_path / "datapackage.json").write_text(json.dumps(contract))
        report = load(Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "warehouse"))
        assert report.is_clean
        use(tmp_path)

    return planted


def _to_date(*councils: str, to_month: date = JUNE, **chosen):
    given = {"service_id": None, "council_ids": councils or ("Northby",), "to_month": to_month}
    return costs.to_date(**given | chosen)


def _of_year(**chosen):
    """The year by council, and all together (None)."""
    rows = fetch("costs_of_year", cost_type=None, budget_block=None, **chosen).rows()
    others = ("service_id", "cost_type", "budget_block")
    return [row for row in rows if all(row[c] is None for c in others)]


def _table(found) -> dict[str, list[str]]:
    return {
        row[0].lines[0][0]: ["; ".join(t for t, _ in c.lines) for c in row[1:]]
        for row in found.table.rows
    }


def _months(rows: str, first: int, last: int, year: int = 2022) -> str:
    """The same rows in each month of a financial year from its first-th to its last-th."""
    return "".join(
        f"{year + (n > 9)}-{(n + 2) % 12 + 1:02d} {row.strip()}\n"
        for n in range(first, last + 1)
        for row in rows.strip().splitlines()
    )


WHY = "May 2023 of Finance is missing and May 2023 of HR has no actual"


def test_a_total_that_lacks_a_month_is_not_known_and_says_what_lacks(plant):
    plant(costs=HOLES)
    found = _to_date()
    assert found.title == (
        f"What the services cost in 2023/24 is not known: {WHY}; £270 against £300 in what was "
        "reported"
    )
    assert found.chart.bars[0].values == (None, None)
    assert found.chart.notes == ("not known", "not known")
    assert _table(found) == {
        "Finance": [
            "not known", "not known",
            "not known: some figures lack an actual; £220 against £200 in what was reported",
            "£295.00", "no comparison: May 2023 is missing", "not available", "none reported",
        ],
        "HR": [
            "not known", "£150.00",
            "not known: some figures lack an actual; £50 against £100 in what was reported",
            "£145.00", "no comparison: May 2023 has no actual", "not available", "none reported",
        ],
        "Together": [
            "not known", "not known",
            "not known: some figures lack an actual; £270 against £300 in what was reported",
            "£440.00", f"no comparison: {WHY}", "not available", "none reported",
        ],
    }  # fmt: skip


def test_a_month_before_the_hole_is_told_as_ever(plant):
    plant(costs=HOLES)
    found = _to_date(to_month=date(2023, 4, 1))
    assert found.title == "The services cost £150 in 2023/24, on budget"
    assert _table(found)["Together"][4] == "£20 (15%) more"


def test_the_overview_and_the_committee_say_no_sum_that_is_not_whole(plant):
    plant(costs=HOLES)
    span = {"from_month": date(2023, 4, 1), "to_month": JUNE}
    grid = overview.grid(council_ids=("Northby",), **span)
    assert grid.title == f"What was spent is not known ({WHY}) (June 2023)"
    assert [row[1].lines for row in grid.table.rows] == [
        (("cost not known: £220 against £200 in what was reported", None),),
        (("cost not known: £50 against £100 in what was reported", None),),
    ]
    mine = overview.services_of_council(council_id="Northby", **span)
    assert _table(mine)["HR"][1:] == [
        "cost not known: £50 against £100 in what was reported",
        "no comparison: May 2023 has no actual",
    ]
    report = committee.report(council_ids=("Northby",), **span)
    titles = [one.title for part in report.sections for one in part.exhibits]
    assert not any("25%" in t or "39%" in t or "23%" in t or "67%" in t for t in titles)


def test_a_bridge_of_a_sum_that_is_not_whole_says_what_lacks(plant):
    plant(costs=HOLES)
    found = variance.bridge(service_id=None, council_ids=("Northby",), to_month=JUNE)
    assert found.empty.startswith(f"{WHY}: choose")


def test_cost_through_the_year_is_told_up_to_the_hole(plant):
    plant(costs=HOLES)
    found = costs.through_the_year(
        service_id=None, council_ids=("Northby",), from_month=date(2023, 4, 1), to_month=JUNE
    )
    assert (
        found.title
        == f"All services: £150 spent by April 2023, on budget; not known since, as {WHY}"
    )
    actual = found.chart.panels[0].lines[0]
    assert actual.values == (150.0, None, None)


def test_a_year_before_that_lacks_a_month_is_no_comparison(plant):
    plant(
        costs="""
        2022-04 Finance Northby Staff . . 90
        2022-06 Finance Northby Staff . . 110
        2023-04 Finance Northby Staff . . 100
        2023-05 Finance Northby Staff . . 100
        2023-06 Finance Northby Staff . . 120
        """
    )
    found = _to_date()
    assert found.title == "The services cost £320 in 2023/24"
    assert _table(found)["Finance"][3:5] == ["not known", "no comparison: May 2022 is missing"]


def test_a_cost_type_that_lacks_a_month_makes_the_sum_unknown(plant):
    plant(
        costs=_months("Finance Northby Staff . 100 100\nFinance Northby Rent . 10 10", 1, 4)
        .replace("2022-06 Finance Northby Rent . 10 10\n", "")
    )  # fmt: skip
    assert _to_date(to_month=date(2022, 7, 1)).title == (
        "What the services cost in 2022/23 is not known: June 2022 of Finance, Rent is missing; "
        "£430 against £430 in what was reported"
    )


def test_a_cost_type_that_comes_now_and_then_is_due_in_no_month(plant):
    plant(
        costs=_months("Finance Northby Staff . 100 100", 1, 6)
        + "2022-04 Finance Northby Redundancy . 0 10\n2022-09 Finance Northby Redundancy . 0 20\n"
    )
    assert _to_date(to_month=date(2022, 9, 1)).title == (
        "The services cost £630 in 2022/23, £30 (5%) over"
    )


def test_a_council_that_joined_is_compared_with_nothing_and_the_rest_like_with_like(plant):
    rows = _months("ICT Northby Staff . . 100", 1, 12) + _months("ICT Southby Staff . . 10", 7, 12)
    rows += _months("ICT Northby Staff . . 90\nICT Southby Staff . . 9", 1, 12, 2023)
    plant(
        costs=rows,
        memberships="ICT Northby 2022-04 .\nICT Southby 2022-10 .\n",
    )
    found = _to_date("Northby", "Southby", to_month=date(2024, 3, 1), by="council_id")
    assert found.title == (
        "The services cost £1,188 in 2023/24, not to be compared with the year before: Southby’s "
        "ICT joined in October 2022"
    )
    assert {name: cells[4] for name, cells in _table(found).items()} == {
        "Northby": "£120 (10%) less",
        "Southby": "ICT joined in October 2022, no comparison",
        "Together": "Southby’s ICT joined in October 2022, no comparison",
    }
    assert "What was served in the same months of both years came to £1,080, £120 (10%) less" in (
        found.subtitle
    )
    one = overview.services_of_council(
        council_id="Southby", from_month=date(2023, 4, 1), to_month=date(2024, 3, 1)
    )
    assert _table(one)["ICT"][-1] == "joined in October 2022, no comparison"


def test_a_council_that_is_served_and_has_no_row_is_missing_not_gone(plant):
    plant(
        costs=_months("ICT Northby Staff . . 100", 1, 6)
        + _months("ICT Southby Staff . . 10", 1, 2),
        memberships="ICT Northby 2022-04 .\nICT Southby 2022-04 .\n",
    )
    assert _to_date("Northby", "Southby", to_month=date(2022, 9, 1)).title == (
        "What the services cost in 2022/23 is not known: June to September 2022 of Southby’s ICT "
        "are missing"
    )


def test_a_quarter_that_is_missing_is_named_with_its_months(plant):
    plant(
        costs="""
        2022-23_Q1 ICT Northby Staff . 100 90
        2022-23_Q3 ICT Northby Staff . 100 90
        2022-23_Q4 ICT Northby Staff . 100 90
        """
    )
    assert _to_date(to_month=date(2023, 3, 1)).title == (
        "What the services cost in 2022/23 is not known: July to September 2022 are missing; £270 "
        "against £300 in what was reported"
    )


def test_within_a_quarter_that_is_not_over_a_total_with_months_is_not_known(plant):
    plant(
        costs=_months("HR Northby Staff . 10 10", 1, 6)
        + "2022-23_Q1 ICT Northby Staff . 100 90\n2022-23_Q2 ICT Northby Staff . 100 90\n"
    )
    assert _to_date(to_month=date(2022, 9, 1)).title == (
        "The services cost £240 in 2022/23, £20 (8%) under"
    )
    assert _to_date(to_month=date(2022, 8, 1)).title == (
        "What the services cost in 2022/23 is not known: July to September 2022 of ICT comes "
        "as one figure; £140 against £150 in what was reported"
    )


def test_a_budget_below_nought_is_told_in_pounds(plant):
    plant(costs=_months("Rents Northby Income . -100000 -50000", 1, 2))
    may = date(2022, 5, 1)
    given = {"service_id": None, "council_ids": ("Northby",), "to_month": may}
    assert _to_date(to_month=may).title == "The services cost −£100,000 in 2022/23, £100,000 over"
    assert _to_date(to_month=may, cost_type="Income").title == (
        "All services, Income cost −£100,000 in 2022/23, £100,000 less income than budgeted"
    )
    assert "%" not in variance.bridge(**given).title
    told = findings.found(None, ("Northby",), date(2022, 4, 1), may)
    assert [f.sentence for f in told if f.kind == "money"] == [
        "Rents is £100,000 over its budget of −£200,000 (April to May 2022)"
    ]


def _daily(first: str, last: str, row: str = "Finance Northby Alder 100", step: int = 1) -> str:
    """A line of the ledger every day, or every so many days, from one day to another."""
    day, end, lines = date.fromisoformat(first), date.fromisoformat(last), []
    while day <= end:
        lines.append(f"{day} {row}\n")
        day += timedelta(step)
    return "".join(lines)


TWO_YEARS = _daily("2022-04-01", "2022-06-30") + _daily("2023-04-01", "2023-06-12")


@pytest.mark.parametrize("as_of", ["2023-06-13", None, "2023-07-10"])
def test_a_month_that_has_only_begun_is_held_against_the_same_days(plant, as_of):
    plant(ledger=TWO_YEARS, as_of=as_of)
    found = _to_date()
    assert found.title == (
        "The services cost £7,300 in 2023/24 up to 12 June 2023; £7,300 in the same days of the "
        "year before"
    )
    assert "Same days the year before" in found.table.columns
    assert _table(found)["Finance"][3:5] == ["£7,300.00", "no change"]
    assert "June 2023 is not over: it is there up to 12 June 2023" in found.subtitle
    span = {"from_month": date(2023, 4, 1), "to_month": JUNE}
    paid = spending.suppliers(service_id=None, council_ids=("Northby",), cost_type=None, **span)
    assert paid.table.raw_rows == (("Alder", 7300, 73, 7300),)
    assert "up to 12 June 2023" in paid.subtitle and "the same days" in paid.subtitle
    mine = overview.services_of_council(council_id="Northby", **span)
    assert _table(mine)["Finance"][-1] == "as £7,300"
    assert "12 June 2023" in mine.subtitle
    trend = costs.through_the_year(service_id=None, council_ids=("Northby",), **span)
    assert {line.name: line.values for line in trend.chart.panels[0].lines} == {
        "Actual": (3000.0, 6100.0, 7300.0), "Year before": (3000.0, 6100.0, 7300.0),
    }  # fmt: skip


def test_a_ledger_that_ends_on_its_last_working_day_is_whole(plant):
    # The last payments of April to June are on a Friday: the 29th, the 27th and the 24th.
    runs = _daily("2022-04-01", "2022-06-24", step=7) + _daily("2023-04-07", "2023-06-30", step=7)
    plant(ledger=runs)
    found = _to_date()
    assert found.title == "The services cost £1,300 in 2023/24; £1,300 the year before"
    assert "not over" not in found.subtitle


def test_the_ledger_of_one_council_may_end_before_that_of_another(plant):
    plant(
        ledger=TWO_YEARS
        + _daily("2022-04-01", "2022-06-30", "Finance Southby Birch 10")
        + _daily("2023-04-01", "2023-06-30", "Finance Southby Birch 10")
    )
    found = _to_date("Northby", "Southby", by="council_id")
    assert found.title == (
        "The services cost £8,210 in 2023/24 up to 12 June 2023 for Northby; £8,210 in the same "
        "days of the year before"
    )


def test_a_council_that_left_is_held_to_the_days_that_have_begun_for_others(plant):
    left = _daily("2021-04-01", "2022-08-31", "Finance Southby Birch 10")
    plant(ledger=TWO_YEARS + left, as_of="2023-06-13")
    # April and May to the end, June to the 12th: £7,300 of Northby, £730 of Southby.
    chosen = {"service_id": None, "council_ids": ("Northby", "Southby"), "to_month": JUNE}
    standing = fetch("standing_costs", **chosen).rows()[-1]
    assert (standing["actual_gbp"], standing["year_before_gbp"]) == (7300, 8030)
    told = {row[0].lines[0][0]: row[4].lines[0][0] for row in _to_date(**chosen).table.rows}
    assert told == {"Finance": "£8,030.00", "Together": "£8,030.00"}
    parts = {r["council_id"]: r["year_before_gbp"] for r in _of_year(**chosen)}
    assert parts == {"Northby": 7300, "Southby": 730, None: 8030}


def test_who_has_the_month_whole_is_held_to_no_day_of_others(plant):
    whole = _daily("2022-04-01", "2022-06-30", "Finance Southby Birch 10")
    plant(ledger=TWO_YEARS + whole + whole.replace("2022-", "2023-"), as_of="2023-07-10")
    chosen = {"service_id": None, "council_ids": ("Northby", "Southby"), "to_month": JUNE}
    parts = {r["council_id"]: r["year_before_gbp"] for r in _of_year(**chosen)}
    assert parts == {"Northby": 7300, "Southby": 910, None: 8210}


def test_each_open_month_of_a_year_is_held_to_its_own_day_wherever_the_year_is_told(plant):
    # Southby's May is there to the 10th and its June not at all; Northby's June to the 12th.
    late = _daily("2022-04-01", "2022-06-30", "Finance Southby Birch 10")
    late += _daily("2023-04-01", "2023-05-10", "Finance Southby Birch 10")
    plant(ledger=TWO_YEARS + late, as_of="2023-06-13")
    rows = fetch("open_months").rows()
    days = {r["council_id"]: (r["month"].month, r["last_day"].day) for r in rows}
    assert days == {"Northby": (6, 12), "Southby": (5, 10)}
    chosen = {"service_id": None, "council_ids": ("Northby", "Southby"), "to_month": JUNE}
    # Of Southby thirty days of April, ten of May and twelve of June.
    assert _of_year(**chosen)[-1]["year_before_gbp"] == 7300 + 520
    trend = fetch("costs_trend", cost_type=None, budget_block=None, from_month=JUNE, **chosen)
    whole = [r for r in trend.rows() if r["service_id"] is None and r["council_id"] is None]
    assert [r["actual_to_date_year_before_gbp"] for r in whole] == [7300 + 520]


def test_the_cost_of_a_council_that_left_is_told_with_its_year(plant):
    plant(
        costs=_months("ICT Northby Staff . 100 100", 1, 12, 2021)
        + _months("ICT Northby Staff . 100 100", 1, 12)
        + _months("ICT Southby Staff . 100 110", 1, 12, 2020)
        + _months("ICT Southby Staff . 100 130", 1, 5, 2021)
    )
    span = {"from_month": date(2022, 4, 1), "to_month": date(2023, 3, 1)}
    left = overview.services_of_council(council_id="Southby", **span)
    assert left.table.columns[-2:] == ("Cost in 2021/22 to August 2021", "Against the year before")
    assert _table(left)["ICT"][-2:] == ["£650, 30% over budget", "18% more than £550"]
    assert "cost in 2021/22 to August 2021, latest" in left.subtitle
    assert "costs in 2021/22 to August 2021 were £150 (30%) over" in left.title
    stayed = overview.services_of_council(council_id="Northby", **span)
    assert stayed.table.columns[-2:] == ("Cost so far", "Against the year before")
    assert "cost so far in the financial year" in stayed.subtitle


def test_a_month_that_begins_in_a_later_load_is_as_one_that_was_there_at_first(plant):
    before = _daily("2022-04-01", "2022-06-30") + _daily("2023-04-01", "2023-05-31")
    plant(ledger=before)
    assert _to_date().title == "The services cost £6,100 in 2023/24; £6,100 the year before"
    plant(ledger=before + _daily("2023-06-01", "2023-06-12"))
    assert _to_date().title == (
        "The services cost £7,300 in 2023/24 up to 12 June 2023; £7,300 in the same days of the "
        "year before"
    )


MONTHS_BESIDE_A_BUDGET = (
    "2016-17 ICT Northby Staff . 1200 .\n2017-18 ICT Northby Staff . 1200 .\n"
    + _months("ICT Northby Staff . . 100", 1, 12, 2016)
    + _months("ICT Northby Staff . . 110", 1, 12, 2017)
)
MARCH = date(2018, 3, 1)


@pytest.mark.parametrize("kind", ["Staff", "."])
def test_a_years_budget_beside_months_with_their_actuals_lacks_nothing(plant, kind):
    plant(costs=MONTHS_BESIDE_A_BUDGET.replace("Staff . 1200", f"{kind} . 1200"))
    for month, title in (
        (date(2017, 12, 1), "The services cost £990 in 2017/18; £900 the year before"),
        (MARCH, "The services cost £1,320 in 2017/18; £1,200 the year before"),
    ):
        assert _to_date(to_month=month).title == title
        chosen = {"service_id": None, "council_ids": ("Northby",), "to_month": month}
        standing = fetch("standing_costs", **chosen).rows()[-1]
        assert (standing["unreported"], standing["before_unreported"]) == (0, 0)
    span = {"from_month": date(2017, 4, 1), "to_month": MARCH}
    found = true_cost.steps(service_id=None, council_ids=("Northby",), **span)
    assert found.title == "Northby is booked what it truly costs, £1,320"
    to_date = fetch("forecast_costs", **chosen).rows()[-1]
    assert to_date["actual_to_date_gbp"] == 1320


def test_a_years_budget_hides_no_month_that_lacks_within_it(plant):
    plant(costs=MONTHS_BESIDE_A_BUDGET.replace("2017-06 ICT Northby Staff . . 110\n", ""))
    for month in (date(2017, 12, 1), MARCH):
        assert _to_date(to_month=month).title == (
            "What the services cost in 2017/18 is not known: June 2017 is missing"
        )


def test_a_years_budget_without_any_month_has_no_actual(plant):
    rows = "2016-17 HR Northby Staff . 1200 1100\n2017-18 HR Northby Staff . 1200 .\n"
    plant(costs=MONTHS_BESIDE_A_BUDGET + rows)
    assert _to_date(to_month=MARCH).title == (
        "What the services cost in 2017/18 is not known: April 2017 to March 2018 of HR have "
        "no actual"
    )


def test_budgets_of_the_year_to_come_do_not_hide_what_was_spent(plant):
    rows = _months("ICT Northby Staff . 100 100", 1, 12, 2016)
    rows += _months("ICT Northby Staff . 100 110", 1, 12, 2017)
    plant(costs=rows + _months("ICT Northby Staff . 120 .", 1, 12, 2018))
    found = costs.through_the_year(
        service_id=None, council_ids=("Northby",), from_month=date(2016, 4, 1),
        to_month=date(2019, 3, 1),
    )  # fmt: skip
    assert found.title == "All services: £1,320 spent by March 2018, £120 (10%) over"


def test_payments_now_and_then_lack_no_month(plant):
    plant(ledger=_daily("2022-01-05", "2023-06-30", step=70))
    assert _to_date().title == "The services cost £100 in 2023/24; £100 the year before"


def test_a_month_that_the_ledger_lacks_makes_its_sums_unknown(plant):
    plant(ledger=_daily("2023-04-01", "2023-04-30") + _daily("2023-06-01", "2023-06-30"))
    assert _to_date().title == "What the services cost in 2023/24 is not known: May 2023 is missing"
    span = {"from_month": date(2023, 4, 1), "to_month": JUNE}
    chosen = {"service_id": None, "council_ids": ("Northby",), "cost_type": None, **span}
    assert spending.parts(**chosen, supplier=None).title == (
        "All services: what was spent is not known: May 2023 is missing"
    )
    assert "The ledger lacks May 2023, so that sums are not whole." in (
        spending.suppliers(**chosen).subtitle
    )
    assert true_cost.steps(service_id=None, council_ids=("Northby",), **span).empty.startswith(
        "May 2023 is missing"
    )


def test_a_council_that_left_the_ledger_is_not_said_to_be_open_ever_after(plant):
    plant(
        ledger=_daily("2021-04-01", "2023-06-30", "Finance Northby Alder 1")
        + _daily("2021-04-01", "2022-05-10", "Finance Southby Birch 1")
    )
    assert fetch("open_months").rows() == []
    for month in (date(2022, 5, 1), date(2023, 3, 1), JUNE):
        assert "not over" not in _to_date("Northby", "Southby", to_month=month).subtitle


def test_an_open_month_is_said_of_its_own_financial_year(plant):
    ledger = _daily("2022-01-01", "2023-05-31", "Finance Northby Alder 1")
    plant(ledger=ledger + _daily("2022-01-01", "2023-03-10", "Finance Southby Birch 1"))
    said = "March 2023 is not over: it is there up to 10 March 2023 for Southby"
    assert said in _to_date("Northby", "Southby", to_month=date(2023, 3, 1)).subtitle
    assert said not in _to_date("Northby", "Southby", to_month=date(2023, 5, 1)).subtitle


def test_the_open_end_of_a_ledger_is_said_of_later_months_too(plant):
    plant(ledger=_daily("2022-01-01", "2023-03-10"))
    assert "March 2023 is not over" in _to_date(to_month=JUNE).subtitle


QUARTERS_THEN_MONTHS = "".join(
    f"2016-17_Q{n} ICT Northby Staff . 300 300\n" for n in (1, 2, 3, 4)
) + _months("ICT Northby Staff . 100 100", 1, 4, 2017)


def _trends(last: date) -> list[tuple]:
    """Of all together: the month, what was spent by it and in it, each beside the year before."""
    rows = fetch(
        "costs_trend", service_id=None, council_ids=("Northby",), cost_type=None,
        budget_block=None, from_month=date(2017, 6, 1), to_month=last,
    ).rows()  # fmt: skip
    return [
        (r["month"].month, r["actual_to_date_gbp"], r["actual_to_date_year_before_gbp"],
         r["actual_gbp"], r["actual_year_before_gbp"])
        for r in rows if r["service_id"] is None and r["council_id"] is None
    ]  # fmt: skip


@pytest.mark.parametrize("others", [False, True])
def test_four_months_are_not_compared_with_a_quarter(plant, others):
    months = _months("HR Northby Staff . 10 10", 1, 12, 2016)
    months += _months("HR Northby Staff . 10 10", 1, 4, 2017)
    plant(costs=QUARTERS_THEN_MONTHS + months * others)
    july, june = date(2017, 7, 1), date(2017, 6, 1)
    for by in ("costs_of_year", "standing_costs"):
        chosen = {"service_id": None, "council_ids": ("Northby",), "to_month": july}
        if by == "costs_of_year":
            chosen |= {"cost_type": None, "budget_block": None}
        every = {(r["service_id"], r["council_id"]): r for r in fetch(by, **chosen).rows()}
        ict = every["ICT", None]
        assert (ict["actual_gbp"], ict["year_before_gbp"], ict["before_unreported"]) == (
            400,
            None,
            1,
        )
        if others:
            assert every["HR", None]["year_before_gbp"] == 40
    assert _table(_to_date(to_month=july))["ICT"][3:5] == [
        "not known", "no comparison: July to September 2016 comes as one figure",
    ]  # fmt: skip
    assert _table(_to_date(to_month=june))["ICT"][3:5] == ["£300.00", "no change"]
    assert _to_date(to_month=date(2017, 9, 1)).title == (
        f"The services cost £{440 if others else 400} in 2017/18, on budget"
    )
    more = 10 * others
    assert _trends(july) == [
        (6, 300 + 3 * more, 300 + 3 * more, 100 + more, None),
        (7, 400 + 4 * more, None, 100 + more, None),
    ]


def test_cost_through_the_year_counts_no_quarter_that_is_not_over(plant):
    plant(
        costs=_months("HR Northby Staff . 10 10", 1, 6, 2017)
        + "2017-18_Q1 ICT Northby Staff . 100 90\n2017-18_Q2 ICT Northby Staff . 100 90\n"
    )
    assert _trends(date(2017, 9, 1)) == [
        (6, 120, None, 100, None), (7, None, None, None, None),
        (8, None, None, None, None), (9, 240, None, 100, None),
    ]  # fmt: skip


def test_costs_of_a_month_that_is_not_over_are_left_out_and_that_is_said(plant):
    rows = _months("HR Northby Staff . 50 50", 1, 2, 2023) + "2023-06 HR Northby Staff . 50 20\n"
    plant(costs=rows, as_of="2023-06-20")
    found = _to_date()
    assert found.title == "The services cost £100 in 2023/24, on budget"
    assert "June 2023 is left out of costs: it was not over on 20 June 2023." in found.subtitle


@pytest.mark.parametrize("as_of", ["2018-02-15", "2018-02-27", "2018-03-27"])
def test_a_quarter_is_not_over_at_the_end_of_a_month_within_it(plant, as_of):
    rows = "".join(f"2017-18_Q{n} ICT Northby Staff . 300 300\n" for n in (1, 2, 3))
    plant(costs=rows + "2017-18_Q4 ICT Northby Staff . 300 190\n", as_of=as_of)
    found = _to_date(to_month=MARCH)
    assert found.title == "The services cost £900 in 2017/18, on budget"
    day = f"{int(as_of[-2:])} {'March' if as_of[6] == '3' else 'February'} 2018"
    assert f"March 2018 is left out of costs: it was not over on {day}." in found.subtitle


def test_a_quarter_that_ends_with_a_weekend_is_whole(plant):
    rows = "".join(f"2017-18_Q{n} ICT Northby Staff . 300 300\n" for n in (1, 2, 3))
    plant(costs=rows + "2017-18_Q4 ICT Northby Staff . 300 290\n", as_of="2018-03-28")
    assert _to_date(to_month=MARCH).title == "The services cost £1,190 in 2017/18, £10 (1%) under"


def test_a_month_that_is_over_stands_beside_a_quarter_that_is_not(plant):
    rows = "".join(f"2017-18_Q{n} ICT Northby Staff . 300 300\n" for n in (1, 2, 3, 4))
    plant(costs=rows + _months("HR Northby Staff . 10 10", 1, 11, 2017), as_of="2018-02-27")
    assert _to_date(to_month=date(2018, 2, 1)).title == (
        "What the services cost in 2017/18 is not known: January to February 2018 of ICT are "
        "missing; £1,010 against £1,010 in what was reported"
    )


HOLE_IN_HR = _months("HR Northby Staff . 10 10", 1, 6).replace("2022-06 HR", "2022-06 Legal")


@pytest.mark.parametrize("budget", ["10", "."])
@pytest.mark.parametrize("twice", ["Cards", "HR"])
def test_one_row_that_was_gathered_hides_no_hole_of_others(plant, budget, twice):
    again = {
        "Cards": "2022-09 Cards Northby Cards . . 5\n2022-09 Cards Northby Cards . . 6\n",
        "HR": f"2022-09 HR Northby Staff . {budget} 10\n",
    }[twice]
    plant(gather=True, costs=HOLE_IN_HR.replace(". 10 10", f". {budget} 10") + again)
    said = _to_date(to_month=date(2022, 9, 1)).title
    assert said.startswith("What the services cost in 2022/23 is not known: June 2022 of HR is ")


def test_months_gathered_from_payments_now_and_then_lack_nothing(plant):
    plant(
        gather=True,
        costs="2022-04 HR Northby Staff . . 5\n2022-04 HR Northby Staff . . 6\n"
        "2022-09 HR Northby Staff . . 7\n2022-04 ICT Northby Staff . . 8\n"
        "2022-04 ICT Northby Staff . . 8\n2022-09 ICT Northby Staff . . 9\n"
        "2022-04 Legal Northby Staff . . 1\n2022-08 Legal Northby Staff . . 1\n",
    )
    assert _to_date(to_month=date(2022, 9, 1)).title == "The services cost £45 in 2022/23"


def test_a_forecast_does_not_begin_with_a_month_that_is_not_over(plant):
    plant(
        ledger="".join(
            _daily(f"{year}-04-01", f"{year + 1}-03-31", step=5) for year in (2020, 2021, 2022)
        )
        + _daily("2023-04-01", "2023-06-12")
    )
    found = forecast.cost_year_end(service_id=None, council_ids=("Northby",), to_month=JUNE)
    assert "The latest figure is that of May 2023" in found.provenance.notes


def test_every_total_of_the_shipped_data_is_whole(use):
    use("shipped")
    councils = ("havering", "newham", "bexley")
    for year in range(2014, 2018):
        rows = fetch(
            "standing_costs", service_id=None, council_ids=councils, to_month=date(year + 1, 3, 1)
        ).rows()
        assert all(r["unreported"] == r["unbudgeted"] == 0 for r in rows), year


def test_bexleys_ict_is_not_compared_with_the_half_year_before_it_joined(use):
    use("shipped")
    found = overview.services_of_council(
        council_id="bexley", from_month=date(2017, 4, 1), to_month=date(2018, 3, 1)
    )
    said = {name: cells[-2] for name, cells in _table(found).items()}
    assert said["ICT"] == "joined in October 2016, no comparison"
    assert said["HR & OD"] == "joined in July 2016, no comparison"
    assert said["Finance"] == "14% less than £3.27m"


def _page_of(link) -> dict:
    """What the page that a link leads to asks of its exhibits, by the filters in the address."""
    chosen: dict = dict(link.filters)
    first, last = date(2017, 4, 1), date(2018, 3, 1)
    if chosen["period"] != reference.CHOOSE_MONTHS:
        first = date(int(chosen["period"][:4]), 4, 1)
        last = date(first.year + 1, 3, 1)
    by_name = {v: k for k, v in reference.service_names().items()}
    councils = {v: k for k, v in reference.council_names().items()}
    blocks = {v: k for k, v in reference.blocks().items()}
    every = tuple(reference.council_names("council"))
    return {
        "service_id": by_name.get(chosen.get("service", "")),
        "council_ids": (councils[chosen["councils"]],) if "councils" in chosen else every,
        "budget_block": blocks.get(chosen.get("budget", "")),
        "first": first,
        "last": last,
    }


@pytest.mark.parametrize("councils", [("havering", "newham", "bexley"), ("newham",)])
def test_a_finding_of_money_leads_to_the_view_that_shows_that_figure(use, councils):
    use("shipped")
    told = findings.found(None, councils, date(2017, 4, 1), date(2018, 3, 1))
    money = [f for f in told if f.kind == "money"]
    assert len(money) > 3
    for one in money:
        page = _page_of(one.link)
        assert page["council_ids"] == councils
        shown = costs.to_date(
            service_id=page["service_id"], council_ids=page["council_ids"], to_month=page["last"],
            budget_block=page["budget_block"],
        )  # fmt: skip
        gap = one.sentence.split(" is ")[1].split(" its ")[0]
        assert shown.title.endswith(gap), (one.sentence, shown.title)
        assert one.evidence.removesuffix(" spent") in shown.title


def test_a_finding_of_a_survey_leads_to_the_customer_and_the_wave(use):
    use("shipped")
    councils = ("havering", "newham", "bexley")
    told = findings.found("ict", councils, date(2017, 4, 1), date(2018, 3, 1))
    of_survey = [f for f in told if f.topic[0] == "satisfaction"]
    assert of_survey
    for one in of_survey:
        page = _page_of(one.link)
        assert page["service_id"] == "ict"
        shown = satisfaction.by_customer(
            service_id="ict", council_ids=page["council_ids"], from_month=page["first"],
            to_month=page["last"],
        )  # fmt: skip
        now = one.sentence.split(" to ")[1].split("%")[0] + "%"
        figures = [t for row in shown.table.rows for cell in row for t, _ in cell.lines]
        assert any(t.startswith(now) for t in figures), (one.sentence, figures)


def test_the_budget_tick_covers_nothing_of_a_bar_that_is_a_little_over(use):
    use("shipped")
    found = costs.to_date(
        service_id=None, council_ids=("havering", "newham", "bexley"), to_month=date(2018, 3, 1)
    )
    (drawn,) = kinds.figures(found)
    ticks = [t for t in drawn["data"] if t["name"] == "Budget"]
    assert len(ticks) == 1
    assert ticks[0]["marker"]["line"] == {"width": 2}
    assert ticks[0]["marker"]["color"] != "white"


def test_a_document_without_charts_says_nothing_of_what_is_drawn():
    said = (
        "April 2017 to March 2018, by council; 3 of 5 are drawn, choose councils to see others. "
        "Over means spending above budget. Left is cheaper, up is better. Dashed: the mean."
    )
    assert text.without_picture(said) == (
        "April 2017 to March 2018, by council. Over means spending above budget."
    )
    assert text.without_picture("Cost by service.") == "Cost by service."
