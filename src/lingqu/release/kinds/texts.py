"""Categories and texts."""

from __future__ import annotations

import polars as pl

from lingqu.core.i18n import Phrase
from lingqu.core.schema import Column
from lingqu.release.kinds.refusal import refused
from lingqu.release.kinds.words import MISSING


def text_of(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return the values as text; whole floats without their ``.0``."""
    dtype = series.dtype
    if dtype == pl.String:
        return series
    if dtype == pl.Boolean:
        low, high = column.levels if len(column.levels) == 2 else ("false", "true")
        return pl.select(
            pl.when(series).then(pl.lit(high)).when(~series).then(pl.lit(low))
        ).to_series()
    if dtype.is_float():
        finite = pl.select(pl.when(series.is_finite()).then(series)).to_series()
        whole = (finite.drop_nulls() == finite.drop_nulls().floor()).all()
        small = (finite.drop_nulls().abs() < 2**53).all()
        return (finite.cast(pl.Int64) if whole and small else finite).cast(pl.String)
    if isinstance(dtype, pl.Struct):
        return series.struct.json_encode()
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return series.list.join(" ")
    records = isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct)
    if isinstance(dtype, pl.List) and (records or column.role == "ignored"):
        record = pl.struct(cells=series).struct.json_encode()
        listed = record.str.strip_prefix('{"cells":').str.strip_suffix("}")
        return pl.select(pl.when(series.is_not_null()).then(listed)).to_series()
    if dtype == pl.Binary and column.role == "ignored":
        return series.bin.encode("hex")
    if dtype == pl.Binary or isinstance(dtype, pl.Array | pl.List):
        raise refused(series, column, where, 0, Phrase("core.expects_text"))
    return series.cast(pl.String)


def as_category(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return levels as text; words for "nothing" become null."""
    text = text_of(series, column, where)
    if text.is_in(MISSING).any():
        text = pl.select(pl.when(~text.is_in(MISSING)).then(text)).to_series()
    return text.alias(column.name)


def as_text(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return the values as text, whatever they say."""
    return text_of(series, column, where).alias(column.name)
