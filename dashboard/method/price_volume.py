"""Why a cost changed: more work, a higher price of each piece, or another mix of who it is for."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Work:
    """What a number of units cost. quantity may be a fraction: an average over months."""

    cost: Decimal
    quantity: Fraction

    @property
    def each(self) -> Fraction:
        """Pounds a unit."""
        return Fraction(self.cost) / self.quantity


def pounds_of(value: Fraction) -> Decimal:
    """Pounds to the penny; half a penny goes to the even one."""
    return Decimal(round(value * 100)) / 100


def effects(
    before: Work, now: Work, parts: Iterable[tuple[Work, Work]] | None = None
) -> tuple[Decimal, Decimal, Decimal | None]:
    """Volume, price and mix effects in pounds, which add up to now.cost − before.cost.

    volume = (Q1 − Q0) × P0; price = Q1 × (P1 − P0), as the remainder. With parts (those that can be
    compared like with like, before and now) price = Σ Q1 × (P1 − P0) over the parts, and mix is the
    remainder. This is the usual price-volume-mix variance with the year before as its base.
    """
    volume = pounds_of((now.quantity - before.quantity) * before.each)
    rest = now.cost - before.cost - volume
    if parts is None:
        return volume, rest, None
    price = pounds_of(
        sum((p1.quantity * (p1.each - p0.each) for p0, p1 in parts), start=Fraction(0))
    )
    return volume, price, rest - price
