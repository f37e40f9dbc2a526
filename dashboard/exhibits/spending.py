"""Where the money went: from a service's variance to cost types, suppliers and ledger lines."""

import functools
from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import due, reference
from dashboard.exhibits.charts import Bar, Bars
from dashboard.exhibits.costs import SIGN, against, is_income, is_known, pounds_or_why
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Link, Table, exhibit
from dashboard.warehouse import fetch

Row = dict[str, Any]

ALL_SERVICES = "All services"
NO_SUPPLIER = "No supplier named"
# Every month there can be: for what is asked of a supplier whenever it was paid.
_ALWAYS = {"from_month": date(1900, 1, 1), "to_month": date(2999, 12, 1)}


def supplier_names() -> dict[str, str]:
    """The largest suppliers by their text, as many as can be picked from."""
    every = tuple(reference.council_names())
    found = _suppliers(None, every, None, None, at_most=settings.ROWS_SHOWN, **_ALWAYS)
    return {r["supplier"]: r["supplier"] or NO_SUPPLIER for r in found}


def is_supplier(name: str) -> bool:
    """Whether anybody was ever paid under this name."""
    every = tuple(reference.council_names())
    return bool(_suppliers(None, every, None, name, at_most=1, **_ALWAYS))


def trail(
    service_id: str | None, cost_type: str | None, supplier: str | None
) -> list[tuple[str, Link | None]]:
    """The steps from the Costs page down to what is shown; the last leads nowhere."""
    filters: list[tuple[str, str]] = []
    steps: list[tuple[str, Link | None]] = []
    if service_id is not None:
        filters.append(("service", reference.service_names()[service_id]))
    if reference.has("costs"):
        steps.append(("Costs", Link("costs", tuple(filters))))
    steps.append((ALL_SERVICES, Link("spending", ())))
    if service_id is not None:
        steps.append((filters[0][1], Link("spending", tuple(filters))))
    if cost_type is not None:
        filters.append(("cost_type", reference.cost_types()[cost_type]))
        steps.append((filters[-1][1], Link("spending", tuple(filters))))
    if supplier is not None:
        steps.append((supplier or NO_SUPPLIER, None))
    return [*steps[:-1], (steps[-1][0], None)]


def down_to_lines(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    cost_type: str | None,
    supplier: str | None,
    from_month: date,
    to_month: date,
) -> list[Exhibit]:
    """What is below the step that was chosen: parts, suppliers, and the lines themselves."""
    chosen = {
        "service_id": service_id,
        "council_ids": council_ids,
        "cost_type": cost_type,
        "from_month": from_month,
        "to_month": to_month,
    }
    found = []
    if service_id is None or cost_type is None:
        found.append(parts(**chosen, supplier=supplier))
    if reference.has("ledger"):
        if supplier is None:
            found.append(suppliers(**chosen))
        if not (service_id is cost_type is supplier is None):
            found.append(lines(**chosen, supplier=supplier))
    return found


