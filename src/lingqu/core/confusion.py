"""Confusion matrices by what scores read of them: their diagonal, their sums and the cells used.

With thousands of classes the K × K cells of a hundred resamples would be gigabytes, nearly all 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Confusion:
    """The weighted confusion matrices of B resamples of the same rows.

    Args:
        truth: Class of each cell that occurs, rising, (U,).
        answer: Class that was answered there, (U,).
        weight: What the cell weighs in each resample, (B, U).
        classes: How many classes there are, K.

    Example:
        >>> seen = Confusion.of(np.array([0, 1, 1]), np.array([0, 1, 0]), np.ones((1, 3)), 2)
        >>> seen.hits.tolist(), seen.true.tolist(), seen.said.tolist()
        ([[1.0, 1.0]], [[1.0, 2.0]], [[2.0, 1.0]])
    """

    truth: Ints
    answer: Ints
    weight: Floats
    classes: int

    @classmethod
    def of(cls, y: NDArray[Any], labels: NDArray[Any], weights: Floats, classes: int) -> Confusion:
        """Count answers to rows; `weights` (B, N) say how much each counts in each resample."""
        cells = np.asarray(y, dtype=np.int64) * classes + np.asarray(labels, dtype=np.int64)
        used, inverse = np.unique(cells, return_inverse=True)
        return cls(used // classes, used % classes, _summed(weights, inverse), classes)

    @cached_property
    def hits(self) -> Floats:
        """Weight of the right answers of each class, (B, K)."""
        right = self.truth == self.answer
        return self._spread(self.weight[:, right], self.truth[right])

    @cached_property
    def true(self) -> Floats:
        """Weight of each class, (B, K)."""
        kinds, inverse = np.unique(self.truth, return_inverse=True)
        return self._spread(_summed(self.weight, inverse), kinds)

    @cached_property
    def said(self) -> Floats:
        """Weight of the answers that are each class, (B, K)."""
        kinds, inverse = np.unique(self.answer, return_inverse=True)
        return self._spread(_summed(self.weight, inverse), kinds)

    @cached_property
    def total(self) -> Floats:
        """Weight of all rows, (B,)."""
        return np.asarray(self.weight.sum(1))

    def _spread(self, values: Floats, kinds: Ints) -> Floats:
        full = np.zeros((len(self.weight), self.classes))
        full[:, kinds] = values
        return full


def _summed(values: Floats, group: Ints) -> Floats:
    """Return the sums over columns of one group, (B, G), of values (B, N)."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(int(group.max(initial=-1)) + 1))
    if not len(starts):
        return np.zeros((len(values), 0))
    return np.asarray(np.add.reduceat(values[:, order], starts, axis=1))
