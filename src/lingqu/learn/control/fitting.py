"""One fit of a learner of policies: what a worker does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lingqu.core import catalog
from lingqu.core.nouns import Json
from lingqu.core.ports import Budget, Progress
from lingqu.learn.candidate import read_fold
from lingqu.learn.control.subject import FACT

TASK = "lingqu.learn.control.fitting:fit_one"
_MOST_CURVE = 500


def fit_one(payload: Mapping[str, Json], progress: Progress) -> dict[str, Any]:
    """Fit one learner in the environment that its options name.

    Args:
        payload: As `lingqu.learn.candidate.fit_one` takes it; ``options`` also hold the place of
            the ``environment``, and how often it was begun anew (``again``).
        progress: Gets every row that the learner reports.

    Returns:
        As `lingqu.learn.candidate.fit_one`, without answers: a policy is judged by what it brings.
    """
    over = payload["sent_at"] + payload["left"]
    told = {"labels": None, "probabilities": None, "many_s": 0.0, "row_ms": 0.0}
    if time.time() >= over:
        return {"model": None, "curve": [], "given_s": 0.0, **told}
    options = dict(payload["options"])
    place, again = options.pop(FACT), int(options.pop("again", 0))
    options.pop("code", None)
    algorithm = catalog.build("algorithms", payload["algorithm"], options)
    train, _ = read_fold(Path(payload["scratch"]), payload["fold"])
    train = replace(train, facts={FACT: place})
    seconds = max(0.01, min(payload["seconds"], 0.9 * (over - time.time())))
    seed = payload["seed"] + 7919 * again
    budget = Budget(seconds, payload["memory_mb"], payload["threads"], seed)
    curve: list[dict[str, float]] = []

    def listen(row: Mapping[str, Json]) -> None:
        numbers = {k: float(v) for k, v in row.items() if isinstance(v, int | float)}
        if len(curve) < _MOST_CURVE:
            curve.append(numbers)
        progress(row)

    model = algorithm.fit(train, train, budget, listen)
    return {"model": model, "curve": curve, "given_s": seconds, **told}
