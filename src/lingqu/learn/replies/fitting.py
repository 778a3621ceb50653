"""One fit of a learner whose answers have many parts: what a worker does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from lingqu.core import catalog
from lingqu.core.metrics import metric
from lingqu.core.nouns import TEXTS, Dataset, Json, Model, Task
from lingqu.core.ports import Budget, Progress
from lingqu.core.reply_metrics import USUAL, truths
from lingqu.learn.candidate import read_fold
from lingqu.release.runner import Runner

WRITTEN = 0.4
"""Share of the time in which a learner of texts is fitted: the rest is for writing the answers that
it is judged by."""
TASK = "lingqu.learn.replies.fitting:fit_one"


def fit_one(payload: Mapping[str, Json], progress: Progress) -> dict[str, Any]:
    """Fit one algorithm and score its answers to the held-out rows.

    Args:
        payload: As `lingqu.learn.candidate.fit_one` takes it; ``options`` also name the ``task``.
        progress: Gets every row that the algorithm reports.

    Returns:
        As `lingqu.learn.candidate.fit_one`; ``labels`` are the scores that the task always has,
        in their order.
    """
    over = payload["sent_at"] + payload["left"]
    if time.time() >= over:
        return {"model": None}
    options = dict(payload["options"])
    task: Task = options.pop("task")
    name = payload["algorithm"]
    if "task" in signature(catalog.load("algorithms", name)).parameters:
        options["task"] = task  # what it climbs by depends on it
    algorithm = catalog.build("algorithms", name, options)
    train, valid = read_fold(Path(payload["scratch"]), payload["fold"])
    share = WRITTEN if task in TEXTS and len(valid) else 0.9
    seconds = max(0.01, min(payload["seconds"], share * (over - time.time())))
    budget = Budget(seconds, payload["memory_mb"], payload["threads"], payload["seed"])
    curve: list[dict[str, float]] = []

    def listen(row: Mapping[str, Json]) -> None:
        curve.append({k: float(v) for k, v in row.items() if isinstance(v, int | float)})
        progress(row)

    model = replace(algorithm.fit(train, valid, budget, listen), task=task)
    told = {"model": model, "curve": curve, "given_s": seconds, "many_s": 0.0, "row_ms": 0.0}
    scores = scores_of(model, valid) if len(valid) else None
    return {**told, "labels": scores, "probabilities": None}


def scores_of(model: Model, valid: Dataset) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the usual scores of a model on held-out rows, in the order of `USUAL`."""
    task = model.task
    target = valid.schema.target
    assert target is not None  # a task of this kind has one
    runner = Runner.of(model, threads=1)
    asked = valid.frame.drop(target.name)
    y = truths(valid.frame.get_column(target.name).to_list(), task)
    said = runner.with_truth(asked, runner.predict(asked), list(y))
    ones = np.ones((1, len(y)))
    found = [metric(name).formula(y, said, 1, ones)[0] for name in USUAL[task]]
    return np.array(found, dtype=np.float64)
