"""Scores of forecasts: in units of the series, in shares of its size, and of intervals.

Formulas have the form of `core/metrics.py`: row weights (B, N) → B scores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Predictions

Floats = NDArray[np.float64]


def _mean(weights: Floats, values: Floats) -> Floats:
    found: Floats = weights @ values / weights.sum(1)
    return found


def mase(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return the mean absolute scaled error: 1 is as good as the seasonal naive forecast.

    It is NaN where the answers do not tell the units of their series.

    Example:
        >>> said = Predictions(np.array([2.0]), units=np.array([4.0]))
        >>> mase(np.array([4.0]), said, 1, np.ones((1, 1))).tolist()
        [0.5]

    Source: Hyndman and Koehler, 2006, doi:10.1016/j.ijforecast.2006.03.001.
    """
    if said.units is None:
        return np.full(len(weights), np.nan)
    return _mean(weights, np.abs(_errors(y, said)) / said.units)


def smape(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return the symmetric mean absolute percentage error, as a share from 0 to 2.

    A value and a forecast of 0 count as no error.

    Example:
        >>> float(smape(np.array([3.0]), Predictions(np.array([1.0])), 1, np.ones((1, 1)))[0])
        1.0

    Source: Makridakis, 1993, doi:10.1016/0169-2070(93)90079-3, as in the M4 competition.
    """
    size = np.abs(np.asarray(y, dtype=np.float64)) + np.abs(said.labels.astype(np.float64))
    share = np.divide(2 * np.abs(_errors(y, said)), size, out=np.zeros(len(size)), where=size > 0)
    return _mean(weights, share)


def wql(y: NDArray[Any], said: Predictions, coverage: float) -> float:
    """Return the weighted quantile loss of the low end, the value and the high end.

    Args:
        y: Truth.
        said: Answers with an interval.
        coverage: What the interval should hold: 0.9 makes its ends the 5 % and 95 % quantiles.

    Returns:
        Mean over the three of twice the quantile loss, as a share of the sum of the truth; NaN
        where there is no interval, or the truth is 0 throughout.

    Example:
        >>> at = np.array([10.0])
        >>> wql(at, Predictions(at, low=at, high=at), 0.9)
        0.0

    Source: Salinas et al., "DeepAR", 2020, doi:10.1016/j.ijforecast.2019.07.001, section 4.
    """
    truth = np.asarray(y, dtype=np.float64)
    total = float(np.abs(truth).sum())
    if said.low is None or said.high is None or total == 0:
        return float("nan")
    tail = (1 - coverage) / 2
    ends = ((tail, said.low), (0.5, said.labels.astype(np.float64)), (1 - tail, said.high))
    losses = [
        2 * float(np.maximum(level * (truth - end), (level - 1) * (truth - end)).sum())
        for level, end in ends
    ]
    return sum(losses) / len(losses) / total


def covered(y: NDArray[Any], said: Predictions) -> NDArray[np.bool_] | None:
    """Return which values lie in their interval, None where there is none.

    Example:
        >>> said = Predictions(np.zeros(2), low=np.full(2, -1.0), high=np.full(2, 1.0))
        >>> covered(np.array([0.5, 2.0]), said).tolist()
        [True, False]
    """
    if said.low is None or said.high is None:
        return None
    truth = np.asarray(y, dtype=np.float64)
    return np.asarray((truth >= said.low) & (truth <= said.high))


def _errors(y: NDArray[Any], said: Predictions) -> Floats:
    found: Floats = np.asarray(y, dtype=np.float64) - said.labels.astype(np.float64)
    return found


Formula = Callable[[NDArray[Any], Predictions, int, Floats], Floats]
FORMULAS: dict[str, Formula] = {"mase": mase, "smape": smape}
"""Name → formula, of scores that a forecast may be chosen by."""
