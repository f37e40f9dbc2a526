"""How the forecasts that were reported through each year did against its outturn."""

import statistics
from datetime import date
from typing import Any

from dashboard import words
from dashboard.exhibits import reference
from dashboard.exhibits.charts import Line, Panel, Trend
from dashboard.exhibits.costs import SIGN, scope
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Table, exhibit
from dashboard.method.financial_year import number_of
from dashboard.warehouse import fetch

Row = dict[str, Any]


@exhibit
def forecasts(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
) -> Finding:
    """Each forecast of a year's outturn as it was reported, beside what the year came to."""
    of = scope(service_id, cost_type, budget_block)
    found = fetch(
        "forecasts_reported",
        service_id=service_id,
        council_ids=council_ids,
        cost_type=cost_type,
        budget_block=budget_block,
        to_month=to_month,
    ).rows()
    whole = [r for r in found if r["service_id"] is None and r["council_id"] is None]
    if not whole:
        return Finding(title=f"{of}: forecasts of the year", empty="No forecast was reported.")
    by = "council_id" if service_id else "service_id"
    newest = [r for r in whole if r["financial_year"] == whole[-1]["financial_year"]]
    title = f"{of}, {words.year(newest[0]['financial_year'])}: {_said(newest)}"
    parts = [r for r in found if r[by] is not None]
    places = sorted({number_of(r["month"]) for r in whole})
    return Finding(
        title=title,
        subtitle="Forecasts of the full year’s outturn as each was reported, and the outturn, by "
        f"financial year. Below means that the year cost more than forecast. {SIGN}."
        + _usually(whole),
        alt=f"{title}. A line chart of forecasts and outturns.",
        chart=Trend((Panel("", "£", tuple(_lines(whole))),)),
        table=_table(whole, parts, by, places, of),
        provenance=reference.provenance("costs"),
    )


def where_any(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
    cost_type: str | None = None,
    budget_block: str | None = None,
) -> list[Exhibit]:
    """The exhibit above, or none where no forecast was reported."""
    found = forecasts(
        service_id=service_id,
        council_ids=council_ids,
        to_month=to_month,
        cost_type=cost_type,
        budget_block=budget_block,
    )
    return [] if found.empty else [found]


def _said(rows: list[Row]) -> str:
    """What the forecasts of one year, in order, come to beside its outturn."""
    first, last = rows[0], rows[-1]
    if first["outturn_gbp"] is None:
        said = f"{words.pounds(last['forecast_gbp'])} was forecast in {words.month(last['month'])}"
        if last is not first and _is_whole(first) and _is_whole(last):
            gap = last["forecast_gbp"] - first["forecast_gbp"]
            said += f", {words.pounds(abs(gap))} {'more' if gap > 0 else 'less'} than in "
            said += words.month(first["month"])
        return said + _without(last)
    before_the_end = [r for r in rows if number_of(r["month"]) < 12]
    told = dict.fromkeys(r["month"] for r in (before_the_end or rows))
    ends = [r for r in rows if r["month"] in (next(iter(told)), list(told)[-1])]
    said = [
        f"the forecast at period {number_of(r['month'])} was {_off(r)}{_without(r)}" for r in ends
    ]
    said[1:] = [s.replace("the forecast at", "at").replace(" was ", " ") for s in said[1:]]
    return ", ".join(said)


def _is_whole(row: Row) -> bool:
    return row["forecast_parts"] == row["parts"]


def _without(row: Row) -> str:
    return (
        ""
        if _is_whole(row)
        else (f" (of the {row['forecast_parts']:,} of {row['parts']:,} parts that had one)")
    )


def _off(row: Row) -> str:
    """A forecast beside the outturn of the same parts: "£1.2m (2%) below the outturn"."""
    gap = row["forecast_gbp"] - row["outturn_of_them_gbp"]
    if abs(gap) < 1:
        return "the outturn itself"
    share = _share(row)
    return (
        f"{words.pounds(abs(gap))}{'' if share is None else f' ({share:.1%})'} "
        f"{'above' if gap > 0 else 'below'} the outturn"
    )


