"""Who is served by what, since when, at which share of the cost, and what happened on the way.

Names, groups and the real dates come from published council papers; which further services
Bexley took, and all cost shares but one, are made up.
"""

from typing import NamedTuple

from dashboard.illustrative.periods import MONTHS, YEARS, year_label

COMMITTEE = "oneSource Joint Committee papers"
COMMITTEE_2018 = "oneSource Joint Committee, August 2018"
ANNUAL_REPORT = "oneSource annual report"
SCRUTINY = "Overview and scrutiny papers"
COUNCIL_PAPERS = "Published council papers (democracy.havering.gov.uk; jobs.themj.co.uk)"

# service_id, name, group, position (the order of the service groups in the papers), overhead, main
# unit. That the last two serve the other services, and by which unit a cost is told, is made up.
SERVICES = [
    ("onesource", "Whole service", "Whole service", 99, "no", ""),
    ("finance", "Finance", "Finance", 1, "no", "budget holders"),
    ("internal_audit", "Internal Audit & Counter Fraud", "Finance", 2, "no", "audits"),
    ("hr", "HR & OD", "HR & OD", 3, "no", "FTE supported"),
    ("health_safety", "Health & Safety", "HR & OD", 4, "no", "risk assessments"),
    ("ict", "ICT", "ICT", 5, "no", "workstations"),
    ("asset_management", "Asset Management", "Asset Management", 6, "no", "square metres"),
    ("legal_governance", "Legal & Governance", "Legal & Governance", 7, "no", "FOI requests"),
    ("exchequer", "Exchequer & Transactional", "Exchequer & Transactional", 8, "no", "invoices"),
    (
        "council_tax_benefits",
        "Council Tax & Benefits",
        "Exchequer & Transactional",
        9,
        "no",
        "dwellings",
    ),
    ("procurement", "Procurement", "Business Services", 10, "no", "purchase orders"),
    ("printing", "Printing", "Business Services", 11, "no", "print orders"),
    ("business_improvement", "Business Improvement", "Business Services", 12, "yes", "reviews"),
    ("pmo", "Project Management Office", "Business Services", 13, "yes", "projects"),
]

COUNCILS = [  # council_id, name, kind, position
    ("all", "All councils together", "whole", 0),
    ("havering", "Havering", "council", 1),
    ("newham", "Newham", "council", 2),
    ("bexley", "Bexley", "council", 3),
    ("onesource_staff", "oneSource staff", "staff", 4),
]

# Bexley joined in April 2016, Finance first; the other services and their dates are made up.
BEXLEY_JOINED = {
    "finance": "2016-04",
    "internal_audit": "2016-04",
    "health_safety": "2016-04",
    "exchequer": "2016-04",
    "procurement": "2016-04",
    "hr": "2016-07",
    "ict": "2016-10",
}


def _memberships() -> list[tuple[str, str, str, str]]:
    first = MONTHS[0]
    rows = [("onesource", "all", first, "")]
    for service, *_ in SERVICES[1:]:
        rows.append((service, "havering", first, ""))
        # Newham's council tax and benefits left the reporting in period 3 (June) of 2017/18.
        left = "2017-05" if service == "council_tax_benefits" else ""
        rows.append((service, "newham", first, left))
        if service in BEXLEY_JOINED:
            rows.append((service, "bexley", BEXLEY_JOINED[service], ""))
        rows.append((service, "onesource_staff", first, ""))
    return rows


MEMBERSHIPS = _memberships()  # service_id, council_id, from, to (inclusive; empty = still)
_SPANS = {(service, council): (start, end) for service, council, start, end in MEMBERSHIPS}


def served(service: str, council: str, months: list[str]) -> bool:
    """True when the council took the service in every one of these months."""
    if (service, council) not in _SPANS:
        return False
    start, end = _SPANS[service, council]
    return all(start <= month and (not end or month <= end) for month in months)


# Havering's part of each service, in percent of what Havering and Newham share, 2014/15: Newham
# is the larger employer but has the smaller council tax base.
HAVERING_PERCENT = {
    "finance": 48,
    "internal_audit": 46,
    "hr": 42,
    "health_safety": 44,
    "ict": 41,
    "asset_management": 50,
    "legal_governance": 45,
    "exchequer": 43,
    "council_tax_benefits": 46,
    "procurement": 44,
    "printing": 47,
    "business_improvement": 50,
    "pmo": 50,
}
# Bexley's part in percent of the whole service, since it joined.
BEXLEY_PERCENT = {
    "finance": 15,
    "internal_audit": 16,
    "health_safety": 15,
    "exchequer": 15,
    "procurement": 14,
    "hr": 13,
    "ict": 8,
}
PUBLISHED_SHARES = {("finance", 2017): {"havering": 42, "newham": 43, "bexley": 15}}


