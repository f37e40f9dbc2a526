"""Signal or noise: the control charts of a measure, and what they mean."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dashboard import settings, theme, words
from dashboard.exhibits import reference, reported
from dashboard.exhibits.charts import Event, Line, Panel, Trend
from dashboard.exhibits.exhibit import Cell, Finding, Table, exhibit
from dashboard.warehouse import fetch

# Misses in a row that chance does not make where half of all figures are to meet the target: they
# are as rare as seven points on one side of the mean.
MORE_THAN_CHANCE = 7

# Limits are those of the whole series, whatever stretch of it is looked at.
_ALWAYS = {"from_month": date(1900, 1, 1), "to_month": date(2100, 12, 1)}
# Below this there is no moving range to take the mean of, or only one: of so few figures since the
# last rebase nobody can say what is usual.
POINTS_AT_LEAST = 3

MARK_OF = {
    "improvement": "improvement",
    "concern": "concern",
    "neutral high": "change",
    "neutral low": "change",
    "common cause": None,
}
# Special causes as a point's signal reads.
_CAUSES = {
    "above limits": "above the upper limit",
    "below limits": "below the lower limit",
    "trend up": "seven in a row, each higher than the one before",
    "trend down": "seven in a row, each lower than the one before",
    "two of three high": "two of three near the upper limit",
    "two of three low": "two of three near the lower limit",
    "run above": "seven in a row above the mean",
    "run below": "seven in a row below the mean",
}
# The rules as a councillor reads them: which special causes each covers, its name, what it means.
_RULES = (
    (
        ("above limits", "below limits"),
        "A point outside the limits",
        "Chance alone puts about three points in a thousand there. Something happened: find out "
        "what.",
    ),
    (
        ("trend up", "trend down"),
        "Seven points in a row, each higher (or each lower) than the one before",
        "The figures are drifting, and chance hardly ever does that. Something is changing bit by "
        "bit.",
    ),
    (
        ("two of three high", "two of three low"),
        "Two of three points close to the same limit",
        "Close means in the outer third between the mean and a limit. An early sign of change.",
    ),
    (
        ("run above", "run below"),
        "Seven points in a row on one side of the mean",
        "A lasting shift, though no single point looks unusual: the usual level is now another.",
    ),
)
_VARIATIONS = {
    "concern": ("is getting worse", "are getting worse"),
    "improvement": ("is getting better", "are getting better"),
    "neutral high": ("is higher than before", "are higher than before"),
    "neutral low": ("is lower than before", "are lower than before"),
    "common cause": ("varies as usual", "vary as usual"),
    None: (
        "has too few figures since the last rebase to tell",
        "have too few figures since the last rebase to tell",
    ),
}
_MOVING = {
    "improvement": "improving",
    "concern": "getting worse",
    "neutral high": "higher than before",
    "neutral low": "lower than before",
}
_LIMITS = "limits: mean ± 2.66 mean moving ranges"
_PERIODS = {"month": "month", "quarter": "quarter", "half": "half-year"}


@exhibit
def control(
    *,
    measure_id: str,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    reported_by: str | None = None,
    period_kind: str | None = None,
) -> Finding:
    """The XmR chart of each council, on one scale, as NHS England's "Making Data Count" draws it.

    Points from from_month to to_month; mean, limits and signals are those of the whole series.
    Of a cumulative measure what each period added is charted, less what the same period of the
    year before added; of a per cent in points. There is no chart of figures over rolling months,
    of fewer than 3 points, or of more councils than have colours.

    Of one service (reported_by, else the measure's own) and one kind of period (period_kind, else
    the main one that can be charted); whose figures are of another is said.
    """
    measure = reported.passport(measure_id, reported_by)
    title = f"{measure['name']}: control chart"
    if why := _uncharted(measure, council_ids):
        return Finding(title=title, empty=why)
    by_kind = _series(measure, council_ids)
    kind = _charted_kind(by_kind, period_kind)
    every = by_kind.get(kind, {})
    charted = {c: rows for c, rows in every.items() if len(rows) >= POINTS_AT_LEAST}
    if not charted:
        return Finding(
            title=title,
            empty="A control chart needs at least three figures of a council, and there are fewer"
            + (
                ": of a measure that adds up through the year, what a period added can only be "
                "compared once the year before was reported too."
                if measure["is_cumulative"]
                else "."
            ),
        )
    shown = {
        c: drawn
        for c, rows in charted.items()
        if (drawn := [r for r in rows if from_month <= r["month"] <= to_month])
    }
    if not shown:
        return Finding(
            title=title,
            empty="No figure of this measure was reported in the time and by the councils chosen: "
            "choose a longer time or more councils.",
        )
    unit = _unit(measure)
    finding = _finding(
        {c: (rows[-1], rows[-1] is charted[c][-1]) for c, rows in shown.items()}, measure
    )
    return Finding(
        title=finding,
        subtitle=_subtitle(measure, shown, [c for c in every if c not in charted])
        + _left_out(measure, kind, council_ids),
        alt=f"{finding}. {_counted(shown)}",
        chart=Trend(
            panels=tuple(_panel(c, rows, measure, unit) for c, rows in shown.items()),
            events=_events(measure, tuple(shown), from_month, to_month),
            council_order=reference.council_order(),
            same_scale=True,
        ),
        table=_points(shown, measure, unit),
        provenance=reference.of_measure(measure),
    )


@exhibit
def standings(
    *,
    measure_id: str,
    council_ids: tuple[str, ...],
    reported_by: str | None = None,
    period_kind: str | None = None,
) -> Finding:
    """Where each council stands now: its verdict beside its control chart, in one sentence.

    A row for each council with a figure, of its newest, by the main kind of period that it reports
    by, or by period_kind where it has such figures: none is set against another. Where there are
    more councils than have colours, those with a signal come first and are named in the subtitle.
    """
    measure = reported.passport(measure_id, reported_by)
    figures = _newest_figures(measure, council_ids, period_kind)
    if not figures:
        return Finding(
            title="Where each council stands",
            empty="None of the councils chosen reported a figure of this measure: choose others.",
        )
    unit, names = _unit(measure), reference.council_names()
    every = {} if measure["rolling_months"] > 1 else _series(measure, council_ids)
    rows = []
    for council_id, figure in figures.items():
        series = every.get(figure["period_kind"], {}).get(council_id, [])
        point = (
            possible(series[-1], [p["value"] for p in series], unit)
            if series and series[-1]["points"] >= POINTS_AT_LEAST
            else dict.fromkeys(_POINT)
        )
        beside = {
            "verdict": figure["verdict"],
            "missed_in_a_row": figure["missed_points"] or 0,
            "unit": unit,
            # How many figures there are since a rebase, where they are too few to chart.
            "rebased": series[-1]["points"] if series and series[-1]["stretch"] else 0,
        }
        rows.append((council_id, figure, {**point, **beside}))
    crowded = len(rows) > settings.COLOURED_COUNCILS
    if crowded:
        kinds = list(_VARIATIONS)
        rows.sort(key=lambda row: kinds.index(row[2]["variation"]))
    said = [standing(point) for _, _, point in rows]
    return Finding(
        title=_settled([point for _, _, point in rows]),
        subtitle=f"{measure['name']}: the newest figure of each council against its target, and "
        "what its control chart adds" + (_who(rows, names) if crowded else ""),
        table=Table(
            caption=f"{measure['name']}: where each council stands",
            columns=("Council", "Newest figure", "Against target", "Signal", "In words"),
            rows=tuple(
                (
                    Cell.of(names[council_id]),
                    _newest_cell(figure, measure),
                    Cell.of(figure["verdict"].capitalize(), figure["verdict"])
                    if figure["verdict"]
                    else Cell.of("no target"),
                    _signal_now(point["variation"]),
                    Cell.of(sentence),
                )
                for (council_id, figure, point), sentence in zip(rows, said, strict=True)
            ),
            raw_columns=("council_id", "period", "figure", "verdict", *_POINT, "standing"),
            raw_rows=tuple(
                (
                    council_id,
                    figure["period"],
                    figure["value"],
                    figure["verdict"],
                    *(point[c] for c in _POINT),
                    sentence,
                )
                for (council_id, figure, point), sentence in zip(rows, said, strict=True)
            ),
            sentences=frozenset({4}),
        ),
        provenance=reference.of_measure(measure),
        # Of many councils those with a signal are named above, and the rest is looked up.
        table_first=not crowded,
    )


@exhibit
def marks(
    *,
    measure_id: str,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    reported_by: str | None = None,
    period_kind: str | None = None,
) -> Finding:
    """What the marks of the control chart mean: a row for each rule, and where it was met."""
    measure = reported.passport(measure_id, reported_by)
    title = "What the marks mean"
    if _uncharted(measure, council_ids):
        return Finding(title=title, empty="There is no control chart, and so there are no marks.")
    names, rows = reference.council_names(), []
    by_kind = _series(measure, council_ids)
    every = by_kind.get(_charted_kind(by_kind, period_kind), {})
    for causes, rule, meaning in _RULES:
        met = {
            c: [
                p
                for p in points
                if p["special_cause"] in causes and from_month <= p["month"] <= to_month
            ]
            for c, points in every.items()
            if len(points) >= POINTS_AT_LEAST
        }
        here = [
            f"{names[c]}: {words.count(len(found), 'point')}, the newest "
            f"{words.period(found[-1]['period'], found[-1]['month'])}"
            for c, found in met.items()
            if found
        ]
        rows.append((rule, meaning, "; ".join(here) or "none"))
    rows.append(
        (
            "No mark: usual variation",
            "Ups and downs that come of chance (common cause). One such figure needs no "
            "explanation, and asking for one costs time; only changing how things are done moves "
            "them.",
            "all other points",
        )
    )
    return Finding(
        title=title,
        subtitle="A mark says that chance alone is an unlikely cause; its shape says whether the "
        "figures went the way that is wanted. Each point is marked by the first rule that holds",
        table=Table(
            caption="The rules by which points are marked",
            columns=("Rule", "What it means", "On this chart"),
            rows=tuple(tuple(Cell.of(text) for text in row) for row in rows),
            raw_columns=("rule", "meaning", "on_this_chart"),
            raw_rows=tuple(rows),
            sentences=frozenset({1, 2}),
        ),
        provenance=reference.of_measure(measure),
        table_first=True,
    )


def possible(row: Mapping[str, Any], values: Sequence[float], unit: str | None) -> dict[str, Any]:
    """A point with limits cut to what its series can be, for words: no count below nought.

    A series that never was below 0 is taken to stop there, and one in per cent that never was above
    100% there. The method has no such bounds, so that a chart draws its limits as they are.
    """
    cut = dict(row)
    if row["lower_limit"] is None or row["basis"] == "increment":
        return cut
    whole = 1 if unit == "share" else 100 if (unit or "").startswith("%") else math.inf
    if min(values) >= 0:
        cut["lower_limit"] = max(row["lower_limit"], 0)
    if max(values) <= whole:
        cut["upper_limit"] = min(row["upper_limit"], whole)
    return cut


def standing(row: Mapping[str, Any]) -> str:
    """Where a series stands, in a sentence that lets no verdict contradict the control chart.

    row: verdict (on target · close · off target · None), variation, assurance, is_trial, target,
    centre, lower_limit, upper_limit, signal_since of its newest point as in control_chart, basis,
    missed_in_a_row (how many figures up to the newest missed the target), and unit (as words.figure
    takes it) of value, target and limits. variation is None where there is no chart; limits are
    None where the figures do not vary. rebased: how many figures there are since the last rebase,
    0 without one.
    """
    parts = [_verdict_beside_signal(row)]
    if row["variation"] is not None:
        parts.append(_reason(row))
        if row["is_trial"] and row["lower_limit"] is not None:
            parts.append("The limits are trial limits, of fewer than 12 figures")
        elif row["is_trial"] and row["assurance"]:
            parts.append("These are fewer than 12 figures")
    return ". ".join(parts) + "."


def _verdict_beside_signal(row: Mapping[str, Any]) -> str:
    verdict, variation, assurance = row["verdict"], row["variation"], row["assurance"]
    stands = {"on target": "On target", "close": "Close to target", "off target": "Off target"}.get(
        verdict
    )
    if variation is None and row.get("rebased"):
        few = words.count(row["rebased"], "figure")
        return (
            f"{stands or 'No target to judge it by'}; {few} since the last rebase, too few to tell "
            "what is usual"
        )
    if variation is None:
        return f"{stands or 'No target to judge it by'}; there is no control chart of it"
    if variation != "common cause":
        moving = f"{_MOVING[variation]} since {words.month(row['signal_since'])}"
        if stands is None:
            return _sentence(moving)
        against = {
            ("on target", "concern"),
            ("off target", "improvement"),
            ("close", "improvement"),
        }
        return f"{stands}, {'but' if (verdict, variation) in against else 'and'} {moving}"
    if stands is None:
        return "Varying as usual, and there is no target to judge it by"
    met = verdict == "on target"
    by_trial = "by its few figures so far " * bool(row["is_trial"])
    match assurance:
        case "hit and miss" if met:
            return f"{stands} this time, but it will be missed again by chance"
        case "hit and miss" if row["missed_in_a_row"] >= MORE_THAN_CHANCE:
            return f"{stands}, {row['missed_in_a_row']} times in a row"
        case "hit and miss":
            return f"{stands} this time; by chance it will be met at other times"
        case "consistently passes" if met:
            return f"{stands}, and {by_trial}will stay so until something changes"
        case "consistently fails" if not met:
            return f"{stands}, and {by_trial}will not be met until something changes"
        case "consistently passes" | "consistently fails":
            return f"{stands} this time, unlike what its usual range leads to expect"
    return f"{stands}, and varying as usual"


def _reason(row: Mapping[str, Any]) -> str:
    """Variation and assurance with the numbers that they rest on."""
    mark = MARK_OF[row["variation"]] or "usual variation"
    name = theme.SIGNALS[mark][2].split(" (")[0]
    low, high, unit = row["lower_limit"], row["upper_limit"], row["unit"]
    target = words.figure(row["target"], unit) if row["target"] is not None else ""
    if row["basis"] == "increment":
        head = f"{name} in what each period added, against the year before: "
    elif row["assurance"]:
        head = f"{name}, {row['assurance']}: "
    else:
        head = "" if mark == "usual variation" else f"{name}: "
    # One leap among equal figures is screened, and leaves limits that coincide.
    if low is None or math.isclose(low, high):
        flat = f"the figures hardly vary from {words.figure(row['centre'], unit)}"
        match row["assurance"]:
            case "consistently passes":
                return f"{head}{flat}, which meets the target of {target}"
            case "consistently fails":
                return f"{head}{flat}, which misses the target of {target}"
        return _sentence(head + flat)
    span = words.span(low, high, unit)
    match row["assurance"]:
        case "consistently passes":
            lies = f"the whole usual range, {span}, meets the target of {target}"
            follows = ""
        case "consistently fails":
            lies = f"the whole usual range, {span}, misses the target of {target}"
            follows = ", so it will go on being missed until something changes"
        case "hit and miss":
            lies = (
                f"the target of {target} lies within the usual range, {span}"
                if low <= row["target"] <= high
                else f"only part of the usual range, {span}, meets the target of {target}"
            )
            follows = (
                ", but so many misses in a row are more than chance: do not expect it to be met "
                "unless something changes"
                if row["missed_in_a_row"] >= MORE_THAN_CHANCE
                else ", so it will be met at times and missed at times until something changes"
            )
        case _:
            lies, follows = f"the usual range is {span}", ""
    # Limits look back. What is changing now has not moved them yet, or not all the way.
    if mark != "usual variation":
        follows = "; that range looks back, and will move if this lasts"
    return _sentence(f"{head}{lies}{follows}")


def _sentence(said: str) -> str:
    return said[0].upper() + said[1:]


# What `standing` takes of a point of a control chart.
_POINT = (
    "month",
    "variation",
    "assurance",
    "is_trial",
    "value",
    "target",
    "centre",
    "lower_limit",
    "upper_limit",
    "signal_since",
    "basis",
)


def _uncharted(measure: dict[str, Any], council_ids: tuple[str, ...]) -> str | None:
    """Why there is no control chart, in words; None where there may be."""
    if measure["rolling_months"] > 1:
        return (
            f"There is no control chart of this measure: each figure covers "
            f"{measure['rolling_months']} months, so that neighbours share most of their months, "
            "and a chart would show signals where there are none. The trend stands below."
        )
    if len(council_ids) > settings.COLOURED_COUNCILS:
        return (
            f"Control charts are drawn for up to {settings.COLOURED_COUNCILS} councils, and "
            f"{len(council_ids)} are chosen: choose fewer under “Councils”."
        )
    return None


def _unit(measure: dict[str, Any]) -> str:
    """The unit of what is charted: a per cent less a per cent is in points."""
    unit = measure["unit"] or ""
    if measure["is_cumulative"] and (unit == "share" or unit.startswith("%")):
        return "points"
    return unit


def _series(
    measure: dict[str, Any], council_ids: tuple[str, ...]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The charted points of one service by kind of period, the main first, and by council.

    In date order, and in the workspace's order of councils.
    """
    found = fetch(
        "control_chart",
        measure_ids=(measure["measure_id"],),
        council_ids=council_ids,
        **_ALWAYS,
    )
    series: dict[str, dict[str, list[dict[str, Any]]]] = {}
    # Shares are kept as 0 to 1, and points are hundredths.
    scale = 100 if measure["is_cumulative"] and measure["unit"] == "share" else 1
    for row in reported.of(found.rows(), measure):
        if scale != 1:
            for name in ("value", "centre", "lower_limit", "upper_limit"):
                row[name] = None if row[name] is None else row[name] * scale
        series.setdefault(row["period_kind"], {}).setdefault(row["council_id"], []).append(row)
    counts = {k: sum(len(rows) for rows in of.values()) for k, of in series.items()}
    return {
        k: {c: series[k][c] for c in reference.council_names() if c in series[k]}
        for k in reported.in_order(measure["measure_id"], counts)
    }


