"""Seasonal ARIMA models, their orders and coefficients found series by series."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import least_squares
from scipy.signal import lfilter

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.history import Floats

Orders = tuple[int, int, int, int, int]
"""Lags of the values, of the errors, of both by season, and whether there is a mean."""
_STARTS = ((2, 2, 1, 1), (0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1))
_STEPS = (
    (1, 0, 0, 0), (-1, 0, 0, 0), (0, 1, 0, 0), (0, -1, 0, 0), (1, 1, 0, 0), (-1, -1, 0, 0),
    (0, 0, 1, 0), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, 0, -1),
)  # fmt: skip
_LARGEST = (4, 4, 1, 1)
_TRIED = 24
"""Orders that are fitted to a series, at most."""
_WIDEST = 60
"""Season above which only the seasonal difference is taken, no seasonal lags."""
_LEAST = 8
_KPSS = 0.463
"""Critical value of the KPSS test of a level at 5 %."""
_EDGE = 2.0
"""Free numbers end here: a root any nearer to 1 is not told from 1 by the values."""
_STRONG = 0.64
"""Strength of a season from which values are differenced by it."""

Row = list[Json]


@dataclass
class Arima(OneSeries):
    """Fit seasonal ARIMA models to each series, order by order, and keep the best by AICc.

    Values are differenced by season where that is strong, and again while their level wanders.
    Coefficients minimise the conditional sum of squares within the stationary and invertible
    range. What is released are the coefficients: the recursion takes in newer values.

    Example:
        >>> Arima(horizon=12, season=12).name
        'arima'

    Source: Box and Jenkins, "Time series analysis", 1970; the choice of orders after Hyndman and
        Khandakar, 2008, doi:10.18637/jss.v027.i03; the range after Monahan, 1984,
        doi:10.1093/biomet/71.2.403.
    """

    name: ClassVar[str] = "arima"
    engine: ClassVar[str] = "sklearn"

    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Fit orders and coefficients of each series, as many as there is time for."""
        view, season = reading.tails(), reading.book.season
        fitted: dict[str, Row] = {}
        usual: Row = [[], [], 0.0, 1, 0]
        begun = time.monotonic()
        for index, (key, values) in enumerate(zip(view.keys, view.values, strict=True)):
            now = time.monotonic()
            if index and now + (now - begun) / index > end:
                break
            fitted[key] = _best(values[np.isfinite(values)], season)
        cut = len(fitted) < len(view.keys)
        return {"kind": "local", "method": "arma", "season": season, "usual": usual,
                "fitted": fitted, **({"cut_short": True} if cut else {})}  # fmt: skip


def _best(values: Floats, season: int) -> Row:
    """Return coefficients of values and errors, their mean, and the two differences."""
    by_season = int(
        season > 1 and len(values) >= 3 * season and _strength(values, season) > _STRONG
    )
    changed = values[season:] - values[:-season] if by_season else values
    plain = 0
    while plain + by_season < 2 and len(changed) > _LEAST and _wanders(changed):
        changed = np.diff(changed)
        plain += 1
    if len(changed) < _LEAST:
        return [[], [], 0.0, 1, 0]
    wide = 1 < season <= _WIDEST and len(changed) >= 3 * season
    orders, free, middle = _searched(changed, season, wide, plain + by_season < 2)
    ar, ma = _whole(free, orders[:4], season)
    return [ar.round(6).tolist(), ma.round(6).tolist(), middle, plain, by_season]