@exhibit
def parts(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    cost_type: str | None,
    supplier: str | None,
    from_month: date,
    to_month: date,
) -> Finding:
    """What each service spent, or each cost type of one service, against budget and ledger."""
    found = fetch(
        "spending_parts",
        service_id=service_id,
        council_ids=council_ids,
        cost_type=cost_type,
        supplier=supplier,
        from_month=from_month,
        to_month=to_month,
    ).rows()
    by = "service_id" if service_id is None else "cost_type"
    other = "cost_type" if by == "service_id" else "service_id"
    names = reference.service_names() if by == "service_id" else reference.cost_types()
    # A supplier is known to the ledger alone.
    column = "ledger_gbp" if supplier is not None else "actual_gbp"
    whole = next((r for r in found if r[by] is None and r[other] is None), None)
    rows = [r for r in found if r[by] is not None and _spent(r, column) is not None]
    of = _of(service_id, cost_type, supplier)
    if whole is None or not rows:
        return Finding(title=f"{of}: what was spent", empty=_NOTHING)
    rows.sort(key=lambda r: _rank(r, column))
    if supplier is None and whole["unreported"]:
        lacks = due.lacking(service_id, council_ids, from_month, to_month, cost_type)
        title = f"{of}: what was spent is not known: {lacks}"
    else:
        title = f"{of}: {words.pounds(_spent(whole, column))} spent"
    if said := against(whole, cost_type):
        title += f", {said}"
        most = max(rows, key=lambda r: _gap(r) or 0)
        if len(rows) > 1 and (_gap(most) or 0) >= 1:
            title += f"; most over: {names[most[by]]} {words.pounds(_gap(most) or 0)}"
            title += " (less came in)" if is_income(most) else ""
    drawn = rows[: settings.ROWS_DRAWN]
    budgets = [r["budget_gbp"] for r in drawn]
    # A part that is not known has no bar: one of what was reported would be too short.
    spent = [None if supplier is None and r["unreported"] else _spent(r, column) for r in drawn]
    said_of = [
        due.NOT_KNOWN if s is None else f"{words.pounds(s)} {against(r, cost_type)}".strip()
        for s, r in zip(spent, drawn, strict=True)
    ]
    return Finding(
        title=title,
        subtitle=f"{words.months(from_month, to_month)}, by "
        f"{'service' if by == 'service_id' else 'cost type'}. Income is below zero"
        f"{_sign(budgets)}.{_blocks()}{_apart(whole, column)}"
        f"{_holes(council_ids, from_month, to_month)}",
        alt=title,
        chart=Bars(
            tuple(names[r[by]] for r in drawn),
            tuple(_note(r, column) for r in drawn),
            (
                Bar(
                    "Spent",
                    "actual",
                    tuple(None if s is None else float(s) for s in spent),
                    tuple(said_of),
                ),
                *(
                    [
                        Bar(
                            "Budget",
                            "budget",
                            tuple(None if b is None else float(b) for b in budgets),
                            tuple(words.MISSING if b is None else words.pounds(b) for b in budgets),
                            is_mark=True,
                        )
                    ]
                    if any(b is not None for b in budgets)
                    else []
                ),
            ),
            "£",
        ),
        table=_parts_table(rows, whole, by, names, service_id, cost_type, supplier),
        provenance=reference.provenance("costs" if supplier is None else "ledger"),
        table_open=True,
    )


@exhibit
def suppliers(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    cost_type: str | None,
    from_month: date,
    to_month: date,
) -> Finding:
    """Who was paid most, and what they were paid in the same months of the year before."""
    chosen = (service_id, council_ids, cost_type, None)
    span = {"from_month": from_month, "to_month": to_month}
    found = _suppliers(*chosen, at_most=settings.ROWS_SHOWN, **span)
    of = _of(service_id, cost_type, None)
    if not found:
        return Finding(title=f"{of}: suppliers", empty=_NOTHING)
    first, drawn = found[0], found[: settings.ROWS_DRAWN]
    count = first["suppliers"]
    title = (
        f"{of}: {words.pounds(first['all_gbp'])} in the ledger, "
        f"{words.count(count, 'supplier')}; the largest is {_supplier(first)}, "
        f"{words.pounds(first['amount_gbp'])}"
    )
    shown = f"; {len(found)} of {count:,} are listed" if count > len(found) else ""
    before = [r["year_before_gbp"] for r in drawn]
    up_to = due.ledger_up_to(council_ids, to_month)
    same = "days" if up_to else "months"
    compared = (
        f"beside the same {same} of the year before"
        if first["is_compared"]
        else "without a year before, as "
        + (
            (
                reference.served_since()
                and due.changed(service_id, council_ids, from_month, to_month)
            )
            or "the ledger does not reach back to the same months of it, or lacks some"
        )
    )
    return Finding(
        title=title,
        subtitle=f"{words.months(from_month, to_month)}{', ' * bool(up_to)}{up_to}, the largest "
        f"sums first{shown}, {compared}. Income is below zero.{_blocks()}"
        f"{_holes(council_ids, from_month, to_month)}",
        alt=title,
        chart=Bars(
            tuple(_supplier(r) for r in drawn),
            tuple(words.pounds(r["amount_gbp"]) for r in drawn),
            (
                Bar(
                    "Paid",
                    "actual",
                    tuple(float(r["amount_gbp"]) for r in drawn),
                    tuple(
                        f"{words.pounds(r['amount_gbp'])}, {words.count(r['lines'], 'line')}"
                        for r in drawn
                    ),
                ),
                *(
                    [
                        Bar(
                            "Year before",
                            "year before",
                            tuple(None if b is None else float(b) for b in before),
                            tuple("nothing" if b is None else words.pounds(b) for b in before),
                            is_mark=True,
                        )
                    ]
                    if any(b is not None for b in before)
                    else []
                ),
            ),
            "£",
        ),
        table=Table(
            caption=f"{of}: suppliers, {words.months(from_month, to_month)}",
            columns=("Supplier", "In the ledger", "Lines", f"Same {same} the year before"),
            rows=tuple(
                (
                    Cell.of(
                        _supplier(r), None, _link(service_id, cost_type, supplier=_supplier(r))
                    ),
                    Cell.of(words.pounds_exact(r["amount_gbp"])),
                    Cell.of(f"{r['lines']:,}"),
                    Cell.of(
                        "nothing"
                        if r["year_before_gbp"] is None and r["is_compared"]
                        else words.pounds_exact(r["year_before_gbp"])
                    ),
                )
                for r in found
            ),
            raw_columns=_SUPPLIER_COLUMNS,
            raw_rows=tuple(tuple(r[c] for c in _SUPPLIER_COLUMNS) for r in found),
            figures=frozenset({1, 2, 3}),
            every_row=functools.partial(_every_supplier, *chosen, **span),
        ),
        provenance=reference.provenance("ledger"),
        table_open=True,
    )


