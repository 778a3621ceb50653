"""One column looked at by itself: what it holds, whether it is valid, how varied it is."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.column import profile_of


def describe(series: pl.Series, column: Column) -> dict[str, Json]:
    """Return the profile of a column for the report, small and without rows.

    Example:
        >>> describe(pl.Series("a", [1.0, 2.0, None]), Column("a", "number"))["missing"]
        1
    """
    profile = profile_of(column)
    profile.add(series)
    return profile.to_json()


def valid(series: pl.Series, column: Column) -> NDArray[np.bool_]:
    """Return which rows hold a value of the right kind; a missing value is not invalid here.

    Example:
        >>> valid(pl.Series(["1", "one", None]), Column("a", "number")).tolist()
        [True, False, True]
    """
    empty = series.is_null()
    if column.kind == "number":
        numbers = series.cast(pl.Float64, strict=False)
        good = numbers.is_finite().fill_null(False) | numbers.is_nan().fill_null(False)
    elif series.dtype == pl.Boolean:  # its levels are words, its cells are none
        good = ~empty
    elif column.kind in ("category", "boolean") and column.levels:
        good = series.cast(pl.String).is_in(list(column.levels))
    elif column.kind == "text":
        good = series.cast(pl.String).str.strip_chars().str.len_chars() > 0
    elif column.kind == "datetime" and series.dtype == pl.String:
        good = series.str.to_datetime(strict=False).is_not_null()
    else:
        good = ~empty
    return (empty | good.fill_null(False)).to_numpy()


def entropies(
    series: pl.Series, column: Column, random: np.random.Generator, draws: int
) -> NDArray[np.float64] | None:
    """Return the normalised entropy of a column, then that of `draws` bootstrap resamples.

    1 when all levels (of numbers: 20 equal steps between the 1 % and 99 % quantiles) are
    equally frequent, 0 when there is only one. Texts and pictures are left to uniqueness.
    """
    if column.kind == "number":
        values = series.cast(pl.Float64, strict=False).drop_nulls().to_numpy()
        values = values[np.isfinite(values)]
        if len(values) == 0:
            return None
        low, high = np.quantile(values, (0.01, 0.99))
        counts = np.histogram(np.clip(values, low, high), 20)[0] if high > low else np.array([1])
    elif column.kind in ("category", "boolean"):
        counts = _words(series).value_counts(sort=True, name="n")["n"].to_numpy()
        if len(counts) == 0:
            return None
    else:
        return None
    if len(counts) == 1:
        return np.zeros(draws + 1)
    total = int(counts.sum())
    table = np.vstack([counts, random.multinomial(total, counts / total, draws)]) / total
    logs = np.log(table, out=np.zeros(table.shape), where=table > 0)
    found: NDArray[np.float64] = -(table * logs).sum(1) / np.log(len(counts))
    return found


def _words(series: pl.Series) -> pl.Series:
    """Return the cells as words, under a name that no count can clash with."""
    return series.cast(pl.String).drop_nulls().alias("lingqu.words")
