"""Which series a measure has: who reports it, and by which kind of period.

A series is one measure of one service and one council by one kind of period. Figures of two
services, or of months and quarters, are never one line, and never compared with each other.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from dashboard import words
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Link
from dashboard.reading import remembered
from dashboard.warehouse import fetch

# Kinds of period, the shortest first; others ("period", stretches of years) come after them.
_KINDS = ("month", "quarter", "half", "financial year", "year")
# The kinds that are meant by how often a measure is due, in months.
_MEANT = {1: ("month",), 3: ("quarter",), 6: ("half",), 12: ("financial year", "year")}
# What the filter of kinds of period is called in an address.
FIGURES = "figures"
_BY = {"half": "half-year", "years": "several years"}


@remembered
def _every() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The kinds of period of each measure by the service that reports them."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in fetch("measure_reporters").rows():
        found.setdefault(row["measure_id"], {}).setdefault(row["service_id"], []).append(row)
    return found


@remembered
def _every_series() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The series of each measure and service that come by several kinds of period, by council."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in fetch("measure_series", measure_id=None).rows():
        key = (row["measure_id"], row["service_id"])
        if len(_kinds().get(key, ())) > 1:
            found.setdefault(key, []).append(row)
    return found


def _series(measure_id: str, service_id: str) -> list[dict[str, Any]]:
    """Its series, council by council: none where it comes by one kind of period alone."""
    return _every_series().get((measure_id, service_id), [])


@remembered
def _kinds_of_councils() -> dict[tuple[str, str], dict[str, tuple[str, ...]]]:
    """The kinds of period of each council that reports a measure and service by several."""
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for (measure_id, service_id), rows in _every_series().items():
        counts: dict[str, dict[str, int]] = {}
        for row in rows:
            counts.setdefault(row["council_id"], {})[row["period_kind"]] = row["figures"]
        found[measure_id, service_id] = {c: in_order(measure_id, n) for c, n in counts.items()}
    return found


@remembered
def _reporting() -> dict[str, tuple[str, ...]]:
    """The services that report each measure: its own first, then in the workspace's order."""
    order, every = list(reference.service_names()), _every()
    return {
        m: tuple(
            sorted(
                every.get(m, {}),
                key=lambda s: (s != about["service_id"], order.index(s) if s in order else 0, s),
            )
        )
        for m, about in reference.measures().items()
    }


@remembered
def _by_service() -> dict[str, dict[str, str]]:
    """The measures of each service: those that it reports, and of its own those nobody reports."""
    found: dict[str, dict[str, str]] = {}
    for measure_id, measure in reference.measures().items():
        for service_id in reporting(measure_id) or (measure["service_id"],):
            found.setdefault(service_id, {})[measure_id] = measure["label"]
    return found


@remembered
def _kinds() -> dict[tuple[str, str], tuple[str, ...]]:
    """The kinds of period of each measure and service, whichever council's, the main one first."""
    return {
        (m, s): in_order(m, {r["period_kind"]: r["figures"] for r in rows})
        for m, services in _every().items()
        for s, rows in services.items()
    }


def reporting(measure_id: str) -> tuple[str, ...]:
    """The services that report a measure, its own first; none where nobody does."""
    return _reporting().get(measure_id, ())


def measures_of(service_id: str) -> dict[str, str]:
    """The measures that a service reports, or that are its own and nobody reports: id to label."""
    return _by_service().get(service_id, {})


def services_with_measures() -> set[str]:
    """The services that have any measure to show."""
    return set(_by_service())


def home(measure_id: str) -> str:
    """The service whose series is shown where none is asked for: the measure's own, or the first
    that reports it."""
    own = reference.measures()[measure_id]["service_id"]
    return next(iter(reporting(measure_id)), own)


def told_apart(measure_id: str, service_id: str) -> str | None:
    """The service as a parameter of an exhibit: None where a measure has but one series."""
    return service_id if len(reporting(measure_id)) > 1 else None


def passport(measure_id: str, reported_by: str | None = None) -> dict[str, Any]:
    """A measure as one service reports it: service_id is that service, and the name tells it.

    newest_period, newest_file and last_month are of that service's figures.
    """
    service_id = reported_by or home(measure_id)
    rows = _every().get(measure_id, {}).get(service_id, [])
    newest = max(rows, key=lambda r: (r["last_month"], r["newest_period"]), default=None)
    about = {**reference.measures()[measure_id], "service_id": service_id}
    about["name"] = name(measure_id, service_id)
    if newest and len(reporting(measure_id)) > 1:
        about |= {n: newest[n] for n in ("last_month", "newest_period", "newest_file")}
    return about


def name(measure_id: str, service_id: str) -> str:
    """A measure's name, with the service behind it where several report it."""
    said = reference.measures()[measure_id]["name"]
    if len(reporting(measure_id)) < 2:
        return said
    return f"{said} ({reference.service_names().get(service_id, service_id)})"


