"""How sure a proportion is, how sure its change, and how far chance alone takes it.

Intervals are of 95%. Proportions are shares of 0 to 1, `of` so many cases.
"""

import math

# 95% of a normal distribution lie within so many standard deviations either way.
Z_95 = 1.959963984540054

# The limits of a funnel, which leave 5% and 0.2% outside: as rounded in Spiegelhalter's paper.
FUNNEL_95, FUNNEL_998 = 1.96, 3.09


def interval(share: float, of: float) -> tuple[float, float]:
    """The score interval of a proportion (Wilson 1927), which holds for few cases, too.

    At none and at all the bounds are exact, where rounding would leave them a hair beside.
    """
    middle = share + Z_95**2 / (2 * of)
    half = Z_95 * math.sqrt(share * (1 - share) / of + Z_95**2 / (4 * of**2))
    whole = 1 + Z_95**2 / of
    low = 0.0 if share == 0 else (middle - half) / whole
    high = 1.0 if share == 1 else (middle + half) / whole
    return low, high


def interval_of_change(
    share: float, of: float, before: float, of_before: float
) -> tuple[float, float]:
    """The hybrid score interval of share − before (Newcombe 1998, method 10)."""
    (low, high), (low_before, high_before) = interval(share, of), interval(before, of_before)
    change = share - before
    return (
        change - math.hypot(share - low, high_before - before),
        change + math.hypot(high - share, before - low_before),
    )


def standard_errors(share: float, of: float, before: float, of_before: float) -> float | None:
    """A change over its standard error, of the two proportions pooled; None where all or none were.

    The usual z of the test of two proportions (Altman, Practical Statistics for Medical Research,
    1991, section 10.3).
    """
    pooled = (share * of + before * of_before) / (of + of_before)
    error = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_before))
    return (share - before) / error if error else None


def funnel_limits(centre: float, of: float, z: float) -> tuple[float, float]:
    """Where a proportion of so many cases stays by chance alone if all are as the centre says.

    centre ± z · √(centre · (1 − centre) / of): the normal approximation to the binomial
    (Spiegelhalter 2005, Funnel plots for comparing institutional performance). For few cases they
    lie below 0 and above 1, where no proportion can.
    """
    half = z * _standard_error(centre, of)
    return centre - half, centre + half


def from_centre(share: float, centre: float, of: float) -> float:
    """How far a proportion lies from the centre, in standard errors of so many cases."""
    return (share - centre) / _standard_error(centre, of)


def _standard_error(share: float, of: float) -> float:
    return math.sqrt(share * (1 - share) / of)
