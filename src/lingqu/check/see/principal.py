"""Principal components: many numbers of a row as two, chosen by no chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Principal:
    """Rows on the axes along which they differ most.

    Args:
        points: A place for each row, (N, count), in the units of the numbers.
        shares: How much of all variance each axis holds, the largest first.
    """

    points: Floats
    shares: tuple[float, ...]


def principal(x: Floats, count: int = 2) -> Principal:
    """Project rows on their principal components.

    The side of the smaller matrix decides the work: of few rows of many numbers it is theirs. An
    axis points to where its largest weight is positive, so the same rows give the same picture.

    Args:
        x: (N, D), finite.
        count: Axes; those that do not exist hold zeros and a share of 0.

    Example:
        >>> found = principal(np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]))
        >>> found.points[:, 0].tolist(), [round(share, 6) for share in found.shares]
        ([-5.0, 0.0, 5.0], [1.0, 0.0])

    Source: Pearson, "On lines and planes of closest fit", 1901, doi:10.1080/14786440109462720;
        through the Gram matrix as in Jolliffe, "Principal component analysis", 2002, section 3.5.
    """
    centred = np.asarray(x, dtype=np.float64) - x.mean(axis=0)
    few = len(centred) <= centred.shape[1]
    square = centred @ centred.T if few else centred.T @ centred
    values, vectors = np.linalg.eigh(square)
    kept = np.argsort(-values, kind="stable")[:count]
    values = np.maximum(values, 0.0)
    floor = 1e-12 * max(float(values.max(initial=0.0)), 1e-300)
    points, shares = np.zeros((len(centred), count)), [0.0] * count
    for at, index in enumerate(kept):
        if values[index] <= floor:
            continue
        axis = vectors[:, index]
        weights = centred.T @ axis / np.sqrt(values[index]) if few else axis
        sign = 1.0 if weights[np.argmax(np.abs(weights))] > 0 else -1.0
        points[:, at] = np.round(sign * (centred @ weights), 12) + 0.0
        shares[at] = float(values[index] / values.sum())
    return Principal(points, tuple(shares))
