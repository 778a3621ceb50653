"""Scores of recommendations: how far up the list the items stand that somebody took next.

Their names are in `core/ranking_names.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def places(top: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of the wanted item in each list, from 0; -1 where it is not in it.

    Args:
        top: Items of each list, (N, K); -1 where a list is shorter.
        wanted: The item of each row, (N,); below 0 for one that no list can hold.

    Example:
        >>> places(np.array([[4, 2], [1, -1]]), np.array([2, 7])).tolist()
        [1, -1]
    """
    hits = (top == wanted[:, None]) & (wanted >= 0)[:, None]
    return np.where(hits.any(1), hits.argmax(1), -1).astype(np.int64)


def gains(kind: str, place: NDArray[np.int64], k: int) -> Floats:
    """Return what each place is worth in a list of `k` items, where one item is wanted.

    Example:
        >>> gains("mrr", np.array([0, 1, -1, 12]), 10).tolist()
        [1.0, 0.5, 0.0, 0.0]

    Source: Järvelin and Kekäläinen, 2002, doi:10.1145/582415.582418 (discounted gain); Voorhees,
        TREC-8, 1999 (reciprocal rank).
    """
    inside = (place >= 0) & (place < k)
    at = np.where(inside, place, 0).astype(np.float64)
    worth: dict[str, Callable[[Floats], Floats]] = {
        "ndcg": lambda p: 1.0 / np.log2(p + 2),
        "mrr": lambda p: 1.0 / (p + 1),
    }
    found = worth.get(kind, np.ones_like)(at)
    return np.where(inside, found, 0.0)


def by_user(kind: str, place: NDArray[np.int64], user: NDArray[np.int64], k: int) -> Floats:
    """Return the score of each user, of whom several items may be wanted.

    Args:
        kind: One of `ranking_names.KINDS`.
        place: Place of each wanted item in the list of its user.
        user: Number of the user of each row, from 0 without gaps.
        k: Items of the list.

    Example:
        >>> by_user("recall", np.array([0, -1, 3]), np.array([0, 0, 1]), 10).tolist()
        [0.5, 1.0]
    """
    worth = gains(kind, place, k)
    count = np.bincount(user)
    if kind in ("hit_rate", "mrr"):
        best = np.zeros(len(count))
        np.maximum.at(best, user, worth)
        return best
    if kind == "recall":
        return np.asarray(np.bincount(user, worth) / count)
    ideal = np.cumsum(1.0 / np.log2(np.arange(max(k, 1)) + 2))
    return np.asarray(np.bincount(user, worth) / ideal[np.minimum(count, k) - 1])
