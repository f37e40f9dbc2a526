"""What a piece of work costs, and whether its volume or its price changed what it costs in all."""

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import reference, reported
from dashboard.exhibits.charts import Bar, Bars, Line, Panel, Trend
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Link, Provenance, Table, exhibit
from dashboard.method.financial_year import a_year_before, later
from dashboard.method.price_volume import Work, effects, pounds_of
from dashboard.reading import remembered
from dashboard.warehouse import fetch

# Said wherever a unit cost stands, because a service with three units has three of them.
WHOLE_COST = "the whole true cost of the service, less its income, divided by the number of units"
_AS_MEASURED = "Unit cost as a measure of cost gives it"
_EFFECTS = (
    "Volume effect: the change in number × the unit cost a year before. Price effect: the number "
    "now × the change of the unit cost. Mix: that councils whose units cost more or less have "
    "another part of the whole, or were served in other months. They add up to the change in cost"
)
_ALL_TOLD = "Every unit cost can be told, and compared with the year before"
_RATIO = re.compile(r"\bper\b", re.IGNORECASE)


@dataclass(frozen=True)
class UnitCost:
    """A service's unit cost for one council (None: the chosen together), now and a year before.

    each, each_before: pounds a unit; None where they cannot be told, and `why` says why. The one
    before is None, too, where the two cannot be compared. work, work_before: cost and quantity;
    None of a measure. volume, price, mix: pounds by which each changed the cost, adding up to the
    change to the penny; mix is None of a single council. month: the last of the stretch.
    """

    service_id: str
    council_id: str | None
    unit: str
    month: date | None = None
    months: str = ""
    each: Fraction | None = None
    each_before: Fraction | None = None
    work: Work | None = None
    work_before: Work | None = None
    volume: Decimal | None = None
    price: Decimal | None = None
    mix: Decimal | None = None
    why: str = ""
    measure_id: str | None = None

    @property
    def change(self) -> float | None:
        """The change of the unit cost on the year before, 0.05 is 5% dearer."""
        if self.each is None or self.each_before is None or self.each_before <= 0 or self.each < 0:
            return None
        return float(self.each / self.each_before - 1)


def by_how_much(change: float) -> str:
    """A change as a whole per cent, without its sign: "12%", "less than 1%"."""
    return f"{abs(change):.0%}" if abs(change) >= 0.005 else "less than 1%"


def units(service_id: str | None) -> list[str]:
    """The units that a service counts its work in, the main one first; else its cost measures."""
    if service_id is None:
        return []
    counted = [r["unit"] for r in _units() if r["service_id"] == service_id and r["unit"]]
    return counted or [m["label"] for m in _cost_measures(service_id)]


def units_counted(service_id: str) -> set[str]:
    """The units in which a service's work is counted; none where it reports no volumes."""
    return {r["unit"] for r in _units() if r["service_id"] == service_id and r["unit"]}


def any_told() -> bool:
    """True where the workspace has what a unit cost can be told from."""
    return any(units(s) for s in reference.service_names())


def of_services(council_ids: tuple[str, ...], to_month: date) -> list[UnitCost]:
    """Each service's unit cost by its main unit: all chosen councils together, then each."""
    return [
        told_
        for s in reference.service_names()
        for told_ in of_service(s, None, council_ids, to_month)
    ]


def of_service(
    service_id: str, unit: str | None, council_ids: tuple[str, ...], to_month: date
) -> list[UnitCost]:
    """One service's unit cost: all chosen councils together first, then each in order.

    A unit that the service does not have is its main one. One answer alone, with its reason, where
    none can be told.
    """
    return list(_found(service_id, unit, council_ids, to_month))


