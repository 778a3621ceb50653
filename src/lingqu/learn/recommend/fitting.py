"""One fit of one recommender: what a worker does, and what it says of the held-out rows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lingqu.core import catalog
from lingqu.core.nouns import Json
from lingqu.core.ports import Budget, Progress
from lingqu.learn.candidate import read_fold
from lingqu.release.runner import Runner

TASK = "lingqu.learn.recommend.fitting:fit_one"
LISTED = 200
"""Items of a held-out list: as far down as lists are averaged."""


def fit_one(payload: Mapping[str, Json], progress: Progress) -> dict[str, Any]:
    """Fit one algorithm on one round and list what it would recommend to the held-out users.

    Args:
        payload: As `lingqu.learn.candidate.fit_one` takes it.
        progress: Gets every row that the algorithm reports.

    Returns:
        As `lingqu.learn.candidate.fit_one`; of the held-out rows ``labels`` are the items of their
        lists and ``probabilities`` the chances of these, (N, 200).
    """
    over = payload["sent_at"] + payload["left"]
    if time.time() >= over:
        return {"model": None}
    algorithm = catalog.build("algorithms", payload["algorithm"], payload["options"])
    train, valid = read_fold(Path(payload["scratch"]), payload["fold"])
    seconds = max(0.01, min(payload["seconds"], 0.9 * (over - time.time())))
    budget = Budget(seconds, payload["memory_mb"], payload["threads"], payload["seed"])
    model = algorithm.fit(train, valid, budget, progress)
    told = {"model": model, "curve": [], "given_s": seconds, "many_s": 0.0, "row_ms": 0.0}
    if not len(valid):
        return {**told, "labels": None, "probabilities": None}
    said = Runner.of(model, threads=1).recommend(valid.frame, LISTED).lists
    assert said is not None
    return {**told, "labels": said.items, "probabilities": said.scores}
