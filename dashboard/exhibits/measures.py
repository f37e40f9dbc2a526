"""One measure in full, and the measures of a service side by side."""

import statistics
from dataclasses import replace
from datetime import date
from typing import Any

from dashboard import settings, theme, words
from dashboard.exhibits import reference, reported, signals
from dashboard.exhibits.charts import Event, Line, Panel, Trend
from dashboard.exhibits.exhibit import Cell, Finding, Link, Table, exhibit
from dashboard.warehouse import Answer, fetch

_PASSPORT = (
    ("Definition", "definition"),
    ("Why it matters", "why_it_matters"),
    ("Unit", "unit"),
    ("Good direction", "good_direction"),
    ("Frequency", "frequency"),
    ("Kind", "kind"),
    ("Owner", "owner_role"),
    ("Checked by", "checked_by"),
    ("Next review", "next_review"),
    ("Source", "source"),
)


@exhibit
def trend(
    *,
    measure_id: str,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    reported_by: str | None = None,
    period_kind: str | None = None,
) -> Finding:
    """One measure of one service by council, with its target and events.

    reported_by: the service whose figures they are, else the measure's own. Figures by month, by
    quarter and by year have a panel each; period_kind draws one of them alone.

    Where there are more councils than can be told apart by colour, all are drawn in grey with
    the median and the middle half of them. Benchmarks of the measure stand behind, of the first
    group by name.
    """
    measure = reported.passport(measure_id, reported_by)
    span = {"from_month": from_month, "to_month": to_month}
    whole = tuple(reference.council_names("whole"))
    found = _of_service(
        fetch("measure_trend", measure_ids=(measure_id,), council_ids=council_ids + whole, **span),
        measure,
    )
    by_kind = _by_kind(found, measure)
    subtitle = reference.subtitle(measure)
    benchmarks = _benchmarks(measure_id, span)
    about = replace(
        reference.provenance("performance", owner=reference.owner(measure)),
        is_illustrative=any(found["is_illustrative"])
        or any(b["is_illustrative"] for b in benchmarks),
        notes=_published(found) + _compared_with(benchmarks),
    )
    if not any(v is not None for v in found["value"]):
        return Finding(
            title=measure["name"],
            subtitle=subtitle,
            provenance=about,
            empty="No figure of this measure was reported in the time and by the councils chosen: "
            "choose a longer time or more councils.",
        )
    order = reference.council_order()
    crowded = len(council_ids) > settings.COLOURED_COUNCILS
    drawn = {k: rows for k, rows in by_kind.items() if period_kind in (None, k)}
    drawn = drawn or dict([next(iter(by_kind.items()))])
    panels = []
    for kind, rows in drawn.items():
        lines = _lines(rows, measure, context=crowded)
        if crowded:
            lines = [*lines, *_middle(measure, span, kind)]
        beside = _comparable(benchmarks, kind, tuple(by_kind))
        lines = [*lines, *_benchmark_lines(beside, measure, rows)]
        title = _sentence(reported.by(kind)) if len(drawn) > 1 else ""
        panels.append(Panel(title, measure["unit"] or "", tuple(lines)))
    if len(drawn) < len(by_kind):
        kind = next(iter(drawn))
        subtitle += "; " + reported.others(measure, kind, council_ids, "in the table, not drawn")
    finding = _finding(drawn, measure)
    events = fetch(
        "events",
        service_id=measure["service_id"],
        measure_id=measure_id,
        council_ids=council_ids,
        **span,
    )
    return Finding(
        title=finding,
        subtitle=subtitle,
        alt=finding + f". A line chart by council, {subtitle}.",
        chart=Trend(
            panels=tuple(panels),
            events=_events(events),
            council_order=order if not crowded else council_ids,
        ),
        table=_with_benchmarks(_trend_table(found, measure), benchmarks, measure),
        provenance=about,
    )


