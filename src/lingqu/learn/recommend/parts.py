"""What is held out to compare by: of each user the last item, and the one before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lingqu.learn.folds import Folds
from lingqu.release.baskets.rows import Taken, depths

Rows = NDArray[np.int64]
ENOUGH = 1_000
"""Held-out rows beyond which no further round is needed."""
MOST = 3
CELLS = 40_000_000
"""Users × items of a round that are judged, at most: of more users, as many are drawn."""


def held_out(rows: Taken, seed: int, count: int | None = None) -> Folds:
    """Return rounds of fitting and judging: in each, one item of each user is held out.

    In the first round it is the last one; in the second the one before, fitted without both: what
    came later is never learned from. Users keep at least one item to answer from.

    Args:
        rows: Who took what.
        seed: Of the draw where nothing says what came when.
        count: Rounds; as many as make `ENOUGH` rows, at most 3, when omitted.

    Example:
        >>> one = np.zeros(4, dtype=np.int64)
        >>> rows = Taken(("a",), ("w", "x", "y", "z"), one, np.arange(4), np.arange(4), None)
        >>> [(a.tolist(), b.tolist()) for a, b in held_out(rows, 0, 2).pairs]
        [([0, 1, 2], [3]), ([0, 1], [2])]
    """
    depth, number = depths(rows, seed)
    pairs: list[tuple[Rows, Rows]] = []
    judged = 0
    for back in range(count or MOST):
        valid = np.flatnonzero((depth == back) & (number > back + 1))
        if not len(valid):
            break
        # Whoever has nothing behind that item is not judged, but learned from.
        fit = np.flatnonzero((depth > back) | (number <= back + 1))
        valid = _drawn(valid, max(ENOUGH, CELLS // max(1, len(rows.items))), seed)
        pairs.append((fit, valid))
        judged += len(valid)
        if count is None and judged >= ENOUGH:
            break
    return Folds("last", tuple(pairs), len(rows.user))


def _drawn(rows: Rows, most: int, seed: int) -> Rows:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
