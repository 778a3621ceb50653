"""Scores of values: means of a loss per row, and what is no such mean.

Formulas have the form of `core/metrics.py`: row weights (B, N) → B scores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.predictions import Predictions

Floats = NDArray[np.float64]
Formula = Callable[[NDArray[Any], Predictions, int, Floats], Floats]
RowLoss = Callable[[Floats, Floats], Floats]
"""Truth and answers → loss of each row; the shapes only need to broadcast."""
_EPSILON = float(np.finfo(np.float64).eps)
_LEAST = 1e-6
"""Share of the mean of the truth that an answer of 0 or less counts as, where only positive
answers have a score."""


def _squared(y: Floats, said: Floats) -> Floats:
    return np.asarray((y - said) ** 2)


def _absolute(y: Floats, said: Floats) -> Floats:
    return np.abs(y - said)


def _relative(y: Floats, said: Floats) -> Floats:
    return np.asarray(np.abs(y - said) / np.maximum(np.abs(y), _EPSILON))


def _symmetric(y: Floats, said: Floats) -> Floats:
    size = np.abs(y) + np.abs(said)
    return np.asarray(
        np.divide(2 * np.abs(y - said), size, out=np.zeros(size.shape), where=size > 0)
    )


def _logarithmic(y: Floats, said: Floats) -> Floats:
    if (y < 0).any():
        return np.full(np.broadcast_shapes(y.shape, said.shape), np.nan)
    return np.asarray((np.log1p(y) - np.log1p(np.maximum(said, 0.0))) ** 2)


def _poisson(y: Floats, said: Floats) -> Floats:
    if (y < 0).any():
        return np.full(np.broadcast_shapes(y.shape, said.shape), np.nan)
    said = np.maximum(said, max(_LEAST * float(np.mean(y)), _EPSILON))
    ratio = np.where(y > 0, y, 1.0) / np.where(y > 0, said, 1.0)
    return np.asarray(2 * (y * np.log(ratio) - y + said))


def _gamma(y: Floats, said: Floats) -> Floats:
    if (y <= 0).any():
        return np.full(np.broadcast_shapes(y.shape, said.shape), np.nan)
    said = np.maximum(said, _LEAST * float(np.mean(y)))
    return np.asarray(2 * (np.log(said / y) + y / said - 1))


def quantile_loss(share: float) -> RowLoss:
    """Return the loss whose best answer is the value that a share of the truth lies below.

    Source: Koenker and Bassett, "Regression quantiles", 1978, doi:10.2307/1913643.
    """

    def loss(y: Floats, said: Floats) -> Floats:
        return np.asarray(np.maximum(share * (y - said), (share - 1) * (y - said)))

    return loss


def mean_of(loss: RowLoss, root: bool = False) -> Formula:
    """Return the mean of a loss per row, or its root, as a formula."""

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        rows = loss(np.asarray(y, dtype=np.float64), said.labels.astype(np.float64))
        mean: Floats = (weights @ rows) / weights.sum(1)
        return np.sqrt(mean) if root else mean

    return formula


def _missing(y: NDArray[Any], said: Predictions) -> tuple[Floats, Floats]:
    """Return truth and errors."""
    truth = np.asarray(y, dtype=np.float64)
    return truth, truth - said.labels.astype(np.float64)


def _explained(about_zero: bool) -> Formula:
    """Return 1 less the share of the truth's variance that the errors keep; NaN if constant."""

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        truth, errors = _missing(y, said)
        total = weights.sum(1)
        centred = truth - truth.mean()  # else the difference of two large sums loses its digits
        spread = weights @ centred**2 / total - (weights @ centred / total) ** 2
        missed = weights @ errors**2 / total
        if not about_zero:
            missed = missed - (weights @ errors / total) ** 2
        share = np.divide(missed, spread, out=np.full(len(weights), np.nan), where=spread > 0)
        return np.asarray(1.0 - share)

    return formula


def _median_ae(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    off = np.abs(_missing(y, said)[1])
    order = np.argsort(off, kind="stable")
    sums = np.cumsum(weights[:, order], 1)
    half = sums[:, -1:] / 2
    # The mean of the two in the middle, where the middle lies between two rows.
    low, high = (sums >= half).argmax(1), (sums > half).argmax(1)
    return np.asarray((off[order][low] + off[order][high]) / 2)


def _max_error(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    off = np.abs(_missing(y, said)[1])
    return np.asarray(np.where(weights > 0, off, 0.0).max(1))


def _wape(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    truth, errors = _missing(y, said)
    size = weights @ np.abs(truth)
    lost = weights @ np.abs(errors)
    return np.asarray(np.divide(lost, size, out=np.full(len(weights), np.nan), where=size > 0))


def _spearman(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return the correlation of ranks, ties in the middle; NaN where one side is constant."""
    one, two = (_ranks(np.asarray(each, dtype=np.float64), weights) for each in (y, said.labels))
    total = weights.sum(1, keepdims=True)
    one, two = (each - (weights * each).sum(1, keepdims=True) / total for each in (one, two))
    both = (weights * one * two).sum(1)
    size = np.sqrt((weights * one**2).sum(1) * (weights * two**2).sum(1))
    return np.asarray(np.divide(both, size, out=np.full(len(weights), np.nan), where=size > 1e-9))


def _ranks(values: Floats, weights: Floats) -> Floats:
    """Return the rank of each value among the weighted rows, (B, N)."""
    different, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(different)))
    size = np.add.reduceat(weights[:, order], starts, axis=1)
    return np.asarray((np.cumsum(size, 1) - (size - 1) / 2)[:, place])


LOSSES: dict[str, RowLoss] = {
    "rmse": _squared,
    "mse": _squared,
    "mae": _absolute,
    "mape": _relative,
    "smape": _symmetric,
    "rmsle": _logarithmic,
    "poisson_deviance": _poisson,
    "gamma_deviance": _gamma,
}
"""Metric → its loss per row, of those that are a mean of one."""
VALUES: dict[str, Formula] = {
    "rmse": mean_of(_squared, root=True),
    "mae": mean_of(_absolute),
    "r2": _explained(about_zero=True),
    "mape": mean_of(_relative),
    "mse": mean_of(_squared),
    "median_ae": _median_ae,
    "max_error": _max_error,
    "wape": _wape,
    "explained_variance": _explained(about_zero=False),
    "rmsle": mean_of(_logarithmic, root=True),
    "poisson_deviance": mean_of(_poisson),
    "gamma_deviance": mean_of(_gamma),
    "spearman": _spearman,
}
"""Name → formula."""