@exhibit
def overall(
    *,
    measure_id: str,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    reported_by: str | None = None,
    period_kind: str | None = None,
) -> Finding:
    """The measure over the chosen councils together: a ratio of sums, where its parts are known.

    Of one service, and by one kind of period: the main one that has parts, or period_kind.
    """
    measure = reported.passport(measure_id, reported_by)
    found = _of_service(
        fetch(
            "measure_overall",
            measure_ids=(measure_id,),
            council_ids=council_ids,
            from_month=from_month,
            to_month=to_month,
        ),
        measure,
    )
    by_kind = _by_kind(found, measure)
    kind = period_kind if period_kind in by_kind else next(iter(by_kind), None)
    found = by_kind.get(kind, found)
    if len(found) < 1:
        return Finding(
            title="The chosen councils together",
            empty="Numerators and denominators are not published for this measure, so there is no "
            "figure for the councils together: an average of shares would be wrong.",
        )
    last = found.rows()[-1]
    unit = measure["unit"]
    title = (
        f"Together: {words.figure(last['value'], unit)} in "
        f"{words.period(last['period'], last['month'])}, "
        f"{words.count(last['councils'], 'council')}"
    )
    hover = tuple(
        f"{words.figure(v, unit)} ({words.count(n, 'council')})"
        for v, n in zip(found["value"], found["councils"], strict=True)
    )
    return Finding(
        title=title,
        subtitle=f"{measure['name']}: sum of numerators over sum of denominators"
        + (f", {reported.by(kind)}" if len(by_kind) > 1 else "")
        + (
            f"; {left}"
            if (left := reported.others(measure, kind, council_ids, "not in it"))
            else ""
        ),
        alt=title,
        chart=Trend(
            (
                Panel(
                    "",
                    unit or "",
                    (Line("Together", "whole", found["month"], found["value"], hover),),
                ),
            )
        ),
        table=Table(
            caption=f"{measure['name']}, the chosen councils together",
            columns=("Period", "Numerator", "Denominator", "Value", "Councils"),
            rows=tuple(
                (
                    Cell.of(words.period(r["period"], r["month"])),
                    Cell.of(f"{r['numerator']:,.0f}"),
                    Cell.of(f"{r['denominator']:,.0f}"),
                    Cell.of(words.figure(r["value"], unit)),
                    Cell.of(str(r["councils"])),
                )
                for r in reversed(found.rows())
            ),
            raw_columns=found.columns,
            raw_rows=tuple(zip(*found.values, strict=True)),
            figures=frozenset({1, 2, 3, 4}),
        ),
        provenance=reference.provenance("performance", owner=reference.owner(measure)),
    )


@exhibit
def passport(*, measure_id: str, reported_by: str | None = None) -> Finding:
    """What a measure is: definition, why it matters, who owns and checks it, where it is from."""
    measure = reported.passport(measure_id, reported_by)
    rows = []
    for title, name in _PASSPORT:
        value = measure[name]
        if name == "good_direction":
            value = reference.DIRECTIONS[value]
        elif isinstance(value, date):
            value = f"{value.day} {value:%B %Y}"
        elif name == "frequency" and measure["is_cumulative"]:
            value = f"{value}, adding up through the financial year"
        rows.append((Cell.of(title), Cell.of(str(value) if value else "not stated")))
    services, kinds = reported.reporting(measure_id), reported.kinds(measure_id, reported_by)
    if len(services) > 1:
        names = reference.service_names()
        rows.append(
            (Cell.of("Reported by"), Cell.of(words.listing([names.get(s, s) for s in services])))
        )
    if len(kinds) > 1:
        rows.append((Cell.of("Figures"), Cell.of(words.listing([reported.by(k) for k in kinds]))))
    rows += [
        (Cell.of("How it is calculated"), Cell.of(_calculation(measure))),
        (Cell.of("Newest figure"), Cell.of(_newest(measure))),
    ]
    return Finding(
        title="What this measure is",
        table=Table(
            caption=f"The passport of {measure['name']}",
            columns=("", measure["name"]),
            rows=tuple(rows),
            raw_columns=("item", "text"),
            raw_rows=tuple((r[0].lines[0][0], r[1].lines[0][0]) for r in rows),
        ),
        provenance=reference.provenance("performance", owner=reference.owner(measure)),
        table_first=True,
    )


