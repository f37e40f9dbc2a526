"""Who bears what of a cost that councils share, and who would if it were shared otherwise.

Amounts are whole pence, so that nothing is lost: what goes in comes out, to the penny.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from dashboard.method.apportioning import apportion

# What a cost can be shared by; None is as agreed.
VOLUME, HEADCOUNT, EQUAL = "volume", "headcount", "equal"
BASES = (VOLUME, HEADCOUNT, EQUAL)

# Why a service stays as it is.
NO_FIGURES = "no figures for all its councils"
ALONE = "nobody else takes it"
NO_SHARE = "no share to go by"

# Parts of a unit (an invoice, a member of staff) that still count in a weight.
_PARTS = 1_000_000

# A service in a month, with the financial year (its first calendar year) that its volumes are of.
Due = tuple[str, int, date]
# A mean month's figures by council, by (basis, service, financial year); headcounts: no service.
Volumes = Mapping[tuple[str, str | None, int], Mapping[str, float]]


@dataclass(frozen=True)
class Scenario:
    """What is different: the basis, and one council that leaves or joins.

    quarters: how much of its cost goes or comes with that council: 0 (none, it is shared by those
    who take part) to 4 (all, so that nobody else pays more or less).
    """

    basis: str | None = None
    council_id: str | None = None
    leaves: bool = True
    quarters: int = 0

    @property
    def moving(self) -> Fraction:
        return Fraction(self.quarters, 4)


@dataclass
class Outcome:
    """Pence by service and council, and why services stay as they are (in which years)."""

    pence: dict[tuple[str, str], int] = field(default_factory=dict)
    unchanged: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def _add(self, service_id: str, parts: Mapping[str, int]) -> None:
        for council_id, pence in parts.items():
            key = service_id, council_id
            self.pence[key] = self.pence.get(key, 0) + pence


class _Stays(Exception):
    """A service cannot be shared as the scenario asks; the message is one of the reasons above."""


def usual_share(today: Mapping[Due, Mapping[str, int]], council_id: str) -> Fraction | None:
    """What a council bears of the shared cost of the services that it takes; None if of none."""
    taken = [parts for parts in today.values() if parts.get(council_id)]
    whole = sum(sum(parts.values()) for parts in taken)
    share = Fraction(sum(parts[council_id] for parts in taken), whole) if whole else Fraction(0)
    return share if 0 < share < 1 else None


def played(
    today: Mapping[Due, Mapping[str, int]],
    scenario: Scenario,
    volumes: Volumes,
    entry_share: Fraction | None = None,
) -> Outcome:
    """Who would pay what. today: pence by council, of each service in each month.

    As agreed, each council goes on paying in proportion to what it pays now. entry_share: what a
    council that joins would pay as agreed, which no agreement says yet.
    """
    outcome = Outcome()
    for (service_id, year, month), parts in today.items():
        paying = {c: p for c, p in parts.items() if p}
        try:
            after = _shared((service_id, year, month), paying, scenario, volumes, entry_share)
        except _Stays as why:
            outcome.unchanged.setdefault((service_id, str(why)), set()).add(year)
            after = paying
        outcome._add(service_id, after)
    return outcome


def _shared(
    due: Due,
    paying: Mapping[str, int],
    scenario: Scenario,
    volumes: Volumes,
    entry_share: Fraction | None,
) -> Mapping[str, int]:
    mover = scenario.council_id
    leaves = scenario.leaves and mover in paying
    joins = not scenario.leaves and mover is not None and mover not in paying
    if not paying or (scenario.basis is None and not leaves and not joins):
        return paying
    if leaves and len(paying) == 1:
        raise _Stays(ALONE)
    pool = sum(paying.values())
    everyone = [*paying, mover] if joins and mover else list(paying)
    weights = (
        _as_agreed(paying, mover if joins else None, entry_share)
        if scenario.basis is None
        else _by_basis(scenario.basis, due, everyone, volumes)
    )
    if leaves:
        # Its part, had it stayed, is what goes with it or falls to the others.
        going = round(_by_council(pool, weights)[mover] * scenario.moving)
        staying = {c: w for c, w in weights.items() if c != mover}
        if not any(staying.values()):
            raise _Stays(NO_FIGURES)
        return _by_council(pool - going, staying)
    if joins:
        others = sum(weights.values()) - weights[mover]
        if not others:
            raise _Stays(NO_FIGURES)
        # So much more that, if all of it comes, the others pay what they would without it.
        pool += round(Fraction(pool * weights[mover], others) * scenario.moving)
    return _by_council(pool, weights)


def _by_council(pence: int, weights: Mapping[str, int]) -> dict[str, int]:
    # In the order of their ids, so that who gets an odd penny does not hang on who was asked first.
    councils = sorted(weights)
    parts = dict(zip(councils, apportion(pence, [weights[c] for c in councils]), strict=True))
    return {c: parts[c] for c in weights}


def _as_agreed(
    paying: Mapping[str, int], joiner: str | None, entry_share: Fraction | None
) -> dict[str, int]:
    # Where one is charged and another is credited, neither amount says what it should bear.
    if len({p > 0 for p in paying.values()}) > 1 or (joiner and entry_share is None):
        raise _Stays(NO_SHARE)
    weights = {c: abs(p) for c, p in paying.items()}
    if not joiner or entry_share is None:
        return weights
    part, whole = entry_share.numerator, entry_share.denominator
    scaled = {c: w * (whole - part) for c, w in weights.items()}
    return {**scaled, joiner: sum(weights.values()) * part}


def _by_basis(basis: str, due: Due, everyone: Iterable[str], volumes: Volumes) -> dict[str, int]:
    if basis == EQUAL:
        return dict.fromkeys(everyone, 1)
    service_id, year, _ = due
    found = volumes.get((basis, service_id if basis == VOLUME else None, year), {})
    weights = {c: round(found[c] * _PARTS) if c in found else -1 for c in everyone}
    if min(weights.values()) < 0 or not any(weights.values()):
        raise _Stays(NO_FIGURES)
    return weights
