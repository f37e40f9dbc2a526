"""The customer survey (oKPI1): made-up counts that give the published shares exactly.

Satisfied means very or fairly satisfied. Respondents are those who gave one of the five
answers; don't knows are counted apart and left out of the share.
"""

import numpy as np

from dashboard.illustrative.chance import stream
from dashboard.illustrative.reference import (
    SERVICES,
    SURVEY_CUSTOMERS,
    SURVEY_OVERALL,
    SURVEY_TEAMS,
    served,
)

CUSTOMERS = ("havering", "newham", "bexley", "onesource_staff")

# Respondents in March 2017 by service, in the order of CUSTOMERS. The totals are such that the
# published shares of the customers average to the published 75%, and a few cells are under ten
# people, as in any real survey of this size.
RESPONDENTS = {
    "finance": (58, 82, 34, 16),
    "internal_audit": (24, 30, 8, 11),
    "hr": (76, 116, 21, 38),
    "health_safety": (18, 19, 6, 8),
    "ict": (118, 176, 22, 52),
    "asset_management": (44, 66, 0, 22),
    "legal_governance": (52, 74, 0, 24),
    "exchequer": (66, 98, 23, 34),
    "council_tax_benefits": (34, 58, 0, 9),
    "procurement": (32, 44, 7, 15),
    "printing": (22, 28, 0, 10),
    "business_improvement": (13, 15, 0, 12),
    "pmo": (12, 14, 0, 8),
}

# wave: how many answered in each customer, against March 2017. October 2017 drew more answers
# from Havering, whose high share lifts the headline to 82 while Bexley falls.
WAVES = {
    "2015-03": (0.97, 0.92, 0.0, 1.0),
    "2015-10": (1.0, 0.95, 0.0, 1.03),
    "2016-10": (0.98, 0.97, 0.94, 1.0),
    "2017-03": (1.0, 1.0, 1.0, 1.0),
    "2017-10": (1.24, 0.8, 1.03, 1.08),
}
# Made-up shares (percent) where none are published; the overall share follows from them.
_EARLIER = {
    "2015-03": {"havering": 74, "newham": 63, "onesource_staff": 77},
    "2015-10": {"havering": 76, "newham": 62, "onesource_staff": 79},
    "2016-10": {"havering": 79, "newham": 62, "bexley": 86, "onesource_staff": 80},
}
CUSTOMER_PERCENT = _EARLIER | SURVEY_CUSTOMERS
# How a team stands against its customers' average, in log odds, where nothing is published.
_LEANING = {
    "health_safety": 1.6,
    "printing": 1.3,
    "internal_audit": 0.5,
    "business_improvement": 0.5,
    "finance": 0.35,
    "pmo": 0.35,
    "legal_governance": 0.1,
    "procurement": -0.1,
    "exchequer": -0.2,
    "hr": -0.3,
    "ict": -0.35,
    "asset_management": -0.45,
    "council_tax_benefits": 0.0,
}
VERY_SATISFIED = 0.38  # of the satisfied; "fairly" is the more common answer in such surveys
DISSATISFIED_SPLIT = (0.5, 0.32, 0.18)  # neither, fairly and very dissatisfied
DONT_KNOW = 0.03  # of those who answer
RESPONSE_RATE = 0.31  # usual for a staff survey by email


def _respondents(random: np.random.Generator, wave: str, services: list[str]) -> np.ndarray:
    """Respondents by service and customer; none where the service was not taken."""
    counts = np.array([RESPONDENTS[service] for service in services])
    if wave not in SURVEY_TEAMS:  # the published teams need these very counts
        scaled = counts * np.array(WAVES[wave]) * random.normal(1, 0.05, counts.shape)
        counts = np.where(counts > 0, np.maximum(3, np.rint(scaled)), 0).astype(int)
    taken = np.array([[served(s, customer, [wave]) for customer in CUSTOMERS] for s in services])
    return counts * taken


def _satisfied(random: np.random.Generator, wave: str, services: list[str], asked: np.ndarray):
    """Whole numbers satisfied, so that every published share comes out after rounding."""
    leaning = np.array([_LEANING[service] for service in services])
    leaning = leaning[:, None] + random.normal(0, 0.15, asked.shape)
    satisfied = np.zeros(asked.shape, dtype=int)
    for column, customer in enumerate(CUSTOMERS):
        people = asked[:, column]
        if not people.sum():
            continue
        total = round(people.sum() * CUSTOMER_PERCENT[wave][customer] / 100)
        low, high = -10.0, 10.0  # bisect the customer's own log odds to its total
        for _ in range(60):
            middle = (low + high) / 2
            expected = people / (1 + np.exp(-(middle + leaning[:, column])))
            low, high = (middle, high) if expected.sum() < total else (low, middle)
        satisfied[:, column] = np.floor(expected)
        rest = np.argsort(satisfied[:, column] - expected, kind="stable")
        satisfied[rest[: total - satisfied[:, column].sum()], column] += 1
    # Teams with a published share take from, or give to, the other teams of the same customer,
    # one person at a time and where it shows least, so that the customers' totals stay.
    published = SURVEY_TEAMS.get(wave, {})
    others = [i for i, service in enumerate(services) if service not in published]
    for service, percent in published.items():
        team = services.index(service)
        missing = round(asked[team].sum() * percent / 100) - satisfied[team].sum()
        step = int(np.sign(missing))
        for _ in range(abs(missing)):
            room = asked[team] - satisfied[team] if step > 0 else satisfied[team].copy()
            column = int(np.argmax(room / np.maximum(asked[team], 1)))
            share = satisfied[others, column] / np.maximum(asked[others, column], 1)
            spare = np.where(asked[others, column] > 20, share * step, -np.inf)
            other = others[int(np.argmax(spare))]
            satisfied[team, column] += step
            satisfied[other, column] -= step
    return satisfied


def survey_rows(seed: int) -> dict[str, list[tuple[str, ...]]]:
    """The satisfaction files' rows by wave: one row a service and customer."""
    services = [service for service, *_ in SERVICES if service != "onesource"]
    rows: dict[str, list] = {}
    for wave in WAVES:
        random = stream(seed, "survey", wave)
        asked = _respondents(random, wave, services)
        satisfied = _satisfied(random, wave, services, asked)
        if wave in SURVEY_OVERALL:
            overall = 100 * satisfied.sum() / asked.sum()
            if round(overall) != SURVEY_OVERALL[wave]:
                raise ArithmeticError(f"{wave}: {overall:.2f}% overall, {SURVEY_OVERALL[wave]} due")
        for i, service in enumerate(services):
            for j, customer in enumerate(CUSTOMERS):
                if not asked[i, j]:
                    continue
                people, happy = int(asked[i, j]), int(satisfied[i, j])
                very = int(random.binomial(happy, VERY_SATISFIED))
                neither, fairly_not, very_not = random.multinomial(
                    people - happy, DISSATISFIED_SPLIT
                )
                dont_know = int(random.binomial(people, DONT_KNOW))
                invited = round((people + dont_know) / random.normal(RESPONSE_RATE, 0.02))
                numbers = (invited, people, happy, very, happy - very, neither, fairly_not,
                           very_not, dont_know)  # fmt: skip
                rows.setdefault(wave, []).append((wave, service, customer, *map(str, numbers), ""))
    return rows
