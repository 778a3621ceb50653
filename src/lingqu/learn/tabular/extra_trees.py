"""Trees with random split points, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.tabular.balance import balanced
from lingqu.learn.tabular.forest import Growth, fit_forest
from lingqu.learn.tabular.rows import View, rows
from lingqu.release.reading import Reading


@dataclass
class ExtraTrees:
    """Grow trees whose split points are drawn at random, and average them.

    Errs differently from boosted trees, so it is a good partner of theirs; strong where many
    columns say a little each.

    Args:
        trees: How many; 0 chooses 300 up to 2 000 rows, 200 up to 20 000, 100 above.
        leaves: Most leaves of a tree; 0 for so many that the graph stays below some 7 MB.
        smallest_leaf: Fewest rows in a leaf; 0 chooses 1 for classes, 2 for values.
        column_share: Share of the columns each split looks at, 0 to 1; 0 chooses their square
            root for classes and all of them for values.
        balance: Give all classes the same sum of weights, however rare they are.
        rare: Levels with fewer training rows count as unseen.
        similar: Frequent levels with which those of a category of more than 30 are compared by
            their letters, so that unseen ones resemble seen ones; 0 for none.
        view: ``plain`` columns, ``rich`` ones (facts about levels, joined numbers), or ``auto``:
            rich where a category has many levels.

    Example:
        >>> ExtraTrees(trees=50).trees, ExtraTrees.engine
        (50, 'sklearn')

    Source: Geurts, Ernst and Wehenkel, "Extremely randomized trees", 2006,
        doi:10.1007/s10994-006-6226-1.
    """

    name: ClassVar[str] = "extra_trees"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "sklearn"

    trees: int = 0
    leaves: int = 0
    smallest_leaf: int = 0
    column_share: float = 0.0
    balance: bool = False
    rare: int = 0
    similar: int = 0
    view: View = "auto"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Grow on `train` until `budget.seconds` are spent; `valid` is not needed."""
        fold = rows(
            train,
            valid,
            "tree",
            view=self.view,
            reading=Reading(rare=self.rare, similar=self.similar),
        )
        if self.balance:
            fold = balanced(fold)
        k = len(fold.classes)
        least, share = (
            self.smallest_leaf or (1 if k else 2),
            self.column_share or (0.0 if k else 1.0),
        )
        growth = Growth(self.trees, self.leaves, least, share)
        kind = ExtraTreesClassifier if fold.classes else ExtraTreesRegressor
        return fit_forest(self.name, kind, growth, fold, budget, progress)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.extra_trees(rows, columns, classes)
