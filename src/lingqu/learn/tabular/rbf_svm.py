"""Support vector machine with a Gaussian kernel."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.svm import SVC, SVR

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import TOLERANCE, Step, difference, graph, verify
from lingqu.learn.tabular.options import Sums
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend, Wish, bends

_CLASSIFY = ((10.0, 2.0), (10.0, 1.0), (1.0, 1.0), (1.0, 0.25), (100.0, 0.1))
_REGRESS = ((10.0, 0.3), (1.0, 1.0), (10.0, 0.1), (1.0, 0.3), (100.0, 0.03))
"""Pairs (C, gamma as a multiple of 1 / (D · variance)), the likeliest first."""
_NEVER = -1e4


@dataclass
class RbfSvm(Sums):
    """Fit a maximum-margin machine on a Gaussian kernel; for small tables the best single learner.

    Classes are compared in pairs. Pair decisions d become class scores Σ log σ(a·d), and a
    softmax of t times the scores gives probabilities; a and t are fitted on the validation
    rows and lie in the graph. The graph holds the support vectors, which are training rows.

    Args:
        c: Penalty of a margin error, > 0; 0 chooses it with `gamma` on validation rows.
        gamma: Kernel width as a multiple of 1 / (columns · variance), > 0; 0 chooses it.
        sharpness: The factor a above; 0 fits it on validation rows.
        temperature: The factor t above; 0 fits it on validation rows.
        target: How values are learned: ``plain``, ``log``, or ``auto``: where they are skewed,
            what is better on validation rows.

    Example:
        >>> RbfSvm.cost(2000, 20, 2) * 10 < RbfSvm.cost(8000, 20, 2)
        True

    Source: Cortes and Vapnik, 1995, doi:10.1007/BF00994018; Chang and Lin, LIBSVM, 2011,
        doi:10.1145/1961189.1961199; scores to probabilities: Platt, 1999. The sum of pairwise
        log-probabilities is our own short form of Wu, Lin and Weng, JMLR 5, 2004.
    """

    name: ClassVar[str] = "rbf_svm"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "sklearn"

    c: float = 0.0
    gamma: float = 0.0
    sharpness: float = 0.0
    temperature: float = 0.0
    target: Wish = "plain"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit each pair of the short grid while less than half of the time is spent."""
        end = time.monotonic() + budget.seconds / 2
        fold = self.fold(train, valid)
        regress = fold.task == "regress"
        grid: tuple[tuple[float, float], ...] = _REGRESS if regress else _CLASSIFY
        if self.c > 0 and self.gamma > 0:
            grid = ((self.c, self.gamma),)
        elif len(fold.valid_x) == 0:
            grid = grid[:1]
        width = 1.0 / max(fold.x.shape[1] * float(fold.x.var()), 1e-12)
        ways: list[Bend | None] = [None]
        if regress:
            ways = [*bends(fold.y, self.target, len(fold.valid_x) > 0)]
        best: _Machine | None = None
        tried = 0
        for (c, multiple), way in product(grid, ways):
            tried += 1
            given = self.c or c, (self.gamma or multiple) * width
            machine = _regressor(fold, *given, way) if way else _classifier(fold, *given, self)
            machine.notes = {"c": self.c or c, "gamma": self.gamma or multiple, **machine.notes}
            progress({"c": c, "gamma": multiple, "valid_loss": machine.loss})
            if best is None or machine.loss < best.loss:
                best = machine
            if time.monotonic() > end:
                break
        assert best is not None  # the grid is never empty
        scale = max(1.0, float(np.abs(fold.y).max())) if regress else 1.0
        # Large coefficients of alternating sign need float64; else float32 is half the size.
        data, answer = best.graph(False), best.answer()
        if not difference(data, fold.sample, answer, scale, budget.threads) <= TOLERANCE:
            data = best.graph(True)
            verify(self.name, data, fold.sample, answer, scale, budget.threads)
        settled = {key: best.notes[key] for key in ("c", "gamma")}
        notes = {
            "refit": best.notes, "settled": settled, "tried": tried,
            "stores_rows": best.vectors, "unfinished": tried < len(grid) * len(ways), "bag": True,
        }  # fmt: skip
        return fold.model(self.name, data, {**best.notes, **notes})