@exhibit
def lines(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    cost_type: str | None,
    supplier: str | None,
    from_month: date,
    to_month: date,
) -> Finding:
    """The ledger's lines behind what was chosen, the largest first."""
    chosen = (service_id, council_ids, cost_type, supplier)
    span = {"from_month": from_month, "to_month": to_month}
    whole = next(iter(_suppliers(*chosen, at_most=1, **span)), None)
    of = _of(service_id, cost_type, supplier)
    if whole is None:
        return Finding(title=f"{of}: lines of the ledger", empty=_NOTHING)
    count, found = whole["all_lines"], _lines(*chosen, at_most=settings.ROWS_SHOWN, **span)
    title = f"{of}: {words.count(count, 'line')} of the ledger, {words.pounds(whole['all_gbp'])}"
    of_them = (
        f"The {len(found)} largest of {count:,} lines"
        if count > len(found)
        else f"{words.count(len(found), 'line')}, the largest first"
    )
    kept = (
        "the download has them all"
        if count <= settings.ROWS_TO_DOWNLOAD
        else f"the download has the {settings.ROWS_TO_DOWNLOAD:,} largest"
    )
    services, councils = reference.service_names(), reference.council_names()
    types = reference.cost_types()
    return Finding(
        title=title,
        subtitle=f"{words.months(from_month, to_month)}. {of_them}; {kept}. All come to "
        f"{words.pounds_exact(whole['all_gbp'])}. Income and refunds are below zero.{_blocks()}"
        f"{_holes(council_ids, from_month, to_month)}",
        table=Table(
            caption=f"{of}: lines of the ledger",
            columns=(
                "Date",
                "Amount",
                "Supplier",
                "Description",
                "Cost type",
                "Service",
                "Council",
            ),
            rows=tuple(
                (
                    Cell.of(f"{r['date'].day} {r['date']:%B %Y}"),
                    Cell.of(words.pounds_exact(r["amount_gbp"])),
                    Cell.of(r["supplier"] or NO_SUPPLIER),
                    Cell.of(r["description"] or "none"),
                    Cell.of(types[r["cost_type"] or ""]),
                    Cell.of(services[r["service_id"]]),
                    Cell.of(councils[r["council_id"]]),
                )
                for r in found
            ),
            raw_columns=_LINE_COLUMNS,
            raw_rows=tuple(tuple(r[c] for c in _LINE_COLUMNS) for r in found),
            figures=frozenset({1}),
            every_row=functools.partial(_every_line, *chosen, **span),
        ),
        provenance=reference.provenance("ledger"),
        table_open=True,
    )


