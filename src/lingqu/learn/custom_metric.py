"""A score of one's own, named by its dotted path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.metric_table import OWN, Formula, Metric, metric_of
from lingqu.core.predictions import Predictions


def known(name: str) -> str:
    """Make ``package.module:function`` a metric like any other, and return its name.

    The function gets the truth (class indices or values, shape (N,)) and the `Predictions`, and
    returns a number. Greater is better, unless it has an attribute ``greater_is_better = False``.

    Args:
        name: A dotted path, or the name of a metric of the house, which is returned in its one
            form.

    Raises:
        SpecError: Nothing that can be called is there, or there is no such metric.

    Example:
        >>> known("accuracy")
        'accuracy'
    """
    module, _, function = name.partition(":")
    if not function:
        return metric_of(name).name
    if name in OWN:
        return name
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise SpecError("choice.no_metric", name=name, problem=str(error)) from error
    if not callable(found):
        raise SpecError("choice.no_metric", name=name, problem=f"{function} is no function")
    sign = 1.0 if getattr(found, "greater_is_better", True) else -1.0
    OWN[name] = Metric(name, _formula(found), "own", sign < 0, -inf, inf)
    return name


def _formula(function: Callable[[Any, Predictions], float]) -> Formula:
    """Return the function as a formula; rows of a resample are handed over as often as drawn."""

    def formula(
        y: NDArray[Any], said: Predictions, positive: int, weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        scores = np.empty(len(weights))
        for index, row in enumerate(weights):
            if (row == 1).all():
                scores[index] = float(function(y, said))
                continue
            again = np.repeat(np.arange(len(y)), row.astype(np.int64))
            scores[index] = float(function(y[again], _taken(said, again)))
        return scores

    return formula


def _taken(said: Predictions, rows: NDArray[np.int64]) -> Predictions:
    beside = ("probabilities", "low", "high", "units", "groups")
    parts = {name: getattr(said, name) for name in beside}
    kept = {name: part[rows] for name, part in parts.items() if part is not None}
    return replace(said, labels=said.labels[rows], **kept)
