"""Held-out rows that no learner gets right: wrong labels, rare cases, or what the columns lack."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.learn.standings import Standings

MOST = 200
"""Rows that are named."""
_FAR = 3.0
"""In a regression: median absolute errors from which an answer counts as wrong."""


def missed_by_all(standings: Standings, classes: tuple[str, ...]) -> list[dict[str, Json]]:
    """Return the rows that all learners answered wrongly when they had not seen them.

    Args:
        standings: Of a finished race.
        classes: Class names; empty for a regression.

    Returns:
        Rows ``{"row", "said", "sure", "by"}``, the surest first: number of the training row, what
        most learners said of it, how sure they were on average (a regression: by how many median
        errors they were off), and how many learners that were.
    """
    depths = {
        name: lane.depth
        for name, lane in standings.lanes.items()
        if lane.depth and lane.entry.algorithm != "constant"
    }
    if len(depths) < 2:  # what one learner misses says more of the learner
        return []
    level = sorted(depths.values())[-2]  # the most rows that two have answered
    names = [name for name, depth in depths.items() if depth >= level]
    truth, rows = standings.truth(level), standings.rows(level)
    answers = [standings.answers(name, level) for name in names]
    labels = np.stack([answer.labels for answer in answers])  # (learners, rows)
    if classes:
        wrong, sure = _classes(labels, [a.probabilities for a in answers], truth)
    else:
        wrong, sure = _numbers(labels, truth)
    places = np.flatnonzero(wrong)
    places = places[np.argsort(-sure[places], kind="stable")][:MOST]
    return [
        {
            "row": int(rows[place]),
            "said": _said(labels[:, place], classes),
            "sure": round(float(sure[place]), 4),
            "by": len(names),
        }
        for place in places
    ]


def _classes(
    labels: NDArray[Any], chances: list[NDArray[np.float64] | None], truth: NDArray[Any]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    known = [chance for chance in chances if chance is not None]
    wrong = (labels != truth).all(axis=0)
    return wrong, np.mean([chance.max(axis=1) for chance in known], axis=0)


def _numbers(
    labels: NDArray[Any], truth: NDArray[Any]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    off = np.abs(labels - truth)
    usual = np.maximum(np.median(off, axis=1, keepdims=True), 1e-12)
    far = (off / usual).min(axis=0)
    return far > _FAR, far


def _said(labels: NDArray[Any], classes: tuple[str, ...]) -> Json:
    if not classes:
        return round(float(np.median(labels)), 6)
    values, counts = np.unique(labels.astype(np.int64), return_counts=True)
    return classes[int(values[counts.argmax()])]
