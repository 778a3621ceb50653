"""Trees on redrawn rows, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from lingqu.learn.tabular.forest import Forest


@dataclass
class RandomForest(Forest):
    """Grow trees on rows drawn with replacement, each split on a few columns, and average them.

    Hard to break: few options matter, outliers and odd columns do little harm, and answers stay
    within what was seen. Where an option is 0, a leaf has 2 rows for two classes and 1 else, and
    a split looks at the square root of the columns for classes and half of them for values.

    Example:
        >>> RandomForest(trees=50).trees, RandomForest.engine
        (50, 'sklearn')

    Source: Breiman, "Random forests", 2001, doi:10.1023/A:1010933404324.
    """

    name: ClassVar[str] = "random_forest"
    learners = (RandomForestClassifier, RandomForestRegressor)
    smallest = (2, 1, 1)
    share = 0.5