# Five exhibits of one page ask for the same.
@remembered
def _found(
    service_id: str,
    unit: str | None,
    council_ids: tuple[str, ...],
    to_month: date,
) -> list[UnitCost]:
    known = units(service_id)
    unit = unit if unit in known else next(iter(known), None)
    if any(r["is_overhead"] for r in _units() if r["service_id"] == service_id):
        why = "it serves the other services, which bear its cost"
        return [UnitCost(service_id, None, unit or "", why=why)]
    if unit is None:
        return [UnitCost(service_id, None, "", why="no volumes of its work are reported")]
    measure = next((m for m in _cost_measures(service_id) if m["label"] == unit), None)
    if unit not in units_counted(service_id) and measure:
        return _of_measure(measure, council_ids, to_month)
    return _of_volumes(service_id, unit, _rows(service_id, unit, council_ids, to_month))


def _units() -> list[dict[str, Any]]:
    return fetch("units").rows()


def _cost_measures(service_id: str) -> list[dict[str, Any]]:
    """Measures of what a piece of work costs: in pounds, less is better, and so much *per* unit."""
    return [
        m
        for m in (reported.passport(i, service_id) for i in reported.measures_of(service_id))
        if (m["unit"], m["kind"], m["good_direction"]) == ("£", "financial", "lower")
        and not m["is_cumulative"]
        and (m["has_parts"] or _RATIO.search(m["name"]))
    ]


def _rows(
    service_id: str, unit: str, council_ids: tuple[str, ...], to_month: date
) -> list[dict[str, Any]]:
    # One answer for every service: it is remembered, and a page asks for all of them.
    found = fetch("unit_costs", service_id=None, council_ids=council_ids, to_month=to_month)
    at = [
        nth
        for nth, of in enumerate(zip(found["service_id"], found["unit"], strict=True))
        if of == (service_id, unit)
    ]
    return [{c: v[nth] for c, v in zip(found.columns, found.values, strict=True)} for nth in at]


def _of_volumes(service_id: str, unit: str, rows: list[dict[str, Any]]) -> list[UnitCost]:
    newest = next((r["month"] for r in rows if r["is_newest"]), None)
    if newest is None:
        why = "no month has both its cost and its volume"
        return [UnitCost(service_id, None, unit, why=why)]
    at = {(r["council_id"], r["month"]): r for r in rows}
    earlier = a_year_before(newest)
    names = reference.council_names()
    present = [c for c in names if (c, newest) in at or (c, earlier) in at]
    pairs = {
        c: (_work(at[c, earlier]), _work(at[c, newest]))
        for c in present
        if (c, newest) in at and (c, earlier) in at
        and at[c, newest]["served_mask"] == at[c, earlier]["served_mask"]
    }  # fmt: skip
    alike = [(b, n) for b, n in pairs.values() if b and n]
    found = []
    for council_id in (None, *present):
        row, row_before = at.get((council_id, newest)), at.get((council_id, earlier))
        if row is None:
            continue
        now, before = _work(row), _work(row_before) if row_before else None
        why = _why(row, row_before, rows, newest)
        if council_id is not None and council_id not in pairs and not why:
            before, why = None, "served in other months than the year before"
        volume = price = mix = None
        if now and before:
            together = council_id is None and len(present) > 1
            volume, price, mix = effects(before, now, alike if together else None)
        found.append(
            UnitCost(
                service_id,
                council_id,
                unit,
                newest,
                words.months(later(newest, 1 - row["months"]), newest),
                now.each if now else None,
                before.each if now and before else None,
                now,
                before if now else None,
                volume,
                price,
                mix,
                why,
            )
        )
    return found


def _work(row: dict[str, Any]) -> Work | None:
    """Cost and quantity of a stretch; None where it is not whole or nothing was done."""
    if not row["is_whole"] or row["quantity_sum"] <= 0:
        return None
    quantity = Fraction(row["quantity_sum"]) / int(row["divisor"])
    return Work(Decimal(row["true_cost_gbp"]), quantity)


