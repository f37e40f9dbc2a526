"""Value for money: unit cost beside quality and satisfaction, and which of them really moved."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import reference, reported, unit_costs
from dashboard.exhibits.charts import Quadrants, Spot
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Link, Provenance, Table, exhibit
from dashboard.exhibits.unit_costs import UnitCost
from dashboard.method.price_volume import pounds_of
from dashboard.method.proportions import interval_of_change
from dashboard.warehouse import fetch

# Unit costs nearer than this to each other are the same for the words: late invoices move more.
_SAME_COST = 0.01
# Names that a title holds; the sentences beneath have all.
_NAMED = 3


@dataclass(frozen=True)
class Score:
    """A share of 0 to 1 now and a year before, with what each is a share of, where that is known.

    when, when_before: the time in words. is_alike: both are of the same councils, about; else a
    change could be theirs who came or left.
    """

    share: float
    of: int | None
    when: str
    share_before: float | None = None
    of_before: int | None = None
    when_before: str = ""
    is_alike: bool = True

    @property
    def moved(self) -> int | None:
        """1 better, -1 worse, 0 no real change; None where it cannot be tested."""
        if self.share_before is None or not self.of or not self.of_before or not self.is_alike:
            return None
        low, high = interval_of_change(self.share, self.of, self.share_before, self.of_before)
        return 1 if low > 0 else -1 if high < 0 else 0


@dataclass(frozen=True)
class _Placed:
    """One service, or one council of a service: its unit cost, and what is got for it."""

    name: str
    role: str
    cost: UnitCost
    quality: Score | None
    satisfaction: Score | None


@dataclass(frozen=True)
class _Axis:
    """What an upright axis shows: its name, which score it is, and how it is told."""

    name: str
    of: Callable[[_Placed], Score | None]
    is_: str
    method: str
    lacking: str


_QUALITY = _Axis(
    "quality",
    lambda p: p.quality,
    "figures on target",
    "the share of figures that met their target in twelve months (cost and volume left out)",
    "no figure was held against a target",
)
_SATISFACTION = _Axis(
    "satisfaction",
    lambda p: p.satisfaction,
    "satisfied customers",
    "the share satisfied in the latest survey, and in one at least a year before",
    "no survey can be shown",
)


@exhibit
def against_quality(
    *,
    service_id: str | None,
    unit: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
) -> Finding:
    """Each service, or each council of one service, by unit cost and figures on target."""
    placed, whole = _all(service_id, unit, council_ids, from_month, to_month)
    return _finding(_QUALITY, whole, placed, None)


@exhibit
def against_satisfaction(
    *,
    service_id: str | None,
    unit: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
) -> Finding:
    """Each service, or each council of one service, by unit cost and satisfied customers."""
    placed, whole = _all(service_id, unit, council_ids, from_month, to_month)
    target = fetch("survey_target", to_month=to_month).first().get("target")
    return _finding(_SATISFACTION, whole, placed, target)


def beside_others(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
) -> list[Exhibit]:
    """The comparison with benchmark medians, or nothing where there is nothing to compare."""
    beside = benchmarks(
        service_id=service_id, council_ids=council_ids, from_month=from_month, to_month=to_month
    )
    return [] if beside.empty else [beside]


@exhibit
def benchmarks(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
) -> Finding:
    """Benchmarked measures beside the median of councils elsewhere, in the benchmark's own period.

    A council's figure for that period is the sum of its numerators over the sum of its denominators
    where the period holds several; of what adds up or overlaps it is the figure at its end. Figures
    are of one service and one kind of period: the benchmark's own, where there are such.
    """
    measures = reference.measures()
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in fetch(
        "measure_benchmarks", measure_id=None, from_month=from_month, to_month=to_month
    ).rows():
        if row["measure_id"] in measures and row["median"] is not None:
            newest[row["measure_id"], row["council_group"]] = row
    # A row for each service that reports the measure.
    every = [
        (reported.passport(m, s), group, row)
        for (m, group), row in newest.items()
        for s in reported.reporting(m)
        if service_id in (None, s)
    ]
    names, services = reference.council_names(), reference.service_names()
    rows, raw, better, compared = [], [], 0, 0
    for measure, group, row in every:
        figures = reported.of(
            fetch(
                "measure_trend",
                measure_ids=(measure["measure_id"],),
                council_ids=council_ids,
                from_month=row["from_month"],
                to_month=row["month"],
            ).rows(),
            measure,
        )
        by_council = reported.each_by_its_kind(figures, measure, council_ids, row["period_kind"])
        lines = []
        for council_id in council_ids:
            own = by_council.get(council_id, [])
            value = _over_period(measure, own, row)
            if value is None or row["month"] > to_month:
                continue
            ahead = _ahead(value, row["median"], measure["good_direction"])
            compared += ahead is not None
            better += ahead is True
            said = f"{names[council_id]} {words.figure(value, measure['unit'])}"
            lines.append((said, {True: "improvement", False: "concern"}.get(ahead)))
            raw.append(
                (
                    services[measure["service_id"]],
                    measure["label"],
                    names[council_id],
                    value,
                    group,
                    row["period"],
                    row["median"],
                    row["source"],
                )
            )
        if lines:
            link = reported.link(measure["measure_id"], measure["service_id"])
            median = words.figure(row["median"], measure["unit"])
            when = words.period(row["period"], row["month"])
            rows.append(
                (
                    Cell.of(_label(measure), None, link),
                    Cell.of(f"{median} ({group}, {when})"),
                    Cell(tuple(lines)),
                    Cell.of(reference.DIRECTIONS[measure["good_direction"]]),
                )
            )
    if not rows:
        return Finding(
            title="Beside councils elsewhere",
            empty="No measure of what is chosen has a benchmark in the time chosen.",
        )
    title = f"Better than the benchmark median: {better} of {words.count(compared, 'figure')}"
    if not compared:
        title = f"{words.count(len(rows), 'measure')} beside the benchmark median"
    made_up = any(r["is_illustrative"] for r in newest.values())
    origin = reference.provenance("benchmarks")
    return Finding(
        title=title,
        subtitle="Each council over the benchmark’s own period, beside the median of councils "
        "elsewhere. Better or worse is by the figures alone, without a test.",
        alt=f"{title}. A table.",
        table=Table(
            caption="Measures beside benchmark medians",
            columns=("Measure", "Median elsewhere", "Councils", "Good direction"),
            rows=tuple(rows),
            raw_columns=(
                *("service", "measure", "council", "value"),
                *("council_group", "period", "median", "source"),
            ),
            raw_rows=tuple(raw),
        ),
        provenance=replace(origin, is_illustrative=made_up or origin.is_illustrative),
        table_first=True,
    )


def _label(measure: dict[str, Any]) -> str:
    """Told apart by its service where several report it; two of one name by their ids."""
    several = len(reported.reporting(measure["measure_id"])) > 1
    return measure["name"] if several else measure["label"]


def _over_period(
    measure: dict[str, Any], figures: list[dict[str, Any]], benchmark: dict[str, Any]
) -> float | None:
    """A council's figure for a benchmark's whole period; None where it has none."""
    at_end = next((r["value"] for r in figures if r["month"] == benchmark["month"]), None)
    if measure["is_cumulative"] or measure["rolling_months"]:
        return at_end
    if len(figures) == 1 and figures[0]["period_kind"] == benchmark["period_kind"]:
        return at_end
    if not figures or any(r["value"] is None or not r["denominator"] for r in figures):
        return None
    parts = [sum(r[part] for r in figures) for part in ("numerator", "denominator")]
    return measure["multiplier"] * parts[0] / parts[1]


def _ahead(value: float, median: float, good: str) -> bool | None:
    """True where it is better than the median; None where neither way is good or it is at it."""
    if good not in ("higher", "lower") or value == median:
        return None
    return (value > median) == (good == "higher")


def _all(
    service_id: str | None,
    unit: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
) -> tuple[list[_Placed], UnitCost | None]:
    """What can be placed or can't: each service, all chosen councils together, or each council.

    And, of one service, the unit cost of its councils together; None of all services.
    """
    # Survey totals are of everybody asked; of one council alone they are that council's own.
    alone = council_ids[0] if len(council_ids) == 1 else None
    if service_id is None:
        found = unit_costs.of_services(council_ids, to_month)
        costs = [c for c in found if c.council_id is None]
        names = reference.service_names()
        keys = [(c.service_id, None) for c in costs]
        asked = [(c.service_id, alone) for c in costs]
    else:
        found = unit_costs.of_service(service_id, unit, council_ids, to_month)
        costs = [c for c in found if c.council_id is not None]
        names = reference.council_names()
        keys = asked = [(service_id, c.council_id) for c in costs]
    quality = _qualities(service_id, council_ids, to_month)
    satisfaction = _satisfactions(service_id, council_ids, from_month, to_month)
    placed = [
        _Placed(
            names[cost.council_id or cost.service_id],
            cost.council_id or "whole",
            cost,
            quality.get(key),
            satisfaction.get(ask),
        )
        for cost, key, ask in zip(costs, keys, asked, strict=True)
    ]
    return placed, found[0] if service_id else None


def _qualities(
    service_id: str | None, council_ids: tuple[str, ...], to_month: date
) -> dict[tuple[str, str | None], Score]:
    rows = fetch(
        "targets_met", service_id=service_id, council_ids=council_ids, to_month=to_month
    ).rows()
    year = f"the year to {words.month(to_month)}"
    parts: dict[str, list[tuple[int, int]]] = {}
    for r in rows:
        if r["council_id"] is not None:
            parts.setdefault(r["service_id"], []).append((r["judged"], r["judged_before"]))
    return {
        (r["service_id"], r["council_id"]): Score(
            float(r["on_target"]) / float(r["judged"]),
            int(r["judged"]),
            year + words.doubts(r["doubtful"]),
            float(r["on_target_before"]) / float(r["judged_before"])
            if r["judged_before"]
            else None,
            int(r["judged_before"]) or None,
            "the year before",
            r["council_id"] is not None or _are_alike(parts[r["service_id"]]),
        )
        for r in rows
        if r["judged"]
    }


def _are_alike(parts: Iterable[tuple[int, int]]) -> bool:
    """Whether each council has about as many cases in both times: none came or left between."""
    return all(2 * min(now, before) >= max(now, before) for now, before in parts)


def _answered(
    waves: dict[tuple[str, str | None], list[dict[str, Any]]],
    service_id: str,
    now: date,
    before: date,
) -> list[tuple[int, int]]:
    """How many of each customer answered in two surveys; those of hidden ones are not known."""
    found = []
    for (service, council_id), rows in waves.items():
        if service == service_id and council_id is not None:
            of = {r["month"]: r for r in rows}
            cells = [of.get(month) for month in (now, before)]
            if not any(cell and cell["is_hidden"] for cell in cells):
                found.append(tuple(cell["respondents"] or 0 if cell else 0 for cell in cells))
    return found


def _satisfactions(
    service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> dict[tuple[str, str | None], Score]:
    """The latest survey in the time chosen, and the last one at least twelve months before it."""
    waves: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for row in fetch(
        "satisfaction_trend",
        service_id=service_id,
        council_ids=council_ids,
        from_month=date(1900, 1, 1),
        to_month=to_month,
    ).rows():
        if row["service_id"] is not None:
            waves.setdefault((row["service_id"], row["council_id"]), []).append(row)
    scores = {}
    for key, rows in waves.items():
        now = rows[-1]
        # Where the latest is hidden an older one would only look like it.
        if now["month"] < from_month or now["satisfied_share"] is None:
            continue
        due = date(now["month"].year - 1, now["month"].month, 1)
        shown = [r for r in rows if r["month"] <= due and r["satisfied_share"] is not None]
        before = shown[-1] if shown else None
        scores[key] = Score(
            now["satisfied_share"],
            now["respondents"] and int(now["respondents"]),
            words.period(now["period"], now["month"]),
            before and before["satisfied_share"],
            before["respondents"] and int(before["respondents"]) if before else None,
            words.period(before["period"], before["month"]) if before else "",
            key[1] is not None
            or before is None
            or _are_alike(_answered(waves, key[0], now["month"], before["month"])),
        )
    return scores


def _finding(
    axis: _Axis, whole: UnitCost | None, placed: list[_Placed], target: float | None
) -> Finding:
    of_services = whole is None
    shown = [
        p
        for p in placed
        if axis.of(p) and (p.cost.change is not None if of_services else p.cost.each is not None)
    ]
    heading = (
        f"Unit cost and {axis.name}"
        if of_services
        else f"{reference.service_names()[whole.service_id]}, unit cost and {axis.name}"
    )
    if not shown:
        return Finding(title=heading, empty=_nothing(axis, placed, of_services))
    x_line, x_line_is = _x_line(whole, shown)
    y_line, y_line_is = _y_line(axis, shown, target)
    spots = tuple(_spot(axis, p, of_services) for p in shown)
    title = f"{heading}: {_moves(axis, shown, 'service' if of_services else 'council')}"
    where = _quadrants(axis, shown, of_services, x_line, y_line)
    cheaper = f"Cheaper {'' if x_line_is.startswith('or ') else 'than '}{x_line_is}"
    high, low = (f"{axis.name} {at} {y_line_is}" for at in ("at or above", "below"))
    sentences = tuple(
        f"{said}: {words.listing([_with_move(axis, p) for p in where[at]]) or 'none'}."
        for at, said in {
            (True, True): f"{cheaper}, {high}",
            (False, True): f"Dearer, {high}",
            (True, False): f"{cheaper}, {low}",
            (False, False): f"Dearer, {low}",
        }.items()
    )
    left_out = [p.name for p in placed if p not in shown]
    if left_out:
        sentences += (f"Not placed, as the table says why: {words.listing(left_out)}.",)
    return Finding(
        title=title,
        subtitle=f"{_cost_said(shown, of_services)}, against {axis.method}. Left is cheaper, up is "
        f"better. Dashed: {x_line_is.removeprefix('or as ')}; {y_line_is}.",
        alt=f"{title}. {' '.join(sentences)}",
        chart=Quadrants(
            spots=spots,
            x_unit="share" if of_services else "£",
            y_unit="share",
            x_line=x_line,
            y_line=y_line,
            x_is="Change of unit cost on the year before" if of_services else "Unit cost",
            y_is=axis.is_,
            x_line_is=x_line_is,
            y_line_is=y_line_is,
            corners=tuple(
                (cost, f"{axis.name} {level}")
                for level in ("higher", "lower")
                for cost in ("Cheaper,", "Dearer,")
            ),
            sentences=sentences,
            council_order=reference.council_order()
            if not of_services and len(shown) <= settings.COLOURED_COUNCILS
            else (),
        ),
        table=_table(heading, of_services, placed),
        provenance=_origin(axis, placed),
    )


def _nothing(axis: _Axis, placed: list[_Placed], of_services: bool) -> str:
    """Why nothing can be placed, in words."""
    if not any(axis.of(p) for p in placed):
        return (
            f"Here {axis.lacking} in the time and for the councils chosen, so unit cost can't be "
            f"set beside {axis.name}."
        )
    return (
        "No unit cost can be compared with the year before: choose a later month."
        if of_services
        else "No unit cost can be told of what is chosen: see below why."
    )


def _x_line(whole: UnitCost | None, shown: list[_Placed]) -> tuple[float, str]:
    """No change for services; for councils a benchmark's median, else all together, or the middle.

    In words that go on from "cheaper than".
    """
    if whole is None:
        return 0.0, "the year before"
    if whole.measure_id:
        medians = [
            r
            for r in fetch(
                "measure_benchmarks",
                measure_id=whole.measure_id,
                from_month=whole.month,
                to_month=whole.month,
            ).rows()
            if r["median"] is not None
        ]
        if medians:
            return medians[-1]["median"], f"the median of {medians[-1]['council_group']}"
    if whole.each is not None:
        together = words.pounds(pounds_of(whole.each))
        return float(whole.each), f"all together ({together})"
    return statistics.median(float(p.cost.each) for p in shown), "or as the middle council"


def _y_line(axis: _Axis, shown: list[_Placed], target: float | None) -> tuple[float, str]:
    if target is not None:
        return target, f"the survey’s target of {words.percent(target)}"
    middle = statistics.median(axis.of(p).share for p in shown)
    return middle, f"the middle ({words.percent(middle)})"


def _spot(axis: _Axis, placed: _Placed, of_services: bool) -> Spot:
    score, cost = axis.of(placed), placed.cost
    x = cost.change if of_services else float(cost.each)
    x_before = 0.0 if of_services else cost.each_before and float(cost.each_before)
    return Spot(
        name=placed.name,
        role=placed.role,
        now=(x, score.share),
        before=(x_before, score.share_before)
        if x_before is not None and score.share_before is not None
        else None,
        hover=f"{_cost_moved(cost)}; {score_said(score)}, {_moved_said(score)}",
        mark={1: "improvement", -1: "concern"}.get(score.moved),
    )


def _quadrants(
    axis: _Axis, shown: list[_Placed], of_services: bool, x_line: float, y_line: float
) -> dict[tuple[bool, bool], list[_Placed]]:
    """Who lies where: (cheaper than the line, above it). On a line counts as its better side."""
    where: dict[tuple[bool, bool], list[_Placed]] = {
        (cheap, high): [] for high in (True, False) for cheap in (True, False)
    }
    for p in shown:
        x = p.cost.change if of_services else float(p.cost.each)
        where[x <= x_line, axis.of(p).share >= y_line].append(p)
    return where


def _moves(axis: _Axis, shown: list[_Placed], noun: str) -> str:
    """Whose cost and score both moved, and how many did not really: "ICT cheaper but worse"."""
    groups: dict[str, list[str]] = {}
    untested = 0
    for p in shown:
        moved = axis.of(p).moved
        untested += moved is None
        if not moved:
            continue
        cost = _cost_sign(p.cost)
        better = "better" if moved > 0 else "worse"
        how = {-1: "cheaper", 1: "dearer"}.get(cost)
        joined = "but" if cost == moved else "and"
        groups.setdefault(
            f"{how} {joined} {better}" if how else f"{axis.name} {better}", []
        ).append(p.name)
    said = [
        f"{words.listing(_some(names))} {how}"
        for how, names in sorted(
            groups.items(), key=lambda g: _RANK.index(g[0].removeprefix(f"{axis.name} "))
        )
    ]
    others = len(shown) - sum(map(len, groups.values())) - untested
    if untested == len(shown):
        cheaper = sum(_cost_sign(p.cost) == -1 for p in shown)
        return (
            f"{cheaper} of {words.count(len(shown), noun)} cheaper than a year before; whether "
            f"{axis.name} really changed can't be told without the number of answers"
        )
    if others:
        of = f"the other {others}" if groups else f"any of {words.count(others, noun)}"
        said.append(
            f"no real change in {axis.name}"
            + (f" of {of}" if others > 1 else " of the other" if groups else "")
        )
    return "; ".join(said)


_RANK = (
    *("dearer and worse", "cheaper but worse", "worse"),
    *("cheaper and better", "dearer but better", "better"),
)


def _some(names: list[str]) -> list[str]:
    if len(names) <= _NAMED + 1:
        return names
    return [*names[:_NAMED], f"{len(names) - _NAMED} more"]


def _cost_sign(cost: UnitCost) -> int | None:
    """1 dearer than a year before, -1 cheaper, 0 the same; None where it can't be told."""
    if cost.change is None:
        return None
    return 0 if abs(cost.change) < _SAME_COST else 1 if cost.change > 0 else -1