def _searched(
    changed: Floats, season: int, wide: bool, meant: bool
) -> tuple[Orders, Floats, float]:
    """Return the orders with the lowest AICc, their free numbers, and the mean.

    From a few orders the search goes on to neighbours of the best as long as that gains.
    """
    middle, scale = float(changed.mean()), float(changed.std()) or 1.0
    tried: dict[Orders, tuple[float, Floats]] = {}

    def look(orders: Orders) -> None:
        p, q, by_p, by_q, mean = orders
        inside = all(0 <= one <= most for one, most in zip(orders, _LARGEST, strict=False))
        if orders in tried or not inside or len(tried) >= _TRIED or ((by_p or by_q) and not wide):
            return
        count = p + q + by_p + by_q
        if len(changed) >= 3 * count + 8 or not count:
            told = (changed - middle * mean) / scale
            free, errors = _fitted(told, (p, q, by_p, by_q), season)
            tried[orders] = _criterion(errors, count + mean), free

    for p, q, by_p, by_q in _STARTS:
        look((p, q, by_p * wide, by_q * wide, int(meant)))
    while True:
        best = min(tried, key=lambda orders: tried[orders][0])
        for step in _STEPS:
            p, q, by_p, by_q = (one + move for one, move in zip(best, step, strict=False))
            look((p, q, by_p, by_q, best[4]))
        if meant:
            look((*best[:4], 1 - best[4]))
        if min(tried, key=lambda orders: tried[orders][0]) == best:
            return best, tried[best][1], middle * best[4]


def _criterion(errors: Floats, free: int) -> float:
    """Return the corrected information criterion of one-step errors."""
    n = len(errors)
    spread = max(float((errors**2).mean()), 1e-12)
    return float(n * np.log(spread) + 2 * (free + 1) * n / max(1, n - free - 2))


def _fitted(told: Floats, orders: tuple[int, int, int, int], season: int) -> tuple[Floats, Floats]:
    """Return the free numbers that minimise the squared errors, and the errors."""

    def errors(free: Floats) -> Floats:
        ar, ma = _whole(free, orders, season)
        return np.asarray(lfilter(np.r_[1.0, -ar], np.r_[1.0, ma], told))

    start = np.full(sum(orders), 0.1)
    if not len(start):
        return start, told
    found = least_squares(errors, start, method="lm", max_nfev=12 * (len(start) + 1))
    free = np.clip(found.x, -_EDGE, _EDGE)
    return free, errors(free)


def _whole(free: Floats, orders: tuple[int, int, int, int], season: int) -> tuple[Floats, Floats]:
    """Return the multiplied-out coefficients: of past values, and of past errors."""
    p, q, seasonal_p, _ = orders
    parts = np.split(free, np.cumsum((p, q, seasonal_p)))
    ar, ma, by_ar, by_ma = (_inside(np.tanh(np.clip(part, -_EDGE, _EDGE))) for part in parts)
    whole_ar = -np.convolve(np.r_[1.0, -ar], _spread(-by_ar, season))[1:]
    whole_ma = np.convolve(np.r_[1.0, ma], _spread(by_ma, season))[1:]
    return whole_ar, whole_ma


def _inside(partial: Floats) -> Floats:
    """Turn partial autocorrelations within ±1 into coefficients of a stationary model."""
    found = np.zeros(0)
    for value in partial:
        found = np.r_[found - value * found[::-1], value]
    return found


def _spread(coefficients: Floats, season: int) -> Floats:
    whole = np.zeros(len(coefficients) * season + 1)
    whole[0] = 1.0
    whole[season::season] = coefficients
    return whole


def _strength(values: Floats, season: int) -> float:
    """Return how much of what a trend leaves is the season, 0 to 1 (Wang et al. 2006)."""
    kernel = np.ones(season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5]
    trend = np.convolve(values, kernel / season, "valid")
    half = (len(kernel) - 1) // 2
    away = values[half : half + len(trend)] - trend
    slots = np.arange(len(away)) % season
    index = np.bincount(slots, away, season) / np.maximum(np.bincount(slots, minlength=season), 1)
    left = away - index[slots]
    total = float(away.var())
    return max(0.0, 1 - float(left.var()) / total) if total > 0 else 0.0


def _wanders(values: Floats) -> bool:
    """Say whether the level wanders, by the KPSS test (Kwiatkowski et al. 1992)."""
    n = len(values)
    away = values - values.mean()
    lags = int(3 * np.sqrt(n) / 13)
    long_run = float(away @ away) / n
    for lag in range(1, lags + 1):
        long_run += 2 * (1 - lag / (lags + 1)) * float(away[lag:] @ away[:-lag]) / n
    if long_run <= 0:
        return False
    return float(np.square(np.cumsum(away)).sum()) / (n * n * long_run) > _KPSS