def _why(
    row: dict[str, Any], before: dict[str, Any] | None, rows: list[dict[str, Any]], newest: date
) -> str:
    """Why a unit cost, or its change, cannot be told; nothing where it can."""
    if lacking := _lacking(row, rows, newest):
        return lacking
    if before is None:
        return "nothing was reported a year before"
    earlier = before["month"]
    if lacking := _lacking(before, rows, earlier):
        return f"a year before, {lacking}"
    return ""


def _lacking(row: dict[str, Any], rows: list[dict[str, Any]], month: date) -> str:
    if row["months_missing"]:
        names = reference.council_names()
        whose = [
            names[r["council_id"]]
            for r in rows
            if r["month"] == month and r["council_id"] is not None and r["months_missing"]
        ]
        of = f" of {words.listing(whose)}" if row["council_id"] is None else ""
        return (
            f"cost or volume is missing for {words.count(int(row['months_missing']), 'month')}{of}"
        )
    if not row["months_served"]:
        return "it was not served"
    if not row["is_whole"]:
        return "its quarter or year has not ended"
    if row["quantity_sum"] <= 0:
        return "no work was done"
    return ""


def _of_measure(
    measure: dict[str, Any], council_ids: tuple[str, ...], to_month: date
) -> list[UnitCost]:
    """Unit costs as a measure gives them: the newest period beside the same one a year before."""
    figures = _figures(measure, council_ids, to_month)
    of = {"service_id": measure["service_id"], "unit": measure["label"]}
    of["measure_id"] = measure["measure_id"]
    newest = max((m for (_, m), r in figures.items() if r["value"] is not None), default=None)
    if newest is None:
        return [UnitCost(council_id=None, why="no figure was reported", **of)]
    earlier = a_year_before(newest)
    names, found, parts = reference.council_names(), [], {newest: {}, earlier: {}}
    for council_id in council_ids:
        row, before = (
            r if r and r["value"] is not None else None
            for r in (figures.get((council_id, newest)), figures.get((council_id, earlier)))
        )
        for month, figure in ((newest, row), (earlier, before)):
            if figure:
                parts[month][council_id] = figure
        if row is None:
            continue
        found.append(
            UnitCost(
                council_id=council_id,
                month=newest,
                months=words.period(row["period"], newest),
                each=Fraction(str(row["value"])),
                each_before=Fraction(str(before["value"])) if before else None,
                why="" if before else "nothing was reported a year before",
                **of,
            )
        )
    now, before = (_ratio(measure, tuple(parts[m].values())) for m in (newest, earlier))
    odd = [names[c] for c in names if (c in parts[newest]) != (c in parts[earlier])]
    together = UnitCost(
        council_id=None,
        month=newest,
        months=found[0].months,
        each=now,
        each_before=before if now is not None and not odd else None,
        why="numerators and denominators of all councils are not published"
        if now is None
        else f"only one of the two years has a figure of {words.listing(odd)}"
        if odd
        else "",
        **of,
    )
    return [together, *found]


def _figures(
    measure: dict[str, Any], council_ids: tuple[str, ...], to_month: date
) -> dict[tuple[str, date], dict[str, Any]]:
    found = fetch(
        "measure_trend",
        measure_ids=(measure["measure_id"],),
        council_ids=council_ids,
        from_month=date(1900, 1, 1),
        to_month=to_month,
    ).rows()
    # Of one kind of period: a quarter's figure is not set beside a month's.
    kinds = reported.kinds(measure["measure_id"], measure["service_id"], council_ids)
    mine = reported.of(found, measure, next(iter(kinds), None))
    return {(r["council_id"], r["month"]): r for r in mine}


def _ratio(measure: dict[str, Any], rows: tuple[dict[str, Any], ...]) -> Fraction | None:
    """A ratio of sums; None unless every row has its parts."""
    if not rows or any(r["numerator"] is None or not r["denominator"] for r in rows):
        return None
    above, below = (
        sum((Fraction(str(r[part])) for r in rows), Fraction(0))
        for part in ("numerator", "denominator")
    )
    return Fraction(str(measure["multiplier"])) * above / below


