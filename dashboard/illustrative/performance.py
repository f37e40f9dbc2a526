"""The performance files: every measure, council and period, with the stories planted in them.

A series is a level with a slow drift, a season, some persistence and noise, and the chance that
its denominator brings: a share of 100 requests jumps about, a share of 8,000 invoices does not.
"""

from typing import NamedTuple

from dashboard.illustrative.chance import stream
from dashboard.illustrative.measures import BY_ID, Measure
from dashboard.illustrative.money import Cost, rent_received, shared_spending
from dashboard.illustrative.periods import (
    INDEX,
    MONTHS,
    NEWEST,
    YEARS,
    place_in_year,
    reporting_periods,
    year_of,
)
from dashboard.illustrative.reference import PUBLISHED_VALUES, served
from dashboard.illustrative.targets import (
    PROCUREMENT_SAVINGS,
    PROFILES,
    SAVINGS_PROFILE,
)
from dashboard.illustrative.volumes import AUDITS_PLANNED, WORK, Volumes, each


class Shape(NamedTuple):
    """A change of level: a step between two months (inclusive), or a ramp that then stays."""

    start: str
    end: str
    change: float
    council: str = ""  # empty: all councils
    is_ramp: bool = False

    def at(self, month: str) -> float:
        """How much it adds to the level in a month."""
        if month < self.start:
            return 0.0
        if not self.is_ramp:
            return self.change if month <= self.end else 0.0
        span = INDEX[self.end] - INDEX[self.start]
        return self.change * min(1.0, (INDEX[month] - INDEX[self.start]) / span)


class Series(NamedTuple):
    """How a measure's values are drawn.

    family: share (of things counted; chance follows the denominator) · amount_share (of money,
    staff or area; noise only) · ratio (days or pounds for each of something) · rate_per_1000 ·
    count · whole_days · gbp · downtime.
    over: the denominator a month, by council, or the unit of work that is the denominator.
    part: the part of that unit which counts.
    """

    family: str
    level: dict[str, float]
    over: dict[str, float] | str = ""
    part: float = 1.0
    drift: float = 0.0  # a year, in the measure's unit
    noise: float = 0.0  # standard deviation, in the measure's unit
    season: dict[int, float] | None = None  # period of the year (April 1): change of level
    shapes: tuple[Shape, ...] = ()
    persistence: float = 0.0  # share of a month's deviation still there a month later


ENDLESS = NEWEST  # a step that lasts until the newest month

