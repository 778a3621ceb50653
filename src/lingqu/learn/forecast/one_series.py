"""Forecasters that look at one series alone: their forecast is a number of the series block."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn.forecast.graph import picked
from lingqu.learn.forecast.reading import Reading, read
from lingqu.learn.tabular.graph import verify
from lingqu.release.series.block import FIRST, LEVEL, MOVE
from lingqu.release.series.history import Gaps
from lingqu.release.series.parts import numbers_of


@dataclass
class OneSeries:
    """What such forecasters share: they read the series, and one part says the forecast.

    Args:
        horizon: Steps ahead.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value: ``fill``, ``zero`` or ``refuse``.
        grid: Where the values lie in time; found when empty.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"forecast"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    horizon: int = 1
    season: int = 0
    gaps: Gaps = "fill"
    grid: Mapping[str, Any] = field(default_factory=dict)

    @abstractmethod
    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Return the part that says the forecast, fitted where there is anything to fit.

        Args:
            reading: The training rows.
            end: When it must be done, by `time.monotonic`.
        """

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` is not looked at."""
        end = time.monotonic() + 0.8 * budget.seconds
        reading = read(train, self.horizon, self.season, self.gaps, self.grid)
        part = self.part(reading, end)
        data = picked(FIRST, FIRST + 1, reading.floor)
        view = reading.tails()
        told = numbers_of(part, view)
        x = np.zeros((len(view.steps), FIRST + 1), dtype=np.float32)
        x[:, LEVEL], x[:, MOVE] = view.level[view.origin], view.move[view.origin]
        x[:, FIRST:] = told
        exact = x[:, [LEVEL]].astype(np.float64) + x[:, [MOVE]] * x[:, FIRST:].astype(np.float64)
        if reading.floor is not None:
            exact = np.maximum(exact, reading.floor)
        # Of numbers far from 0 the difference may be 0: its rounding is still that of their size.
        scale = max(1.0, *(float(np.abs(size).max(initial=0.0)) for size in (exact, x[:, LEVEL])))
        verify(self.name, data, x[:512], exact[:512], scale, budget.threads)
        notes = {
            "refit": {},
            "season": reading.book.season,
            "cut_short": bool(part.get("cut_short")),
        }
        return reading.model(self.name, [part], data, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        from lingqu.learn import costs

        return costs.SECONDS[cls.name](rows, columns, classes)
