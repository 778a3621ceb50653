"""Ridge regression on a kernel, with its width and penalty chosen by leave-one-out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.optimize import minimize

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn import costs
from lingqu.learn.tabular.graph import TOLERANCE, Step, difference, graph, verify
from lingqu.learn.tabular.options import Sums
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend, Wish, bends

Floats = NDArray[np.float64]

_WIDTHS = (1.0, 0.5, 2.0, 4.0)
"""Widths that are tried, as multiples of the typical distance between two rows."""
_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_FEW = 700
"""Rows on which kernel, width and penalty are chosen."""
_NEVER = -1e4
_NEAR = 1e-4
"""Share of the typical squared distance that is added under a root: at a distance of 0 its slope
is endless, and rounding would decide."""


@dataclass
class KernelRidge(Sums):
    """Average all training rows by their closeness, with weights that solve a ridge regression.

    What is left out when one row is can be had in closed form, so kernel, width and penalty are
    chosen without validation rows. Classes are learned as shares; a softmax, fitted on the
    left-out answers, makes probabilities of them. The graph holds the training rows.

    Args:
        kernel: ``rbf`` (smooth), ``laplacian`` (rough), or ``auto``.
        width: Width of the kernel as a multiple of the typical distance, > 0; 0 chooses it.
        penalty: Strength of the penalty, > 0; 0 chooses it.
        target: How values are learned: ``plain``, ``log``, or ``auto``: where they are skewed,
            what has the smaller left-out errors.

    Example:
        >>> KernelRidge(kernel="laplacian").kernel, KernelRidge.cost(8000, 20, 0) > 100
        ('laplacian', True)

    Source: Saunders, Gammerman and Vovk, "Ridge regression learning algorithm in dual
        variables", 1998; left-out answers: Rifkin and Lippert, "Notes on regularized least
        squares", 2007; the rough kernel: Belkin, Ma and Mandal, 2018, arXiv:1802.01396.
    """

    name: ClassVar[str] = "kernel_ridge"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "numpy"

    kernel: Literal["auto", "rbf", "laplacian"] = "auto"
    width: float = 0.0
    penalty: float = 0.0
    target: Wish = "auto"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Choose on some rows of `train`, solve on all; `valid` is not needed."""
        end = time.monotonic() + budget.seconds / 2
        fold = self.fold(train, valid)
        kept = _kept(fold)
        few = kept[_some(len(kept), _FEW)]
        ways: list[Bend | None] = [None]
        if fold.task == "regress":
            ways = [*bends(fold.y, self.target, True)]
        (kernel, width, penalty, place), tried, most = self._choose(fold, few, ways, end, progress)
        curve = ways[place]
        x, goal = fold.x[kept].astype(np.float64), _goal(fold, kept, curve)
        apart = _distances(x)
        closeness = _closeness(apart, kernel, width, _typical(fold), out=apart)
        solved = _solve(closeness, goal, _heavy(fold, kept), penalty)
        del apart, closeness
        if curve is not None:
            truth, left_out = fold.y[kept], solved.left_out[:, 0]
            curve = curve.lifted(truth, left_out, _heavy(fold, kept))
        link = (1.0, 0.0) if curve else _link(solved.left_out, goal, _heavy(fold, kept))
        machine = _Machine(kernel, width, _typical(fold), x, solved, link, curve, fold)
        expected = machine.answers(fold.sample)
        scale = max(1.0, float(np.abs(fold.y).max())) if curve else 1.0
        data = machine.graph(False)
        if not difference(data, fold.sample, expected, scale, budget.threads) <= TOLERANCE:
            data = machine.graph(True)
            verify(self.name, data, fold.sample, expected, scale, budget.threads)
        settled: dict[str, Any] = {"kernel": kernel, "width": width, "penalty": penalty}
        settled |= {"target": curve.kind} if curve else {}
        notes = {**settled, "refit": settled, "settled": settled, "tried": tried,
                 "stores_rows": len(x), "unfinished": tried < most}  # fmt: skip
        return fold.model(self.name, data, notes)

    def _choose(
        self,
        fold: Rows,
        few: NDArray[np.int64],
        ways: list[Bend | None],
        end: float,
        progress: Progress,
    ) -> tuple[tuple[str, float, float, int], int, int]:
        """Return what has the smallest left-out loss; how many were tried, and of how many."""
        kernels = ("laplacian", "rbf") if self.kernel == "auto" else (self.kernel,)
        widths = (self.width,) if self.width else _WIDTHS
        penalties = (self.penalty,) if self.penalty else _PENALTIES
        grid = [(k, w, p) for w in widths for k in kernels for p in penalties]
        places = range(len(ways))
        if len(grid) == 1 and len(ways) == 1:
            return (*grid[0], 0), 1, 1
        x = fold.x[few].astype(np.float64)
        distance, weight, typical = _distances(x), _heavy(fold, few), _typical(fold)
        best, chosen, tried = np.inf, (*grid[0], 0), 0
        for kernel, width, penalty in grid:
            closeness = _closeness(distance, kernel, width, typical)
            for place in places:
                goal = _goal(fold, few, ways[place])
                left_out = _solve(closeness.copy(order="K"), goal, weight, penalty).left_out
                loss = _loss(left_out, goal, fold.y[few], ways[place], weight)
                if loss < best:
                    best, chosen = loss, (kernel, width, penalty, place)
            progress({"width": width, "penalty": penalty, "left_out_loss": best})
            tried += 1
            if time.monotonic() > end:
                break
        return chosen, tried, len(grid)


