"""What services cost, against budget and against the year before."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import due, reference
from dashboard.exhibits.charts import Bar, Bars, Event, Line, Panel, Trend
from dashboard.exhibits.exhibit import Cell, Finding, Link, Table, exhibit
from dashboard.method.financial_year import a_year_before
from dashboard.warehouse import fetch

# Said on every exhibit of money, because council papers put underspends in brackets.
SIGN = "Over means spending above budget, under means below"
ALL_SERVICES = "All services"

_OF_YEAR = (
    *("to_month", "actual_gbp", "budget_gbp", "year_before_gbp", "year_budget_gbp"),
    *("forecast_gbp", "forecast_month", "unbudgeted", "unreported", "unforecast"),
    *("reported_gbp", "is_like"),
)

_SPLIT = ("service_id", "council_id", "cost_type", "budget_block")


# Cost types that bring money in (docs/methods.md, True cost).
_INCOME = {"income", "fees and charges"}


@dataclass(frozen=True)
class Asked:
    """What a figure of the year is asked of: who, and which part of the costs."""

    service_id: str | None
    council_ids: tuple[str, ...]
    cost_type: str | None = None
    budget_block: str | None = None

    def of(self, by: str, part: str | None) -> "Asked":
        """The same of one part of a split; None is all of it."""
        if part is None:
            return self
        return replace(self, **{"council_ids": (part,)} if by == "council_id" else {by: part})


# Names of the parts that figures are split into, by the column that tells them apart.
PARTS = {
    "service_id": "Service",
    "council_id": "Council",
    "cost_type": "Cost type",
    "budget_block": "Budget",
}


@exhibit
def to_date(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
    by: str | None = None,
) -> Finding:
    """Each service's cost so far in the year, or each council's where one service is chosen."""
    by = by or ("council_id" if service_id else "service_id")
    asked = Asked(service_id, council_ids, cost_type, budget_block)
    year, rows = of_year(service_id, council_ids, to_month, cost_type, budget_block, by)
    if year is None or not rows:
        return Finding(
            title="Cost so far in the year",
            empty="No cost was reported up to the month "
            "and for what was chosen: choose a later month, more councils or every cost type.",
        )
    order = [r[by] for r in rows]
    rows.sort(key=lambda r: (-(r["reported_gbp"] or 0), order.index(r[by])))
    span = words.months(year["from_month"], year["to_month"])
    title = _said_of_year(year, asked)
    has_budget = any(r["budget_gbp"] is not None for r in [*rows, year])
    drawn = rows[: settings.ROWS_DRAWN]
    like = _alike(drawn)
    same = "days" if due.up_to(council_ids, year["to_month"]) else "months"
    more = f" The {len(drawn)} largest of {len(rows)} are drawn." * (len(rows) > len(drawn))
    return Finding(
        title=title,
        subtitle=f"{span}, by {PARTS[by].lower()}. {SIGN}.{more}{_forecast_said(year)}"
        f"{_like_said(year, asked)}{due.note(council_ids, to_month)}",
        alt=title,
        chart=Bars(
            categories=tuple(name_of(by, r[by]) for r in drawn),
            notes=tuple(_note(r) for r in drawn),
            bars=(
                Bar(
                    "Actual",
                    "actual",
                    _floats(drawn, "actual_gbp"),
                    tuple(_note(r, against(r, cost_type)) for r in drawn),
                ),
                *(_mark(drawn, "Budget", "budget", "budget_gbp") if has_budget else ()),
                *(
                    _mark(like, "Year before", "year before", "year_before_gbp")
                    if any(r["year_before_gbp"] is not None for r in like)
                    else ()
                ),
            ),
            unit="£",
        ),
        table=Table(
            caption=f"Cost, budget, forecast and the year before, {span}",
            columns=(
                PARTS[by],
                "Actual",
                "Budget",
                "Variance",
                f"Same {same} the year before",
                "Change on the year before",
                "Budget of the year",
                "Forecast of the year",
            ),
            rows=tuple(
                (
                    _named(r, by, service_id, cost_type),
                    Cell.of(pounds_or_why(r["actual_gbp"], r["unreported"])),
                    Cell.of(pounds_or_why(r["budget_gbp"], r["unreported"])),
                    Cell.of(_variance_exact(r)),
                    Cell.of(pounds_or_why(r["year_before_gbp"], r["before_unreported"])),
                    Cell.of(change(r, asked.of(by, r[by]))),
                    Cell.of(words.pounds_exact(r["year_budget_gbp"])),
                    _forecast_cell(r),
                )
                for r in [*rows, year]
            ),
            raw_columns=(by, *_OF_YEAR),
            raw_rows=tuple(
                ("together" if r is year else r[by], *(r[c] for c in _OF_YEAR))
                for r in [*rows, year]
            ),
            figures=frozenset({1, 2, 4, 6, 7}),
        ),
        provenance=reference.provenance("costs"),
    )


def _said_of_year(year: dict[str, Any], asked: Asked) -> str:
    """What was spent so far in the year, as a sentence; or why that is not known."""
    # As a sentence: all services are "the services" where nothing was chosen.
    named = scope(asked.service_id, asked.cost_type, asked.budget_block)
    is_all = named == ALL_SERVICES
    when = words.year(year["financial_year"])
    if year["actual_gbp"] is None:
        title = f"What {'the services' if is_all else named} cost in {when} is not known: "
        title += why_unknown(year, asked)
        return title if not (known := in_part(year)) else f"{title}; {known}"
    who = "The services" if is_all else named
    up_to = due.up_to(asked.council_ids, year["to_month"])
    title = f"{who} cost {words.pounds(year['actual_gbp'])} in {when}{' ' * bool(up_to)}{up_to}"
    if said := against(year, asked.cost_type):
        return f"{title}, {said}"
    if not year["year_before_gbp"]:
        return title
    if year["is_like"]:
        before = words.pounds(year["year_before_gbp"])
        return f"{title}; {before} {'in the same days of ' if up_to else ''}the year before"
    return f"{title}, not to be compared with the year before: {_unlike(year, asked)}"


@exhibit
def through_the_year(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
) -> Finding:
    """Cost adding up through each financial year, by council, beside budget and the year before."""
    # Totals over all services carry no service, totals over councils no council.
    rows = [
        r
        for r in _trend(service_id, council_ids, from_month, to_month, cost_type, budget_block)
        if r["service_id"] == service_id
    ]
    names = reference.council_names()
    mine = {None: "All together", **{c: names[c] for c in council_ids}}
    # One month of a ledger is one figure of its year, and yet not the year's.
    yearly = len({r["month"] for r in rows}) == len({r["financial_year"] for r in rows}) and all(
        r["period"] != f"{r['month']:%Y-%m}" for r in rows
    )
    kinds = {"actual": "Actual", "budget": "Budget"}
    if not yearly:
        kinds["year before"] = "Year before"
    panels, raw = [], []
    for council_id, name in mine.items():
        line = [r for r in rows if r["council_id"] == council_id]
        if any(r["actual_to_date_gbp"] is not None for r in line):
            panels.append(Panel(name, "£", tuple(_lines(line, "_to_date_gbp", kinds)), True))
            raw += [(name, *_raw(r)) for r in line]
    what = scope(service_id, cost_type, budget_block)
    if not panels:
        return Finding(
            title=f"{what}: cost through the year",
            empty="No cost was reported in the time and for the councils chosen: choose a longer "
            "time or more councils.",
        )
    together = [r for r in rows if r["council_id"] is None]
    title = _spent_by(
        what, together, yearly, Asked(service_id, council_ids, cost_type, budget_block)
    )
    apart = not yearly and any(
        r["actual_to_date_gbp"] is not None and r["actual_to_date_year_before_gbp"] is None
        for r in together
        if r["month"].year > rows[0]["month"].year
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
        + f", by council{of}. {SIGN}.{due.note(council_ids, to_month)}"
        + " The year before is left out where other services or councils were in it." * apart,
        alt=title + ". Line charts, one panel a council.",
        chart=Trend(
            tuple(shown),
            _events(service_id, council_ids, from_month, to_month),
            side_by_side=len(shown) > settings.COLOURED_COUNCILS,
        ),
        table=_table(f"{what}: cost through the year", "Council", raw),
        provenance=reference.provenance("costs"),
    )


def _spent_by(what: str, rows: list[dict[str, Any]], yearly: bool, asked: Asked) -> str:
    """What was spent by the newest month; or up to when that is known, and what lacks since."""
    newest = [r for r in rows if not r["is_ahead"]][-1]
    lacks = ""
    if newest["actual_to_date_gbp"] is None:
        lacks = due.lacking(
            asked.service_id,
            asked.council_ids,
            april(newest),
            newest["month"],
            asked.cost_type,
            asked.budget_block,
        )
    known = [r for r in rows if r["actual_to_date_gbp"] is not None]
    known = [r for r in known if yearly or r["financial_year"] == newest["financial_year"]]
    if not known:
        return f"{what}: what was spent is not known: {lacks}"
    last = known[-1]
    year = words.year(last["financial_year"])
    against = (
        words.variance(last["actual_to_date_gbp"], last["budget_to_date_gbp"])
        if last["is_budgeted_to_date"]
        else ""
    )
    return (
        f"{what}: {words.pounds(last['actual_to_date_gbp'])} spent "
        + (f"in {year}" if yearly else f"by {words.month(last['month'])}")
        + (f", {against}" if against else "")
        + (f"; not known since, as {lacks}" if lacks else "")
    )


@exhibit
def by_service(
    *,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    first: int = 0,
    cost_type: str | None = None,
    budget_block: str | None = None,
) -> Finding:
    """Each service's cost, month by month or year by year, against its budget."""
    rows = _trend(None, council_ids, from_month, to_month, cost_type, budget_block)
    names = reference.service_names()
    panels, raw, grew = [], [], []
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
        grew.append(_grew(line))
    shown = panels[first : first + settings.PANELS_SIDE_BY_SIDE]
    if not shown:
        return Finding(
            title="Cost by service",
            empty="No cost was reported in the time and for "
            "the councils chosen: choose a longer time or more councils.",
        )
    grew = [more for more in grew if more is not None]
    title = (
        f"{sum(grew)} of {words.count(len(grew), 'service')} cost more at the end of the time "
        "chosen than a year before"
        if grew
        else f"{words.count(len(panels), 'service')}, of which no cost is known a year before"
    )
    return Finding(
        title=title,
        subtitle=f"{scope(None, cost_type, budget_block)}: cost in each period, against budget "
        "where there is one, the chosen councils together"
        + (
            f"; services {first + 1} to {first + len(shown)} of {len(panels)}"
            if len(panels) > len(shown)
            else ""
        )
        + (f".{note}" if (note := due.note(council_ids, to_month)) else ""),
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


def of_year(
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None,
    budget_block: str | None,
    *by: str,
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The financial year up to a month: all of it, and its parts that cost or earned anything.

    by: the columns that tell parts apart, in the workspace's order of the first. None, and no
    parts, where nothing was reported. See queries/costs_of_year.sql for the columns.
    """
    found = _every_split(service_id, council_ids, to_month, cost_type, budget_block)
    whole = next((r for r in found if all(r[c] is None for c in _SPLIT)), None)
    if whole is None or whole["reported_gbp"] is None:
        return None, []
    rows = [
        r
        for r in found
        if all((r[c] is not None) == (c in by) for c in _SPLIT)
        # What was due and never reported is a part too: the sum is not known for it.
        and (r["reported_gbp"] is not None or r["unreported"])
    ]
    order = list(_names(by[0]))
    return whole, sorted(rows, key=lambda r: order.index(r[by[0]]))


def _every_split(
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None,
    budget_block: str | None,
) -> list[dict[str, Any]]:
    return fetch(
        "costs_of_year",
        service_id=service_id,
        council_ids=council_ids,
        cost_type=cost_type,
        budget_block=budget_block,
        to_month=to_month,
    ).rows()


def _names(by: str) -> dict[str, str]:
    match by:
        case "service_id":
            return reference.service_names()
        case "council_id":
            return reference.council_names()
        case "cost_type":
            return reference.cost_types()
    return reference.blocks()


def name_of(by: str, part: str) -> str:
    """How a part of a split reads."""
    return _names(by)[part]


def scope(service_id: str | None, cost_type: str | None, budget_block: str | None) -> str:
    """What figures are of: "All services"; "ICT, Employees, shared budgets"."""
    parts = [reference.service_names()[service_id] if service_id else ALL_SERVICES]
    if cost_type is not None:
        parts.append(reference.cost_types()[cost_type])
    if budget_block is not None:
        parts.append(block_said(budget_block))
    return ", ".join(parts)


def block_said(budget_block: str) -> str:
    """The budgets of a block, within a sentence: "shared budgets", "HRA budgets"."""
    name = reference.blocks()[budget_block]
    return f"{name.lower() if name == name.capitalize() else name} budgets"


def is_known(row: dict[str, Any]) -> bool:
    """Whether all that was spent has a budget and all budgets were reported on, so that the
    difference of the sums is a variance."""
    return not row["unbudgeted"] and not row["unreported"]


def is_income(row: dict[str, Any]) -> bool:
    """Whether a part brings money in: then over is less income, not more spending."""
    return (row["budget_gbp"] or row["actual_gbp"] or 0) < 0


def against(row: dict[str, Any], cost_type: str | None = None) -> str:
    """Spending against budget in words; nothing without a budget or where it is not known.

    cost_type: the one that all of it is of, where the row does not say.
    """
    if not is_known(row):
        return ""
    kind = (row.get("cost_type") or cost_type or "").strip().lower()
    return words.variance(row["actual_gbp"], row["budget_gbp"], is_income=kind in _INCOME)


def where_it_went(row: dict[str, Any], **chosen: str | None) -> Link:
    """A link to what is behind a figure of the year: the same months, as far as is chosen."""
    names = {"service_id": reference.service_names(), "cost_type": reference.cost_types()}
    filters = [
        (column.removesuffix("_id"), names[column][chosen[column]])
        for column in names
        if chosen.get(column) is not None
    ]
    if chosen.get("council_id"):
        filters.append(("councils", reference.council_names()[chosen["council_id"]]))
    return Link("spending", (*filters, *reference.stretch(row["from_month"], row["to_month"])))


def _trend(
    service_id: str | None,
    council_ids: tuple[str, ...],
    first: date,
    last: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
) -> list[dict[str, Any]]:
    return fetch(
        "costs_trend",
        service_id=service_id,
        council_ids=council_ids,
        cost_type=cost_type,
        budget_block=budget_block,
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


def _grew(rows: list[dict[str, Any]]) -> bool | None:
    """Whether the newest cost of a service is above that of a year before; None without one."""
    last = [r for r in rows if r["actual_gbp"] is not None][-1]
    before = last["actual_year_before_gbp"]
    return None if before is None else last["actual_gbp"] > before


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


def _mark(rows: list[dict[str, Any]], name: str, role: str, column: str) -> tuple[Bar]:
    said = tuple(words.MISSING if r[column] is None else words.pounds(r[column]) for r in rows)
    return (Bar(name, role, _floats(rows, column), said, is_mark=True),)


def _named(row: dict[str, Any], by: str, service_id: str | None, cost_type: str | None) -> Cell:
    if row[by] is None:
        return Cell.of("Together")
    link = where_it_went(row, **{"service_id": service_id, "cost_type": cost_type, by: row[by]})
    return Cell.of(name_of(by, row[by]), None, link)


def _variance_exact(row: dict[str, Any]) -> str:
    if row["budget_gbp"] is None and not row["unreported"]:
        return "no budget"
    if not is_known(row):
        known = in_part(row)
        lacks = "an actual" if row["unreported"] else "a budget"
        return f"not known: some figures lack {lacks}" + (f"; {known}" if known else "")
    return words.variance_exact(row["actual_gbp"], row["budget_gbp"])


def pounds_or_why(amount: Any, lacks: int) -> str:
    """An amount for a table; "not known" where a part of it that was due is not there."""
    return due.NOT_KNOWN if amount is None and lacks else words.pounds_exact(amount)


def in_part(row: dict[str, Any]) -> str:
    """What is known of a sum that is not whole: "£50 against £100 in what was reported"."""
    if not row["matched_budget_gbp"]:
        return ""
    spent, budget = row["matched_actual_gbp"], row["matched_budget_gbp"]
    return f"{words.pounds(spent)} against {words.pounds(budget)} in what was reported"


def april(row: dict[str, Any]) -> date:
    """The month that the financial year of a row begins with."""
    return date(int(row["financial_year"][:4]), 4, 1)


def why_unknown(row: dict[str, Any], asked: Asked) -> str:
    return due.lacking(
        asked.service_id,
        asked.council_ids,
        april(row),
        row["to_month"],
        asked.cost_type,
        asked.budget_block,
    )


def _unlike(row: dict[str, Any], asked: Asked) -> str:
    return due.changed(asked.service_id, asked.council_ids, april(row), row["to_month"])


def change(row: dict[str, Any], asked: Asked) -> str:
    """Against the same months of the year before; or why that says nothing."""
    if row["actual_gbp"] is None:
        return f"no comparison: {why_unknown(row, asked)}"
    if row["before_unreported"]:
        first, last = (a_year_before(m) for m in (april(row), row["to_month"]))
        lacks = due.lacking(
            asked.service_id, asked.council_ids, first, last, asked.cost_type, asked.budget_block
        )
        return f"no comparison: {lacks}"
    if not row["is_like"]:
        return f"{_unlike(row, asked)}, no comparison"
    if row["year_before_gbp"] is None:
        return "no figure before"
    return words.money_change(row["actual_gbp"], row["year_before_gbp"])


def _alike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, without a year before where it is not to be compared."""
    return [
        r if r["is_like"] and r["actual_gbp"] is not None else {**r, "year_before_gbp": None}
        for r in rows
    ]


def _like_said(row: dict[str, Any], asked: Asked) -> str:
    """Of a sum that is not like that of the year before, the part that is."""
    now, before = row["like_gbp"], row["like_year_before_gbp"]
    if row["is_like"] or now is None or before is None or not row["year_before_gbp"]:
        return ""
    return (
        f" What was served in the same months of both years came to {words.pounds(now)}, "
        f"{words.money_change(now, before)} than the year before ({_unlike(row, asked)})."
    ).replace("no change than the year before", "as the year before")


def _forecast_cell(row: dict[str, Any]) -> Cell:
    """The forecast of the year's outturn, and what it leaves out."""
    if row["forecast_gbp"] is None:
        return Cell.of("none reported")
    lines = [(words.pounds_exact(row["forecast_gbp"]), None)]
    if row["unforecast"]:
        lines.append((f"without {words.count(row['unforecast'], 'part')} not forecast", None))
    return Cell(tuple(lines))


def _forecast_said(whole: dict[str, Any]) -> str:
    """What is forecast of the year that still runs."""
    if whole["forecast_gbp"] is None or whole["to_month"].month == 3:
        return ""
    said = f" Forecast of the year in {words.month(whole['forecast_month'])}: "
    if whole["unforecast"]:
        return f"{said}incomplete, {words.count(whole['unforecast'], 'part')} without one."
    gap = words.variance(whole["forecast_gbp"], whole["year_budget_gbp"])
    return f"{said}{words.pounds(whole['forecast_gbp'])}{', ' + gap if gap else ''}."


def _note(row: dict[str, Any], said: str | None = None) -> str:
    if row["actual_gbp"] is None:
        return due.NOT_KNOWN
    if said is None:
        said = against_briefly(row)
        # "7% over" is understood; "on" is not.
        said = said if said == "on budget" else said.removesuffix(" budget")
    return words.pounds(row["actual_gbp"]) + (f", {said}" if said else "")


def against_briefly(row: dict[str, Any]) -> str:
    """Spending against budget where room is short; nothing where it is not known."""
    return words.over_or_under(row["actual_gbp"], row["budget_gbp"]) if is_known(row) else ""


def change_briefly(row: dict[str, Any], asked: Asked) -> str:
    """Against the year before where room is short: "7% less than £6.29m"; nothing before, nothing.

    Why there is no comparison, where something was spent in both years.
    """
    if row["year_before_gbp"] is None and not row["before_unreported"]:
        return "" if row["is_like"] else change(row, asked)
    if row["actual_gbp"] is None or row["before_unreported"] or not row["is_like"]:
        return change(row, asked)
    now, before = row["actual_gbp"], row["year_before_gbp"]
    said = words.money_change(now, before)
    if before > 0 and now >= 0 and now != before:
        said = f"{abs(float(now - before) / float(before)):.0%} {said.rpartition(' ')[2]}"
    return f"as {words.pounds(before)}" if now == before else f"{said} than {words.pounds(before)}"


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
