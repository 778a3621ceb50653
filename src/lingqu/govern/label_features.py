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
BENDS = (0.2, 0.5, 0.8)
"""Ranks at which a line may bend: chosen, like the ranks themselves, on fifty tables of which none
is in the benchmark."""
FEW = 4
"""Distinct values up to which a column is left as it is."""

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


def bent(encoded: Matrix, columns: list[Column]) -> Matrix | None:
    """Return numbers by their ranks, with bends: what is linear in it may follow any slow curve.

    Ranks do not care in which unit, or on which scale, something was measured, and no outlier
    pulls at them. What `encode` made of pictures or vectors, or projected, has no such columns.

    Args:
        encoded: What `encode` made of the columns, shape (N, D).
        columns: The columns.

    Returns:
        Shape (N, at most 256), or None where nothing is to be bent.

    Example:
        >>> column = np.array([[1.0], [2.0], [4.0], [8.0], [99.0]])
        >>> bent(column, [Column("x", "number")]).round(2)[:, 2].tolist()
        [0.0, 0.0, 0.0, 0.4, 0.8]

    Source: Lines with knots: Stone & Koo, Proc. ASA Statistical Computing (1985); ranks: Conover &
        Iman, Am. Stat. 35 (1981).
    """
    if encoded.shape[1] >= MOST_WIDTH or {c.kind for c in columns} & {"image", "vector"}:
        return None
    ranks = [_ranks(column) for column in encoded.T]
    if all(found is None for found in ranks):
        return None
    bends = BENDS if len(ranks) * (1 + len(BENDS)) <= MOST_WIDTH else ()
    made: list[Matrix] = []
    for column, found in zip(encoded.T, ranks, strict=True):
        if found is None:
            made.append(column)
        else:
            made += [np.sqrt(3.0) * (2.0 * found - 1.0)]  # variance 1
            made += [2.0 * np.maximum(found - bend, 0.0) for bend in bends]
    return np.stack(made, axis=1)


def _ranks(column: Matrix) -> Matrix | None:
    """Return the ranks of values, from 0 to 1, equal ones in the middle; None of a few values."""
    _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    if counts.size <= FEW:
        return None
    middle = (counts.cumsum() - counts / 2) / column.size
    return np.asarray(middle[place], dtype=np.float64)


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
