"""Values that nobody should learn of a person, as numbers that groups are compared by.

Source: Li, Li, Venkatasubramanian, "t-closeness", 2007, doi:10.1109/ICDE.2007.367856. Own: ordered
values are told apart in a hundred parts at most.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.int64]
_VALUES = 100


def ranked(series: pl.Series, ordered: bool) -> tuple[Codes, int]:
    """Return the values as numbers from 0; in order, where they have one; nulls come first.

    Example:
        >>> ranked(pl.Series(["b", None, "a"]), False)[0].tolist()
        [2, 0, 1]
    """
    text = series if ordered else series.cast(pl.String)
    if ordered and series.dtype.is_float():
        text = series.fill_nan(None)
    ranks = text.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
    _, codes = np.unique(ranks, return_inverse=True)
    return codes.astype(np.int64), int(codes.max()) + 1


def parts(values: Codes, count: int) -> Codes:
    """Cut ordered values into at most a hundred parts of equal size."""
    if count <= _VALUES:
        return values
    order = np.argsort(values, kind="stable")
    part = np.empty(len(values), dtype=np.int64)
    part[order] = np.arange(len(values)) * _VALUES // len(values)
    first = np.full(count, _VALUES, dtype=np.int64)
    np.minimum.at(first, values, part)  # equal values stay in one part
    _, codes = np.unique(first[values], return_inverse=True)
    return codes.astype(np.int64)


def distance(counts: NDArray[np.int64], whole: NDArray[np.int64], ordered: bool) -> float:
    """Return how far the values of a group are from those of all rows, 0 to 1.

    Args:
        counts: Rows of the group with each value, shape (V,).
        whole: Rows of all, shape (V,).
        ordered: Earth mover's distance over ranks; half the sum of differences when False.

    Example:
        >>> distance(np.array([2, 0]), np.array([2, 2]), ordered=False)
        0.5
    """
    if len(whole) == 1:
        return 0.0
    gap = counts / counts.sum() - whole / whole.sum()
    far = np.abs(np.cumsum(gap)).sum() / (len(gap) - 1) if ordered else np.abs(gap).sum() / 2
    return round(float(far), 12)
