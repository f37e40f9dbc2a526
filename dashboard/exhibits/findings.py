"""What really changed, in sentences made from the data alone, ranked by how much they matter.

Each kind of finding has one function: rows of a query in, `Said` out. The same data gives the same
sentence. Ranks are in standard deviations of usual variation, so that kinds can stand in one list:
a point on a control limit counts 3, and a change between two surveys as many as it exceeds its
standard error. `_WORTH` says what is added, and why.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard import words
from dashboard.exhibits import reference, reported, signals
from dashboard.exhibits.exhibit import Cell, Finding, Link, Table, exhibit
from dashboard.method.financial_year import a_year_before, april_of
from dashboard.method.proportions import standard_errors
from dashboard.warehouse import fetch

# A change between two shares is told from here on: three standard errors, as wide as the limits of
# a control chart, since a page looks at dozens of them at once.
_REAL_FROM_SDS = 3.0

# No single figure counts more than this many: twelve standard deviations are not twice the news of
# six, and a hundred are a slip or a new definition.
_AT_MOST_SDS = 6.0

# Money over or under budget is told from here on, and counts 3 there; tenfold counts 3 more.
_TOLD_FROM_GBP = 100_000
_TOLD_FROM_SHARE = 0.02

# What is added to a finding's standard deviations.
_WORTH = {
    "concern": 1.0,  # what gets worse wants an answer sooner than what gets better
    "off target": 1.5,
    "close": 0.5,
    "headline": 3.0,  # a whole that hides a part misleads whoever reads it alone
    "thousand": 0.5,  # each tenfold of people above a thousand
}

# Standing verdicts are no news: they follow what changed, by how far the target lies away.
_FAILS, _PASSES = 2.0, 0.5
# What is taken off a signal that was there before the stretch began.
_OLD = 2.0
_ENDED, _OVERDUE = 2.5, 1.5
_RECORD = 1.0

# More or fewer orders are worth knowing, and neither good nor bad.
_NEUTRAL = 0.5

_MARKS = {"concern": "concern", "improvement": "improvement", "neutral": "change"}

# What a special cause is in words.
CAUSES = {
    "above limits": "above the usual range",
    "below limits": "below the usual range",
    "trend up": "seven rises in a row",
    "trend down": "seven falls in a row",
    "two of three high": "two of three near the top of the usual range",
    "two of three low": "two of three near the bottom of the usual range",
    "run above": "seven or more in a row above the mean",
    "run below": "seven or more in a row below the mean",
}
_IN_A_ROW = 7
_UP = {"above limits", "trend up", "two of three high", "run above"}


@dataclass(frozen=True)
class Said:
    """One finding: its sentence, what kind of news it is, and how much it matters.

    kind: changed · hidden · survey · money · ended · overdue · standing. mark: improvement ·
    concern · neutral, or None. topic: measure and council; series: with its service and kind of
    period, where it is of one.
    """

    kind: str
    sentence: str
    mark: str | None
    evidence: str
    link: Link
    score: float
    topic: tuple[str, ...]
    series: tuple[str, ...] = ()


# Kinds that are change; the others are how things stand.
_CHANGE = ("hidden", "changed", "survey", "money", "ended")


@exhibit
def changed(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    since: date,
    to_month: date,
    at_most: int = 6,
) -> Finding:
    """What really changed from `since` to `to_month`, and which targets will not be met."""
    every = found(service_id, council_ids, since, to_month)
    news = [f for f in every if f.kind in _CHANGE]
    rest = [f for f in every if f.kind not in _CHANGE]
    told = [*news[:at_most], *rest[: max(at_most - len(news), 2)]]
    stretch = words.months(since, to_month)
    if not news and not _reported(service_id, council_ids, since, to_month):
        return Finding(
            title=f"No figure was reported in {stretch}",
            empty="So nothing can be said to have changed, or not to have. Choose a longer stretch "
            "under “What changed”, or an earlier period.",
        )
    if not told and not _judged_series(service_id, council_ids, since, to_month):
        return Finding(
            title=f"Nothing can be told to have changed in {stretch}",
            empty="No series has the twelve figures yet that its usual range can be known by.",
        )
    if not told:
        return Finding(
            title=f"Nothing really changed in {stretch}",
            subtitle="No series of twelve figures or more left its usual range, and no target is "
            "missed or met by more than chance.",
            empty="There is nothing that needs an answer. Choose a longer stretch to look further "
            "back.",
        )
    nothing = (
        "Nothing really changed"
        if _judged_series(service_id, council_ids, since, to_month)
        else "Nothing can be told to have changed"
    )
    title = told[0].sentence if news else f"{nothing} in {stretch}; {_stand(len(rest))}"
    more = len(every) - len(told)
    return Finding(
        title=title,
        subtitle=f"What really changed, {stretch}: beyond usual variation, most important first, "
        f"then what still stands{_known_by(to_month)}"
        + (f"; {words.count(more, 'lesser finding')} in the download" if more else ""),
        alt="; ".join(f.sentence for f in told),
        table=Table(
            caption="What really changed",
            columns=("Finding", "Evidence"),
            rows=tuple(
                (Cell.of(f.sentence, _MARKS.get(f.mark or ""), f.link), Cell.of(_evidence(f)))
                for f in told
            ),
            raw_columns=("finding", "kind", "good_or_bad", "evidence", "rank"),
            raw_rows=tuple(
                (f.sentence, f.kind, f.mark, f.evidence, round(f.score, 3)) for f in every
            ),
        ),
        provenance=reference.provenance("performance"),
        table_first=True,
    )


def _stand(count: int) -> str:
    return f"{words.count(count, 'finding')} from before still stand{'s' if count == 1 else ''}"


def _known_by(to_month: date) -> str:
    """Limits are those of all figures there are, also where a past month is looked at."""
    newest = reference.workspace()["newest_month"]
    return f"; limits are of all figures to {words.month(newest)}" if to_month < newest else ""


def _reported(
    service_id: str | None, council_ids: tuple[str, ...], since: date, to_month: date
) -> bool:
    """True where any series has a figure in the stretch."""
    return any(row["month"] >= since for row in _signals(service_id, council_ids, since, to_month))


def _judged_series(
    service_id: str | None, council_ids: tuple[str, ...], since: date, to_month: date
) -> bool:
    """True where any series has the figures that its limits rest on."""
    return any(not row["is_trial"] for row in _signals(service_id, council_ids, since, to_month))


def _signals(
    service_id: str | None, council_ids: tuple[str, ...], since: date, to_month: date
) -> list[dict[str, Any]]:
    whole = tuple(reference.council_names("whole"))
    return fetch(
        "signals",
        service_id=service_id,
        council_ids=council_ids + whole,
        from_month=since,
        to_month=to_month,
    ).rows()


def _evidence(finding: Said) -> str:
    """Whether it is good or bad in a word, and what shows it."""
    word = {"concern": "Concern", "improvement": "Improvement"}.get(finding.mark or "", "")
    # What stood before the stretch began is no change of it.
    still = "still so" if finding.kind == "standing" else ""
    head = ", ".join(w for w in (word, still) if w)
    said = f"{head}: {finding.evidence}" if head else finding.evidence
    return said[0].upper() + said[1:]


def found(
    service_id: str | None, council_ids: tuple[str, ...], since: date, to_month: date
) -> list[Said]:
    """Every finding, most important first; the same order for the same data."""
    chosen = {"service_id": service_id, "council_ids": council_ids}
    rows = _signals(service_id, council_ids, since, to_month)
    every = _hidden(chosen, to_month)
    hidden = {f.series for f in every}
    # Asked once: of tens of thousands of series each question costs.
    passports = reference.measures()
    for row in rows:
        if not hidden or _key(row) not in hidden:
            every += _of_series(row, passports[row["measure_id"]])
    every += _survey(chosen, since, to_month)
    every += _money(chosen, since, to_month)
    every += _overdue(chosen, to_month)
    every.sort(key=lambda f: (-f.score, f.sentence))
    return every


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["measure_id"], row["service_id"], row["council_id"], row["period_kind"])


def _of_series(row: dict[str, Any], measure: dict[str, Any]) -> list[Said]:
    """What one series has to say: what began, or what ended, or how it stands."""
    told = []
    if row["began_type"] and _could_be_seen(row, "began"):
        told.append(_began(row, measure))
    elif row["ended_type"] and row["ended_points"] > 1 and not row["is_trial"]:
        told.append(_ended(row, measure))
    elif row["point_type"] == "concern" and _could_be_seen(row, "newest"):
        told.append(_goes_on(row, measure))
    # Where something is changing already, the limits are out of date.
    settled = row["point_type"] == "common cause" and not row["is_trial"]
    if settled and row["assurance"] in ("consistently fails", "consistently passes"):
        told.append(_stands(row, measure))
    return told


# Where a row tells of a signal: its cause, how many points it has lasted, its distance.
_SIGNAL = {
    "began": ("began_cause", "began_points", "began_sds"),
    "newest": ("special_cause", "signal_points", "distance_sds"),
}


def _could_be_seen(row: dict[str, Any], which: str) -> bool:
    """True where a signal is to be told.

    Not where it shows by later points alone; nor where limits coincide, as one leap among equal
    figures leaves them. Trial limits move with every point: there only a trend is told, which holds
    whatever they are.
    """
    cause, points, sds = (row[name] for name in _SIGNAL[which])
    if sds is None or (cause.startswith(("run", "trend")) and points < _IN_A_ROW):
        return False
    return not row["is_trial"] or cause.startswith("trend")


def _began(row: dict[str, Any], measure: dict[str, Any]) -> Said:
    unit, cause, kind = measure["unit"], row["began_cause"], row["began_type"]
    when = words.period(row["began_period"], row["began_month"])
    up = cause in _UP
    is_over = row["point_type"] == "common cause" and row["month"] > row["began_month"]
    value = words.figure(row["began_value"], unit)
    usual = words.figure(row["centre"], unit)
    since = words.month(row["began_since"])
    if row["basis"] == "increment":
        change = words.change(row["began_value"], 0, unit)
        said = f"added {change} on the same months of the year before in {when}"
    elif cause.startswith("run"):
        side = "above" if up else "below"
        said = f"stayed {side} the mean of {usual} from {since} on ({value} in {when})"
    elif cause.startswith("trend"):
        said = f"kept {'rising' if up else 'falling'} since {since}, to {value} in {when}"
    else:
        said = f"{'rose' if up else 'fell'} to {value} in {when}, from a usual {usual}"
    if is_over:
        said += "; as usual since"
    if row["record"] and row["month"] == row["began_month"]:
        said += f", the {row['record']} on record"
    sds = min(abs(row["began_sds"]), _AT_MOST_SDS)
    score = max(sds, 3.0) if cause in ("above limits", "below limits") else max(sds, 2.5)
    if cause.startswith(("run", "trend")):
        # Seven in a row are as rare as a point beyond a limit, and more with each that follows.
        score = max(score, 3.0) + 0.1 * min(row["signal_points"], 20)
    score += _worth(row, kind) + (_RECORD if row["record"] else 0) - (1.5 if is_over else 0)
    if row["began_is_doubtful"]:
        # Neither good news nor bad until somebody has looked at the figure again.
        return Said(
            "changed",
            f"{_subject(row)} {said}; {words.DOUBTFUL}",
            "neutral",
            "look at the figure again before anything is made of it",
            _link(row),
            score * _NEUTRAL * measure["weight"],
            (row["measure_id"], row["council_id"]),
        )
    if _mark(kind) == "neutral":
        score *= _NEUTRAL
    return Said(
        "changed",
        f"{_subject(row)} {said}" + _judged(row, kind),
        _mark(kind),
        CAUSES[cause],
        _link(row),
        score * measure["weight"],
        (row["measure_id"], row["council_id"]),
    )


def _ended(row: dict[str, Any], measure: dict[str, Any]) -> Said:
    was = {"concern": "bad", "improvement": "good"}.get(row["ended_type"], "unusual")
    return Said(
        "ended",
        f"{_subject(row)}: back in the usual range since "
        f"{words.month(row['ended_month'])}, after {row['ended_points']} {was} figures in a row",
        "improvement" if row["ended_type"] == "concern" else "neutral",
        "a run ended",
        _link(row),
        _ENDED * measure["weight"],
        (row["measure_id"], row["council_id"]),
    )


def _goes_on(row: dict[str, Any], measure: dict[str, Any]) -> Said:
    """A concern that began before the stretch and is none the less for being old."""
    unit = measure["unit"]
    value = row["value"] if row["basis"] == "increment" else row["figure"]
    sds = min(abs(row["distance_sds"]), _AT_MOST_SDS)
    return Said(
        "standing",
        f"{_subject(row)}: still {CAUSES[row['special_cause']]}, "
        f"{words.figure(value, unit)} in {words.period(row['period'], row['month'])}, usually "
        f"{words.figure(row['centre'], unit)}; getting worse since "
        f"{words.month(row['signal_since'])}"
        + (f"; {words.DOUBTFUL}" if row["is_doubtful"] else ""),
        "concern",
        CAUSES[row["special_cause"]],
        _link(row),
        (max(sds, 3.0) + _worth(row, "concern") - _OLD) * measure["weight"],
        (row["measure_id"], row["council_id"]),
    )


def _stands(row: dict[str, Any], measure: dict[str, Any]) -> Said:
    """A target beyond the usual range: it will be missed, or met, until something changes."""
    unit, fails = measure["unit"], row["assurance"] == "consistently fails"
    spread = 0.0
    usual = f"{words.figure(row['centre'], unit)}, which does not vary"
    if row["upper_limit"] is not None and row["upper_limit"] > row["lower_limit"]:
        spread = (row["upper_limit"] - row["lower_limit"]) / 6
        cut = signals.possible(row, (row["lowest"], row["highest"]), unit)
        usual = words.span(cut["lower_limit"], cut["upper_limit"], unit)
    target = words.figure(row["target"], unit)
    said = (
        f"will not meet the target of {target} unless something changes: the usual range is {usual}"
        if fails
        else f"will go on meeting the target of {target}: the usual range is {usual}"
    )
    evidence = "the target lies outside the usual range"
    if row["missed_since"]:
        evidence = f"missed since {words.month(row['missed_since'])}"
    beyond = min(abs(row["target"] - row["centre"]) / spread / 3, 2.0) if spread else 0.0
    return Said(
        "standing",
        f"{_subject(row)} {said}",
        "concern" if fails else None,
        evidence,
        _link(row),
        (_FAILS + beyond if fails else _PASSES) * measure["weight"],
        (row["measure_id"], row["council_id"]),
    )


def _hidden(chosen: dict[str, Any], to_month: date) -> list[Said]:
    """Councils that got worse, or better, by more than chance while the whole did not."""
    found = []
    for row in fetch("hidden_parts", **chosen, to_month=to_month).rows():
        good = 1 if row["good_direction"] == "higher" else -1
        part = good * (row["value"] - row["value_before"])
        whole = good * (row["whole"] - row["whole_before"])
        against = part * whole < 0
        if row["z"] is None or row["movement_sds"] is None or not against or part > 0:
            continue
        sds = min(abs(row["z"]), row["movement_sds"])
        if sds < _REAL_FROM_SDS:
            continue
        measure = reference.measures()[row["measure_id"]]
        unit = measure["unit"]
        met = row["whole_target"] is not None and good * (row["whole"] - row["whole_target"]) >= 0
        found.append(
            Said(
                "hidden",
                f"{_subject(row)} {_moved(row)} from "
                f"{words.figure(row['value_before'], unit)} to {words.figure(row['value'], unit)} "
                f"in a year ({words.period(row['period'], row['month'])}), while all councils "
                f"together went from {words.figure(row['whole_before'], unit)} to "
                f"{words.figure(row['whole'], unit)}" + (" and met the target" if met else ""),
                "concern",
                "the whole hides a part",
                _link(row),
                (
                    min(sds, _AT_MOST_SDS)
                    + _WORTH["headline"]
                    + _WORTH["concern"]
                    + _people(row["people"])
                )
                * measure["weight"],
                (row["measure_id"], row["council_id"]),
                _key(row),
            )
        )
    return found


def _survey(chosen: dict[str, Any], since: date, to_month: date) -> list[Said]:
    """Changes between the last two surveys, by customer, against their sampling error."""
    names = reference.council_names()
    trend = fetch("satisfaction_trend", **chosen, from_month=date(1900, 1, 1), to_month=to_month)
    by_customer: dict[str | None, list[dict[str, Any]]] = {}
    for row in trend.rows():
        if row["service_id"] == chosen["service_id"]:
            by_customer.setdefault(row["council_id"], []).append(row)
    whole = by_customer.pop(None, [])
    found = []
    for council_id, waves in by_customer.items():
        if len(waves) < 2:
            continue
        before, now = waves[-2], waves[-1]
        sds = _survey_sds(before, now)
        if sds is None or abs(sds) < _REAL_FROM_SDS:
            continue
        # A survey stands until the next, but not for ever; it is news in its own stretch alone.
        if now["month"] <= a_year_before(to_month) and now["month"] < since:
            continue
        a, b = before["satisfied_share"], now["satisfied_share"]
        beside, hides = _overall(whole, now["month"], b - a, to_month)
        of = ""
        if chosen["service_id"]:
            of = f" with {reference.service_names()[chosen['service_id']]}"
        found.append(
            Said(
                "standing" if now["month"] < since else "hidden" if hides else "survey",
                f"{names[council_id]}’s satisfaction{of} {'rose' if b > a else 'fell'} from "
                f"{words.percent(a)} to {words.percent(b)} ({words.month(now['month'])})" + beside,
                "improvement" if b > a else "concern",
                f"{now['respondents']:,} answers, {before['respondents']:,} before",
                Link(
                    "satisfaction",
                    (
                        *(
                            [("service", reference.service_names()[chosen["service_id"]])]
                            if chosen["service_id"]
                            else []
                        ),
                        ("councils", names[council_id]),
                        *reference.stretch(min(since, now["month"]), to_month),
                    ),
                ),
                min(abs(sds), _AT_MOST_SDS)
                + (_WORTH["concern"] if b < a else 0)
                + (_WORTH["headline"] if hides else 0),
                ("satisfaction", council_id or ""),
            )
        )
    return found


def _survey_sds(before: dict[str, Any], now: dict[str, Any]) -> float | None:
    """The change of a share over its standard error; None where either is hidden or unknown."""
    if not (before["respondents"] and now["respondents"]):
        return None
    return standard_errors(
        *(now[c] for c in ("satisfied_share", "respondents")),
        *(before[c] for c in ("satisfied_share", "respondents")),
    )


def _overall(
    whole: list[dict[str, Any]], month: date, moved: float, to_month: date
) -> tuple[str, bool]:
    """What the survey as a whole did meanwhile, where that hides the part; and whether it does."""
    waves = [w for w in whole if w["month"] <= month and w["satisfied_share"] is not None]
    if len(waves) < 2 or waves[-1]["month"] != month:
        return "", False
    before, now = waves[-2]["satisfied_share"], waves[-1]["satisfied_share"]
    target = fetch("survey_target", to_month=to_month).first().get("target")
    if moved < 0 and target is not None and now >= target:
        return f", while the overall figure met its target ({words.percent(now)})", True
    if moved * (now - before) < 0:
        return f", while the overall figure went from {words.percent(before)} to " + (
            words.percent(now)
        ), True
    return "", False


def _money(chosen: dict[str, Any], since: date, to_month: date) -> list[Said]:
    """Services over or under a budget of the year so far by more than small change."""
    found = []
    for row in fetch("standing_budgets", **chosen, to_month=to_month).rows():
        # An old year is no news.
        if not row["budget_gbp"] or row["actual_gbp"] is None or row["to_month"] < since:
            continue
        gap = row["actual_gbp"] - row["budget_gbp"]
        share = abs(float(gap)) / abs(float(row["budget_gbp"]))
        if abs(gap) < _TOLD_FROM_GBP or share < _TOLD_FROM_SHARE:
            continue
        service = reference.service_names()[row["service_id"]]
        block = row["budget_block"].replace("_", "-")
        # A per cent of a budget below nought says nothing.
        per_cent = f" ({share:.0%})" if row["budget_gbp"] > 0 else ""
        found.append(
            Said(
                "money",
                f"{service} is {words.pounds(abs(gap))}{per_cent} "
                f"{'over' if gap > 0 else 'under'} its {block + ' ' if block else ''}budget of "
                f"{words.pounds(row['budget_gbp'])} "
                f"({words.months(row['from_month'], row['to_month'])})",
                "concern" if gap > 0 else None,
                f"{words.pounds(row['actual_gbp'])} spent",
                Link(
                    "costs",
                    (
                        ("service", service),
                        *_some_councils(chosen["council_ids"]),
                        *_budget(row["budget_block"]),
                        *reference.stretch(april_of(row["to_month"]), row["to_month"]),
                    ),
                ),
                min(3 + 3 * math.log10(abs(float(gap)) / _TOLD_FROM_GBP), _AT_MOST_SDS)
                + (_WORTH["concern"] if gap > 0 else -1.0),
                ("costs", row["service_id"], block),
            )
        )
    return found


def _some_councils(council_ids: tuple[str, ...]) -> list[tuple[str, str]]:
    """The filter of councils that a figure is of; none where it is of all."""
    names = reference.council_names("council")
    if set(names) <= set(council_ids):
        return []
    return [("councils", names[c]) for c in council_ids if c in names]


def _budget(block: str) -> list[tuple[str, str]]:
    """The filter of budgets that a figure is of, where the page asks for one."""
    blocks = reference.budget_blocks()
    return [("budget", blocks[block])] if block in blocks else []


def _overdue(chosen: dict[str, Any], to_month: date) -> list[Said]:
    """Figures that others have reported and these have not, a sentence for each council."""
    by_council: dict[str, list[dict[str, Any]]] = {}
    for row in fetch("overdue_figures", **chosen, to_month=to_month).rows():
        by_council.setdefault(row["council_id"], []).append(row)
    found = []
    for council_id, rows in by_council.items():
        first = min(rows, key=lambda r: (r["month"], r["measure_id"]))
        name = reported.name(first["measure_id"], first["service_id"])
        council = reference.council_names()[council_id]
        more = f" and {words.count(len(rows) - 1, 'other measure')}" if len(rows) > 1 else ""
        verb = "are" if len(rows) > 1 else "is"
        found.append(
            Said(
                "overdue",
                f"{council}’s {_lower(name)}{more} {verb} overdue: last reported for "
                f"{words.period(first['period'], first['month'])}",
                None,
                f"{words.count(int(first['months_behind']), 'month')} behind the others",
                _link(first),
                _OVERDUE + 0.1 * min(len(rows), 10),
                ("overdue", council_id),
            )
        )
    return found


def _worth(row: dict[str, Any], kind: str) -> float:
    return (_WORTH["concern"] if kind == "concern" else 0) + (
        _WORTH.get(row["verdict"] or "", 0.0) if kind != "improvement" else 0.0
    )


def _people(count: float) -> float:
    """Each tenfold of people above a thousand, so that a large council's counts for more."""
    return _WORTH["thousand"] * max(math.log10(count / 1000), 0) if count else 0.0