@dataclass
class _Machine:
    """A fitted machine: its graph in float32 or 64, its answers on sample rows, its loss."""

    graph: Callable[[bool], bytes]
    answer: Callable[[], NDArray[np.float64]]
    loss: float
    vectors: int
    notes: dict[str, Any]


def _kernel_steps() -> list[Step]:
    """Return the nodes from ``x`` (N, D) to ``kernel`` (N, S): exp(-γ |x - s|²)."""
    return [
        ("ReduceSumSquare", ["x", "one"], ["own"], {"keepdims": 1}),  # (N, 1)
        ("MatMul", ["x", "vectors"], ["cross"], {}),  # (N, S), already times -2
        ("Add", ["cross", "squares"], ["partial"], {}),
        ("Add", ["partial", "own"], ["rough"], {}),
        ("Relu", ["rough"], ["gap"], {}),  # rounding can make a zero distance negative
        ("Mul", ["gap", "minus_gamma"], ["exponent"], {}),
        ("Exp", ["exponent"], ["kernel"], {}),
    ]


def _kernel_constants(vectors: NDArray[np.float64], gamma: float) -> dict[str, NDArray[Any]]:
    return {
        "one": np.array([1], dtype=np.int64),
        "vectors": -2.0 * vectors.T,
        "squares": (vectors * vectors).sum(1)[None, :],
        "minus_gamma": np.array(-gamma),
    }


def _classifier(fold: Rows, c: float, gamma: float, wish: RbfSvm) -> _Machine:
    learner = SVC(C=c, gamma=gamma, decision_function_shape="ovo", cache_size=500)
    learner.fit(fold.x.astype(np.float64), fold.y, sample_weight=fold.weight)
    seen, k = np.asarray(learner.classes_, dtype=np.int64), len(fold.classes)
    pairs = list(combinations(range(len(seen)), 2))
    wins = np.zeros((len(pairs), k))
    losses = np.zeros((len(pairs), k))
    for column, (first, second) in enumerate(pairs):
        wins[column, seen[first]] = 1.0
        losses[column, seen[second]] = 1.0
    never = np.full(k, _NEVER)
    never[seen] = 0.0

    def chances(x: NDArray[Any], a: float, t: float) -> NDArray[np.float64]:
        return _softmax(t * _scores(a * _decisions(learner, x), wins, losses) + never)

    sharpness, temperature = wish.sharpness or 1.0, wish.temperature or 1.0
    loss = 0.0
    if len(fold.valid_x):
        decided = _decisions(learner, fold.valid_x)
        sharpness, temperature, loss = _calibrate(
            decided, wins, losses, never, fold.valid_y, wish, len(seen)
        )
    steps = [
        *_kernel_steps(),
        ("Gemm", ["kernel", "pairs", "intercept"], ["decided"], {}),  # (N, P), times a
        ("Neg", ["decided"], ["refused"], {}),
        ("Softplus", ["refused"], ["miss_first"], {}),  # -log σ(a·d)
        ("Softplus", ["decided"], ["miss_second"], {}),
        ("Gemm", ["miss_first", "wins", "never"], ["half"], {}),  # (N, K), times -t
        ("MatMul", ["miss_second", "losses"], ["rest"], {}),
        ("Add", ["half", "rest"], ["logits"], {}),
        ("Softmax", ["logits"], ["probabilities"], {"axis": 1}),
    ]
    coefficients = _pair_coefficients(learner, pairs)
    sign = -1.0 if len(seen) == 2 else 1.0  # for two classes d > 0 means the second
    constants = {
        **_kernel_constants(learner.support_vectors_, gamma),
        "pairs": sharpness * sign * coefficients,
        "intercept": sharpness * sign * learner.intercept_,
        "wins": -temperature * wins,
        "losses": -temperature * losses,
        "never": never,
    }

    def write(double: bool) -> bytes:
        return graph(steps, constants, fold.x.shape[1], "probabilities", double)

    notes = {"sharpness": sharpness, "temperature": temperature}

    def answer() -> NDArray[np.float64]:
        return chances(fold.sample, sharpness, temperature)

    return _Machine(write, answer, loss, len(learner.support_vectors_), notes)


def _decisions(learner: Any, x: NDArray[Any]) -> NDArray[np.float64]:
    """Return pair decisions (N, P), > 0 for the first class of a pair."""
    decided = learner.decision_function(x.astype(np.float64))
    return -decided[:, None] if decided.ndim == 1 else np.asarray(decided)


