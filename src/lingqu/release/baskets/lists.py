"""From the chances of all items to the list that a user gets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.predictions import Lists, Predictions
from lingqu.release.baskets.block import BasketsBlock

CELLS = 4_000_000
"""Users × items that are answered at a time."""
NEIGHBOURS = 16
"""Numbers that a graph may hold for each of them: bounds its memory."""


def recommended(
    block: BasketsBlock,
    frame: pl.DataFrame,
    run: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    classes: tuple[str, ...],
    count: int,
) -> Predictions:
    """Return the lists of the users of a frame.

    Args:
        block: Their histories.
        frame: A row for each list.
        run: Answers the tensor of some rows with the chances of all items.
        classes: Names of the items.
        count: Items of a list.
    """
    size = max(1, CELLS // (NEIGHBOURS * block.width))
    items, scores, based, profiled = [], [], [], []
    for start in range(0, frame.height, size):
        part = frame[start : start + size]
        tensor = np.empty((part.height, block.width), dtype=np.float32)
        block.write(part, tensor)
        found = best(run(tensor), count)
        items.append(found[0])
        scores.append(found[1])
        had, known = block.bases(tensor)
        based.append(had)
        profiled.append(known)
    top = np.concatenate(items)
    told = Lists(
        top, np.concatenate(scores), np.concatenate(based), block.unknown(frame),
        np.concatenate(profiled),
    )  # fmt: skip
    return Predictions(np.maximum(top[:, 0], 0), None, classes, lists=told)


def lists_frame(said: Predictions) -> pl.DataFrame:
    """Return lists as a frame: what a caller gets.

    Returns:
        ``prediction`` (names, the best first), ``scores``, ``based_on`` (``history``,
        ``features`` of a user who took nothing, or ``popularity``) and ``unknown``, the names of
        the request that nobody knows.
    """
    told = said.lists
    assert told is not None
    return pl.DataFrame(
        {
            "prediction": names(said),
            "scores": shares(told),
            "based_on": bases(told),
            "unknown": [list(odd) for odd in told.unknown],
        },
        schema={
            "prediction": pl.List(pl.String), "scores": pl.List(pl.Float64),
            "based_on": pl.String, "unknown": pl.List(pl.String),
        },
    )  # fmt: skip


def bases(told: Lists) -> list[str]:
    """Return what each list rests on: the surest of what there was."""
    rests = np.where(told.based, "history", "popularity")
    if told.profiled is not None:
        rests = np.where(~told.based & told.profiled, "features", rests)
    return [str(word) for word in rests]


def names(said: Predictions) -> list[list[str]]:
    """Return the items of each list by name."""
    told = said.lists
    assert told is not None
    known = said.classes
    return [[known[code] for code in row if code >= 0] for row in told.items.tolist()]


def shares(told: Lists) -> list[list[float]]:
    """Return the scores of each list, as many as it has items."""
    lengths = (told.items >= 0).sum(1).tolist()
    return [row[:n] for row, n in zip(told.scores.tolist(), lengths, strict=True)]


def best(chances: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the best items of each row and their chances, (N, count).

    Chances that differ by less than rounding are equal, and the first of equal items comes first:
    so the same list comes out of one row and of many. Empty places are -1 and 0.

    Example:
        >>> best(np.array([[0.2, 0.5, 0.2, 0.0]], dtype=np.float32), 3)[0].tolist()
        [[1, 0, 2]]
    """
    width = chances.shape[1]
    most = min(count, width)
    exact = chances.astype(np.float64)
    peak = np.maximum(exact.max(1, keepdims=True), 1e-300)
    with np.errstate(divide="ignore"):
        told = np.where(exact > 0, np.round(np.log(exact / peak), 4), -np.inf)
    few = np.sort(np.argpartition(-told, most - 1, axis=1)[:, :most], axis=1)
    # Items that tie with the last of the few: the first of them by number belong to the list.
    edge = np.take_along_axis(told, few, 1).min(1)
    tied = np.flatnonzero((told == edge[:, None]).sum(1) > 1)
    for row in tied.tolist():
        few[row] = np.sort(np.argsort(-told[row], kind="stable")[:most])
    order = np.argsort(-np.take_along_axis(told, few, 1), axis=1, kind="stable")
    items = np.take_along_axis(few, order, 1)
    found = np.take_along_axis(exact, items, 1)
    items = np.where(found > 0, items, -1)
    if most < count:
        items = np.pad(items, ((0, 0), (0, count - most)), constant_values=-1)
        found = np.pad(found, ((0, 0), (0, count - most)))
    return items, found
