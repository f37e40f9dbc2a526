"""Where do we stand? Services × councils, and what moved most."""

import math
from datetime import date
from typing import Any

from dashboard import words
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Cell, Finding, Link, Table, exhibit
from dashboard.warehouse import fetch

# A fall or rise of a survey share is told only where it exceeds twice its standard error,
# about one chance in twenty: below it the list would fill with noise.
_TOLD_FROM_SDS = 2.0


@exhibit
def movements(
    *,
    service_id: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    at_most: int = 5,
) -> Finding:
    """The figures that moved most on a year (or a survey) before, in words."""
    chosen = {"service_id": service_id, "council_ids": council_ids}
    found = [
        _measure_movement(row)
        for row in fetch(
            "movements", **chosen, from_month=from_month, to_month=to_month, at_most=at_most * 3
        ).rows()
    ]
    found += _satisfaction_movements(chosen, to_month)
    found.sort(key=lambda m: -m["sds"])
    told = _one_each(found)[:at_most]
    if not told:
        return Finding(
            title="What moved most",
            empty="No figure has a year of history before it in the time chosen: choose a "
            "longer one.",
        )
    return Finding(
        title=f"What moved most: {told[0]['head']}",
        subtitle="Changes on the year before, or on the survey before, largest first: by how many "
        "times its own usual wobble each figure moved",
        alt="; ".join(m["sentence"] for m in told),
        table=Table(
            caption="The largest movements",
            columns=("Movement", "Against target", "Times its usual wobble"),
            rows=tuple(
                (
                    Cell.of(m["sentence"], m["mark"], m["link"]),
                    Cell.of(*m["verdict"]),
                    Cell.of(f"{m['sds']:.1f}"),
                )
                for m in told
            ),
            raw_columns=("movement", "verdict", "standard_deviations"),
            raw_rows=tuple((m["sentence"], m["verdict"][0], round(m["sds"], 3)) for m in told),
            figures=frozenset({2}),
        ),
        provenance=reference.provenance("performance"),
        table_first=True,
    )


def _measure_movement(row: dict[str, Any]) -> dict[str, Any]:
    measure = reference.measures()[row["measure_id"]]
    council = reference.council_names()[row["council_id"]]
    unit = measure["unit"]
    rose = row["value"] > row["year_before_value"]
    before = words.figure(row["year_before_value"], unit)
    now = words.figure(row["value"], unit)
    verdict = row["verdict"]
    return {
        "sds": float(row["movement_sds"]),
        "group": (row["measure_id"], rose),
        "head": f"{measure['name']}, {council}, {'rose' if rose else 'fell'} to {now}",
        "sentence": f"{measure['name']}, {council}: {'rose' if rose else 'fell'} from {before} to "
        f"{now} in {words.period(row['period'], row['month'])}"
        + (" (provisional)" if row["status"] == "provisional" else "")
        + {1: ", better", -1: ", worse"}.get(row["year_change"], ""),
        "mark": {1: "better", -1: "worse"}.get(row["year_change"]),
        "verdict": (verdict.capitalize(), verdict) if verdict else ("No target", None),
        "link": Link(
            "measure",
            (
                ("service", reference.service_names()[row["service_id"]]),
                ("measure", measure["label"]),
            ),
        ),
    }


def _satisfaction_movements(chosen: dict[str, Any], to_month: date) -> list[dict[str, Any]]:
    """Changes between the last two surveys, by customer, against their sampling error."""
    found = []
    trend = fetch("satisfaction_trend", **chosen, from_month=date(1900, 1, 1), to_month=to_month)
    series: dict[tuple[str | None, str], list[dict[str, Any]]] = {}
    for row in trend.rows():
        # By customer over all services; a single service's customers are too few to compare.
        if row["council_id"] is not None and row["service_id"] == chosen["service_id"]:
            series.setdefault((row["service_id"], row["council_id"]), []).append(row)
    for (service_id, council_id), waves in series.items():
        if len(waves) < 2:
            continue
        before, now = waves[-2], waves[-1]
        if not (now["respondents"] and before["respondents"]):
            continue
        a, b = before["satisfied_share"], now["satisfied_share"]
        error = math.sqrt(a * (1 - a) / before["respondents"] + b * (1 - b) / now["respondents"])
        if error == 0 or abs(b - a) / error < _TOLD_FROM_SDS:
            continue
        who = reference.council_names()[council_id]
        of = f" with {reference.service_names()[service_id]}" if service_id else ""
        said = "rose" if b > a else "fell"
        found.append(
            {
                "sds": abs(b - a) / error,
                "group": ("satisfaction", council_id),
                "head": f"{who}’s satisfaction{of} {said} from {words.percent(a)} "
                f"to {words.percent(b)}",
                "sentence": f"{who}’s satisfaction{of}: {said} from {words.percent(a)} "
                f"({words.month(before['month'])}) to {words.percent(b)} "
                f"({words.month(now['month'])})",
                "mark": "better" if b > a else "worse",
                "verdict": (f"{now['respondents']:,} answered", None),
                "link": Link("satisfaction", (("councils", who),)),
            }
        )
    return found


