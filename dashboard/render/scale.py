"""Where an axis is marked."""

import math


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round values within a range: steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / about
    scale = 10 ** math.floor(math.log10(raw))
    step = next(s * scale for s in (1, 2, 5, 10) if s * scale >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]