def _cost_moved(cost: UnitCost) -> str:
    sign = _cost_sign(cost)
    if sign is None:
        return "unit cost not compared"
    if not sign:
        return "unit cost as a year before"
    return f"{unit_costs.by_how_much(cost.change)} {'dearer' if sign > 0 else 'cheaper'}"


def _with_move(axis: _Axis, placed: _Placed) -> str:
    """A name, with what really moved beside it."""
    score = axis.of(placed)
    if not score.moved:
        return placed.name
    return (
        f"{placed.name} ({axis.name} {'better' if score.moved > 0 else 'worse'}: "
        f"{words.percent(score.share_before)} to {words.percent(score.share)})"
    )


def score_said(score: Score) -> str:
    """A share and what it is a share of: "83% of 96"."""
    return words.percent(score.share) + (f" of {score.of:,}" if score.of else "")


def _moved_said(score: Score) -> str:
    if score.share_before is None:
        return "no figure a year before"
    was = f"{words.percent(score.share_before)}" + (
        f" of {score.of_before:,}" if score.of_before else ""
    )
    said = {1: "better", -1: "worse", 0: "no real change", None: "can’t be tested"}[score.moved]
    others = "" if score.is_alike else ", of other councils"
    return f"{said} ({was} before{others})"


def _cost_said(shown: list[_Placed], of_services: bool) -> str:
    cost = shown[0].cost
    if of_services:
        return (
            "How far each service’s unit cost changed in "
            f"{max(shown, key=lambda p: p.cost.month).cost.months} (a year before is 0%)"
        )
    return f"Unit cost ({cost.unit}) in {cost.months}"


