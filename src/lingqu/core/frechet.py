"""How far apart two clouds of points lie: in their middle, and in their shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[Any]


def frechet(one: Points, two: Points) -> float:
    """Return the squared Fréchet distance of the normal distributions nearest to two clouds.

    Of what a net sees of pictures it is the measure known as FID. Which net it was must be said
    beside it: figures of two nets cannot be compared. It is biased upwards in small clouds.

    Args:
        one: Points, (N, D), N ≥ 2.
        two: Points, (M, D), M ≥ 2.

    Example:
        >>> cloud = np.random.default_rng(0).standard_normal((500, 3))
        >>> round(frechet(cloud, cloud + [2.0, 0.0, 0.0]), 6)
        4.0

    Source: Heusel et al., 2017, arXiv:1706.08500, section 4 (FID); Dowson and Landau, 1982,
        doi:10.1016/0047-259X(82)90077-X.
    """
    first, second = (np.asarray(each, dtype=np.float64) for each in (one, two))
    gap = float(((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum())
    spreads = [np.atleast_2d(np.cov(each, rowvar=False)) for each in (first, second)]
    # The trace of a root needs no root: tr √(AB) is that of √(√A B √A), whose eigenvalues are ≥ 0.
    values, vectors = np.linalg.eigh(spreads[0])
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    inner = np.linalg.eigvalsh(root @ spreads[1] @ root)
    shared = float(np.sqrt(np.clip(inner, 0, None)).sum())
    return max(0.0, gap + float(np.trace(spreads[0]) + np.trace(spreads[1])) - 2 * shared)


def variety(made: Points, real: Points, made_of: Points, real_of: Points) -> float:
    """Return how much what was made varies within its labels, beside what is real.

    Near 0 the maker has collapsed: it answers each label with one and the same thing. A total
    spread would hide that, since labels differ.

    Args:
        made: What was made, as numbers, (N, …).
        real: What is real, (M, …).
        made_of: Label of each that was made, (N,).
        real_of: Label of each that is real, (M,).

    Returns:
        Ratio of the standard deviations; 1 where the real ones do not vary either.

    Example:
        >>> real, labels = np.array([[0.0], [2.0], [8.0], [10.0]]), np.array([0, 0, 1, 1])
        >>> variety(np.array([[1.0], [1.0], [9.0], [9.0]]), real, labels, labels)
        0.0
        >>> variety(real, real, labels, labels)
        1.0
    """
    found = []
    for points, labels in ((made, made_of), (real, real_of)):
        flat = np.asarray(points, dtype=np.float64).reshape(len(points), -1)
        parts = [flat[labels == label] for label in np.unique(labels)]
        parts = [part - part.mean(axis=0) for part in parts if len(part) > 1]
        whole = np.concatenate(parts) if parts else np.zeros((1, flat.shape[1]))
        found.append(float(np.sqrt((whole**2).mean())))
    if found[1] == 0:
        return 1.0
    return found[0] / found[1]
