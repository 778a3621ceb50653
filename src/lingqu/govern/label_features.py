"""Rows as numbers of comparable size, for judges that measure distances."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.schema import Column
from lingqu.release.media import pixels

MOST_WIDTH = 256
"""Width of the encoded features; wider ones are projected at random."""
LEVELS = 30
"""Levels of a category that get a column each."""

Matrix = NDArray[np.float64]


def encode(frame: pl.DataFrame, columns: list[Column], seed: int) -> Matrix:
    """Return features as columns of comparable size, float64, shape (N, at most 256).

    Args:
        frame: The rows.
        columns: Of every kind but text and audio; at least one.
        seed: Seed of the projection.
    """
    blocks = [_block(frame.get_column(column.name), column) for column in columns]
    joined = np.concatenate([block / np.sqrt(_spread(block)) for block in blocks], axis=1)
    if joined.shape[1] > MOST_WIDTH:
        # Johnson–Lindenstrauss: a random projection nearly keeps the distances.
        draw = np.random.default_rng(seed).normal(size=(joined.shape[1], MOST_WIDTH))
        joined = joined @ (draw / np.sqrt(MOST_WIDTH))
    return np.asarray(joined, dtype=np.float64)


def _spread(block: Matrix) -> float:
    """Return the mean variance of an image or vector block, so that it does not drown the rest."""
    return max(1.0, float(block.var(axis=0).sum())) if block.shape[1] > LEVELS + 1 else 1.0


def _block(series: pl.Series, column: Column) -> Matrix:
    if column.kind in ("image", "vector"):
        values = (
            pixels(series, column.shape).reshape(series.len(), -1)
            if column.kind == "image"
            else np.asarray(series.to_list(), dtype=np.float64)
        )
        return np.asarray(values / max(1e-9, float(np.abs(values).max())), dtype=np.float64)
    if column.kind in ("number", "datetime") or series.dtype.is_numeric():
        numbers = series.cast(pl.Int64) if series.dtype.is_temporal() else series
        values = numbers.cast(pl.Float64).fill_nan(None).to_numpy()
        return _scaled(np.where(np.isfinite(values), values, np.nan))[:, None]
    cells = series.cast(pl.String).fill_null("")
    levels = cells.value_counts(sort=True).get_column(series.name).head(LEVELS).sort().to_list()
    return np.stack([(cells == level).to_numpy() for level in levels], axis=1).astype(np.float64)


def _scaled(values: Matrix) -> Matrix:
    known = values[~np.isnan(values)]
    if not known.size or not known.std() > 0:
        return np.zeros_like(values)
    scaled = (values - known.mean()) / known.std()
    return np.asarray(np.clip(np.nan_to_num(scaled, nan=0.0), -5.0, 5.0))
