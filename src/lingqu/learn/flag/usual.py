"""What is usual of one number: its middle, its spread, and how odd it is that it is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_MISSING = 6.0
"""How odd a missing value can be at most, as one of 400 is."""
_MAD = 1.4826
"""Median of the deviations → standard deviation, of a normal distribution."""
_REACH = 4.0
"""Values count up to so many usual deviations where few deviate at all."""


@dataclass(frozen=True)
class Usual:
    """What is usual of a number.

    Args:
        middle: Its median, one of its values.
        scale: Its robust spread, a standard deviation.
        lost: How odd it is that the value is missing.
        lumped: Whether most rows have one and the same value.
    """

    middle: float
    scale: float
    lost: float
    lumped: bool


def usual_of(column: NDArray[np.float32]) -> Usual:
    """Learn what is usual of a number.

    Where most rows have the same value, as those of a rare flag have, medians know no spread. The
    deviation of all rows takes their place: beside a smaller one, rows that have the flag would
    lie so far out that nothing else of them counted.

    Args:
        column: Training rows, NaN where missing, (N,).

    Example:
        >>> flag = usual_of(np.array([0.0] * 96 + [1.0] * 4))
        >>> flag.lumped, round(flag.scale, 6)
        (True, 0.2)

    Source: Rousseeuw and Croux, "Alternatives to the median absolute deviation", 1993,
        doi:10.1080/01621459.1993.10476408.
    """
    known = column[~np.isnan(column)].astype(np.float64)
    gaps = len(column) - len(known)
    lost = float(np.clip(-np.log((gaps + 0.5) / (len(column) + 1)), 0.0, MOST_MISSING))
    if not len(known):
        return Usual(0.0, 1.0, 0.0, True)
    # The median of an even count would be a value that never was: for yes and no, one half.
    middle = float(np.quantile(known, 0.5, method="lower"))
    size = np.abs(known - middle)
    scale = _MAD * float(np.median(size))
    lumped = scale <= 1e-9 * abs(middle)
    if lumped:
        scale = _of_few(size)
    if scale <= 1e-9 * abs(middle) or not np.isfinite(scale):
        scale = 0.01 * max(1.0, abs(middle))  # whatever else comes up is odd
    return Usual(middle, min(max(scale, 1e-30), 1e37), lost, lumped)


def _of_few(size: NDArray[np.float64]) -> float:
    """Return the standard deviation where most deviations are none, whatever a wild one is."""
    some = size[size > 0]
    reach = _REACH * float(np.median(some)) if len(some) else 0.0
    return float(np.sqrt((np.minimum(size, reach) ** 2).mean()))
