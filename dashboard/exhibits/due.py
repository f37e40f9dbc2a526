"""Why a sum of costs cannot be told, or two of them cannot be compared: what lacks, and who came.

A sum is told only where each part that was due is there, and a comparison is of the same months
with the same services and councils on both sides; queries/tables/31_costs_due.sql says what is due.
"""

from datetime import date
from typing import Any

from dashboard import words
from dashboard.exhibits import reference
from dashboard.method.financial_year import a_year_before, april_of
from dashboard.warehouse import fetch

Row = dict[str, Any]

# Reasons that a sentence can name one by one; of more, the rest is counted.
_NAMED = 3
NOT_KNOWN = "not known"


def lacking(
    service_id: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
) -> str:
    """What keeps the cost of these months from being known: "May 2023 of Finance is missing".

    Services and councils are named where more than one was asked of. Empty where nothing lacks.
    """
    rows = fetch(
        "costs_lacking",
        service_id=service_id,
        council_ids=council_ids,
        cost_type=cost_type,
        budget_block=budget_block,
        from_month=from_month,
        to_month=to_month,
    ).rows()
    periods: dict[tuple[str, str], set[tuple[date, date]]] = {}
    for row in rows:
        whose = "" if row["is_everything"] else _whose(row, service_id, council_ids)
        if row["is_in_part"]:
            whose = ", ".join(w for w in (whose, reference.cost_types()[row["cost_type"]]) if w)
        what = "absent" if row["is_absent"] else "blank"
        if row["is_open"]:
            what = "whole" if _is_over(row["month"]) else "open"
        key = (whose, what)
        periods.setdefault(key, set()).add((row["period_start"], row["month"]))
    by_when: dict[tuple[str, str, bool], list[str]] = {}
    for (whose, what), when in periods.items():
        spans = _joined(sorted(when))
        said = words.listing([words.months(*span) for span in spans])
        is_one = len(spans) == 1 and spans[0][0] == spans[0][1]
        by_when.setdefault((said, what, is_one), []).append(whose)
    said = []
    for (when, what, is_one), whose in by_when.items():
        named = [w for w in whose if w]
        of = f" of {words.listing(_some(named))}" if named else ""
        said.append(f"{when}{of} {_VERBS[what][is_one]}")
    return words.listing(_some(said))


# By whether it is said of one month.
_VERBS = {
    "absent": {True: "is missing", False: "are missing"},
    "blank": {True: "has no actual", False: "have no actual"},
    "open": {True: "is not over", False: "is not over"},
    "whole": {True: "comes as one figure", False: "comes as one figure"},
}


def _is_over(last_month: date) -> bool:
    """Whether a period up to this month lies behind what the workspace has: a quarter of a past
    year is over, and what was spent by its middle is not told apart."""
    stands = reference.workspace()
    as_of = stands["as_of"]
    is_behind = as_of is None or next_month(last_month) <= as_of
    return is_behind and last_month <= stands["newest_month"]


def changed(
    service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> str:
    """Why these months are not like those of the year before: "Bexley joined in October 2016".

    Names the service too where none was asked for. Empty where they are alike.
    """
    has_memberships = bool(reference.served_since())
    before = a_year_before(from_month)
    by_event: dict[tuple[str, str], list[str]] = {}
    for row in fetch(
        "costs_due",
        service_id=service_id,
        council_ids=council_ids,
        from_month=from_month,
        to_month=to_month,
    ).rows():
        if row["is_like"]:
            continue
        came, went = row["first_month"] > before, row["last_month"] < to_month
        when = row["first_month"] if came else row["last_month"]
        if not (came or went):
            verb = "were served in other months" if has_memberships else "reported other months"
            key = (verb, "")
        elif has_memberships:
            key = ("joined in" if came else "left after", words.month(when))
        else:
            key = ("first reported for" if came else "last reported for", words.month(when))
        by_event.setdefault(key, []).append(_whose(row, service_id, council_ids))
    said = [
        " ".join(w for w in (words.listing(_some([w for w in whose if w])), verb, when) if w)
        for (verb, when), whose in by_event.items()
    ]
    return words.listing(_some(said))


def up_to(council_ids: tuple[str, ...], month: date) -> str:
    """How far a month is there, where the costs are a ledger's and it is not over in the data.

    "up to 12 June 2023"; with the council where it is not all of them. Empty for a whole month.
    """
    if reference.has_own_costs():
        return ""
    return ledger_up_to(council_ids, month)


def ledger_up_to(council_ids: tuple[str, ...], month: date) -> str:
    """How far the ledger has a month that is not over in it: "up to 12 June 2023"; else empty."""
    by_day: dict[date, list[str]] = {}
    for row in fetch("open_months").rows():
        if row["month"] == month and row["council_id"] in council_ids:
            council = reference.council_names()[row["council_id"]]
            by_day.setdefault(row["last_day"], []).append(council)
    if not by_day:
        return ""
    everybody = sum(map(len, by_day.values())) == len(council_ids)
    if everybody and len(by_day) == 1:
        return f"up to {words.day(next(iter(by_day)))}"
    told = [f"{words.day(day)} for {words.listing(_some(who))}" for day, who in by_day.items()]
    return f"up to {words.listing(told)}"


def note(council_ids: tuple[str, ...], to_month: date) -> str:
    """A sentence for a subtitle on a month that is not over in the data; empty where all are.

    Of the financial year that is told, which is that of the feed's last month up to the one asked
    for: what lies before its April is in no sum of it.
    """
    for row in fetch("open_months").rows():
        month, last = row["month"], min(row["feed_month"], to_month)
        if not april_of(last) <= month <= to_month:
            continue
        if row["council_id"] is None:
            return (
                f" {words.month(month)} is left out of costs: it was not over on "
                f"{words.day(row['last_day'])}."
            )
        # It is its council's newest month, so that a sum of the year goes up to it.
        if said := up_to(council_ids, month):
            return (
                f" {words.month(month)} is not over: it is there {said}, and held against the "
                "same days of the year before."
            )
    return ""


def _whose(row: Row, service_id: str | None, council_ids: tuple[str, ...]) -> str:
    """Whose cost a row is of, as far as that was not said: "Bexley’s ICT"; "Finance"; "Bexley"."""
    council = reference.council_names()[row["council_id"]]
    service = reference.service_names()[row["service_id"]]
    many = len(council_ids) > 1
    if service_id is None:
        return f"{council}’s {service}" if many else service
    return council if many else ""


def _joined(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Periods that follow each other as one."""
    joined: list[tuple[date, date]] = []
    for first, last in spans:
        if joined and next_month(joined[-1][1]) >= first:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def next_month(month: date) -> date:
    """The first of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _some(names: list[str]) -> list[str]:
    if len(names) <= _NAMED + 1:
        return names
    return [*names[:_NAMED], f"{len(names) - _NAMED} more"]
