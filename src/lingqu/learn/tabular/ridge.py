"""Ridge regression with its penalty chosen by leave-one-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.linear_model import RidgeCV

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import Step, graph, verify
from lingqu.learn.tabular.lines import lines
from lingqu.learn.tabular.options import Sums
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend, Wish, bends


@dataclass
class Ridge(Sums):
    """Fit a linear model of a number with an L2 penalty.

    Leave-one-out errors have a closed form here, so the penalty is chosen on the training rows
    and the validation rows stay untouched.

    Args:
        penalty: Strength of the penalty, > 0; 0 tries 13 values from 0.01 to 10 000.
        target: How values are learned: ``plain``, ``log``, or ``auto``: where they are skewed,
            what is better on validation rows.

    Example:
        >>> Ridge(penalty=1.0).penalty, sorted(Ridge.tasks)
        (1.0, ['regress'])

    Source: Hoerl and Kennard, "Ridge regression", 1970, doi:10.1080/00401706.1970.10488634.
    """

    name: ClassVar[str] = "ridge"
    tasks: ClassVar[frozenset[str]] = frozenset({"regress"})
    engine: ClassVar[str] = "sklearn"

    penalty: float = 0.0
    target: Wish = "plain"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` only decides about `target`, and the clock is not needed."""
        fold = self.fold(train, valid, "regress")
        best: tuple[float, Any, Bend] | None = None
        for way in bends(fold.y, self.target, len(fold.valid_x) > 0):
            learner, loss = self._learn(fold, way)
            if best is None or loss < best[0]:
                best = loss, learner, way
        assert best is not None  # there is always one way
        _, learner, way = best
        way = way.lifted(fold.y, learner.predict(fold.x.astype(np.float64)), fold.weight)
        bias = np.array([float(learner.intercept_)])
        constants = {"weight": np.atleast_2d(learner.coef_).T, "bias": bias}
        last: Step = ("Gemm", ["x", "weight", "bias"], ["scores"], {})  # (N, 1)
        steps, more = way.steps("scores")
        data = graph([last, *steps], constants | more, fold.x.shape[1], "values")
        expected = way.backward(learner.predict(fold.sample.astype(np.float64))[:, None])
        scale = max(float(np.abs(fold.y).max()), way.spread)
        verify(self.name, data, fold.sample, expected, scale, budget.threads)
        refit = {"penalty": self.penalty, "target": way.kind}
        told = [] if way.unit else lines(constants["weight"], fold, way.scale)
        notes = {
            "penalty": float(learner.alpha_), "target": way.kind, "refit": refit, "shapes": told
        }  # fmt: skip
        return fold.model(self.name, data, notes)

    def _learn(self, fold: Rows, way: Bend) -> tuple[Any, float]:
        """Return a fitted learner and its squared error on validation rows, 0 where there are none.

        It learns standard values: else the intercept of a year would swamp the solve.
        """
        penalties = [self.penalty] if self.penalty > 0 else list(np.logspace(-2, 4, 13))
        learner = RidgeCV(alphas=penalties)
        learner.fit(fold.x.astype(np.float64), way.forward(fold.y), fold.weight)
        if not len(fold.valid_x):
            return learner, 0.0
        said = way.backward(learner.predict(fold.valid_x.astype(np.float64)))
        return learner, float(np.mean((said - fold.valid_y) ** 2))
