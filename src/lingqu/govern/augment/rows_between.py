"""New rows of a rare class as cells: numbers in between, levels by majority, others inherited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column
from lingqu.govern.augment.rows import Made
from lingqu.govern.augment.smote import between

Codes = NDArray[np.intp]


def rows_between(
    dataset: Dataset,
    codes: Codes,
    usable: NDArray[np.bool_],
    code: int,
    count: int,
    seed: int,
    blank: Mapping[str, Any],
) -> Made:
    """Return rows of one class that lie between two of its rows.

    Features are new; identifiers and ignored columns are empty; group, time, protected columns
    and weight are those of the row they were made from.

    Args:
        dataset: The training part of a fit.
        codes: Class index of each row, shape (N,).
        usable: Rows with a label that no operator marked, shape (N,).
        code: The class, with at least two usable rows.
        count: How many rows to make.
        seed: Seed of the draws.
        blank: Columns to leave empty, with their types.
    """
    rows = np.flatnonzero(usable)
    frame = dataset.frame[rows]
    features = dataset.schema.features
    numeric = [c for c in features if c.kind in ("number", "datetime")]
    worded = [c for c in features if c.kind in ("category", "boolean")]
    values, middles, spreads = _scaled(frame, numeric)
    levels = _levels(frame, worded)
    fresh, said, parents = between(values, levels, codes[rows], code, count, seed)
    cells = {name: pl.Series(name, [None] * count, dtype=dtype) for name, dtype in blank.items()}
    for place, column in enumerate(numeric):
        numbers = fresh[:, place] * spreads[place] + middles[place]
        cells[column.name] = _as_series(numbers, frame.get_column(column.name))
    for place, column in enumerate(worded):
        cells[column.name] = _as_levels(said[:, place], frame.get_column(column.name))
    return Made(rows[parents].astype(np.int64), cells)


def _scaled(
    frame: pl.DataFrame, columns: list[Column]
) -> tuple[NDArray[np.float64], list[float], list[float]]:
    """Return numbers of comparable size, gaps at the median, and what undoes the scaling."""
    blocks, middles, spreads = [], [], []
    for column in columns:
        series = frame.get_column(column.name)
        series = series.cast(pl.Int64) if series.dtype.is_temporal() else series
        values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
        known = values[np.isfinite(values)]
        middle = float(np.median(known)) if known.size else 0.0
        spread = float(known.std()) if known.size else 0.0
        values[~np.isfinite(values)] = middle
        blocks.append((values - middle) / (spread or 1.0))
        middles.append(middle)
        spreads.append(spread or 1.0)
    stacked = np.stack(blocks, axis=1) if blocks else np.zeros((frame.height, 0))
    return stacked, middles, spreads


_GAP = "\x00"
"""Stands for a missing level, which may be the commonest among the neighbours too."""


def _levels(frame: pl.DataFrame, columns: list[Column]) -> NDArray[np.object_]:
    cells = np.empty((frame.height, len(columns)), dtype=object)
    for place, column in enumerate(columns):
        series = frame.get_column(column.name).cast(pl.String).fill_null(_GAP)
        cells[:, place] = series.to_list()
    return cells


def _as_series(numbers: NDArray[np.float64], like: pl.Series) -> pl.Series:
    if like.dtype.is_temporal() or like.dtype.is_integer():
        return pl.Series(like.name, np.rint(numbers).astype(np.int64)).cast(like.dtype)
    return pl.Series(like.name, numbers).cast(like.dtype)


def _as_levels(cells: NDArray[np.object_], like: pl.Series) -> pl.Series:
    words = [None if cell == _GAP else str(cell) for cell in cells]
    if like.dtype == pl.Boolean:
        return pl.Series(like.name, [None if w is None else w == "true" for w in words])
    return pl.Series(like.name, words, dtype=pl.String).cast(like.dtype)
