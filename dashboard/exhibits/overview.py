"""Where do we stand? Services × councils."""

from datetime import date
from typing import Any

from dashboard import words
from dashboard.exhibits import costs, due, reference
from dashboard.exhibits.exhibit import Cell, Finding, Link, Table, exhibit
from dashboard.warehouse import fetch


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
            cells.append(Cell.of(gone) if gone else _cell(found, to, everybody=council_id is None))
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
        title=(headline := _headline(whole, costs.Asked(None, council_ids), to_month)),
        subtitle=f"Latest figure of each measure, {_costs_of(whole, to_month)}, latest survey. "
        "Getting better or worse: beyond usual variation. Will not be met: the target lies outside "
        f"the usual range.{due.note(council_ids, to_month)}",
        alt=headline + ". A table of services and councils.",
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
    whole = standing.get((None, council_id), {})
    older = _older_year(whole, to_month)
    spent = f"Cost in {older}" if older else "Cost so far"
    # A column for what the workspace has: one that is empty throughout only takes room.
    columns = (
        "Service",
        *(["Served"] if spells else []),
        "Measures",
        *([spent, "Against the year before"] if reference.has("costs") else []),
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
        cost, against = _money_lines(found, costs.Asked(service_id, (council_id,)))
        cells = {
            "Service": Cell.of(service, None, link),
            "Served": Cell.of(gone or since),
            "Measures": Cell(
                tuple(_measure_lines(found)) or (("no measure reported", None),),
                None,
                _cell(found, None).parts,
            ),
            spent: Cell(tuple(cost)),
            "Against the year before": Cell(tuple(against)),
            "Satisfaction": Cell.of(*_survey_line(found)),
        }
        rows.append(tuple(cells[c] for c in columns))
        raw.append((service, gone or "served", *_raw(found)))
    if not rows:
        return Finding(
            title=f"What {council} gets",
            empty=f"Nothing was reported for {council} in the time chosen: choose a longer one.",
        )
    return Finding(
        title=f"{council} takes {words.count(taken, 'service')}: "
        + _headline(whole, costs.Asked(None, (council_id,)), to_month, short=True),
        subtitle=f"Latest figure of each measure, {_costs_of(whole, to_month)}, latest survey. "
        "Getting better or worse: beyond usual variation. Will not be met: the target lies outside "
        f"the usual range.{due.note((council_id,), to_month)}",
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
        fetch("standing_signals", service_id=None, council_ids=council_ids, to_month=to_month),
        fetch("standing_costs", service_id=None, council_ids=council_ids, to_month=to_month),
        fetch("standing_satisfaction", service_id=None, council_ids=council_ids, to_month=to_month),
    )
    for answer in answers:
        for row in answer.rows():
            place = (row.pop("service_id"), row.pop("council_id"))
            together.setdefault(place, {}).update(row)
    return together


def _older_year(found: dict[str, Any], to_month: date) -> str:
    """Of which year the costs are, where it is before that asked for: "2021/22 to August 2021".

    Of a council that left, or where costs are not reported yet. Empty where it is the same year.
    """
    last = found.get("to_month")
    if last is None or last.year - (last.month < 4) == to_month.year - (to_month.month < 4):
        return ""
    to = "" if last.month == 3 else f" to {words.month(last)}"
    return f"{words.year(found['financial_year'])}{to}"


def _costs_of(found: dict[str, Any], to_month: date) -> str:
    older = _older_year(found, to_month)
    return f"cost in {older}" if older else "cost so far in the financial year"


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
    return f"not served since {words.month(due.next_month(max(past)))}" if past else "not served"


def _measure_lines(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    lines: list[tuple[str, str | None]] = []
    if found.get("judged"):
        lines.append((f"{found['on_target']} of {found['judged']} on target", None))
    elif found.get("measures"):
        lines.append((words.count(found["measures"], "figure") + ", no target", None))
    if found.get("doubtful"):
        lines.append((f"{words.count(found['doubtful'], 'figure')} doubtful", None))
    for count, way, mark in (
        (found.get("concerns"), "getting worse", "concern"),
        (found.get("improvements"), "getting better", "improvement"),
    ):
        if count:
            lines.append((f"{count} {way}", mark))
    if found.get("charted") and not (found["concerns"] or found["improvements"]):
        lines.append(("varies as usual", "usual variation"))
    if found.get("fails"):
        lines.append((f"{words.count(found['fails'], 'target')} will not be met", "off target"))
    return lines


def _cell(found: dict[str, Any], link: Link | None, everybody: bool = False) -> Cell:
    lines: list[tuple[str, str | None]] = _measure_lines(found)
    if found.get("reported_gbp") is not None or found.get("unreported"):
        lines.append((_cost_line(found), None))
    if found.get("satisfied_share") is not None:
        lines.append(_survey_line(found, everybody))
    parts = tuple(
        (verdict, found[verdict.replace(" ", "_")])
        for verdict in ("on target", "close", "off target")
        if found.get("judged")
    )
    return Cell(tuple(lines) or (("nothing reported", None),), link, parts)


def _cost_line(found: dict[str, Any]) -> str:
    """What was spent so far in the year, against budget; or that it is not known."""
    if found.get("reported_gbp") is None and not found.get("unreported"):
        return "no cost reported"
    if found["actual_gbp"] is None:
        known = costs.in_part(found)
        return "cost not known" + (f": {known}" if known else "")
    against = costs.against_briefly(found)
    return words.pounds(found["actual_gbp"]) + (f", {against}" if against else "")


def _money_lines(found: dict[str, Any], asked: costs.Asked) -> list[list[tuple[str, str | None]]]:
    """What was spent, and how that is against the year before; each as the lines of a cell."""
    if found.get("reported_gbp") is None:
        return [[(_cost_line(found), None)], [("", None)]]
    return [[(_cost_line(found), None)], [(costs.change_briefly(found, asked), None)]]


def _survey_line(found: dict[str, Any], everybody: bool = False) -> tuple[str, str | None]:
    """`everybody`: a total, which is of all customers whoever is chosen."""
    if found.get("is_hidden"):
        return ("too few answers to show", None)
    if found.get("satisfied_share") is None:
        return ("no survey", None)
    now, before = found["satisfied_share"], found.get("share_before")
    said = f"{words.percent(now)} {'of all customers ' if everybody else ''}satisfied"
    # A survey's change is told with its size here; whether it is real is the Satisfaction page's.
    if before is None or round(now, 2) == round(before, 2):
        return (said, None)
    return (f"{said}, was {words.percent(before)}", None)


def _headline(
    whole: dict[str, Any], asked: costs.Asked, to_month: date, short: bool = False
) -> str:
    parts = []
    if whole.get("judged"):
        parts.append(f"{whole['on_target']:,} of {whole['judged']:,} figures are on target")
    if whole.get("doubtful"):
        parts.append(
            f"{words.count(whole['doubtful'], 'figure')} "
            f"{'is' if whole['doubtful'] == 1 else 'are'} {words.DOUBTFUL}"
        )
    if whole.get("charted"):
        parts.append(
            f"beyond usual variation {whole['improvements']:,} are getting better and "
            f"{whole['concerns']:,} worse"
        )
    older = _older_year(whole, to_month)
    if whole.get("unreported"):
        when = f" in {older}" if older else ""
        parts.append(f"what was spent{when} is not known ({costs.why_unknown(whole, asked)})")
    elif whole.get("actual_gbp") is not None and (said := costs.against(whole)):
        parts.append(f"costs in {older} were {said}" if older else f"costs are {said}")
    said = ", ".join(parts) if parts else "nothing is judged against a target"
    return said if short else f"{said[0].upper()}{said[1:]} ({words.month(to_month)})"


_STANDING = (
    "measures",
    "judged",
    "on_target",
    "close",
    "off_target",
    "doubtful",
    "better",
    "worse",
    "concerns",
    "improvements",
    "fails",
    "passes",
    "budget_gbp",
    "actual_gbp",
    "reported_gbp",
    "unbudgeted",
    "unreported",
    "year_before_gbp",
    "is_like",
    "satisfied_share",
    "share_before",
)


def _raw(found: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(found.get(c) for c in _STANDING)