def _judged(row: dict[str, Any], kind: str) -> str:
    """Beside a signal stands its target, so that neither contradicts the other unexplained."""
    if row["verdict"] is None or row["month"] != row["began_month"]:
        return ""
    if kind == "concern" and row["verdict"] == "on target":
        return "; still on target"
    if kind == "improvement" and row["verdict"] != "on target":
        return f"; still {'off' if row['verdict'] == 'off target' else 'close to'} target"
    return {"off target": "; off target", "close": "; close to target"}.get(row["verdict"], "")


def _subject(row: dict[str, Any]) -> str:
    council = reference.council_names()[row["council_id"]]
    name = reported.name(row["measure_id"], row["service_id"])
    if kind := reported.by_which(row):
        name += f" {kind}"
    if row["council_id"] in reference.council_names("whole"):
        return name
    return f"{council}’s {_lower(name)}"


def _lower(name: str) -> str:
    """A name within a sentence; one that begins with capitals (FOI, ICT) keeps them."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _moved(row: dict[str, Any]) -> str:
    return "rose" if row["value"] > row["value_before"] else "fell"


def _mark(kind: str) -> str | None:
    return kind if kind in ("improvement", "concern") else "neutral"


def _link(row: dict[str, Any]) -> Link:
    return reported.link(row["measure_id"], row["service_id"], row["period_kind"])
