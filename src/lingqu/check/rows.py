"""Rows as numbers: fingerprints for exact repeats, points in space for near ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, present
from lingqu.release.media import pixels
from lingqu.release.pictures import reduce_pixels, reduced_size

_SIDE = 16
"""Pictures are compared at no more than this many pixels a side."""
_LEVELS = 32
_SHOWN = 32
"""Pixels a side of a picture that is shown."""
_BLOCK = 512


def fingerprints(frame: pl.DataFrame, columns: Iterable[Column]) -> pl.Series:
    """Return one 64-bit hash per row: rows with the same values, pixels included, share it.

    Example:
        >>> frame = pl.DataFrame({"a": [1, 1, 2], "b": ["x", "x", "x"]})
        >>> found = fingerprints(frame, [Column("a", "number"), Column("b", "category")])
        >>> found[0] == found[1], found[0] == found[2]
        (True, False)
    """
    parts = [_hashable(frame[c.name], c) for c in present(columns, frame)]
    if not parts:
        return pl.Series([0] * frame.height, dtype=pl.UInt64)
    # A fixed seed: train and test rows must hash alike.
    return pl.DataFrame(parts).hash_rows(seed=1)


def _hashable(series: pl.Series, column: Column) -> pl.Series:
    if column.kind == "image" or series.dtype.is_nested():
        cells: list[Any] = [None] * len(series)
        present = series.is_not_null().arg_true().to_list()
        if column.kind == "image":
            block: Iterable[Any] = pixels(series.drop_nulls(), column.shape) if present else []
        else:
            block = [np.asarray(cell) for cell in series.drop_nulls().to_list()]
        for row, picture in zip(present, block, strict=True):
            cells[row] = hashlib.blake2b(picture.tobytes(), digest_size=8).digest()
        return pl.Series(series.name, cells, dtype=pl.Binary)
    if series.dtype == pl.Binary:  # a recording: its bytes
        return series
    if column.kind == "number":  # 1 and 1.0 are one value
        return series.cast(pl.Float64, strict=False)
    return series.cast(pl.String)


def points(
    train: pl.DataFrame, test: pl.DataFrame, columns: Iterable[Column]
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Place rows in space: numbers in standard deviations, pictures as pixels, categories apart.

    Returns:
        Points of train and test, shape (N, D) and (M, D); None when nothing can be placed.
    """
    left, right = [], []
    anything, known = False, {*train.columns} & {*test.columns}
    for column in columns:
        if column.name not in known:
            continue
        pair = _placed(train[column.name], test[column.name], column)
        if pair is not None:
            # A category alone has too few places: every row would be near another.
            anything |= column.kind in ("number", "image", "vector")
            left.append(pair[0])
            right.append(pair[1])
    if not anything:
        return None
    return np.concatenate(left, axis=1), np.concatenate(right, axis=1)


def _placed(
    train: pl.Series, test: pl.Series, column: Column
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    if column.kind == "number":
        both = [
            s.cast(pl.Float64, strict=False).to_numpy().astype(np.float64) for s in (train, test)
        ]
        good = both[0][np.isfinite(both[0])]
        if not len(good) or good.std() == 0:
            return None
        centre, scale = np.median(good), good.std()
        first, second = (
            np.nan_to_num((b - centre) / scale, nan=0.0, posinf=9.0, neginf=-9.0) for b in both
        )
        return first[:, None].astype(np.float32), second[:, None].astype(np.float32)
    if column.kind == "image" and column.shape:
        size = reduced_size(column.shape, _SIDE)
        first, second = (_flat(series, column, size) for series in (train, test))
        # One scale for all pixels: a pixel that is nearly always dark must not decide.
        scale = float(first.std()) * np.sqrt(first.shape[1]) or 1.0
        return first / np.float32(scale), second / np.float32(scale)
    if column.kind in ("category", "boolean"):
        levels = train.cast(pl.String).drop_nulls().unique().sort().to_list()
        if 2 <= len(levels) <= _LEVELS:
            first, second = (
                (series.cast(pl.String).fill_null("").to_numpy()[:, None] == np.array(levels))
                for series in (train, test)
            )
            return first.astype(np.float32), second.astype(np.float32)
    return None


def _flat(series: pl.Series, column: Column, size: tuple[int, int]) -> NDArray[np.float32]:
    placed = np.zeros((len(series), size[0] * size[1]), dtype=np.float32)
    present = series.is_not_null().to_numpy()
    if present.any():
        images = reduce_pixels(pixels(series.drop_nulls(), column.shape), size, grey=True)
        placed[present] = images.reshape(len(images), -1)
    return placed


def nearest(
    train: NDArray[np.float32], test: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distance to, and the index of, the train point nearest to each test point.

    Example:
        >>> far, where = nearest(np.array([[0.0], [5.0]]), np.array([[4.0]]))
        >>> far.tolist(), where.tolist()
        ([1.0], [1])
    """
    lengths = (train**2).sum(1)
    distances, indices = [], []
    for start in range(0, len(test), _BLOCK):
        part = test[start : start + _BLOCK]
        squared = lengths - 2 * part @ train.T
        closest = squared.argmin(1)
        # The difference of large numbers above finds the neighbour; this gives its distance.
        gap = (part - train[closest]).astype(np.float64)
        distances.append(np.sqrt((gap**2).sum(1)))
        indices.append(closest)
    return np.concatenate(distances), np.concatenate(indices)


def record(frame: pl.DataFrame, row: int, columns: Iterable[Column]) -> Mapping[str, Json]:
    """Return one row as JSON, to be shown: long text is cut, pictures become rows of numbers."""
    shown: dict[str, Json] = {}
    for column in present(columns, frame):
        if column.kind not in ("audio", "vector", "boxes"):
            value = frame[column.name][row]
            if column.kind == "image" and value is not None:
                image = pixels(frame[column.name][row : row + 1], column.shape)
                size = reduced_size(column.shape, _SHOWN)
                value = reduce_pixels(image, size, grey=True)[0, 0].tolist()
            elif isinstance(value, str):
                value = value[:200]
            elif value is not None and not isinstance(value, bool | int | float):
                value = str(value)
            elif isinstance(value, float) and not np.isfinite(value):
                value = None
            shown[column.name] = value
    return shown
