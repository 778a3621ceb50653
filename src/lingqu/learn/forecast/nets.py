"""What nets that forecast share: their rows, their answer, and how they are fitted.

Both learn from all series at once. A net reads the last values in order, and beside them what
lies in the same place of the season, the calendar, the step ahead and what is known in advance.
The step is an input, so one net says every step directly, and none of its answers is fed back.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn import costs
from lingqu.learn.deep.supervised import SAMPLE, Fold, Recipe, learn
from lingqu.learn.documented import Documented
from lingqu.learn.forecast.examples import Examples, examples
from lingqu.learn.forecast.forecaster import Forecaster
from lingqu.learn.forecast.graph import wrapped
from lingqu.learn.forecast.reading import Reading, read
from lingqu.learn.losses import mae
from lingqu.learn.plan import Plan
from lingqu.learn.tabular.target import Bend
from lingqu.release.series.block import FIRST
from lingqu.release.series.history import Gaps
from lingqu.release.series.parts import width

FEWEST = 200
"""Examples below which a net learns nothing that a line does not know."""
BATCH = 256
"""Examples of a step."""
_HELD = 0.05
"""Share of the time that judges a net while it learns; a horizon at least."""
_SCHEDULE = 6
"""Passes that a schedule of the learning rate needs to rise and to fall."""
_LEVELS = 32
"""Levels of a category that is known in advance; columns of more are not read."""


@dataclass(kw_only=True)
class SeriesNet(Documented):
    """A net that forecasts.

    Args:
        horizon: Steps ahead.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value: ``fill``, ``zero`` or ``refuse``.
        grid: Where the values lie in time; found when empty.
        epochs: Passes over the examples; 0 chooses by their number, and keeps the weights that
            forecast the last steps best.
        width: Numbers that stand for the past.
        learning_rate: Highest learning rate.
        most: Examples (series, origin, step) at most.

    Attributes:
        past: Values of the past that are read: seasons, fewest and most.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"forecast"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "torch"
    past: ClassVar[tuple[int, int, int]]

    horizon: int = 1
    season: int = 0
    gaps: Gaps = "fill"
    grid: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 0
    width: int = 32
    learning_rate: float = 3e-3
    most: int = 20_000

    def reader(self, past: int, wide: int) -> nn.Module:
        """Return what reads the past: (B, past, `CHANNELS`), bool (B, past) → (B, wide)."""
        raise NotImplementedError

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on the examples of all series of `train`; `valid` is not looked at.

        Where epochs are not given, the last steps of every series are held out, and the weights
        that forecast them best are kept. Training goes on to the end of its schedule, where the
        rate is low: stopped after six passes without gain, errors on hourly power were a third
        larger.

        Raises:
            TrainError: There are too few examples.
        """
        end = time.monotonic() + 0.9 * budget.seconds
        reading = read(train, self.horizon, self.season, self.gaps, self.grid)
        parts = parts_of(reading, self.past)
        found = examples(train, reading, parts, budget.seed, self.most)
        if len(found.target) < FEWEST:
            raise TrainError("forecast.few_examples", rows=len(found.target), expected=FEWEST)
        rows = fold_of(found, reading.horizon, judged=not self.epochs)
        scale = scale_of(rows.x[:], parts)
        season = reading.book.season
        recipe = Recipe(
            self.name,
            lambda: Forecaster(parts, season, reading.horizon, self.reader, self.width, scale),
            mae,
            notes={"examples": len(found.target), "season": season, "past": width(parts[0])},
            refit={},
        )
        left = replace(budget, seconds=max(0.1, end - time.monotonic()))
        member = learn(rows, recipe, self._plan(len(rows.y), budget.seed), left, progress).members[
            0
        ]
        size = FIRST + sum(width(part) for part in parts)
        data = wrapped(member.graph, range(FIRST, size), size, reading.floor)
        again = {"epochs": again_of(member.notes["curve"], member.notes["refit"]["epochs"])}
        notes = {**member.notes, "refit": again, "settled": again}
        return reading.model(self.name, parts, data, notes)

    def _plan(self, rows: int, seed: int) -> Plan:
        return Plan(
            epochs=self.epochs or epochs_of(rows), batch=BATCH, clip=1.0, weight_decay=1e-3,
            learning_rate=self.learning_rate, schedule="one_cycle", seed=seed,
        )  # fmt: skip

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.SECONDS[cls.name](rows, columns, classes)


def again_of(curve: Sequence[Mapping[str, float]], done: int) -> int:
    """Return the passes of a fit on all rows: as many as were best, and a schedule needs a few.

    Example:
        >>> again_of([{"valid_loss": 0.3}, {"valid_loss": 0.2}, {"valid_loss": 0.4}] * 7, 21)
        6
        >>> again_of([], 8)
        8
    """
    losses = [row["valid_loss"] for row in curve if "valid_loss" in row]
    return max(_SCHEDULE, 1 + int(np.argmin(losses))) if losses else done


def epochs_of(rows: int) -> int:
    """Return the passes that suit so many examples: some 1,500 steps, from 8 to 40 passes.

    Example:
        >>> epochs_of(2_000), epochs_of(20_000)
        (40, 19)
    """
    return max(8, min(40, round(1500 * BATCH / max(1, rows))))


def parts_of(reading: Reading, past: tuple[int, int, int]) -> list[Mapping[str, Json]]:
    """Return what a net reads of a view: the past, its season, the calendar, what is known."""
    season = reading.book.season
    seasons, fewest, most = past
    count = max(1, min(max(seasons * season, fewest), most, reading.length))
    wide = [
        s for s in reading.book.grid.seasons if s > season and s + reading.horizon < reading.length
    ]
    parts: list[Mapping[str, Json]] = [{"kind": "lags", "count": count}, {"kind": "calendar"}]
    if season > 1:
        parts.append({"kind": "seasonal", "season": season, "count": 3})
    parts += [{"kind": "seasonal", "season": s, "count": 1} for s in wide]
    columns = [dict(c) for c in reading.known if len(c.get("levels") or ()) <= _LEVELS]
    if columns:
        parts.append({"kind": "known", "columns": columns})
    return parts


def fold_of(found: Examples, horizon: int, judged: bool) -> Fold:
    """Return the examples as what a net learns from, and the last steps as what judges it."""
    span = max(horizon, int(_HELD * (found.ends.max() - found.places.min())))
    held = (found.places > found.ends - span) & judged
    if held.sum() < 8 or (~held).sum() < FEWEST // 2:
        held = np.zeros(len(held), dtype=bool)
    x = torch.tensor(found.told, dtype=torch.float32)
    mean, spread = float(found.target.mean()), float(found.target.std()) or 1.0
    y = torch.tensor((found.target - mean) / spread, dtype=torch.float32)
    weight = torch.tensor(found.weight / found.weight.mean(), dtype=torch.float32)
    learned, judges = torch.from_numpy(~held), torch.from_numpy(held)
    encoding: dict[str, Json] = {"style": "series", "tensor": "x", "shape": [x.shape[1]]}
    return Fold(
        "regress", (), encoding, x[learned], y[learned], weight[learned], x[judges], y[judges],
        weight[judges], x[:SAMPLE], Bend(0.0, mean, spread, spread=spread),
    )  # fmt: skip


def scale_of(x: Tensor, parts: Sequence[Mapping[str, Json]]) -> Tensor:
    """Return middle and scale of each number over the rows in which it is known, (2, D).

    What is told in units of its series is on one scale already.
    """
    told = np.nan_to_num(x.numpy().astype(np.float64), nan=0.0)
    seen = np.isfinite(x.numpy())
    count = np.maximum(seen.sum(0), 1)
    middle = told.sum(0) / count
    spread = np.sqrt(np.where(seen, (told - middle) ** 2, 0.0).sum(0) / count)
    scale = np.stack([middle, np.where(spread > 1e-6, spread, 1.0)])
    at = 0
    for part in parts:
        if part["kind"] in ("lags", "seasonal"):
            scale[:, at : at + width(part)] = [[0.0], [1.0]]
        at += width(part)
    return torch.tensor(scale, dtype=torch.float32)