def _charted_kind(
    by_kind: dict[str, dict[str, list[dict[str, Any]]]],
    asked: str | None,
) -> str:
    """The kind of period asked for, else the main one of which any council can be charted."""
    if asked in by_kind:
        return str(asked)
    enough = (
        k for k, of in by_kind.items() if any(len(rows) >= POINTS_AT_LEAST for rows in of.values())
    )
    return next(enough, next(iter(by_kind), ""))


def _left_out(measure: dict[str, Any], kind: str, council_ids: tuple[str, ...]) -> str:
    """Whose figures come by another kind of period, which this chart does not draw."""
    said = reported.others(measure, kind, council_ids, "not shown here")
    return f"; drawn {reported.by(kind)}. {said}" if said else ""


def _panel(
    council_id: str, rows: list[dict[str, Any]], measure: dict[str, Any], unit: str
) -> Panel:
    stretches: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        stretches.setdefault(row["stretch"], []).append(row)
    lines: list[Line] = []
    for stretch in stretches.values():
        lines += _stretch(stretch)
    if any(r["target"] is not None for r in rows):
        lines.append(
            Line(
                "Target",
                "target",
                tuple(r["month"] for r in rows),
                tuple(r["target"] for r in rows),
                tuple(words.figure(r["target"], unit) for r in rows),
                is_stepped=True,
            )
        )
    lines.append(
        Line(
            "Figure" if rows[0]["basis"] == "figure" else "What each period added",
            "series",
            tuple(r["month"] for r in rows),
            tuple(r["value"] for r in rows),
            tuple(_hover(r, unit) for r in rows),
            provisional=tuple(r["status"] == "provisional" for r in rows),
            marks=tuple(MARK_OF[r["point_type"]] for r in rows),
        )
    )
    return Panel(
        reference.council_names()[council_id] + _limits_said(stretches),
        unit,
        tuple(lines),
        council_id=council_id,
    )


