"""Money shared by weights, so that nothing is lost: what goes in comes out, to the penny."""

from collections.abc import Sequence


def apportion(pence: int, weights: Sequence[int]) -> list[int]:
    """Whole pence shared by weights; what does not divide goes to the largest remainders.

    Hamilton's method (Balinski and Young, Fair Representation, 1982); equal remainders go in the
    order given. Weights are not below nought, and one at least is above.
    """
    total = sum(weights)
    sign, size = (-1 if pence < 0 else 1), abs(pence)
    parts = [size * weight // total for weight in weights]
    left = size - sum(parts)
    for nth in sorted(range(len(weights)), key=lambda n: -(size * weights[n] % total))[:left]:
        parts[nth] += 1
    return [sign * part for part in parts]
