"""Names and passports of services, councils and measures, and what the workspace holds."""

from dataclasses import replace
from datetime import date
from typing import Any

from dashboard import words
from dashboard.exhibits.exhibit import Provenance
from dashboard.method.financial_year import MARCH, april_of, label, month_of
from dashboard.reading import remembered
from dashboard.warehouse import fetch

TOGETHER = "All together"
# How a good direction reads.
DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "range": "best within a range",
    "neither": "neither up nor down is good in itself",
}

# What the filter of periods calls a stretch that is none of those it names.
CHOOSE_MONTHS = "Choose months"
# How the usual budget blocks read; '' is what names none.
_BLOCKS = {"shared": "Shared", "non_shared": "Non-shared", "": "No block given"}
NO_COST_TYPE = "No cost type given"


def workspace() -> dict[str, Any]:
    """Title, data version, first and newest month of what is shown."""
    return fetch("workspace").first()


@remembered
def service_names() -> dict[str, str]:
    """Every service's name by its id, in the workspace's order."""
    services = fetch("services")
    return dict(zip(services["service_id"], services["name"], strict=True))


@remembered
def council_names(*kinds: str) -> dict[str, str]:
    """Names by id, in the workspace's order: all, or those of the kinds asked for."""
    councils = fetch("councils")
    rows = zip(councils["council_id"], councils["name"], councils["kind"], strict=True)
    return {council: name for council, name, kind in rows if not kinds or kind in kinds}


@remembered
def council_order() -> tuple[str, ...]:
    """Councils, then other customers: the order in which colours are given out."""
    return tuple(council_names("council")) + tuple(council_names("staff"))


@remembered
def measures() -> dict[str, dict[str, Any]]:
    """Every measure's passport by its id."""
    return {row["measure_id"]: row for row in fetch("measures").rows()}


def subtitle(measure: dict[str, Any]) -> str:
    """What a chart of a measure shows: its name, unit and good direction."""
    unit = {"share": "per cent", None: ""}.get(measure["unit"], measure["unit"])
    parts = [measure["name"], unit, DIRECTIONS[measure["good_direction"]]]
    return ", ".join(p for p in parts if p)


def owner(measure: dict[str, Any]) -> str:
    """The role that answers for a measure, or that none is stated."""
    return measure["owner_role"] or "not stated"


@remembered
def cost_types() -> dict[str, str]:
    """How each cost type of the costs or the ledger reads, by its text; '' is what names none."""
    return {t: t or NO_COST_TYPE for t in fetch("cost_kinds")["cost_type"]}


@remembered
def blocks() -> dict[str, str]:
    """How each budget block of the costs reads, by its text; the usual ones come first."""
    found = set(fetch("cost_kinds")["budget_block"])
    usual = {b: name for b, name in _BLOCKS.items() if b in found}
    return usual | {b: b for b in sorted(found - usual.keys())}


@remembered
def budget_blocks() -> dict[str, str]:
    """How each block of the budgets reads; empty where budgets are not told apart."""
    kinds = fetch("cost_kinds")
    found = {b for b, has in zip(kinds["budget_block"], kinds["has_budget"], strict=True) if has}
    return {b: name for b, name in blocks().items() if b in found} if len(found) > 1 else {}


def stretch(first: date, last: date) -> tuple[tuple[str, str], ...]:
    """A stretch of months as the filter of periods has it in an address."""
    year = april_of(first)
    newest = workspace()["newest_month"]
    if first == year and last == min(month_of(year, MARCH), newest):
        return (("period", label(year)),)
    return (("period", CHOOSE_MONTHS), ("from", words.month(first)), ("to", words.month(last)))


def feed(name: str) -> dict[str, Any]:
    """What the workspace holds of one feed."""
    return next(row for row in fetch("feeds").rows() if row["feed"] == name)


def feeds_present() -> list[str]:
    """The feeds that any file was loaded for, in the order of loading."""
    return list(dict.fromkeys(fetch("files")["feed"]))


def has(name: str) -> bool:
    """True where the workspace has any row of the feed."""
    return feed(name)["rows"] > 0


@remembered
def has_own_costs() -> bool:
    """False where what was spent is known from a ledger alone."""
    return "costs" in feeds_present()


def lacks(name: str) -> str:
    """What a page says where a feed is absent."""
    return (
        f"This workspace has no {name.replace('_', ' ')} feed. Add its exports and a resource "
        f"named “{name}” to the contract, and load again; docs/contract.md says how."
    )


def committees() -> tuple[date, ...]:
    """The months in which the committee met, in order."""
    return tuple(fetch("committees")["month"])


def provenance(
    feed_name: str, *, owner: str | None = None, notes: tuple[str, ...] = ()
) -> Provenance:
    """The provenance of figures from one feed."""
    about = feed(feed_name)
    return Provenance(
        # What is illustrative says so itself; naming the generator as a source adds nothing.
        source="" if about["is_illustrative"] else about["source"],
        data_version=workspace()["data_version"],
        is_illustrative=about["is_illustrative"],
        owner=owner,
        notes=notes,
    )


def served_since() -> dict[tuple[str, str], list[tuple[date, date | None]]]:
    """The spells of each service and council; empty where the workspace has no memberships."""
    spells: dict[tuple[str, str], list[tuple[date, date | None]]] = {}
    for row in fetch("memberships").rows():
        spells.setdefault((row["service_id"], row["council_id"]), []).append(
            (row["from_month"], row["to_month"])
        )
    return spells


def of_measure(measure: dict[str, Any]) -> Provenance:
    """The provenance of one measure's figures."""
    return replace(
        provenance("performance", owner=owner(measure)),
        is_illustrative=measure["is_illustrative"],
    )
