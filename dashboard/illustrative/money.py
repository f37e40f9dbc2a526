"""Budgets, forecasts and what was spent: shared costs by cost share, non-shared ones by council.

Amounts are pounds while they are being shaped and whole pence from then on. The variances of
2017/18 (spent less budget, so that an underspend is negative) are the published ones, to the
penny; everything beneath them is made up.
"""

from typing import NamedTuple

import numpy as np

from dashboard.illustrative.chance import stream
from dashboard.illustrative.files import pounds
from dashboard.illustrative.periods import (
    FIRST_YEAR,
    YEARS,
    months_of_year,
    place_in_year,
    year_of,
)
from dashboard.illustrative.reference import OUTTURN_2017, cost_shares, served

COST_TYPES = (
    "Employees",
    "Premises",
    "Supplies and services",
    "Contractors and agency",
    "Income",
    "Recharges",
)
# Finance reports at these periods; the last is the outturn.
REPORTED_PERIODS = (3, 6, 9, 11, 12)
# How far a forecast has come from the budget towards the outturn when it is made: managers see
# a variance late, and say so later.
FORECAST_INSIGHT = {3: 0.25, 6: 0.5, 9: 0.78, 11: 0.94, 12: 1.0}
OUTTURN_YEAR = 2017  # the one year whose variance is published

# Shared budget of the whole service in £ thousand, 2014/15 to 2017/18. The first year adds up to
# the published £58m; it falls as savings are made, and grows where Bexley joins in 2016/17.
BUDGET_THOUSANDS = {
    "finance": (5200, 4800, 5300, 5000),
    "internal_audit": (1600, 1500, 1700, 1600),
    "hr": (5700, 5300, 5200, 4900),
    "health_safety": (600, 560, 600, 580),
    "ict": (11600, 10900, 10800, 10400),
    "asset_management": (7100, 6600, 6200, 6000),
    "legal_governance": (6400, 6000, 5700, 5500),
    "exchequer": (5400, 4900, 5100, 4800),
    "council_tax_benefits": (10200, 9400, 8700, 8300),
    "procurement": (2300, 2100, 2200, 2100),
    "printing": (900, 840, 780, 720),
    "business_improvement": (550, 500, 480, 460),
    "pmo": (450, 420, 400, 400),
}
# Net budget split by cost type, in percent; income takes off what the rest adds.
_OFFICE = (88, 3, 13, 7, -16, 5)
MIX_PERCENT = {
    "ict": (52, 3, 38, 16, -13, 4),
    "asset_management": (48, 24, 12, 31, -20, 5),
    "printing": (58, 9, 52, 6, -30, 5),
    "council_tax_benefits": (84, 4, 18, 11, -23, 6),
    "legal_governance": (82, 3, 14, 16, -20, 5),
}
# What each service was meant to spend over (+) or under (-) its shared budget, £ thousand. The
# story of 2017/18: ICT leaves posts open, Asset Management pays for agency surveyors.
VARIANCE_THOUSANDS = {
    "finance": (-60, -40, 30, -130),
    "internal_audit": (-20, -10, 15, -30),
    "hr": (-40, 30, -55, 60),
    "health_safety": (5, -8, -4, -10),
    "ict": (120, -90, -240, -640),
    "asset_management": (-90, 40, 160, 240),
    "legal_governance": (60, 85, -70, -380),
    "exchequer": (-70, 25, 140, 60),
    "council_tax_benefits": (-160, -120, -90, -380),
    "procurement": (-30, 10, -25, -50),
    "printing": (10, 20, -15, -30),
    "business_improvement": (-5, -12, 8, -30),
    "pmo": (0, -6, -10, -32),
}
# Where a variance shows: open posts save pay and are partly filled by agency staff.
VARIANCE_MIX = {
    "asset_management": (-0.35, 0.25, 0.0, 1.2, -0.1, 0.0),
    "ict": (1.25, 0.0, 0.1, -0.4, 0.05, 0.0),
}
_USUAL_VARIANCE_MIX = (0.9, 0.0, 0.25, -0.25, 0.1, 0.0)
# These keep their story; the others give way until the published totals are met.
STORY_SERVICES = ("ict", "asset_management")

# Shape of the year by cost type, April first: pay is even but for the April rise, supplies and
# contractors rush in before the year end, income comes in by the quarter.
SHAPE = {
    "Employees": (0.98,) + (1.0,) * 11,
    "Premises": (1.3, 0.9, 0.9, 1.0, 0.85, 0.9, 1.05, 1.0, 0.95, 1.1, 1.0, 1.05),
    "Supplies and services": (
        0.7,
        0.85,
        0.95,
        0.95,
        0.9,
        1.0,
        1.0,
        1.05,
        0.95,
        1.0,
        1.1,
        1.55,
    ),
    "Contractors and agency": (
        0.65,
        0.9,
        1.0,
        1.0,
        1.05,
        1.0,
        1.05,
        1.05,
        0.9,
        0.95,
        1.05,
        1.4,
    ),
    "Income": (1.0, 0.8, 1.25, 0.95, 0.8, 1.25, 0.9, 0.8, 1.25, 0.9, 0.8, 1.3),
    "Recharges": (0.0, 0.0, 3.0) * 4,
}
# Month-to-month spread of spending beyond its shape, as a share.
SPREAD = {
    "Employees": 0.008,
    "Premises": 0.06,
    "Supplies and services": 0.09,
    "Contractors and agency": 0.11,
    "Income": 0.05,
    "Recharges": 0.0,
}