SERIES = {
    # ICT
    "incidents_in_time": Series(
        "share", each(90.4, 89.6, 91.6), "tickets", noise=1.1, drift=0.2,
        shapes=(Shape("2017-05", "2017-10", -4.6, "bexley", True),),
    ),
    "first_contact_fix": Series(
        "share", each(60.6, 59.4, 60.2), "tickets", noise=0.9,
        shapes=(Shape("2016-09", "2016-10", -2.2), Shape("2016-11", ENDLESS, 5.2)),
    ),
    "ict_availability": Series(
        "downtime", each(99.55, 99.5, 99.6), each(291_000, 291_000, 212_000),
        shapes=(Shape("2017-12", "2017-12", -1.9, "newham"),),
    ),
    "priority_1_incidents": Series("count", each(3.6, 4.4, 2.4)),
    "ict_user_satisfaction": Series(
        "share", each(80.5, 77.5, 83), "tickets", 0.085, noise=0.6,
        shapes=(Shape("2016-11", ENDLESS, 2.0),
                Shape("2017-05", "2017-10", -7.0, "bexley", True)),
    ),
    "cost_per_workstation": Series(
        "ratio", each(326, 331, 318), "workstations", noise=3, drift=-9,
    ),
    # HR & OD
    "sickness_days": Series(
        "ratio", each(10.1, 9.75, 9.15), "FTE supported", noise=0.05, persistence=0.8,
        shapes=(Shape("2014-04", "2016-03", 0.36, "havering", True),
                Shape("2016-03", "2017-09", -1.18, "havering", True),
                Shape("2017-09", NEWEST, -0.04, "havering", True),
                Shape("2015-10", "2017-06", 0.3, "newham", True)),
    ),
    "staff_turnover": Series(
        "amount_share", each(13.2, 13.7, 12.4), "FTE supported", 1.17, noise=0.22,
        persistence=0.85, shapes=(Shape("2017-04", NEWEST, 1.3, "newham", True),),
    ),
    "offer_to_contract_days": Series(
        "ratio", each(9.0, 9.4, 8.6), "contracts issued", noise=0.75, season={5: 0.5, 9: 0.6},
        shapes=(Shape("2017-04", NEWEST, 4.6, "newham", True),),
    ),
    "agency_share": Series(
        "amount_share", each(9.6, 12.2, 9.2), each(2600, 3960, 1390), noise=0.22, drift=-0.3,
        persistence=0.3, shapes=(Shape("2017-06", NEWEST, 1.4, "newham", True),),
    ),
    "apprentices_share": Series(
        "amount_share", each(1.25, 1.1, 1.4), "FTE supported", 1.17, noise=0.05, drift=0.28,
    ),
    "appraisals_done": Series(
        "amount_share", each(90.5, 84, 93), "FTE supported", 1.1, noise=1.4, drift=0.4,
        season={3: -2.5, 12: 2.2},
    ),
    # Exchequer & Transactional
    "invoices_in_30_days": Series(
        "share", each(96.2, 95.5, 96.9), "invoices", noise=0.36, drift=0.08,
        season={12: -0.3, 1: -0.2},
        shapes=(Shape("2016-11", "2017-01", -2.4), Shape("2016-12", "2016-12", -0.6),
                Shape("2017-03", NEWEST, 2.0, "newham", True),
                Shape("2017-03", NEWEST, 1.0, "havering", True),
                Shape("2017-03", NEWEST, -3.6, "bexley", True)),
    ),
    "small_suppliers_in_10_days": Series(
        "share", each(85.4, 83.6, 84.8), "invoices", 0.17, noise=0.8,
        season={12: -1.0, 9: -0.6},
        shapes=(Shape("2016-11", "2017-01", -6.8), Shape("2016-12", "2016-12", -2.4)),
    ),
    "payroll_accuracy": Series(
        "share", each(99.7, 99.62, 99.76), "payslips", noise=0.05, season={1: -0.1},
    ),
    "sundry_debt_collected": Series(
        "amount_share", each(89.4, 87.6, 90.2), each(1_900_000, 3_100_000, 850_000), noise=0.85,
        drift=0.15,
    ),
    "cost_per_invoice": Series("ratio", each(3.74, 3.86, 3.66), "invoices", noise=0.05,
                               drift=-0.09),
    "cost_per_payslip": Series("ratio", each(3.16, 3.22, 3.05), "payslips", noise=0.04,
                               drift=-0.07),
    # Council Tax & Benefits; the collections are drawn in _collected
    "new_claims_days": Series(
        "ratio", each(22.2, 23.4), "benefit claims", 0.96, noise=0.7, drift=-0.1,
        season={1: 0.8, 2: 0.5, 9: 0.6},
    ),
    "benefit_changes_days": Series(
        "ratio", each(6.3, 6.9), "benefit claims", 6.5, noise=0.45, drift=-0.45,
        season={12: -1.0, 1: 0.6},
    ),
    "cost_per_dwelling": Series("ratio", each(7.15, 7.35), "dwellings", noise=0.06, drift=-0.08),
    # Finance
    "days_to_report": Series("whole_days", each(7.3, 7.7, 6.8), noise=0.8, drift=-0.12,
                             season={12: 1.6, 1: 0.9}),
    "forecast_against_outturn": Series("amount_share", each(0.25, -0.15, 0.1), "shared spending",
                                       noise=0.75),
    "savings_delivered": Series("amount_share", each(97, 93, 98),
                                each(160_000, 235_000, 42_000), noise=4.5),
    "bank_reconciliations": Series("share", each(97.6, 96.4, 98.2), "bank reconciliations",
                                   season={1: -2.0}),
    # Legal & Governance
    "foi_in_time": Series("share", each(90.2, 89.8), "FOI requests", 0.98),
    "complaints_in_time": Series(
        "share", each(94.2, 93.0), "complaints", 0.97, noise=0.5,
        shapes=(Shape("2016-04", ENDLESS, -5.4), Shape("2016-08", "2017-12", 2.6, "", True)),
    ),
    "ombudsman_upheld": Series("share", each(38, 44), each(4.6, 7.6)),
    "late_committee_reports": Series("share", each(6.0, 14.8), each(47, 62), noise=0.4),
    "legal_client_satisfaction": Series("share", each(82, 78.5), each(22, 31), drift=0.6),
    "external_counsel": Series("gbp", each(117_000, 208_000), noise=13_000),
    # Procurement; the savings are drawn in _saved
    "orders_before_invoice": Series(
        "share", each(92.6, 91.2, 94.2), "purchase orders", noise=0.55, season={12: -0.7},
        shapes=(Shape("2015-04", "2017-06", 3.4, "", True),),
    ),
    "waivers": Series("count", each(9.5, 14.5, 4.2), season={12: 2.5}),
    "small_business_share": Series(
        "amount_share", each(23.4, 22.2, 25.2), each(15_800_000, 24_900_000, 8_300_000),
        noise=0.9, drift=0.45,
    ),
    "spend_under_contract": Series(
        "amount_share", each(75, 71.5, 78), each(15_800_000, 24_900_000, 8_300_000),
        noise=1.1, drift=2.0,
    ),
    # Asset Management; rent comes from the costs
    "floor_area_good": Series("amount_share", each(87.6, 86.2), "square metres", noise=0.35,
                              drift=-0.2),
    "planned_maintenance": Series(
        "amount_share", each(59.4, 56.8), each(212_000, 330_000), noise=2.3,
        season={8: -1.2, 9: -1.6, 10: -2.4, 11: -1.4},
    ),
    "voids": Series(
        "amount_share", each(4.6, 5.2), each(164, 418), noise=0.4, persistence=0.3,
        shapes=(Shape("2017-04", NEWEST, 3.4, "newham", True),),
    ),
    "statutory_checks": Series(
        "share", each(98.6, 98.1), each(424, 643), noise=0.3,
        shapes=(Shape("2015-10", ENDLESS, -2.3), Shape("2015-12", "2017-03", 1.5, "", True)),
    ),
    # Health & Safety
    "riddor_reports": Series("count", each(2.2, 3.1, 1.5)),
    "accidents_per_1000": Series("rate_per_1000", each(12.2, 13, 11.2), "FTE supported", 1.17),
    "risk_assessments": Series("share", each(94.6, 91.8, 95.6), "risk assessments", noise=0.6,
                               drift=0.35),
    # Internal Audit; the plan done comes from the audits counted
    "recommendations_accepted": Series("share", each(92, 90.5, 93), each(14, 19, 9)),
    "days_to_draft": Series("ratio", each(14.8, 15.7, 14.2), each(5, 6.5, 3), noise=1.3,
                            season={12: 1.8}),
    # Printing, Business Improvement and the Project Management Office
    "print_orders_on_time": Series("share", each(96, 95.2), "print orders", noise=0.3,
                                   season={11: -0.9, 12: -1.2}),
    "cost_per_print_order": Series("ratio", each(147, 152), "print orders", noise=3.5, drift=1.5),
    "reviews_on_time": Series("share", each(80, 76), "reviews"),
    "review_actions_done": Series("share", each(84, 81), each(9, 12)),
    "projects_on_schedule": Series("share", each(74, 71), "projects"),
    "project_reports_on_time": Series("share", each(94, 92.5), "projects"),
}  # fmt: skip

