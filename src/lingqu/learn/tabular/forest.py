"""What random forests and extremely random trees share: growing until time is up, the graph."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import verify
from lingqu.learn.tabular.options import Questions
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend
from lingqu.learn.tabular.trees import (
    AT_MOST,
    LEAF,
    Tree,
    averaged,
    bend_of,
    goal_of,
    lifted,
    scale_of,
)

LEAVES = 100_000
"""Leaves of a whole forest: some 7 MB of graph."""
DRAWN = 200_000
"""Most rows that one tree is grown on."""
_PROBE = 4000
_LEAF_S = 4e-6


@dataclass
class Forest(Questions):
    """Trees that are grown one by one until there are enough or the time is up, and averaged.

    Args:
        trees: How many; 0 chooses 300 up to 2 000 rows, 200 up to 20 000, 100 above.
        leaves: Most leaves of a tree; 0 for so many that the graph stays below some 7 MB.
        smallest_leaf: Fewest rows in a leaf; 0 chooses by the task.
        column_share: Share of the columns each split looks at, 0 to 1; 0 chooses by the task.
    """

    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "sklearn"
    learners: ClassVar[tuple[Any, Any]]
    """The forests of scikit-learn: for classes, for values."""
    smallest: ClassVar[tuple[int, int, int]]
    """Usual fewest rows of a leaf: for two classes, for more, for values."""
    share: ClassVar[float]
    """Usual share of the columns that a split looks at, for values."""

    trees: int = 0
    leaves: int = 0
    smallest_leaf: int = 0
    column_share: float = 0.0

    def usual(self, classes: int) -> tuple[int, float]:
        """Return the fewest rows of a leaf and the share of the columns, 0 for √D, if none is said.

        Args:
            classes: How many; 0 for values.
        """
        two, more, values = self.smallest
        return (two if classes == 2 else more, 0.0) if classes else (values, self.share)

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Grow on `train` until `budget.seconds` are spent; `valid` is not needed."""
        fold = self.fold(train, valid)
        end = time.monotonic() + 0.9 * budget.seconds
        bend = bend_of(fold, self.target)
        x, y, weight = fold.x, goal_of(fold, bend), fold.weight
        if weight is not None and not weight.all():
            counted = weight > 0
            x, y, weight = x[counted], y[counted], weight[counted]
        learner, cut_short = _grown(self, (x, y, weight), fold, end, budget, progress)
        trees = [_tree(each, learner, len(fold.classes)) for each in learner.estimators_]
        bend = lifted(bend, fold, learner.predict)
        expected, done = _expected(learner, fold, bend), len(trees)
        del learner  # some 100 MB that nothing needs any more
        data = averaged(trees, fold, bend)
        del trees
        verify(self.name, data, fold.sample, expected, scale_of(fold))
        notes = {"trees": done, "refit": {"trees": done}, "cut_short": cut_short}
        return fold.model(self.name, data, notes)


def _grown(
    wish: Forest, parts: tuple[Any, Any, Any], fold: Rows, end: float, budget: Budget,
    progress: Progress,
) -> tuple[Any, bool]:  # fmt: skip
    """Return the forest, and whether time ended it."""
    x, y, weight = parts
    n, k = len(x), len(fold.classes)
    kind = wish.learners[0 if k else 1]
    least, share = wish.usual(k)
    count = wish.trees or (300 if n <= 2000 else 200 if n <= 20_000 else 100)
    most = wish.leaves or max(8, LEAVES // min(count, 1000) // (2 if k > 2 else 1))
    options: dict[str, Any] = {
        "max_features": wish.column_share or share or "sqrt",
        "min_samples_leaf": wish.smallest_leaf or least,
        "max_leaf_nodes": most if n > most else None,
        "n_jobs": budget.threads if n >= 5000 else 1,
        "random_state": budget.seed,
        "warm_start": True,
    }
    drawn, short = _rows_of_a_tree(kind, options, parts, end)
    if drawn < n:
        options |= {"bootstrap": True, "max_samples": drawn}
    learner, done, step = kind(n_estimators=1, **options), 0, 1
    while done < count:
        begun = time.monotonic()
        learner.set_params(n_estimators=done + step)
        learner.fit(x, y, sample_weight=weight)
        done += step
        now = time.monotonic()
        # The graph takes its time as well, for each leaf.
        each = (now - begun) / step + _LEAF_S * most
        left = end - now - _LEAF_S * most * done
        progress({"epoch": done})
        if done < count and left < each:
            return learner, True
        step = max(1, min(count - done, int(0.3 * left / each)))
    return learner, short


def _rows_of_a_tree(
    kind: Any, options: dict[str, Any], parts: tuple[Any, Any, Any], end: float
) -> tuple[int, bool]:
    """Return how many rows each tree is grown on, and whether that is for lack of time."""
    x, y, weight = parts
    n = len(x)
    if n <= 2 * _PROBE:
        return n, False
    some = slice(0, None, n // _PROBE)
    begun = time.monotonic()
    kind(n_estimators=1, **options).fit(
        x[some], y[some], sample_weight=None if weight is None else weight[some]
    )
    per_row = (time.monotonic() - begun) / len(x[some])
    # n log n; an eighth of the time is for the first tree, so that there are several.
    affordable = int((end - begun) / 8 / (1.5 * per_row))
    if affordable < min(n, DRAWN):
        return max(_PROBE, affordable), True
    return min(n, DRAWN), False


def _tree(estimator: Any, learner: Any, k: int) -> Tree:
    fitted = estimator.tree_
    count = len(learner.estimators_)
    inner = fitted.children_left >= 0
    value = fitted.value[:, 0, :] / count  # (nodes, classes seen), or (nodes, 1)
    if k:
        seen = np.asarray(learner.classes_, dtype=np.int64)
        spread_out = np.zeros((len(value), k))
        spread_out[:, seen] = value
        value = spread_out if k > 2 else spread_out[:, 1]
    else:
        value = value[:, 0]
    return Tree(
        np.where(inner, AT_MOST, LEAF),
        np.where(inner, fitted.feature, 0),
        np.where(inner, fitted.threshold, 0.0),
        np.where(inner, fitted.children_left, 0),
        np.where(inner, fitted.children_right, 0),
        inner & (fitted.missing_go_to_left > 0),
        value,
    )


def _expected(learner: Any, fold: Rows, bend: Bend) -> NDArray[np.float64]:
    learner.set_params(n_jobs=1)
    if not fold.classes:
        return bend.backward(np.asarray(learner.predict(fold.sample)))[:, None]
    expected = np.zeros((len(fold.sample), len(fold.classes)))
    expected[:, np.asarray(learner.classes_, dtype=np.int64)] = learner.predict_proba(fold.sample)
    return expected
