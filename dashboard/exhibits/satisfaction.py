"""How satisfied customers are: by customer, by service, survey by survey."""

from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import (
    Bar,
    Bars,
    Cell,
    Finding,
    Line,
    Link,
    Panel,
    Table,
    Trend,
    exhibit,
)
from dashboard.warehouse import fetch

HIDDEN = "too few answers to show"
_SMALL = (
    f"Nothing is shown of fewer than {settings.SMALLEST_GROUP} people, nor the next smallest "
    "beside it"
)


@exhibit
def by_customer(
    *, service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """Satisfaction survey by survey, all customers together beside each customer."""
    rows = _rows(service_id, council_ids, from_month, to_month)
    rows = [r for r in rows if r["service_id"] == service_id]
    names = {None: "All customers", **reference.council_names()}
    about = "Satisfaction" + (
        f" with {reference.service_names()[service_id]}" if service_id else ""
    )
    lines, raw = [], []
    crowded = len(council_ids) > settings.COLOURED_COUNCILS
    for council_id in [*(c for c in names if c is not None), None]:
        mine = [r for r in rows if r["council_id"] == council_id]
        if any(r["satisfied_share"] is not None for r in mine):
            role = "whole" if council_id is None else "context" if crowded else council_id
            lines.append(_line(names[council_id], role, mine))
        raw += [(names[council_id], *_raw(r)) for r in mine]
    if not lines:
        return Finding(title=about, empty=_nothing(service_id))
    title = f"{about}: " + _finding(rows, names)
    return Finding(
        title=title,
        subtitle="Share of respondents who are very or fairly satisfied, all customers weighted by "
        f"respondents. {_SMALL}.",
        alt=title + ". A line chart by customer and survey.",
        chart=Trend((Panel("", "share", tuple(lines)),), council_order=reference.council_order()),
        table=_table(about + " by customer and survey", "Customer", raw),
        provenance=reference.provenance("satisfaction"),
    )


@exhibit
def by_service(*, council_ids: tuple[str, ...], from_month: date, to_month: date) -> Finding:
    """The latest survey by service: everybody together, and the same month the year before."""
    rows = [
        r for r in _rows(None, council_ids, from_month, to_month) if r["service_id"] is not None
    ]
    names = reference.service_names()
    everybody = len(council_ids) != 1
    customer = None if everybody else council_ids[0]
    rows = [r for r in rows if r["council_id"] == customer and r["satisfied_share"] is not None]
    if not rows:
        return Finding(
            title="Satisfaction by service",
            empty="How many people answered is not published here, so customers can't be added up: "
            "choose one council to see its services."
            if everybody and not any(_answered())
            else _nothing(None),
        )
    newest = max(r["month"] for r in rows)
    latest = sorted((r for r in rows if r["month"] == newest), key=lambda r: -r["satisfied_share"])
    who = "all customers" if everybody else reference.council_names()[customer]
    best, worst = latest[0], latest[-1]
    title = (
        f"{names[best['service_id']]} satisfies most ({words.percent(best['satisfied_share'])}), "
        f"{names[worst['service_id']]} fewest ({words.percent(worst['satisfied_share'])}), "
        f"{words.month(newest)}"
    )
    return Finding(
        title=title,
        subtitle=f"Share very or fairly satisfied, {who}. {_SMALL}.",
        alt=title + ". Bars, one a service.",
        chart=Bars(
            categories=tuple(names[r["service_id"]] for r in latest),
            notes=tuple(words.percent(r["satisfied_share"]) for r in latest),
            bars=(
                Bar(
                    "Latest survey",
                    "actual",
                    tuple(r["satisfied_share"] for r in latest),
                    tuple(_said(r) for r in latest),
                ),
                Bar(
                    "Same month the year before",
                    "year before",
                    tuple(r["share_year_before"] for r in latest),
                    tuple(words.percent(r["share_year_before"]) for r in latest),
                    is_mark=True,
                ),
            ),
            unit="share",
        ),
        table=_table(
            f"Satisfaction by service, {who}",
            "Service",
            [(names[r["service_id"]], *_raw(r)) for r in rows],
        ),
        provenance=reference.provenance("satisfaction"),
    )


@exhibit
def services_over_time(
    *, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """Each service's satisfaction survey by survey, by customer."""
    names, councils = reference.service_names(), reference.council_names()
    found = [
        r
        for r in _rows(None, council_ids, from_month, to_month)
        if r["service_id"] is not None and r["council_id"] is not None
    ]
    crowded = len(council_ids) > settings.COLOURED_COUNCILS
    panels, raw = [], []
    for service_id, name in names.items():
        lines = []
        for council_id in councils:
            mine = [
                r for r in found if r["service_id"] == service_id and r["council_id"] == council_id
            ]
            if any(r["satisfied_share"] is not None for r in mine):
                lines.append(
                    _line(councils[council_id], "context" if crowded else council_id, mine)
                )
            raw += [(f"{name}, {councils[council_id]}", *_raw(r)) for r in mine]
        if lines:
            panels.append(Panel(name, "share", tuple(lines)))
    panels = panels[: settings.PANELS_SIDE_BY_SIDE]
    if not panels:
        return Finding(title="Satisfaction with each service", empty=_nothing(None))
    title = f"Satisfaction with each of {words.count(len(panels), 'service')}, by customer"
    return Finding(
        title=title,
        subtitle=f"Share very or fairly satisfied, survey by survey. {_SMALL}.",
        alt=f"{title}. Small line charts, one a service, a line for each customer.",
        chart=Trend(tuple(panels), council_order=reference.council_order(), side_by_side=True),
        table=_table("Satisfaction by service, customer and survey", "Service and customer", raw),
        provenance=reference.provenance("satisfaction"),
    )


def panel(
    service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> list[Panel]:
    """A panel of satisfaction by customer, or none without a survey that can be shown."""
    rows = [
        r
        for r in _rows(service_id, council_ids, from_month, to_month)
        if r["service_id"] == service_id and r["council_id"] is not None
    ]
    names, lines = reference.council_names(), []
    crowded = len(council_ids) > settings.COLOURED_COUNCILS
    for council_id in names:
        mine = [r for r in rows if r["council_id"] == council_id]
        if any(r["satisfied_share"] is not None for r in mine):
            lines.append(_line(names[council_id], "context" if crowded else council_id, mine))
    return [Panel("Satisfied customers", "share", tuple(lines))] if lines else []


def _rows(
    service_id: str | None, council_ids: tuple[str, ...], first: date, last: date
) -> list[dict[str, Any]]:
    return fetch(
        "satisfaction_trend",
        service_id=service_id,
        council_ids=council_ids,
        from_month=first,
        to_month=last,
    ).rows()


def _line(name: str, role: str, rows: list[dict[str, Any]]) -> Line:
    return Line(
        name,
        role,
        tuple(r["month"] for r in rows),
        tuple(r["satisfied_share"] for r in rows),
        tuple(_said(r) for r in rows),
    )


def _said(row: dict[str, Any]) -> str:
    if row["is_hidden"]:
        return HIDDEN
    if row["satisfied_share"] is None:
        return words.MISSING
    asked = f" of {row['respondents']:,}" if row["respondents"] else ""
    return f"{words.percent(row['satisfied_share'])}{asked}"


def _finding(rows: list[dict[str, Any]], names: dict[str | None, str]) -> str:
    shown = [r for r in rows if r["satisfied_share"] is not None]
    newest = max(r["month"] for r in shown)
    latest = {r["council_id"]: r for r in shown if r["month"] == newest}
    whole = latest.pop(None, None)
    parts = []
    if whole:
        parts.append(f"{words.percent(whole['satisfied_share'])} in all")
    if len(latest) > settings.COLOURED_COUNCILS:
        ranked = sorted(latest.values(), key=lambda r: r["satisfied_share"])
        parts.append(
            f"from {words.percent(ranked[0]['satisfied_share'])} "
            f"({names[ranked[0]['council_id']]}) to "
            f"{words.percent(ranked[-1]['satisfied_share'])} "
            f"({names[ranked[-1]['council_id']]})"
        )
    elif latest:
        parts.append(
            words.listing(
                [
                    f"{names[c]} {words.percent(r['satisfied_share'])}"
                    for c, r in sorted(latest.items(), key=lambda i: list(names).index(i[0]))
                ]
            )
        )
    return f"{'; '.join(parts)} ({words.month(newest)})"


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


def _answered() -> tuple[int | None, ...]:
    """How many answered in all, survey by survey; None where it is not published."""
    found = _rows(None, (), date(1900, 1, 1), date(2999, 12, 1))
    return tuple(r["respondents"] for r in found if r["service_id"] is None)


_RAW = ("period", "month", "respondents", "satisfied_share", "share_year_before", "is_hidden")


def _raw(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[c] for c in _RAW)


def _table(caption: str, what: str, raw: list[tuple[Any, ...]]) -> Table:
    return Table(
        caption=caption,
        columns=(what, "Survey", "Satisfied", "Respondents", "Same month the year before"),
        rows=tuple(
            (
                Cell.of(r[0], None, Link("service", (("service", r[0]),)))
                if what == "Service"
                else Cell.of(r[0]),
                Cell.of(words.period(r[1], r[2])),
                Cell.of(HIDDEN if r[6] else words.percent(r[4])),
                Cell.of(f"{r[3]:,}" if r[3] else "hidden" if r[6] else "not published"),
                Cell.of(words.percent(r[5]) if r[5] is not None else "no survey"),
            )
            for r in sorted(raw, key=lambda r: r[2], reverse=True)
        ),
        raw_columns=(what.lower(), *_RAW),
        raw_rows=tuple(raw),
        figures=frozenset({2, 3, 4}),
    )
