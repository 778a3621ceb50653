"""Seasonal ARIMA models, their orders and coefficients found series by series."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.history import Floats

_ORDERS = (
    (0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 1), (1, 1, 0, 1), (2, 0, 0, 1), (1, 0, 1, 0),
    (2, 1, 0, 1), (1, 2, 1, 1), (3, 0, 0, 1),
)  # fmt: skip
"""Lags of the values, of the errors, and of both by season."""
_WIDEST = 60
"""Season above which only the seasonal difference is taken, no seasonal lags."""
_LEAST = 12
_KPSS = 0.463
"""Critical value of the KPSS test of a level at 5 %."""
_STRONG = 0.64
"""Strength of a season from which values are differenced by it."""

Row = list[Json]


@dataclass
class Arima(OneSeries):
    """Fit seasonal ARIMA models of a few orders to each series and keep the best by AICc.

    Values are differenced by season where that is strong, and once more where their level
    wanders. Coefficients minimise the conditional sum of squares within the stationary and
    invertible range. What is released are the coefficients: the recursion takes in newer values.

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
    plain = int(len(changed) > _LEAST and _wanders(changed))
    changed = np.diff(changed) if plain else changed
    if len(changed) < _LEAST:
        return [[], [], 0.0, 1, 0]
    middle = 0.0 if plain + by_season > 1 else float(changed.mean())
    told = changed - middle
    scale = float(told.std()) or 1.0
    best, row = np.inf, [[], [], middle, plain, by_season]
    for p, q, seasonal_p, seasonal_q in _ORDERS:
        wide = season > 1 and season <= _WIDEST and len(told) >= 3 * season
        orders = (p, q, seasonal_p * wide, seasonal_q * wide)
        free = sum(orders)
        if len(told) < 3 * free + 8:
            continue
        found, errors = _fitted(told / scale, orders, season)
        n = len(told)
        spread = max(float((errors**2).mean()), 1e-12)
        criterion = n * np.log(spread) + 2 * (free + 1) * n / max(1, n - free - 2)
        if criterion < best:
            ar, ma = _whole(found, orders, season)
            best = criterion
            row = [ar.round(6).tolist(), ma.round(6).tolist(), middle, plain, by_season]
    return row


def _fitted(told: Floats, orders: tuple[int, int, int, int], season: int) -> tuple[Floats, Floats]:
    """Return the free numbers that minimise the squared errors, and the errors."""

    def errors(free: Floats) -> Floats:
        ar, ma = _whole(free, orders, season)
        return np.asarray(lfilter(np.r_[1.0, -ar], np.r_[1.0, ma], told))

    start = np.full(sum(orders), 0.1)
    if not len(start):
        return start, told
    found = minimize(
        lambda free: float(np.square(errors(free)).mean()), start, method="L-BFGS-B",
        bounds=[(-2.0, 2.0)] * len(start), options={"maxiter": 25},
    )  # fmt: skip
    return found.x, errors(found.x)


def _whole(free: Floats, orders: tuple[int, int, int, int], season: int) -> tuple[Floats, Floats]:
    """Return the multiplied-out coefficients: of past values, and of past errors."""
    p, q, seasonal_p, _ = orders
    parts = np.split(free, np.cumsum((p, q, seasonal_p)))
    ar, ma, by_ar, by_ma = (_inside(np.tanh(part)) for part in parts)
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
    lags = int(4 * (n / 100) ** 0.25) + 1
    long_run = float(away @ away) / n
    for lag in range(1, lags + 1):
        long_run += 2 * (1 - lag / (lags + 1)) * float(away[lag:] @ away[:-lag]) / n
    if long_run <= 0:
        return False
    return float(np.square(np.cumsum(away)).sum()) / (n * n * long_run) > _KPSS
