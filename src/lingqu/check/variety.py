"""How varied texts, pictures and vectors are: the effective number of different ones."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.minhash import signatures
from lingqu.core.schema import Column
from lingqu.release.media import pixels
from lingqu.release.pictures import reduce_pixels, reduced_size

Floats = NDArray[np.float64]

SAMPLE = 200
"""Rows that are compared with each other."""
_RESAMPLES = 8
_SIDE = 16


def variety(
    series: pl.Series, column: Column, random: np.random.Generator, draws: int
) -> Floats | None:
    """Return the normalised Vendi score of a column, then `draws` values around it.

    1 when no two rows are alike, 0 when all are the same: the entropy of the eigenvalues of the
    matrix of similarities, over the logarithm of the number of rows. A score costs an
    eigendecomposition, so only a few resamples are scored: their standard deviation is the spread
    of the normal law around the score from which the values are drawn, cut to 0 … 1.

    Returns:
        Shape (1 + draws,), or None where nothing can be compared.

    Example:
        >>> texts = pl.Series(["the same long enough text"] * 30)
        >>> found = variety(texts, Column("t", "text"), np.random.default_rng(0), 5)
        >>> round(float(found[0]), 3)
        0.0
    """
    there = series.drop_nulls()
    if len(there) < 2:
        return None
    rows = np.sort(random.permutation(len(there))[:SAMPLE])
    alike = _similarities(there[rows], column)
    if alike is None:
        return None
    value = _entropy(alike)
    # Rows drawn twice would count as copies: a resample keeps each row once.
    kept = [np.unique(random.integers(0, len(alike), len(alike))) for _ in range(_RESAMPLES)]
    spread = np.std([_entropy(alike[np.ix_(some, some)]) for some in kept])
    table = np.concatenate([[value], random.normal(value, spread, draws)])
    return np.asarray(np.clip(table, 0, 1), dtype=np.float64)


def _similarities(series: pl.Series, column: Column) -> Floats | None:
    """Return the similarity of each pair, 1 on the diagonal."""
    if column.kind == "text":
        marks = signatures(series.cast(pl.String).to_list())
        held = marks.values[marks.widths > 0]
        if len(held) < 2:
            return None
        return np.asarray([(held == mark).mean(axis=1) for mark in held], dtype=np.float64)
    if column.kind == "image":
        if len(column.shape) < 2:
            return None
        images = pixels(series, column.shape)
        size = reduced_size(column.shape, _SIDE)
        points = reduce_pixels(images, size, grey=True).reshape(len(images), -1)
    else:
        points = np.asarray(series.to_list(), dtype=np.float64)
    points = points.astype(np.float64) - points.mean(axis=0)
    length = np.linalg.norm(points, axis=1, keepdims=True)
    # Rows at the mean itself point nowhere: they are alike among themselves.
    unit = np.where(length > 1e-9, points / np.maximum(length, 1e-9), 0)
    flat = (length[:, 0] <= 1e-9).astype(float)
    return np.asarray(unit @ unit.T + np.outer(flat, flat), dtype=np.float64)


def _entropy(alike: Floats) -> float:
    count = len(alike)
    if count < 2:
        return 0.0
    values = np.clip(np.linalg.eigvalsh(alike / count), 0, None)
    values = np.asarray(values[values > 1e-12] / values.sum(), dtype=np.float64)
    return float(-(values * np.log(values)).sum() / np.log(count))
