"""Performance, cost and satisfaction of one service, or one council, on one time axis."""

from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import costs, measures, reference, reported, satisfaction
from dashboard.exhibits.charts import Event, Line, Panel, Trend
from dashboard.exhibits.exhibit import Cell, Finding, Table, exhibit
from dashboard.warehouse import fetch


@exhibit
def service(
    *,
    service_id: str,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    first: int = 0,
) -> Finding:
    """Quality, cost and satisfaction of a service in three panels, then its measures by council.

    Quality is the share of targets met. first: the measure to begin with, where a service has more
    than one figure holds beside the three.
    """
    mine = list(reported.measures_of(service_id))
    span = (council_ids, from_month, to_month)
    panels = [
        *_targets_met(service_id, *span),
        *costs.panel(service_id, *span),
        *satisfaction.panel(service_id, *span),
    ]
    room = settings.PANELS_A_FIGURE - len(panels)
    some = tuple(mine[first : first + room])
    panels += measures.panels_of(some, service_id, *span)
    name = reference.service_names()[service_id]
    if not panels:
        return Finding(
            title=f"{name} over time",
            empty="Nothing was reported in the time and by "
            "the councils chosen: choose a longer time or more councils.",
        )
    some_of = f". Measures {first + 1} to {first + len(some)} of {len(mine)}" * (len(mine) > room)
    title = f"{name} {_story(service_id, *span)}"
    events = fetch(
        "events",
        service_id=service_id,
        measure_id=None,
        council_ids=council_ids,
        from_month=from_month,
        to_month=to_month,
    )
    return Finding(
        title=title,
        subtitle="Share of the figures of twelve months that met their target, cost and satisfied "
        "customers; then each measure by council with its target. Gaps are periods without a "
        f"figure{some_of}",
        alt=f"{title}. {words.count(len(panels), 'small line chart')} on one time axis, "
        f"{words.months(from_month, to_month)}.",
        chart=Trend(
            tuple(panels),
            tuple(Event(m, t) for m, t in zip(events["month"], events["title"], strict=True)),
            reference.council_order()
            if len(council_ids) <= settings.COLOURED_COUNCILS
            else council_ids,
        ),
        table=_table(f"{name} over time", panels),
        provenance=reference.provenance("performance"),
    )


def measures_a_figure(service_id: str) -> tuple[int, int]:
    """How many measures a service has, and how many one figure of it holds."""
    count = len(reported.measures_of(service_id))
    taken = 1 + reference.has("costs") + reference.has("satisfaction")
    return count, settings.PANELS_A_FIGURE - taken


@exhibit
def council(*, council_id: str, from_month: date, to_month: date) -> Finding:
    """A council's share of measures on target, its cost against budget, and its satisfaction."""
    ids = (council_id,)
    name = reference.council_names()[council_id]
    panels: list[Panel] = []
    found = fetch(
        "on_target_trend",
        service_id=None,
        council_ids=ids,
        from_month=from_month,
        to_month=to_month,
    ).rows()
    whole = [r for r in found if r["service_id"] is None]
    if whole:
        panels.append(_on_target("Measures on target, all services", "whole", whole))
    panels += costs.panel(None, ids, from_month, to_month)
    panels += satisfaction.panel(None, ids, from_month, to_month)
    services = reference.service_names()
    for service_id, service_name in services.items():
        mine = [r for r in found if r["service_id"] == service_id]
        if mine and len(panels) < settings.PANELS_A_FIGURE:
            panels.append(_on_target(service_name, council_id, mine))
    if not panels:
        return Finding(
            title=f"{name} over time",
            empty="No figure has a target here, and there is neither cost nor survey in the time "
            "chosen: the table above says what was reported.",
        )
    events = fetch(
        "events",
        service_id=None,
        measure_id=None,
        council_ids=ids,
        from_month=from_month,
        to_month=to_month,
    )
    title = f"{name} {_story(None, ids, from_month, to_month)}"
    return Finding(
        title=title,
        subtitle="Share of the figures of twelve months that met their target, over all services "
        "and service by service; cost; satisfied customers",
        alt=title + f". {words.count(len(panels), 'small line chart')} on one time axis.",
        chart=Trend(
            tuple(panels),
            tuple(Event(m, t) for m, t in zip(events["month"], events["title"], strict=True)),
            reference.council_order(),
        ),
        table=_table(f"{name} over time", panels),
        provenance=reference.provenance("performance"),
    )