def _table(caption: str, of_services: bool, placed: list[_Placed]) -> Table:
    """Every part of what is drawn, and of what could not be."""

    def exact(value: Any) -> str:
        return words.MISSING if value is None else words.pounds_exact(pounds_of(value))

    def score(of: Score | None, lacking: str) -> Cell:
        if of is None:
            return Cell.of(lacking)
        return Cell(
            (
                (f"{score_said(of)}, {of.when}", None),
                (_moved_said(of), {1: "improvement", -1: "concern"}.get(of.moved)),
            )
        )

    def row(p: _Placed) -> tuple[Cell, ...]:
        link = Link("value", (("service", p.name),)) if of_services else None
        return (
            Cell.of(p.name, None, link),
            Cell.of(p.cost.unit or "none"),
            Cell.of(exact(p.cost.each)),
            Cell.of(exact(p.cost.each_before)),
            Cell.of(p.cost.why[:1].upper() + p.cost.why[1:] if p.cost.why else _cost_moved(p.cost)),
            score(p.quality, f"{_QUALITY.lacking}"),
            score(p.satisfaction, f"{_SATISFACTION.lacking}"),
        )

    def parts(of: Score | None) -> tuple[Any, ...]:
        return (
            (of.share, of.of, of.share_before, of.of_before, _moved_said(of)) if of else (None,) * 5
        )

    what = "Service" if of_services else "Council"
    kinds = ("on_target", "satisfied")
    return Table(
        caption=caption,
        columns=(
            what,
            "Unit",
            "Unit cost",
            "Unit cost a year before",
            "Change of unit cost",
            "Quality (figures on target)",
            "Satisfaction",
        ),
        rows=tuple(row(p) for p in placed),
        raw_columns=(
            *(what.lower(), "unit", "to_month", "unit_cost_gbp", "unit_cost_year_before_gbp"),
            *(
                f"{kind}_{part}"
                for kind in kinds
                for part in ("share", "of", "share_before", "of_before", "moved")
            ),
            "why_no_unit_cost",
        ),
        raw_rows=tuple(
            (
                p.name,
                p.cost.unit,
                p.cost.month,
                p.cost.each if p.cost.each is None else pounds_of(p.cost.each),
                p.cost.each_before if p.cost.each_before is None else pounds_of(p.cost.each_before),
                *parts(p.quality),
                *parts(p.satisfaction),
                p.cost.why,
            )
            for p in placed
        ),
        figures=frozenset({2, 3}),
    )


def _origin(axis: _Axis, placed: list[_Placed]) -> Provenance:
    costs = unit_costs.origin([p.cost for p in placed])
    score = reference.provenance("performance" if axis is _QUALITY else "satisfaction")
    return replace(
        costs,
        source="; ".join(dict.fromkeys(s for s in (costs.source, score.source) if s)),
        is_illustrative=costs.is_illustrative or score.is_illustrative,
        notes=(*costs.notes, "Test of change: Newcombe’s interval of two proportions, 95%"),
    )
