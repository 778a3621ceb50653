"""More rows than time: learn from as many as a budget can hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import CLASSES, Dataset, Task
from lingqu.learn.costs import SECONDS

LEAST = 50_000
"""Rows below which none are left out."""
CELLS = 60_000_000
"""Most values (rows × columns) that one fit reads: as float32 and in its learner some 700 MB."""
_SHARE = 0.08
"""Share of the budget that one fit of trees may be expected to take: of millions of rows, which lie
beyond every cache, it takes more than twice that."""


def sample(
    train: Dataset, task: Task, budget_s: float, workers: int, seed: int
) -> tuple[Dataset, NDArray[np.int64] | None]:
    """Return as many rows as the budget can hold, and which they are; None for all.

    Args:
        train: All rows.
        task: What is learned; of each class the same share is taken, and 50 rows at least.
        budget_s: Seconds of the whole choice.
        workers: Fits side by side.
        seed: Seed of the draw.
    """
    rows, columns = len(train), max(1, len(train.schema.features))
    target = train.schema.target
    classes = len(target.levels) if target is not None else 0
    most = rows
    while most > LEAST and (
        SECONDS["lightgbm"](most, columns, classes) > _SHARE * budget_s * max(1, workers)
        or most * columns > CELLS
    ):
        most = max(LEAST, int(0.8 * most))
    if most >= rows or target is None or target.name not in train.frame.columns:
        return train, None
    random = np.random.default_rng(seed)
    score = random.random(rows)
    picked = np.zeros(rows, dtype=bool)
    picked[np.argpartition(score, most)[:most]] = True
    if task in CLASSES:
        codes = train.frame.get_column(target.name).cast(str).rank("dense").fill_null(0)
        picked |= _rarest(codes.to_numpy().astype(np.int64), score)
    kept = np.flatnonzero(picked)
    return replace(train, frame=train.frame[kept], digest=""), kept


def _rarest(codes: NDArray[np.int64], score: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark 50 rows of each class, or all where there are fewer."""
    marked = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        marked[rows[np.argsort(score[rows], kind="stable")[:50]]] = True
    return marked