# Exhibits


@exhibit
def told(
    *, service_id: str | None, unit: str | None, council_ids: tuple[str, ...], to_month: date
) -> Finding:
    """What a piece of work costs, and what volume and price did to the cost: a service's councils.

    For all services: a row for each, by its main unit, the chosen councils together.
    """
    if service_id is None:
        return _every_service(council_ids, to_month)
    found = of_service(service_id, unit, council_ids, to_month)
    whole, name = found[0], reference.service_names()[service_id]
    if not any(f.each is not None for f in found):
        return Finding(
            title=f"{name}: what a piece of work costs",
            empty=f"It cannot be told, because {whole.why or found[-1].why}.",
        )
    return Finding(
        title=_headline(whole, found),
        subtitle=_subtitle(whole),
        alt=_headline(whole, found)
        + (
            ". Bars of what changed the cost."
            if whole.volume is not None
            else ". Bars of councils."
        ),
        chart=_decomposition(whole) or _councils(found),
        table=_table(f"{name}: unit cost by council", "Council", found),
        provenance=_with_method(found),
    )


@exhibit
def over_years(
    *,
    service_id: str | None,
    unit: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
) -> Finding:
    """Unit costs year by year: the same months of each, so that a year not yet over is compared."""
    names, services = reference.council_names(), reference.service_names()
    series = (
        {c: (names[c], c) for c in council_ids} | {None: (reference.TOGETHER, "whole")}
        if service_id
        else {None: (reference.TOGETHER, "whole")}
    )
    crowded = len(council_ids) > settings.COLOURED_COUNCILS
    panels, raw = [], []
    chosen_services = (service_id,) if service_id else tuple(services)
    for each in chosen_services:
        known = units(each)
        chosen = unit if unit in known else next(iter(known), None)
        points = {
            at: v
            for at, v in _yearly(each, chosen, council_ids, to_month).items()
            if at[1] >= from_month
        }
        lines = []
        for council_id, (name, role) in series.items():
            mine = {m: v for (c, m), v in points.items() if c == council_id}
            if not mine:
                continue
            months = tuple(sorted({m for _, m in points}))
            lines.append(
                Line(
                    name,
                    "context" if crowded and council_id else role,
                    months,
                    tuple(float(mine[m]) if m in mine else None for m in months),
                    tuple(_each(mine[m]) if m in mine else words.MISSING for m in months),
                )
            )
            raw += [(services[each], chosen, name, m, pounds_of(v)) for m, v in mine.items()]
        if lines:
            # The table names the unit: a phone has no room for both.
            title = "" if service_id else services[each]
            panels.append(Panel(title, "£", tuple(lines), from_zero=True))
    what = services[service_id] if service_id else "Unit costs"
    if not panels:
        return Finding(
            title=f"{what}, year by year",
            empty="No unit cost can be told in the time and for the councils chosen.",
        )
    drawn = panels[: settings.PANELS_SIDE_BY_SIDE]
    title = _over_time(raw, what)
    return Finding(
        title=title,
        subtitle="Unit cost in pounds, to the same month of each year: "
        + (WHOLE_COST if any(units_counted(s) for s in chosen_services) else _AS_MEASURED.lower())
        + (
            f"; {len(drawn)} of {len(panels)} services are drawn, the table has all"
            if len(drawn) < len(panels)
            else ""
        )
        + ".",
        alt=f"{title}. {words.count(len(drawn), 'line chart')}, a point a year.",
        chart=Trend(
            tuple(drawn),
            council_order=() if crowded else reference.council_order(),
            side_by_side=service_id is None,
        ),
        table=Table(
            caption="Unit cost by year",
            columns=("Service", "Unit", "Council", "Year to", "Unit cost"),
            rows=tuple(
                (
                    Cell.of(r[0]),
                    Cell.of(r[1]),
                    Cell.of(r[2]),
                    Cell.of(words.month(r[3])),
                    Cell.of(words.pounds_exact(r[4])),
                )
                for r in sorted(raw, key=lambda r: r[3], reverse=True)
            ),
            raw_columns=("service", "unit", "council", "month", "unit_cost_gbp"),
            raw_rows=tuple(raw),
            figures=frozenset({4}),
        ),
        provenance=origin(of_services(council_ids, to_month)),
    )


