"""One linear map from the last values to the next ones, learned from all series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn import costs
from lingqu.learn.forecast.examples import examples
from lingqu.learn.forecast.graph import wrapped
from lingqu.learn.forecast.reading import Reading, read
from lingqu.learn.tabular.graph import Step, graph, verify
from lingqu.release.series.block import FIRST
from lingqu.release.series.history import Floats, Gaps

FEWEST = 30
"""Examples below which a line through so many lags means nothing."""
_PENALTIES = (1.0, 10.0, 100.0, 1000.0)
_CLIP = 10.0


@dataclass
class LagLinear:
    """Forecast by a ridge regression on the last values and those of the same season.

    One map for all steps: the values of the same place in the season carry what differs between
    them. Known columns and the step enter as they are. The penalty is found on the last steps.

    Args:
        horizon: Steps ahead.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value: ``fill``, ``zero`` or ``refuse``.
        grid: Where the values lie in time; found when empty.
        penalty: Strength of the L2 penalty; 0 finds it.

    Example:
        >>> LagLinear(horizon=14, season=7).engine, LagLinear(penalty=3.0).penalty
        ('numpy', 3.0)

    Source: Zeng et al., "Are transformers effective for time series forecasting?", AAAI 2023,
        arXiv:2205.13504 (a linear map on values told from the level); one map for all steps is
        our own.
    """

    name: ClassVar[str] = "lag_linear"
    tasks: ClassVar[frozenset[str]] = frozenset({"forecast"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    horizon: int = 1
    season: int = 0
    gaps: Gaps = "fill"
    grid: Mapping[str, Any] = field(default_factory=dict)
    penalty: float = 0.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` is not looked at."""
        reading = read(train, self.horizon, self.season, self.gaps, self.grid)
        parts = parts_of(reading)
        found = examples(train, reading, parts, budget.seed, 20_000)
        if len(found.target) < FEWEST:
            raise TrainError("forecast.few_examples", rows=len(found.target), expected=FEWEST)
        nothing = _nothing(found.told, found.names, reading)
        told = np.where(np.isnan(found.told), nothing, found.told)
        middle, scale = told.mean(0), np.where(told.std(0) > 1e-9, told.std(0), 1.0)
        x = np.clip((told - middle) / scale, -_CLIP, _CLIP)
        x = np.column_stack([x, np.ones(len(x))])
        held = found.places > found.ends - self.horizon
        penalty = self.penalty or _best_penalty(x, found.target, found.weight, held)
        weight = _solved(x, found.target, found.weight, penalty)
        data = _graph(weight, middle, scale, nothing)
        sample = found.told[:512].astype(np.float32)
        filled = np.where(np.isnan(sample), nothing, sample)
        expected = np.clip((filled - middle) / scale, -_CLIP, _CLIP)
        verify(self.name, data, sample, expected @ weight[:-1, None] + weight[-1],
               max(1.0, float(np.abs(weight).sum())), budget.threads)  # fmt: skip
        size = FIRST + told.shape[1]
        whole = wrapped(data, range(FIRST, size), size, reading.floor)
        notes = {"penalty": penalty, "examples": len(x), "season": reading.book.season,
                 "refit": {"penalty": penalty}, "settled": {"penalty": penalty}}  # fmt: skip
        return reading.model(self.name, parts, whole, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.lag_linear(rows, columns, classes)


def parts_of(reading: Reading) -> list[Mapping[str, Json]]:
    """Return what the map reads of a view."""
    season = reading.book.season
    wide = [
        s for s in reading.book.grid.seasons if s > season and s + reading.horizon < reading.length
    ]
    parts: list[Mapping[str, Json]] = [
        {"kind": "lags", "count": max(1, min(2 * season, 60, reading.length)) if season > 1 else
         max(1, min(12, reading.length // 3))}
    ]  # fmt: skip
    if season > 1:
        parts.append({"kind": "seasonal", "season": season, "count": 4})
    parts += [{"kind": "seasonal", "season": s, "count": 1} for s in wide]
    numbers = [dict(column) for column in reading.known if column.get("levels") is None]
    if numbers:
        parts.append({"kind": "known", "columns": numbers})
    return parts


def _solved(x: Floats, y: Floats, weight: Floats, penalty: float) -> Floats:
    root = np.sqrt(weight)[:, None]
    left = (x * root).T @ (x * root)
    ridge = np.full(x.shape[1], penalty)
    ridge[-1] = 1e-9
    right = (x * root).T @ (y * root[:, 0])
    return np.asarray(np.linalg.solve(left + np.diag(ridge), right), dtype=np.float64)


def _best_penalty(x: Floats, y: Floats, weight: Floats, held: NDArray[np.bool_]) -> float:
    if held.sum() < 4 or (~held).sum() < FEWEST:
        return 10.0
    missed = []
    for penalty in _PENALTIES:
        found = _solved(x[~held], y[~held], weight[~held], penalty)
        missed.append(float((np.abs(x[held] @ found - y[held]) * weight[held]).mean()))
    return _PENALTIES[int(np.argmin(missed))]


def _nothing(told: Floats, names: Sequence[str], reading: Reading) -> Floats:
    """Return what stands for a missing number: the level; of a known column its mean."""
    columns = {str(column["column"]) for column in reading.known}
    known = np.array([name in columns for name in names])
    seen = np.isfinite(told)
    mean = np.where(seen, told, 0.0).sum(0) / np.maximum(seen.sum(0), 1)
    return np.asarray(np.where(known, mean, 0.0))


def _graph(weight: Floats, middle: Floats, scale: Floats, nothing: Floats) -> bytes:
    steps: list[Step] = [
        ("IsNaN", ["x"], ["lost"], {}),
        ("Where", ["lost", "nothing", "x"], ["there"], {}),
        ("Sub", ["there", "middle"], ["centred"], {}),
        ("Div", ["centred", "scale"], ["scaled"], {}),
        ("Clip", ["scaled", "low", "high"], ["calm"], {}),
        ("Gemm", ["calm", "weight", "bias"], ["values"], {}),
    ]
    constants = {
        "nothing": nothing, "middle": middle, "scale": scale, "low": np.array(-_CLIP),
        "high": np.array(_CLIP), "weight": weight[:-1, None], "bias": weight[-1:],
    }  # fmt: skip
    return graph(steps, constants, len(middle), "values")
