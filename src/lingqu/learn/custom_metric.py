"""A score of one's own, named by its dotted path."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core import metrics
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Predictions


def known(name: str) -> str:
    """Make ``package.module:function`` a metric like any other, and return its name.

    The function gets the truth (class indices or values, shape (N,)) and the `Predictions`, and
    returns a number. Greater is better, unless it has an attribute ``greater_is_better = False``;
    its value is then taken with the other sign, as the leaderboard shows errors.

    Args:
        name: A dotted path; anything else is returned as it is.

    Raises:
        SpecError: Nothing that can be called is there.

    Example:
        >>> known("accuracy")
        'accuracy'
    """
    module, _, function = name.partition(":")
    if not function or name in metrics.METRICS:
        return name
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise SpecError("choice.no_metric", name=name, problem=str(error)) from error
    if not callable(found):
        raise SpecError("choice.no_metric", name=name, problem=f"{function} is no function")
    metrics.METRICS[name] = _formula(found)
    return name


def _formula(function: Callable[[Any, Predictions], float]) -> metrics.Formula:
    sign = 1.0 if getattr(function, "greater_is_better", True) else -1.0

    def formula(
        y: NDArray[Any], said: Predictions, positive: int, weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return np.full(len(weights), sign * float(function(y, said)))

    return formula
