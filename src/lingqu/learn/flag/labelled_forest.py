"""A forest that learns from the rows which somebody called anomalies."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.flag.forest_graph import forest_graph, mean_said, voting
from lingqu.learn.flag.reading import READ, Reading, member, read

MOST = 5000
"""Rows of each kind that it is grown on, at most."""
_NOBODY_SAID = 0.3
"""What a row counts that nobody has judged, beside one that is known to be normal."""
_FEWEST, _AT_ONCE = 60, 20
"""Trees below which some row would be in every sample; trees between two looks at the clock."""


@dataclass
class LabelledForest:
    """Score rows by the share of trees that take them for one of the known anomalies.

    The one learner that is shown them: all others learn what is usual alone, and find what nobody
    has met before. Rows that nobody has judged count as normal, but less. How the scores of usual
    rows are spread is told by the trees that were grown without them.

    Args:
        trees: How many trees.
        smallest_leaf: Fewest rows in a leaf.

    Example:
        >>> LabelledForest(trees=100).smallest_leaf
        3

    Source: Breiman, "Random forests", 2001, doi:10.1023/A:1010933404324; unjudged rows as weaker
        normal ones: Elkan and Noto, "Learning classifiers from only positive and unlabeled data",
        KDD 2008, doi:10.1145/1401890.1401920; beside unsupervised scores: Zhao and Hryniewicki,
        "XGBOD", IJCNN 2018, doi:10.1109/IJCNN.2018.8489605.
    """

    name: ClassVar[str] = "labelled_forest"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "sklearn"

    trees: int = 200
    smallest_leaf: int = 3

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, of which some rows are called anomalies."""
        end = time.monotonic() + 0.7 * budget.seconds
        reading = read(train, budget.seed)
        if not len(reading.odd):
            raise TrainError("flag.no_known", name=self.name)
        forest, usual = self._grown(reading, budget.seed, end)
        tables = voting(forest)

        def scored(x: NDArray[np.float32]) -> NDArray[np.float64]:
            return mean_said(tables, reading.front.filled(x))

        front, constants = reading.front.steps("filled")
        notes: dict[str, Any] = {"trees": len(tables), "known": len(reading.odd)}
        if len(tables) < self.trees:
            notes["cut_short"] = True
        return member(
            self.name, reading, usual, [*front, *forest_graph(tables)], constants, scored, notes
        )

    def _grown(
        self, reading: Reading, seed: int, end: float
    ) -> tuple[RandomForestClassifier, NDArray[np.float64]]:
        """Return the forest, and what it says of usual rows that its trees were grown without."""
        draw = np.random.default_rng(seed)
        usual, odd = (
            np.sort(draw.permutation(count)[:MOST]) for count in (len(reading.x), len(reading.odd))
        )
        rows = reading.front.filled(np.concatenate([reading.x[usual], reading.odd[odd]]))
        weight = np.where(reading.sure[usual], 1.0, _NOBODY_SAID)
        weight = np.append(weight, np.full(len(odd), weight.sum() / len(odd)))
        kind = np.repeat([0, 1], [len(usual), len(odd)])
        forest = RandomForestClassifier(
            0, min_samples_leaf=self.smallest_leaf, warm_start=True, random_state=seed
        )
        fewest = min(_FEWEST, self.trees)
        while (grown := forest.n_estimators) < self.trees and (
            grown < fewest or time.monotonic() < end
        ):
            forest.n_estimators = min(grown + _AT_ONCE, self.trees)
            forest.fit(rows, kind, weight)
        return forest, _unseen(forest, rows[: len(usual)])

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.labelled_forest(rows, columns, classes)


def _unseen(forest: RandomForestClassifier, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean share over the trees in whose sample a row is not, (N,)."""
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    for tree, seen in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        out = np.ones(len(rows), dtype=bool)
        out[seen[seen < len(rows)]] = False
        if out.any():
            total[out] += tree.tree_.predict(rows[out])[:, 1]
            count[out] += 1
    told: NDArray[np.float64] = total[count > 0] / count[count > 0]
    return told if len(told) else np.zeros(1)
