"""A table of scores by bins of one or two columns → one tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.learn.tabular.trees import AT_MOST, BELOW, LEAF, Tree, pruned

_FINITE = 3.4e38
"""At most this is every number; a missing value is not."""


def score_tree(
    features: Sequence[int], cuts: Sequence[NDArray[np.float64]], scores: NDArray[np.float64]
) -> Tree:
    """Return the tree that finds the bin of each column by halving, and says its score.

    Args:
        features: Tensor position of each column of the table, one or two.
        cuts: Rising borders per column: bin i + 1 holds ``cuts[i - 1] <= x < cuts[i]``.
        scores: The table, one axis per column: bin 0 is for a missing value, the last bin for
            what is none of the known; more axes hold one score per class.

    Example:
        >>> found = score_tree([0], [np.array([1.0])], np.array([9.0, 2.0, 3.0, 0.0]))
        >>> sorted(found.value[found.mode == LEAF].tolist())
        [2.0, 3.0, 9.0]
    """
    builder = _Builder(features, cuts, scores)
    builder.column(0, scores)
    columns = zip(*builder.nodes, strict=True)
    mode, feature, threshold, yes, no, value = (list(column) for column in columns)
    whole = np.array(value, dtype=np.float64)
    return pruned(
        Tree(
            np.array(mode, np.int64), np.array(feature, np.int64), np.array(threshold, np.float64),
            np.array(yes, np.int64), np.array(no, np.int64), np.zeros(len(mode), bool), whole,
        )
    )  # fmt: skip


class _Builder:
    """Grows the nodes: mode, feature, threshold, yes, no, value."""

    def __init__(
        self,
        features: Sequence[int],
        cuts: Sequence[NDArray[np.float64]],
        scores: NDArray[np.float64],
    ) -> None:
        self._features, self._cuts = features, cuts
        self._none: Any = np.zeros(scores.shape[len(features) :])
        self.nodes: list[list[Any]] = []

    def column(self, axis: int, table: NDArray[np.float64]) -> int:
        """Add the nodes that read one column of a table; return the first one's number."""
        if axis == len(self._features):
            self.nodes.append([LEAF, 0, 0.0, 0, 0, table])
            return len(self.nodes) - 1
        first = self._question(AT_MOST, axis, _FINITE)
        self.nodes[first][3] = self._bins(axis, table, 1, len(self._cuts[axis]) + 1)
        self.nodes[first][4] = self.column(axis + 1, table[0])
        return first

    def _bins(self, axis: int, table: NDArray[np.float64], low: int, high: int) -> int:
        """Add the nodes that find a bin from `low` to `high`."""
        if low == high:
            return self.column(axis + 1, table[low])
        middle = (low + high) // 2
        node = self._question(BELOW, axis, float(self._cuts[axis][middle - 1]))
        self.nodes[node][3] = self._bins(axis, table, low, middle)
        self.nodes[node][4] = self._bins(axis, table, middle + 1, high)
        return node

    def _question(self, mode: int, axis: int, threshold: float) -> int:
        self.nodes.append([mode, self._features[axis], threshold, 0, 0, self._none])
        return len(self.nodes) - 1
