"""Councils beside each other as a funnel: who differs from the whole by more than chance."""

import re
from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import reference, reported
from dashboard.exhibits.charts import Funnel, FunnelPoint
from dashboard.exhibits.exhibit import Cell, Finding, Table, exhibit
from dashboard.method.proportions import FUNNEL_95, FUNNEL_998, from_centre, funnel_limits
from dashboard.warehouse import fetch

# Names beside points; more would lie on each other. All are in the table.
_NAMES_DRAWN = 8
# Limits are drawn as so many straight pieces.
_PIECES = 40
# The normal approximation is rough where fewer cases than this are expected to pass, or to fail.
_EXPECTED_AT_LEAST = 5
# Councils from which "more than half lie outside" says something about all rather than about one.
_MANY = 10
# Parts that add up amounts instead of counting cases. Chance among pounds, minutes or square metres
# is not that of tossed coins: limits by their number would be far too narrow. The exports do not
# say what their parts are, the passport's own words do.
_AMOUNTS = re.compile(
    r"£|\b(spen[dt]|spending|spends|money|income|rent|arrears|debt|savings|budget(ed)?|expenditure|"
    r"cost|funding|pay gap|council tax|business rates|minutes|hours|days lost|square metres|"
    r"floor area)\b",
    re.IGNORECASE,
)


@exhibit
def compared(
    *,
    measure_id: str,
    council_ids: tuple[str, ...],
    to_month: date,
    reported_by: str | None = None,
    period_kind: str | None = None,
) -> Finding:
    """Councils beside each other as a funnel: who differs by more than chance now?

    Shares (0 to 1) against their denominators. The centre p is the sum of numerators over the sum
    of denominators of all councils; for a council with n cases chance alone stays within
    limits of 95% and 99.8% (method.proportions.funnel_limits). Councils that were not chosen are
    drawn in grey.

    Of one service (reported_by, else the measure's own) and one kind of period (period_kind, else
    the main one): a council that reports by another is not set beside these, and that is said.
    """
    measure = reported.passport(measure_id, reported_by)
    every = reported.of(
        fetch("measure_parts", measure_ids=(measure_id,), to_month=to_month).rows(), measure
    )
    counts: dict[str, int] = {}
    for row in every:
        counts[row["period_kind"]] = counts.get(row["period_kind"], 0) + 1
    kinds = reported.in_order(measure_id, counts)
    kind = period_kind if period_kind in kinds else next(iter(kinds), None)
    found = [r for r in every if r["period_kind"] == kind]
    if why := _incomparable(measure, found):
        return Finding(title="Councils beside each other", empty=why)
    names = reference.council_names()
    centre = sum(r["numerator"] for r in found) / sum(r["denominator"] for r in found)
    far = {
        r["council_id"]: from_centre(r["numerator"] / r["denominator"], centre, r["denominator"])
        for r in found
    }
    outside = {c: z for c, z in far.items() if abs(z) > FUNNEL_998}
    chosen = [r["council_id"] for r in found if r["council_id"] in council_ids]
    named = (
        chosen
        if len(found) <= _NAMES_DRAWN
        else sorted((c for c in chosen if c in outside), key=lambda c: -abs(far[c]))[:_NAMES_DRAWN]
    )
    points = tuple(
        FunnelPoint(
            name=names[r["council_id"]],
            role=_role(r["council_id"], council_ids),
            cases=r["denominator"],
            share=r["numerator"] / r["denominator"],
            hover=f"{words.figure(r['numerator'] / r['denominator'], 'share')} of "
            f"{r['denominator']:,.0f}, {_beside_others(far[r['council_id']])}",
            is_outside=r["council_id"] in outside,
            is_labelled=r["council_id"] in named,
        )
        for r in sorted(found, key=lambda r: -abs(far[r["council_id"]]))
    )
    grid = _grid([p.cases for p in points])
    when = words.period(found[0]["period"], found[0]["month"])
    title = _differing({c: z for c, z in outside.items() if c in chosen}, len(chosen), when)
    return Finding(
        title=title,
        subtitle=_subtitle(measure, points, centre) + _left_out(every, found),
        alt=f"{title}. A funnel plot of {words.count(len(points), 'council')}: each one's share by "
        f"its number of cases; together {words.figure(centre, 'share')}.",
        chart=Funnel(
            points=points,
            centre=centre,
            cases=grid,
            limits_95=tuple(_clamped(funnel_limits(centre, n, FUNNEL_95)) for n in grid),
            limits_998=tuple(_clamped(funnel_limits(centre, n, FUNNEL_998)) for n in grid),
            cases_are="Cases (the denominator)",
            council_order=reference.council_order()
            if len(chosen) <= settings.COLOURED_COUNCILS
            else (),
        ),
        table=_places(found, centre, far, measure),
        provenance=reference.of_measure(measure),
    )