def _one_each(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One movement a measure and direction: three councils moving alike are one finding."""
    seen: set[Any] = set()
    return [m for m in found if not (m["group"] in seen or seen.add(m["group"]))]


@exhibit
def grid(*, council_ids: tuple[str, ...], from_month: date, to_month: date) -> Finding:
    """Each service with each council: measures on target, cost against budget, satisfaction."""
    standing = _standing(council_ids, from_month, to_month)
    names, services = reference.council_names("council"), reference.service_names()
    columns = [None, *(c for c in names if c in council_ids)]
    # A workspace of many councils would make the grid unreadable: then all together alone.
    if len(columns) > 7:
        columns = [None]
    spells = reference.served_since()
    rows, raw = [], []
    for service_id, service in services.items():
        if not any((service_id, c) in standing for c in columns):
            continue
        link = Link("service", (("service", service),))
        cells = [Cell.of(service, None, link)]
        for council_id in columns:
            found = standing.get((service_id, council_id), {})
            # A council is named in the link only where a column is that council's.
            to = (
                Link("service", (("service", service), ("councils", names[council_id])))
                if (council_id)
                else link
            )
            gone = _not_served(spells, service_id, council_id, to_month)
            cells.append(Cell.of(gone) if gone else _cell(found, to))
            raw.append(
                (service, names.get(council_id, reference.TOGETHER), gone or "served", *_raw(found))
            )
        rows.append(tuple(cells))
    if not rows:
        return Finding(
            title="Services and councils",
            empty="Nothing was reported in the time chosen: choose a longer one, or more councils.",
        )
    whole = standing.get((None, None), {})
    return Finding(
        title=_headline(whole, to_month),
        subtitle="Latest figure of each measure, cost so far in the financial year, latest survey. "
        "Better and worse are counted against a year before.",
        alt=_headline(whole, to_month) + ". A table of services and councils.",
        table=Table(
            caption="Services and councils",
            columns=("Service", *(names[c] if c else reference.TOGETHER for c in columns)),
            rows=tuple(rows),
            raw_columns=("service", "council", "status", *_STANDING),
            raw_rows=tuple(raw),
        ),
        provenance=reference.provenance("performance"),
        table_first=True,
    )


@exhibit
def services_of_council(*, council_id: str, from_month: date, to_month: date) -> Finding:
    """What one council gets: every service it takes, with measures, cost and satisfaction."""
    standing = _standing((council_id,), from_month, to_month)
    council, services = reference.council_names()[council_id], reference.service_names()
    spells = reference.served_since()
    # A column for what the workspace has: one that is empty throughout only takes room.
    columns = (
        "Service",
        *(["Served"] if spells else []),
        "Measures",
        *(["Cost so far", "Against the year before"] if reference.has("costs") else []),
        *(["Satisfaction"] if reference.has("satisfaction") else []),
    )
    rows, raw, taken = [], [], 0
    for service_id, service in services.items():
        found = standing.get((service_id, council_id), {})
        gone = _not_served(spells, service_id, council_id, to_month)
        if not found and (gone or not spells):
            continue
        taken += not gone
        link = Link("service", (("service", service), ("councils", council)))
        spell = spells.get((service_id, council_id))
        since = f"since {words.month(spell[-1][0])}" if spell else ""
        cost, against = _money_lines(found)
        cells = {
            "Service": Cell.of(service, None, link),
            "Served": Cell.of(gone or since),
            "Measures": Cell(
                tuple(_measure_lines(found)) or (("no measure reported", None),),
                None,
                _cell(found, None).parts,
            ),
            "Cost so far": Cell.of(*cost),
            "Against the year before": Cell.of(*against),
            "Satisfaction": Cell.of(*_survey_line(found)),
        }
        rows.append(tuple(cells[c] for c in columns))
        raw.append((service, gone or "served", *_raw(found)))
    if not rows:
        return Finding(
            title=f"What {council} gets",
            empty=f"Nothing was reported for {council} in the time chosen: choose a longer one.",
        )
    whole = standing.get((None, council_id), {})
    return Finding(
        title=f"{council} takes {words.count(taken, 'service')}: "
        + _headline(whole, to_month, short=True),
        subtitle="Latest figure of each measure, cost so far in the financial year, latest survey. "
        "Better and worse are counted against a year before.",
        alt=f"A table of the services of {council}.",
        table=Table(
            caption=f"The services of {council}",
            columns=columns,
            rows=tuple(rows),
            raw_columns=("service", "status", *_STANDING),
            raw_rows=tuple(raw),
        ),
        provenance=reference.provenance("performance"),
        table_first=True,
    )


def _standing(
    council_ids: tuple[str, ...], from_month: date, to_month: date
) -> dict[tuple[str | None, str | None], dict[str, Any]]:
    """The three standings side by side, by service and council (None: all together)."""
    together: dict[tuple[str | None, str | None], dict[str, Any]] = {}
    answers = (
        fetch(
            "standing_performance",
            service_id=None,
            council_ids=council_ids,
            from_month=from_month,
            to_month=to_month,
        ),
        fetch("standing_costs", service_id=None, council_ids=council_ids, to_month=to_month),
        fetch("standing_satisfaction", service_id=None, council_ids=council_ids, to_month=to_month),
    )
    for answer in answers:
        for row in answer.rows():
            place = (row.pop("service_id"), row.pop("council_id"))
            together.setdefault(place, {}).update(row)
    return together


def _not_served(
    spells: dict[tuple[str, str], list[tuple[date, date | None]]],
    service_id: str,
    council_id: str | None,
    month: date,
) -> str | None:
    """Why a council has no figure: "not served", "left after May 2017"; None while served."""
    if council_id is None or not spells:
        return None
    mine = spells.get((service_id, council_id), [])
    if any(first <= month and (last is None or month <= last) for first, last in mine):
        return None
    past = [last for first, last in mine if last and last < month]
    return f"not served since {words.month(_next(max(past)))}" if past else "not served"


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _measure_lines(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    lines: list[tuple[str, str | None]] = []
    if found.get("judged"):
        lines.append((f"{found['on_target']} of {found['judged']} on target", None))
    elif found.get("measures"):
        lines.append((words.count(found["measures"], "figure") + ", no target", None))
    if found.get("compared"):
        moved = f"{found['better']} better, {found['worse']} worse"
        same = found["better"] == found["worse"] == 0
        lines.append(("none better or worse", None) if same else (moved, "better or worse"))
    return lines


def _cell(found: dict[str, Any], link: Link | None) -> Cell:
    lines: list[tuple[str, str | None]] = _measure_lines(found)
    if found.get("actual_gbp") is not None:
        lines.append(_money_lines(found)[0])
    if found.get("satisfied_share") is not None:
        lines.append(_survey_line(found))
    parts = tuple(
        (verdict, found[verdict.replace(" ", "_")])
        for verdict in ("on target", "close", "off target")
        if found.get("judged")
    )
    return Cell(tuple(lines) or (("nothing reported", None),), link, parts)


def _money_lines(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    if found.get("actual_gbp") is None:
        return [("no cost reported", None), ("", None)]
    against = words.over_or_under(found["actual_gbp"], found["budget_gbp"])
    before = found.get("year_before_gbp")
    yearly = ""
    if before:
        gap = float(found["actual_gbp"] - before) / float(before)
        yearly = f"{abs(gap):.0%} {'more' if gap > 0 else 'less'} than {words.pounds(before)}"
    said = words.pounds(found["actual_gbp"]) + (f", {against}" if against else "")
    return [(said, None), (yearly, None)]


def _survey_line(found: dict[str, Any]) -> tuple[str, str | None]:
    if found.get("is_hidden"):
        return ("too few answers to show", None)
    if found.get("satisfied_share") is None:
        return ("no survey", None)
    now, before = found["satisfied_share"], found.get("share_before")
    said = f"{words.percent(now)} satisfied"
    # A survey's change is told with its size here; whether it is real is the Satisfaction page's.
    if before is None or round(now, 2) == round(before, 2):
        return (said, None)
    return (f"{said}, was {words.percent(before)}", None)


def _headline(whole: dict[str, Any], to_month: date, short: bool = False) -> str:
    parts = []
    if whole.get("judged"):
        parts.append(f"{whole['on_target']:,} of {whole['judged']:,} figures are on target")
    if whole.get("compared"):
        subject = "" if parts else "figures "
        parts.append(
            f"{whole['better']:,} {subject}are better than a year before and "
            f"{whole['worse']:,} worse"
        )
    if whole.get("actual_gbp") is not None and whole.get("budget_gbp") is not None:
        parts.append("costs are " + words.variance(whole["actual_gbp"], whole["budget_gbp"]))
    said = ", ".join(parts) if parts else "nothing is judged against a target"
    return said if short else f"{said[0].upper()}{said[1:]} ({words.month(to_month)})"


_STANDING = (
    "measures",
    "judged",
    "on_target",
    "close",
    "off_target",
    "better",
    "worse",
    "budget_gbp",
    "actual_gbp",
    "year_before_gbp",
    "satisfied_share",
    "share_before",
)


def _raw(found: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(found.get(c) for c in _STANDING)
