"""How much work there was: pieces of work a month by service and council.

The same counts are the denominators of the cost and share measures, so that a cost per invoice
and the number of invoices can be laid side by side.
"""

from typing import NamedTuple

import numpy as np

from dashboard.illustrative.chance import stream
from dashboard.illustrative.periods import INDEX, MONTHS, place_in_year, year_of
from dashboard.illustrative.reference import served


def each(havering: float, newham: float, bexley: float | None = None) -> dict[str, float]:
    """One number for each council, in the order of their joining; Bexley's only if it has one."""
    numbers = {"havering": havering, "newham": newham}
    return numbers if bexley is None else numbers | {"bexley": bexley}


class Work(NamedTuple):
    """One unit of work: its usual month in each council, and how it moves."""

    service_id: str
    unit: str
    usual: dict[str, float]
    is_stock: bool = False  # a stock (dwellings) is a level at month end, not a flow to add up
    yearly_growth: float = 0.0
    season: tuple[float, ...] = (1.0,) * 12  # April first
    spread: float = 0.04  # month-to-month variation beyond pure chance, as a share


# Invoices and orders rush in before the year end, and April is thin.
YEAR_END_RUSH = (0.88, 0.95, 0.98, 1.0, 0.92, 0.98, 1.0, 1.03, 0.9, 0.98, 1.05, 1.33)
# Holidays thin out August and December.
HOLIDAYS = (0.98, 0.98, 1.02, 1.0, 0.9, 1.08, 1.06, 1.04, 0.82, 1.08, 1.02, 1.02)
# Cold months bring boilers and pipes.
WINTER = (0.95, 0.9, 0.88, 0.87, 0.86, 0.94, 1.02, 1.1, 1.12, 1.2, 1.12, 1.04)
# Bills and budget papers go out in February and March.
BILLING = (1.05, 0.95, 0.92, 0.9, 0.85, 0.98, 1.02, 1.02, 0.9, 0.98, 1.16, 1.27)
# New benefit claims follow the new year's bills and the winter.
CLAIMS = (1.12, 1.02, 0.98, 0.97, 0.95, 1.0, 1.0, 1.0, 0.82, 1.08, 1.02, 1.04)

WORK = [
    Work("ict", "tickets", each(3900, 5600, 1900), False, -0.02, HOLIDAYS),
    Work("ict", "workstations", each(3150, 4700, 1500), True, 0.005),
    Work("hr", "FTE supported", each(2350, 3480, 1260), True, -0.02),
    Work("hr", "contracts issued", each(46, 72, 24), False, 0.0, HOLIDAYS),
    Work("exchequer", "payslips", each(5900, 8100, 3200), False, -0.015,
         spread=0.008),
    Work("exchequer", "invoices", each(8200, 12500, 4300), False, -0.01,
         YEAR_END_RUSH),
    Work("council_tax_benefits", "dwellings", each(101_600, 107_800), True, 0.009),
    Work("council_tax_benefits", "benefit claims", each(620, 1180), False, -0.06,
         CLAIMS),
    Work("finance", "bank reconciliations", each(38, 46, 24), True),
    Work("finance", "budget holders", each(310, 420, 190), True, -0.02),
    Work("legal_governance", "FOI requests", each(104, 132), False, 0.04,
         HOLIDAYS, 0.06),
    Work("legal_governance", "complaints", each(138, 226), False, 0.01, HOLIDAYS,
         0.06),
    Work("procurement", "purchase orders", each(3100, 4400, 1500), False,
         -0.02, YEAR_END_RUSH),
    Work("asset_management", "square metres", each(268_000, 402_000), True, -0.01),
    Work("asset_management", "repair jobs", each(640, 980), False, 0.01, WINTER),
    Work("health_safety", "risk assessments", each(184, 263, 112), True),
    Work("printing", "print orders", each(330, 410), False, -0.05, BILLING),
    Work("printing", "pages", each(820_000, 990_000), False, -0.07, BILLING),
    Work("business_improvement", "reviews", each(3, 4), False, spread=0.0),
    Work("pmo", "projects", each(27, 34), True),
]  # fmt: skip

HEADCOUNT = "FTE supported"  # the staff of a council, whatever else it takes

AUDITS_PLANNED = {"havering": 62, "newham": 80, "bexley": 34}  # a year
# Audits done by the end of each month, as a share of the plan: slow in summer, a rush in March.
AUDIT_PROFILE = (0.02, 0.05, 0.1, 0.16, 0.21, 0.28, 0.36, 0.44, 0.52, 0.61, 0.73, 0.915)

Volumes = dict[tuple[str, str, str], int]  # (unit, council_id, month): pieces of work


def draw_volumes(seed: int) -> Volumes:
    """Pieces of work by unit, council and month, wherever the service was taken."""
    volumes: Volumes = {}
    for work in WORK:
        for council, usual in work.usual.items():
            random = stream(seed, "volumes", work.unit, council)
            drift = np.cumsum(random.normal(0, 0.001, len(MONTHS)))
            for month in MONTHS:
                position = INDEX[month]
                level = usual * (1 + work.yearly_growth * position / 12)
                wobble = random.normal(0, work.spread)
                drawn = int(random.poisson(level * work.season[place_in_year(month) - 1]
                                           * max(0.5, 1 + wobble)))  # fmt: skip
                quantity = round(level * (1 + drift[position])) if work.is_stock else drawn
                if served(work.service_id, council, [month]):
                    volumes[work.unit, council, month] = max(1, quantity)
    for council, planned in AUDITS_PLANNED.items():
        random = stream(seed, "volumes", "audits", council)
        for month in MONTHS:
            place = place_in_year(month)
            if place == 1:
                done, pace = 0, random.normal(1, 0.02)
            wobble = random.normal(0, 0.012)
            wanted = round(planned * min(1.0, AUDIT_PROFILE[place - 1] * pace + wobble))
            quantity = max(0, wanted - done)
            done += quantity
            if served("internal_audit", council, [month]):
                volumes["audits", council, month] = quantity
    return volumes


def volume_rows(volumes: Volumes) -> dict[int, list[tuple[str, ...]]]:
    """period, service_id, council_id, unit, quantity, kind; by financial year."""
    service_of = {work.unit: work.service_id for work in WORK} | {"audits": "internal_audit"}
    kinds = {work.unit: "level" for work in WORK if work.is_stock} | {HEADCOUNT: "headcount"}
    rows: dict[int, list] = {}
    for month in MONTHS:
        for (unit, council, when), quantity in volumes.items():
            if when == month:
                kind = kinds.get(unit, "flow")
                row = (month, service_of[unit], council, unit, str(quantity), kind)
                rows.setdefault(year_of(month), []).append(row)
    return rows
