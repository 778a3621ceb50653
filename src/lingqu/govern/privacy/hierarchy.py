"""Ladders of generalisation: for each column, ever coarser forms, the last of which says nothing.

Source: Sweeney, "Achieving k-anonymity privacy protection using generalization and suppression",
2002, doi:10.1142/S021848850200165X (domain generalisation hierarchies); Own: the rungs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.privacy.treat import POSTCODE, round_step

OTHER = "*"
"""What a value becomes that is merged with others."""
_FINEST = 50
"""About how many ranges the first rung of a column of numbers has."""
_MONTHS = ("1mo", "3mo", "1y", "5y", "10y")
Rung = Mapping[str, Json]


def ladder(column: Column, series: pl.Series) -> list[Rung]:
    """Return the rungs of a column, from the value itself to nothing.

    Numbers fall into ranges of a width of 1, 2 or 5 times a power of ten and become the middle of
    theirs; dates become the first day of a month, quarter, year or decade; codes of one length lose
    characters from the end; of other categories the rarest half is merged, again and again.

    Example:
        >>> rungs = ladder(Column("age", "number"), pl.Series([20.0, 35.0, 60.0]))
        >>> [rung.get("step") for rung in rungs[:4]]
        [None, 1.0, 2.0, 5.0]
    """
    rungs: list[Rung] = [{"loss": 0.0}]
    if column.kind == "number":
        rungs += _numbers(series)
    elif column.kind == "datetime":
        rungs += [{"every": every, "loss": 0.1 * (i + 2)} for i, every in enumerate(_MONTHS)]
    elif column.kind != "boolean":
        text = series.cast(pl.String)
        rungs += _codes(text) if _is_code(column, text) else _levels(text)
    return [*rungs, {"all": _middle(column, series), "loss": 1.0}]


def _numbers(series: pl.Series) -> list[Rung]:
    values = series.cast(pl.Float64).drop_nulls().drop_nans()
    if not len(values):
        return []
    low, high = (float(value) for value in (values.min(), values.max()))  # type: ignore[arg-type]
    spread = high - low
    if spread <= 0:
        return []
    rungs: list[Rung] = []
    step = round_step(spread / _FINEST)
    near, far = (float(values.quantile(part) or 0.0) for part in (0.01, 0.99))
    while step < spread:
        first, last = _ends(near, far, step)
        rungs.append({"step": step, "ends": [first, last], "loss": min(0.99, step / spread)})
        step = round_step(step * 1.5)
    return rungs


def _ends(low: float, high: float, step: float) -> tuple[int, int]:
    """Return the first and the last range; who lies beyond, or in less than half a one, joins them.

    Without this the oldest man of a village is alone in a range, however wide ranges are.
    """
    first, last = math.floor(low / step), math.floor(high / step)
    first += (first + 1) * step - low < step / 2
    last -= high - last * step < step / 2
    return first, max(first, last)


def _is_code(column: Column, text: pl.Series) -> bool:
    lengths = text.drop_nulls().str.len_chars().unique()
    return POSTCODE.search(column.name) is not None or (
        len(lengths) == 1
        and 3 <= int(lengths[0]) <= 10
        and bool(text.drop_nulls().str.contains(r"^[0-9]+$").all())
    )


def _codes(text: pl.Series) -> list[Rung]:
    longest = int(text.str.len_chars().max() or 0)  # type: ignore[arg-type]
    return [{"keep": keep, "loss": 1 - keep / longest} for keep in range(longest - 1, 0, -1)]


def _levels(text: pl.Series) -> list[Rung]:
    counts = text.drop_nulls().value_counts(sort=False).sort(
        [pl.col("count"), pl.col(text.name)], descending=[True, False]
    )  # fmt: skip
    names: list[str] = counts[text.name].to_list()
    total = max(1, len(text) - text.null_count())
    rungs: list[Rung] = []
    kept = len(names) // 2 if len(names) > 2 else 0
    while kept >= 1:
        merged = total - int(counts["count"].head(kept).sum())
        loss = merged / total * (len(names) - kept - 1) / max(1, len(names) - 1)
        rungs.append({"levels": names[:kept], "loss": min(0.99, loss)})
        kept //= 2
    return rungs


def _middle(column: Column, series: pl.Series) -> Json:
    """Return the one value that says nothing: the middle of numbers, a star for the rest."""
    if column.kind == "number":
        middle = series.cast(pl.Float64).drop_nulls().drop_nans().median()
        return None if middle is None else float(middle)  # type: ignore[arg-type]
    return None if column.kind in ("boolean", "datetime") else OTHER


def climbed(series: pl.Series, rung: Rung) -> pl.Series:
    """Return a column on a rung of its ladder; climbing twice changes nothing more.

    Example:
        >>> climbed(pl.Series(["a", "b", None]), {"levels": ["a"]}).to_list()
        ['a', '*', None]
    """
    if "step" in rung:
        step = float(rung["step"])
        first, last = rung["ends"]
        return ((series.cast(pl.Float64) / step).floor().clip(first, last) + 0.5) * step
    if "every" in rung:
        return series.dt.truncate(rung["every"])
    if "keep" in rung:
        return _cut(series.cast(pl.String), int(rung["keep"]))
    if "levels" in rung:
        text = series.cast(pl.String)
        frame = pl.DataFrame({"x": text})
        known = pl.col("x").is_in(rung["levels"])
        other = pl.when(known | pl.col("x").is_null()).then(pl.col("x")).otherwise(pl.lit(OTHER))
        return frame.select(other).to_series().alias(series.name)
    if "all" in rung:
        return _constant(series, rung["all"])
    return series


def _cut(text: pl.Series, keep: int) -> pl.Series:
    long = text.str.len_chars() > keep
    stars = pl.select(pl.lit(text).str.slice(0, keep) + pl.lit(OTHER)).to_series()
    frame = pl.DataFrame({"long": long, "cut": stars, "text": text})
    done = pl.when(pl.col("long")).then("cut").otherwise("text")
    return frame.select(done.alias(text.name)).to_series()


def _constant(series: pl.Series, value: Any) -> pl.Series:
    dtype: Any = series.dtype
    if isinstance(value, (str, float)):
        dtype = pl.String if isinstance(value, str) else pl.Float64
    return pl.Series(series.name, [value] * len(series), dtype=dtype)