def _stretch(rows: list[dict[str, Any]]) -> list[Line]:
    """Limits and mean from the first to the last point between two rebases, two points a line."""
    months = (rows[0]["month"], rows[-1]["month"])
    row, lines = rows[-1], []
    if row["lower_limit"] is not None:
        role, name = (
            ("trial limit", "Trial limits of usual variation")
            if row["is_trial"]
            else ("limit", "Limits of usual variation")
        )
        lines = [
            Line(name, role, months, (row["lower_limit"],) * 2, ()),
            Line(name, role, months, (row["upper_limit"],) * 2, (), is_filled=True),
        ]
    return [*lines, Line("Mean", "centre", months, (row["centre"],) * 2, ())]


def _limits_said(stretches: dict[int, list[dict[str, Any]]]) -> str:
    newest = stretches[max(stretches)][-1]
    if newest["points"] < POINTS_AT_LEAST:
        return f": {words.count(newest['points'], 'figure')} since the last rebase, too few to tell"
    if newest["lower_limit"] is None:
        return ": no limits, as figures hardly vary"
    trial = [n for n, rows in stretches.items() if rows[-1]["is_trial"]]
    if not trial:
        return ""
    if len(trial) == len(stretches):
        return ": trial limits"
    return ": trial limits at first" if max(stretches) not in trial else ": trial limits at last"


