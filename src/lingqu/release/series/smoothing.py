"""Forecasts of one series at a time, for all series at once: naive, smoothing, and ARMA recursions.

Each function takes values that end at the origin, (O, L) with NaN before a series begins, and
returns the next `horizon` values, (O, horizon). What was fitted travels as a few numbers per
series; the recursion runs over the tail again, so newer values are taken in without a new fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def last_value(values: Floats) -> Floats:
    """Return the last value of each series, 0 where there is none; (O,)."""
    last = values[:, -1] if values.shape[1] else np.zeros(len(values))
    return np.where(np.isfinite(last), last, 0.0)


def seasonal_naive(values: Floats, season: int, horizon: int) -> Floats:
    """Repeat the last season; the last value where a series is shorter than that.

    Example:
        >>> seasonal_naive(np.array([[1.0, 2.0, 3.0, 4.0]]), 2, 3).tolist()
        [[3.0, 4.0, 3.0]]
    """
    last = last_value(values)[:, None]
    if values.shape[1] < season:
        return np.repeat(last, horizon, 1)
    said = values[:, values.shape[1] - season :][:, np.arange(horizon) % season]
    return np.where(np.isfinite(said), said, last)


def drift(values: Floats, horizon: int) -> Floats:
    """Go on along the line from the first to the last value.

    Example:
        >>> drift(np.array([[np.nan, 1.0, 2.0, 5.0]]), 2).tolist()
        [[7.0, 9.0]]
    """
    known = np.isfinite(values)
    count = known.sum(1)
    first = values[np.arange(len(values)), known.argmax(1)] if values.shape[1] else 0.0
    last = last_value(values)
    rise = last - np.where(count > 0, first, 0.0)
    slope = np.where(count > 1, rise / np.maximum(count - 1, 1), 0.0)
    return last[:, None] + slope[:, None] * np.arange(1, horizon + 1)


def mean(values: Floats, window: int, horizon: int) -> Floats:
    """Return the mean of the last `window` values."""
    part = values[:, -window:]
    known = np.isfinite(part)
    total = np.where(known, part, 0.0).sum(1) / np.maximum(known.sum(1), 1)
    return np.repeat(total[:, None], horizon, 1)


_SEASONS = 4
"""First seasons whose mean is the season to start with: one or two are mostly noise."""


class Smooth(NamedTuple):
    """Weights of exponential smoothing, each (O, G): G settings side by side.

    Args:
        level: Weight of the newest value in the level, 0 to 1.
        trend: Weight of the newest change in the trend; below 0 for no trend at all.
        damping: What is left of the trend from step to step, 0 to 1.
        season: Weight of the newest value in the season; below 0 for no season.
    """

    level: Floats
    trend: Floats
    damping: Floats
    season: Floats


def smooth(
    values: Floats, season: int, weights: Smooth, horizon: int
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Run additive exponential smoothing with a damped trend over the values.

    Args:
        values: (O, L).
        season: Steps of a season; 1 for none.
        weights: (O, G) each.
        horizon: Steps ahead.

    Returns:
        Forecasts (O, G, horizon), one-step errors (O, G, L) with NaN where there is none, and
        how many values were used to start with, (O,).

    Example:
        >>> half = Smooth(*(np.array([[w]]) for w in (0.5, -1.0, 0.0, -1.0)))
        >>> smooth(np.array([[2.0, 4.0]]), 1, half, 1)[0].tolist()
        [[[3.0]]]

    Source: Hyndman and Athanasopoulos, "Forecasting: principles and practice", 3rd edition,
        2021, section 8.5, in error-correction form.
    """
    count, length = values.shape
    known = np.isfinite(values)
    first = np.where(known.any(1), known.argmax(1), length)
    level, trend, seasonal, start = _start(values, known, first, season)
    some = weights.level.shape[1]
    trended, seasoned = weights.trend >= 0, weights.season >= 0
    has_trend = trended & (length - first >= 2 * max(season, 2))[:, None]
    level = np.repeat(level[:, None], some, 1)
    trend = np.where(has_trend, trend[:, None], 0.0)
    table = np.where(seasoned[:, :, None], seasonal[:, None, :], 0.0)  # (O, G, m)
    errors = np.full((count, some, length), np.nan)
    gain, growth, phi = weights.level, np.where(has_trend, weights.trend, 0.0), weights.damping
    turn = np.where(seasoned, weights.season, 0.0) * (1 - gain)
    for at in range(length):
        live = known[:, at] & (at >= start)
        if not live.any():
            continue
        slot = at % season
        ahead = level + phi * trend
        error = np.where(live[:, None], values[:, at, None] - ahead - table[:, :, slot], 0.0)
        errors[live, :, at] = error[live]
        on = live[:, None]
        level = np.where(on, ahead + gain * error, level)
        trend = np.where(on, phi * trend + gain * growth * error, trend)
        table[:, :, slot] += turn * error
    steps = np.arange(1, horizon + 1)
    power = np.cumsum(phi[:, :, None] ** steps, axis=2)  # phi + phi² + … (O, G, h)
    said = level[:, :, None] + power * trend[:, :, None]
    said = said + table[:, :, (length + steps - 1) % season]
    return np.asarray(said), errors, start


