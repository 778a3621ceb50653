"""Explainable boosting machine: a sum of one curve per column, and a few of pairs."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from numpy.typing import NDArray
from scipy.special import softmax

from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.additive import Additive, mean_of
from lingqu.learn.tabular.balance import balanced
from lingqu.learn.tabular.graph import verify
from lingqu.learn.tabular.monotone import Direction, signs
from lingqu.learn.tabular.options import Tabular
from lingqu.learn.tabular.rows import Rows, View, rows
from lingqu.learn.tabular.score_tree import score_tree
from lingqu.learn.tabular.shapes import shapes
from lingqu.learn.tabular.target import Bend
from lingqu.learn.tabular.trees import Tree, alone, bend_of, boosted, goal_of, scale_of
from lingqu.release.reading import Reading

_WIDE = 60
"""Columns above which no pairs are looked for: there are too many."""
_FIRST = 0.6
"""Share of the time that the first of several bags may take."""
_EVERY = 50
_NEVER = -1e4
"""Score of a class that no training row has."""


@dataclass
class Ebm(Tabular):
    """Learn how much each column, and each of a few pairs, adds to the answer.

    A model that can be read: the curve of a column is all that the column does. Often about as
    good as other boosted trees, and slower to fit. The curves are in the report.

    Args:
        bags: Fits on parts of the rows that are averaged; 0 chooses 3 up to 3 000 rows, 2 up to
            20 000, 1 above.
        pairs: Pairs of columns that get a table of their own; -1 chooses as many as half the
            columns, at most 10, and none for more than two classes or 60 columns.
        rounds: Most rounds over the columns; the rows a bag leaves out usually stop earlier.
        learning_rate: Weight of each step, 0 to 1; 0 chooses 0.02 for classes and 0.04 for
            values.
        leaves: Leaves of a step, ≥ 2.
        smallest_leaf: Fewest rows in a leaf.
        bins: Most bins of a column, ≥ 3.
        monotone: Column → ``increasing`` or ``decreasing`` (1 or -1): answers, or the
            probability of the second of two classes, may only rise or fall with it. Such a
            column is in no pair.
        balance: Give all classes the same sum of weights, however rare they are.
        rare: Levels with fewer training rows count as unseen.
        view: ``plain`` columns, ``rich`` ones (facts about levels, joined numbers), or ``auto``:
            rich where a category has many levels. With `monotone` always plain.

    Example:
        >>> Ebm(pairs=0).pairs, Ebm.engine
        (0, 'sklearn')

    Source: Lou, Caruana, Gehrke and Hooker, "Accurate intelligible models with pairwise
        interactions", KDD 2013, doi:10.1145/2487575.2487579; Nori et al., "InterpretML", 2019,
        arXiv:1909.09223.
    """

    name: ClassVar[str] = "ebm"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "sklearn"

    bags: int = 0
    pairs: int = -1
    rounds: int = 5000
    learning_rate: float = 0.0
    leaves: int = 3
    smallest_leaf: int = 4
    bins: int = 256
    monotone: Mapping[str, Direction] = field(default_factory=dict)
    balance: bool = False
    rare: int = 0
    view: View = "plain"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train` until `budget.seconds` are spent; `valid` is not needed."""
        begun = time.monotonic()
        view: View = "plain" if self.monotone else self.view
        fold = rows(train, valid, "tree", view=view, reading=Reading(rare=self.rare))
        if self.balance:
            fold = balanced(fold)
        bend = bend_of(fold)
        end = begun + 0.85 * budget.seconds
        learners, cut_short = self._fitted(fold, goal_of(fold, bend), end, budget, progress)
        model = mean_of(learners)
        seen = np.asarray(getattr(learners[0], "classes_", ()), dtype=np.int64)
        trees, bias = _trees(model, seen, len(fold.classes))
        data = boosted(trees, fold, bend, bias)
        expected = _expected(learners, seen, fold, bend)
        verify(self.name, data, fold.sample, expected, scale_of(fold), budget.threads)
        notes: dict[str, Json] = {
            "bags": len(learners), "refit": {"bags": len(learners)}, "bag": True,
            "cut_short": cut_short,
            "shapes": shapes(model, fold.encoding, bend.scale, _named(fold, seen)),
        }  # fmt: skip
        return fold.model(self.name, data, notes)

    def _fitted(
        self, fold: Rows, y: NDArray[Any], end: float, budget: Budget, progress: Progress
    ) -> tuple[list[Any], bool]:
        """Return one fit per bag, and whether there was time for fewer, or shorter, ones."""
        x, weight = fold.x.astype(np.float64), fold.weight
        if weight is not None and not weight.all():
            counted = weight > 0
            x, y, weight = x[counted], y[counted], weight[counted]
        n = len(x)
        bags = self.bags or (3 if n <= 3000 else 2 if n <= 20_000 else 1)
        kind = ExplainableBoostingClassifier if fold.classes else ExplainableBoostingRegressor
        options, longest = self._options(fold), 0.0
        learners: list[Any] = []
        for bag in range(bags):
            begun = time.monotonic()
            left = end - begun
            if learners and left < 1.2 * longest:
                return learners, True
            watch = _Watch(begun + (_FIRST if bags > 1 else 1.0) * left, progress)
            learner = kind(random_state=budget.seed + bag, callback=watch, **options)
            with warnings.catch_warnings():
                # It says that its own pictures do not show missing values, and the like.
                warnings.simplefilter("ignore")
                learner.fit(x, y, sample_weight=weight)
            if watch.reached and learners:  # those before it had the time that they wanted
                return learners, True
            learners.append(learner)
            longest = max(longest, time.monotonic() - begun)
            if watch.reached:
                return learners, True
        return learners, False

    def _options(self, fold: Rows) -> dict[str, Any]:
        k, columns = len(fold.classes), fold.x.shape[1]
        wanted = signs(fold, self.monotone)
        pairs = self.pairs if self.pairs >= 0 else min(10, columns // 2)
        if k > 2 or columns > _WIDE or columns < 2:
            pairs = 0
        apart = [(a, b) for a, sign in enumerate(wanted) if sign for b in range(columns) if a != b]
        return {
            "max_bins": self.bins,
            "max_interaction_bins": 32,
            "interactions": pairs,
            "outer_bags": 1,
            "learning_rate": self.learning_rate or (0.02 if k else 0.04),
            "max_rounds": self.rounds,
            "max_leaves": self.leaves,
            "min_samples_leaf": self.smallest_leaf,
            "n_jobs": 1,
            "feature_types": ["continuous"] * columns,
            "exclude": apart if pairs and apart else None,
            "monotone_constraints": wanted if any(wanted) else None,
        }


class _Watch:
    """Ends a fit when its time is spent."""

    def __init__(self, end: float, progress: Progress) -> None:
        self._end, self._progress = end, progress
        self.reached = False

    def __call__(self, bag: int, step: int, progressed: bool, metric: float) -> bool:
        """Say whether the fit must stop."""
        if step % _EVERY == 0 and np.isfinite(metric):
            self._progress({"epoch": step, "valid_loss": float(metric)})
        self.reached = self.reached or time.monotonic() > self._end
        return self.reached


def _named(fold: Rows, seen: NDArray[np.int64]) -> list[str]:
    """Return the names of the classes seen, where there are more than two."""
    return [fold.classes[place] for place in seen] if len(fold.classes) > 2 else []


def _trees(model: Additive, seen: NDArray[np.int64], k: int) -> tuple[list[Tree], float]:
    """Return one tree per curve or table, and what is added to one sum.

    With several sums, what is added to each is a tree of one leaf.
    """
    if k <= 2:
        trees = [score_tree(term.features, term.cuts, term.scores) for term in model.terms]
        return trees, float(model.start[0])

    def per_class(scores: NDArray[np.float64], absent: float) -> NDArray[np.float64]:
        """Add an axis of all classes, also of those that no training row has."""
        if not model.several:  # of two classes seen, these are the log-odds of the second
            scores = np.stack([np.zeros_like(scores), scores], axis=-1)
        whole = np.full((*scores.shape[:-1], k), absent)
        whole[..., seen] = scores
        return whole

    trees = [score_tree(t.features, t.cuts, per_class(t.scores, 0.0)) for t in model.terms]
    start = model.start[None, :] if model.several else model.start
    return [*trees, alone(per_class(start, _NEVER))], 0.0


def _expected(
    learners: list[Any], seen: NDArray[np.int64], fold: Rows, bend: Bend
) -> NDArray[np.float64]:
    sample = fold.sample.astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not fold.classes:
            said = np.mean([learner.predict(sample) for learner in learners], axis=0)
            return bend.backward(np.asarray(said, dtype=np.float64))[:, None]
        sums = np.mean([learner.decision_function(sample) for learner in learners], axis=0)
    if sums.ndim == 1:
        sums = np.column_stack([np.zeros_like(sums), sums])
    expected = np.zeros((len(sample), len(fold.classes)))
    expected[:, seen] = softmax(sums, axis=1)
    return expected
