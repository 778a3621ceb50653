"""Linear models that leave columns out: the elastic net, for classes and for values."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import Step, graph, verify
from lingqu.learn.tabular.lines import lines
from lingqu.learn.tabular.options import Sums
from lingqu.learn.tabular.rows import Rows, View
from lingqu.learn.tabular.target import Bend, Wish, bends

Floats = NDArray[np.float64]

_PENALTIES = tuple(float(f"{value:.3g}") for value in np.logspace(0, -5, 14))
"""Penalties that are tried, the strongest first: each starts where the one before it ended."""
_NEVER = -1e4
_CLOSE = 1e-6
"""Largest change of a coefficient below which a fit has ended."""


@dataclass
class ElasticNet(Sums):
    """Fit a linear model whose penalty sets coefficients to 0 where a column brings nothing.

    Between ridge and lasso: of columns that say the same it keeps the group, of columns that say
    nothing it keeps none. With many columns and few rows it is the safest of the linear models.

    Args:
        penalty: Strength of the penalty on the mean loss, > 0; 0 chooses it on validation rows.
        l1_share: Share of the penalty on absolute values; the rest is on squares. 0 to 1.
        max_iterations: Upper bound of iterations for one penalty.
        target: How values are learned: ``plain``, ``log``, or ``auto``: where they are skewed,
            what is better on validation rows.

    Example:
        >>> ElasticNet(l1_share=1.0).l1_share, sorted(ElasticNet.tasks)
        (1.0, ['classify', 'regress'])

    Source: Zou and Hastie, "Regularization and variable selection via the elastic net", 2005,
        doi:10.1111/j.1467-9868.2005.00503.x; solver: Beck and Teboulle, FISTA, 2009,
        doi:10.1137/080716542, with the restart of O'Donoghue and Candès, 2015.
    """

    name: ClassVar[str] = "elastic_net"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "numpy"

    penalty: float = 0.0
    l1_share: float = 0.5
    max_iterations: int = 1000
    target: Wish = "auto"
    view: View = field(default="rich", kw_only=True)

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Follow the penalties down until the validation loss rises or time is up."""
        end = time.monotonic() + 0.9 * budget.seconds
        fold = self.fold(train, valid)
        ways: list[Bend | None] = [None]
        if fold.task == "regress":
            ways = [*bends(fold.y, self.target, len(fold.valid_x) > 0)]
        problems = [_Problem.of(fold, way) for way in ways]
        penalty, place, tried = self._choose(problems, fold, ways, end, progress)
        problem, curve = problems[place], ways[place]
        weights, whole = problem.solve(penalty, self.l1_share, None, self.max_iterations, end)
        if curve is not None:
            curve = curve.lifted(fold.y, problem.said(weights, problem.x)[:, 0], fold.weight)
        data = _graph(weights, fold, curve)
        expected = _answers(problem, weights, fold.sample, curve)
        scale = max(1.0, float(np.abs(fold.y).max())) if curve else 1.0
        verify(self.name, data, fold.sample, expected, scale, budget.threads)
        settled = {"penalty": penalty} | ({"target": curve.kind} if curve else {})
        notes = {
            **settled, "refit": settled, "settled": settled, "cut_short": not whole,
            "columns": int((np.abs(weights[:-1]).sum(1) > 0).sum()),
            "shapes": _told(weights, fold, curve),
            "unfinished": tried > 0 and time.monotonic() > end,
        }  # fmt: skip
        return fold.model(self.name, data, notes)

    def _choose(
        self,
        problems: list[_Problem],
        fold: Rows,
        ways: list[Bend | None],
        end: float,
        progress: Progress,
    ) -> tuple[float, int, int]:
        """Return the penalty and the way with the smallest validation loss; how many it tried."""
        open_ = not self.penalty or len(ways) > 1
        if not len(fold.valid_x) or not open_:
            return self.penalty or _PENALTIES[len(_PENALTIES) // 2], 0, 0
        best, chosen, tried = np.inf, (_PENALTIES[0], 0), 0
        now = time.monotonic()
        for place, (problem, curve) in enumerate(zip(problems, ways, strict=True)):
            until = now + (end - now) * 0.7 * (place + 1) / len(ways)
            weights: Floats | None = None
            worse, least = 0, np.inf
            for penalty in [self.penalty] if self.penalty else _PENALTIES:
                weights, _ = problem.solve(
                    penalty, self.l1_share, weights, self.max_iterations, until
                )
                loss = _loss(_answers(problem, weights, fold.valid_x, curve), fold)
                progress({"penalty": penalty, "valid_loss": loss})
                tried += 1
                worse, least = (0, loss) if loss < least else (worse + 1, least)
                if loss < best:
                    best, chosen = loss, (penalty, place)
                if worse == 2 or time.monotonic() > until:
                    break
        return *chosen, tried


@dataclass
class _Problem:
    """A smooth loss of weights (D + 1, K), the last row of which is the intercept.

    Args:
        x: Rows with a column of ones, (N, D + 1).
        goal: What is to be said, (N, K): shares of classes, or standard values.
        weight: Weights of the rows, with sum 1, (N, 1).
        link: Scores → answers.
        steepness: Upper bound of the curvature of the loss.
        absent: Scores of classes without rows, (K,).
    """

    x: Floats
    goal: Floats
    weight: Floats
    link: Callable[[Floats], Floats]
    steepness: float
    absent: Floats

    @classmethod
    def of(cls, fold: Rows, curve: Bend | None) -> _Problem:
        x = _with_ones(fold.x)
        weight = np.ones(len(x)) if fold.weight is None else fold.weight
        weight = (weight / weight.sum())[:, None]
        if curve is not None:
            goal = curve.forward(fold.y)[:, None]
            return cls(x, goal, weight, lambda s: s, _steepness(x, weight), np.zeros(1))
        goal = np.eye(len(fold.classes))[fold.y]
        absent = np.where(goal.sum(0) > 0, 0.0, _NEVER)
        # The curvature of a softmax is at most a half.
        return cls(x, goal, weight, _softmax, 0.5 * _steepness(x, weight), absent)

    def said(self, weights: Floats, x: Floats) -> Floats:
        """Return answers on the standard scale, (N, K)."""
        return self.link(x @ weights + self.absent)

    def solve(
        self, penalty: float, l1_share: float, start: Floats | None, most: int, end: float
    ) -> tuple[Floats, bool]:
        """Return the weights and whether time sufficed: accelerated proximal gradient steps."""
        step = 1.0 / self.steepness
        soft, shrink = step * penalty * l1_share, 1.0 / (1.0 + step * penalty * (1.0 - l1_share))
        weights = np.zeros((self.x.shape[1], self.goal.shape[1])) if start is None else start
        ahead, pace = weights, 1.0
        for _ in range(most):
            slope = self.x.T @ (self.weight * (self.said(ahead, self.x) - self.goal))
            moved = ahead - step * slope
            new = np.sign(moved) * np.maximum(np.abs(moved) - soft, 0.0) * shrink
            new[-1] = moved[-1]  # the intercept is free
            change = new - weights
            if float(np.vdot(ahead - new, change)) > 0:
                pace = 1.0  # momentum led uphill
            faster = 0.5 * (1.0 + (1.0 + 4.0 * pace * pace) ** 0.5)
            ahead = new + ((pace - 1.0) / faster) * change
            weights, pace = new, faster
            if float(np.abs(change).max()) < _CLOSE:
                return weights, True
            if time.monotonic() > end:
                return weights, False
        return weights, True


def _with_ones(x: NDArray[Any]) -> Floats:
    return np.column_stack([x.astype(np.float64), np.ones(len(x))])


def _steepness(x: Floats, weight: Floats) -> float:
    """Return the largest eigenvalue of the weighted covariance, by power steps, a little above."""
    vector = np.ones(x.shape[1]) / x.shape[1] ** 0.5
    size = 1.0
    for _ in range(30):
        vector = x.T @ (weight[:, 0] * (x @ vector))
        size = float(np.linalg.norm(vector)) or 1.0
        vector = vector / size
    return 1.05 * size


def _softmax(scores: Floats) -> Floats:
    lifted = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(lifted / lifted.sum(1, keepdims=True))


def _answers(problem: _Problem, weights: Floats, x: NDArray[Any], curve: Bend | None) -> Floats:
    said = problem.said(weights, _with_ones(x))
    return said if curve is None else curve.backward(said)


def _loss(said: Floats, fold: Rows) -> float:
    """Return the mean log loss, or squared error, on the validation rows."""
    if not fold.classes:
        return float(np.mean((said[:, 0] - fold.valid_y) ** 2))
    chance = said[np.arange(len(said)), fold.valid_y]
    return float(-np.mean(np.log(np.maximum(chance, 1e-12))))


def _told(weights: Floats, fold: Rows, curve: Bend | None) -> list[dict[str, Json]]:
    """Return what each column adds; a sum of logarithms is none of values."""
    if curve is not None and curve.unit:
        return []
    return lines(weights[:-1], fold, 1.0 if curve is None else curve.scale)


def _graph(weights: Floats, fold: Rows, curve: Bend | None) -> bytes:
    constants: dict[str, NDArray[Any]] = {"weight": weights[:-1], "bias": weights[-1]}
    last: Step = ("Gemm", ["x", "weight", "bias"], ["scores"], {})  # (N, K)
    if curve is not None:
        steps, more = curve.steps("scores")
        return graph([last, *steps], constants | more, fold.x.shape[1], "values")
    seen = np.isin(np.arange(len(fold.classes)), fold.present)
    constants["bias"] = np.where(seen, weights[-1], _NEVER)
    soft: Step = ("Softmax", ["scores"], ["probabilities"], {"axis": 1})
    return graph([last, soft], constants, fold.x.shape[1], "probabilities")
