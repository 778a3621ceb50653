"""The last season again: what every forecast must beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading


@dataclass
class SeasonalNaive(OneSeries):
    """Repeat the last season; without a season, the last value.

    Example:
        >>> SeasonalNaive(horizon=14, season=7).season, SeasonalNaive.engine
        (7, 'numpy')

    Source: Hyndman and Athanasopoulos, "Forecasting: principles and practice", 3rd edition,
        2021, section 5.2.
    """

    name: ClassVar[str] = "seasonal_naive"

    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Return the part; there is nothing to fit."""
        return {"kind": "local", "method": "seasonal_naive", "season": reading.book.season}
