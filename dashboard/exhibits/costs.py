"""What services cost, against budget and against the year before."""

from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import (
    Bar,
    Bars,
    Cell,
    Event,
    Finding,
    Line,
    Link,
    Panel,
    Table,
    Trend,
    exhibit,
)
from dashboard.warehouse import fetch

# Said on every exhibit of money, because council papers put underspends in brackets.
SIGN = "Over means spending above budget, under means below"


@exhibit
def to_date(*, service_id: str | None, council_ids: tuple[str, ...], to_month: date) -> Finding:
    """Each service's cost so far in the year, or each council's where one service is chosen."""
    found = fetch(
        "standing_costs", service_id=service_id, council_ids=council_ids, to_month=to_month
    )
    by, names = (
        ("council_id", reference.council_names())
        if service_id
        else ("service_id", reference.service_names())
    )
    other = "service_id" if by == "council_id" else "council_id"
    rows = [r for r in found.rows() if r[by] is not None and r[other] is None]
    whole = next((r for r in found.rows() if r[by] is None and r[other] is None), None)
    rows = [r for r in rows if r["actual_gbp"] is not None]
    if not rows or whole is None:
        return Finding(
            title="Cost so far in the year",
            empty="No cost was reported up to the month "
            "and for the councils chosen: choose a later month or more councils.",
        )
    order = list(names)
    rows.sort(key=lambda r: (-r["actual_gbp"], order.index(r[by])))
    has_budget = whole["budget_gbp"] is not None
    year = whole["financial_year"].replace("-", "/")
    span = words.months(date(int(whole["financial_year"][:4]), 4, 1), whole["to_month"])
    who = reference.service_names()[service_id] if service_id else "the services"
    title = f"{who[0].upper()}{who[1:]} cost {words.pounds(whole['actual_gbp'])} in {year}"
    if has_budget:
        title += f", {words.variance(whole['actual_gbp'], whole['budget_gbp'])}"
    elif whole["year_before_gbp"]:
        title += f"; {words.pounds(whole['year_before_gbp'])} the year before"
    return Finding(
        title=title,
        subtitle=f"{span}, by {'council' if service_id else 'service'}. {SIGN}.",
        alt=title,
        chart=Bars(
            categories=tuple(names[r[by]] for r in rows),
            notes=tuple(_note(r) for r in rows),
            bars=(
                Bar(
                    "Actual",
                    "actual",
                    tuple(float(r["actual_gbp"]) for r in rows),
                    tuple(
                        f"{words.pounds(r['actual_gbp'])} "
                        f"{words.variance(r['actual_gbp'], r['budget_gbp'])}"
                        for r in rows
                    ),
                ),
                *(
                    [
                        Bar(
                            "Budget",
                            "budget",
                            _floats(rows, "budget_gbp"),
                            tuple(words.pounds(r["budget_gbp"] or 0) for r in rows),
                            is_mark=True,
                        )
                    ]
                    if has_budget
                    else []
                ),
                *(
                    [
                        Bar(
                            "Year before",
                            "year before",
                            _floats(rows, "year_before_gbp"),
                            tuple(words.pounds(r["year_before_gbp"] or 0) for r in rows),
                            is_mark=True,
                        )
                    ]
                    if whole["year_before_gbp"] is not None
                    else []
                ),
            ),
            unit="£",
        ),
        table=Table(
            caption=f"Cost, budget and the year before, {span}",
            columns=(
                "Council" if service_id else "Service",
                "Actual",
                "Budget",
                "Variance",
                "Same months the year before",
                "Change on the year before",
            ),
            rows=tuple(
                (
                    _named(names, r, by),
                    Cell.of(words.pounds_exact(r["actual_gbp"])),
                    Cell.of(words.pounds_exact(r["budget_gbp"])),
                    Cell.of(words.variance(r["actual_gbp"], r["budget_gbp"]) or "no budget"),
                    Cell.of(words.pounds_exact(r["year_before_gbp"])),
                    Cell.of(_change(r)),
                )
                for r in [*rows, whole]
            ),
            raw_columns=(by, "to_month", "actual_gbp", "budget_gbp", "year_before_gbp"),
            raw_rows=tuple(
                (
                    r[by] or "together",
                    r["to_month"],
                    r["actual_gbp"],
                    r["budget_gbp"],
                    r["year_before_gbp"],
                )
                for r in [*rows, whole]
            ),
            figures=frozenset({1, 2, 4}),
        ),
        provenance=reference.provenance("costs"),
    )