def _incomparable(measure: dict[str, Any], found: list[dict[str, Any]]) -> str | None:
    """Why councils cannot be set beside each other, in words; None where they can."""
    alone = "councils can only be compared with themselves over time, as above."
    unit = measure["unit"] or ""
    if not measure["has_parts"]:
        return f"Numerators and denominators are not published for this measure, so {alone}"
    if not (unit == "share" or unit.startswith("%")):
        return f"This measure is not a share of cases, so {alone}"
    if not found:
        return "No numerators and denominators were reported in the time chosen: choose a later end"
    described = f"{measure['name']} {measure['definition'] or ''}"
    if not all(r["has_whole_numbers"] for r in found) or _AMOUNTS.search(described):
        return (
            "The parts of this measure are amounts (pounds, time or space) and not cases that each "
            f"pass or fail, so {alone}"
        )
    if not all(r["is_part_of_whole"] for r in found):
        return f"This measure can go below 0% or above 100%, so {alone}"
    if len(found) < 2:
        return "Only one council reported numerator and denominator in the newest period chosen."
    centre = sum(r["numerator"] for r in found) / sum(r["denominator"] for r in found)
    if centre in (0, 1):
        return f"Every council has {words.figure(centre, 'share')}: none differs from the others."
    return None


def _clamped(pair: tuple[float, float]) -> tuple[float, float]:
    """Limits as they are drawn: no share lies below 0% or above 100%."""
    return max(pair[0], 0.0), min(pair[1], 1.0)


def _grid(cases: list[float]) -> tuple[float, ...]:
    """Numbers of cases to draw limits at, closer where limits bend more; the smallest is one."""
    low, high = min(cases), max(cases) * 1.1
    start = low * 0.7
    steps = {start * (high / start) ** (i / _PIECES) for i in range(_PIECES + 1)}
    return tuple(sorted(steps | {low}))


def _role(council_id: str, chosen: tuple[str, ...]) -> str:
    return council_id if council_id in chosen else "context"


def _beside_others(z: float) -> str:
    if abs(z) > FUNNEL_998:
        return f"{'above' if z > 0 else 'below'} the 99.8% limits: more than chance"
    if abs(z) > FUNNEL_95:
        return f"{'above' if z > 0 else 'below'} the 95% limits: may be chance"
    return "within the 95% limits: no more than chance"


def _differing(outside: dict[str, float], chosen: int, when: str) -> str:
    names = reference.council_names()
    if not outside:
        return f"No council differs from the whole by more than chance in {when}"
    if len(outside) > settings.COLOURED_COUNCILS:
        return (
            f"{len(outside)} of {words.count(chosen, 'council')} differ from the whole by more "
            f"than chance in {when}"
        )
    sides = [
        f"{words.listing(who)} {'lies' if len(who) == 1 else 'lie'} {side}"
        for side, who in (
            ("above", [names[c] for c, z in outside.items() if z > 0]),
            ("below", [names[c] for c, z in outside.items() if z < 0]),
        )
        if who
    ]
    return f"{words.listing(sides)} the whole by more than chance in {when}"


def _subtitle(measure: dict[str, Any], points: tuple[FunnelPoint, ...], centre: float) -> str:
    said = [
        f"{measure['name']}, {reference.DIRECTIONS[measure['good_direction']]}; each council's "
        "share by its number of cases. The fewer the cases, the further chance alone can carry a "
        "council from the whole"
    ]
    if sum(p.is_outside for p in points) * 2 > len(points) >= _MANY:
        said.append(
            "More than half lie outside, so more than chance sets councils apart everywhere: find "
            "out how they differ before comparing any two"
        )
    if min(p.cases for p in points) * min(centre, 1 - centre) < _EXPECTED_AT_LEAST:
        said.append("For councils with so few cases the limits are rough")
    return ". ".join(said)


def _left_out(every: list[dict[str, Any]], found: list[dict[str, Any]]) -> str:
    """Which councils report by another kind of period alone."""
    here = {r["council_id"] for r in found}
    names = reference.council_names()
    who = list(dict.fromkeys(names[r["council_id"]] for r in every if r["council_id"] not in here))
    if not who:
        return ""
    some = words.listing(who) if len(who) <= _NAMES_DRAWN else words.count(len(who), "council")
    verb = "reports" if len(who) == 1 else "report"
    return f". {some} {verb} by another kind of period, so not beside these"


def _places(
    found: list[dict[str, Any]], centre: float, far: dict[str, float], measure: dict[str, Any]
) -> Table:
    names = reference.council_names()
    rows = [
        (
            r["council_id"],
            r["period"],
            r["numerator"],
            r["denominator"],
            r["numerator"] / r["denominator"],
            *funnel_limits(centre, r["denominator"], FUNNEL_95),
            *funnel_limits(centre, r["denominator"], FUNNEL_998),
            far[r["council_id"]],
        )
        for r in found
    ]
    return Table(
        caption=f"{measure['name']}: each council beside the whole",
        columns=("Council", "Cases", "Share", "95% limits", "99.8% limits", "Beside the whole"),
        rows=tuple(
            (
                Cell.of(names[row[0]]),
                Cell.of(f"{row[3]:,.0f}"),
                Cell.of(words.figure(row[4], "share")),
                Cell.of(_span(row[5], row[6])),
                Cell.of(_span(row[7], row[8])),
                Cell.of(_beside_others(row[9]).capitalize()),
            )
            for row in rows
        ),
        raw_columns=(
            "council_id",
            "period",
            "numerator",
            "denominator",
            "share",
            "lower_95",
            "upper_95",
            "lower_998",
            "upper_998",
            "standard_errors_from_whole",
        ),
        raw_rows=tuple(rows),
        figures=frozenset({1, 2, 3, 4}),
    )


def _span(low: float, high: float) -> str:
    low, high = _clamped((low, high))
    return f"{words.figure(low, 'share')} to {words.figure(high, 'share')}"
