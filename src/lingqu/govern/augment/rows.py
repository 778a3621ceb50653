"""What operators that make training rows share: which rows are parents, and how new ones join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema, because
from lingqu.govern.reweigh import WEIGHT
from lingqu.govern.step import arrange
from lingqu.release.media import pixels

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Made:
    """New rows in the making.

    Args:
        parents: Row numbers whose cells they take over, shape (M,).
        cells: Columns that are new, by name, M cells each.
        weight: Weight of each, shape (M,); 1 when None.
    """

    parents: Rows
    cells: Mapping[str, pl.Series]
    weight: NDArray[np.float64] | None = None


def drawn(height: int, share: float, random: np.random.Generator) -> Rows:
    """Return row numbers drawn evenly, `share` of them per row: each row in turn, then by chance.

    Example:
        >>> sorted(drawn(3, 2.0, np.random.default_rng(0)).tolist())
        [0, 0, 1, 1, 2, 2]
    """
    whole, rest = divmod(round(share * height), max(height, 1))
    parts = [np.arange(height)] * whole + [random.permutation(height)[:rest]]
    return np.sort(np.concatenate(parts)).astype(np.int64)


def block(series: pl.Series, column: Column) -> NDArray[np.float64]:
    """Return the cells of a number, vector or image column as one array; a missing number is NaN.

    Returns:
        Float64: (N,), (N, length), or (N, H, W[, C]).
    """
    if column.kind == "image":
        return pixels(series, column.shape).astype(np.float64)
    if column.kind == "vector":
        return np.asarray(series.to_list(), dtype=np.float64)
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def cells(values: NDArray[Any], name: str) -> pl.Series:
    """Return an array from `block`, changed, as a column."""
    if values.ndim == 1:
        return pl.Series(name, values, dtype=pl.Float64).fill_nan(None)
    return pl.Series(name, values.astype(np.float32), dtype=pl.Array(pl.Float32, values.shape[1:]))


def added(dataset: Dataset, made: Sequence[Made]) -> Dataset:
    """Return the dataset with the new rows behind its own, which stay as they are.

    Where new rows carry weights, a column of role ``weight`` is added if there is none; weights
    that are there already are multiplied.
    """
    frame, schema = dataset.frame, dataset.schema
    if any(part.weight is not None for part in made):
        held = next(iter(schema.having("weight")), None)
        name = held.name if held is not None else WEIGHT
        if held is None:
            column = Column(name, "number", "weight", **because("augment.reason_weight"))
            schema = Schema((*schema, column))
            frame = arrange(frame.with_columns(pl.Series(name, np.ones(frame.height))), schema)
        weights = frame.get_column(name).cast(pl.Float64)
        made = [
            Made(part.parents, {**part.cells, name: weights.gather(part.parents) * _ones(part)})
            for part in made
        ]
    parts = [frame]
    for part in made:
        fresh = frame[part.parents]
        parts.append(fresh.with_columns(series.alias(n) for n, series in part.cells.items()))
    return Dataset(_stacked(parts), schema, dataset.name, "", dataset.facts)


def _ones(part: Made) -> pl.Series:
    given = part.weight if part.weight is not None else np.ones(len(part.parents))
    return pl.Series(given, dtype=pl.Float64)


def _stacked(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the parts as one frame; media cells take the type that the new rows have."""
    last = parts[-1].schema
    changed = [name for name, dtype in parts[0].schema.items() if last[name] != dtype]
    first = parts[0]
    for name in changed:
        first = first.with_columns(_like(first.get_column(name), last[name]))
    return pl.concat([first, *parts[1:]])


def _like(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.Array) and dtype.shape and not isinstance(series.dtype, pl.Array):
        return cells(pixels(series, dtype.shape), series.name)
    return series.cast(dtype)
