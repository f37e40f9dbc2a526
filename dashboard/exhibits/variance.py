"""What lies between budget and spending: cause by cause, and block by block."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import due, reference
from dashboard.exhibits.charts import Bridge, Step
from dashboard.exhibits.costs import (
    PARTS,
    SIGN,
    Asked,
    against,
    block_said,
    is_income,
    is_known,
    name_of,
    of_year,
    scope,
    where_it_went,
    why_unknown,
)
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Table, exhibit
from dashboard.warehouse import fetch

BRACKETS = "Council papers put underspends in brackets: (£1.0m) is £1.0m under"

_RAW = ("to_month", "budget_gbp", "actual_gbp")


@exhibit
def bridge(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
    by: str | None = None,
) -> Finding:
    """From the budget to what was spent so far in the year, by service, or by cost type of one."""
    of = scope(service_id, cost_type, budget_block)
    by = by or ("cost_type" if service_id else "service_id")
    whole, rows = of_year(service_id, council_ids, to_month, cost_type, budget_block, by)
    asked = Asked(service_id, council_ids, cost_type, budget_block)
    if whole is None or not _has_budget(whole):
        return Finding(title=f"{of}: from budget to outturn", empty="There is no budget.")
    if not is_known(whole):
        return Finding(
            title=f"{of}: what is over or under budget can’t be said",
            empty=f"{_lacking(whole, asked)}: choose a service, council or cost type that has "
            "them, or an earlier month.",
        )
    gaps = sorted(((r["actual_gbp"] - r["budget_gbp"], r) for r in rows), key=_largest_over)
    year, span = words.year(whole["financial_year"]), _span(whole)
    title = f"{of}, {year}: {against(whole, cost_type)}"
    title = re.sub(r" (over|under)$", r" \1 budget", title)
    title += _most(gaps, by)
    end = "Outturn" if whole["to_month"].month == 3 else "Spent so far"
    return Finding(
        title=title,
        subtitle=f"From the budget to {'the outturn' if end == 'Outturn' else 'what was spent'}, "
        f"{span}, by {PARTS[by].lower()}. {SIGN}; income is over where less came in. {BRACKETS}."
        f"{due.note(council_ids, to_month)}",
        alt=f"{title}. A bridge from budget {words.pounds(whole['budget_gbp'])} to "
        f"{words.pounds(whole['actual_gbp'])}.",
        chart=Bridge(_steps(whole, gaps, by, end), "£", "budget"),
        table=Table(
            caption=f"From budget to {end.lower()}, {span}",
            columns=(PARTS[by], "Budget", end, "Over or under", "Adds up to"),
            rows=_rows(whole, gaps, by, service_id, cost_type),
            raw_columns=(by, *_RAW, "variance_gbp"),
            raw_rows=tuple(
                (
                    r[by] if r is not whole else "together",
                    r["to_month"],
                    r["budget_gbp"],
                    r["actual_gbp"],
                    gap,
                )
                for gap, r in [*gaps, (whole["actual_gbp"] - whole["budget_gbp"], whole)]
            ),
            figures=frozenset({1, 2, 4}),
        ),
        provenance=reference.provenance("costs"),
        table_open=True,
    )


@exhibit
def blocks(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None = None,
) -> Finding:
    """Shared and non-shared budgets, each council's and all councils', then both together."""
    of = scope(service_id, cost_type, None)
    chosen = (service_id, council_ids, to_month, cost_type, None)
    whole, by_block = of_year(*chosen, "budget_block")
    _, rows = of_year(*chosen, "council_id", "budget_block")
    if (
        not reference.budget_blocks()
        or whole is None
        or not is_known(whole)
        or whole["budget_gbp"] is None
    ):
        return Finding(
            title=f"{of}: shared and non-shared", empty="There is nothing to tell apart."
        )
    year, span = words.year(whole["financial_year"]), _span(whole)
    both = _Bar("Both together", "total", Decimal(0), whole)
    bars = [*_of_blocks(by_block, rows), both]
    printed = _printed(whole, service_id, cost_type, council_ids)
    prints = [printed.get(_key(bar.row), ("", "")) for bar in bars]
    crowded = len({r["council_id"] for r in rows}) > settings.COLOURED_COUNCILS
    drawn = [b for b in bars if b.kind == "total" or not crowded]
    title = f"{of}, {year}: " + words.listing(
        [f"{block_said(r['budget_block'])} {against(r)}" for r in by_block]
    )
    columns = ("Budget of", "Budget", "Spent", "Over or under", "As published")
    width = len(columns) if printed else len(columns) - 1
    return Finding(
        title=title,
        subtitle="Shared budgets are split between the councils, a non-shared one is a council’s "
        f"own. {span}. {SIGN}. {BRACKETS}.{due.note(council_ids, to_month)}",
        alt=f"{title}. Bars of each council’s part of each block, the blocks, and both together.",
        chart=Bridge(
            tuple(_step(b.name, b.kind, b.start, b.start + b.gap, b.row) for b in drawn),
            "£",
            "budget",
        ),
        table=Table(
            caption=f"Shared and non-shared, {span}",
            columns=columns[:width],
            rows=tuple(
                (
                    Cell.of(bar.name),
                    Cell.of(words.pounds_exact(bar.row["budget_gbp"])),
                    Cell.of(words.pounds_exact(bar.row["actual_gbp"])),
                    _gap_cell(bar.row),
                    Cell.of(text or "not published"),
                )[:width]
                for bar, (text, _) in zip(bars, prints, strict=True)
            ),
            raw_columns=(
                "budget_block",
                "council_id",
                *_RAW,
                "variance_gbp",
                "published",
                "source",
            ),
            raw_rows=tuple(
                (
                    bar.row["budget_block"] or "both",
                    bar.row["council_id"] or "together",
                    *(bar.row[c] for c in _RAW),
                    bar.gap,
                    *of_paper,
                )
                for bar, of_paper in zip(bars, prints, strict=True)
            ),
            figures=frozenset({1, 2}),
        ),
        provenance=reference.provenance(
            "costs",
            notes=tuple(f"As published: {s}" for s in sorted({s for _, s in printed.values()})),
        ),
        table_open=bool(printed),
    )


@dataclass(frozen=True)
class _Bar:
    """A council's part of a block, a block, or both blocks: its name, and where its bar begins."""

    name: str
    kind: str
    start: Decimal
    row: dict[str, Any]

    @property
    def gap(self) -> Decimal:
        return self.row["actual_gbp"] - self.row["budget_gbp"]


