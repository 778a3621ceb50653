"""The most central part of the rows: what is surely usual."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 8
_WIDE = 400


def core_rows(
    z: NDArray[np.float64], support: float = 0.75, least: NDArray[np.float64] | float = 1e-4
) -> NDArray[np.int64]:
    """Return the rows that lie closest together, by repeated concentration.

    It starts from the rows near the medians and takes, again and again, those that are nearest
    to the middle of the ones before in their shape; each round the shape can only get smaller.

    Args:
        z: Comparable numbers, (N, D).
        support: Share of the rows that is kept.
        least: Least variance of each number.

    Example:
        >>> z = np.append(np.linspace(-1, 1, 30), [50.0] * 10)[:, None]
        >>> int(core_rows(z).max()) < 30
        True

    Source: The concentration step of Rousseeuw and Van Driessen, "A fast algorithm for the
        minimum covariance determinant estimator", 1999, doi:10.1080/00401706.1999.10485670.
    """
    count = min(len(z), max(2, int(np.ceil(support * len(z)))))
    kept = np.argpartition((np.clip(z, -8, 8) ** 2).sum(1), count - 1)[:count]
    for _ in range(_ROUNDS):
        middle = z[kept].mean(0)
        away = z - middle
        spread = np.maximum(z[kept].var(0), least)
        if z.shape[1] > _WIDE:
            far = (away * away / spread).sum(1)
        else:
            shape = np.cov(z[kept], rowvar=False, bias=True).reshape(len(spread), -1)
            shape[np.diag_indices_from(shape)] = 1.05 * spread
            far = (away @ np.linalg.inv(shape) * away).sum(1)
        nearest = np.argpartition(far, count - 1)[:count]
        if len(np.intersect1d(nearest, kept, assume_unique=True)) == count:
            break
        kept = nearest
    return np.sort(kept)
