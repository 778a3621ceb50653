"""Gradient-boosted trees over all series: lags, seasons, windows, calendar, known columns."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn import costs
from lingqu.learn.forecast.examples import MOST, Examples, examples
from lingqu.learn.forecast.graph import wrapped
from lingqu.learn.forecast.reading import Reading, read
from lingqu.learn.tabular.lightgbm import LightGbm
from lingqu.release.series.block import FIRST
from lingqu.release.series.history import Gaps
from lingqu.release.series.parts import width

FEWEST = 40
"""Examples below which trees learn nothing."""


@dataclass
class LagTrees:
    """Learn one model of all series: what a value is, told from what was known before.

    Values are told in units of their series at the origin, so a small shop teaches a large one.
    The number of trees is found on the last steps of the training rows, then all of them are
    learned from.

    Args:
        horizon: Steps ahead.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value: ``fill``, ``zero`` or ``refuse``.
        grid: Where the values lie in time; found when empty.
        rounds: Trees; 0 finds the number.
        learning_rate: Weight of each tree; 0 takes that of `lightgbm`.
        leaves: Leaves of a tree; 0 takes that of `lightgbm`.
        most: Examples (series, origin, step) at most.

    Example:
        >>> LagTrees(horizon=14, season=7).engine, sorted(LagTrees.tasks)
        ('sklearn', ['forecast'])

    Source: Makridakis et al., "The M5 accuracy competition", 2022,
        doi:10.1016/j.ijforecast.2021.11.013 (global trees on lags); Ke et al., "LightGBM", 2017.
    """

    name: ClassVar[str] = "lag_trees"
    tasks: ClassVar[frozenset[str]] = frozenset({"forecast"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "sklearn"

    horizon: int = 1
    season: int = 0
    gaps: Gaps = "fill"
    grid: Mapping[str, Any] = field(default_factory=dict)
    rounds: int = 0
    learning_rate: float = 0.0
    leaves: int = 0
    most: int = MOST

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` is not looked at."""
        begun = time.monotonic()
        reading = read(train, self.horizon, self.season, self.gaps, self.grid)
        parts = parts_of(reading)
        found = examples(train, reading, parts, budget.seed, self.most)
        if len(found.target) < FEWEST:
            raise TrainError("forecast.few_examples", rows=len(found.target), expected=FEWEST)
        rounds, share = self.rounds, 0.9
        if not rounds:
            rounds = self._found_rounds(found, budget, begun, progress)
            share = 0.95
        left = max(0.05, share * budget.seconds - (time.monotonic() - begun))
        whole = found.table()
        inner = self._learner(rounds).fit(
            whole, _none_of(whole), replace(budget, seconds=left), progress
        )
        size = FIRST + sum(width(part) for part in parts)
        data = wrapped(inner.members[0].graph, range(FIRST, size), size, reading.floor)
        notes = {
            "rounds": rounds, "examples": len(found.target), "season": reading.book.season,
            "refit": {"rounds": rounds}, "settled": {"rounds": rounds},
            "cut_short": bool(inner.members[0].notes.get("cut_short")),
        }  # fmt: skip
        return reading.model(self.name, parts, data, notes)

    def _found_rounds(
        self, found: Examples, budget: Budget, begun: float, progress: Progress
    ) -> int:
        """Return the trees that forecast the last steps best, of those before them."""
        held = found.places > found.ends - self.horizon
        if held.sum() < 8 or (~held).sum() < FEWEST:
            return 60
        left = max(0.05, 0.55 * budget.seconds - (time.monotonic() - begun))
        early = self._learner(800).fit(
            found.table(~held), found.table(held), replace(budget, seconds=left), progress
        )
        return max(5, int(early.members[0].notes["rounds"]))

    def _learner(self, rounds: int) -> LightGbm:
        return LightGbm(
            learning_rate=self.learning_rate or 0.06, leaves=self.leaves, rounds=rounds,
            patience=30, smallest_leaf=20, row_share=0.7, column_share=0.7, l2=1.0,
        )  # fmt: skip

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.lag_trees(rows, columns, classes)


def parts_of(reading: Reading) -> list[Mapping[str, Json]]:
    """Return what the trees read of a view."""
    season = reading.book.season
    wide = [
        s for s in reading.book.grid.seasons if s > season and s + reading.horizon < reading.length
    ]
    spans = sorted({3, max(season, 7), 2 * max(season, 7), 4 * max(season, 7)})
    parts: list[Mapping[str, Json]] = [
        {"kind": "lags", "count": min(max(season + 2, 10), 26, reading.length)},
        {"kind": "windows", "lengths": [span for span in spans if span <= max(reading.length, 3)]},
        {"kind": "calendar"},
    ]
    if season > 1:
        parts.append({"kind": "seasonal", "season": season, "count": 3})
    parts += [{"kind": "seasonal", "season": s, "count": 1} for s in wide]
    if reading.known:
        parts.append({"kind": "known", "columns": [dict(column) for column in reading.known]})
    return parts


def _none_of(table: Dataset) -> Dataset:
    return replace(table, frame=table.frame.head(0))