def _calculation(measure: dict[str, Any]) -> str:
    if not measure["has_parts"]:
        return "Reported as it is, without numerator and denominator"
    times = measure["multiplier"]
    return "numerator ÷ denominator" + (f" × {times:,.10g}" if times != 1 else "")


def _newest(measure: dict[str, Any]) -> str:
    if measure["newest_period"] is None:
        return "none reported"
    when = words.period(measure["newest_period"], measure["last_month"])
    version = reference.workspace()["data_version"]
    return f"{when}, from {measure['newest_file']}, data version {version}"


@exhibit
def now(
    *, service_id: str, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """The latest figure of each measure of a service, by council, against target and last year."""
    whole = tuple(reference.council_names("whole"))
    found = fetch(
        "latest_figures",
        service_id=service_id,
        council_ids=council_ids + whole,
        from_month=from_month,
        to_month=to_month,
    )
    service, names = reference.service_names()[service_id], reference.council_names()
    if not len(found):
        return Finding(
            title=f"{service}: measures now",
            empty="No figure was reported in the time "
            "and by the councils chosen: choose a longer time or more councils.",
        )
    judged = [v for v in found["verdict"] if v]
    signs = fetch(
        "standing_signals", service_id=service_id, council_ids=council_ids, to_month=to_month
    ).rows()
    better, worse = (
        next((r[way] for r in signs if r["service_id"] is None and r["council_id"] is None), 0)
        for way in ("improvements", "concerns")
    )
    title = (
        f"{service}: "
        + (
            f"{judged.count('on target')} of {len(judged)} figures are on target; "
            if judged
            else ""
        )
        + f"beyond usual variation {better} are getting better and {worse} worse"
    )
    if doubtful := sum(found["is_doubtful"]):
        title += f"; {words.count(doubtful, 'figure')} {words.DOUBTFUL}"
    reporting = [c for c in names if c in set(found["council_id"])]
    crowded = len(reporting) > settings.COLOURED_COUNCILS
    columns, rows = (
        _spread(found, reporting)
        if crowded
        else _side_by_side(found, reporting, _signals(service_id, council_ids + whole, to_month))
    )
    return Finding(
        title=title,
        subtitle="The latest figure of each measure"
        + (
            ", and how far the councils lie apart"
            if crowded
            else " by council, against its target, its usual variation and a year before"
        ),
        alt=title,
        table=Table(
            caption=f"The measures of {service}",
            columns=columns,
            rows=rows,
            raw_columns=("measure", "council", *_NOW),
            raw_rows=tuple(
                (
                    reference.measures()[r["measure_id"]]["name"],
                    names[r["council_id"]],
                    *(r[c] for c in _NOW),
                )
                for r in found.rows()
            ),
        ),
        provenance=reference.provenance("performance"),
        table_first=True,
    )


_NOW = (
    "period",
    "month",
    "status",
    "value",
    "target",
    "verdict",
    "previous_period",
    "previous_value",
    "previous_change",
    "year_before_value",
    "year_change",
    "year_to_date",
    "year_to_date_verdict",
    "is_doubtful",
)
# How many months before a period of its kind the one before it ended.
_STEPS = {"month": 1, "quarter": 3, "half": 6}


def _signals(
    service_id: str, council_ids: tuple[str, ...], to_month: date
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The newest point of each control chart that can be judged, by measure, council, period."""
    found = fetch(
        "signals",
        service_id=service_id,
        council_ids=council_ids,
        from_month=to_month,
        to_month=to_month,
    )
    return {
        (r["measure_id"], r["council_id"], r["period"]): r
        for r in found.rows()
        if r["can_be_judged"] and r["point"] >= signals.POINTS_AT_LEAST
    }


def _side_by_side(
    found: Answer,
    council_ids: list[str],
    points: dict[tuple[str, str, str], dict[str, Any]],
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """A row a measure, a column a council."""
    names, rows = reference.council_names(), []
    for measure, kind, mine in _by_measure(found):
        target = {r["target"] for r in mine.values()}
        said = (
            words.figure(target.pop(), measure["unit"])
            if len(target) == 1 and (None not in target)
            else "none"
            if target <= {None}
            else "differs"
        )
        when = sorted({(r["month"], words.period(r["period"], r["month"])) for r in mine.values()})[
            -1
        ]
        rows.append(
            (
                Cell.of(measure["name"] + kind, None, _link(mine)),
                Cell.of(when[1]),
                Cell.of(said),
                *(
                    _now_cell(mine[c], measure, when, points)
                    if c in mine
                    else Cell.of(_elsewhere(measure, c))
                    for c in council_ids
                ),
            )
        )
    return ("Measure", "Period", "Target", *(names[c] for c in council_ids)), tuple(rows)


def _elsewhere(measure: dict[str, Any], council_id: str) -> str:
    """Why a council has no figure of a kind of period: it may report by another."""
    of = (measure["measure_id"], measure["service_id"])
    by = reported.kinds(*of, (council_id,)) if len(reported.kinds(*of)) > 1 else ()
    return f"reported {words.listing([reported.by(k) for k in by])}" if by else "not reported"


def _now_cell(
    row: dict[str, Any],
    measure: dict[str, Any],
    when: tuple[date, str],
    points: dict[tuple[str, str, str], dict[str, Any]],
) -> Cell:
    """A figure with its verdict; what its control chart says of it, or else the short direction of
    travel; the long one. Only a signal is marked: most changes from one figure to another are
    noise."""
    said = words.figure(row["value"], measure["unit"], row["status"])
    if row["status"] == "provisional":
        said += " (provisional)"
    said += words.doubt(row["is_doubtful"])
    if row["month"] != when[0]:
        said += f", {words.period(row['period'], row['month'])}"
    if row["verdict"]:
        said += f", {row['verdict']}"
    lines = [(said, row["verdict"]), *_so_far(row, measure["unit"])]
    point = points.get((row["measure_id"], row["council_id"], row["period"]))
    if point:
        lines.append(_signal(point))
    if row["value"] is not None and row["year_before_value"] is not None:
        lines.append((_than(row, measure), None))
    return Cell((*lines, *([] if point else _than_before(row))))


def _signal(point: dict[str, Any]) -> tuple[str, str]:
    mark = signals.MARK_OF[point["point_type"]] or "usual variation"
    said = theme.SIGNALS[mark][2] + " in what it added" * (point["basis"] == "increment")
    if mark == "usual variation":
        return said, mark
    return f"{said} since {words.month(point['signal_since'])}", mark


def _so_far(row: dict[str, Any], unit: str | None) -> list[tuple[str, str | None]]:
    """The year to date with its verdict, where it reads otherwise than the latest figure."""
    if row["year_to_date"] is None:
        return []
    latest, so_far = (
        ", ".join(filter(None, (words.figure(row[value], unit), row[verdict])))
        for value, verdict in (("value", "verdict"), ("year_to_date", "year_to_date_verdict"))
    )
    if so_far == latest:
        return []
    return [(f"so far this year {so_far}", row["year_to_date_verdict"])]


def _than_before(row: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The short direction of travel; nothing where it is the long one, as for a yearly figure."""
    if row["previous_change"] is None:
        return []
    now, before = row["month"], row["previous_month"]
    gap = (now.year - before.year) * 12 + now.month - before.month
    if gap == 12:
        return []
    kind = row["period_kind"]
    than = (
        f"the {kind} before"
        if gap == _STEPS.get(kind)
        else f"in {words.period(row['previous_period'], before)}"
    )
    way = {1: "better", -1: "worse"}.get(row["previous_change"])
    return [(f"{way} than {than}" if way else f"the same as {than}", None)]


def _spread(
    found: Answer, council_ids: list[str]
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """A row a measure: the lowest, the middle and the highest of many councils."""
    names, rows = reference.council_names(), []
    for measure, kind, mine in _by_measure(found):
        newest = max(r["month"] for r in mine.values())
        now_ = sorted(
            (r for r in mine.values() if r["month"] == newest and r["value"] is not None),
            key=lambda r: r["value"],
        )
        if not now_:
            continue
        ends = [
            f"{words.figure(r['value'], measure['unit'])} ({names[r['council_id']]})"
            for r in (now_[0], now_[-1])
        ]
        rows.append(
            (
                Cell.of(measure["name"] + kind, None, _link(mine)),
                Cell.of(words.period(now_[0]["period"], newest)),
                Cell.of(f"{len(now_)}"),
                Cell.of(ends[0]),
                Cell.of(words.figure(statistics.median(r["value"] for r in now_), measure["unit"])),
                Cell.of(ends[1]),
                Cell.of(reference.DIRECTIONS[measure["good_direction"]]),
            )
        )
    return ("Measure", "Period", "Councils", "Lowest", "Median", "Highest", "Reading it"), (
        tuple(rows)
    )


def _by_measure(found: Answer) -> list[tuple[dict[str, Any], str, dict[str, dict[str, Any]]]]:
    """Each measure's passport with its latest figures by council, of one kind of period each.

    Which kind stands between them, in words, where a measure has more than one.
    """
    by_measure: dict[tuple[str, str], dict[str, dict[str, dict[str, Any]]]] = {}
    for row in found.rows():
        of = by_measure.setdefault((row["measure_id"], row["service_id"]), {})
        of.setdefault(row["period_kind"], {})[row["council_id"]] = row
    return [
        (reported.passport(*of), f", {reported.by(kind)}" if len(kinds) > 1 else "", kinds[kind])
        for of, kinds in by_measure.items()
        for kind in reported.in_order(of[0], {k: len(rows) for k, rows in kinds.items()})
    ]


def _link(by_council: dict[str, dict[str, Any]]) -> Link:
    row = next(iter(by_council.values()))
    return reported.link(row["measure_id"], row["service_id"], row["period_kind"])


def panels_of(
    measure_ids: tuple[str, ...],
    service_id: str,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
) -> list[Panel]:
    """A panel for each measure of a service that has a figure, by council with target.

    One for each kind of period, where figures come by several.
    """
    found = fetch(
        "measure_trend",
        measure_ids=measure_ids,
        council_ids=council_ids,
        from_month=from_month,
        to_month=to_month,
    )
    rows: dict[str, list[int]] = {}
    for at, measure_id in enumerate(found["measure_id"]):
        rows.setdefault(measure_id, []).append(at)
    panels = []
    crowded = len(council_ids) > settings.COLOURED_COUNCILS
    for measure_id in measure_ids:
        measure = reported.passport(measure_id, service_id)
        mine = _of_service(_pick(found, rows.get(measure_id, [])), measure)
        by_kind = _by_kind(mine, measure)
        for kind, figures in by_kind.items():
            lines = _lines(figures, measure, context=crowded)
            if crowded:
                lines += _middle(measure, {"from_month": from_month, "to_month": to_month}, kind)
            title = measure["name"] + (f", {reported.by(kind)}" if len(by_kind) > 1 else "")
            panels.append(Panel(title, measure["unit"] or "", tuple(lines)))
    return panels


def _of_service(found: Answer, measure: dict[str, Any]) -> Answer:
    """What one service reports of a measure."""
    mine = [at for at, s in enumerate(found["service_id"]) if s == measure["service_id"]]
    return _pick(found, mine) if len(mine) < len(found) else found


def _by_kind(found: Answer, measure: dict[str, Any]) -> dict[str, Answer]:
    """Figures by their kind of period, the main one first; none of a kind without a value."""
    places: dict[str, list[int]] = {}
    for at, kind in enumerate(found["period_kind"]):
        places.setdefault(kind, []).append(at)
    counts = {
        kind: count
        for kind, at in places.items()
        if (count := sum(found["value"][i] is not None for i in at))
    }
    return {
        kind: _pick(found, places[kind])
        for kind in reported.in_order(measure["measure_id"], counts)
    }


def _pick(found: Answer, at: list[int]) -> Answer:
    return Answer(
        found.columns, tuple(tuple(v[i] for i in at) for v in found.values), found.data_version
    )


def _lines(found: Answer, measure: dict[str, Any], context: bool) -> list[Line]:
    """A line for each council, the target last and stepped. Grey ones carry no name each."""
    names, unit = reference.council_names(), measure["unit"]
    by_council: dict[str, list[dict[str, Any]]] = {}
    for row in found.rows():
        by_council.setdefault(row["council_id"], []).append(row)
    lines, targets = [], {}
    for council_id in sorted(by_council, key=list(names).index):
        rows = by_council[council_id]
        lines.append(
            Line(
                name=names[council_id],
                role="context"
                if context
                else (council_id if council_id in reference.council_order() else "whole"),
                months=tuple(r["month"] for r in rows),
                values=tuple(r["value"] for r in rows),
                hover=tuple(
                    words.figure(r["value"], unit, r["status"])
                    + (" (provisional)" if r["status"] == "provisional" else "")
                    + words.doubt(r["is_doubtful"])
                    for r in rows
                ),
                provisional=tuple(r["status"] == "provisional" for r in rows),
            )
        )
        for r in rows:
            if r["target"] is not None:
                targets.setdefault(r["month"], set()).add(r["target"])
    # Councils with targets of their own would make a bundle of lines: one line where they agree.
    common = {m: t.pop() for m, t in targets.items() if len(t) == 1}
    if common:
        months = tuple(sorted(common))
        lines.append(
            Line(
                "Target",
                "target",
                months,
                tuple(common[m] for m in months),
                tuple(words.figure(common[m], unit) for m in months),
                is_stepped=not measure["is_cumulative"],
            )
        )
    return lines


def _middle(measure: dict[str, Any], span: dict[str, date], kind: str) -> list[Line]:
    every = _of_service(
        fetch("measure_middle", measure_ids=(measure["measure_id"],), **span), measure
    )
    found = _pick(every, [at for at, k in enumerate(every["period_kind"]) if k == kind])
    return [
        Line(
            name,
            role,
            found["month"],
            found[column],
            tuple(words.figure(v, measure["unit"]) for v in found[column]),
        )
        for name, role, column in (
            ("A quarter lie below", "middle", "lower_quartile"),
            ("Median council", "whole", "median"),
            ("A quarter lie above", "middle", "upper_quartile"),
        )
    ]


def _comparable(
    benchmarks: list[dict[str, Any]], kind: str, kinds: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The benchmarks of a panel: one of a quarter stands beside quarters, where there are any."""
    return [b for b in benchmarks if b["period_kind"] == kind or b["period_kind"] not in kinds]


def _sentence(said: str) -> str:
    return said[0].upper() + said[1:]


def _benchmarks(measure_id: str, span: dict[str, date]) -> list[dict[str, Any]]:
    """The benchmarks of one group, the first by name: several groups would be a bundle of lines."""
    rows = fetch("measure_benchmarks", measure_id=measure_id, **span).rows()
    return [r for r in rows if r["council_group"] == rows[0]["council_group"]]


def _benchmark_lines(
    benchmarks: list[dict[str, Any]], measure: dict[str, Any], found: Answer
) -> list[Line]:
    """The group's median and quartiles, or its own figure where it has no median.

    A benchmark holds for every month of its period; that of a cumulative measure only for the
    last, since nobody has said what the group had reached before.
    """
    months = tuple(sorted(set(found["month"])))
    lines = []
    for name, role, column in _benchmark_kinds(benchmarks):
        values = tuple(_held(benchmarks, column, m, measure["is_cumulative"]) for m in months)
        if any(v is not None for v in values):
            hover = tuple(words.figure(v, measure["unit"]) for v in values)
            lines.append(Line(name, role, months, values, hover))
    return lines


def _benchmark_kinds(benchmarks: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    if not benchmarks:
        return []
    group = benchmarks[0]["council_group"]
    middle = (
        (f"Median of {group}", "benchmark", "median")
        if any(b["median"] is not None for b in benchmarks)
        else (group, "benchmark", "value")
    )
    return [
        (f"A quarter of {group} lie below", "benchmark quartile", "lower_quartile"),
        middle,
        (f"A quarter of {group} lie above", "benchmark quartile", "upper_quartile"),
    ]


def _held(
    benchmarks: list[dict[str, Any]], column: str, month: date, only_last: bool
) -> float | None:
    """The benchmark in force in a month: of the shortest period, where several hold."""
    held = [
        b
        for b in benchmarks
        if b[column] is not None
        and b["month"] >= month >= (b["month"] if only_last else b["from_month"])
    ]
    return min(held, key=lambda b: b["month"] - b["from_month"])[column] if held else None


def _with_benchmarks(
    table: Table, benchmarks: list[dict[str, Any]], measure: dict[str, Any]
) -> Table:
    """The table with the benchmarks that are drawn beneath it, in the columns it has."""
    given = [
        (b, name, b[column])
        for b in sorted(benchmarks, key=lambda b: b["month"], reverse=True)
        for name, _, column in _benchmark_kinds(benchmarks)
        if b[column] is not None
    ]
    said = tuple(
        (
            Cell.of(words.period(b["period"], b["month"])),
            Cell.of(name),
            Cell.of(words.figure(value, measure["unit"])),
            Cell.of("none"),
            Cell.of("no verdict"),
            Cell.of("benchmark"),
            Cell.of(b["source"]),
        )
        for b, name, value in given
    )
    raw = tuple(
        tuple({**b, "council_id": name, "value": value, "status": "benchmark"}.get(c) for c in _RAW)
        for b, name, value in given
    )
    return replace(table, rows=table.rows + said, raw_rows=table.raw_rows + raw)


def _compared_with(benchmarks: list[dict[str, Any]]) -> tuple[str, ...]:
    sources = dict.fromkeys(b["source"] for b in benchmarks)
    return tuple(f"Benchmark of {benchmarks[0]['council_group']}: {s}" for s in sources)


def _events(found: Answer) -> tuple[Event, ...]:
    return tuple(Event(m, t) for m, t in zip(found["month"], found["title"], strict=True))


def _published(found: Answer) -> tuple[str, ...]:
    """Which of the figures were published, and where."""
    by_source: dict[str, list[str]] = {}
    for row in found.rows():
        if row["source"]:
            by_source.setdefault(row["source"], []).append(
                f"{reference.council_names()[row['council_id']]} "
                f"{words.period(row['period'], row['month'])}"
            )
    return tuple(f"As published by {s}: {'; '.join(p)}" for s, p in by_source.items())


def _finding(by_kind: dict[str, Answer], measure: dict[str, Any]) -> str:
    """The title: where each council stands, or the spread of many, of each kind of period."""
    said = []
    for kind, found in by_kind.items():
        of = reported.by(kind) if said else measure["name"]
        said.append(of + _stand(found, measure, "" if said else " runs"))
    return "; ".join(said)


def _stand(found: Answer, measure: dict[str, Any], runs: str) -> str:
    names, unit = reference.council_names(), measure["unit"]
    latest: dict[str, dict[str, Any]] = {}
    for row in found.rows():
        if row["value"] is not None:
            latest[row["council_id"]] = row
    newest = max(r["month"] for r in latest.values())
    now_ = {c: r for c, r in latest.items() if r["month"] == newest}
    when = words.period(next(iter(now_.values()))["period"], newest)
    ranked = sorted(now_.items(), key=lambda item: item[1]["value"])
    if len(ranked) > settings.COLOURED_COUNCILS:
        (low, first), (high, last) = ranked[0], ranked[-1]
        return (
            f"{runs} from {words.figure(first['value'], unit)} ({names[low]}) "
            f"to {words.figure(last['value'], unit)} ({names[high]}) in {when}"
            + _doubtful(now_, names)
        )
    said = words.listing(
        [
            f"{names[c]} {words.figure(r['value'], unit)}"
            for c, r in sorted(now_.items(), key=lambda item: list(names).index(item[0]))
        ]
    )
    judged = [r["verdict"] for r in now_.values() if r["verdict"]]
    verdict = ""
    if judged:
        on = judged.count("on target")
        alone = {"close": "close to target"}.get(judged[0], judged[0])
        verdict = f"; {alone if len(judged) == 1 else f'{on} of {len(judged)} on target'}"
    return f": {said} in {when}{verdict}{_doubtful(now_, names)}"


def _doubtful(now_: dict[str, dict[str, Any]], names: dict[str, str]) -> str:
    """Whose newest figure is doubtful, so that no title stands on it unsaid."""
    who = [names[c] for c, r in now_.items() if r["is_doubtful"]]
    return f"; {words.listing(who)} {words.DOUBTFUL}" if who else ""


def _than(row: dict[str, Any], measure: dict[str, Any]) -> str:
    """The change on the year before with its direction: up means better, whichever way it went."""
    if row["value"] == row["year_before_value"]:
        return "the same as a year before"
    said = words.change(row["value"], row["year_before_value"], measure["unit"])
    way = {1: "better", -1: "worse"}.get(row["year_change"])
    return f"{said}, {way} than a year before" if way else f"{said} on a year before"


_RAW = (
    "council_id",
    "period",
    "month",
    "value",
    "target",
    "numerator",
    "denominator",
    "status",
    "verdict",
    "is_doubtful",
    "source",
    "file",
    "line",
    "service_id",
    "period_kind",
)


def _raw_rows(found: Answer) -> list[tuple[Any, ...]]:
    return list(zip(*(found[c] for c in _RAW), strict=True))


def _trend_table(found: Answer, measure: dict[str, Any]) -> Table:
    names, unit = reference.council_names(), measure["unit"]
    rows = [r for r in reversed(found.rows()) if r["status"] != "not served"]
    rows.sort(key=lambda r: r["month"], reverse=True)
    return Table(
        caption=f"{measure['name']} by council and period",
        columns=("Period", "Council", "Value", "Target", "Verdict", "Status", "From"),
        rows=tuple(
            (
                Cell.of(words.period(r["period"], r["month"])),
                Cell.of(names[r["council_id"]]),
                Cell.of(
                    words.figure(r["value"], unit, r["status"]) + words.doubt(r["is_doubtful"])
                ),
                Cell.of(words.figure(r["target"], unit) if r["target"] is not None else "none"),
                Cell.of(r["verdict"].capitalize(), r["verdict"])
                if r["verdict"]
                else Cell.of("no verdict"),
                Cell.of(r["status"]),
                Cell.of(r["source"] or (f"{r['file']}, line {r['line']}" if r["file"] else "")),
            )
            for r in rows
        ),
        raw_columns=_RAW,
        raw_rows=tuple(_raw_rows(found)),
        figures=frozenset({2, 3}),
    )