def _some(count: int, most: int) -> NDArray[np.int64]:
    """Return the places of at most so many rows, drawn with a fixed seed."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))


def _kept(fold: Rows) -> NDArray[np.int64]:
    """Return the rows that are learned: of more than `SMALL` some, and none of weight 0."""
    rows = np.arange(len(fold.x)) if fold.weight is None else np.flatnonzero(fold.weight > 0)
    return rows[_some(len(rows), costs.SMALL)]


def _heavy(fold: Rows, kept: NDArray[np.int64]) -> Floats:
    return np.ones(len(kept)) if fold.weight is None else fold.weight[kept]


def _goal(fold: Rows, kept: NDArray[np.int64], curve: Bend | None) -> Floats:
    """Return what is learned: standard values (N, 1), or shares of classes (N, K)."""
    if curve is not None:
        return curve.forward(fold.y[kept])[:, None]
    return np.asarray(np.eye(len(fold.classes))[fold.y[kept]])


def _typical(fold: Rows) -> float:
    """Return the mean squared distance between two rows."""
    return max(2.0 * float(fold.x.astype(np.float64).var(0).sum()), 1e-12)


def _distance(x: Floats, vectors: Floats) -> Floats:
    """Return squared distances, (N, S)."""
    cross = x @ vectors.T
    cross *= -2.0
    cross += (x * x).sum(1)[:, None]
    cross += (vectors * vectors).sum(1)[None, :]
    return np.maximum(cross, 0.0, out=cross)


def _distances(x: Floats) -> Floats:
    """Return squared distances between the same rows, (N, N), in the order that LAPACK works in.

    It would copy any other, and one such matrix is all that a fit should hold.
    """
    own = (x * x).sum(1)
    cross = x @ x.T
    cross *= -2.0
    cross += own[None, :]
    cross += own[:, None]
    return np.maximum(cross, 0.0, out=cross).T


def _factors(kernel: str, width: float, typical: float) -> tuple[float, float]:
    """Return what is added to a squared distance, and the factor of it, or of its root."""
    if kernel == "rbf":
        return 0.0, -1.0 / (width * width * typical)
    return _NEAR * typical, -1.0 / (width * typical**0.5)


def _closeness(
    distance: Floats, kernel: str, width: float, typical: float, out: Floats | None = None
) -> Floats:
    """Return the kernel of squared distances, written to `out`."""
    near, factor = _factors(kernel, width, typical)
    if kernel == "rbf":
        out = np.multiply(distance, factor, out=out)
    else:
        out = np.add(distance, near, out=out)
        np.sqrt(out, out=out)
        out *= factor
    return np.exp(out, out=out)


@dataclass(frozen=True)
class _Solved:
    """Coefficients (S, K), the mean that was taken off (K,), left-out answers (S, K)."""

    coefficients: Floats
    middle: Floats
    left_out: Floats


def _solve(system: Floats, goal: Floats, weight: Floats, penalty: float) -> _Solved:
    """Solve (closeness + penalty / weight) · coefficients = goal - middle.

    Args:
        system: The closeness, (S, S); it is overwritten.
        goal: (S, K).
        weight: Of each row, (S,).
        penalty: Raised as long as nothing can be solved with it.
    """
    middle = np.average(goal, axis=0, weights=weight)
    diagonal = np.diag_indices_from(system)
    own = system[diagonal]
    while True:
        system[diagonal] = own + penalty / weight
        factor, wrong = lapack.dpotrf(system, lower=1, clean=0, overwrite_a=1)
        if not wrong:
            break
        penalty *= 10  # rows that are nearly equal: a firmer penalty can tell them apart
        for place in range(len(system)):  # above the diagonal all is as it was
            system[place + 1 :, place] = system[place, place + 1 :]
    coefficients, _ = lapack.dpotrs(factor, goal - middle, lower=1)
    inverse, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    left_out = goal - coefficients / np.diag(inverse)[:, None]
    return _Solved(coefficients, middle, left_out)


def _loss(
    left_out: Floats, goal: Floats, truth: NDArray[Any], curve: Bend | None, weight: Floats
) -> float:
    """Return the mean squared error of left-out answers, in units of the target."""
    if curve is None:
        return float(np.average(((left_out - goal) ** 2).sum(1), weights=weight))
    said = curve.lifted(truth, left_out[:, 0], weight).backward(left_out[:, 0])
    return float(np.average((said - truth) ** 2, weights=weight))


def _link(left_out: Floats, goal: Floats, weight: Floats) -> tuple[float, float]:
    """Return the factors of scores and of log frequencies whose softmax fits left-out rows."""
    often = _often(goal, weight)

    def loss(at: Floats) -> float:
        chance = _softmax(np.exp(at[0]) * left_out + at[1] * often)
        told = np.log(np.maximum((chance * goal).sum(1), 1e-12))
        return -float(np.average(told, weights=weight)) + 1e-4 * float(at @ at)

    options = {"maxiter": 80, "xatol": 0.01, "fatol": 1e-5}
    found = minimize(loss, np.array([1.4, 0.0]), method="Nelder-Mead", options=options).x
    return float(np.exp(found[0])), float(found[1])


def _often(goal: Floats, weight: Floats) -> Floats:
    share = np.average(goal, axis=0, weights=weight)
    found: Floats = np.log(np.maximum(share, 1e-12))
    found[share == 0] = _NEVER
    return found


def _softmax(scores: Floats) -> Floats:
    lifted = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(lifted / lifted.sum(1, keepdims=True))


@dataclass(frozen=True)
class _Machine:
    """A fitted machine: its answers, and its graph in float32 or 64."""

    kernel: str
    width: float
    typical: float
    vectors: Floats
    solved: _Solved
    link: tuple[float, float]
    curve: Bend | None
    fold: Rows

    @property
    def shift(self) -> Floats:
        """What is added to scores before the softmax, (K,)."""
        seen = np.isin(np.arange(len(self.solved.middle)), self.fold.present)
        middle = self.solved.middle
        known = self.link[1] * np.log(np.maximum(middle, 1e-12))
        return np.where(seen, self.link[0] * middle + known, _NEVER)

    def answers(self, x: NDArray[Any]) -> Floats:
        """Return values (N, 1) or probabilities (N, K)."""
        distance = _distance(x.astype(np.float64), self.vectors)
        close = _closeness(distance, self.kernel, self.width, self.typical)
        scores = close @ self.solved.coefficients
        if self.curve is not None:
            return self.curve.backward(scores + self.solved.middle)
        return _softmax(self.link[0] * scores + self.shift)

    def graph(self, double: bool) -> bytes:
        """Return the graph."""
        near, factor = _factors(self.kernel, self.width, self.typical)
        steps: list[Step] = [
            ("ReduceSumSquare", ["x", "one"], ["own"], {"keepdims": 1}),  # (N, 1)
            ("MatMul", ["x", "vectors"], ["cross"], {}),  # (N, S), already times -2
            ("Add", ["cross", "squares"], ["partial"], {}),
            ("Add", ["partial", "own"], ["rough"], {}),
            ("Relu", ["rough"], ["gap"], {}),  # rounding can make a zero distance negative
        ]
        last = "gap"
        if self.kernel == "laplacian":
            steps += [("Add", ["gap", "near"], ["apart"], {}), ("Sqrt", ["apart"], ["root"], {})]
            last = "root"
        steps += [
            ("Mul", [last, "factor"], ["exponent"], {}),
            ("Exp", ["exponent"], ["kernel"], {}),
            ("Gemm", ["kernel", "coefficients", "shift"], ["scores"], {}),  # (N, K)
        ]
        regress = self.curve is not None
        constants = {
            "one": np.array([1], dtype=np.int64),
            "vectors": -2.0 * self.vectors.T,
            "squares": (self.vectors * self.vectors).sum(1)[None, :],
            "near": np.array(near),
            "factor": np.array(factor),
            "coefficients": self.solved.coefficients * (1.0 if regress else self.link[0]),
            "shift": self.solved.middle if regress else self.shift,
        }
        columns = self.fold.x.shape[1]
        if self.curve is not None:
            more, also = self.curve.steps("scores")
            return graph([*steps, *more], constants | also, columns, "values", double)
        steps.append(("Softmax", ["scores"], ["probabilities"], {"axis": 1}))
        return graph(steps, constants, columns, "probabilities", double)
