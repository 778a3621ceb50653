"""Ridge regression with its penalty chosen by leave-one-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.linear_model import RidgeCV

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.tabular.graph import Step, graph, verify
from lingqu.learn.tabular.rows import rows


@dataclass
class Ridge:
    """Fit a linear model of a number with an L2 penalty.

    Leave-one-out errors have a closed form here, so the penalty is chosen on the training rows
    and the validation rows stay untouched.

    Args:
        penalty: Strength of the penalty, > 0; 0 tries 13 values from 0.01 to 10 000.

    Example:
        >>> Ridge(penalty=1.0).penalty, sorted(Ridge.tasks)
        (1.0, ['regress'])

    Source: Hoerl and Kennard, "Ridge regression", 1970, doi:10.1080/00401706.1970.10488634.
    """

    name: ClassVar[str] = "ridge"
    tasks: ClassVar[frozenset[str]] = frozenset({"regress"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "sklearn"

    penalty: float = 0.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; neither `valid` nor the clock is needed."""
        fold = rows(train, valid, "linear", "regress")
        # Without this, the intercept of a target such as a year would swamp the solve.
        middle, spread = float(np.mean(fold.y)), float(np.std(fold.y)) or 1.0
        penalties = [self.penalty] if self.penalty > 0 else list(np.logspace(-2, 4, 13))
        learner = RidgeCV(alphas=penalties)
        learner.fit(fold.x.astype(np.float64), (fold.y - middle) / spread, fold.weight)
        weight = np.atleast_2d(learner.coef_).T * spread  # (D, 1)
        bias = np.array([float(learner.intercept_) * spread + middle])
        steps: list[Step] = [("Gemm", ["x", "weight", "bias"], ["values"], {})]  # (N, 1)
        data = graph(steps, {"weight": weight, "bias": bias}, fold.x.shape[1], "values")
        expected = learner.predict(fold.sample.astype(np.float64))[:, None] * spread + middle
        scale = max(float(np.abs(fold.y).max()), spread)
        verify(self.name, data, fold.sample, expected, scale, budget.threads)
        notes = {"penalty": float(learner.alpha_), "refit": {"penalty": self.penalty}}
        return fold.model(self.name, data, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.ridge(rows, columns, classes)