# Non-shared blocks in £ thousand a year, 2017/18 budget, with the variance of that year. Newham's
# overspend is rent that did not come in and corporate savings that were not made.
NON_SHARED = {  # (council_id, service_id, cost_type): (budget, variance 2017/18)
    ("havering", "asset_management", "Premises"): (2600, -110),
    ("havering", "asset_management", "Contractors and agency"): (1500, -242),
    ("havering", "asset_management", "Income"): (-1950, -120),
    ("havering", "finance", "Supplies and services"): (1400, -290),
    ("havering", "legal_governance", "Supplies and services"): (520, -50),
    ("newham", "asset_management", "Premises"): (5200, 620),
    ("newham", "asset_management", "Contractors and agency"): (3100, 1345),
    ("newham", "asset_management", "Income"): (-8400, 2100),
    ("newham", "finance", "Supplies and services"): (4300, 3000),
    ("bexley", "finance", "Supplies and services"): (1900, -300),
    ("bexley", "finance", "Contractors and agency"): (600, -107),
}  # fmt: skip
# Rent lost in Newham grew through 2017/18 as units emptied: parts of the year's loss by quarter.
NEWHAM_RENT_LOSS = (0.08, 0.2, 0.32, 0.4)


class Cost(NamedTuple):
    """One month of one service, council, cost type and block, in whole pence."""

    month: str
    service_id: str
    council_id: str
    cost_type: str
    block: str
    budget: int
    actual: int


def draw_costs(seed: int) -> list[Cost]:
    """Every month's budget and spending, in date order within service, council and cost type."""
    costs = []
    for year in YEARS:
        costs += _shared(seed, year) + _non_shared(seed, year)
    return costs


def _shared(seed: int, year: int) -> list[Cost]:
    months = months_of_year(year)
    shares = cost_shares()
    column = year - FIRST_YEAR
    services = list(BUDGET_THOUSANDS)
    # Full-service amounts, in pounds: one row a month, one column a cost type.
    budget, spent = {}, {}
    for service in services:
        total = BUDGET_THOUSANDS[service][column] * 1000
        mix = np.array(MIX_PERCENT.get(service, _OFFICE)) / 100
        budget[service] = np.tile(total * mix / 12, (12, 1))
        random = stream(seed, "costs", str(year), service)
        shape = np.array([SHAPE[cost_type] for cost_type in COST_TYPES]).T
        spread = np.array([SPREAD[cost_type] for cost_type in COST_TYPES])
        shape = shape * (1 + random.normal(0, 1, shape.shape) * spread)
        shape /= shape.mean(axis=0)
        variance = VARIANCE_THOUSANDS[service][column] * 1000
        over = variance * np.array(VARIANCE_MIX.get(service, _USUAL_VARIANCE_MIX))
        spent[service] = (budget[service] + over / 12) * shape
    taken = {
        (service, council): np.array([served(service, council, [month]) for month in months])
        for service in services
        for council in shares[year, service]
    }
    if year == OUTTURN_YEAR:
        _meet_published_outturn(services, shares, year, budget, spent, taken)

    costs = []
    for service in services:
        for council, percent in shares[year, service].items():
            for kind, cost_type in enumerate(COST_TYPES):
                for row, month in enumerate(months):
                    if taken[service, council][row]:
                        costs.append(
                            Cost(month, service, council, cost_type, "shared",
                                 round(budget[service][row, kind] * percent),
                                 round(spent[service][row, kind] * percent))
                        )  # fmt: skip
    if year == OUTTURN_YEAR:
        _settle_pence(costs, "shared", OUTTURN_2017["shared"])
    return costs


def _meet_published_outturn(services, shares, year, budget, spent, taken) -> None:
    """Move the services' spending as little as possible until each council's variance is met.

    A service's change falls on every council by its cost share, so the three published totals
    are three equations in the services' changes; of all answers this takes the smallest, with
    the services of the story held almost still.
    """
    councils = list(OUTTURN_2017["shared"])
    bears = np.zeros((len(councils), len(services)))
    variance = np.zeros(len(councils))
    for j, service in enumerate(services):
        for council, percent in shares[year, service].items():
            i = councils.index(council)
            bears[i, j] = percent / 100 * taken[service, council].mean()
            difference = (spent[service] - budget[service]).sum(axis=1)
            variance[i] += percent / 100 * difference[taken[service, council]].sum()
    missing = np.array([OUTTURN_2017["shared"][council] for council in councils]) - variance
    # A large service can move further than a small one; 1/1000 is "almost still".
    weight = np.diag([
        abs(budget[service].sum()) * (0.001 if service in STORY_SERVICES else 1)
        for service in services
    ])  # fmt: skip
    change = weight @ bears.T @ np.linalg.solve(bears @ weight @ bears.T, missing)
    for j, service in enumerate(services):
        spent[service][:, COST_TYPES.index("Employees")] += change[j] / 12