def _share(row: Row) -> float | None:
    """How far a forecast was off, as a share of the outturn of the same parts; without sign.

    None of an outturn of nought or below, of which a share says nothing.
    """
    if not row["outturn_of_them_gbp"] or row["outturn_of_them_gbp"] <= 0:
        return None
    gap = row["forecast_gbp"] - row["outturn_of_them_gbp"]
    return abs(float(gap / row["outturn_of_them_gbp"]))


def _usually(whole: list[Row]) -> str:
    """How far off the first forecast of a year was, over all years that are over."""
    firsts: dict[str, Row] = {}
    for row in whole:
        if row["outturn_of_them_gbp"]:
            firsts.setdefault(row["financial_year"], row)
    off = [share for row in firsts.values() if (share := _share(row)) is not None]
    if len(off) < 2:
        return ""
    return (
        f" The first forecast of a year was off by {statistics.fmean(off):.1%} on average over "
        f"{len(off)} years."
    )


def _lines(whole: list[Row]) -> list[Line]:
    """Forecasts and outturns over time, each year apart from the next."""
    points: list[tuple[date, Any, str, Any]] = []
    for row in whole:
        if points and points[-1][3] != row["financial_year"]:
            april = date(int(row["financial_year"][:4]), 4, 1)
            points.append((april, None, "", row["financial_year"]))
        said = words.pounds(row["forecast_gbp"])
        if row["outturn_of_them_gbp"] is not None:
            said += f", {_off(row)}"
        points.append(
            (row["month"], row["forecast_gbp"], said + _without(row), row["financial_year"])
        )
    outturns = {r["month"]: r["outturn_gbp"] for r in whole}
    months = tuple(p[0] for p in points)
    lines = [
        Line(
            "Forecast of the year",
            "actual",
            months,
            tuple(None if p[1] is None else float(p[1]) for p in points),
            tuple(p[2] for p in points),
        )
    ]
    if any(v is not None for v in outturns.values()):
        # A gap of the forecasts is one of the outturns, too: they are of another year.
        known = [None if p[1] is None else outturns[p[0]] for p in points]
        lines.append(
            Line(
                "Outturn",
                "budget",
                months,
                tuple(None if v is None else float(v) for v in known),
                tuple("" if v is None else words.pounds(v) for v in known),
            )
        )
    return lines


def _table(whole: list[Row], parts: list[Row], by: str, places: list[int], of: str) -> Table:
    names = reference.council_names() if by == "council_id" else reference.service_names()
    order = [None, *names]
    by_line: dict[tuple[str, str | None], dict[int, Row]] = {}
    for row in [*whole, *parts]:
        line = by_line.setdefault((row["financial_year"], row[by]), {})
        line[number_of(row["month"])] = row
    lines = sorted(by_line, key=lambda k: order.index(k[1]))
    lines.sort(key=lambda k: k[0], reverse=True)
    rows = []
    for year, part in lines:
        reported = by_line[year, part]
        outturn = next(iter(reported.values()))["outturn_gbp"]
        name = f"{words.year(year)}, {names[part] if part else 'together'}"
        rows.append(
            (
                Cell.of(name),
                *(_cell(reported.get(place)) for place in places),
                Cell.of("not yet known" if outturn is None else words.pounds_exact(outturn)),
            )
        )
    columns = ("financial_year", "month", by, "forecast_gbp", "outturn_gbp", "outturn_of_them_gbp")
    raw = [by_line[key][place] for key in lines for place in sorted(by_line[key])]
    return Table(
        caption=f"{of}: forecasts of each year as reported, and its outturn",
        columns=(
            "Year",
            *(f"Period {p} ({date(2000, (p + 2) % 12 + 1, 1):%B})" for p in places),
            "Outturn",
        ),
        rows=tuple(rows),
        raw_columns=(*columns, "parts", "forecast_parts"),
        raw_rows=tuple(tuple(r[c] for c in (*columns, "parts", "forecast_parts")) for r in raw),
        figures=frozenset({len(places) + 1}),
    )


def _cell(row: Row | None) -> Cell:
    if row is None:
        return Cell.of("none reported")
    lines = [words.pounds_exact(row["forecast_gbp"])]
    if not _is_whole(row):
        lines.append(f"of {row['forecast_parts']:,} of {row['parts']:,} parts")
    if row["outturn_of_them_gbp"] is not None:
        lines.append(_off(row))
    return Cell(tuple((line, None) for line in lines))
