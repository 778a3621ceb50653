"""Limits of one column of numbers, by quartiles, deviations or medians."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

FACTOR: dict[str, float] = {"iqr": 3.0, "zscore": 4.0, "mad": 5.0}
"""Default widths: Tukey's outer fence; four standard deviations; five scaled MADs."""


def fence(series: pl.Series, method: str, factor: float | None) -> list[float] | None:
    """Return ``[low, high]``, or None where the middle half has no spread to judge by.

    Args:
        series: Numbers; gaps and infinities are left out.
        method: ``iqr``, ``zscore`` or ``mad``.
        factor: Width; that of `FACTOR` when None.

    Example:
        >>> fence(pl.Series([1.0, 2.0, 3.0, 4.0, 5.0]), "iqr", None)
        [-4.0, 10.0]
    """
    values = series.cast(pl.Float64).drop_nulls().to_numpy()
    values = values[np.isfinite(values)]
    if values.size < 4:
        return None
    factor = FACTOR[method] if factor is None else factor
    if method == "iqr":
        first, third = np.quantile(values, [0.25, 0.75])
        spread, low, high = third - first, first, third
    elif method == "zscore":
        low = high = values.mean()
        spread = values.std()
    else:
        low = high = np.median(values)
        spread = 1.4826 * np.median(np.abs(values - low))
    if not spread > 0 or not math.isfinite(spread):
        return None
    return [float(low - factor * spread), float(high + factor * spread)]


def ends(limits: Any) -> tuple[float, float]:
    """Return limits with infinities for open ends."""
    low, high = limits
    return -math.inf if low is None else float(low), math.inf if high is None else float(high)


def outside(series: pl.Series, low: float, high: float) -> NDArray[np.intp]:
    """Return the numbers of the rows outside the limits."""
    values = series.cast(pl.Float64).to_numpy()
    with np.errstate(invalid="ignore"):
        return np.flatnonzero((values < low) | (values > high))


def clipped(series: pl.Series, low: float, high: float) -> pl.Series:
    """Return the series within the limits; integers stay integers, cut towards the inside."""
    if series.dtype.is_integer():
        low = math.ceil(low) if math.isfinite(low) else low
        high = math.floor(high) if math.isfinite(high) else high
    return series.cast(pl.Float64).clip(low, high).cast(series.dtype)


def matrix(frame: pl.DataFrame, names: list[str]) -> NDArray[np.float64]:
    """Return number columns as one array, gaps and infinities as NaN, shape (N, D)."""
    if not names:
        return np.zeros((frame.height, 0))
    columns = [frame.get_column(name).cast(pl.Float64).to_numpy() for name in names]
    values = np.stack(columns, axis=1)
    return np.asarray(np.where(np.isfinite(values), values, np.nan))