def _hover(row: dict[str, Any], unit: str) -> str:
    said = words.figure(row["value"], unit)
    if row["status"] == "provisional":
        said += " (provisional)"
    return f"{said}{words.doubt(row['is_doubtful'])}, {_signal(row)}"


def _signal(row: dict[str, Any]) -> str:
    mark = MARK_OF[row["point_type"]]
    if mark is None:
        return "usual variation"
    name = theme.SIGNALS[mark][2].split(" (")[0].lower()
    return f"{name}: {_CAUSES[row['special_cause']]}"


def _signal_now(variation: str | None) -> Cell:
    if variation is None:
        return Cell.of("no control chart")
    mark = MARK_OF[variation] or "usual variation"
    return Cell.of(theme.SIGNALS[mark][2], mark)


def _finding(latest: dict[str, tuple[dict[str, Any], bool]], measure: dict[str, Any]) -> str:
    """The title: who gets better or worse, and whether the target can be relied on.

    Of each council its newest point drawn, and whether it is the newest of all: assurance is of
    today's limits, so an earlier point is told without.
    """
    names = reference.council_names()
    groups: dict[tuple[str | None, str], list[str]] = {}
    any_signal = any(row["point_type"] != "common cause" for row, _ in latest.values())
    for council_id, (row, is_newest) in latest.items():
        kind = row["point_type"] if row["points"] >= POINTS_AT_LEAST else None
        usual = any_signal and kind == "common cause"
        assured = _assured(row, measure) if kind and is_newest and not usual else ""
        groups.setdefault((kind, assured), []).append(names[council_id])
    order = list(_VARIATIONS)
    said = [
        f"{words.listing(who)} {_VARIATIONS[kind][len(who) > 1]}{assured}"
        for (kind, assured), who in sorted(groups.items(), key=lambda g: order.index(g[0][0]))
    ]
    finding = "; ".join(said)
    doubtful = [names[c] for c, (row, _) in latest.items() if row["is_doubtful"]]
    if doubtful:
        finding += f"; the newest figure of {words.listing(doubtful)} is {words.DOUBTFUL}"
    if measure["is_cumulative"]:
        finding += ", in what each period adds"
    if not all(newest for _, newest in latest.values()):
        last = max((row for row, _ in latest.values()), key=lambda r: r["month"])
        finding += f" (to {words.period(last['period'], last['month'])})"
    return finding


