"""Scores of rankings: rows belong to lists, and each list is judged by its order.

Formulas have the form of `core/metrics.py`. A list counts once, however long it is; lists without
a relevant row say nothing of an order and are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.list_metrics import gains, places
from lingqu.core.predictions import Predictions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Formula = Callable[[NDArray[Any], Predictions, int, Floats], Floats]


OfLists = Callable[[Floats, Floats, Ints], Floats]
"""Relevance, scores and lists (numbered from 0) of rows → the score of each list, NaN where it
has none."""


def ndcg(k: float | None = None) -> OfLists:
    """Return the normalised discounted cumulative gain of the first k rows of each list.

    The gain of a row is its relevance, as in scikit-learn; rows with one score share theirs.

    Source: Järvelin and Kekäläinen, 2002, doi:10.1145/582415.582418; ties: McSherry and Najork,
        2008, doi:10.1007/978-3-540-78646-7_38.
    """

    def lists(y: Floats, scores: Floats, groups: Ints) -> Floats:
        order = np.lexsort((-scores, groups))
        each_gain, at = y[order], _places(groups[order])
        block = np.flatnonzero(
            np.r_[True, (np.diff(scores[order]) != 0) | (np.diff(groups[order]) != 0)]
        )
        size = np.diff(np.r_[block, len(y)])
        each_gain = np.repeat(np.add.reduceat(each_gain, block) / size, size)
        best = y[np.lexsort((-y, groups))]
        discount = np.where(at < (k or np.inf), 1 / np.log2(at + 2.0), 0.0)
        starts = np.flatnonzero(at == 0)
        found, ideal = (np.add.reduceat(each * discount, starts) for each in (each_gain, best))
        told: Floats = np.divide(found, ideal, out=np.full(len(starts), np.nan), where=ideal > 0)
        return told

    return lists


def mean_precision(k: float | None = None) -> OfLists:
    """Return the mean over lists of the average precision of their first k rows.

    Rows with a relevance above 0 are relevant. Of rows with one score the irrelevant come first,
    so that no constant answer looks like a good order.

    Source: Manning et al., "Introduction to information retrieval", 2008, section 8.4.
    """

    def lists(y: Floats, scores: Floats, groups: Ints) -> Floats:
        hit = (y > 0).astype(np.float64)
        order = np.lexsort((hit, -scores, groups))
        hits, at = hit[order], _places(groups[order])
        starts = np.flatnonzero(at == 0)
        number = np.cumsum(at == 0) - 1
        before = np.r_[0.0, np.cumsum(hits)[starts[1:] - 1]]
        precision = (np.cumsum(hits) - before[number]) / (at + 1.0)
        inside = np.where(at < (k or np.inf), hits, 0.0)
        relevant = np.minimum(np.add.reduceat(hits, starts), k or np.inf)
        found = np.add.reduceat(precision * inside, starts)
        nothing = np.full(len(starts), np.nan)
        told: Floats = np.divide(found, relevant, out=nothing, where=relevant > 0)
        return told

    return lists


def _places(groups: Ints) -> Ints:
    """Return each row's place in its list, from 0; rows of one list stand together."""
    starts = np.flatnonzero(np.r_[True, np.diff(groups) != 0])
    return np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))


def taken_at(kind: str, k: int) -> Formula:
    """Return a score of recommended lists by the place of the one item that was taken.

    Args:
        kind: ``ndcg``, ``recall`` or ``hit_rate`` (of one item the same), or ``mrr``.
        k: Items of a list that count.
    """

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        if said.lists is None or not len(y):
            return np.full(len(weights), np.nan)
        place = places(said.lists.items, np.asarray(y, dtype=np.int64))
        mean: Floats = weights @ gains(kind, place, k) / weights.sum(1)
        return mean

    return formula


def over_lists(lists: OfLists, of_list: Formula | None = None) -> Formula:
    """Return the weighted mean over lists; the weight of a list is that of its first row.

    Args:
        lists: Score of each list.
        of_list: The same score of recommended items.
    """

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        if said.lists is not None and of_list is not None:
            return of_list(y, said, positive, weights)
        if said.groups is None or not len(y):
            return np.full(len(weights), np.nan)
        _, first, groups = np.unique(said.groups, return_index=True, return_inverse=True)
        truth = np.asarray(y, dtype=np.float64)
        if (truth < 0).any():
            return np.full(len(weights), np.nan)
        values = lists(truth, said.labels.astype(np.float64), groups.astype(np.int64))
        known = np.isfinite(values)
        part = weights[:, first[known]]
        total = part.sum(1)
        mean: Floats = np.divide(
            part @ values[known], total, out=np.full(len(weights), np.nan), where=total > 0
        )
        return mean

    return formula
