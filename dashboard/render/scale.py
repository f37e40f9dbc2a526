"""Where axes are marked."""

import math

# Fewer marks than this do not show how far apart values are.
_FEWEST = 3


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round values within a range: steps of 1, 2 or 5 times a power of ten; at least three.

    Some `about` of them, or more where steps so wide would leave one or two: of 1.1 to 1.9 in
    steps of a half there is one.
    """
    raw = (high - low) / about
    scale = 10 ** math.floor(math.log10(raw))
    wide = next(i for i, s in enumerate((1, 2, 5, 10)) if s * scale >= raw)
    found: list[float] = []
    for step in [s * scale for s in (1, 2, 5, 10)[wide::-1]] + [0.5 * scale, 0.2 * scale]:
        first = math.ceil(low / step - 1e-9)
        found = [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]
        if len(found) >= _FEWEST:
            break
    return found
