"""One fit of a learner that makes rows: what a worker does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lingqu.core import catalog
from lingqu.core.nouns import Json
from lingqu.core.ports import Budget, Progress
from lingqu.learn.candidate import read_fold
from lingqu.learn.generate import is_pictures
from lingqu.learn.generate.judging import scores_of

TASK = "lingqu.learn.generate.fitting:fit_one"
_FITTED, _PAINTED = 0.8, 0.5
"""Share of the time in which a learner is fitted: the rest is for making rows and judging them. Of
pictures it is less: the eyes that judge them must learn first."""


def fit_one(payload: Mapping[str, Json], progress: Progress) -> dict[str, Any]:
    """Fit one algorithm and judge the rows that it makes beside the held-out ones.

    Args:
        payload: As `lingqu.learn.candidate.fit_one` takes it.
        progress: Gets every row that the algorithm reports.

    Returns:
        As `lingqu.learn.candidate.fit_one`; ``labels`` are the scores that rows of this kind have,
        in their order.
    """
    over = payload["sent_at"] + payload["left"]
    if time.time() >= over:
        return {"model": None}
    algorithm = catalog.build("algorithms", payload["algorithm"], payload["options"])
    train, valid = read_fold(Path(payload["scratch"]), payload["fold"], coded=False)
    share = _PAINTED if is_pictures(train.schema) and len(valid) else _FITTED
    seconds = max(0.01, min(payload["seconds"], share * (over - time.time())))
    budget = Budget(seconds, payload["memory_mb"], payload["threads"], payload["seed"])
    curve: list[dict[str, float]] = []

    def listen(row: Mapping[str, Json]) -> None:
        curve.append({k: float(v) for k, v in row.items() if isinstance(v, int | float)})
        progress(row)

    model = replace(algorithm.fit(train, valid, budget, listen), task="generate")
    told = {"model": model, "curve": curve, "given_s": seconds, "many_s": 0.0, "row_ms": 0.0}
    scores = np.array(list(scores_of(model, train, valid).values())) if len(valid) else None
    return {**told, "labels": scores, "probabilities": None}
