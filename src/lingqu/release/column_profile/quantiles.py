"""Quantiles of a stream: exact while the values fit, then a summary with a proven error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EXACT = 1_048_576
"""Values up to which everything is kept and every quantile is exact."""
BUFFER = 8_192
"""Values of each level of the summary; more make the error smaller."""

Values = NDArray[np.float64]


class Quantiles:
    """Keep all values while there are few; after that, every second one of ever fewer.

    A full buffer is sorted and halved; what stays counts double and moves one level up. Each
    halving can shift a rank by no more than the weight of its values; these shifts are summed
    up in `error`, so the bound is a fact of this very stream, not an expectation.

    Args:
        exact: Values that are kept as they are.
        buffer: Values of each level afterwards.
        seed: Of the draws which half stays.

    Example:
        >>> ranks = Quantiles()
        >>> ranks.add(np.array([3.0, 1.0, 2.0]))
        >>> ranks.at([0.5]).tolist(), ranks.error
        ([2.0], 0)

    Source: Manku, Rajagopalan and Lindsay, SIGMOD 1998, doi:10.1145/276304.276342 (halving, the
    bound); random halves: Agarwal et al., Mergeable Summaries, PODS 2012,
    doi:10.1145/2213556.2213562.
    """

    def __init__(self, exact: int = EXACT, buffer: int = BUFFER, seed: int = 0) -> None:
        self.exact_rows, self.buffer = exact, buffer
        self.count = 0
        self.error = 0
        """Most ranks that the rank of any value can be wrong by."""
        self._levels: list[list[Values]] = [[]]  # level h: sorted runs of values that count 2**h
        self._random = np.random.default_rng(seed)

    @property
    def exact(self) -> bool:
        """Whether every value is still there."""
        return len(self._levels) == 1

    def add(self, values: Values) -> None:
        """Add finite values, in any order."""
        if len(values):
            self.count += len(values)
            self._levels[0].append(np.sort(values))
            self._halve()

    def merge(self, other: Quantiles) -> None:
        """Add what another part has seen; its error is added too."""
        self.count += other.count
        self.error += other.error
        self.exact_rows = min(self.exact_rows, other.exact_rows)
        for height, runs in enumerate(other._levels):
            self._at_height(height).extend(runs)
        self._halve()

    def _at_height(self, height: int) -> list[Values]:
        while len(self._levels) <= height:
            self._levels.append([])
        return self._levels[height]

    def _halve(self) -> None:
        if self.exact and self.count <= self.exact_rows:
            return
        height = 0
        while height < len(self._levels):
            runs = self._levels[height]
            if sum(map(len, runs)) > self.buffer:
                ordered = _sorted(runs)
                even = len(ordered) & ~1
                half = ordered[int(self._random.integers(2)) : even : 2].copy()
                self._levels[height] = [ordered[even:].copy()]
                self._at_height(height + 1).append(half)
                self.error += 1 << height
            height += 1

    def ordered(self) -> tuple[Values, NDArray[np.int64]]:
        """Return the values that are kept, in order, and how many each stands for."""
        runs = [_sorted(level) for level in self._levels]
        if self.exact:
            self._levels[0] = [runs[0]]
            return runs[0], np.ones(len(runs[0]), np.int64)
        values = np.concatenate(runs)
        weights = np.repeat(1 << np.arange(len(runs)), [len(run) for run in runs])
        order = np.argsort(values, kind="stable")
        return values[order], weights[order]

    def at(self, shares: list[float]) -> Values:
        """Return the values below which these shares lie; interpolated when exact.

        Raises:
            IndexError: Nothing was added (our own mistake).
        """
        values, weights = self.ordered()
        if self.exact:
            places = np.asarray(shares) * (len(values) - 1)
            first = np.floor(places).astype(np.int64)
            below, above = values[first], values[np.minimum(first + 1, len(values) - 1)]
            part = places - first
            # Not by their difference: the largest and the smallest number are further apart than
            # a float can say. Rounding must not lead out of the two.
            found: Values = np.clip(below * (1 - part) + above * part, below, above)
            return found
        reached = np.cumsum(weights)
        places = np.searchsorted(reached, np.asarray(shares) * reached[-1])
        kept: Values = values[np.minimum(places, len(values) - 1)]
        return kept

    def counts(self, edges: Values) -> NDArray[np.int64]:
        """Return how many values lie in each of the steps; the last one holds its upper edge."""
        values, weights = self.ordered()
        reached = np.concatenate([[0], np.cumsum(weights)])
        places = np.searchsorted(values, edges, side="left")
        places[-1] = np.searchsorted(values, edges[-1], side="right")
        found: NDArray[np.int64] = np.diff(reached[places])
        return found


def _sorted(runs: list[Values]) -> Values:
    if len(runs) == 1:
        return runs[0]
    return np.sort(np.concatenate(runs), kind="stable") if runs else np.empty(0)