def _pair_coefficients(learner: Any, pairs: list[tuple[int, int]]) -> NDArray[np.float64]:
    """Unfold LIBSVM's packed coefficients (k-1, S) into one column per pair, (S, P)."""
    packed = learner.dual_coef_
    ends = np.concatenate([[0], np.cumsum(learner.n_support_)])
    if len(pairs) == 1:
        return np.asarray(packed.T)
    full = np.zeros((packed.shape[1], len(pairs)))
    for column, (i, j) in enumerate(pairs):
        full[ends[i] : ends[i + 1], column] = packed[j - 1, ends[i] : ends[i + 1]]
        full[ends[j] : ends[j + 1], column] = packed[i, ends[j] : ends[j + 1]]
    return full


def _scores(
    decided: NDArray[np.float64], wins: NDArray[np.float64], losses: NDArray[np.float64]
) -> NDArray[np.float64]:
    second = np.maximum(decided, 0.0) + np.log1p(np.exp(-np.abs(decided)))  # -log σ(-d)
    return np.asarray((decided - second) @ wins - second @ losses, dtype=np.float64)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    lifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(lifted / lifted.sum(1, keepdims=True), dtype=np.float64)


def _calibrate(
    decided: NDArray[np.float64],
    wins: NDArray[np.float64],
    losses: NDArray[np.float64],
    never: NDArray[np.float64],
    truth: NDArray[Any],
    wish: RbfSvm,
    seen: int,
) -> tuple[float, float, float]:
    """Fit a and t by the log loss on validation rows; return them and that loss."""
    at = np.arange(len(truth))

    def loss(log_a: float, log_t: float) -> float:
        scores = np.exp(log_t) * _scores(np.exp(log_a) * decided, wins, losses) + never
        return float(-np.mean(np.log(np.maximum(_softmax(scores)[at, truth], 1e-12))))

    if wish.sharpness > 0 and wish.temperature > 0:
        return (
            wish.sharpness,
            wish.temperature,
            loss(np.log(wish.sharpness), np.log(wish.temperature)),
        )
    # With two classes only the product counts; with few rows two numbers are too many anyway.
    one = seen == 2 or len(truth) < 50

    # A pull to 1, as of half a row: where all of few rows are right, no factor would be too large.
    pull = max(1e-3, 0.5 / len(truth))

    def objective(at_: NDArray[np.float64]) -> float:
        return loss(at_[0], 0.0 if one else at_[1]) + pull * float(at_ @ at_)

    found = minimize(
        objective,
        np.zeros(1 if one else 2),
        method="Nelder-Mead",
        options={"maxiter": 40, "xatol": 0.02, "fatol": 1e-5},
    ).x
    a, t = float(np.exp(found[0])), 1.0 if one else float(np.exp(found[1]))
    return a, t, loss(np.log(a), np.log(t))


def _regressor(fold: Rows, c: float, gamma: float, way: Bend) -> _Machine:
    learner = SVR(C=c, gamma=gamma, epsilon=0.1, cache_size=500)
    learner.fit(fold.x.astype(np.float64), way.forward(fold.y), sample_weight=fold.weight)

    def standard(x: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(learner.predict(x.astype(np.float64)))

    if way.unit:
        way = way.lifted(fold.y, standard(fold.x), fold.weight)
    loss = 0.0
    if len(fold.valid_x):
        loss = float(np.mean((way.backward(standard(fold.valid_x)) - fold.valid_y) ** 2))
    bent, more = way.steps("standard")
    steps = [
        *_kernel_steps(),
        ("Gemm", ["kernel", "coefficients", "intercept"], ["standard"], {}),  # (N, 1)
        *bent,
    ]
    constants = {
        **_kernel_constants(learner.support_vectors_, gamma),
        "coefficients": learner.dual_coef_.T,
        "intercept": learner.intercept_,
        **more,
    }

    def write(double: bool) -> bytes:
        return graph(steps, constants, fold.x.shape[1], "values", double)

    def answer() -> NDArray[np.float64]:
        return way.backward(standard(fold.sample)[:, None])

    return _Machine(write, answer, loss, len(learner.support_vectors_), {"target": way.kind})