_NOTHING = (
    "Nothing was spent in the time and for the councils chosen: choose a longer time, more "
    "councils, or a step further up."
)
_SUPPLIER_COLUMNS = ("supplier", "amount_gbp", "lines", "year_before_gbp")
_LINE_COLUMNS = (
    *("date", "service_id", "council_id", "cost_type", "supplier", "description"),
    "amount_gbp",
)

_Chosen = tuple[str | None, tuple[str, ...], str | None, str | None]


def _suppliers(
    service_id: str | None,
    council_ids: tuple[str, ...],
    cost_type: str | None,
    supplier: str | None,
    **more: Any,
) -> list[Row]:
    return fetch(
        "spending_suppliers",
        service_id=service_id,
        council_ids=council_ids,
        cost_type=cost_type,
        supplier=supplier,
        **more,
    ).rows()


def _lines(
    service_id: str | None,
    council_ids: tuple[str, ...],
    cost_type: str | None,
    supplier: str | None,
    **more: Any,
) -> list[Row]:
    return fetch(
        "spending_lines",
        service_id=service_id,
        council_ids=council_ids,
        cost_type=cost_type,
        supplier=supplier,
        **more,
    ).rows()


def _every_supplier(*chosen: Any, **span: date) -> tuple[tuple[Any, ...], ...]:
    every = _suppliers(*chosen, at_most=settings.ROWS_TO_DOWNLOAD, is_remembered=False, **span)
    return tuple(tuple(r[c] for c in _SUPPLIER_COLUMNS) for r in every)


def _every_line(*chosen: Any, **span: date) -> tuple[tuple[Any, ...], ...]:
    every = _lines(*chosen, at_most=settings.ROWS_TO_DOWNLOAD, is_remembered=False, **span)
    return tuple(tuple(r[c] for c in _LINE_COLUMNS) for r in every)


def _supplier(row: Row) -> str:
    return row["supplier"] or NO_SUPPLIER


def _of(service_id: str | None, cost_type: str | None, supplier: str | None) -> str:
    """What figures are of: "ICT, Employees, Aldermoor Resourcing"."""
    said = [reference.service_names()[service_id] if service_id else ALL_SERVICES]
    if cost_type is not None:
        said.append(reference.cost_types()[cost_type])
    if supplier is not None:
        said.append(supplier or NO_SUPPLIER)
    return ", ".join(said)


def _holes(council_ids: tuple[str, ...], from_month: date, to_month: date) -> str:
    """A sentence on the months that the ledger lacks, so that its sums are not whole."""
    rows = fetch(
        "ledger_missing", council_ids=council_ids, from_month=from_month, to_month=to_month
    ).rows()
    every = sorted({r["month"] for r in rows if r["is_all"]})
    said = [words.month(m) for m in every]
    names = reference.council_names()
    said += [
        f"{words.month(r['month'])} of {names[r['council_id']]}" for r in rows if not r["is_all"]
    ]
    return f" The ledger lacks {words.listing(said)}, so that sums are not whole." if said else ""


def _blocks() -> str:
    """Said where budgets are of two blocks, since no line of a ledger is of one."""
    if not reference.budget_blocks():
        return ""
    return " Shared and non-shared together: the ledger does not tell them apart."


def _link(service_id: str | None, cost_type: str | None, **more: str | None) -> Link:
    chosen = {
        "service": reference.service_names()[service_id] if service_id else None,
        "cost_type": None if cost_type is None else reference.cost_types()[cost_type],
        **more,
    }
    return Link("spending", tuple((k, v) for k, v in chosen.items() if v is not None))


def _spent(row: Row, column: str) -> Any:
    """What a part cost: as the costs have it, or the ledger where they do not know it.

    Of a part that is not whole, what was reported.
    """
    if column == "actual_gbp" and row["unreported"]:
        return row["reported_gbp"] or 0
    return row["ledger_gbp"] if row[column] is None else row[column]


