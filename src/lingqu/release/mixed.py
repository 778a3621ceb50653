"""Columns whose cells are of several types: text, as a file would hold them, or refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, gist

_PLAIN = (bool, int, float, str, Decimal, date, time, timedelta, np.generic)
"""What can be written as text and says the same."""
_NAMED = 12
"""Columns that an error names, at most."""
FAILURES = (ValueError, TypeError, OverflowError, pl.exceptions.PolarsError)
"""What libraries raise of cells that they cannot hold; pyarrow's own errors are among them."""


def by_column(columns: Iterable[tuple[str, Any]], read: Callable[[Any], pl.Series]) -> pl.DataFrame:
    """Read a frame column by column, so that what is wrong with one has its name.

    Args:
        columns: Name and cells of each.
        read: Reads the cells of one, and may fail.

    Raises:
        DataError: Cells of a column that no column can hold.
    """
    found: dict[str, pl.Series] = {}
    for name, cells in columns:
        try:
            found[name] = kept(read(cells).alias(name), cells)
        except FAILURES:
            found[name] = _as_text(name, list(cells))
    lengths = {name: len(series) for name, series in found.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name!r}: {length}" for name, length in [*lengths.items()][:_NAMED])
        raise DataError("data.unequal_columns", lengths=told)
    return pl.DataFrame(found)


def whole(
    frame: pl.DataFrame, cells: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> pl.DataFrame:
    """Return a frame in which no cell was lost: polars reads as missing what does not fit.

    Args:
        frame: As polars made it.
        cells: The columns, or rows, that it was made of.

    Example:
        >>> whole(pl.DataFrame({"a": [1, None]}), {"a": [1, 10**40]})["a"].to_list()[0]
        '1'
    """
    odd = [s.name for s in frame.get_columns() if s.dtype == pl.Object or s.null_count()]
    for name in odd:
        told = cells[name] if isinstance(cells, Mapping) else [row.get(name) for row in cells]
        frame = frame.with_columns(kept(frame.get_column(name), told).alias(name))
    return frame


def kept(series: pl.Series, cells: Any) -> pl.Series:
    """Return a series, or its cells as text where it lost some of them.

    Raises:
        DataError: The cells are neither one type nor text.
    """
    if not isinstance(cells, list | tuple):
        return series  # arrays and series have a type of their own
    lost = series.null_count() and series.null_count() > sum(map(_absent, cells))
    return _as_text(series.name, cells) if lost or series.dtype == pl.Object else series


def _as_text(name: str, cells: Sequence[Any]) -> pl.Series:
    present = [cell for cell in cells if not _absent(cell)]
    if not all(isinstance(cell, _PLAIN) for cell in present):
        types = ", ".join(sorted({type(cell).__name__ for cell in present}))
        raise DataError("data.mixed_column", problem=f"{name!r}: {types}")
    try:
        return pl.Series(name, [_word(cell) for cell in cells], dtype=pl.String)
    except UnicodeEncodeError as error:
        raise DataError("data.mixed_column", problem=f"{name!r}: {gist(error)}") from error


def _absent(cell: Any) -> bool:
    """Say whether a cell holds nothing; what pandas has for it is no value of a type either."""
    missing = cell is None or type(cell).__name__ in ("NAType", "NaTType")
    return missing or (isinstance(cell, float) and cell != cell)


def _word(cell: Any) -> str | None:
    if _absent(cell):
        return None
    return str(cell).lower() if isinstance(cell, bool | np.bool_) else str(cell)
