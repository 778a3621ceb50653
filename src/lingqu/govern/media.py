"""Media cells by their content: one digest per cell, equal where the content is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from lingqu.core.errors import DataError

MEDIA = frozenset({"image", "audio", "vector", "boxes"})
"""Kinds whose cells are compared by content, not by path or by value."""


def content_keys(series: pl.Series) -> pl.Series:
    """Return one 16-byte digest per cell: of pixels and vectors, of bytes, of a file's bytes.

    Raises:
        DataError: A cell is a path and the file cannot be read; says which row.

    Example:
        >>> keys = content_keys(pl.Series("v", [[1.0, 2.0], [1.0, 2.0], [3.0, 2.0]]))
        >>> keys.n_unique()
        2
    """
    keys = [
        None if cell is None else hashlib.blake2b(cell, digest_size=16).digest()
        for cell in _cells(series)
    ]
    return pl.Series(series.name, keys, dtype=pl.Binary)


def _cells(series: pl.Series) -> Iterable[bytes | None]:
    if isinstance(series.dtype, pl.Array) and not series.null_count():
        return (row.tobytes() for row in np.ascontiguousarray(series.to_numpy()))
    if series.dtype.is_nested():
        return (None if cell is None else repr(cell).encode() for cell in series.to_list())
    if series.dtype == pl.String:
        return (
            None if path is None else _file(path, row, series.name)
            for row, path in enumerate(series.to_list(), start=1)
        )
    cells: list[bytes | None] = series.to_list()
    return cells


def _file(path: str, row: int, column: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(
            "govern.unread_media", column=column, row=row, path=path[:200], why=str(error)[:200]
        ) from error
