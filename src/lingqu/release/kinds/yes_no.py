"""Booleans, also as words and numbers."""

from __future__ import annotations

import polars as pl

from lingqu.core.schema import Column
from lingqu.release.kinds.refusal import refuse_lost, refused
from lingqu.release.kinds.texts import text_of
from lingqu.release.kinds.words import sides


def as_boolean(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return yes and no as Boolean; refuse what says neither."""
    dtype = series.dtype
    if dtype in (pl.Boolean, pl.Null):
        return series.cast(pl.Boolean).alias(column.name)
    expected = " / ".join(column.levels or ("false", "true"))
    if not (dtype.is_numeric() or dtype in (pl.String, pl.Categorical, pl.Enum)):
        raise refused(series, column, where, 0, expected)
    text = text_of(series, column, where)
    values = _yes_no(text, *sides(column.levels))
    if values.null_count() > text.null_count():
        refuse_lost(text, values, column, where, expected)
    return values.alias(column.name)


def _yes_no(text: pl.Series, low: frozenset[str], high: frozenset[str]) -> pl.Series:
    lower = text.str.strip_chars().str.to_lowercase()
    return pl.select(
        pl.when(lower.is_in(list(high))).then(True).when(lower.is_in(list(low))).then(False)
    ).to_series()
