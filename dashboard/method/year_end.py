"""Where the financial year ends if it runs as past years did: for figures that add up from April.

The ratio method. A past year's *share* in a month is what it had reached by then, divided by its
year end (March). The forecast is this year's figure so far, divided by the mean share of the
complete past years. Nothing is forecast from fewer than two of them, from nothing so far, or where
past years differ so much that the interval below has no upper end.

The interval, from three past years on, is the 80% prediction interval of one more share, if shares
are spread normally: mean ± t × s × √(1 + 1/n), with s the standard deviation of the n past shares
and t of n − 1 degrees of freedom (Hahn and Meeker, Statistical Intervals, 1991, chapter 4). Its two
ends are turned into year ends like the mean. With two past years it is the range of the two.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

Number = float | Decimal

# The 0.90 quantile of Student's t, which bounds 80% on both sides, by degrees of freedom
# (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2).
T_90 = {
    2: 1.886,
    3: 1.638,
    4: 1.533,
    5: 1.476,
    6: 1.440,
    7: 1.415,
    8: 1.397,
    9: 1.383,
    10: 1.372,
}
# The newest past years that the table above has a quantile for. What was collected more than ten
# years ago says little of this year.
MOST_YEARS = max(T_90) + 1
FEWEST_YEARS = 2
FEWEST_FOR_INTERVAL = 3

_INTERVAL = "80% prediction interval"
_RANGE = "Range of two past years"


@dataclass(frozen=True)
class Estimate:
    """A year end by the ratio method.

    value, low, high: in the unit of what was reached so far. share: the mean share it rests on,
    of `years` past years. low and high are None from one year alone, which only tests of the
    method rest on.
    """

    value: float
    share: float
    years: int
    low: float | None
    high: float | None

    @property
    def interval(self) -> str:
        """What low and high are."""
        if self.low is None:
            return ""
        return _INTERVAL if self.years >= FEWEST_FOR_INTERVAL else _RANGE


def estimate(so_far: Number, shares: Sequence[float]) -> Estimate | None:
    """The year end that `so_far` leads to, given the shares of one or more past years.

    None where there is nothing so far, or where past years had reached so little or differ so much
    that the year end could be anything: the lower end of their share is zero or less.
    """
    years, mean = len(shares), statistics.fmean(shares)
    least, most = min(shares), max(shares)
    if years >= FEWEST_FOR_INTERVAL:
        spread = T_90[years - 1] * statistics.stdev(shares) * math.sqrt(1 + 1 / years)
        least, most = mean - spread, mean + spread
    if not so_far or least <= 0:
        return None
    low, high = sorted((float(so_far) / least, float(so_far) / most))
    if years < FEWEST_YEARS:
        return Estimate(float(so_far) / mean, mean, years, None, None)
    return Estimate(float(so_far) / mean, mean, years, low, high)
