"""The exceptions a Joint Committee asks for: what misses its target, and what is getting worse."""

from datetime import date
from typing import Any

from dashboard import words
from dashboard.exhibits import reference, reported, signals
from dashboard.exhibits.exhibit import Cell, Finding, Table, exhibit
from dashboard.exhibits.findings import CAUSES
from dashboard.warehouse import fetch

_RANK = {"off target": 0, "close": 1, "on target": 2, None: 3}

_RAW = (
    "period",
    "month",
    "status",
    "value",
    "target",
    "verdict",
    "missed_since",
    "missed_points",
    "point_type",
    "special_cause",
    "signal_since",
    "assurance",
    "is_doubtful",
)


@exhibit
def listed(*, service_id: str | None, council_ids: tuple[str, ...], to_month: date) -> Finding:
    """Every figure that is close to or off its target, and every concern, with how long and whose.

    A row a series; worst first within a service, services in the workspace's order.
    """
    whole = tuple(reference.council_names("whole"))
    rows = fetch(
        "exceptions", service_id=service_id, council_ids=council_ids + whole, to_month=to_month
    ).rows()
    services = list(reference.service_names())
    rows.sort(key=lambda r: _order(r, services))
    missed = [r for r in rows if r["verdict"] in ("close", "off target")]
    worse = [r for r in rows if r["point_type"] == "concern" and r["can_be_judged"]]
    when = words.month(to_month)
    if not rows:
        return _none(service_id, council_ids + whole, to_month)
    off = sum(r["verdict"] == "off target" for r in missed)
    parts = []
    if missed:
        parts.append(
            f"{words.count(off, 'figure')} {'is' if off == 1 else 'are'} off target and "
            f"{len(missed) - off} close to it"
        )
    if worse or not missed:
        subject = f"{len(worse)}" if missed else words.count(len(worse), "figure")
        verb = "is" if len(worse) == 1 else "are"
        parts.append(f"{subject} {verb} getting worse beyond usual variation")
    title = f"{'; '.join(parts)} ({when})"
    return Finding(
        title=title,
        subtitle="The newest figure of each measure that misses its target, or that the control "
        "chart shows to be getting worse; off target first",
        alt=title,
        table=Table(
            caption="Exceptions",
            columns=("Measure", "Council", "Figure", "How long", "What changed", "Owner"),
            rows=tuple(_row(r, to_month) for r in rows),
            raw_columns=("service", "measure", "council", *_RAW, "owner"),
            raw_rows=tuple(_raw(r) for r in rows),
        ),
        provenance=reference.provenance("performance"),
        table_first=True,
    )


def _none(service_id: str | None, council_ids: tuple[str, ...], to_month: date) -> Finding:
    """What no exception means: nothing is claimed of targets or charts where there are none."""
    chosen = {"service_id": service_id, "council_ids": council_ids, "to_month": to_month}
    # The exceptions' own two years.
    figures = _together(fetch("standing_performance", from_month=date(1900, 1, 1), **chosen).rows())
    charted = _together(fetch("standing_signals", **chosen).rows()).get("charted", 0)
    when, judged, count = words.month(to_month), figures.get("judged"), figures.get("measures")
    if not count:
        return Finding(
            title=f"No figure was reported in the two years to {when}",
            empty="So nothing can be said to be an exception, or not to be. Choose a later month, "
            "more councils or another service.",
        )
    worse = "none gets worse beyond its usual variation"
    if not charted:
        worse = "none has the three figures that a control chart needs to tell what gets worse"
    if not judged:
        met = "No figure has a target that it could miss"
    elif judged < count:
        have = "has" if judged == 1 else "have"
        met = f"Every figure with a target is on it ({judged:,} of {count:,} {have} one)"
    else:
        met = "Every figure is on target"
    return Finding(title=f"No exceptions in {when}", empty=f"{met}, and {worse}.")


