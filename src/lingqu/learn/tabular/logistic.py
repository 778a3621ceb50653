"""Multinomial logistic regression."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.narrow import Narrow
from lingqu.learn.tabular.graph import graph, verify
from lingqu.learn.tabular.lines import lines
from lingqu.learn.tabular.options import Sums
from lingqu.learn.tabular.rows import Rows

_NEVER = -1e4
"""Bias of a class that no training row has: its probability is 0, not undefined."""
_MANY = 4_000_000
"""Numbers above which only those that are not 0 are kept, where categories make most of them 0:
the solver then takes a third of the time as well."""
_WIDE = 20_000_000
"""Numbers above which they are not copied into a wider type: a copy of 160 MB and more."""


@dataclass
class Logistic(Sums):
    """Fit a linear model of the class log-odds with an L2 penalty.

    The first usable model of a run: convex, fast, well calibrated, and readable.

    Args:
        c: Inverse strength of the penalty, > 0; smaller is simpler.
        max_iterations: Upper bound of L-BFGS iterations.

    Example:
        >>> Logistic(c=0.1).c, sorted(Logistic.tasks)
        (0.1, ['classify'])

    Source: Cox, "The regression analysis of binary sequences", 1958,
        doi:10.1111/j.2517-6161.1958.tb00292.x; solver: Liu and Nocedal, L-BFGS, 1989.
    """

    name: ClassVar[str] = "logistic"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify"})
    engine: ClassVar[str] = "sklearn"

    c: float = 1.0
    max_iterations: int = 400

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; stop at `budget.seconds` with the weights found so far."""
        end = time.monotonic() + budget.seconds
        fold = self.fold(train, valid, "classify")
        learner, iterations, converged = self._learn(fold, end)
        weight, bias = _per_class(learner, len(fold.classes))
        steps = [
            ("Gemm", ["x", "weight", "bias"], ["logits"], {}),  # (N, K)
            ("Softmax", ["logits"], ["probabilities"], {"axis": 1}),
        ]
        constants = {"weight": weight, "bias": bias}
        data = graph(steps, constants, fold.inputs.shape[1], "probabilities")
        expected = np.zeros((len(fold.sample), len(fold.classes)))
        expected[:, learner.classes_] = learner.predict_proba(fold.sample.astype(np.float64))
        verify(self.name, data, fold.sample, expected, threads=budget.threads)
        cut_short = not converged and iterations < self.max_iterations
        notes = {
            "iterations": iterations, "refit": {"c": self.c}, "cut_short": cut_short,
            "shapes": lines(weight, fold),
        }  # fmt: skip
        return fold.model(self.name, data, notes)

    def _learn(self, fold: Rows, end: float) -> tuple[Any, int, bool]:
        """Iterate in blocks, so that a slow solve can stop in time.

        Returns:
            The learner, how many iterations it took, and whether it converged.
        """
        learner = LogisticRegression(C=self.c, max_iter=50, warm_start=True)
        x, done = _read(fold), 0
        while True:
            with warnings.catch_warnings():
                # Not converged within one block is the normal case here, not a surprise.
                warnings.simplefilter("ignore", ConvergenceWarning)
                learner.fit(x, fold.y, sample_weight=fold.weight)
            done += int(np.max(learner.n_iter_))
            converged = int(np.max(learner.n_iter_)) < learner.max_iter
            if converged or done >= self.max_iterations or time.monotonic() > end:
                return learner, done, converged


def _read(fold: Rows) -> Any:
    """Return the inputs as the solver reads them."""
    rows, columns = fold.inputs.shape
    if rows * columns > _MANY and fold.inputs.tables:
        return _sparse(fold.inputs)
    return fold.x if rows * columns > _WIDE else fold.x.astype(np.float64)


def _sparse(inputs: Narrow) -> csr_array:
    """Return what is not 0; counted first, since parts that are joined lie there twice."""
    filled = np.concatenate([np.count_nonzero(part, axis=1) for part in inputs.parts()])
    ends = np.concatenate([[0], np.cumsum(filled)])
    # One kind of integer for both, or all columns are copied.
    places = np.int32 if ends[-1] < 2**31 else np.int64
    numbers, columns = np.empty(ends[-1]), np.empty(ends[-1], dtype=places)
    start = 0
    for part in inputs.parts():
        row, column = np.nonzero(part)
        stop = start + len(row)
        numbers[start:stop], columns[start:stop] = part[row, column], column
        start = stop
    return csr_array((numbers, columns, ends.astype(places)), shape=inputs.shape)


def _per_class(learner: Any, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (D, K) and biases (K,) for a softmax over every class."""
    seen = np.asarray(learner.classes_, dtype=np.int64)
    coefficients, intercept = learner.coef_, learner.intercept_
    if len(seen) == 2:  # one row of coefficients: the log-odds of the second class
        coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
        intercept = np.concatenate([[0.0], intercept])
    weight = np.zeros((coefficients.shape[1], k))
    weight[:, seen] = coefficients.T
    bias = np.full(k, _NEVER)
    bias[seen] = intercept
    return weight, bias
