"""Exponential smoothing with trend and season, its weights found series by series."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.history import Floats
from lingqu.release.series.smoothing import Smooth, smooth

_LEVELS = (0.02, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
_TRENDS = ((-1.0, 0.0), (0.02, 0.98), (0.1, 0.98), (0.1, 0.9), (0.3, 0.9))
"""Weight of the trend and its damping; -1 for no trend."""
_SEASONS = (-1.0, 0.0, 0.1, 0.3)
_FINER = ((0.6, 1.0, 1.6), (0.8, 1.0, 1.25))
"""By what the weights of the best of the grid are moved, all together, first far and then near."""
_CHUNK = 200_000
"""Series × settings run side by side: bounds memory."""


@dataclass
class Ets(OneSeries):
    """Smooth level, trend and season, on values or on their logarithms.

    All settings of a small grid run side by side over the tails that travel, then those around
    the best; the one with the lowest information criterion of its one-step errors is kept for
    each series. What is released
    are the weights: the same recursion takes in newer values without a new fit.

    Example:
        >>> Ets(horizon=12, season=12).name
        'ets'

    Source: Hyndman, Koehler, Snyder and Grose, "A state space framework for automatic
        forecasting", 2002, doi:10.1016/S0169-2070(01)00110-8; the grid in place of an optimiser
        is our own.
    """

    name: ClassVar[str] = "ets"

    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Fit the weights of each series."""
        view, season = reading.tails(), reading.book.season
        settings = _settings(season)
        rows, cut = np.empty((len(view.values), 5)), False
        size = max(1, _CHUNK // (len(settings) * max(1, season)))
        for start in range(0, len(rows), size):
            if start and time.monotonic() > end:
                # Series that could not be looked at any more get what suits the others.
                rows[start:] = np.median(rows[:start], axis=0)
                cut = True
                break
            rows[start : start + size] = _fitted(
                view.values[start : start + size], season, settings
            )
        usual = np.median(rows, axis=0).round(4).tolist()
        fitted = {key: row.round(4).tolist() for key, row in zip(view.keys, rows, strict=True)}
        return {"kind": "local", "method": "smooth", "season": season, "usual": usual,
                "fitted": fitted, **({"cut_short": True} if cut else {})}  # fmt: skip


def _settings(season: int) -> Floats:
    """Return the grid: weights of level, trend, damping, season, and how many are free, (G, 5)."""
    seasons = _SEASONS if season > 1 else (-1.0,)
    rows = []
    for level, (trend, damping), turn in product(_LEVELS, _TRENDS, seasons):
        free = 1 + 2 * (trend >= 0) + (turn > 0) + (season - 1) * (turn >= 0)
        rows.append((level, trend, damping, turn, float(free)))
    return np.array(rows)


def _fitted(values: Floats, season: int, settings: Floats) -> Floats:
    """Return the best weights for each series and whether on logarithms, (O, 5)."""
    count = len(values)
    best, at = np.full(count, np.inf), np.zeros((count, 5))
    at[:, :4] = settings[0, :4]
    for logged in (False, True):
        rows = np.flatnonzero(~(values <= 0).any(1)) if logged else np.arange(count)
        if not len(rows):
            continue
        table = np.repeat(settings[None], len(rows), 0)
        lowest, chosen = _lowest(values[rows], season, table, logged)
        for factors in _FINER:
            table = _around(chosen, factors)
            lowest, chosen = _lowest(values[rows], season, table, logged)
        gain = lowest < best[rows]
        best[rows[gain]] = lowest[gain]
        at[rows[gain], :4] = chosen[gain, :4]
        at[rows[gain], 4] = float(logged)
    lost = ~np.isfinite(best)
    at[lost] = (0.5, -1.0, 0.0, -1.0, 0.0)
    return at


def _around(chosen: Floats, factors: tuple[float, ...]) -> Floats:
    """Return settings around those of each series, (O, G, 5): weights times each factor."""
    grid = np.array(list(product(factors, repeat=3)))  # (G, 3)
    table = np.repeat(chosen[:, None], len(grid), 1)
    for place, (column, most) in enumerate(((0, 0.98), (1, _TRENDS[-1][0]), (3, 0.9))):
        free = table[:, :, column] > 0
        moved = np.minimum(table[:, :, column] * grid[:, place], most)
        table[:, :, column] = np.where(free, moved, table[:, :, column])
    return table


def _lowest(values: Floats, season: int, table: Floats, logged: bool) -> tuple[Floats, Floats]:
    """Return the lowest information criterion of each series, and the settings that have it.

    Args:
        values: (O, L).
        season: Steps of a season.
        table: Settings of each series, (O, G, 5).
        logged: Whether logarithms are smoothed.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        read = np.log(values) if logged else values
    _, errors, _ = smooth(read, season, Smooth(*(table[:, :, i] for i in range(4))), 1)
    seen = np.isfinite(errors)
    # The first seasons were used to start with, so their errors say little.
    length = values.shape[1]
    seen[:, :, : 2 * season if length >= 4 * season > 4 else length // 10] = False
    number = seen.sum(2)
    mean = np.where(seen, errors**2, 0.0).sum(2) / np.maximum(number, 1)
    criterion = number * np.log(np.maximum(mean, 1e-300)) + 2 * table[:, :, 4]
    if logged:  # the likelihood of the values themselves, so that both are told on one scale
        criterion += 2 * np.where(seen, read[:, None, :], 0.0).sum(2)
    # Fewer values than free weights say nothing of them.
    criterion = np.where(number > table[:, :, 4] + 2, criterion, np.inf)
    chosen = criterion.argmin(1)
    rows = np.arange(len(values))
    return criterion[rows, chosen], table[rows, chosen]