# These measures are the counts of work themselves.
COUNTS_OF_WORK = {
    "ict_tickets": "tickets",
    "contracts_issued": "contracts issued",
    "invoices_handled": "invoices",
    "payslips_issued": "payslips",
    "claims_received": "benefit claims",
    "foi_received": "FOI requests",
    "orders_raised": "purchase orders",
    "repair_jobs": "repair jobs",
    "pages_printed": "pages",
}

# Havering's new claims: eight falls in a row to the newest month, each small enough to be taken
# for chance on its own. Days at the end of each month, from July 2017.
CLAIMS_STORY = dict(
    zip(MONTHS[-9:], (22.6, 22.2, 21.7, 21.1, 20.8, 20.1, 19.6, 19.2, 18.5), strict=True)
)

# Percent collected by March of each year, and what the collections are out of, £ million a year.
COUNCIL_TAX = {
    "havering": ((96.9, 97.1, 97.2, 97.0), (117.2, 121.4, 126.8, 132.9)),
    "newham": ((94.3, 94.8, 95.1, 95.2), (70.9, 73.6, 77.9, 82.0)),
}
BUSINESS_RATES = {
    "havering": ((98.3, 98.6, 98.7, 98.4), (74.8, 75.9, 76.4, 79.1)),
    "newham": ((97.8, 98.2, 98.6, 98.6), (112.5, 115.8, 118.0, 124.3)),
}

