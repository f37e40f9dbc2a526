"""Targets and the rules of red, amber and green, dated: both change from year to year.

Havering alone changed its rule in 2013/14, 2015/16 and 2017/18 (see data/README.md); the same three
steps are used here, so that a report on an earlier year has to use that year's rule.
"""

from typing import NamedTuple

from dashboard.illustrative.measures import BY_ID
from dashboard.illustrative.money import Cost, rent_received
from dashboard.illustrative.periods import MONTHS, YEARS, months_of_year, place_in_year
from dashboard.illustrative.reference import COUNCILS, SAVINGS, served
from dashboard.illustrative.volumes import AUDIT_PROFILE

# Parts of the year's council tax collected by the end of each month: ten instalments from April,
# about 30, 58, 86 and 97 percent at the quarter ends when the year ends at 97.
COUNCIL_TAX_PROFILE = (
    11.5,
    20.7,
    30.0,
    39.3,
    48.7,
    58.0,
    67.4,
    76.7,
    86.0,
    93.0,
    95.3,
    97.0,
)
# Business rates come in a little later and fuller.
BUSINESS_RATES_PROFILE = (
    10.4,
    19.8,
    29.6,
    39.4,
    49.0,
    58.6,
    68.0,
    77.4,
    86.8,
    94.2,
    97.0,
    98.5,
)
# Contracts are let late in the year, so their savings come late.
SAVINGS_PROFILE = (0.04, 0.09, 0.15, 0.23, 0.31, 0.4, 0.48, 0.56, 0.65, 0.76, 0.87, 1.0)
PROCUREMENT_SAVINGS = {
    "havering": 0.9,
    "newham": 1.4,
    "bexley": 0.4,
}  # target for a year, £m

# The years' targets at March. Newham's council tax is harder to collect and its target says so.
YEAR_END = {
    "council_tax_collected": {"havering": 97.0, "newham": 94.8},
    "business_rates_collected": {"havering": 98.5, "newham": 98.5},
    "audit_plan_done": {"havering": 90.0, "newham": 90.0, "bexley": 90.0},
    "procurement_savings": PROCUREMENT_SAVINGS,
}
PROFILES = {
    "council_tax_collected": tuple(part / 97.0 for part in COUNCIL_TAX_PROFILE),
    "business_rates_collected": tuple(part / 98.5 for part in BUSINESS_RATES_PROFILE),
    "audit_plan_done": tuple(part / AUDIT_PROFILE[-1] for part in AUDIT_PROFILE),
    "procurement_savings": SAVINGS_PROFILE,
}


class Aim(NamedTuple):
    """A measure's target and what its tolerance was under each year's rule.

    target: one number, or one for each financial year; points: tolerance in the measure's unit
    in 2015/16 and 2016/17; percent: used instead of points in those years; strict: in 2017/18
    green or red only, otherwise the tolerance in points goes on.
    """

    target: float | tuple[float, float, float, float] | dict[str, float]
    points: float = 0.0
    percent: float = 0.0
    strict: bool = False


AIMS = {
    "incidents_in_time": Aim(90, 3, strict=True),
    "first_contact_fix": Aim((60, 60, 65, 65), 3),
    "ict_availability": Aim(99.5, 0.3, strict=True),
    "priority_1_incidents": Aim(4, 1),
    "ict_user_satisfaction": Aim(80, 5),
    "cost_per_workstation": Aim((330, 320, 310, 300), percent=5),
    "sickness_days": Aim((10, 10, 9.5, 9.5), 0.5),
    "offer_to_contract_days": Aim(10, 2, strict=True),
    "agency_share": Aim(10, 1),
    "apprentices_share": Aim((1.5, 1.5, 2.0, 2.3), 0.3),
    "appraisals_done": Aim(95, 5, strict=True),
    "invoices_in_30_days": Aim((95, 96, 97, 97), 2, strict=True),
    "small_suppliers_in_10_days": Aim((80, 80, 85, 85), 5),
    "payroll_accuracy": Aim(99.75, 0.25, strict=True),
    "sundry_debt_collected": Aim(90, 3),
    "cost_per_invoice": Aim((3.8, 3.7, 3.6, 3.5), percent=5),
    "cost_per_payslip": Aim((3.2, 3.1, 3.0, 2.95), percent=5),
    "new_claims_days": Aim((22, 22, 20, 20), 2, strict=True),
    "benefit_changes_days": Aim((7, 6, 5, 5), 1),
    "cost_per_dwelling": Aim(7, percent=5),
    "days_to_report": Aim((8, 8, 7, 7), 1, strict=True),
    "savings_delivered": Aim(100, percent=5),
    "bank_reconciliations": Aim(100, 3, strict=True),
    "foi_in_time": Aim((85, 85, 90, 90), 5, strict=True),
    "complaints_in_time": Aim(95, 5),
    "ombudsman_upheld": Aim(40, 5),
    "late_committee_reports": Aim((10, 5, 5, 5), 2, strict=True),
    "legal_client_satisfaction": Aim(80, 5),
    "external_counsel": Aim({"havering": 118_000, "newham": 205_000}, percent=10),
    "orders_before_invoice": Aim((92, 95, 97, 97), 2, strict=True),
    "waivers": Aim({"havering": 10, "newham": 14, "bexley": 5}, 2),
    "small_business_share": Aim((22, 23, 25, 25), 2),
    "spend_under_contract": Aim((75, 80, 85, 85), 5),
    "floor_area_good": Aim(88, 2),
    "planned_maintenance": Aim(60, 5),
    "voids": Aim(5, 1),
    "statutory_checks": Aim(100, 2, strict=True),
    "riddor_reports": Aim(3, 1),
    "accidents_per_1000": Aim(12, 2),
    "risk_assessments": Aim(95, 5),
    "recommendations_accepted": Aim(90, 5),
    "days_to_draft": Aim(15, 2),
    "print_orders_on_time": Aim(95, 3, strict=True),
    "cost_per_print_order": Aim(150, percent=5),
    "reviews_on_time": Aim(80, 10),
    "review_actions_done": Aim(85, 5),
    "projects_on_schedule": Aim(75, 10),
    "project_reports_on_time": Aim(95, 5),
}
# Good within a range: midpoint and half its width.
RANGES = {"staff_turnover": (13, 2), "forecast_against_outturn": (0, 1)}