def _assured(row: dict[str, Any], measure: dict[str, Any]) -> str:
    if row["assurance"] is None:
        return ""
    bad, good = row["point_type"] == "concern", row["point_type"] == "improvement"
    # Limits look back: what improves now may meet its target before they do.
    yet = " yet" * good
    by_trial = f", by only {words.count(row['points'], 'figure')}," * row["is_trial"]
    target = (
        "the target range"
        if measure["good_direction"] == "range"
        else words.figure(row["target"], measure["unit"])
    )
    match row["assurance"]:
        case "consistently passes":
            return f" {'but' if bad else 'and'}{by_trial} should go on meeting {target}"
        case "consistently fails":
            if good:
                return f" but with a usual range that still misses {target}"
            return f" and{by_trial} will not meet {target} until something changes"
    return f" {'but' if good else 'and'} cannot{yet} be relied on to meet {target}"


def _subtitle(
    measure: dict[str, Any], shown: dict[str, list[dict[str, Any]]], too_few: list[str]
) -> str:
    if measure["is_cumulative"]:
        kind = _PERIODS.get(next(iter(shown.values()))[-1]["period_kind"], "year")
        unit = {"": "", "points": "percentage points"}.get(_unit(measure), measure["unit"])
        said = [
            f"{measure['name']}: what each {kind} added, against the same {kind} of the year "
            "before",
            unit,
            reference.DIRECTIONS[measure["good_direction"]],
        ]
        subtitle = ", ".join(p for p in said if p)
    else:
        subtitle = reference.subtitle(measure)
    subtitle += f"; {_LIMITS}"
    if too_few:
        names = reference.council_names()
        subtitle += (
            f"; {words.listing([names[c] for c in too_few])} left out, with fewer than three "
            "figures"
        )
    return subtitle


