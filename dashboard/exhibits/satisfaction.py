"""How satisfied customers are, how surely that is known, and what really changed.

A share comes with its 95% interval (Wilson) and its number of answers. A change is called real
where the 95% interval of the difference (Newcombe) does not hold 0. Both are made at the load, and
what small numbers forbid to show is left out there (queries/tables/42_surveys.sql).
"""

from collections.abc import Iterable
from datetime import date
from statistics import median
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import reference
from dashboard.exhibits.charts import Dots, Line, Mark, Panel, Part, Stack, Trend
from dashboard.exhibits.exhibit import Cell, Finding, Link, Table, exhibit
from dashboard.warehouse import fetch

HIDDEN = "too few answers to show"
EVERYBODY = "All customers"
_SMALL = (
    f"Nothing is shown of fewer than {settings.SMALLEST_GROUP} people, nor what would tell of them"
)
_NOT_BROKEN_DOWN = (
    "Only how many answered and how many of them are satisfied is shown here: so few gave some of "
    f"the answers, or did not know, that more would tell what fewer than {settings.SMALLEST_GROUP} "
    "people said."
)
_UNCOUNTED = "How many answered is not published, so no interval can be given"
_FROM_SHARES = (
    "How many are satisfied is not published: totals and intervals are worked out from the shares "
    "and the number of answers, and are as near as the shares were rounded"
)
_PART_NAMES = (
    *("very_satisfied", "fairly_satisfied", "neither"),
    *("fairly_dissatisfied", "very_dissatisfied"),
)
# Customers whose rows one figure holds; the table has all.
_ROWS_DRAWN = 40
# Names that a title can hold.
_NAMED = 3

Row = dict[str, Any]


