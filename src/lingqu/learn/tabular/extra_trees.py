"""Trees with random split points, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from lingqu.learn.tabular.forest import Forest


@dataclass
class ExtraTrees(Forest):
    """Grow trees whose split points are drawn at random, and average them.

    Errs differently from boosted trees, so it is a good partner of theirs; strong where many
    columns say a little each. Where an option is 0, a leaf has 1 row for classes and 2 for
    values, and a split looks at the square root of the columns for classes and at all for values.

    Example:
        >>> ExtraTrees(trees=50).trees, ExtraTrees.engine
        (50, 'sklearn')

    Source: Geurts, Ernst and Wehenkel, "Extremely randomized trees", 2006,
        doi:10.1007/s10994-006-6226-1.
    """

    name: ClassVar[str] = "extra_trees"
    learners = (ExtraTreesClassifier, ExtraTreesRegressor)
    smallest = (1, 1, 2)
    share = 1.0