def _story(
    service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> str:
    """One clause each on targets met, cost and satisfaction, of what the workspace has."""
    chosen = {"service_id": service_id, "council_ids": council_ids}
    parts = []
    met = fetch("on_target_trend", **chosen, from_month=from_month, to_month=to_month).rows()
    met = [r for r in met if r["service_id"] == service_id]
    if met:
        last = met[-1]
        before = next(
            (
                r["on_target_share"]
                for r in met
                if (r["month"].year, r["month"].month)
                == (last["month"].year - 1, last["month"].month)
            ),
            None,
        )
        parts.append(
            f"met {words.percent(last['on_target_share'])} of targets in the year to "
            f"{words.month(last['month'])}"
            + (f", {words.percent(before)} the year before" if before is not None else "")
            + (
                f" ({words.count(last['doubtful'], 'figure')} {words.DOUBTFUL})"
                if last["doubtful"]
                else ""
            )
        )
    spent = next(
        (
            r
            for r in fetch("standing_costs", **chosen, to_month=to_month).rows()
            if r["service_id"] == service_id and r["council_id"] is None
        ),
        None,
    )
    if spent and spent["unreported"]:
        lacks = costs.why_unknown(spent, costs.Asked(service_id, council_ids))
        parts.append(f"what it cost is not known ({lacks})")
    elif spent and spent["actual_gbp"] is not None:
        against = costs.against_briefly(spent)
        parts.append(
            f"cost {words.pounds(spent['actual_gbp'])}" + (f", {against}" if against else "")
        )
    survey = [
        r
        for r in fetch("standing_satisfaction", **chosen, to_month=to_month).rows()
        if r["service_id"] == service_id
        and r["council_id"] == (council_ids[0] if len(council_ids) == 1 else None)
        and r["satisfied_share"] is not None
    ]
    if survey:
        # A total is of everybody asked, whoever is chosen.
        whom = "customers" if len(council_ids) == 1 else "all customers"
        parts.append(f"{words.percent(survey[0]['satisfied_share'])} of {whom} satisfied")
    return "; ".join(parts) if parts else "over time"


def _targets_met(
    service_id: str, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> list[Panel]:
    """A panel of the share of targets met, a line for each council; of many, all together."""
    names = reference.council_names()
    one_by_one = len(council_ids) <= settings.COLOURED_COUNCILS
    lines = []
    for ids in [(c,) for c in names if c in council_ids] if one_by_one else [council_ids]:
        rows = fetch(
            "on_target_trend",
            service_id=service_id,
            council_ids=ids,
            from_month=from_month,
            to_month=to_month,
        ).rows()
        if mine := [r for r in rows if r["service_id"] == service_id]:
            name, role = (names[ids[0]], ids[0]) if one_by_one else ("On target", "whole")
            lines.append(_share_met(name, role, mine))
    return [Panel("Targets met", "share", tuple(lines), from_zero=True)] if lines else []


def _on_target(title: str, role: str, rows: list[dict[str, Any]]) -> Panel:
    return Panel(title, "share", (_share_met("On target", role, rows),), from_zero=True)


def _share_met(name: str, role: str, rows: list[dict[str, Any]]) -> Line:
    return Line(
        name,
        role,
        tuple(r["month"] for r in rows),
        tuple(r["on_target_share"] for r in rows),
        tuple(
            f"{words.percent(r['on_target_share'])}, {r['on_target']} of {r['judged']} in "
            f"twelve months{words.doubts(r['doubtful'])}"
            for r in rows
        ),
    )


def _table(caption: str, panels: list[Panel]) -> Table:
    """Every point drawn, as it reads; one row a panel, line and month."""
    points = [
        (panel.title, line.name, month, said, value)
        for panel in panels
        for line in panel.lines
        for month, said, value in zip(line.months, line.hover, line.values, strict=True)
    ]
    points.sort(key=lambda p: p[2], reverse=True)
    return Table(
        caption=caption,
        columns=("What", "Of", "Month", "Figure"),
        rows=tuple(
            (Cell.of(p[0]), Cell.of(p[1]), Cell.of(words.month(p[2])), Cell.of(p[3]))
            for p in points
        ),
        raw_columns=("what", "of", "month", "value"),
        raw_rows=tuple((p[0], p[1], p[2], p[4]) for p in points),
        figures=frozenset({3}),
    )
