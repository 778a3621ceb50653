"""The line from the first value to the last, drawn on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading


@dataclass
class Drift(OneSeries):
    """Go on from the last value with the mean change of the tail.

    Example:
        >>> Drift(horizon=3).horizon, sorted(Drift.tasks)
        (3, ['forecast'])

    Source: Hyndman and Athanasopoulos, "Forecasting: principles and practice", 3rd edition,
        2021, section 5.2.
    """

    name: ClassVar[str] = "drift"

    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Return the part; there is nothing to fit."""
        return {"kind": "local", "method": "drift"}
