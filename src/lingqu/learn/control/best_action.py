"""The baseline of logged decisions: whatever earned most so far, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn.control.logs import read_log

Floats = NDArray[np.float64]


@dataclass
class BestAction:
    """Take the action whose logged rewards, weighed by their propensities, are the best.

    What every policy that reads its context must beat.

    Args:
        prior: Rows of the mean reward that are counted beside the rows of each action, so that
            one lucky row does not decide.

    Example:
        >>> worth = means(np.array([0, 0, 1]), np.array([0.0, 1, 1]), np.full(3, 0.5), 2, 1.0)
        >>> worth.round(2).tolist()
        [0.56, 0.83]

    Source: Own; the weighed mean is the Hájek estimator, 1971, shrunk to the mean of all rows.
    """

    name: ClassVar[str] = "best_action"
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    prior: float = 100.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid`, `budget` and `progress` are not needed."""
        log = read_log(train)
        worth = means(log.taken, log.reward, log.propensity, len(log.actions), self.prior)
        weight = np.zeros((log.x.shape[1], len(log.actions)))
        return log.model(self.name, weight, worth, 0.0, {"worth": worth.tolist()})

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return 0.05 + 1e-6 * rows * (columns + 1)


def means(
    taken: NDArray[np.int64], reward: Floats, propensity: Floats, actions: int, prior: float
) -> Floats:
    """Return the weighed mean reward of each action, shrunk to that of all rows, (K,)."""
    weight = 1 / propensity
    weight = weight / weight.mean()
    usual = float((weight * reward).sum() / weight.sum()) if len(reward) else 0.0
    gained = np.bincount(taken, weight * reward, minlength=actions)
    counted = np.bincount(taken, weight, minlength=actions)
    shrunk: Floats = (gained + prior * usual) / np.maximum(counted + prior, 1e-12)
    return shrunk