def _gap(row: Row) -> Any:
    if row["budget_gbp"] is None or row["actual_gbp"] is None or not is_known(row):
        return None
    return row["actual_gbp"] - row["budget_gbp"]


def _rank(row: Row, column: str) -> tuple:
    """The most over budget first; without budgets the largest."""
    gap = _gap(row)
    return (gap is None, -gap if gap is not None else -abs(_spent(row, column)))


def _note(row: Row, column: str) -> str:
    if column == "actual_gbp" and row["unreported"]:
        return due.NOT_KNOWN
    gap = _gap(row)
    if gap is None:
        return words.pounds(_spent(row, column))
    if abs(gap) < 1:
        return "on budget"
    return f"{words.pounds(abs(gap))} {'over' if gap > 0 else 'under'}"


def _sign(budgets: list[Any]) -> str:
    """What over and under mean, where there is a budget to be over or under."""
    if all(b is None for b in budgets):
        return ""
    return f", and over where less came in. {SIGN}"


def _apart(whole: Row, column: str) -> str:
    """Said where the ledger and the costs do not agree."""
    if column == "ledger_gbp" or whole["ledger_gbp"] is None or whole["actual_gbp"] is None:
        return ""
    gap = whole["ledger_gbp"] - whole["actual_gbp"]
    if not gap:
        return " The ledger agrees to the penny."
    return f" The ledger has {words.pounds_exact(abs(gap))} {'more' if gap > 0 else 'less'}."


def _parts_table(
    rows: list[Row],
    whole: Row,
    by: str,
    names: dict[str, str],
    service_id: str | None,
    cost_type: str | None,
    supplier: str | None,
) -> Table:
    has_costs = whole["reported_gbp"] is not None
    columns = ("Actual", "Budget", "Over or under") if has_costs else ()
    lines_known = whole["lines"] is not None
    cells = []
    for row in [*rows, whole]:
        name = "Together" if row is whole else names[row[by]]
        link = None
        if row is not whole:
            ids = {"service_id": service_id, "cost_type": cost_type, by: row[by]}
            link = _link(
                ids["service_id"],
                ids["cost_type"],
                supplier=None if supplier is None else supplier or NO_SUPPLIER,
            )
        said = [Cell.of(name, None, link)]
        if has_costs:
            gap = _gap(row)
            over = words.variance_exact(row["actual_gbp"], row["budget_gbp"])
            if gap and is_income(row):
                over += f": {'less' if gap > 0 else 'more'} income"
            said += [
                Cell.of(pounds_or_why(row["actual_gbp"], row["unreported"])),
                Cell.of(pounds_or_why(row["budget_gbp"], row["unreported"])),
                Cell.of("not known" if gap is None else over, _side(gap)),
            ]
        if lines_known:
            said += [
                Cell.of(words.pounds_exact(row["ledger_gbp"])),
                Cell.of(f"{row['lines'] or 0:,}"),
            ]
        cells.append(tuple(said))
    shown = (
        [*cells[: settings.ROWS_SHOWN], cells[-1]] if len(cells) > settings.ROWS_SHOWN else cells
    )
    raw = (by, "actual_gbp", "budget_gbp", "unbudgeted", "unreported", "ledger_gbp", "lines")
    money = (1, 2, 4, 5) if has_costs else (1, 2)
    return Table(
        caption=f"{_of(service_id, cost_type, supplier)}: what was spent",
        columns=(
            "Service" if by == "service_id" else "Cost type",
            *columns,
            *(("In the ledger", "Lines") if lines_known else ()),
        ),
        rows=tuple(shown),
        raw_columns=raw,
        raw_rows=tuple(
            ("together" if r is whole else r[by], *(r[c] for c in raw[1:])) for r in [*rows, whole]
        ),
        figures=frozenset(money),
    )


def _side(gap: Any) -> str | None:
    return None if not gap else "over" if gap > 0 else "under"