# Nothing arrived for these: no row at all, which is not zero.
NEVER_ARRIVED = {
    ("foi_in_time", "havering", "2014-12"),
    ("projects_on_schedule", "havering", "2015-05"),
    ("ict_user_satisfaction", "newham", "2015-08"),
    ("voids", "newham", "2016-02"),
    ("apprentices_share", "newham", "2016-17 Q3"),
    ("risk_assessments", "bexley", "2017-08"),
    ("planned_maintenance", "newham", "2018-03"),
}
# A return that came a month late and stands in the next month's file: service, council, month.
CAME_LATE = ("hr", "newham", "2016-11")
# Bexley's returns hide counts of people from 1 to 4.
SUPPRESSED_MEASURES = ("riddor_reports", "waivers", "accidents_per_1000")
SUPPRESSED_BELOW = 5

Row = tuple[str, str, str, str, str, str, str, str, str]


def performance_rows(seed: int, volumes: Volumes, costs: list[Cost]) -> dict[str, list[Row]]:
    """The performance files' rows by the month of the file.

    Columns: period, service_id, council_id, measure_id, value, numerator, denominator, status,
    source. Grain: one row for each measure, council served throughout the period, and period.
    """
    spending = shared_spending(costs)
    rent = rent_received(costs)
    files: dict[str, list[Row]] = {month: [] for month in MONTHS}
    for measure in BY_ID.values():
        for council in ("all", "havering", "newham", "bexley"):
            drawn = _draw(seed, measure, council, volumes, spending, rent)
            for period, months in reporting_periods(measure.frequency):
                key = (measure.measure_id, council, period)
                if period not in drawn or key in NEVER_ARRIVED:
                    continue
                if not served(measure.service_id, council, months):
                    continue
                month = months[-1]
                if (measure.service_id, council, month) == CAME_LATE:
                    month = MONTHS[INDEX[month] + 1]
                files[month].append(_row(measure, council, period, months[-1], drawn[period]))
    for rows in files.values():
        rows.sort(key=lambda row: (row[1], row[3], row[2], row[0]))
    return files


def _row(measure: Measure, council: str, period: str, last: str, drawn: tuple) -> Row:
    value, numerator, denominator = drawn
    status = "provisional" if last == NEWEST else "final"
    source = PUBLISHED_VALUES.get((measure.measure_id, council, period), ("", ""))[1]
    small = numerator if numerator is not None else value
    if (
        council == "bexley"
        and measure.measure_id in SUPPRESSED_MEASURES
        and 0 < small < SUPPRESSED_BELOW
    ):
        text, numerator, denominator = f"<{SUPPRESSED_BELOW}", None, None
        status = "suppressed"
    elif denominator is None and measure.unit != "£m":  # counts, whole days and whole pounds
        text = f"{value:.0f}"
    else:
        text = f"{value:.2f}"
    return (
        period, measure.service_id, council, measure.measure_id, text,
        "" if numerator is None else str(numerator),
        "" if denominator is None else str(denominator), status, source,
    )  # fmt: skip


def _draw(seed, measure, council, volumes, spending, rent) -> dict[str, tuple]:
    """One series: period to value, numerator and denominator (None where it has none)."""
    name = measure.measure_id
    periods = reporting_periods(measure.frequency)
    random = stream(seed, "performance", name, council)
    if name == "service_savings":
        return {
            period: (value, None, None)
            for (measure_id, where, period), (value, _) in PUBLISHED_VALUES.items()
            if (measure_id, where) == (name, council)
        }
    if name in COUNTS_OF_WORK:
        unit = COUNTS_OF_WORK[name]
        return {
            period: (volumes[unit, council, months[-1]], None, None)
            for period, months in periods
            if (unit, council, months[-1]) in volumes
        }
    if name == "commercial_rent":
        return {
            period: (sum(rent[council, month][0] for month in months) / 100, None, None)
            for period, months in periods
            if (council, months[0]) in rent
        }
    if name in ("council_tax_collected", "business_rates_collected"):
        return _collected(random, name, council)
    if name == "audit_plan_done":
        return _audited(council, volumes)
    if name == "procurement_savings":
        return _saved(random, council, periods)
    series = SERIES[name]
    if council not in series.level:
        return {}
    return _series(random, series, name, council, periods, volumes, spending)


