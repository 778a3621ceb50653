"""What a forecast reads: numbers made of the values before its origin and of its own time.

A part is JSON, such as ``{"kind": "lags", "count": 14}``. Values are told in units of the
series: how far from its level at the origin, divided by how much it moves there. So one model
serves series of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.release.blocks import numbers
from lingqu.release.series import fracast
from lingqu.release.series.grid import Grid
from lingqu.release.series.smoothing import (
    Smooth,
    arma_forecast,
    drift,
    mean,
    seasonal_naive,
    smooth,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Part = Mapping[str, Any]
LEAST_MOVE = 0.05
"""A series that stands still at its origin is told in at least this part of its usual unit."""
CALENDAR = 8
_DAY = 86_400_000_000


@dataclass
class View:
    """Rows to be forecast, and what was known at the origin of each.

    Args:
        keys: Series of each origin, (O,).
        values: Values up to and with the origin, NaN before the series began, (O, L).
        units: Scale of the series of each origin, (O,).
        origin: Index of each row's origin, (N,).
        steps: How many steps behind its origin each row lies, from 1, (N,).
        places: Step of each row on the grid, (N,).
        frame: The rows, for the columns that are known in advance.
        grid: Of the values.
        season: Steps of a season.
        horizon: Most steps ahead.
    """

    keys: Sequence[str]
    values: Floats
    units: Floats
    origin: Ints
    steps: Ints
    places: Ints
    frame: pl.DataFrame
    grid: Grid
    season: int
    horizon: int

    @cached_property
    def level(self) -> Floats:
        """Mean of the last season (at least the last value), (O,)."""
        return mean(self.values, self.season if self.season > 1 else 4, 1)[:, 0]

    @cached_property
    def move(self) -> Floats:
        """How far values lie from the level, over two seasons at least, (O,)."""
        part = self.values[:, -max(2 * self.season, 16) :]
        known = np.isfinite(part)
        away = np.where(known, np.abs(part - self.level[:, None]), 0.0).sum(1)
        typical: Floats = away / np.maximum(known.sum(1), 1)
        return np.maximum(typical, LEAST_MOVE * self.units)

    def told(self, values: Floats, rows: Ints | None = None) -> Floats:
        """Return values of rows (N, w), or of origins with `rows` None, in their own units."""
        at = self.origin if rows is None else rows
        return np.asarray((values - self.level[at, None]) / self.move[at, None])

    def back(self, lag: Ints) -> Floats:
        """Return the value so many steps before each row's origin (0 is the last), NaN if none."""
        length = self.values.shape[1]
        at = length - 1 - lag
        found = self.values[self.origin, np.clip(at, 0, max(length - 1, 0))]
        return np.asarray(np.where(at >= 0, found, np.nan))


def width(part: Part) -> int:
    """Return how many numbers a part gives for each row."""
    kind = part["kind"]
    if kind in ("lags", "seasonal"):
        return int(part["count"])
    if kind == "windows":
        return len(part["lengths"]) + 2
    if kind == "calendar":
        return CALENDAR
    if kind == "known":
        return len(part["columns"])
    return 1


def numbers_of(part: Part, view: View) -> Floats:
    """Return the numbers of a part, float64, shape (N, width)."""
    return _KINDS[part["kind"]](part, view)


def names_of(part: Part) -> list[str]:
    """Return a name for each number of a part."""
    kind, count = part["kind"], width(part)
    if kind == "known":
        return [str(column["column"]) for column in part["columns"]]
    if kind == "windows":
        return [*(f"mean_{length}" for length in part["lengths"]), "spread", "trend"]
    if kind == "seasonal":
        return [f"season_{part['season']}_{index + 1}" for index in range(count)]
    if kind == "calendar":
        return ["month", "day", "weekday", "hour", "week", "days_left", "slot", "number"]
    return [f"{kind}_{index}" for index in range(count)] if count > 1 else [kind]


def _lags(part: Part, view: View) -> Floats:
    """The last values at the origin, the newest first."""
    count = int(part["count"])
    length = view.values.shape[1]
    table = np.full((len(view.values), count), np.nan)
    some = min(count, length)
    table[:, :some] = view.values[:, length - some :][:, ::-1]
    every = np.arange(len(view.values))
    return view.told(table, every)[view.origin]