def exceptions(**chosen: Any) -> list[Exhibit]:
    """What cannot be told (see `untold`), or nothing where all can."""
    found = untold(**chosen)
    return [] if found.empty else [found]


@exhibit
def untold(
    *, service_id: str | None, unit: str | None, council_ids: tuple[str, ...], to_month: date
) -> Finding:
    """Services and councils whose unit cost, or its change, cannot be told, each with why."""
    services, names = reference.service_names(), reference.council_names()
    found = [
        f
        for s in ((service_id,) if service_id else services)
        for f in of_service(s, unit, council_ids, to_month)
        if f.why
    ]
    # Where all together lack something, their councils follow from it, and the other way round.
    lacking = {f.service_id for f in found if f.council_id is None and f.each is None}
    found = [f for f in found if f.council_id is None or f.service_id not in lacking]
    if not found:
        return Finding(title=_ALL_TOLD, empty="Each has cost and volumes for both years.")
    rows = [
        (
            services[f.service_id],
            names[f.council_id] if f.council_id else reference.TOGETHER,
            f.unit or "none",
            "unit cost" if f.each is None else "change on the year before",
            f.why,
        )
        for f in found
    ]
    gone = len({f.service_id for f in found if f.each is None and f.council_id is None})
    title = (
        f"The unit cost of {words.count(gone, 'service')} cannot be told"
        if gone
        else "Some unit costs cannot be compared with the year before"
    )
    return Finding(
        title=title,
        subtitle="What is missing is not counted as zero; here is why.",
        alt=f"{title}. A table.",
        table=Table(
            caption="What cannot be told, and why",
            columns=("Service", "Council", "Unit", "What cannot be told", "Why"),
            rows=tuple(tuple(Cell.of(v[:1].upper() + v[1:]) for v in r) for r in rows),
            raw_columns=("service", "council", "unit", "what", "why"),
            raw_rows=tuple(rows),
            sentences=frozenset({4}),
        ),
        provenance=origin(found),
        table_first=True,
    )


def origin(found: list[UnitCost]) -> Provenance:
    """Where unit costs come from: costs and volumes, or the measures that tell them."""
    if all(f.measure_id for f in found if f.each is not None):
        return reference.provenance("performance")
    costs, volumes = (reference.provenance(f) for f in ("costs", "volumes"))
    if not reference.has("costs"):
        costs = reference.provenance("ledger")
    return Provenance(
        source="; ".join(dict.fromkeys(p.source for p in (costs, volumes) if p.source)),
        data_version=costs.data_version,
        is_illustrative=costs.is_illustrative or volumes.is_illustrative,
    )


def _with_method(found: list[UnitCost]) -> Provenance:
    """The origin of unit costs and, where effects are told apart, of the way that they are."""
    method = "Method: price-volume-mix variance with the year before as its base"
    return replace(
        origin(found), notes=(method,) if any(f.volume is not None for f in found) else ()
    )


