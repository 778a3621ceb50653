"""Pictures and vectors: nested lists become arrays of one shape. What is a file stays one."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from lingqu.core.i18n import Phrase
from lingqu.core.schema import Column
from lingqu.release.kinds.refusal import refused


def as_image(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return pictures: files as they are, pixels in one shape."""
    dtype = series.dtype
    if dtype in (pl.String, pl.Binary):
        return series.alias(column.name)
    if not isinstance(dtype, pl.Array | pl.List):
        raise refused(series, column, where, 0, Phrase("data.expects_picture"))
    inner = _innermost(dtype)
    fixed = isinstance(dtype, pl.Array) and column.shape in ((), tuple(dtype.shape))
    if fixed and inner in (pl.UInt8, pl.Float32):
        return series.alias(column.name)
    return _array(series, column, where, column.shape, None)


def as_vector(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return vectors of one length."""
    if not isinstance(series.dtype, pl.Array | pl.List):
        expected = Phrase("data.expects_numbers", {"shape": column.shape})
        raise refused(series, column, where, 0, expected)
    return _array(series, column, where, column.shape, np.dtype(np.float32))


def _array(
    series: pl.Series,
    column: Column,
    where: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any] | None,
) -> pl.Series:
    """Rebuild nested lists as one fixed-shape array; null rows stay null."""
    present = series.drop_nulls()
    if not shape and not len(present):  # neither declared nor seen
        raise refused(series, column, where, 0, Phrase("data.expects_some_array"))
    try:
        block = np.asarray(
            present.to_numpy() if isinstance(series.dtype, pl.Array) else present.to_list()
        )
        size = shape or block.shape[1:]
        block = block.reshape(len(present), *size)
        if not np.issubdtype(block.dtype, np.number):
            raise ValueError("not numbers")
    except (ValueError, TypeError) as error:
        row = _odd_row(series, shape)
        expected = Phrase("data.expects_array", {"shape": shape})
        raise refused(series, column, where, row, expected) from error
    if dtype is None:
        bytes_enough = np.issubdtype(block.dtype, np.integer) and (
            block.size == 0 or (block.min() >= 0 and block.max() <= 255)
        )
        dtype = np.dtype(np.uint8 if bytes_enough else np.float32)
    inner = pl.UInt8() if dtype == np.uint8 else pl.Float32()
    kind = pl.Array(inner, tuple(size))
    values = pl.Series(column.name, block.astype(dtype), dtype=kind)
    if len(present) == len(series):
        return values
    full = pl.Series([None] * len(series), dtype=kind).alias(column.name)
    index = series.is_not_null().cast(pl.Int64).cum_sum() - 1
    taken = values.gather(index.clip(0)) if len(values) else full
    return pl.select(pl.when(series.is_not_null()).then(taken)).to_series().alias(column.name)


def _odd_row(series: pl.Series, shape: tuple[int, ...]) -> int:
    for row, cell in enumerate(series.to_list()):
        if cell is None:
            continue
        try:
            if np.asarray(cell, dtype=np.float64).size != int(np.prod(shape)):
                return row
        except (ValueError, TypeError):
            return row
    return 0


def _innermost(dtype: pl.DataType) -> pl.DataType:
    while isinstance(dtype, pl.Array | pl.List):
        dtype = dtype.inner  # type: ignore[assignment]
    return dtype


def as_media(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return what is decoded later, as it is."""
    return series.alias(column.name)