def _counted(shown: dict[str, list[dict[str, Any]]]) -> str:
    """How many points of each council are marked as what: the chart in words."""
    names, said = reference.council_names(), []
    for council_id, rows in shown.items():
        marked = [MARK_OF[r["point_type"]] for r in rows]
        kinds = [
            f"{marked.count(mark)} {theme.SIGNALS[mark][2].split(' (')[0].lower()}"
            for mark in theme.SIGNALS
            if mark in marked
        ]
        said.append(
            f"{names[council_id]}, {words.count(len(rows), 'point')}: "
            f"{words.listing(kinds) or 'all usual variation'}"
        )
    return "Control charts. " + "; ".join(said) + "."


def _events(
    measure: dict[str, Any], council_ids: tuple[str, ...], from_month: date, to_month: date
) -> tuple[Event, ...]:
    found = fetch(
        "events",
        service_id=measure["service_id"],
        measure_id=measure["measure_id"],
        council_ids=council_ids,
        from_month=from_month,
        to_month=to_month,
    )
    return tuple(Event(r["month"], r["title"], r["council_id"]) for r in found.rows())


_RAW = (
    "council_id",
    "period",
    "month",
    "value",
    "basis",
    "stretch",
    "centre",
    "lower_limit",
    "upper_limit",
    "special_cause",
    "point_type",
    "target",
    "is_trial",
    "status",
    "service_id",
    "period_kind",
)


