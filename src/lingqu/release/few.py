"""The door for a request of a few rows: the same frames as `frames` makes, without detours.

A library's own conversion plans for millions of rows; for one row that costs more than the
answer. What is not one of the usual types is left to it: these functions then return None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

ROWS = 4
"""Up to so many rows, going through them one by one is faster."""
_EXACT = 2**53
"""From here on a float no longer tells every integer."""
_TYPES: dict[Any, Any] = {
    np.dtype(np.float64): pl.Float64,
    np.dtype(np.int64): pl.Int64,
    np.dtype(np.bool_): pl.Boolean,
    np.dtype(object): pl.String,
}
_NAMED: dict[str, Any] = {"str": pl.String, "category": pl.Categorical}
"""Types of pandas' own, by name: they are no types of NumPy."""


def from_pandas(frame: Any) -> pl.DataFrame | None:
    """Return a few rows of pandas as Polars, or None where a column is of another type."""
    if not 0 < len(frame) <= ROWS:
        return None
    kinds = frame.dtypes.tolist()
    types = [_TYPES.get(k) if isinstance(k, np.dtype) else _NAMED.get(str(k)) for k in kinds]
    if None in types:
        return None
    read = [_READ[kind] for kind in types]
    try:
        rows = [_row(frame, place, read) for place in range(len(frame))]
    except TypeError:
        return None
    # A column of no text at all has another type in the library's own conversion.
    gone = [all(cell is None for cell in cells) for cells in zip(*rows, strict=True)]
    if any(none and kind is not pl.Float64 for none, kind in zip(gone, types, strict=True)):
        return None
    names = [name if type(name) is str else str(name) for name in frame.columns.tolist()]
    told = [dict(zip(names, row, strict=True)) for row in rows]
    return pl.from_dicts(told, schema=dict(zip(names, types, strict=True)))


def _row(frame: Any, place: int, read: Sequence[Callable[[Any], Any]]) -> list[Any]:
    cells = frame.iloc[place].tolist()
    return [make(cell) for make, cell in zip(read, cells, strict=True)]


def to_pandas(frame: pl.DataFrame, index: Any) -> Any | None:
    """Return a few rows as pandas with this index, or None where a column is of another type."""
    if not 0 < frame.height <= ROWS or not _OUT.issuperset(frame.dtypes):
        return None
    import pandas  # the caller has sent such a frame

    return pandas.DataFrame(
        {column.name: _array(column) for column in frame.get_columns()}, index=index
    )


def from_columns(columns: Mapping[Any, Any]) -> pl.DataFrame | None:
    """Return a dict of columns with one cell each as Polars, or None where it is none."""
    cells = []
    for value in columns.values():
        if type(value) is list and len(value) == 1:
            value = value[0]
        if type(value) not in _PLAIN:
            return None
        cells.append(value)
    names = map(str, columns)
    return pl.DataFrame([dict(zip(names, cells, strict=True))], infer_schema_length=None)


_OUT = frozenset({pl.Float64, pl.Int64, pl.String})
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _array(column: pl.Series) -> Any:
    if isinstance(column.dtype, pl.String):
        return column.to_list()
    return column.to_numpy()


def _float(cell: Any) -> float | None:
    return None if cell != cell else float(cell)


def _int(cell: Any) -> int:
    # A row of whole and other numbers alone comes as floats.
    if isinstance(cell, float) and not -_EXACT < cell < _EXACT:
        raise TypeError
    return int(cell)


def _bool(cell: Any) -> bool:
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    raise TypeError


def _text(cell: Any) -> str | None:
    if isinstance(cell, str):
        return cell
    if cell is None or cell != cell:
        return None
    raise TypeError


_READ: dict[Any, Callable[[Any], Any]] = {
    pl.Float64: _float,
    pl.Int64: _int,
    pl.Boolean: _bool,
    pl.String: _text,
    pl.Categorical: _text,
}
