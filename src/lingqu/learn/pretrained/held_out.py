"""How a rung answers held-out rows, and whether another answers them better than by luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.release.encode import targets, weights
from lingqu.release.runner import Runner

_LEAST = 1e-7
"""Smallest probability whose logarithm is taken."""


@dataclass(frozen=True)
class Held:
    """Losses of held-out rows.

    Args:
        losses: Of each row: minus the logarithm of the probability of its class, or the squared
            error in units of the variance, (M,).
        score: Accuracy, or R².
        weight: Weights of the rows with mean 1, (M,).
    """

    losses: NDArray[np.float64]
    score: float
    weight: NDArray[np.float64]

    @classmethod
    def by(cls, model: Model, valid: Dataset, threads: int = 1) -> Held:
        """Ask a model as it is released; rows whose class it does not know count fully."""
        said = Runner.of(model, threads).predict(valid.frame)
        truth = targets(valid, model.task)[0]
        given = weights(valid)
        weight = np.ones(len(truth)) if given is None else given / given.mean()
        if said.probabilities is not None:
            told = said.probabilities[np.arange(len(truth)), truth]
            right = said.probabilities.argmax(1) == truth
            losses = -np.log(np.clip(told, _LEAST, 1.0))
            return cls(losses, float(np.average(right, weights=weight)), weight)
        values = np.asarray(truth, dtype=np.float64)
        mean = float(np.average(values, weights=weight))
        spread = float(np.average((values - mean) ** 2, weights=weight)) or 1.0
        losses = (np.asarray(said.labels, dtype=np.float64) - values) ** 2 / spread
        return cls(losses, 1.0 - float(np.average(losses, weights=weight)), weight)

    @property
    def loss(self) -> float:
        """Mean loss."""
        return float(np.average(self.losses, weights=self.weight))

    def gain(self, other: Held) -> tuple[float, float]:
        """Return by how much the loss of another is lower, and the standard error of that.

        Example:
            >>> weight = np.ones(3)
            >>> before = Held(np.array([1.0, 2.0, 3.0]), 0.0, weight)
            >>> before.gain(Held(np.array([0.5, 1.5, 2.5]), 0.0, weight))
            (0.5, 0.0)

        Source: the rule of one standard error: Breiman et al., "Classification and regression
            trees", 1984, section 3.4.3; here of paired differences.
        """
        apart = self.losses - other.losses
        mean = float(np.average(apart, weights=self.weight))
        spread = float(np.average((apart - mean) ** 2, weights=self.weight))
        return mean, float(np.sqrt(spread / len(apart)))
