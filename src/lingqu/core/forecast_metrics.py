"""Scores of forecasts: in units of the series, in shares of its size, and of intervals.

Formulas have the form of `core/metrics.py`: row weights (B, N) → B scores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.predictions import Predictions

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
    """Return the weighted quantile loss: of the quantiles told, else of both ends and the value.

    Args:
        y: Truth.
        said: Answers with an interval.
        coverage: What the interval should hold: 0.9 makes its ends the 5 % and 95 % quantiles.

    Returns:
        Mean over them of twice the quantile loss, as a share of the sum of the truth; NaN
        where there is no interval, or the truth is 0 throughout.

    Example:
        >>> at = np.array([10.0])
        >>> wql(at, Predictions(at, low=at, high=at), 0.9)
        0.0

    Source: Salinas et al., "DeepAR", 2020, doi:10.1016/j.ijforecast.2019.07.001, section 4.
    """
    truth = np.asarray(y, dtype=np.float64)
    total = float(np.abs(truth).sum())
    told = _told(said, coverage)
    if not told or total == 0:
        return float("nan")
    losses = [
        2 * float(np.maximum(level * (truth - end), (level - 1) * (truth - end)).sum())
        for level, end in told
    ]
    return sum(losses) / len(losses) / total


def _told(said: Predictions, coverage: float) -> list[tuple[float, Floats]]:
    """Return what is told of the distribution: pairs of a level and the values there."""
    if said.quantiles is not None:
        return list(zip(said.levels, said.quantiles.T, strict=True))
    if said.low is None or said.high is None:
        return []
    tail = (1 - coverage) / 2
    return [(tail, said.low), (0.5, said.labels.astype(np.float64)), (1 - tail, said.high)]


def below(y: NDArray[Any], said: Predictions) -> list[float]:
    """Return of each quantile the share of values at or below it: what its level should be.

    Example:
        >>> said = Predictions(
        ...     np.zeros(2), quantiles=np.array([[-1.0, 1.0]] * 2), levels=(0.1, 0.9)
        ... )
        >>> below(np.array([0.5, 2.0]), said)
        [0.0, 0.5]
    """
    truth = np.asarray(y, dtype=np.float64)
    if said.quantiles is None:
        return []
    return [float((truth <= line).mean()) for line in said.quantiles.T]


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
