"""Before and after: what governance changed in each column, in numbers that can be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Schema, present
from lingqu.flow.data_diff import distributions
from lingqu.flow.data_profiles import rounded

ROWS = 50_000
"""Rows of each side whose distributions are compared: more would change no third digit."""
COUNTED = 1_000_000
"""Rows up to which different values are counted exactly."""
_NO_VALUES = ("image", "audio", "vector", "boxes")


def changes(before: Dataset, after: Dataset, hidden: Collection[str] = ()) -> list[dict[str, Json]]:
    """Return a row for each column: what it was, what it is, how far its values moved.

    Args:
        before: Rows as they were read.
        after: Rows that governance left.
        hidden: Columns of which only counts may be told.

    Returns:
        ``{"column", "kind", "before", "after", "measure", "distance"}``; a side that lacks the
        column is None. Sides hold ``rows, missing`` and, by kind, ``distinct, mean, std, top,
        share, length``.

    Example:
        >>> old = pl.DataFrame({"a": [1.0, None]})
        >>> schema = Schema((Column("a", "number"),))
        >>> row = changes(Dataset(old, schema), Dataset(old.fill_null(1.0), schema))[0]
        >>> row["before"]["missing"], row["after"]["missing"]
        (1, 0)
    """
    sides = [_told(side, hidden) for side in (before, after)]
    moved = {row["column"]: row for row in _moved(before, after)}
    found = []
    for name in dict.fromkeys([*before.schema.names, *after.schema.names]):
        column = before.schema[name] if name in before.schema else after.schema[name]
        if column.role == "ignored" and name in before.schema and name in after.schema:
            continue
        how: Mapping[str, Any] = moved.get(name, {})
        found.append(
            {
                "column": name,
                "kind": column.kind,
                "before": sides[0].get(name),
                "after": sides[1].get(name),
                "measure": how.get("measure", ""),
                "distance": rounded(how.get("distance")),
            }
        )
    return found


def _told(side: Dataset, hidden: Collection[str]) -> dict[str, dict[str, Json]]:
    columns = present(side.schema, side.frame)
    return {c.name: _counts(side.frame[c.name], c, c.name in hidden) for c in columns}


def _counts(series: pl.Series, column: Column, hidden: bool) -> dict[str, Json]:
    told: dict[str, Json] = {"rows": len(series), "missing": series.null_count()}
    if column.kind in _NO_VALUES or series.dtype.is_nested() or series.dtype == pl.Binary:
        return told
    few = len(series) <= COUNTED
    told["distinct"] = series.drop_nulls().n_unique() if few else series.approx_n_unique()
    if hidden:
        return told
    if column.kind == "number" and series.dtype.is_numeric():
        values = series.cast(pl.Float64)
        values = values.filter(values.is_finite())
        return told | {"mean": _number(values.mean()), "std": _number(values.std())}
    if column.kind in ("category", "boolean") and len(series) > told["missing"]:
        words = series.drop_nulls().cast(pl.String).alias("value")
        counts = words.value_counts(name="n").sort(["n", "value"], descending=[True, False])
        top = counts.row(0)
        return told | {"top": str(top[0])[:60], "share": round(top[1] / len(series), 6)}
    if column.kind == "text" and series.dtype == pl.String:
        return told | {"length": _number(series.str.len_chars().mean())}
    return told


def _number(value: Any) -> float | None:
    return float(f"{value:.6g}") if isinstance(value, int | float) else None


def _moved(before: Dataset, after: Dataset) -> list[dict[str, Json]]:
    """Return how far the distributions of shared columns moved, on a sample of rows."""
    if not len(before) or not len(after):
        return []
    schemas = [Schema(tuple(present(side.schema, side.frame))) for side in (before, after)]
    sides = [
        replace(side, frame=_sampled(side.frame), schema=schema)
        for side, schema in zip((before, after), schemas, strict=True)
    ]
    return distributions(sides[0], sides[1])


def _sampled(frame: pl.DataFrame) -> pl.DataFrame:
    if frame.height <= ROWS:
        return frame
    return frame[np.linspace(0, frame.height - 1, ROWS).astype(np.int64)]