def _points(shown: dict[str, list[dict[str, Any]]], measure: dict[str, Any], unit: str) -> Table:
    names = reference.council_names()
    rows = sorted((r for s in shown.values() for r in s), key=lambda r: r["month"], reverse=True)
    return Table(
        caption=f"{measure['name']}: the points of the control charts",
        columns=("Period", "Council", "Value", "Mean", "Limits", "Signal", "Target", "Status"),
        rows=tuple(
            (
                Cell.of(words.period(r["period"], r["month"])),
                Cell.of(names[r["council_id"]]),
                Cell.of(words.figure(r["value"], unit) + words.doubt(r["is_doubtful"])),
                Cell.of(words.figure(r["centre"], unit)),
                Cell.of(
                    words.span(r["lower_limit"], r["upper_limit"], unit)
                    + " (trial)" * r["is_trial"]
                    if r["lower_limit"] is not None
                    else "none"
                ),
                Cell.of(_signal(r).capitalize(), MARK_OF[r["point_type"]] or "usual variation"),
                Cell.of(words.figure(r["target"], unit) if r["target"] is not None else "none"),
                Cell.of(r["status"]),
            )
            for r in rows
        ),
        raw_columns=_RAW,
        raw_rows=tuple(tuple(r[c] for c in _RAW) for r in rows),
        figures=frozenset({2, 3, 4, 6}),
    )


