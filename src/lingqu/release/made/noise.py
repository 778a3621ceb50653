"""Chance that belongs to a number: each row's draws come from its own seed and from nothing else.

So a row is the same whether it is asked for alone or among a thousand, and whoever has its seed
can make it again. Counters are mixed rather than generators started, which for single rows costs
a hundred times less.

Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014,
doi:10.1145/2660193.2660195 (the mixing function of SplitMix64, with Stafford's constants); Box and
Muller, 1958, doi:10.1214/aoms/1177706645.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Seeds = NDArray[np.int64]
LARGEST = 2**53
"""Seeds are whole numbers below this, which JSON and float64 hold exactly."""
_GOLDEN, _FIRST, _SECOND = (
    np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_STREAM = np.uint64(0xD1B54A32D192ED03)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


def uniform(seeds: Seeds, count: int, stream: int = 0) -> Floats:
    """Return numbers in (0, 1) of each seed, shape (N, count).

    Args:
        seeds: One of each row, ≥ 0.
        count: How many numbers a row gets.
        stream: Draws of another stream are independent of these.

    Example:
        >>> one, two = uniform(np.array([7]), 2), uniform(np.array([3, 7]), 2)
        >>> bool((one[0] == two[1]).all()), bool((one[0] == two[0]).any())
        (True, False)
    """
    with np.errstate(over="ignore"):
        own = _mixed(seeds.astype(np.uint64) * _GOLDEN + np.uint64(stream + 1) * _STREAM)
        places = np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN
        bits = _mixed(own[:, None] + places[None, :])
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / LARGEST


def normal(seeds: Seeds, count: int, stream: int = 0) -> Floats:
    """Return standard normal numbers of each seed, shape (N, count).

    Example:
        >>> drawn = normal(np.arange(20_000), 2)
        >>> bool(abs(drawn.mean()) < 0.02 and abs(drawn.std() - 1) < 0.02)
        True
    """
    half = (count + 1) // 2
    drawn = uniform(seeds, 2 * half, stream)
    far, around = np.sqrt(-2 * np.log(drawn[:, :half])), 2 * np.pi * drawn[:, half:]
    both = np.hstack([far * np.cos(around), far * np.sin(around)])
    return both[:, :count]
