"""Digests: SHA-256 of content, the same in every process and on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingqu.core.errors import DataError
from lingqu.core.schema import Schema

if TYPE_CHECKING:
    import polars as pl

_ROWS = 65_536
"""Rows of text hashed at a time: bounds memory; it does not change the digest."""


def of_bytes(data: bytes | bytearray | memoryview) -> str:
    """Return the SHA-256 of bytes, in hex.

    Example:
        >>> short(of_bytes(b"lingqu"))
        '48fa82e1e92e'
    """
    return hashlib.sha256(data).hexdigest()


def of_json(value: Any) -> str:
    """Return the digest of plain data, whatever the order of its keys.

    Raises:
        ValueError: It holds NaN or an infinity, which JSON does not have.
        TypeError: It holds something that is not JSON.

    Example:
        >>> of_json({"a": 1, "b": [2]}) == of_json({"b": [2], "a": 1})
        True
    """
    return of_bytes(_canonical(value, nan=False))


def of_file(path: str | Path) -> str:
    """Return the digest of a file, read in blocks.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short(digest: str) -> str:
    """Return the first twelve characters, enough to tell digests apart on a screen."""
    return digest[:12]


def of_frame(frame: pl.DataFrame, schema: Schema) -> str:
    """Return the digest of rows and their meaning.

    It covers names, types, order, values and missing values, and the schema apart from the
    `reason` texts. It does not depend on chunks, on the codes of categories, or on what lies
    in memory under a missing value.

    Args:
        frame: The rows.
        schema: Its typed columns.

    Raises:
        DataError: A column holds Python objects, which have no bytes of their own.

    Example:
        >>> import polars as pl
        >>> one = pl.DataFrame({"a": [1, 2, None]})
        >>> two = pl.concat([one[:1], one[1:]], rechunk=False)
        >>> of_frame(one, Schema(())) == of_frame(two, Schema(()))
        True
    """
    return of_columns(frame.get_columns(), schema)


def of_columns(columns: Iterable[pl.Series], schema: Schema) -> str:
    """Return the digest that `of_frame` gives the frame of these columns.

    Why: the columns of a table that does not fit in memory may come one by one; each is let go
    before the next is asked for.

    Args:
        columns: The columns in order, drawn one at a time.
        schema: As for `of_frame`.

    Raises:
        DataError: A column holds Python objects, which have no bytes of their own.
    """
    total = hashlib.sha256()
    meaning = [{**row, "reason": ""} for row in schema.to_json()]
    for row in meaning:
        del row["reason_zh"]
    # The schema may hold an infinite `low` or `high`; the rows decide whether that is refused.
    _add(total, _canonical(meaning, nan=True))
    for series in columns:
        _add(total, _canonical([series.name, _type(series.dtype), len(series)], nan=False))
        _add_series(total, series)
        del series
    return total.hexdigest()


def _canonical(value: Any, nan: bool) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=nan).encode()


def _add(total: hashlib._Hash, data: bytes) -> None:
    """Add bytes behind their length, so that no two sequences of parts run together."""
    total.update(len(data).to_bytes(8, "little"))
    total.update(data)


def _type(dtype: pl.DataType) -> Any:
    """Name a type in our own words: those of Polars change between versions."""
    import polars as pl

    match dtype:
        case pl.Array():
            return ["array", dtype.size, _type(_inner(dtype))]
        case pl.List():
            return ["list", _type(_inner(dtype))]
        case pl.Struct():
            return ["struct", [[f.name, _type(_inner(f))] for f in dtype.fields]]
        case pl.Datetime():
            return ["datetime", dtype.time_unit, dtype.time_zone]
        case pl.Duration():
            return ["duration", dtype.time_unit]
        case pl.Decimal():
            return ["decimal", dtype.scale]
        case pl.Categorical() | pl.Enum():
            return "category"
        case _:
            return type(dtype).__name__.lower()


def _inner(typed: Any) -> pl.DataType:
    found: pl.DataType = getattr(typed, "inner", None) or typed.dtype
    return found


def _add_series(total: hashlib._Hash, series: pl.Series) -> None:
    import polars as pl

    if series.dtype == pl.Object:
        raise DataError("core.object_column", column=series.name)
    series = _add_missing(total, series)
    dtype = series.dtype
    if dtype == pl.Null:
        return
    if isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            _add_series(total, series.struct.field(field.name))
    elif isinstance(dtype, pl.List):
        _add_numbers(total, series.list.len())
        _add_series(total, series.filter(series.list.len() > 0).explode())
    elif isinstance(dtype, pl.Array):
        _add_series(total, series.explode() if dtype.size else series.clear().explode())
    elif isinstance(dtype, pl.Categorical | pl.Enum | pl.Decimal) or dtype == pl.Int128:
        _add_text(total, series.cast(pl.String))
    elif dtype in (pl.String, pl.Binary):
        _add_text(total, series)
    elif dtype == pl.Boolean:
        _add_numbers(total, series.cast(pl.UInt8))
    else:
        _add_numbers(total, series.to_physical())


def _add_missing(total: hashlib._Hash, series: pl.Series) -> pl.Series:
    """Add which rows are missing; return the others, in one chunk."""
    missing = series.null_count()
    total.update(missing.to_bytes(8, "little"))
    if not missing:
        return series.rechunk()
    import numpy as np

    total.update(np.packbits(series.is_null().to_numpy()).tobytes())
    return series.drop_nulls().rechunk()


def _add_numbers(total: hashlib._Hash, series: pl.Series) -> None:
    if series.dtype.is_float() and series.is_nan().any():
        # Not-a-number has many bit patterns; one stands for all.
        series = series.fill_nan(float("nan"))
    values = series.to_numpy()
    total.update(values.astype(values.dtype.newbyteorder("<"), copy=False).data)


def _add_text(total: hashlib._Hash, series: pl.Series) -> None:
    """Add the length of every value, then all values run together."""
    import polars as pl

    binary = series.cast(pl.Binary)
    _add_numbers(total, binary.bin.size().cast(pl.UInt64))
    for start in range(0, len(binary), _ROWS):
        total.update(b"".join(binary.slice(start, _ROWS).to_list()))