def _together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Of all services and councils that were asked for."""
    return next((r for r in rows if r["service_id"] is None and r["council_id"] is None), {})


def _order(row: dict[str, Any], services: list[str]) -> tuple[Any, ...]:
    place = services.index(row["service_id"]) if row["service_id"] in services else len(services)
    kind = row["period_kind"]
    return place, _RANK[row["verdict"]], row["measure_id"], row["council_id"], kind


def _row(row: dict[str, Any], newest: date) -> tuple[Cell, ...]:
    measure = reference.measures()[row["measure_id"]]
    service = reference.service_names()[row["service_id"]]
    unit = measure["unit"]
    link = reported.link(row["measure_id"], row["service_id"], row["period_kind"])
    name = measure["name"]
    if kind := reported.by_which(row):
        name += f", {kind}"
    said = words.figure(row["value"], unit)
    if row["status"] == "provisional":
        said += " (provisional)"
    said += words.doubt(row["is_doubtful"])
    figure = [(f"{said}, {row['verdict']}" if row["verdict"] else said, row["verdict"])]
    if row["target"] is not None:
        figure.append((f"target {words.figure(row['target'], unit)}", None))
    if row["month"] != newest:
        figure.append((words.period(row["period"], row["month"]), None))
    return (
        Cell(((name, None), (service, None)), link),
        Cell.of(reference.council_names()[row["council_id"]]),
        Cell(tuple(figure)),
        Cell.of(_how_long(row)),
        Cell(tuple(_what_changed(row, unit))),
        Cell.of(measure["owner_role"] or "not stated"),
    )


def _how_long(row: dict[str, Any]) -> str:
    if row["missed_since"] is None:
        return "target met" if row["verdict"] else "no target"
    if row["missed_points"] == 1:
        return "this time only"
    return f"{row['missed_points']} in a row, since {words.month(row['missed_since'])}"


def _what_changed(row: dict[str, Any], unit: str | None) -> list[tuple[str, str | None]]:
    """What the chart says beside the verdict, so that neither contradicts the other unexplained."""
    if row["point_type"] is None:
        return [("not charted: its figures overlap or add up", None)]
    if row["points"] < signals.POINTS_AT_LEAST:
        return [("too few figures since its last rebase to judge", None)]
    if not row["can_be_judged"]:
        return [("its figures hardly vary: too few to judge", None)]
    if row["special_cause"]:
        cause = CAUSES[row["special_cause"]]
        since = words.month(row["signal_since"])
        if row["point_type"] == "concern":
            return [(f"getting worse since {since}; now {cause}", "concern")]
        if row["point_type"] == "improvement":
            return [(f"getting better since {since}; now {cause}", "improvement")]
        return [(f"changed since {since}; now {cause}", "change")]
    usual = ""
    if row["lower_limit"] is not None and row["basis"] == "figure":
        cut = signals.possible(row, (row["lowest"], row["highest"]), unit)
        span = words.span(cut["lower_limit"], cut["upper_limit"], unit)
        usual = f" ({span}{', trial limits' if row['is_trial'] else ''})"
    lines: list[tuple[str, str | None]] = [(f"varies as usual{usual}", "usual variation")]
    if row["assurance"] == "consistently fails":
        few = " (by fewer than 12 figures)" * row["is_trial"]
        lines.append((f"will not be met unless something changes{few}", None))
    elif row["assurance"] == "hit and miss":
        by_chance = (row["missed_points"] or 0) < signals.MORE_THAN_CHANCE
        lines.append(
            ("met or missed by chance" if by_chance else "missed too often for chance", None)
        )
    return lines


def _raw(row: dict[str, Any]) -> tuple[Any, ...]:
    measure = reference.measures()[row["measure_id"]]
    return (
        reference.service_names()[row["service_id"]],
        measure["name"],
        reference.council_names()[row["council_id"]],
        *(row[c] for c in _RAW),
        measure["owner_role"],
    )
