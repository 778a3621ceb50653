"""Numbers, also as people write them."""

from __future__ import annotations

from math import isfinite

import polars as pl

from lingqu.core.i18n import Phrase
from lingqu.core.schema import Column
from lingqu.release.kinds.refusal import refuse_lost, refused

THOUSANDS = r"^[+-]?[$¥￥€£]?\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*%?$"
DECORATED = r"^[+-]?[$¥￥€£]?\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*%?$"


def number(text: pl.Expr) -> pl.Expr:
    """Read text as a number: thousand separators, a currency sign and a percent sign are taken
    off (``"12 %"`` is 12), everything else gives null.

    Example:
        >>> pl.select(number(pl.Series(["1,234.5", "12%", "1,2", "x"]))).to_series().to_list()
        [1234.5, 12.0, None, None]
    """
    trimmed = text.str.strip_chars()
    plain = trimmed.cast(pl.Float64, strict=False)
    like = trimmed.str.contains(THOUSANDS) | trimmed.str.contains(DECORATED)
    bare = trimmed.str.replace_all(r"[,\s$¥￥€£%]", "").cast(pl.Float64, strict=False)
    return pl.when(plain.is_not_null()).then(plain).when(like).then(bare).otherwise(None)


def read_numbers(text: pl.Series) -> pl.Series:
    """Read a column of text as `number` does; plain numbers skip its patterns.

    Example:
        >>> read_numbers(pl.Series(["1", "2,500", None])).to_list()
        [1.0, 2500.0, None]
    """
    values = text.cast(pl.Float64, strict=False)
    if values.null_count() > text.null_count():
        values = text.to_frame("x").select(number(pl.col("x"))).to_series()
    return values.alias(text.name)


def as_number(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return numbers as Float64; NaN and infinities become null."""
    dtype = series.dtype
    if dtype == pl.Float64:
        values = series
    elif dtype.is_numeric() or dtype in (pl.Boolean, pl.Null):
        values = series.cast(pl.Float64)
    elif dtype == pl.Duration:
        values = series.dt.total_microseconds().cast(pl.Float64) / 1e6
    elif dtype in (pl.String, pl.Categorical, pl.Enum):
        text = series.cast(pl.String)
        values = read_numbers(text)
        if values.null_count() > text.null_count():
            refuse_lost(text, values, column, where, Phrase("core.expects_number"))
    else:
        raise refused(series, column, where, 0, Phrase("core.expects_number"))
    # A finite sum proves every value finite, at a tenth of the cost of looking at each.
    if not isfinite(float(values.sum())):
        values = pl.select(pl.when(values.is_finite()).then(values)).to_series()
    return values.alias(column.name)
