"""What the report shows of made tables: shares of each column, beside real ones, and some rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column
from lingqu.flow.shown import plain
from lingqu.release.made.columns import frame_of, learned

COLUMNS, ROWS, BARS = 12, 12, 10
"""Columns and made rows that are shown, and the bars of a column."""


def shown_table(real: Dataset, said: Sequence[Any]) -> dict[str, Json]:
    """Return columns with their shares, and the first made rows."""
    columns = learned(real.schema)
    made = frame_of(said, columns)
    parts = [_column(c, real.frame[c.name], made[c.name]) for c in columns[:COLUMNS]]
    rows = made.head(ROWS).to_dicts()
    return {
        "columns": parts,
        "rows": [{c.name: plain(row[c.name]) for c in columns[:COLUMNS]} for row in rows],
        "more": max(0, len(columns) - COLUMNS),
    }


def _column(column: Column, real: pl.Series, made: pl.Series) -> dict[str, Json]:
    if column.kind in ("number", "datetime"):
        labels, shares = _of_numbers(_amounts(real), _amounts(made), column.kind == "datetime")
    else:
        labels, shares = _of_words(real.cast(pl.String), made.cast(pl.String))
    missing = [float(side.null_count()) / max(1, len(side)) for side in (real, made)]
    return {"name": column.name, "labels": labels, "real": shares[0], "made": shares[1],
            "missing": missing}  # fmt: skip


def _amounts(series: pl.Series) -> Any:
    if series.dtype.is_temporal():
        series = series.cast(pl.Datetime("us")).dt.epoch("us")
    return series.drop_nulls().cast(pl.Float64).to_numpy()


def _of_numbers(real: Any, made: Any, moments: bool) -> tuple[list[str], list[list[float]]]:
    """Return the bars of numbers, cut at round shares of the real ones' range."""
    if not len(real):
        return [], [[], []]
    low, high = np.quantile(real, (0.01, 0.99))
    edges = np.linspace(low, high if high > low else low + 1, BARS + 1)
    told = [_moment(e) if moments else f"{e:.4g}" for e in edges]
    inside = np.concatenate([[-np.inf], edges[1:-1], [np.inf]])
    shares = [np.histogram(side, inside)[0] / max(1, len(side)) for side in (real, made)]
    names = [f"{low} – {high}" for low, high in pairwise(told)]
    return names, [[round(float(x), 4) for x in side] for side in shares]


def _of_words(real: pl.Series, made: pl.Series) -> tuple[list[str], list[list[float]]]:
    counts = real.drop_nulls().value_counts(sort=True)
    words = counts.head(BARS)[real.name].to_list() if len(counts) else []
    shares = [[float((side == word).sum()) / max(1, len(side)) for word in words]
              for side in (real, made)]  # fmt: skip
    return words, [[round(x, 4) for x in side] for side in shares]


def _moment(micro: float) -> str:
    return str(np.datetime64(int(micro), "us"))[:10]
