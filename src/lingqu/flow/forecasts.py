"""What the path of a forecast does otherwise: its chooser, and its release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Schema
from lingqu.core.train_section import TrainSection
from lingqu.flow.data_stage import Parts
from lingqu.learn.assemble import Choice
from lingqu.learn.forecast.choose import choose_forecast
from lingqu.release.series.block import carried
from lingqu.release.series.grid import Grid
from lingqu.release.series.history import Book, keys_of
from lingqu.release.series.sums import SERIES, Sums, emptied, starts_of, with_sums

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
            quantiles=section.quantiles,
            hierarchy=section.hierarchy,
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


def shown_series(
    rows: Parts, model: Model, predict: Callable[[pl.DataFrame], Predictions]
) -> list[dict[str, Json]]:
    """Return some series with their past, the forecasts of the test rows, and the truth.

    Steps are counted from the origin. Of a hierarchy the sums come first, each with its level.
    Nothing for a task that forecasts nothing.
    """
    if model.task != "forecast":
        return []
    block: Mapping[str, Any] = model.members[0].encoding["blocks"][0]
    book, groups = Book.from_json(block["book"]), block["groups"]
    frame, levels = rows.test.frame, dict[str, str]()
    if "sums" in block:
        sums = Sums.from_json(groups, block["sums"])
        frame = with_sums(rows.test, sums, starts_of(rows.train, groups)).frame
        levels = {k: sums.levels[at][0] for k, at in zip(sums.keys, sums.nodes[1], strict=True)}
    keys = np.array(keys_of(frame, groups), dtype=object)
    if levels:
        frame = frame.with_columns(emptied(groups))
    shown = []
    for key in _largest(book, keys, levels):
        here = frame.filter(pl.Series(keys == key)).sort(block["time"])
        shown.append(_shown(key, levels.get(key, ""), here, predict(here), book, block))
    return shown


def _largest(book: Book, keys: np.ndarray[Any, Any], levels: Mapping[str, str]) -> list[str]:
    """Return the largest series of each level, those of the upper levels first."""
    present = set(keys.tolist())
    order = list(dict.fromkeys(levels.values())) or [""]
    size = {k: float(np.abs(one.values).sum()) for k, one in book if k in present}
    found = []
    for level in order:
        own = [key for key in size if levels.get(key, "") == level]
        found += sorted(own, key=lambda key: -size[key])[: SHOWN if level in ("", SERIES) else 3]
    return found


def _shown(
    key: str, level: str, here: pl.DataFrame, said: Predictions, book: Book,
    block: Mapping[str, Any],
) -> dict[str, Json]:  # fmt: skip
    known, horizon = book.series[key], int(block["horizon"])
    steps, _ = book.grid.place(here.get_column(block["time"]))
    truth = here.get_column(block["target"]).to_list()
    past = known.values[-min(_PAST, max(3 * horizon, 2 * book.season)) :]
    ahead = [_point(said, row, int(steps[row]) - known.end, truth[row]) for row in range(len(here))]
    errors = [abs(p["value"] - p["truth"]) for p in ahead if p["truth"] is not None]
    return {
        "series": key,
        "level": level,
        "target": block["target"],
        "origin": book.grid.named_time(known.end),
        "history": [[i - len(past) + 1, float(v)] for i, v in enumerate(past)],
        "ahead": ahead,
        "mase": float(np.mean(errors)) / known.unit if errors else None,
    }


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
    keys = keys_of(test, block["groups"])
    seen: dict[str, int] = {}
    steps = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        ahead = min(seen[key], int(block["horizon"]))
        steps.append(ends.get(key, max(ends.values(), default=0)) + ahead)
    times = pl.Series(block["time"], grid.times(np.array(steps, dtype=np.int64)))
    kept = test.with_columns(times.alias(block["time"]))
    if "sums" in block:  # the rows that a release must answer alike are of every level
        first = kept.sort(block["time"], maintain_order=True)[:1]
        for _, shown in block["sums"]["levels"][:-1]:
            hidden = [group for group in block["groups"] if group not in shown]
            empty = [pl.lit(None, first.schema[group]).alias(group) for group in hidden]
            kept = pl.concat([first.with_columns(empty), kept])
    return kept.drop([c.name for c in raw if c.role == "target"], strict=False)
