"""Write rows so that who reads them holds each word of a category once, not once a row."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import IO

import polars as pl

_BYTES = 4_000_000
"""Bytes of words in a column from which this is worth its time."""
_ROWS = 30_000
"""Rows from which numbers in the place of words are worth it: a word takes sixteen bytes a row."""
_LEVELS = 10_000
"""Levels above which a column is text: there is little to share."""


def write_rows(frame: pl.DataFrame, file: Path | IO[bytes], coded: Collection[str] = ()) -> None:
    """Write rows as an Arrow file.

    Args:
        frame: The rows.
        file: Where.
        coded: Columns of which each row may hold the number of its word, see `worded`.

    Example:
        >>> from io import BytesIO
        >>> file = BytesIO()
        >>> write_rows(pl.DataFrame({"town": ["桂林"] * 3}), file)
        >>> pl.read_ipc(file.getvalue()).get_column("town").to_list()
        ['桂林', '桂林', '桂林']
    """
    shared = [_shared(column, column.name in coded) for column in frame.get_columns()]
    frame.with_columns(shared).write_ipc(file)


def worded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with words in place of their numbers.

    Example:
        >>> coded = pl.DataFrame({"town": ["桂林"]}, schema={"town": pl.Enum(["成都", "桂林"])})
        >>> worded(coded).to_dict(as_series=False), worded(coded).dtypes
        ({'town': ['桂林']}, [String])
    """
    return frame.with_columns(
        levels.gather(column.to_physical()).alias(column.name)
        for column in frame.get_columns()
        if isinstance(column.dtype, pl.Enum)
        for levels in [column.dtype.categories]
    )


def _shared(column: pl.Series, coded: bool) -> pl.Series:
    """Return the same words, all rows of a level on one copy of it, or as its number."""
    if column.dtype != pl.String:
        return column
    coded = coded and len(column) >= _ROWS
    if not coded and (column.str.len_bytes().sum() or 0) < _BYTES:
        return column
    levels = column.drop_nulls().unique().sort()
    if len(levels) > _LEVELS:
        return column
    numbered = column.cast(pl.Enum(levels))
    return numbered if coded else levels.gather(numbered.to_physical()).alias(column.name)
