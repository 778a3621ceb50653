"""The Theta method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.history import Floats
from lingqu.release.series.parts import adjusted
from lingqu.release.series.smoothing import Smooth, smooth

_WEIGHTS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)


@dataclass
class Theta(OneSeries):
    """Smooth the seasonally adjusted values, and add half the slope of their line.

    The weight of the smoothing, and whether logarithms are taken, are those with the smallest
    squared errors one step ahead.

    Example:
        >>> Theta(horizon=12, season=12).name
        'theta'

    Source: Assimakopoulos and Nikolopoulos, "The theta model", 2000,
        doi:10.1016/S0169-2070(00)00066-2; Hyndman and Billah, 2003,
        doi:10.1016/S0169-2070(01)00143-1.
    """

    name: ClassVar[str] = "theta"

    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Fit the weight of each series."""
        view, season = reading.tails(), reading.book.season
        rows = _fitted(view.values, season)
        usual = np.median(rows, axis=0).tolist()
        fitted = {key: row.tolist() for key, row in zip(view.keys, rows, strict=True)}
        return {"kind": "local", "method": "theta", "season": season, "usual": usual,
                "fitted": fitted}  # fmt: skip


def _fitted(values: Floats, season: int) -> Floats:
    """Return the weight and whether logarithms are taken, for each series, (O, 2)."""
    count = len(values)
    best, at = np.full(count, np.inf), np.tile([0.5, 0.0], (count, 1))
    grid = np.array(_WEIGHTS)
    for logged in (False, True):
        rows = np.flatnonzero(~(values <= 0).any(1)) if logged else np.arange(count)
        if not len(rows):
            continue
        read = np.log(values[rows]) if logged else values[rows]
        _, plain = adjusted(read, season)
        none = np.full((len(rows), len(grid)), -1.0)
        every = np.tile(grid, (len(rows), 1))
        errors = smooth(plain, 1, Smooth(every, none, np.zeros_like(none), none), 1)[1]
        if logged:  # told in values, so that both are compared on one scale
            errors = values[rows][:, None, :] - np.exp(read[:, None, :] - errors)
        squares = np.where(np.isfinite(errors), errors**2, 0.0).sum(2)
        chosen = squares.argmin(1)
        lowest = squares[np.arange(len(rows)), chosen]
        # Logarithms must be worth it: they make what is added grow.
        gain = lowest < best[rows] * (0.98 if logged else 1.0)
        best[rows[gain]] = lowest[gain]
        at[rows[gain], 0], at[rows[gain], 1] = grid[chosen[gain]], float(logged)
    return at
