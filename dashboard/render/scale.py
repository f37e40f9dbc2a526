"""Where axes are marked."""

import math


def ticks(low: float, high: float, about: int, *, fewest: int = 3) -> list[float]:
    """Round values within a range: steps of 1, 2 or 5 times a power of ten.

    Some `about` of them; more where steps so wide would leave fewer than `fewest`: of 1.1 to 1.9
    in steps of a half there is one, which does not show how far apart values are.
    """
    raw = (high - low) / about
    scale = 10 ** math.floor(math.log10(raw))
    wide = next(i for i, s in enumerate((1, 2, 5, 10)) if s * scale >= raw)
    found: list[float] = []
    for step in [s * scale for s in (*(1, 2, 5, 10)[wide::-1], 0.5, 0.2)]:
        first = math.ceil(low / step - 1e-9)
        found = [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]
        if len(found) >= fewest:
            break
    return found