Row = tuple[str, str, str, str, str, str, str]


def _number(value: float) -> str:
    return f"{round(value, 3):g}" if abs(value) < 100_000 else f"{value:.0f}"


def _rule(aim: Aim, year: int) -> tuple[float, str]:
    """Tolerance and rule of a financial year."""
    if year == 2014:
        return 10, "percent_of_target"  # within 10% was the rule of the day
    if year == 2017 and aim.strict:
        return 0, "no_tolerance"  # green or red only, from 2017/18
    if aim.percent:
        return aim.percent, "percent_of_target"
    return aim.points, "points"


def _merged(rows: list[Row]) -> list[Row]:
    """Join rows that follow one another and say the same; the last year's stays open."""
    merged: list[Row] = []
    for row in rows:
        before = merged[-1] if merged else None
        if before and before[:2] == row[:2] and before[4:] == row[4:]:
            merged[-1] = (*before[:3], row[3], *before[4:])
        else:
            merged.append(row)
    return [(*row[:3], "", *row[4:]) if row[3] == MONTHS[-1] else row for row in merged]


def _yearly(measure_id: str, aim: Aim) -> list[Row]:
    by_council = aim.target if isinstance(aim.target, dict) else {"": aim.target}
    rows = []
    for council, target in by_council.items():
        for position, year in enumerate(YEARS):
            months = months_of_year(year)
            if council and not served(BY_ID[measure_id].service_id, council, months):
                continue
            wanted = target[position] if isinstance(target, tuple) else target
            tolerance, rule = _rule(aim, year)
            rows.append((measure_id, council, months[0], months[-1], _number(wanted),
                         _number(tolerance), rule))  # fmt: skip
    return _merged(rows)


def _by_month(measure_id: str) -> list[Row]:
    """A cumulative measure's target for every month: the year's, times the part due by then."""
    rows = []
    for council, year_end in YEAR_END[measure_id].items():
        for month in MONTHS:
            if not served(BY_ID[measure_id].service_id, council, [month]):
                continue
            year = YEARS[MONTHS.index(month) // 12]
            target = year_end * PROFILES[measure_id][place_in_year(month) - 1]
            in_points = 0.05 if measure_id == "procurement_savings" else 1.0
            tolerance, rule = _rule(Aim(year_end, in_points), year)
            rows.append((measure_id, council, month, month, f"{target:.2f}", _number(tolerance),
                         rule))  # fmt: skip
    return rows


def _rent(costs: list[Cost]) -> list[Row]:
    """The rent budget of each quarter's three months, in pounds."""
    rent = rent_received(costs)
    rows = []
    for council in [council for council, *_ in COUNCILS]:
        for start in range(0, len(MONTHS), 3):
            quarter = MONTHS[start : start + 3]
            if (council, quarter[0]) in rent:
                budget = sum(rent[council, month][1] for month in quarter) / 100
                tolerance, rule = _rule(Aim(budget, percent=5), YEARS[start // 12])
                rows.append(("commercial_rent", council, quarter[0], quarter[-1],
                             f"{budget:.0f}", _number(tolerance), rule))  # fmt: skip
    return _merged(rows)


def target_rows(costs: list[Cost]) -> list[Row]:
    """measure_id, council_id, from, to, target, tolerance, rule; in the order of the measures."""
    rows: list[Row] = []
    for measure_id in BY_ID:
        if measure_id in YEAR_END:
            rows += _by_month(measure_id)
        elif measure_id == "commercial_rent":
            rows += _rent(costs)
        elif measure_id == "service_savings":
            for year, (_, target) in SAVINGS.items():
                months = months_of_year(year)
                rows.append((measure_id, "", months[0], months[-1], _number(target), "0",
                             "no_tolerance"))  # fmt: skip
        elif measure_id in RANGES:
            middle, half = RANGES[measure_id]
            rows.append((measure_id, "", MONTHS[0], "", _number(middle), _number(half),
                         "within_range"))  # fmt: skip
        elif measure_id in AIMS:
            rows += _yearly(measure_id, AIMS[measure_id])
    return rows
