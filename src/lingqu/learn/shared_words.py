"""Write rows so that who reads them holds each word of a category once, not once a row."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import polars as pl

_BYTES = 4_000_000
"""Bytes of words in a column from which this is worth its time."""
_LEVELS = 10_000
"""Levels above which a column is text: there is little to share."""


def write_rows(frame: pl.DataFrame, file: Path | IO[bytes]) -> None:
    """Write rows as an Arrow file.

    Example:
        >>> from io import BytesIO
        >>> file = BytesIO()
        >>> write_rows(pl.DataFrame({"town": ["桂林"] * 3}), file)
        >>> pl.read_ipc(file.getvalue()).get_column("town").to_list()
        ['桂林', '桂林', '桂林']
    """
    frame.with_columns(*map(_shared, frame.get_columns())).write_ipc(file)


def _shared(column: pl.Series) -> pl.Series:
    """Return the same words, all rows of a level on one copy of it."""
    if column.dtype != pl.String or (column.str.len_bytes().sum() or 0) < _BYTES:
        return column
    levels = column.drop_nulls().unique().sort()
    if len(levels) > _LEVELS:
        return column
    codes = column.cast(pl.Enum(levels)).to_physical()
    return levels.gather(codes).alias(column.name)
