"""The choice of verify: that of tables, and the threshold where both errors are equal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.i18n import both
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset
from lingqu.learn.assemble import Choice
from lingqu.learn.choose import choose
from lingqu.release.encode import targets


def choose_pairs(train: Dataset, task: str, **given: Any) -> Choice:
    """Find the best model of pairs that a budget allows; the arguments are those of `choose`.

    From its threshold on a pair is the same. Where none was asked for, it is set on held-out
    pairs so that as many others are accepted as own ones refused.
    """
    choice = choose(train, task, **given)
    model = replace(choice.model, task="verify")
    chances = choice.predictions.probabilities
    asked = any(str(wish).startswith("threshold") for wish in given.get("optimise", ()))
    if asked or chances is None or not len(choice.rows):
        return replace(choice, model=model)
    y = targets(train, "verify")[0][choice.rows]
    at = equal_at(chances[:, 1], y)
    said = replace(choice.predictions, labels=(chances[:, 1] >= at).astype(np.int64))
    error = score("eer", y, said)
    note = both("verify.note_threshold", threshold=at, eer=error, rows=len(y))
    model = replace(model, threshold=at)
    return replace(choice, model=model, predictions=said, notes=(*choice.notes, note))


def equal_at(chance: NDArray[np.float64], y: NDArray[Any]) -> float:
    """Return the threshold at which both errors are nearest to each other.

    Args:
        chance: That a pair is the same, (N,).
        y: 1 where it is, (N,).

    Example:
        >>> equal_at(np.array([0.1, 0.2, 0.7, 0.9]), np.array([0, 0, 1, 1]))
        0.45

    Source: Own, from the definition of the equal error rate (`core/chance_metrics.eer`).
    """
    known = np.unique(chance)
    cuts = np.r_[known[0] / 2, (known[1:] + known[:-1]) / 2, (known[-1] + 1) / 2]
    own, others = np.sort(chance[y == 1]), np.sort(chance[y == 0])
    refused = np.searchsorted(own, cuts) / max(1, len(own))
    accepted = 1 - np.searchsorted(others, cuts) / max(1, len(others))
    gaps = np.abs(refused - accepted)
    best = cuts[gaps <= gaps.min() + 1e-12]
    return round(float((best[0] + best[-1]) / 2), 6)