def cost_shares() -> dict[tuple[int, str], dict[str, int]]:
    """Percent of a service's shared cost that each council bears, by year and service.

    Whole percents that sum to 100 over the councils served at some time in that year. A council
    that joins or leaves during the year bears its part only in the months in which it is served;
    the service is then smaller by that part.
    """
    shares = {}
    for year in YEARS:
        for service, havering in HAVERING_PERCENT.items():
            # The split moves by a point after two years, as head counts do.
            base = havering + (1 if year >= 2016 and service in ("hr", "procurement") else 0)
            bexley = BEXLEY_PERCENT.get(service, 0) if year >= 2016 else 0
            part = {"havering": round(base * (100 - bexley) / 100)}
            part["newham"] = 100 - bexley - part["havering"]
            if bexley:
                part["bexley"] = bexley
            shares[year, service] = PUBLISHED_SHARES.get((service, year), part)
    return shares


def cost_share_rows() -> list[tuple[str, str, str, str, str]]:
    """year, service_id, council_id, share (0-1), source."""
    return [
        (
            year_label(year),
            service,
            council,
            f"{percent / 100:.2f}",
            COUNCIL_PAPERS if (service, year) in PUBLISHED_SHARES else "",
        )
        for (year, service), parts in cost_shares().items()
        for council, percent in parts.items()
    ]


class Event(NamedTuple):
    """A dated event. Empty ids mean that it bears on all of them."""

    date: str
    title: str
    service_id: str = ""
    council_id: str = ""
    measure_id: str = ""
    kind: str = "organisation"
    rebase: str = "false"
    source: str = ""


# The Joint Committee meets once a quarter, for the figures of the quarter before.
COMMITTEES = ("2017-04-21", "2017-07-21", "2017-10-20", "2018-01-19")

EVENTS = [
    Event("2014-04-01", "oneSource begins: Havering and Newham share their back office",
          kind="organisation", source=COUNCIL_PAPERS),
    Event("2015-10-01", "Statutory checks now include fire doors", "asset_management", "",
          "statutory_checks", "definition", "true"),
    Event("2016-04-01", "Bexley joins, Finance first", "", "bexley", "", "membership",
          source=COUNCIL_PAPERS),
    Event("2016-04-01", "Stage 1 complaints: time limit cut from 20 to 15 working days",
          "legal_governance", "", "complaints_in_time", "definition", "true"),
    Event("2016-07-01", "Bexley takes HR & OD", "hr", "bexley", "", "membership"),
    Event("2016-09-05", "The ICT service desks merge into one", "ict", "", "", "organisation"),
    Event("2016-10-01", "Bexley takes ICT", "ict", "bexley", "", "membership"),
    Event("2016-11-07", "Oracle upgrade: invoices queue until the end of January 2017",
          "exchequer", "", "", "incident"),
    Event("2017-05-02", "Newham's recruitment team is reorganised", "hr", "newham", "",
          "organisation"),
    Event("2017-06-01", "Newham's council tax and benefits leave the reporting",
          "council_tax_benefits", "newham", "", "membership", source=COUNCIL_PAPERS),
    Event("2017-12-12", "Failed storage array: Newham's main systems down for a day and a half",
          "ict", "newham", "ict_availability", "incident"),
    *(Event(day, "Joint Committee", kind="committee") for day in COMMITTEES),
]  # fmt: skip


class Published(NamedTuple):
    """One figure as it was published; an underspend is negative."""

    period: str
    topic: str
    council_id: str
    service_id: str
    figure: str
    unit: str
    text: str
    source: str
    feed: str = ""  # the feed whose figures it bears on


# What a topic begins with, and the feed that it is a figure of.
_FEEDS = {
    "Customer satisfaction": "satisfaction",
    "Outturn": "costs",
    "Cost share": "costs",
    "Savings": "performance",
    "Council tax": "performance",
    "Sickness": "performance",
}


_SURVEY = "Customer satisfaction (oKPI1)"
_CUSTOMERS = {
    "2017-03": {"havering": 82, "newham": 65, "bexley": 89, "onesource_staff": 83},
    "2017-10": {"havering": 89, "newham": 81, "bexley": 55, "onesource_staff": 78},
}
_OVERALL = {"2016-10": 72, "2017-03": 75, "2017-10": 82}
_TEAMS = {
    "2017-03": {
        "health_safety": 98,
        "printing": 95,
        "internal_audit": 85,
        "business_improvement": 85,
        "finance": 82,
        "pmo": 82,
    }
}
SURVEY_OVERALL, SURVEY_CUSTOMERS, SURVEY_TEAMS = (
    _OVERALL,
    _CUSTOMERS,
    _TEAMS,
)  # whole percents

# 2017/18 outturn less budget, pounds; brackets in the papers (an underspend) are negative here.
OUTTURN_2017 = {
    "shared": {"havering": -630_000, "newham": -649_000, "bexley": -63_000},
    "non_shared": {"havering": -812_000, "newham": 7_065_000, "bexley": -407_000},
}
SAVINGS = {
    2014: ("5.40", 4.1),
    2015: ("8.50", 7.9),
    2016: ("9.50", 9.4),
}  # £m: actual, target