def _seasonal(part: Part, view: View) -> Floats:
    """The last values of the same place in the season as the row."""
    season, count = int(part["season"]), int(part["count"])
    ago = season * -(-view.steps // season) - view.steps  # (N,) steps before the origin
    columns = [view.back(ago + season * turn) for turn in range(count)]
    return view.told(np.stack(columns, axis=1))


def _windows(part: Part, view: View) -> Floats:
    """Means of the last values, how they scatter, and whether they rise."""
    lengths = [int(length) for length in part["lengths"]]
    every = np.arange(len(view.values))
    means = np.stack([mean(view.values, length, 1)[:, 0] for length in lengths], axis=1)
    longest = view.values[:, -lengths[-1] :]
    known = np.isfinite(longest)
    centred = np.where(known, longest - means[:, -1:], 0.0)
    spread = np.sqrt((centred**2).sum(1) / np.maximum(known.sum(1), 1)) / view.move
    season = max(view.season, 4)
    before = view.values[:, : max(0, view.values.shape[1] - season)]
    trend = view.level - (mean(before, season, 1)[:, 0] if before.shape[1] else view.level)
    trend = np.where(np.isfinite(view.values).sum(1) >= 2 * season, trend / view.move, 0.0)
    whole = np.column_stack([view.told(means, every), spread, trend])
    return whole[view.origin]


def _calendar(part: Part, view: View) -> Floats:
    """Month, day, weekday, hour, week, days left in the month, place in the season, step."""
    out = np.full((len(view.steps), CALENDAR), np.nan)
    out[:, 6], out[:, 7] = view.places % max(view.season, 1), view.steps
    if view.grid.unit == "number":
        return out
    stamps = view.grid.times(view.places)
    months = stamps.astype("datetime64[M]")
    days = stamps.astype("datetime64[D]")
    micros = stamps.astype(np.int64)
    year = stamps.astype("datetime64[Y]")
    out[:, 0] = months.astype(np.int64) % 12 + 1
    out[:, 1] = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    out[:, 2] = (days.astype(np.int64) + 3) % 7
    out[:, 3] = (micros % _DAY) / (_DAY / 24)
    out[:, 4] = (days - year.astype("datetime64[D]")).astype(np.int64) // 7
    out[:, 5] = ((months + 1).astype("datetime64[D]") - days).astype(np.int64)
    return out


def _known(part: Part, view: View) -> Floats:
    """Columns that are known in advance: numbers as they are, categories as codes."""
    columns = []
    for column in part["columns"]:
        series = view.frame.get_column(column["column"])
        if column.get("levels") is None:
            columns.append(numbers(series))
        else:
            codes = {level: float(code) for code, level in enumerate(column["levels"])}
            cells = series.cast(pl.String).to_list()
            columns.append(np.array([codes.get(cell, np.nan) for cell in cells], dtype=np.float64))
    return np.stack(columns, axis=1) if columns else np.zeros((len(view.steps), 0))


def _local(part: Part, view: View) -> Floats:
    """What a method that looks at one series alone says of the row."""
    said = _METHODS[part["method"]](part, view)  # (O, horizon)
    table = np.asarray((said - view.level[:, None]) / view.move[:, None])
    return table[view.origin, view.steps - 1][:, None]


def _seasonal_naive(part: Part, view: View) -> Floats:
    return seasonal_naive(view.values, int(part["season"]), view.horizon)


def _drift(part: Part, view: View) -> Floats:
    return drift(view.values, view.horizon)


def _mean(part: Part, view: View) -> Floats:
    return mean(view.values, int(part["window"]), view.horizon)


def _fitted(part: Part, view: View) -> list[Sequence[Any]]:
    """Return what was fitted to the series of each origin, the usual for one that is new."""
    fitted: Mapping[str, Sequence[Any]] = part["fitted"]
    return [fitted.get(key, part["usual"]) for key in view.keys]


def _smooth(part: Part, view: View) -> Floats:
    """Exponential smoothing; rows of `fitted`: weights of level, trend, damping, season; log."""
    rows = np.array(_fitted(part, view), dtype=np.float64).reshape(-1, 5)
    return smoothed(view.values, rows, int(part["season"]), view.horizon)


def smoothed(values: Floats, rows: Floats, season: int, horizon: int) -> Floats:
    """Return the forecasts of exponential smoothing with the fitted weights of each series."""
    logged = (rows[:, 4] > 0) & ~(values <= 0).any(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        read = np.where(logged[:, None], np.log(values), values)
    weights = Smooth(*(rows[:, [index]] for index in range(4)))
    said = smooth(read, season, weights, horizon)[0][:, 0]
    return _values_of(said, read, logged)


def _values_of(said: Floats, read: Floats, logged: NDArray[np.bool_]) -> Floats:
    """Return forecasts as values: of logarithms their powers, at most e³ times the largest seen."""
    top = np.where(np.isfinite(read), read, -np.inf).max(axis=1, initial=-np.inf)
    calm = np.where(logged[:, None], np.minimum(said, top[:, None] + 3.0), 0.0)
    return np.asarray(np.where(logged[:, None], np.exp(calm), said))


def _theta(part: Part, view: View) -> Floats:
    """Smoothing of the seasonally adjusted values with half the slope of their line."""
    rows = np.array(_fitted(part, view), dtype=np.float64).reshape(-1, 2)
    return theta(view.values, rows[:, 0], rows[:, 1] > 0, int(part["season"]), view.horizon)


def theta(
    values: Floats, weight: Floats, logged: NDArray[np.bool_], season: int, horizon: int
) -> Floats:
    """Forecast by the Theta method.

    Args:
        values: (O, L).
        weight: Of the newest value in the smoothing, (O,).
        logged: Whether logarithms are taken, (O,).
        season: Steps of a season.
        horizon: Steps ahead.

    Source: Assimakopoulos and Nikolopoulos, 2000, doi:10.1016/S0169-2070(00)00066-2, in the form
        of Hyndman and Billah, 2003, doi:10.1016/S0169-2070(01)00143-1 (smoothing with drift).
    """
    logged = logged & ~(values <= 0).any(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        read = np.where(logged[:, None], np.log(values), values)
    index, plain = adjusted(read, season)
    known = np.isfinite(plain)
    count = known.sum(1)
    time = np.arange(values.shape[1], dtype=np.float64)[None, :]
    middle = np.where(known, time, 0.0).sum(1) / np.maximum(count, 1)
    apart = np.where(known, time - middle[:, None], 0.0)
    slope = (apart * np.where(known, plain, 0.0)).sum(1) / np.maximum((apart**2).sum(1), 1e-12)
    slope = np.where(count >= 4, slope, 0.0)
    none = np.full((len(values), 1), -1.0)
    weights = Smooth(weight[:, None], none, np.zeros_like(none), none)
    base = smooth(plain, 1, weights, 1)[0][:, 0, 0]
    steps = np.arange(1, horizon + 1)
    gain = np.maximum(weight, 0.05)
    pull = (1 - (1 - gain) ** count) / gain
    said = base[:, None] + slope[:, None] / 2 * (steps - 1 + pull[:, None])
    said = said + index[:, (values.shape[1] + steps - 1) % season]
    return _values_of(said, read, logged)


def adjusted(values: Floats, season: int) -> tuple[Floats, Floats]:
    """Return the season (O, m) by column, and the values without it; none where it is too short."""
    index = np.zeros((len(values), season))
    if season == 1 or values.shape[1] < 2 * season:
        return index, values
    known = np.isfinite(values)
    kernel = np.ones(season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5]
    kernel = kernel / season
    clean = np.where(known, values, 0.0)
    half = (len(kernel) - 1) // 2
    inner = np.stack([np.convolve(row, kernel, "valid") for row in clean])
    seen = np.stack([np.convolve(row.astype(float), kernel, "valid") for row in known]) > 1 - 1e-9
    away = values[:, half : half + inner.shape[1]] - inner
    slots = (np.arange(inner.shape[1]) + half) % season
    for slot in range(season):
        use = seen[:, slots == slot]
        cells = np.where(use, away[:, slots == slot], 0.0)
        index[:, slot] = cells.sum(1) / np.maximum(use.sum(1), 1)
    index -= index.mean(1, keepdims=True)
    index[known.sum(1) < 2 * season] = 0.0
    return index, values - index[:, np.arange(values.shape[1]) % season]


def _arma(part: Part, view: View) -> Floats:
    """ARIMA; rows of `fitted`: coefficients, mean, and how often the values are differenced."""
    rows = _fitted(part, view)
    return arma_forecast(
        view.values,
        [np.array(row[0], dtype=np.float64) for row in rows],
        [np.array(row[1], dtype=np.float64) for row in rows],
        np.array([row[2] for row in rows], dtype=np.float64),
        [(int(row[3]), int(row[4])) for row in rows],
        int(part["season"]),
        view.horizon,
    )


def _fracast(part: Part, view: View) -> Floats:
    return fracast.said(view.values, fracast.unpacked(part["weights"]), view.horizon)


_METHODS: Mapping[str, Callable[[Part, View], Floats]] = {
    "seasonal_naive": _seasonal_naive,
    "drift": _drift,
    "mean": _mean,
    "smooth": _smooth,
    "theta": _theta,
    "arma": _arma,
    "fracast": _fracast,
}
_KINDS: Mapping[str, Callable[[Part, View], Floats]] = {
    "lags": _lags,
    "seasonal": _seasonal,
    "windows": _windows,
    "calendar": _calendar,
    "known": _known,
    "local": _local,
}


def columns_of(parts: Sequence[Part]) -> list[str]:
    """Return the columns of the rows that parts read."""
    found = [str(c["column"]) for part in parts if part["kind"] == "known" for c in part["columns"]]
    return list(dict.fromkeys(found))


Parts = Sequence[Mapping[str, Json]]
