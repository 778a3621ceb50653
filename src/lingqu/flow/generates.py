"""What the path of the task generate does otherwise: conditions in place of rows, its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json, Task
from lingqu.core.predictions import Predictions
from lingqu.flow.data_stage import Parts
from lingqu.flow.generate_shown import shown_table
from lingqu.learn.assemble import Choice
from lingqu.learn.generate import is_pictures
from lingqu.learn.generate.choose import choose_generator
from lingqu.learn.generate.judging import asked_like
from lingqu.release.made.conditions import served
from lingqu.release.predictor import Predictor
from lingqu.release.prepare import hidden_columns
from lingqu.release.profile import signals
from lingqu.release.signals import MADE

CHECKS = ("generated", "efficiency")
"""What judges made rows; the other checks are of answers that are right or wrong."""
_NOT_OURS = frozenset({"optimise", "augment", "workers", "folds"})


def choose_made(section: Any) -> Any:
    """Return the chooser of this task with the arguments of that of tables."""

    def chosen(train: Dataset, task: Task, **given: Any) -> Choice:
        ours = {name: value for name, value in given.items() if name not in _NOT_OURS}
        return choose_generator(train, task, **ours)

    return chosen


def conditions(rows: Dataset) -> Dataset:
    """Return what is asked of a generator to set its rows beside these: as many of each class."""
    target = rows.schema.target
    asked = asked_like(rows.frame, target.name if target is not None else "")
    return Dataset(asked, served(rows.schema), rows.name)


def asks(predictor: Predictor) -> Callable[[pl.DataFrame], Predictions]:
    """Return what answers real rows by making as many: for checks that time a model."""
    names = [name for name in predictor.schema.names if name != "seed"]

    def predict(frame: pl.DataFrame) -> Predictions:
        return predictor.predict(asked_like(frame, names[0] if names else ""))

    return predict


def watched_conditions(rows: Parts) -> pl.DataFrame:
    """Return what is watched of requests: what was asked for. A seed is chance and says nothing."""
    target = rows.test.schema.target
    if target is None:
        return pl.DataFrame()
    asked = pl.concat([part.frame.select(target.name) for part in (rows.train, rows.test)])
    return signals(asked, served(rows.test.schema)).select(target.name)


def watched_outputs(outputs: Mapping[str, Json], governed: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is watched of answers, without made cells of columns that held personal data."""
    hidden = {MADE + name for name in hidden_columns(governed["operators"])}
    return {name: part for name, part in outputs.items() if name not in hidden}


def shown_made(rows: Parts, said: Predictions, predictor: Predictor) -> dict[str, Json]:
    """Return what the report shows of made rows beside real ones; nothing for other tasks."""
    if said.replies is None or predictor.task != "generate":
        return {}
    if is_pictures(rows.test.schema):
        from lingqu.flow.generate_pictures import shown_pictures

        return shown_pictures(rows.test, said, predictor)
    return shown_table(rows.test, said.replies.said)


def seeds(count: int, seed: int) -> list[int]:
    """Return the seeds of a request for `count` rows, always the same of one seed.

    Example:
        >>> seeds(2, 7) == seeds(3, 7)[:2]
        True
    """
    drawn = np.random.default_rng(seed).integers(0, 2**53, count, dtype=np.int64)
    return [int(one) for one in drawn]
