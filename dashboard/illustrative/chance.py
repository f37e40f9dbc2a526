"""Random numbers that stay put: one stream for each thing that is drawn."""

from zlib import crc32

import numpy as np


def stream(seed: int, *name: str) -> np.random.Generator:
    """A generator that depends on the seed and the name alone.

    Each series has its own, so that adding or editing one leaves every other file's bytes as
    they were. crc32, because Python's own hash of text differs from run to run.
    """
    return np.random.default_rng([seed, crc32("/".join(name).encode())])
