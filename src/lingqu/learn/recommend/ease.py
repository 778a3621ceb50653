"""EASE: a linear model of every item from all others, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget, Progress
from lingqu.learn.recommend.graph import dense, neighbours
from lingqu.learn.recommend.learner import Learned, Recommender
from lingqu.learn.recommend.reading import Reading, gram

MOST_ITEMS = 5_000
"""Items above which the square matrix does not pay."""
_WHOLE, _KEPT = 2_000, 256
"""Items up to which all weights are kept, and how many of each item beyond."""


@dataclass
class Ease(Recommender):
    """Tell each item from all others that somebody took, by ridge regression, none by itself.

    Args:
        penalty: Ridge penalty, in rows; larger for noisier data.
        strengths: Whether how much somebody took counts, beside that they did.

    Example:
        >>> Ease(penalty=500.0).strengths
        False

    Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019,
        arXiv:1905.03375.
    """

    name: ClassVar[str] = "ease"

    penalty: float = 300.0
    strengths: bool = False

    def learn(
        self, reading: Reading, train: Dataset, budget: Budget, progress: Progress
    ) -> Learned:
        """Invert the matrix of what is taken together."""
        if not self.penalty > 0:
            raise SpecError("recommend.bad_option", option="penalty", expected="> 0",
                            received=self.penalty)  # fmt: skip
        items = len(reading.rows.items)
        if items > MOST_ITEMS:
            raise TrainError("recommend.large_ease", items=items, limit=MOST_ITEMS)
        weights = item_weights(gram(reading.matrix if self.strengths else reading.plain),
                               self.penalty)  # fmt: skip
        read = "taken" if self.strengths else "had"
        if items <= _WHOLE:
            steps, constants = dense(weights, read)
        else:
            weights, kept, nearest = _pruned(weights)
            steps, constants = neighbours(kept, nearest, read)

        def told(taken: NDArray[Any], people: NDArray[Any]) -> NDArray[np.float64]:
            given = taken if self.strengths else (taken > 0).astype(np.float64)
            return np.asarray(given @ weights)

        return Learned(steps, constants, told,
                       {"penalty": self.penalty, "strengths": self.strengths})  # fmt: skip


def item_weights(together: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    """Return the weights of each item (column) on all others; its own is 0.

    Example:
        >>> item_weights(np.array([[2.0, 1.0], [1.0, 2.0]]), 1.0).round(3).tolist()
        [[0.0, 0.333], [0.333, 0.0]]
    """
    whole = together.copy()
    at = np.diag_indices_from(whole)
    whole[at] += penalty
    inverse = cho_solve(cho_factor(whole, overwrite_a=True), np.eye(len(whole)))
    weights = -inverse / np.diag(inverse)[None, :]
    weights[at] = 0.0
    return np.asarray(weights)


def _pruned(
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.int64]]:
    """Return the weights but for the small ones, those of each item, and of which items."""
    nearest = np.sort(np.argpartition(-np.abs(weights), _KEPT - 1, axis=0)[:_KEPT], axis=0)
    kept = np.take_along_axis(weights, nearest, 0)
    sparse_ = np.zeros_like(weights)
    np.put_along_axis(sparse_, nearest, kept, axis=0)
    return sparse_, kept.T.astype(np.float32), nearest.T.copy()