def _series(random, series, name, council, periods, volumes, spending) -> dict[str, tuple]:
    drawn = {}
    deviation = 0.0
    for period, months in periods:
        month = months[-1]
        # Chance is drawn for every period, served or not, so that dates of joining can move
        # without changing the rest of the series.
        deviation = series.persistence * deviation + random.normal(0, 1) * series.noise
        level = series.level[council] + series.drift * INDEX[month] / 12 + deviation
        level += (series.season or {}).get(place_in_year(month), 0.0)
        level += sum(s.at(month) for s in series.shapes if s.council in ("", council))
        if (name, council) == ("new_claims_days", "havering") and month in CLAIMS_STORY:
            level = CLAIMS_STORY[month]
        whole = _denominator(series, council, months, volumes, spending)
        if whole == 0:
            continue
        drawn[period] = _value(random, series, level, whole)
        published = PUBLISHED_VALUES.get((name, council, period))
        if published:
            drawn[period] = (published[0], round(published[0] * whole), whole)
    return drawn


def _denominator(series, council, months, volumes, spending) -> int | None:
    """The denominator of a period: flows add up, stocks are averaged over it."""
    if series.over == "":
        return None
    if series.over == "shared spending":
        return round(sum(spending.get((council, month), 0) for month in months) / 100)
    if isinstance(series.over, str):
        counts = [volumes.get((series.over, council, month)) for month in months]
        if None in counts:
            return 0
        is_stock = any(work.unit == series.over and work.is_stock for work in WORK)
        total = sum(counts) / len(counts) if is_stock else sum(counts)
        return round(total * series.part)
    # All of these that are reported by the quarter are flows, so they add up over its months.
    return round(series.over[council] * len(months))


def _value(random, series, level, whole) -> tuple:
    """Value, numerator and denominator of one period."""
    family = series.family
    if family == "share":
        numerator = int(random.binomial(whole, min(1.0, max(0.0, level / 100))))
        return 100 * numerator / whole, numerator, whole
    if family == "amount_share":
        numerator = round(whole * level / 100)
        return 100 * numerator / whole, numerator, whole
    if family == "ratio":
        numerator = round(whole * level)
        return numerator / whole, numerator, whole
    if family == "rate_per_1000":
        numerator = int(random.poisson(whole * level / 1000))
        return 1000 * numerator / whole, numerator, whole
    if family == "downtime":
        # Outages are many and short with a few long ones: a gamma of shape 6 around the level.
        lost = round(whole * (100 - level) / 100 * random.gamma(6) / 6)
        return 100 * (whole - lost) / whole, whole - lost, whole
    if family == "count":
        return int(random.poisson(level)), None, None
    if family == "whole_days":
        # Nobody closes in under five working days; ten is when the next period's work begins.
        return min(10, max(5, round(level))), None, None
    if family == "gbp":
        return round(level), None, None
    raise ValueError(f"family {family!r} of a series is not known")


def _collected(random, name, council) -> dict[str, tuple]:
    """Percent of the year's council tax or business rates collected so far, by month."""
    table = COUNCIL_TAX if name == "council_tax_collected" else BUSINESS_RATES
    if council not in table:
        return {}
    drawn = {}
    for month in MONTHS:
        position = YEARS.index(year_of(month))
        year_end, due = (part[position] for part in table[council])
        place = place_in_year(month)
        # The month end falls before or after a pay day; at the year end that no longer counts.
        noise = random.normal(0, 0.18 if place < 10 else 0.04)
        percent = year_end * PROFILES[name][place - 1] + noise
        if place == 12:
            percent = year_end + noise
        whole = round(due * 1e6)
        percent = PUBLISHED_VALUES.get((name, council, month), (percent,))[0]
        numerator = round(whole * percent / 100)
        drawn[month] = (100 * numerator / whole, numerator, whole)
    return drawn


def _audited(council, volumes) -> dict[str, tuple]:
    drawn, done = {}, 0
    for month in MONTHS:
        if ("audits", council, month) not in volumes:
            continue
        done = volumes["audits", council, month] + (0 if place_in_year(month) == 1 else done)
        planned = AUDITS_PLANNED[council]
        drawn[month] = (100 * done / planned, done, planned)
    return drawn


def _saved(random, council, periods) -> dict[str, tuple]:
    """Savings from procurement since April, £m, by quarter."""
    if council not in PROCUREMENT_SAVINGS:
        return {}
    drawn, saved = {}, 0.0
    for period, months in periods:
        place = place_in_year(months[-1])
        before = SAVINGS_PROFILE[place - 4] if place > 3 else 0.0
        part = SAVINGS_PROFILE[place - 1] - before
        saved = (saved if place > 3 else 0.0) + PROCUREMENT_SAVINGS[council] * part * max(
            0.3, random.normal(1.0, 0.18)
        )
        drawn[period] = (saved, None, None)
    return drawn