def _every_service(council_ids: tuple[str, ...], to_month: date) -> Finding:
    found = [f for f in of_services(council_ids, to_month) if f.council_id is None]
    shown = [f for f in found if f.each is not None]
    if not shown:
        return Finding(
            title="What a piece of work costs",
            empty="No unit cost can be told in the time and for the councils chosen: choose a "
            "later month or more councils.",
        )
    compared = [f for f in shown if f.change is not None]
    cheaper = [f for f in compared if f.change < 0]
    services = reference.service_names()
    title = (
        f"In {len(cheaper)} of {words.count(len(compared), 'service')} a piece of work costs less "
        "than a year before"
        if compared
        else f"What a piece of work costs in {words.count(len(shown), 'service')}"
    )
    steepest = max(compared, key=lambda f: f.change, default=None)
    if steepest and steepest.change > 0:
        title += (
            f"; {services[steepest.service_id]} rose most, by {by_how_much(steepest.change)} "
            f"({steepest.unit})"
        )
    return Finding(
        title=title,
        subtitle=(
            f"Unit cost: {WHOLE_COST}. {_stretches(shown)}. {_EFFECTS}. A plus means that it cost "
            "more."
            if any(f.work for f in shown)
            else f"{_AS_MEASURED}, {_stretches(shown)}. Of several of a service the first: "
            "choose it to see the others."
        ),
        alt=f"{title}. A table.",
        table=_table("Unit cost by service", "Service", shown),
        provenance=_with_method(shown),
        table_first=True,
    )


def _stretches(found: list[UnitCost]) -> str:
    """The months that are compared; the newest where services differ."""
    spans = list(dict.fromkeys(f.months for f in sorted(found, key=lambda f: f.month)))
    also = " (some services report to an earlier month)" if len(spans) > 1 else ""
    return f"{spans[-1]}{also} against the same months a year before"


def _headline(whole: UnitCost, found: list[UnitCost]) -> str:
    lead = whole if whole.each is not None else None
    if lead is None:
        known = [f for f in found if f.each is not None]
        low, high = (f(known, key=lambda k: k.each) for f in (min, max))
        names = reference.council_names()
        return (
            f"{_subject(whole)}: from {_each(low.each)} ({names[low.council_id]}) to "
            f"{_each(high.each)} ({names[high.council_id]})"
        )
    said = (
        f"{_subject(lead)}: {_each(lead.each)}"
        if lead.measure_id
        else f"{_subject(lead)} cost {_each(lead.each)} each"
    )
    if lead.each_before is None:
        return said
    gap = lead.each - lead.each_before
    if not pounds_of(gap):
        said += ", as a year before"
    else:
        share = f" ({by_how_much(lead.change)})" if lead.change is not None else ""
        said += f", {_each(abs(gap))}{share} {'more' if gap > 0 else 'less'} than a year before"
    if lead.volume is None:
        return said
    more = lead.work.quantity > lead.work_before.quantity
    parts = [
        (f"{'more' if more else 'fewer'} {lead.unit}", lead.volume),
        (f"a {'higher' if lead.price > 0 else 'lower'} price", lead.price),
        ("another mix of councils", lead.mix or Decimal(0)),
    ]
    told_ = [
        f"{what} {'added' if pounds > 0 else 'saved'} {words.pounds(abs(pounds))}"
        for what, pounds in parts
        if pounds
    ]
    return f"{said}: {words.listing(told_)}" if told_ else said


def _subject(unit_cost: UnitCost) -> str:
    return unit_cost.unit[:1].upper() + unit_cost.unit[1:]


def _each(pounds: Fraction) -> str:
    return words.pounds(pounds_of(pounds))


def _subtitle(whole: UnitCost) -> str:
    if whole.measure_id:
        return (
            f"{_AS_MEASURED}, {whole.months} against a year before; all together as a ratio of "
            "sums. Volume and price can be told apart only where volumes are reported."
        )
    others = [u for u in units(whole.service_id) if u != whole.unit]
    also = f" The service also counts {words.listing(others)}: choose them as the unit." * bool(
        others
    )
    return (
        f"What changed the cost in all, {whole.months} against the same months a year before. "
        f"The unit cost is {WHOLE_COST} ({whole.unit}).{also} {_EFFECTS}. Positive: it cost more."
    )