def kinds(
    measure_id: str, reported_by: str | None = None, council_ids: Iterable[str] | None = None
) -> tuple[str, ...]:
    """The kinds of period by which a service reports a measure, of these councils: the main first.

    The main one is what the measure's frequency says, where there are such figures, or else the
    one with most figures; then the shorter first.
    """
    service_id = reported_by or home(measure_id)
    every = _kinds().get((measure_id, service_id), ())
    if council_ids is None or len(every) < 2:
        return every
    chosen, counts = set(council_ids), {}
    if len(chosen) == 1:
        return _kinds_of_councils()[measure_id, service_id].get(next(iter(chosen)), ())
    for row in _series(measure_id, service_id):
        if row["council_id"] in chosen:
            counts[row["period_kind"]] = counts.get(row["period_kind"], 0) + row["figures"]
    return in_order(measure_id, counts)


def by_which(row: dict[str, Any]) -> str:
    """The kind of period of a series as it is told, where its council reports by several."""
    measure_id, service_id = row["measure_id"], row["service_id"]
    # Most measures have one kind: asked of each of thousands of findings.
    if len(kinds(measure_id, service_id)) < 2:
        return ""
    several = len(kinds(measure_id, service_id, (row["council_id"],))) > 1
    return by(row["period_kind"]) if several else ""


def in_order(measure_id: str, counts: dict[str, int]) -> tuple[str, ...]:
    """Kinds of period with their counts of figures, in order: the main one first."""
    meant = _MEANT.get(reference.measures()[measure_id]["months_due_every"], ())
    shorter = sorted(counts, key=_length)
    if not shorter:
        return ()
    main = next(
        (k for k in shorter if k in meant), max(shorter, key=lambda k: (counts[k], -_length(k)[0]))
    )
    return (main, *(k for k in shorter if k != main))


def _length(kind: str) -> tuple[int, str]:
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), kind)


def link(measure_id: str, service_id: str, kind: str | None = None) -> Link:
    """Where a series is shown: the page of its measure, by the words that its filters use."""
    filters = [
        ("service", reference.service_names()[service_id]),
        ("measure", reference.measures()[measure_id]["label"]),
    ]
    if kind and kinds(measure_id, service_id)[:1] != (kind,):
        filters.append((FIGURES, by(kind)))
    return Link("measure", tuple(filters))


def by(kind: str) -> str:
    """How figures of a kind are told apart: "by month", "by financial year"."""
    return f"by {_BY.get(kind, kind)}"


def of(
    rows: Sequence[dict[str, Any]], measure: dict[str, Any], kind: str | None = None
) -> list[dict[str, Any]]:
    """The rows of one service's series, by one kind of period where it is given."""
    return [
        r
        for r in rows
        if r["service_id"] == measure["service_id"] and kind in (None, r["period_kind"])
    ]


def each_by_its_kind(
    rows: Iterable[dict[str, Any]],
    measure: dict[str, Any],
    council_ids: Sequence[str],
    kind: str | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of each council by one kind of period: `kind`, the measure's main one, or its own.

    For what tells of each council by itself: never to set one beside another.
    """
    measure_id = measure["measure_id"]
    main = kinds(measure_id, measure["service_id"], council_ids)[:1]
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        found.setdefault(row["council_id"], {}).setdefault(row["period_kind"], []).append(row)
    chosen = {}
    for council_id, every in found.items():
        own = in_order(measure_id, {k: len(of_it) for k, of_it in every.items()})
        chosen[council_id] = every[next(k for k in (kind, *main, *own) if k in every)]
    return chosen


def others(
    measure: dict[str, Any], kind: str | None, council_ids: Sequence[str], where: str
) -> str:
    """What is reported by other kinds of period and not drawn: "Southby reports by quarter: …"."""
    names = reference.council_names()
    counts: dict[str, dict[str, int]] = {}
    if len(kinds(measure["measure_id"], measure["service_id"])) < 2:
        return ""
    for row in _series(measure["measure_id"], measure["service_id"]):
        if row["council_id"] in council_ids and row["period_kind"] != kind:
            counts.setdefault(row["period_kind"], {})[row["council_id"]] = row["figures"]
    said = []
    for other in sorted(counts, key=_length):
        who = [names[c] for c in names if c in counts[other]]
        figures = sum(counts[other].values())
        some = words.listing(who) if len(who) <= _NAMED else words.count(len(who), "council")
        verb = "reports" if len(who) == 1 else "report"
        are = "is" if figures == 1 else "are"
        said.append(f"{some} {verb} {by(other)}: {words.count(figures, 'figure')} {are} {where}")
    return "; ".join(said)


# Councils that a subtitle can name.
_NAMED = 4
