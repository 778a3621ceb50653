"""Marks on training rows: an operator never deletes, it says which row should go and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import EVIDENCE, KEEP, REASON


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


def mark(
    frame: pl.DataFrame,
    rows: NDArray[np.bool_],
    reason: str,
    reason_zh: str = "",
    evidence: Mapping[int, Mapping[str, Json]] | None = None,
) -> pl.DataFrame:
    """Return the frame with `rows` marked; a row keeps the first reason it was given.

    Args:
        frame: With or without earlier marks.
        rows: True where the row should go, shape (N,).
        reason: A short text; it starts with the operator's name.
        reason_zh: The same in Chinese.
        evidence: By row number, what the mark rests on: ``{"copy_of": 4, "similarity": 0.93}``.
    """
    before = keeping(frame)
    fresh = rows & before
    reasons, proofs = (_texts(frame, name) for name in (REASON, EVIDENCE))
    for row in np.flatnonzero(fresh).tolist():
        reasons[row] = reason
        proof = dict((evidence or {}).get(row, {}))
        if reason_zh:
            proof["reason_zh"] = reason_zh
        proofs[row] = orjson.dumps(proof).decode() if proof else ""
    return frame.with_columns(
        pl.Series(KEEP, before & ~fresh),
        pl.Series(REASON, reasons, dtype=pl.String),
        pl.Series(EVIDENCE, proofs, dtype=pl.String),
    )


def unmark(frame: pl.DataFrame, rows: NDArray[np.bool_]) -> pl.DataFrame:
    """Return the frame with the marks of `rows` taken back."""
    if KEEP not in frame.columns:
        return frame
    spared, empty = pl.Series(rows), pl.lit("")
    return frame.with_columns(
        pl.col(KEEP) | spared,
        *(pl.when(spared).then(empty).otherwise(pl.col(n)).alias(n) for n in (REASON, EVIDENCE)
          if n in frame.columns),
    )  # fmt: skip


def _texts(frame: pl.DataFrame, name: str) -> list[str]:
    return frame.get_column(name).to_list() if name in frame.columns else [""] * frame.height


def commit(dataset: Dataset) -> tuple[Dataset, list[int], list[dict[str, Json]]]:
    """Filter the marked rows: the one place where rows leave a training set.

    Returns:
        The rows that stay (without mark columns), their original numbers, and for each row that
        left ``{"row", "reason"}``, with ``reason_zh`` and the evidence where there is any.
    """
    frame = dataset.frame
    if KEEP not in frame.columns:
        return dataset, list(range(frame.height)), []
    gone = frame.with_row_index("row").filter(~pl.col(KEEP))
    proofs = _texts(gone, EVIDENCE)
    removed: list[dict[str, Json]] = [
        {"row": row, "reason": reason, **(orjson.loads(proof) if proof else {})}
        for (row, reason), proof in zip(gone.select("row", REASON).iter_rows(), proofs, strict=True)
    ]
    numbers: list[int] = np.flatnonzero(keeping(frame)).tolist()
    left = frame.filter(pl.col(KEEP)).drop(KEEP, REASON, EVIDENCE, strict=False)
    digest = "" if removed else dataset.digest
    return replace(dataset, frame=left, digest=digest), numbers, removed