def _settle_pence(costs: list[Cost], block: str, wanted_pounds: dict[str, int]) -> None:
    """Put the last pennies of rounding on Finance's March line, so that totals are exact."""
    for council, wanted in wanted_pounds.items():
        mine = [cost for cost in costs if cost.council_id == council and cost.block == block]
        missing = wanted * 100 - sum(cost.actual - cost.budget for cost in mine)
        last = max(
            position
            for position, cost in enumerate(costs)
            if (cost.council_id, cost.service_id, cost.block) == (council, "finance", block)
            and cost.cost_type in ("Employees", "Supplies and services")
        )
        if abs(missing) > 100_00:  # rounding leaves pence; more than £100 would be a mistake
            raise ArithmeticError(f"{council} {block}: {pounds(missing)} short of the outturn")
        costs[last] = costs[last]._replace(actual=costs[last].actual + missing)


def _non_shared(seed: int, year: int) -> list[Cost]:
    months = months_of_year(year)
    costs = []
    for (council, service, cost_type), (thousands, published) in NON_SHARED.items():
        if not served(service, council, months):
            continue
        random = stream(seed, "non-shared", str(year), council, service, cost_type)
        # Budgets rose a little each year up to the one above, as rents and prices do.
        monthly = thousands * 1000 * (1 - 0.015 * (YEARS[-1] - year)) / 12
        usual_miss = random.normal(0, 0.012) * abs(monthly) * 12
        miss = published * 1000 if year == OUTTURN_YEAR else usual_miss
        is_rent = cost_type == "Income"
        spread = 0.012 if is_rent else SPREAD[cost_type]
        shape = np.ones(12) if is_rent else np.array(SHAPE[cost_type])
        shape = shape * (1 + random.normal(0, 1, 12) * spread)
        over = np.full(12, miss / 12)
        if (council, cost_type, year) == ("newham", "Income", OUTTURN_YEAR):
            over = np.repeat(np.array(NEWHAM_RENT_LOSS) * miss / 3, 3)
        spent = monthly * shape / shape.mean() + over
        for row, month in enumerate(months):
            costs.append(
                Cost(month, service, council, cost_type, "non_shared",
                     round(monthly * 100), round(spent[row] * 100))
            )  # fmt: skip
    if year == OUTTURN_YEAR:
        _settle_pence(costs, "non_shared", OUTTURN_2017["non_shared"])
    return costs


def cost_rows(seed: int, costs: list[Cost]) -> dict[int, list[tuple[str, ...]]]:
    """The costs files' rows by financial year, with the forecasts of the whole year's outturn.

    A forecast moves from budget to outturn as the year goes on, with an error that shrinks; at
    period 12 it is the outturn itself.
    """
    years: dict[tuple, list[Cost]] = {}
    for cost in costs:
        key = (
            year_of(cost.month),
            cost.service_id,
            cost.council_id,
            cost.cost_type,
            cost.block,
        )
        years.setdefault(key, []).append(cost)
    rows: dict[int, list] = {}
    for key, line in years.items():
        budget, outturn = sum(c.budget for c in line), sum(c.actual for c in line)
        random = stream(seed, "forecast", *map(str, key))
        for cost in line:
            forecast = ""
            period = place_in_year(cost.month)
            if period in REPORTED_PERIODS:
                insight = FORECAST_INSIGHT[period]
                # 1.5% of the budget is the usual error of a first forecast.
                error = random.normal(0, 0.015) * abs(budget) * (1 - insight)
                seen = budget + insight * (outturn - budget) + error
                # Managers forecast to the nearest £100; only the outturn has pence.
                forecast = pounds(outturn if period == 12 else round(seen / 100_00) * 100_00)
            rows.setdefault(key[0], []).append(
                (cost.month, cost.service_id, cost.council_id, cost.cost_type, cost.block,
                 pounds(cost.budget), forecast, pounds(cost.actual))
            )  # fmt: skip
    for listed in rows.values():
        listed.sort(key=lambda row: row[0])  # stable: month by month, else as drawn
    return rows


def rent_received(costs: list[Cost]) -> dict[tuple[str, str], tuple[int, int]]:
    """Commercial rent by council and month in pence: received and budgeted, both positive."""
    return {
        (cost.council_id, cost.month): (-cost.actual, -cost.budget)
        for cost in costs
        if (cost.service_id, cost.cost_type, cost.block)
        == ("asset_management", "Income", "non_shared")
    }


def shared_spending(costs: list[Cost]) -> dict[tuple[str, str], int]:
    """Shared spending by council and month, all services together, in pence."""
    spending: dict[tuple[str, str], int] = {}
    for cost in costs:
        if cost.block == "shared":
            key = (cost.council_id, cost.month)
            spending[key] = spending.get(key, 0) + cost.actual
    return spending