def _start(
    values: Floats, known: NDArray[np.bool_], first: NDArray[np.int64], season: int
) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Return level, trend, season (O, m) and where the recursion starts, from the first values."""
    count, length = values.shape
    have = length - first
    rows = np.arange(count)
    at = np.minimum(first, max(length - 1, 0))
    begin = np.where(have > 0, values[rows, at] if length else 0.0, 0.0)
    seasonal = np.zeros((count, season))
    level, trend, start = begin.copy(), np.zeros(count), np.minimum(first + 1, length)
    far = np.minimum(at + max(season, 2), max(length - 1, 0))
    enough = have >= 2 * max(season, 2)
    if season > 1 and enough.any():
        first_ones = _first_seasons(values[enough], first[enough], have[enough], season)
        level[enough], trend[enough], seasonal[enough] = first_ones
        start = np.where(enough, first, start)
    elif enough.any():
        slope = (values[rows, far] - begin) / max(season, 2)
        trend = np.where(enough & np.isfinite(slope), slope, 0.0)
    return level, trend, seasonal, start


def _first_seasons(
    values: Floats, first: NDArray[np.int64], have: NDArray[np.int64], season: int
) -> tuple[Floats, Floats, Floats]:
    """Return level and trend before the first values, and the season, (O, m), by its place.

    The season is the mean of the first few, each told from its own mean along their line.
    """
    turns = np.minimum(have // season, _SEASONS)  # (O,), at least 2
    steps = np.arange(_SEASONS * season)
    place = np.minimum(first[:, None] + steps, values.shape[1] - 1)
    seen = values[np.arange(len(values))[:, None], place].reshape(-1, _SEASONS, season)
    used = (np.arange(_SEASONS) < turns[:, None]) / turns[:, None]  # (O, turns), sums to 1
    means = seen.mean(2)
    last = means[np.arange(len(values)), turns - 1]
    slope = (last - means[:, 0]) / ((turns - 1) * season)
    line = slope[:, None] * (np.arange(season) - (season - 1) / 2)  # (O, m)
    away = (seen - means[:, :, None]) * used[:, :, None]
    index = away.sum(1) - line
    index -= index.mean(1, keepdims=True)
    table = np.zeros((len(values), season))
    np.put_along_axis(table, (first[:, None] + np.arange(season)) % season, index, axis=1)
    near = (means[:, 1] - means[:, 0]) / season
    return means[:, 0] - near * (season + 1) / 2, near, table


def arma_forecast(
    values: Floats, ar: Sequence[Floats], ma: Sequence[Floats], constant: Floats,
    difference: Sequence[tuple[int, int]], season: int, horizon: int,
) -> Floats:  # fmt: skip
    """Forecast with the coefficients of a (seasonal) ARIMA model, series by series.

    Args:
        values: (O, L).
        ar: Of each series the coefficients of the multiplied-out autoregressive part.
        ma: The same of the moving average.
        constant: Mean of the differenced values, (O,).
        difference: Of each series how often it is differenced: plainly, and by season.
        season: Steps of a season.
        horizon: Steps ahead.

    Example:
        >>> one = [np.array([0.5])], [np.zeros(0)], np.zeros(1), [(0, 0)]
        >>> arma_forecast(np.array([[4.0, 8.0]]), *one, 1, 2).tolist()
        [[4.0, 2.0]]

    Source: Box and Jenkins, "Time series analysis", 1970, chapter 5 (conditional residuals).
    """
    said = np.zeros((len(values), horizon))
    for row, series in enumerate(values):
        plain, seasonal = difference[row]
        known = series[np.isfinite(series)]
        operator = np.array([1.0])
        for lag in [1] * plain + [season] * seasonal:
            operator = np.convolve(operator, np.r_[1.0, np.zeros(lag - 1), -1.0])
        if len(known) <= len(operator):
            said[row] = known[-1] if len(known) else 0.0
            continue
        said[row] = _arma_one(known, ar[row], ma[row], float(constant[row]), operator, horizon)
    return said


def _arma_one(
    known: Floats, ar: Floats, ma: Floats, constant: float, operator: Floats, horizon: int
) -> Floats:
    changed = np.convolve(known, operator, "valid") - constant
    p, q, n = len(ar), len(ma), len(changed)
    padded = np.r_[np.zeros(p), changed, np.zeros(horizon)]
    errors = np.zeros(q + n + horizon)
    back_ar, back_ma = ar[::-1], ma[::-1]
    for at in range(n + horizon):
        ahead = back_ar @ padded[at : at + p] + back_ma @ errors[at : at + q]
        if at < n:
            errors[q + at] = padded[p + at] - ahead
        else:
            padded[p + at] = ahead
    future = padded[p + n :] + constant
    whole = np.r_[known, np.zeros(horizon)]
    order = len(operator) - 1
    for step in range(horizon):
        at = len(known) + step
        past = whole[at - order : at][::-1] @ operator[1:] if order else 0.0
        whole[at] = future[step] - past
    return np.asarray(whole[len(known) :])