def _decomposition(whole: UnitCost) -> Bars | None:
    """What changed the cost; None where there is nothing to set beside it, or nothing changed."""
    if whole.volume is None:
        return None
    more = whole.work.quantity > whole.work_before.quantity
    drawn = [
        (f"Volume: {'more' if more else 'fewer'} {whole.unit}", whole.volume),
        (f"Price: a {'higher' if whole.price > 0 else 'lower'} unit cost", whole.price),
        *([("Mix of councils", whole.mix)] if whole.mix is not None else []),
        ("Change in cost", whole.work.cost - whole.work_before.cost),
    ]
    if not any(v for _, v in drawn):
        return None
    said = tuple(signed(v) for _, v in drawn)
    return Bars(
        categories=tuple(name for name, _ in drawn),
        notes=said,
        bars=(Bar("Change on the year before", "actual", tuple(float(v) for _, v in drawn), said),),
        unit="£",
    )


def _councils(found: list[UnitCost]) -> Bars:
    """What a unit costs each council, the dearest first, and a year before."""
    names = reference.council_names()
    known = [f for f in found if f.each is not None]
    known.sort(key=lambda f: -f.each)
    bars = [
        Bar(
            "Unit cost",
            "actual",
            tuple(float(f.each) for f in known),
            tuple(_each(f.each) for f in known),
        )
    ]
    if any(f.each_before is not None for f in known):
        before = tuple(f.each_before for f in known)
        bars.append(
            Bar(
                "A year before",
                "year before",
                tuple(None if b is None else float(b) for b in before),
                tuple(words.MISSING if b is None else _each(b) for b in before),
                is_mark=True,
            )
        )
    return Bars(
        categories=tuple(
            names[f.council_id] if f.council_id else reference.TOGETHER for f in known
        ),
        notes=tuple(_each(f.each) for f in known),
        bars=tuple(bars),
        unit="£",
    )


def signed(pounds: Decimal) -> str:
    """A change in pounds for words and charts: +£0.13m, −£415."""
    return f"{'+' if pounds > 0 else ''}{words.pounds(pounds)}"


def _signed_exact(pounds: Decimal | None, other: str = "") -> str:
    if pounds is None:
        return other
    return f"{'+' if pounds > 0 else ''}{words.pounds_exact(pounds)}"


def _exact(pounds: Fraction | None) -> str:
    return words.pounds_exact(None if pounds is None else pounds_of(pounds))


def quantity_said(quantity: Fraction) -> str:
    """A number of units; an average of months keeps a decimal."""
    places = 0 if quantity >= 1000 or quantity.denominator == 1 else 1
    return f"{float(quantity):,.{places}f}"


_RAW = (
    *("service", "council", "unit", "to_month", "true_cost_gbp", "quantity", "unit_cost_gbp"),
    *("true_cost_year_before_gbp", "quantity_year_before", "unit_cost_year_before_gbp"),
    *("volume_effect_gbp", "price_effect_gbp", "mix_effect_gbp", "why"),
)


