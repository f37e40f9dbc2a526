"""What stands beneath an exhibit that is taken away: what was chosen, where from, whose, and when.

One place, so that slides, sheets and pages of one story say the same.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from dashboard import warehouse, words
from dashboard.exhibits import reference, reported
from dashboard.exhibits.exhibit import Exhibit

# More councils than this are counted and not listed: a foot is no register.
_LISTED_COUNCILS = 6
# How parameters that are neither ids nor months read; others are set in words as they are.
_SILENT = ("first", "stamp", "on")


def chosen(exhibit: Exhibit) -> str:
    """The filters in words: "ICT · Havering and Newham · April 2016 to March 2018".

    Names are those of the workspace that is served; where it knows none, ids in words.
    """
    given = dict(exhibit.parameters)
    parts = [
        *_one(given, "measure_id", "", _measures),
        *_one(given, "reported_by", "", reference.service_names),
        *_one(given, "service_id", "All services", reference.service_names),
        *_one(given, "council_id", "All customers", reference.council_names),
        *_councils(given),
        *_months(given),
    ]
    known = {
        *("measure_id", "reported_by", "service_id", "council_id", "council_ids"),
        *("from_month", "to_month"),
    }
    for name, value in given.items():
        if name in known or name in _SILENT or name.startswith("at_most") or value is None:
            continue
        if name == "since":
            parts.append(f"changes since {words.month(value)}")
        elif name == "period_kind":
            parts.append(reported.by(value))
        elif isinstance(value, str):
            parts.append(f"{_in_words(name)}: {_in_words(value)}")
    return " · ".join(parts)


def origin(exhibit: Exhibit) -> tuple[str, ...]:
    """Illustrative or not, source, owner role and data version, then what else is to be known."""
    about = exhibit.provenance
    if about is None:
        return (f"Data version {exhibit.data_version}",)
    return (
        *(["Illustrative data"] if about.is_illustrative else []),
        *([f"Source: {about.source}"] if about.source else []),
        f"Owner: {about.owner or 'not stated'}",
        f"Data version {about.data_version}",
        *about.notes,
    )


def foot(exhibit: Exhibit, on: date) -> str:
    """All of it in one line, "Illustrative data" first where it applies; notes come last."""
    said = origin(exhibit)
    notes = exhibit.provenance.notes if exhibit.provenance else ()
    own = said[: len(said) - len(notes)]
    first = own[:1] if own[0] == "Illustrative data" else ()
    parts = [*first, chosen(exhibit), *own[len(first) :], day(on), *notes]
    return " · ".join(part for part in parts if part)


def is_illustrative(exhibit: Exhibit) -> bool:
    """True where its figures are made up."""
    return exhibit.provenance is not None and exhibit.provenance.is_illustrative


def day(on: date) -> str:
    """26 April 2018."""
    return f"{on.day} {on:%B %Y}"


def name_of(kind: str, an_id: str) -> str:
    """The name of a service, council or measure by its id; the id as it is where none is known."""
    names = {
        "service_id": reference.service_names,
        "council_id": reference.council_names,
        "measure_id": _measures,
    }
    return _known(names[kind]).get(an_id, an_id)


def measures(exhibits: Iterable[Exhibit]) -> list[dict[str, Any]]:
    """The passports of the measures asked for, or that stand in a table, in order of use."""
    known = _known(reference.measures)
    used: dict[str, None] = {}
    for exhibit in exhibits:
        used |= {v: None for n, v in exhibit.parameters if n == "measure_id" and v}
        if exhibit.table and "measure_id" in exhibit.table.raw_columns:
            at = exhibit.table.raw_columns.index("measure_id")
            used |= {row[at]: None for row in exhibit.table.raw_rows if row[at]}
    return [known[i] for i in used if i in known]


def _one(
    given: dict[str, Any], name: str, all_of_them: str, names: Callable[[], Mapping[str, str]]
) -> list[str]:
    if name not in given:
        return []
    if given[name] is None:
        return [all_of_them] if all_of_them else []
    return [_known(names).get(given[name]) or _in_words(str(given[name]))]


def _councils(given: dict[str, Any]) -> list[str]:
    ids = given.get("council_ids")
    if ids is None:
        return []
    names = _known(reference.council_names)
    if len(ids) > _LISTED_COUNCILS:
        every = set(_known(lambda: reference.council_names("council"))) <= set(ids)
        return [f"All {len(ids)} councils" if every else f"{len(ids)} councils"]
    return [words.listing([names.get(i) or _in_words(str(i)) for i in ids])]


def _months(given: dict[str, Any]) -> list[str]:
    first, last = given.get("from_month"), given.get("to_month")
    if first and last:
        return [words.months(first, last)]
    return [f"to {words.month(last)}"] if last else []


def _measures() -> dict[str, str]:
    return {i: m["name"] for i, m in reference.measures().items()}


def _known(names: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What is known by id, or none where no data is served: a story opens without any."""
    try:
        return names()
    except warehouse.NoSnapshot:
        return {}


def _in_words(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")
