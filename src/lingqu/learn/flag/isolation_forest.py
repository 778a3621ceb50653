"""Isolation forest: how few random cuts it takes to set a row apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest as Forest

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.flag.forest_graph import forest_graph, isolating, mean_said
from lingqu.learn.flag.reading import READ, member, read


@dataclass
class IsolationForest:
    """Score rows by the mean number of random cuts that separate them from a small sample.

    What is rare and different is alone after few cuts. The samples are small on purpose: few
    anomalies are in any of them, and dense groups of anomalies are thinned out.

    Args:
        trees: How many trees.
        sample: Rows of each tree.

    Example:
        >>> IsolationForest(trees=50).sample
        256

    Source: Liu, Ting and Zhou, "Isolation forest", ICDM 2008, doi:10.1109/ICDM.2008.17.
    """

    name: ClassVar[str] = "isolation_forest"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "sklearn"

    trees: int = 150
    sample: int = 256

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; nothing else is needed."""
        reading = read(train, budget.seed)
        filled = reading.front.filled(reading.x)
        forest = Forest(
            n_estimators=self.trees,
            max_samples=min(self.sample, len(filled)),
            random_state=budget.seed,
        )
        tables = isolating(forest.fit(filled))

        def scored(x: NDArray[np.float32]) -> NDArray[np.float64]:
            return mean_said(tables, reading.front.filled(x))

        front, constants = reading.front.steps("filled")
        steps = [*front, *forest_graph(tables)]
        notes: dict[str, Any] = {"trees": self.trees, "sample": min(self.sample, len(filled))}
        return member(self.name, reading, scored(reading.x), steps, constants, scored, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.isolation_forest(rows, columns, classes)