def _table(caption: str, what: str, found: list[UnitCost]) -> Table:
    services, names = reference.service_names(), reference.council_names()
    by_service = what == "Service"
    counted = any(f.work for f in found)

    def first(f: UnitCost) -> Cell:
        if by_service:
            name = services[f.service_id]
            return Cell.of(name, None, Link("value", (("service", name),)))
        return Cell.of(names[f.council_id] if f.council_id else reference.TOGETHER)

    def row(f: UnitCost) -> tuple[Cell, ...]:
        gap = f.each - f.each_before if f.each is not None and f.each_before is not None else None
        change = _signed_exact(None if gap is None else pounds_of(gap), f.why or words.MISSING)
        share = f"{f.change:+.1%}".replace("-", "−") if f.change is not None else ""
        cells = [first(f)]
        if counted:
            cells += [
                Cell.of(words.pounds_exact(f.work.cost) if f.work else words.MISSING),
                Cell(((quantity_said(f.work.quantity), None), (f.unit, None)))
                if f.work
                else Cell.of(words.MISSING),
            ]
        elif by_service:
            cells.append(Cell.of(f.unit))
        cells += [
            Cell.of(_exact(f.each)),
            Cell.of(_exact(f.each_before)),
            Cell(((change, None), (share, None)) if gap is not None else ((change, None),)),
        ]
        if counted:
            cells.append(
                Cell(
                    tuple(
                        (f"{name} {_signed_exact(effect)}", None)
                        for name, effect in (
                            ("Volume", f.volume),
                            ("Price", f.price),
                            ("Mix", f.mix),
                        )
                        if effect is not None
                    )
                    or ((words.MISSING, None),)
                )
            )
        return tuple(cells)

    columns = (
        what,
        *(["True cost", "Number"] if counted else ["Unit"] if by_service else []),
        "Unit cost",
        "A year before",
        "Change",
        *(["What changed the cost"] if counted else []),
    )
    return Table(
        caption=caption,
        columns=columns,
        rows=tuple(row(f) for f in found),
        raw_columns=_RAW,
        raw_rows=tuple(
            (
                services[f.service_id],
                names[f.council_id] if f.council_id else reference.TOGETHER,
                f.unit,
                f.month,
                f.work.cost if f.work else None,
                float(f.work.quantity) if f.work else None,
                None if f.each is None else pounds_of(f.each),
                f.work_before.cost if f.work_before else None,
                float(f.work_before.quantity) if f.work_before else None,
                None if f.each_before is None else pounds_of(f.each_before),
                f.volume,
                f.price,
                f.mix,
                f.why,
            )
            for f in found
        ),
        figures=frozenset(
            n for n, c in enumerate(columns) if n and c not in ("Unit", "What changed the cost")
        ),
    )


def _yearly(
    service_id: str, unit: str | None, council_ids: tuple[str, ...], to_month: date
) -> dict[tuple[str | None, date], Fraction]:
    """Unit costs to the same month of each year, by council (None: together) and month."""
    counted = {
        r["unit"] for r in _units() if r["service_id"] == service_id and not r["is_overhead"]
    }
    if unit is None or not counted:
        return {}
    if unit in counted:
        rows = [
            (r, _work(r))
            for r in _rows(service_id, unit, council_ids, to_month)
            if r["is_comparable"]
        ]
        return {(r["council_id"], r["month"]): work.each for r, work in rows if work}
    measure = next((m for m in _cost_measures(service_id) if m["label"] == unit), None)
    if measure is None:
        return {}
    figures = _figures(measure, council_ids, to_month)
    known = {at: r for at, r in figures.items() if r["value"] is not None}
    newest = max((m for _, m in known), default=None)
    points: dict[tuple[str | None, date], Fraction] = {
        at: Fraction(str(r["value"])) for at, r in known.items() if at[1].month == newest.month
    }
    for month in sorted({m for _, m in points}):
        whole = _ratio(measure, tuple(r for (_, m), r in known.items() if m == month))
        if whole is not None:
            points[None, month] = whole
    return points


def _over_time(raw: list[tuple[Any, ...]], what: str) -> str:
    """How far unit costs have moved since the first year that is shown."""
    ends = []
    for service, unit in dict.fromkeys((r[0], r[1]) for r in raw):
        mine = sorted(
            ((r[3], r[4]) for r in raw if r[:3] == (service, unit, reference.TOGETHER)),
        )
        if len(mine) > 1:
            ends.append((service, unit, mine[0], mine[-1]))
    if not ends:
        return f"{what}, year by year"
    if len(ends) == 1:
        service, unit, (start, first), (end, last) = ends[0]
        return (
            f"{service}, {unit}: {words.pounds(first)} in the year to {words.month(start)}, "
            f"{words.pounds(last)} in the year to {words.month(end)}"
        )
    fell = sum(last < first for _, _, (_, first), (_, last) in ends)
    return (
        f"{fell} of {words.count(len(ends), 'service')} cost less a unit now than in the first "
        "year shown"
    )
