"""Marks on training rows: an operator never deletes, it says which row should go and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import KEEP, REASON


def keeping(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Return which rows no operator has marked so far, shape (N,)."""
    if KEEP not in frame.columns:
        return np.ones(frame.height, dtype=bool)
    return frame.get_column(KEEP).to_numpy().astype(bool)


def kept(dataset: Dataset) -> Dataset:
    """Return the dataset without marked rows: what later operators learn from."""
    if KEEP not in dataset.frame.columns:
        return dataset
    return replace(dataset, frame=dataset.frame.filter(pl.col(KEEP)), digest="")


def mark(frame: pl.DataFrame, rows: NDArray[np.bool_], reason: str) -> pl.DataFrame:
    """Return the frame with `rows` marked; a row keeps the first reason it was given.

    Args:
        frame: With or without earlier marks.
        rows: True where the row should go, shape (N,).
        reason: A short text; it starts with the operator's name.
    """
    before = keeping(frame)
    fresh = rows & before
    reasons: Any = (
        frame.get_column(REASON).to_list() if REASON in frame.columns else [""] * frame.height
    )
    for row in np.flatnonzero(fresh):
        reasons[row] = reason
    return frame.with_columns(
        pl.Series(KEEP, before & ~fresh), pl.Series(REASON, reasons, dtype=pl.String)
    )


def commit(dataset: Dataset) -> tuple[Dataset, list[int], list[dict[str, Json]]]:
    """Filter the marked rows: the one place where rows leave a training set.

    Returns:
        The rows that stay (without mark columns), their original numbers, and for each row that
        left ``{"row", "reason"}``.
    """
    frame = dataset.frame
    if KEEP not in frame.columns:
        return dataset, list(range(frame.height)), []
    gone = frame.with_row_index("row").filter(~pl.col(KEEP)).select("row", REASON)
    removed: list[dict[str, Json]] = [
        {"row": row, "reason": reason} for row, reason in gone.iter_rows()
    ]
    numbers: list[int] = np.flatnonzero(keeping(frame)).tolist()
    left = frame.filter(pl.col(KEEP)).drop(KEEP, REASON)
    digest = "" if removed else dataset.digest
    return replace(dataset, frame=left, digest=digest), numbers, removed
