"""What the path of a forecast does otherwise: its chooser, and its release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json, Model, Predictions
from lingqu.core.schema import Schema
from lingqu.core.train_section import TrainSection
from lingqu.flow.data_stage import Parts
from lingqu.learn.assemble import Choice
from lingqu.learn.forecast.choose import choose_forecast
from lingqu.release.series.block import carried
from lingqu.release.series.grid import Grid
from lingqu.release.series.history import Book, keys_of

_SHARED = frozenset(
    {
        "budget_s", "engine", "scratch", "seed", "metric", "algorithms", "folds", "memory_mb",
        "workers", "recall", "remember", "progress", "stop",
    }
)  # fmt: skip
"""Wishes that a forecast shares with tables; the others are refused in the channel file."""


def choose_of(section: TrainSection) -> Any:
    """Return the chooser of forecasts with the arguments of that of tables."""

    def chosen(train: Dataset, task: str, **given: Any) -> Choice:
        return choose_forecast(
            train,
            horizon=section.horizon or 1,
            season=section.season or 0,
            gaps=section.gaps,
            coverage=section.coverage,
            **{name: value for name, value in given.items() if name in _SHARED},
        )

    return chosen


def up_to_now(model: Model, test: Dataset) -> Model:
    """Return a judged model whose forecasts start from the end of all rows.

    Nothing that was fitted changes; the values of the test rows go behind the tails, as a caller
    would send them.
    """
    encoding = model.members[0].encoding
    block = carried(encoding["blocks"][0], test.frame)
    fresh = {**encoding, "blocks": [block]}
    return replace(model, members=tuple(replace(m, encoding=fresh) for m in model.members))


SHOWN = 6
"""Series that the report draws: the largest."""
_PAST = 120
"""Values of the past that it draws, at most."""


def shown_series(rows: Parts, model: Model, said: Predictions) -> list[dict[str, Json]]:
    """Return some series with their past, the forecasts of the test rows, and the truth.

    Steps are counted from the origin. Nothing for a task that forecasts nothing.
    """
    if model.task != "forecast":
        return []
    block = model.members[0].encoding["blocks"][0]
    book = Book.from_json(block["book"])
    frame, horizon = rows.test.frame, int(block["horizon"])
    keys = np.array(keys_of(frame, block["group"]), dtype=object)
    steps, _ = book.grid.place(frame.get_column(block["time"]))
    truth = frame.get_column(block["target"]).to_list()
    present = [key for key in book.series if (keys == key).any()]
    present.sort(key=lambda key: -float(np.abs(book.series[key].values).sum()))
    shown = []
    for key in present[:SHOWN]:
        known = book.series[key]
        past = known.values[-min(_PAST, max(3 * horizon, 2 * book.season)) :]
        at = [int(row) for row in np.flatnonzero(keys == key)]
        at.sort(key=lambda row: int(steps[row]))
        ahead = [_point(said, row, int(steps[row]) - known.end, truth[row]) for row in at]
        errors = [abs(p["value"] - p["truth"]) for p in ahead if p["truth"] is not None]
        shown.append(
            {
                "series": key,
                "target": block["target"],
                "origin": book.grid.named_time(known.end),
                "history": [[i - len(past) + 1, float(v)] for i, v in enumerate(past)],
                "ahead": ahead,
                "mase": float(np.mean(errors)) / known.unit if errors else None,
            }
        )
    return shown


def _point(said: Predictions, row: int, step: int, truth: Any) -> dict[str, Json]:
    ends = {"low": said.low, "high": said.high}
    return {
        "step": step,
        "truth": None if truth is None else float(truth),
        "value": float(said.labels[row]),
        **{name: None if end is None else float(end[row]) for name, end in ends.items()},
    }


def later(model: Model, test: pl.DataFrame, raw: Schema) -> pl.DataFrame:
    """Return test rows moved to the times that a release is asked about: behind the last row.

    Args:
        model: As `up_to_now` returned it.
        test: Test rows as they were read.
        raw: Their schema.
    """
    block: Mapping[str, Any] = model.members[0].encoding["blocks"][0]
    grid = Grid.from_json(block["book"]["grid"])
    ends = dict(zip(block["book"]["keys"], block["book"]["ends"], strict=True))
    keys = [""] * test.height
    if block["group"]:
        keys = test.get_column(block["group"]).cast(pl.String).fill_null("").to_list()
    seen: dict[str, int] = {}
    steps = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        ahead = min(seen[key], int(block["horizon"]))
        steps.append(ends.get(key, max(ends.values(), default=0)) + ahead)
    times = pl.Series(block["time"], grid.times(np.array(steps, dtype=np.int64)))
    kept = test.with_columns(times.alias(block["time"]))
    return kept.drop([c.name for c in raw if c.role == "target"], strict=False)