def _newest_figures(
    measure: dict[str, Any], council_ids: tuple[str, ...], period_kind: str | None
) -> dict[str, dict[str, Any]]:
    """The newest figure of each council that has any, in the workspace's order.

    By the kind asked for, the measure's main kind, or else the main kind of the council's own.
    """
    measure_id = measure["measure_id"]
    found = fetch("measure_trend", measure_ids=(measure_id,), council_ids=council_ids, **_ALWAYS)
    rows = [r for r in reported.of(found.rows(), measure) if r["value"] is not None]
    newest = reported.each_by_its_kind(rows, measure, council_ids, period_kind)
    return {c: newest[c][-1] for c in reference.council_names() if c in newest}


def _newest_cell(figure: dict[str, Any], measure: dict[str, Any]) -> Cell:
    provisional = " (provisional)" if figure["status"] == "provisional" else ""
    said = words.figure(figure["value"], measure["unit"]) + provisional
    said += words.doubt(figure["is_doubtful"])
    return Cell(((said, None), (words.period(figure["period"], figure["month"]), None)))


def _who(rows: list[tuple[str, dict[str, Any], dict[str, Any]]], names: dict[str, str]) -> str:
    """Which councils have a signal, where they are too many to be read row by row."""
    said = []
    for variation in (v for v in _VARIATIONS if v in _MOVING):
        who = [names[c] for c, _, point in rows if point["variation"] == variation]
        if who:
            said.append(f"{_sentence(_MOVING[variation])}: {words.listing(who)}")
    return "".join(f". {one}" for one in said)


def _settled(points: list[dict[str, Any]]) -> str:
    """The title of the standings: how many councils have a signal, how many are reliable."""
    charted = [p for p in points if p["variation"] is not None]
    if not charted and any(p["rebased"] for p in points):
        return "Where each council stands: too few figures since the last rebase to tell"
    if not charted:
        return "Where each council stands: no control chart can be drawn"
    marked = [MARK_OF[p["variation"]] for p in charted]
    said = [
        f"{marked.count(mark)} {word}"
        for mark, word in (
            ("concern", "getting worse"),
            ("improvement", "getting better"),
            ("change", "changed"),
            (None, "as usual"),
        )
        if mark in marked
    ]
    title = f"Of {words.count(len(charted), 'council')}: {words.listing(said)}"
    judged = [p for p in charted if p["assurance"]]
    if judged:
        sure = [p["is_trial"] for p in judged if p["assurance"] == "consistently passes"]
        title += f"; {len(sure) or 'none'} can be relied on to meet the target"
        if any(sure):
            of = "" if all(sure) else f"{sum(sure)} of them "
            title += f", {of}by fewer than 12 figures"
    return title
