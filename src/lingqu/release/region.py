"""Intervals and sets beside the answers of a model, in NumPy.

`region_graph` writes the same formulas as nodes of the model's graph, and a merged graph is
compared with these. They stand apart so that who only judges a region imports no ONNX.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Model, Region

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


def with_ends(region: Region, values: Floats, told: Floats | None) -> Floats:
    """Return values (N, 1) with the ends of their intervals, (N, 3).

    Example:
        >>> with_ends(Region(0.9, 9, below=1, above=2), np.array([[5.0]]), None).tolist()
        [[5.0, 4.0, 7.0]]
    """
    size = np.ones_like(values)
    if told is not None:
        size = np.maximum(told, region.floor)
    elif region.knots:
        size = np.interp(values, *np.array(region.knots).T)
    return np.hstack([values, values - region.below * size, values + region.above * size])


def sets_of(model: Model, region: Region, probabilities: Floats, slack: float = 0.0) -> Booleans:
    """Return which classes are in the set of each row, (N, K).

    Args:
        model: Its classes and threshold say which one is the answer.
        region: From which probability on a class is in.
        probabilities: Of each class, (N, K).
        slack: Above 0, only what is in by so much; below, also what lacks so little.

    Example:
        >>> model = Model("classify", ("a", "b", "c"), ())
        >>> region = Region(0.9, 9, least=(0.3, 0.3, 0.3))
        >>> sets_of(model, region, np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])).tolist()
        [[True, True, False], [False, False, True]]
    """
    weighed = probabilities * np.array(weigh(model))
    ranked = np.sort(weighed, axis=1)
    most = ranked[:, -2:-1] if slack > 0 else ranked[:, -1:]
    inside: Booleans = probabilities >= np.array(region.least) + slack
    found: Booleans = inside | (weighed >= most + slack)
    return found


def weigh(model: Model) -> list[float]:
    """Return factors after which the answered class is the largest, also with a threshold."""
    if len(model.classes) != 2:
        return [1.0] * len(model.classes)
    return [model.threshold, 1 - model.threshold]