def _published() -> list[Published]:
    names = {council: name for council, name, *_ in COUNCILS}
    teams = {service: name for service, name, *_ in SERVICES} | {"finance": "Strategic Finance"}
    when = {
        "2016-10": "September/October 2016",
        "2017-03": "March 2017",
        "2017-10": "October 2017",
    }
    rows = []
    for period, figure in _OVERALL.items():
        rows.append(Published(period, _SURVEY, "all", "onesource", str(figure), "%",
                              f"{figure}% satisfied overall, {when[period]}; target 80%",
                              COMMITTEE))  # fmt: skip
        rows.append(Published(period, "Customer satisfaction target", "all", "onesource", "80", "%",
                              f"80% satisfied was the target, {when[period]}",
                              COMMITTEE))  # fmt: skip
    for period, figures in _CUSTOMERS.items():
        for council, figure in figures.items():
            rows.append(Published(period, _SURVEY, council, "", str(figure), "%",
                                  f"{names[council]} {figure}% satisfied, {when[period]}",
                                  COMMITTEE))  # fmt: skip
    for period, figures in _TEAMS.items():
        for service, figure in figures.items():
            rows.append(Published(period, _SURVEY, "", service, str(figure), "%",
                                  f"{teams[service]} {figure}% satisfied, {when[period]}",
                                  COMMITTEE))  # fmt: skip
    for block, word in (("shared", "shared"), ("non_shared", "non-shared")):
        for council, variance in OUTTURN_2017[block].items():
            millions = f"{abs(variance) / 1e6:.3f}"
            sign, bracketed = ("-", f"(£{millions}m)") if variance < 0 else ("", f"£{millions}m")
            rows.append(Published("2017-18", f"Outturn against budget, {word}", council, "",
                                  sign + millions, "£m",
                                  f"{names[council]} {word} outturn {bracketed}, 2017/18",
                                  COMMITTEE_2018))  # fmt: skip
    rows.append(Published("2017-18", "Outturn against budget, shared", "all", "onesource",
                          "-1.342", "£m", "Shared outturn (£1.342m), 2017/18",
                          COMMITTEE_2018))  # fmt: skip
    for year, (actual, target) in SAVINGS.items():
        label = f"{year}/{(year + 1) % 100}"
        rows.append(Published(year_label(year), "Savings", "all", "onesource", actual[:-1], "£m",
                              f"£{actual[:-1]}m saved in {label} against a target of £{target}m",
                              ANNUAL_REPORT))  # fmt: skip
        rows.append(Published(year_label(year), "Savings target", "all", "onesource",
                              str(target), "£m", f"£{target}m to be saved in {label}",
                              ANNUAL_REPORT))  # fmt: skip
    rows += [
        Published("2015-09", "Council tax collected", "havering", "council_tax_benefits",
                  "58.40", "%", "Havering 58.40% collected by the end of September 2015",
                  "oneSource Joint Committee"),
        Published("2015-16", "Sickness days per FTE, rolling 12 months", "havering", "hr",
                  "10.46", "days per FTE", "Havering 10.46 days per FTE, 2015/16", SCRUTINY),
        Published("2017-09", "Sickness days per FTE, rolling 12 months", "havering", "hr",
                  "9.28", "days per FTE", "Havering 9.28 days per FTE, September 2017", SCRUTINY),
    ]  # fmt: skip
    for council, percent in PUBLISHED_SHARES["finance", 2017].items():
        rows.append(Published("2017-18", "Cost share", council, "finance", str(percent), "%",
                              f"{names[council]} bears {percent}% of Finance, 2017/18",
                              COUNCIL_PAPERS))  # fmt: skip
    rows += [
        Published("2014-04", "Size at the start: services", "all", "onesource", "22", "number",
                  "22 services", COUNCIL_PAPERS),
        Published("2014-04", "Size at the start: budget", "all", "onesource", "58", "£m",
                  "About £58m of budget", COUNCIL_PAPERS),
        Published("2014-04", "Size at the start: staff", "all", "onesource", "1350", "number",
                  "1,350 staff, each employed by its own council", COUNCIL_PAPERS),
    ]  # fmt: skip
    return rows


PUBLISHED = [
    row._replace(feed=next((f for topic, f in _FEEDS.items() if row.topic.startswith(topic)), ""))
    for row in _published()
]

# Figures of single measures that stand in the performance files as published.
PUBLISHED_VALUES = {  # (measure_id, council_id, period): (value, source)
    ("council_tax_collected", "havering", "2015-09"): (
        58.40,
        "oneSource Joint Committee",
    ),
    ("sickness_days", "havering", "2016-03"): (10.46, SCRUTINY),
    ("sickness_days", "havering", "2017-09"): (9.28, SCRUTINY),
} | {
    ("service_savings", "all", year_label(year)): (float(actual), ANNUAL_REPORT)
    for year, (actual, _) in SAVINGS.items()
}