@exhibit
def headline(
    *, service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """The latest survey: all customers beside each of them, and what really changed."""
    about = _about(service_id)
    latest = _latest(_of(service_id, council_ids, from_month, to_month))
    if not latest:
        return Finding(title=about, empty=_nothing(service_id))
    names = _names()
    whole, customers = latest.get(None), [c for c in names if c is not None and c in latest]
    if whole and whole["satisfied_share"] is None and not whole["is_hidden"]:
        whole = None  # without counts there is no total
    crowded = len(customers) > settings.COLOURED_COUNCILS
    if crowded:
        customers.sort(key=lambda c: -(latest[c]["satisfied_share"] or 0))
    target = _target(service_id, to_month) if whole else None
    rows = [
        (names[c], latest[c])
        for c in ([None] if whole else []) + customers
        if latest[c]["satisfied_share"] is not None
    ]
    drawn = rows[:_ROWS_DRAWN]
    title = f"{about}: " + _headline(latest, customers, names, target)
    month = next(iter(latest.values()))["month"]
    return Finding(
        title=title,
        subtitle=f"Share very or fairly satisfied, {words.month(month)}"
        + ("; all customers weighted by respondents. " if whole else ". ")
        + (
            "Whiskers: 95% interval, where the share would lie had more people been asked. "
            if any(r["share_low"] is not None for _, r in rows)
            else ""
        )
        + _protected(latest.values()),
        alt=title + ". Dots with their intervals, one row for each customer.",
        chart=Dots(
            categories=tuple(n for n, _ in drawn),
            notes=tuple(words.percent(r["satisfied_share"]) for _, r in drawn),
            marks=_now_and_before([r for _, r in drawn]),
            target=target,
        ),
        table=_table(
            f"{about}, {words.month(month)}",
            "Customer",
            [(names[c], latest[c]) for c in ([None] if whole else []) + customers],
        ),
        provenance=reference.provenance("satisfaction"),
    )


@exhibit
def by_customer(
    *, service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """Satisfaction survey by survey, all customers together beside each customer."""
    rows = _of(service_id, council_ids, from_month, to_month)
    names, about = _names(), _about(service_id)
    lines = _lines(rows, [*(c for c in names if c is not None), None], names, len(council_ids))
    if not lines:
        return Finding(title=f"{about}, survey by survey", empty=_nothing(service_id))
    title = f"{about}, survey by survey: " + _over_time(rows, names)
    return Finding(
        title=title,
        subtitle="Share of respondents who are very or fairly satisfied"
        + (", all customers weighted by respondents. " if lines[-1].name == EVERYBODY else ". ")
        + _protected(rows),
        alt=title + ". A line chart by customer and survey.",
        chart=Trend((Panel("", "share", tuple(lines)),), council_order=reference.council_order()),
        table=_table(
            about + " by customer and survey",
            "Customer",
            [(names[c], r) for c in names for r in rows if r["council_id"] == c],
        ),
        provenance=reference.provenance("satisfaction"),
    )


@exhibit
def answers(
    *, service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """What customers answered in the latest survey, by customer and by service."""
    every = _rows(None, council_ids, from_month, to_month)
    names, services = _names(), _service_names(every)
    mine = _latest([r for r in every if r["service_id"] == service_id])
    customers = [(names[c], mine[c]) for c in (None, *[c for c in names if c]) if c in mine]
    everybody = None if len(council_ids) != 1 else council_ids[0]
    month = next(iter(mine.values()))["month"] if mine else None
    beneath = [
        (services[r["service_id"]], r)
        for r in every
        if service_id is None
        and r["service_id"] is not None
        and r["council_id"] == everybody
        and r["month"] == month
    ]
    withheld = [n for n, r in customers + beneath if not r["is_hidden"] and not r["is_broken_down"]]
    customers = [(n, r) for n, r in customers if _is_known(r)]
    beneath = sorted((x for x in beneath if _is_known(x[1])), key=lambda x: _dissatisfied(x[1]))
    rows = customers[:_ROWS_DRAWN] + beneath[:_ROWS_DRAWN]
    about = "What customers answered" + (
        f" about {services[service_id]}" if service_id is not None else ""
    )
    if not rows:
        return Finding(
            title=about,
            empty=_NOT_BROKEN_DOWN
            if withheld
            else _nothing(service_id)
            if any(_is_known(r) for r in _rows(None, (), date(1900, 1, 1), date(2999, 12, 1)))
            else "How many gave each answer is not published here.",
        )
    title = f"{about}: " + _most_dissatisfied(customers, beneath)
    headings = [(0, "By customer")] if customers else []
    if beneath:
        headings.append((min(len(customers), _ROWS_DRAWN), "By service"))
    return Finding(
        title=title,
        subtitle=f"Of those who gave one of the five answers, {words.month(month)}; their number "
        "stands at the end of each bar. Don’t knows are counted apart, in the table. "
        + (f"By service: {_names()[everybody]}, least dissatisfied first. " if beneath else "")
        + f"{_SMALL}."
        + (f" So not broken down: {words.listing(withheld)}." if withheld else ""),
        alt=title + ". Bars of one length, divided by answer.",
        chart=Stack(
            categories=tuple(n for n, _ in rows),
            notes=tuple(f"{r['respondents']:,}" for _, r in rows),
            parts=tuple(
                Part(
                    name,
                    tuple(r[name] / r["respondents"] for _, r in rows),
                    tuple(
                        f"{words.percent(r[name] / r['respondents'])}, {r[name]:,} of "
                        f"{r['respondents']:,}"
                        for _, r in rows
                    ),
                )
                for name in _PART_NAMES
            ),
            headings=tuple(headings) if len(headings) > 1 else (),
        ),
        table=_answers_table(about, month, customers + beneath),
        provenance=reference.provenance("satisfaction"),
    )


@exhibit
def response(
    *, service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """How many of those invited answered, by customer and survey."""
    rows = _of(service_id, council_ids, from_month, to_month)
    names = _names()
    about = "Response" + (f" about {reference.service_names()[service_id]}" if service_id else "")
    if not any(r["response_share"] is not None for r in rows):
        return Finding(
            title=about,
            empty=_NOT_BROKEN_DOWN
            if any(not r["is_broken_down"] and not r["is_hidden"] for r in rows)
            else "How many people were invited is not published here, so a response rate can’t be "
            "told."
            if rows
            else _nothing(service_id),
        )
    lines = _lines(
        rows,
        [*(c for c in names if c is not None), None],
        names,
        len(council_ids),
        column="response_share",
    )
    newest = max(r["month"] for r in rows if r["response_share"] is not None)
    latest = {
        r["council_id"]: r for r in rows if r["month"] == newest and r["response_share"] is not None
    }
    title = f"{about}: " + _spread(latest, names, "response_share", "answered in all")
    ordered = [r for c in names for r in rows if r["council_id"] == c]
    ordered.sort(key=lambda r: r["month"], reverse=True)
    title = f"{title} ({words.month(newest)})"
    return Finding(
        title=title,
        subtitle="Answered, don’t knows included, as a share of those invited. Everybody is "
        "counted, so it has no interval. The fewer answer, the less they need be like the rest.",
        alt=title + ". A line chart by customer and survey.",
        chart=Trend(
            (Panel("", "share", tuple(lines), from_zero=True),),
            council_order=reference.council_order(),
        ),
        table=Table(
            caption=f"{about} by customer and survey",
            columns=("Customer", "Survey", "Answered", "Invited", "Response rate"),
            rows=tuple(
                (
                    Cell.of(names[r["council_id"]]),
                    Cell.of(words.period(r["period"], r["month"])),
                    *(Cell.of(_count(r, c)) for c in ("answered", "invited")),
                    Cell.of(_share_said(r, "response_share")),
                )
                for r in ordered
            ),
            raw_columns=("customer", *_RESPONSE),
            raw_rows=tuple((names[r["council_id"]], *(r[c] for c in _RESPONSE)) for r in ordered),
            figures=frozenset({2, 3, 4}),
        ),
        provenance=reference.provenance("satisfaction"),
    )


_RESPONSE = (
    "period",
    "month",
    "answered",
    "invited",
    "response_share",
    "is_hidden",
    "is_broken_down",
)


@exhibit
def by_service(*, council_ids: tuple[str, ...], from_month: date, to_month: date) -> Finding:
    """The latest survey by service, of everybody or of the one customer chosen."""
    rows, customer = _services(council_ids, from_month, to_month)
    names = _service_names(rows)
    found = [r for r in rows if r["satisfied_share"] is not None]
    if not found:
        return Finding(title="Satisfaction by service", empty=_no_services(customer))
    newest = max(r["month"] for r in found)
    latest = sorted((r for r in found if r["month"] == newest), key=lambda r: -r["satisfied_share"])
    who = _names()[customer] if customer else "all customers"
    best, worst = latest[0], latest[-1]
    title = (
        f"{names[best['service_id']]} satisfies most ({words.percent(best['satisfied_share'])}), "
        f"{names[worst['service_id']]} fewest ({words.percent(worst['satisfied_share'])}), "
        f"{words.month(newest)}"
    )
    known = best["share_low"] is not None and worst["share_high"] is not None
    if known and worst is not best and best["share_low"] <= worst["share_high"]:
        title += "; their intervals overlap"
    drawn = latest[:_ROWS_DRAWN]
    return Finding(
        title=title,
        subtitle=f"Share very or fairly satisfied, {who}"
        + (", with its 95% interval. " if best["share_low"] is not None else ". ")
        + _protected(rows),
        alt=title + ". Dots with their intervals, one row for each service.",
        chart=Dots(
            categories=tuple(names[r["service_id"]] for r in drawn),
            notes=tuple(words.percent(r["satisfied_share"]) for r in drawn),
            marks=_now_and_before(drawn),
        ),
        table=_table(
            f"Satisfaction by service, {who}",
            "Service",
            [(names[r["service_id"]], r) for r in rows],
        ),
        provenance=reference.provenance("satisfaction"),
    )


@exhibit
def services_over_time(
    *, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """Each service's satisfaction survey by survey, by customer."""
    found = [
        r
        for r in _rows(None, council_ids, from_month, to_month)
        if r["service_id"] is not None and r["council_id"] is not None
    ]
    names, councils = _service_names(found), reference.council_names()
    panels, raw = [], []
    for service_id, name in names.items():
        mine = [r for r in found if r["service_id"] == service_id]
        lines = _lines(mine, list(councils), councils, len(council_ids))
        raw += [
            (f"{name}, {councils[r['council_id']]}", r)
            for c in councils
            for r in mine
            if r["council_id"] == c
        ]
        if lines:
            panels.append(Panel(name, "share", tuple(lines)))
    drawn = panels[: settings.PANELS_SIDE_BY_SIDE]
    if not panels:
        return Finding(title="Satisfaction with each service", empty=_nothing(None))
    title = f"Satisfaction with each of {words.count(len(panels), 'service')}: " + _changed(
        found, names, councils
    )
    return Finding(
        title=title,
        subtitle="Share very or fairly satisfied, survey by survey"
        + (
            f"; {len(drawn)} of {len(panels)} services are drawn, the table has all"
            if len(drawn) < len(panels)
            else ""
        )
        + f". {_protected(found)}",
        alt=f"{title}. Small line charts, one a service, a line for each customer.",
        chart=Trend(tuple(drawn), council_order=reference.council_order(), side_by_side=True),
        table=_table("Satisfaction by service, customer and survey", "Service and customer", raw),
        provenance=reference.provenance("satisfaction"),
    )


@exhibit
def perceived(*, council_ids: tuple[str, ...], from_month: date, to_month: date) -> Finding:
    """Satisfied customers of each service beside its figures on target; nothing is made of both.

    A share of people and a share of figures measure different things: no distance between them
    means anything, so that none is drawn, worked out or put in words.
    """
    about = "Satisfied customers and figures on target"
    rows, customer = _services(council_ids, from_month, to_month)
    names = _service_names(rows)
    latest = [r for r in rows if r["satisfied_share"] is not None]
    if not latest:
        return Finding(title=about, empty=_no_services(customer))
    newest = max(r["month"] for r in latest)
    latest = [r for r in latest if r["month"] == newest]
    # Everybody is held against every council's figures, as totals are of everybody asked.
    councils = (customer,) if customer else tuple(reference.council_names("council"))
    first = date(newest.year - 1 + newest.month // 12, newest.month % 12 + 1, 1)
    measured = {
        r["service_id"]: r
        for r in fetch(
            "on_target_trend",
            service_id=None,
            council_ids=councils,
            from_month=first,
            to_month=newest,
        ).rows()
    }
    pairs = [(r, measured[r["service_id"]]) for r in latest if r["service_id"] in measured]
    who = _names()[customer] if customer else "all customers"
    if not pairs:
        return Finding(
            title=about,
            empty=f"No figure of a service that {who} judged in {words.month(newest)} has a target "
            "in the twelve months before: there is nothing to show beside the survey.",
        )
    pairs.sort(key=lambda p: (p[0]["satisfied_share"], names[p[0]["service_id"]]))
    drawn = pairs[:_ROWS_DRAWN]
    title = _side_by_side(pairs, names, newest)
    return Finding(
        title=title,
        subtitle=f"Satisfied: share of respondents, {who}, with its 95% interval. On target: share "
        f"of the service’s figures in the twelve months to {words.month(newest)} that met "
        "their target. One counts people and the other figures: the distance between them means "
        "nothing. Fewest satisfied first; at the end of each row both shares"
        + (
            f". {len(drawn)} of {len(pairs)} services are drawn, the table has all"
            if len(drawn) < len(pairs)
            else ""
        ),
        alt=title + ". Two marks in one row for each service.",
        chart=Dots(
            categories=tuple(names[r["service_id"]] for r, _ in drawn),
            notes=tuple(_both(r, m) for r, m in drawn),
            marks=(
                _mark("Satisfied", "now", [r for r, _ in drawn]),
                Mark(
                    "Figures on target",
                    "measured",
                    tuple(m["on_target_share"] for _, m in drawn),
                    tuple(_met(m) for _, m in drawn),
                ),
            ),
        ),
        table=Table(
            caption=f"{about}, {words.month(newest)}",
            columns=(
                *("Service", "Satisfied", "95% interval", "Respondents"),
                "Figures on target",
            ),
            rows=tuple(
                (
                    Cell.of(
                        names[r["service_id"]],
                        None,
                        Link("service", (("service", names[r["service_id"]]),)),
                    ),
                    Cell.of(words.percent(r["satisfied_share"])),
                    Cell.of(_interval(r) or "not published"),
                    Cell.of(_count(r, "respondents")),
                    Cell.of(_met(m)),
                )
                for r, m in pairs
            ),
            raw_columns=(
                *("service", "month", "satisfied_share", "share_low", "share_high", "respondents"),
                *("on_target_share", "on_target", "judged"),
            ),
            raw_rows=tuple(
                (
                    names[r["service_id"]],
                    *(r[c] for c in ("month", "satisfied_share", "share_low", "share_high")),
                    r["respondents"],
                    *(m[c] for c in ("on_target_share", "on_target", "judged")),
                )
                for r, m in pairs
            ),
            figures=frozenset({1, 2, 3, 4}),
        ),
        provenance=reference.provenance("satisfaction"),
    )


def panel(
    service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> list[Panel]:
    """A panel of satisfaction by customer, or none without a survey that can be shown."""
    rows = [
        r for r in _of(service_id, council_ids, from_month, to_month) if r["council_id"] is not None
    ]
    names = reference.council_names()
    lines = _lines(rows, list(names), names, len(council_ids))
    return [Panel("Satisfied customers", "share", tuple(lines))] if lines else []


def _rows(
    service_id: str | None, council_ids: tuple[str, ...], first: date, last: date
) -> list[Row]:
    return fetch(
        "satisfaction_trend",
        service_id=service_id,
        council_ids=council_ids,
        from_month=first,
        to_month=last,
    ).rows()


def _of(service_id: str | None, council_ids: tuple[str, ...], first: date, last: date) -> list[Row]:
    """Of one service, or of all services together."""
    every = _rows(service_id, council_ids, first, last)
    return [r for r in every if r["service_id"] == service_id]


def _services(
    council_ids: tuple[str, ...], first: date, last: date
) -> tuple[list[Row], str | None]:
    """Each service's rows, of the one customer chosen; else of everybody, and None."""
    customer = council_ids[0] if len(council_ids) == 1 else None
    rows = [
        r
        for r in _rows(None, council_ids, first, last)
        if r["service_id"] is not None and r["council_id"] == customer
    ]
    return rows, customer


def _names() -> dict[str | None, str]:
    return {None: EVERYBODY, **reference.council_names()}


def _service_names(rows: list[Row]) -> dict[str, str]:
    """Services by their names; one that the workspace does not list goes by its id."""
    listed = reference.service_names()
    return listed | {r["service_id"]: r["service_id"] for r in rows if r["service_id"]} | listed


def _about(service_id: str | None) -> str:
    with_service = f" with {reference.service_names()[service_id]}" if service_id else ""
    return f"Satisfaction{with_service}"


def _latest(rows: list[Row]) -> dict[str | None, Row]:
    """The newest survey of which anything is shown, by customer; None is everybody."""
    shown = [r["month"] for r in rows if r["satisfied_share"] is not None]
    return {r["council_id"]: r for r in rows if shown and r["month"] == max(shown)}


def _target(service_id: str | None, to_month: date) -> float | None:
    """The target of the survey as a whole; none for a service."""
    if service_id is not None:
        return None
    return fetch("survey_target", to_month=to_month).first().get("target")


# Charts.


def _lines(
    rows: list[Row],
    customers: list[str | None],
    names: dict[str | None, str] | dict[str, str],
    chosen: int,
    column: str = "satisfied_share",
) -> list[Line]:
    """A line for each customer with a figure; of a crowd in grey, with the median before them."""
    crowded = chosen > settings.COLOURED_COUNCILS
    by_customer: dict[str | None, list[Row]] = {}
    for row in rows:
        by_customer.setdefault(row["council_id"], []).append(row)
    shown = [c for c in customers if any(r[column] is not None for r in by_customer.get(c, ()))]
    # Of several customers at the same months, error bars could not be told apart.
    with_bars = chosen == 1 and column == "satisfied_share"
    lines = [
        Line(
            names[c],
            "whole" if c is None else "context" if crowded else c,
            tuple(r["month"] for r in by_customer[c]),
            tuple(r[column] for r in by_customer[c]),
            tuple(_said(r, column) for r in by_customer[c]),
            between=tuple(_between(r) for r in by_customer[c]) if with_bars else (),
        )
        for c in shown
    ]
    if crowded and None not in shown and lines:
        lines.append(_median(rows, column))
    return lines


def _median(rows: list[Row], column: str) -> Line:
    """The median of the customers shown, survey by survey."""
    by_month: dict[date, list[float]] = {}
    for row in rows:
        if row[column] is not None:
            by_month.setdefault(row["month"], []).append(row[column])
    months = sorted(by_month)
    middle = [median(by_month[m]) for m in months]
    return Line(
        "Median customer",
        "whole",
        tuple(months),
        tuple(middle),
        tuple(
            f"{words.percent(v)}, of {words.count(len(by_month[m]), 'customer')} shown"
            for m, v in zip(months, middle, strict=True)
        ),
    )


def _between(row: Row) -> tuple[float, float] | None:
    return None if row["share_low"] is None else (row["share_low"], row["share_high"])


def _now_and_before(rows: list[Row]) -> tuple[Mark, ...]:
    now = _mark(words.month(rows[0]["month"]), "now", rows)
    if all(r["share_before"] is None for r in rows):
        return (now,)
    return (
        now,
        Mark(
            "Survey before",
            "before",
            tuple(r["share_before"] for r in rows),
            tuple(
                "none that can be shown"
                if r["share_before"] is None
                else f"{words.percent(r['share_before'])}"
                + (f" of {r['respondents_before']:,}" if r["respondents_before"] else "")
                + f" ({words.month(r['month_before'])}); {_change(r)}"
                for r in rows
            ),
        ),
    )


def _mark(name: str, role: str, rows: list[Row]) -> Mark:
    return Mark(
        name,
        role,
        tuple(r["satisfied_share"] for r in rows),
        tuple(_said(r) for r in rows),
        tuple(_between(r) for r in rows),
    )


# Words.


def _said(row: Row, column: str = "satisfied_share") -> str:
    if column == "response_share":
        of = f" of {row['invited']:,} invited" if row["invited"] else ""
        return _share_said(row, column) + of
    interval = f" ({_interval(row)})" if _interval(row) else ""
    asked = f", {row['respondents']:,} answers" if row["respondents"] else ""
    return f"{_share_said(row, column)}{interval}{asked}"


def _protected(rows: Iterable[Row]) -> str:
    """That small numbers are hidden; or, where nobody knows them, that there is no interval; and
    where totals and intervals are only near."""
    rows = list(rows)
    counted = any(r["respondents"] is not None or r["is_hidden"] for r in rows)
    near = f" {_FROM_SHARES}." if any(r["is_from_shares"] for r in rows) else ""
    return f"{_SMALL if counted else _UNCOUNTED}.{near}"


def _share_said(row: Row, column: str) -> str:
    if row["is_hidden"] or (column == "response_share" and not row["is_broken_down"]):
        return HIDDEN
    # What one customer said is as published; what several said is worked out.
    is_near = row["is_from_shares"] and None in (row["service_id"], row["council_id"])
    about = "about " if is_near and column == "satisfied_share" else ""
    return about + words.percent(row[column])


def _interval(row: Row) -> str:
    """As in "46% to 63%"; nothing where counts are not published."""
    if row["share_low"] is None:
        return ""
    return f"{words.percent(row['share_low'])} to {words.percent(row['share_high'])}"


def _count(row: Row, column: str) -> str:
    if row["is_hidden"] or (column != "respondents" and not row["is_broken_down"]):
        return "hidden"
    return "not published" if row[column] is None else f"{row[column]:,}"


def _change(row: Row) -> str:
    """Since the survey before: "fell by 34 points (23 to 44), more than chance explains"."""
    if row["share_before"] is None or row["satisfied_share"] is None:
        return ""
    moved = row["satisfied_share"] - row["share_before"]
    size = round(abs(moved) * 100)
    said = f"{'rose' if moved > 0 else 'fell'} by {words.count(size, 'point')}"
    if row["is_real_change"] is None:
        return said if size else "the same"
    low, high = (round(100 * row[c]) for c in ("change_low", "change_high"))
    if row["is_real_change"]:
        ends = sorted((abs(low), abs(high)))
        return f"{said} ({ends[0]} to {ends[1]}), more than chance explains"
    return (
        f"{said if size else 'the same'} ({_signed(low)} to {_signed(high)}), no more than chance "
        "explains"
    )


def _signed(points: int) -> str:
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)}"


def _headline(
    latest: dict[str | None, Row],
    customers: list[str],
    names: dict[str | None, str],
    target: float | None,
) -> str:
    shown = {c: r for c, r in latest.items() if r["satisfied_share"] is not None}
    month = words.month(next(iter(shown.values()))["month"])
    alone = shown.get(customers[0]) if len(customers) == 1 else None
    whole = shown.get(None)
    if alone is not None:
        said = f"{names[customers[0]]} {_said(alone)}, {month}"
        if change := _change(alone):
            said += f"; {change}"
        if whole:
            said += f". {EVERYBODY} {words.percent(whole['satisfied_share'])}" + _against(
                whole, target
            )
        return said
    fallen = sorted(
        (
            (r["satisfied_share"] - r["share_before"], names[c], r)
            for c, r in shown.items()
            if c is not None and r["is_real_change"] and r["satisfied_share"] < r["share_before"]
        ),
        key=lambda f: f[:2],
    )
    falls = words.listing(
        [
            f"{name} fell by {words.count(round(-gap * 100), 'point')} to "
            f"{words.percent(r['satisfied_share'])}"
            for gap, name, r in fallen[:_NAMED]
        ]
    )
    if whole is None:
        return f"{falls or _spread(shown, names, 'satisfied_share', '')} ({month})"
    said = f"{words.percent(whole['satisfied_share'])} of all customers{_against(whole, target)}"
    if falls:
        return f"{said}, while {falls} ({month})"
    if change := _change(whole):
        said += f"; {change}"
    return f"{said} ({month})"


def _against(whole: Row, target: float | None) -> str:
    if target is None:
        return ""
    verb = "met" if whole["satisfied_share"] >= target else "missed"
    return f", target of {words.percent(target)} {verb}"


def _over_time(rows: list[Row], names: dict[str | None, str]) -> str:
    latest = {c: r for c, r in _latest(rows).items() if r["satisfied_share"] is not None}
    month = words.month(next(iter(latest.values()))["month"])
    return f"{_spread(latest, names, 'satisfied_share', 'in all')} ({month})"


def _spread(
    latest: dict[str | None, Row], names: dict[str | None, str], column: str, in_all: str
) -> str:
    """All together and each customer, or from which to which of a crowd."""
    parts = [f"{words.percent(latest[None][column])} {in_all}"] if None in latest else []
    each = {c: r for c, r in latest.items() if c is not None and r[column] is not None}
    if len(each) > settings.COLOURED_COUNCILS:
        ranked = sorted(each.values(), key=lambda r: r[column])
        parts.append(
            " to ".join(
                f"{words.percent(r[column])} ({names[r['council_id']]})"
                for r in (ranked[0], ranked[-1])
            )
        )
        parts[-1] = f"from {parts[-1]}"
    elif each:
        ordered = sorted(each, key=list(names).index)
        parts.append(
            words.listing([f"{names[c]} {words.percent(each[c][column])}" for c in ordered])
        )
    return "; ".join(parts)


def _changed(rows: list[Row], services: dict[str, str], councils: dict[str, str]) -> str:
    """How many of the newest figures really changed, and the one that fell furthest."""
    newest = max(r["month"] for r in rows if r["satisfied_share"] is not None)
    latest = [r for r in rows if r["month"] == newest]
    tested = [r for r in latest if r["is_real_change"] is not None]
    if not tested:
        if any(r["respondents"] for r in latest):
            return f"no survey before {words.month(newest)} that it can be compared with"
        return "how many answered is not published, so no change can be told from chance"
    real = [r for r in tested if r["is_real_change"]]
    if not real:
        return (
            f"of {words.count(len(tested), 'change')} to {words.month(newest)} none is more than "
            "chance explains"
        )
    fell = [r for r in real if r["satisfied_share"] < r["share_before"]]
    worst = min(real, key=lambda r: (r["satisfied_share"] - r["share_before"], r["service_id"]))
    which = f"{services[worst['service_id']]}, {councils[worst['council_id']]}"
    return (
        f"{len(real)} of {words.count(len(tested), 'change')} to {words.month(newest)} "
        f"{'are' if len(real) > 1 else 'is'} more than chance explains, {len(fell)} for the worse"
        + (f" (most in {which})" if fell else "")
        # One in twenty of the intervals of what did not change does not hold 0.
        + f"; {_by_chance(len(tested) / 20)} would be by chance alone"
    )


def _by_chance(expected: float) -> str:
    return f"about {round(expected)}" if expected >= 1 else "less than 1"


def _is_known(row: Row) -> bool:
    return bool(row["respondents"]) and all(row[name] is not None for name in _PART_NAMES)


def _dissatisfied(row: Row) -> float:
    return (row["fairly_dissatisfied"] + row["very_dissatisfied"]) / row["respondents"]


def _most_dissatisfied(customers: list[tuple[str, Row]], beneath: list[tuple[str, Row]]) -> str:
    said = []
    of = dict(customers)
    if EVERYBODY in of:
        said.append(f"{words.percent(_dissatisfied(of.pop(EVERYBODY)))} are dissatisfied in all")
    if of:
        name, row = max(of.items(), key=lambda x: _dissatisfied(x[1]))
        most = "most at " if len(of) > 1 else "at "
        said.append(f"{most}{name}, {words.percent(_dissatisfied(row))}")
    if len(beneath) > 1:
        name, row = beneath[-1]
        said.append(f"of services most with {name}, {words.percent(_dissatisfied(row))}")
    return "; ".join(said)


def _met(measured: Row) -> str:
    return (
        f"{words.percent(measured['on_target_share'])}, {measured['on_target']:,} of "
        f"{measured['judged']:,}{words.doubts(measured['doubtful'])}"
    )


def _both(row: Row, measured: Row) -> str:
    return f"{words.percent(row['satisfied_share'])}, {words.percent(measured['on_target_share'])}"


def _side_by_side(pairs: list[tuple[Row, Row]], services: dict[str, str], newest: date) -> str:
    """Both shares of one service; of several, from which to which each kind runs."""
    when = words.month(newest)
    if len(pairs) == 1:
        ((row, measured),) = pairs
        return (
            f"{services[row['service_id']]}: {words.percent(row['satisfied_share'])} of customers "
            f"satisfied; {words.percent(measured['on_target_share'])} of figures on target ({when})"
            f"{_doubtful([measured])}"
        )
    satisfied = [r["satisfied_share"] for r, _ in pairs]
    met = [m["on_target_share"] for _, m in pairs]
    return (
        f"{words.count(len(pairs), 'service')}: {words.percent(min(satisfied))} to "
        f"{words.percent(max(satisfied))} of customers satisfied; {words.percent(min(met))} to "
        f"{words.percent(max(met))} of figures on target ({when}){_doubtful([m for _, m in pairs])}"
    )


def _doubtful(measured: list[Row]) -> str:
    """Says of how many figures behind these shares it is doubtful what they are."""
    count = sum(m["doubtful"] for m in measured)
    return f"; {words.count(count, 'figure')} {words.DOUBTFUL}" if count else ""


def _nothing(service_id: str | None) -> str:
    if service_id is None and not any(_answered()):
        return (
            "How many people answered is not published here, so services can't be added up into "
            "one figure: choose one service."
        )
    return (
        "No survey that can be shown falls in the time and councils chosen: choose a longer "
        "time or more councils" + (", or all services." if service_id else ".")
    )


def _no_services(customer: str | None) -> str:
    if customer is None and not any(_answered()):
        return (
            "How many people answered is not published here, so customers can't be added up: "
            "choose one council to see its services."
        )
    return _nothing(None)


def _answered() -> tuple[int | None, ...]:
    """How many answered in all, survey by survey; None where it is not published."""
    found = _rows(None, (), date(1900, 1, 1), date(2999, 12, 1))
    return tuple(r["respondents"] for r in found if r["service_id"] is None)


# Tables.

_RAW = (
    *("period", "month", "respondents", "satisfied_share", "share_low", "share_high"),
    *("month_before", "share_before", "respondents_before", "change_low", "change_high"),
    *("is_real_change", "share_year_before", "is_hidden"),
)
_ANSWERED = ("period", "month", "respondents", *_PART_NAMES, "dont_know")


def _table(caption: str, what: str, rows: list[tuple[str, Row]]) -> Table:
    ordered = sorted(rows, key=lambda r: r[1]["month"], reverse=True)
    return Table(
        caption=caption,
        columns=(
            what,
            "Survey",
            "Satisfied",
            "95% interval",
            "Respondents",
            "Since the one before",
        ),
        rows=tuple(
            (
                Cell.of(name, None, Link("service", (("service", name),)))
                if what == "Service"
                else Cell.of(name),
                Cell.of(words.period(r["period"], r["month"])),
                Cell.of(_share_said(r, "satisfied_share")),
                Cell.of(_interval(r) or ("hidden" if r["is_hidden"] else "not known")),
                Cell.of(_count(r, "respondents")),
                _change_cell(r),
            )
            for name, r in ordered
        ),
        raw_columns=(what.lower(), *_RAW),
        raw_rows=tuple((name, *(r[c] for c in _RAW)) for name, r in ordered),
        figures=frozenset({2, 3, 4}),
    )


def _change_cell(row: Row) -> Cell:
    if row["share_before"] is None or row["satisfied_share"] is None:
        return Cell.of("nothing to compare with")
    moved = row["satisfied_share"] - row["share_before"]
    mark = ("improvement" if moved > 0 else "concern") if row["is_real_change"] else None
    when = words.month(row["month_before"])
    return Cell(((_change(row), mark), (f"{words.percent(row['share_before'])} in {when}", None)))


def _answers_table(about: str, month: date, rows: list[tuple[str, Row]]) -> Table:
    heads = ("Very satisfied", "Fairly", "Neither", "Fairly dissatisfied", "Very dissatisfied")
    return Table(
        caption=f"{about}, {words.month(month)}",
        columns=("Customer or service", *heads, "Respondents", "Don’t know"),
        rows=tuple(
            (
                Cell.of(name),
                *(
                    Cell.of(f"{words.percent(r[c] / r['respondents'])} ({r[c]:,})")
                    for c in _PART_NAMES
                ),
                Cell.of(f"{r['respondents']:,}"),
                Cell.of(_count(r, "dont_know")),
            )
            for name, r in rows
        ),
        raw_columns=("customer_or_service", *_ANSWERED),
        raw_rows=tuple((name, *(r[c] for c in _ANSWERED)) for name, r in rows),
        figures=frozenset(range(1, 8)),
    )