def _of_blocks(by_block: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[_Bar]:
    """Each block, from council to council to what they come to."""
    bars: list[_Bar] = []
    for block in by_block:
        said = reference.blocks()[block["budget_block"]]
        at = Decimal(0)
        for row in rows:
            if row["budget_block"] == block["budget_block"]:
                name = f"{said}, {name_of('council_id', row['council_id'])}"
                bars.append(_Bar(name, "step", at, row))
                at += bars[-1].gap
        bars.append(_Bar(f"{said}, together", "total", Decimal(0), block))
    return bars


def where_budgeted(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
    by: str | None = None,
) -> list[Exhibit]:
    """The bridge, and the blocks where none was chosen; neither where there is no budget."""
    chosen = {
        "service_id": service_id,
        "council_ids": council_ids,
        "to_month": to_month,
        "cost_type": cost_type,
    }
    whole, _ = of_year(service_id, council_ids, to_month, cost_type, budget_block, "service_id")
    if whole is None or not _has_budget(whole):
        return []
    apart = [] if budget_block is not None else [blocks(**chosen)]
    return [
        bridge(**chosen, budget_block=budget_block, by=by),
        *(found for found in apart if not found.empty),
    ]


def _largest_over(of: tuple[Decimal, dict[str, Any]]) -> Decimal:
    return -of[0]


def _steps(
    whole: dict[str, Any], gaps: list[tuple[Decimal, dict[str, Any]]], by: str, end: str
) -> tuple[Step, ...]:
    """Budget, causes from the most over to the most under, and what they come to."""
    largest = sorted(gaps, key=lambda g: -abs(g[0]))[: settings.ROWS_DRAWN]
    drawn = gaps if len(gaps) <= settings.ROWS_DRAWN + 1 else [g for g in gaps if g in largest]
    at = Decimal(0)
    steps = [Step(f"Budget {words.pounds(whole['budget_gbp'])}", "start", 0, 0, "", "Budget")]
    for gap, row in drawn:
        name = name_of(by, row[by])
        if is_income(row) and gap:
            name += f": {'less' if gap > 0 else 'more'} than budgeted"
        steps.append(_step(name, "step", at, at + gap, row))
        at += gap
    total = whole["actual_gbp"] - whole["budget_gbp"]
    if len(drawn) < len(gaps):
        rest = total - at
        steps.append(_between(f"{len(gaps) - len(drawn)} others", "step", at, total, rest))
    name = f"{end} {words.pounds(whole['actual_gbp'])}"
    return (*steps, _between(name, "total", Decimal(0), total, total))


def _step(name: str, kind: str, start: Decimal, end: Decimal, row: dict[str, Any]) -> Step:
    return _between(name, kind, start, end, row["actual_gbp"] - row["budget_gbp"])


def _between(name: str, kind: str, start: Decimal, end: Decimal, gap: Decimal) -> Step:
    side = "over" if gap > 0 else "under"
    note = f"{words.pounds(abs(gap))} {side}" if abs(gap) >= 1 else "on budget"
    mark = side if abs(gap) >= 1 else None
    return Step(name, kind, float(start), float(end), note, f"{name}: {note}", mark)


def _rows(
    whole: dict[str, Any],
    gaps: list[tuple[Decimal, dict[str, Any]]],
    by: str,
    service_id: str | None,
    cost_type: str | None,
) -> tuple[tuple[Cell, ...], ...]:
    rows, at = [], Decimal(0)
    for gap, row in gaps:
        at += gap
        link = where_it_went(row, **{"service_id": service_id, "cost_type": cost_type, by: row[by]})
        rows.append(
            (
                Cell.of(name_of(by, row[by]), None, link),
                Cell.of(words.pounds_exact(row["budget_gbp"])),
                Cell.of(words.pounds_exact(row["actual_gbp"])),
                _gap_cell(row),
                Cell.of(words.pounds_exact(at)),
            )
        )
    return (
        *rows,
        (
            Cell.of("Together"),
            Cell.of(words.pounds_exact(whole["budget_gbp"])),
            Cell.of(words.pounds_exact(whole["actual_gbp"])),
            _gap_cell(whole),
            Cell.of(words.pounds_exact(whole["actual_gbp"] - whole["budget_gbp"])),
        ),
    )


def _gap_cell(row: dict[str, Any]) -> Cell:
    gap = row["actual_gbp"] - row["budget_gbp"]
    said = words.variance_exact(row["actual_gbp"], row["budget_gbp"])
    if gap and is_income(row):
        said += f": {'less' if gap > 0 else 'more'} income"
    return Cell.of(said, ("over" if gap > 0 else "under") if gap else None)


def _most(gaps: list[tuple[Decimal, dict[str, Any]]], by: str) -> str:
    """The parts that are most over and most under."""
    if len(gaps) < 2:
        return ""
    ends = [(gaps[0], "over"), (gaps[-1], "under")]
    said = [
        f"; furthest {side} {name_of(by, row[by])}, {words.pounds(abs(gap))}"
        + (f" ({'less' if gap > 0 else 'more'} came in)" if is_income(row) else "")
        for (gap, row), side in ends
        if (gap >= 1 if side == "over" else gap <= -1)
    ]
    return "".join(said)


def _has_budget(row: dict[str, Any]) -> bool:
    """Whether there is any budget, be it known as a whole or not."""
    return row["budget_gbp"] is not None or row["matched_budget_gbp"] is not None


def _lacking(row: dict[str, Any], asked: Asked) -> str:
    """Why a variance of a total would be wrong."""
    if row["unreported"]:
        return why_unknown(row, asked)
    many = row["unbudgeted"]
    return (
        f"There {'is' if many == 1 else 'are'} {words.count(many, 'figure')} of what was spent "
        "without a budget"
    )


def _span(whole: dict[str, Any]) -> str:
    return words.months(whole["from_month"], whole["to_month"])


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["budget_block"] or "both", row["council_id"] or "all"


def _printed(
    whole: dict[str, Any],
    service_id: str | None,
    cost_type: str | None,
    council_ids: tuple[str, ...],
) -> dict[tuple[str, str], tuple[str, str]]:
    """The outturn that papers printed for each block and council: its words, and their source.

    A paper's figure is of all services, all cost types and the whole year; one without a council
    is of all councils.
    """
    month = whole["to_month"]
    if service_id or cost_type is not None or month.month != 3:
        return {}
    every = set(council_ids) == set(reference.council_names("council"))
    found = {}
    for row in fetch("published", feed="costs", from_month=month, to_month=month).rows():
        topic = row["topic"].lower()
        is_outturn = "outturn" in topic and row["period"] == whole["financial_year"]
        if not is_outturn or row["service_id"] not in (None, "", "onesource"):
            continue
        council = row["council_id"] or "all"
        block = "non_shared" if "non-shared" in topic else "shared" if "shared" in topic else "both"
        if council in council_ids or every:
            found[block, council] = (row["text"], row["source"])
    return found