@exhibit
def through_the_year(
    *, service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """Cost adding up through each financial year, by council, beside budget and the year before."""
    # Totals over all services carry no service, totals over councils no council.
    rows = [
        r
        for r in _trend(service_id, council_ids, from_month, to_month)
        if r["service_id"] == service_id
    ]
    names = reference.council_names()
    mine = {None: "All together", **{c: names[c] for c in council_ids}}
    yearly = len({r["month"] for r in rows}) == len({r["financial_year"] for r in rows})
    kinds = {"actual": "Actual", "budget": "Budget"}
    if not yearly:
        kinds["year before"] = "Year before"
    panels, raw = [], []
    for council_id, name in mine.items():
        line = [r for r in rows if r["council_id"] == council_id]
        if any(r["actual_to_date_gbp"] is not None for r in line):
            panels.append(Panel(name, "£", tuple(_lines(line, "_to_date_gbp", kinds)), True))
            raw += [(name, *_raw(r)) for r in line]
    what = reference.service_names()[service_id] if service_id else "All services"
    if not panels:
        return Finding(
            title=f"{what}: cost through the year",
            empty="No cost was reported in the time and for the councils chosen: choose a longer "
            "time or more councils.",
        )
    last = [r for r in rows if r["council_id"] is None and r["actual_to_date_gbp"] is not None][-1]
    year = last["financial_year"].replace("-", "/")
    against = words.variance(last["actual_to_date_gbp"], last["budget_to_date_gbp"])
    title = (
        f"{what}: {words.pounds(last['actual_to_date_gbp'])} spent "
        + (f"in {year}" if yearly else f"by {words.month(last['month'])}")
        + (f", {against}" if against else "")
    )
    shown = panels[: settings.PANELS_SIDE_BY_SIDE]
    of = (
        f"; {len(shown)} of {len(panels)} are drawn, choose councils to see others"
        if len(panels) > len(shown)
        else ""
    )
    return Finding(
        title=title,
        subtitle=("Cost year by year" if yearly else "Cost adding up from April")
        + f", by council{of}. {SIGN}.",
        alt=title + ". Line charts, one panel a council.",
        chart=Trend(
            tuple(shown),
            _events(service_id, council_ids, from_month, to_month),
            side_by_side=len(shown) > settings.COLOURED_COUNCILS,
        ),
        table=_table(f"{what}: cost through the year", "Council", raw),
        provenance=reference.provenance("costs"),
    )


@exhibit
def by_service(
    *, council_ids: tuple[str, ...], from_month: date, to_month: date, first: int = 0
) -> Finding:
    """Each service's cost, month by month or year by year, against its budget."""
    rows = _trend(None, council_ids, from_month, to_month)
    names = reference.service_names()
    panels, raw = [], []
    for service_id, name in names.items():
        line = [r for r in rows if r["service_id"] == service_id and r["council_id"] is None]
        if not any(r["actual_gbp"] is not None for r in line):
            continue
        panels.append(
            Panel(
                name,
                "£",
                tuple(_lines(line, "_gbp", {"actual": "Actual", "budget": "Budget"})),
                True,
            )
        )
        raw += [(name, *_raw(r)) for r in line]
    shown = panels[first : first + settings.PANELS_SIDE_BY_SIDE]
    if not shown:
        return Finding(
            title="Cost by service",
            empty="No cost was reported in the time and for "
            "the councils chosen: choose a longer time or more councils.",
        )
    grew = sum(1 for p in panels if _grew(p))
    title = (
        f"{grew} of {len(panels)} services cost more at the end of the time chosen than a "
        "year before"
    )
    return Finding(
        title=title,
        subtitle="Cost in each period, against budget where there is one, the chosen councils "
        "together"
        + (
            f"; services {first + 1} to {first + len(shown)} of {len(panels)}"
            if len(panels) > len(shown)
            else ""
        ),
        alt=title + ". Small line charts, one a service.",
        chart=Trend(tuple(shown), side_by_side=True),
        table=_table("Cost by service", "Service", raw),
        provenance=reference.provenance("costs"),
    )


def services_a_figure() -> tuple[int, int]:
    """How many services there are, and how many one figure of them holds."""
    return len(reference.service_names()), settings.PANELS_SIDE_BY_SIDE


def panel(
    service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> list[Panel]:
    """A panel of one service's (or all services') cost in each period, or none without costs."""
    rows = [
        r
        for r in _trend(service_id, council_ids, from_month, to_month)
        if r["council_id"] is None and r["service_id"] == service_id
    ]
    if not any(r["actual_gbp"] is not None for r in rows):
        return []
    lines = _lines(rows, "_gbp", {"actual": "Actual cost", "budget": "Budget"})
    title = "Cost" if len(council_ids) == 1 else "Cost, the chosen councils together"
    return [Panel(title, "£", tuple(lines), True)]


def _trend(
    service_id: str | None, council_ids: tuple[str, ...], first: date, last: date
) -> list[dict[str, Any]]:
    return fetch(
        "costs_trend",
        service_id=service_id,
        council_ids=council_ids,
        from_month=first,
        to_month=last,
    ).rows()


_SOURCES = {"actual": "actual", "budget": "budget", "year before": "actual"}


def _lines(rows: list[dict[str, Any]], ending: str, kinds: dict[str, str]) -> list[Line]:
    lines = []
    for role, name in kinds.items():
        column = _SOURCES[role] + (
            ending.removesuffix("_gbp") + "_year_before_gbp" if role == "year before" else ending
        )
        if any(r[column] is not None for r in rows):
            points = [
                (
                    r["month"],
                    None if r[column] is None else float(r[column]),
                    words.MISSING if r[column] is None else words.pounds(r[column]),
                )
                for r in rows
            ]
            if "to_date" in ending:
                points = _apart(points)
            lines.append(Line(name, role, *(tuple(c) for c in zip(*points, strict=True))))
    return lines


def _apart(points: list[tuple[date, float | None, str]]) -> list[tuple[date, float | None, str]]:
    """Points of several years with a gap before each April, where what adds up begins anew."""
    apart = []
    for month, value, said in points:
        if month.month == 4 and apart:
            apart.append((date(month.year, 3, 31), None, ""))
        apart.append((month, value, said))
    return apart


def _grew(panel_: Panel) -> bool:
    actual = panel_.lines[0]
    by_month = dict(zip(actual.months, actual.values, strict=True))
    last = max(m for m, v in by_month.items() if v is not None)
    before = by_month.get(date(last.year - 1, last.month, 1))
    return before is not None and (by_month[last] or 0) > before


def _events(
    service_id: str | None, council_ids: tuple[str, ...], first: date, last: date
) -> tuple[Event, ...]:
    found = fetch(
        "events",
        service_id=service_id,
        measure_id=None,
        council_ids=council_ids,
        from_month=first,
        to_month=last,
    )
    return tuple(Event(m, t) for m, t in zip(found["month"], found["title"], strict=True))


def _floats(rows: list[dict[str, Any]], column: str) -> tuple[float | None, ...]:
    return tuple(None if r[column] is None else float(r[column]) for r in rows)


def _named(names: dict[str, str], row: dict[str, Any], by: str) -> Cell:
    if row[by] is None:
        return Cell.of("Together")
    name = names[row[by]]
    if by == "council_id":
        return Cell.of(name, None, Link("council", (("council", name),)))
    return Cell.of(name, None, Link("costs", (("service", name),)))


def _note(row: dict[str, Any]) -> str:
    against = words.over_or_under(row["actual_gbp"], row["budget_gbp"]).removesuffix(" budget")
    return words.pounds(row["actual_gbp"]) + (f", {against}" if against else "")


def _change(row: dict[str, Any]) -> str:
    before = row["year_before_gbp"]
    if not before:
        return "no figure before"
    gap = row["actual_gbp"] - before
    return f"{words.pounds(abs(gap))} ({abs(float(gap) / float(before)):.0%}) " + (
        "more" if gap > 0 else "less"
    )


_RAW = (
    "period",
    "month",
    "financial_year",
    "actual_gbp",
    "budget_gbp",
    "actual_to_date_gbp",
    "budget_to_date_gbp",
    "actual_to_date_year_before_gbp",
)


def _raw(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[c] for c in _RAW)


def _table(caption: str, what: str, raw: list[tuple[Any, ...]]) -> Table:
    newest_first = sorted(raw, key=lambda r: r[2], reverse=True)
    return Table(
        caption=caption,
        columns=(
            what,
            "Period",
            "Actual",
            "Budget",
            "Actual since April",
            "Budget since April",
            "Same months the year before",
        ),
        rows=tuple(
            (
                Cell.of(r[0]),
                Cell.of(words.period(r[1], r[2])),
                *(Cell.of(words.pounds_exact(r[i])) for i in (4, 5, 6, 7, 8)),
            )
            for r in newest_first
        ),
        raw_columns=(what.lower(), *_RAW),
        raw_rows=tuple(raw),
        figures=frozenset({2, 3, 4, 5, 6}),
    )
