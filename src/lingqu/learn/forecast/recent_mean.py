"""The mean of the last values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading


@dataclass
class RecentMean(OneSeries):
    """Answer with the mean of the last values: hard to beat where there is only noise.

    Args:
        window: How many values; 0 takes two seasons, or 12 without a season.

    Example:
        >>> RecentMean(horizon=3, window=4).window
        4

    Source: Hyndman and Athanasopoulos, "Forecasting: principles and practice", 3rd edition,
        2021, section 5.2.
    """

    name: ClassVar[str] = "recent_mean"

    window: int = 0

    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Return the part; there is nothing to fit."""
        season = reading.book.season
        window = self.window or (2 * season if season > 1 else 12)
        return {"kind": "local", "method": "mean", "window": min(window, reading.length)}
