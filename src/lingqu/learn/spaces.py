"""What a search may vary of each learner: names of options, and from where to where."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lingqu.core.nouns import Json


@dataclass(frozen=True)
class Span:
    """A number between two ends.

    Args:
        low: Smallest value.
        high: Largest value.
        log: Whether equal ratios, not equal differences, are equally likely.
        whole: Whether it is a whole number.

    Example:
        >>> Span(1, 100, log=True, whole=True).at(0.5)
        10
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> float | int:
        """Return the value at a share of the way from low to high, 0 to 1."""
        if self.log:
            value = math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        else:
            value = self.low + share * (self.high - self.low)
        return round(value) if self.whole else float(f"{value:.6g}")


@dataclass(frozen=True)
class OneOf:
    """One of a few values.

    Example:
        >>> OneOf(("relu", "tanh")).at(0.9)
        'tanh'
    """

    values: tuple[Json, ...]

    def at(self, share: float) -> Json:
        """Return the value at a share of the list, 0 to 1."""
        return self.values[min(len(self.values) - 1, int(share * len(self.values)))]


Space = Mapping[str, Span | OneOf]

_TREES: Space = {
    "learning_rate": Span(0.015, 0.2, log=True),
    "leaves": Span(6, 200, log=True, whole=True),
    "smallest_leaf": Span(2, 80, log=True, whole=True),
    "column_share": Span(0.3, 1.0),
    "row_share": Span(0.5, 1.0),
    "l2": Span(0.01, 30.0, log=True),
    "extra_random": OneOf((False, True)),
}

_FOREST: Space = {
    "smallest_leaf": Span(1, 30, log=True, whole=True),
    "column_share": Span(0.1, 1.0),
}

SPACES: dict[str, Space] = {
    "logistic": {"c": Span(0.01, 100.0, log=True)},
    "rbf_svm": {"c": Span(0.3, 300.0, log=True), "gamma": Span(0.03, 5.0, log=True)},
    "elastic_net": {"penalty": Span(1e-5, 0.3, log=True), "l1_share": Span(0.0, 1.0)},
    "naive_bayes": {
        "smoothing": Span(0.01, 10.0, log=True),
        "shrinkage": Span(0.5, 100.0, log=True),
    },
    "kernel_ridge": {
        "kernel": OneOf(("rbf", "laplacian")),
        "width": Span(0.2, 8.0, log=True),
        "penalty": Span(1e-5, 10.0, log=True),
    },
    "tabm": {
        "learning_rate": Span(2e-3, 2e-2, log=True),
        "dropout": Span(0.0, 0.4),
        "weight_decay": Span(1e-3, 0.2, log=True),
        "width": OneOf((64, 128, 192)),
        "layers": Span(1, 3, whole=True),
        "bins": OneOf((8, 16, 24, 48)),
    },
    "lightgbm": _TREES,
    "random_forest": _FOREST,
    "extra_trees": _FOREST,
    "xgboost": {
        "learning_rate": Span(0.015, 0.2, log=True),
        "depth": Span(3, 10, whole=True),
        "smallest_leaf": Span(0.1, 50.0, log=True),
        "column_share": Span(0.3, 1.0),
        "row_share": Span(0.5, 1.0),
        "l2": Span(0.1, 30.0, log=True),
    },
    "catboost": {
        "learning_rate": Span(0.015, 0.2, log=True),
        "depth": Span(4, 8, whole=True),
        "column_share": Span(0.4, 1.0),
        "l2": Span(1.0, 30.0, log=True),
    },
    "ebm": {
        "learning_rate": Span(0.01, 0.1, log=True),
        "leaves": Span(2, 5, whole=True),
        "smallest_leaf": Span(2, 50, log=True, whole=True),
        "pairs": Span(0, 20, whole=True),
    },
    "mlp": {
        "learning_rate": Span(5e-4, 2e-2, log=True),
        "dropout": Span(0.0, 0.5),
        "weight_decay": Span(1e-4, 0.2, log=True),
        "hidden": OneOf(([64], [128, 64], [256, 128], [128, 128, 64])),
    },
}
"""Algorithm → its space; one that is not here is not searched. A third party's class may have an
attribute `space` instead."""
