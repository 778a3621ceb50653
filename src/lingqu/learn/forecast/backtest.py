"""Rolling origins: the past of every series, cut where it was once the present."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset
from lingqu.learn.folds import Folds
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.history import Ints
from lingqu.release.series.rows import behind, series_codes

COUNT = 5
"""Origins at most, the latest first."""


@dataclass(frozen=True)
class Backtest:
    """Held-out rows of several origins.

    Args:
        folds: One per origin, the latest first: rows up to the origin, rows behind it.
        ahead: Of each the steps by which the held-out rows lie behind their origin.
        span: Steps that are held out at each origin; fewer than the horizon in short series.
    """

    folds: Folds
    ahead: tuple[Ints, ...]
    span: int


def backtest(train: Dataset, reading: Reading, count: int | None = None) -> Backtest:
    """Cut the training rows at rolling origins, each a horizon before the next.

    The last rows of every series are held out first, then those before them, as long as what
    is left before the origin is worth learning from.

    Args:
        train: The rows.
        reading: The same rows as series.
        count: Origins; as many as there is room for, at most 5, when omitted.

    Raises:
        TrainError: No series is long enough to hold anything out.

    Source: Tashman, "Out-of-sample tests of forecasting accuracy", 2000,
        doi:10.1016/S0169-2070(00)00065-0 (rolling origin).
    """
    codes, steps = series_codes(train), reading.rows[1]
    lengths = np.array([len(one.values) for _, one in reading.book])
    usual = int(np.quantile(lengths, 0.75))
    season, horizon = reading.book.season, reading.horizon
    span = min(horizon, max(1, (usual - 2) // 3))
    least = max(2 * season + 2, span + 2) if usual > 3 * season + span else max(2, span)
    room = max(1, (usual - least) // span)
    pairs, ahead = [], []
    for index in range(min(count or COUNT, room)):
        before, behind_origin = behind(codes, steps, span * (index + 1), span)
        held = np.flatnonzero(behind_origin)
        if len(held) and before.sum() >= 2:
            pairs.append((np.flatnonzero(before), held))
            ahead.append(behind_origin[held])
    if not pairs:
        raise TrainError(
            "forecast.too_short", longest=int(lengths.max(initial=0)), expected=horizon + 3
        )
    return Backtest(Folds("origins", tuple(pairs), len(pairs)), tuple(ahead), span)
