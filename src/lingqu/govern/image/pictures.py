"""What operators on pictures share: an image column in, an image column of another form out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.step import Step, arrange, chosen, swap
from lingqu.release.media import pixels

Pixels = NDArray[np.float32]
_ROWS = 256
"""Pictures in work at a time, to bound memory."""


@dataclass
class ImageStep(Step):
    """The half that operators on image columns share; a missing picture stays missing.

    ``state["columns"]`` is name → what the operator must know of the column, JSON, with the
    shape and the range of the pictures that come out.
    """

    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"image"})

    columns: tuple[str, ...] = field(default=(), kw_only=True)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found = chosen(self.name, dataset.schema, self.columns, self.kinds)
        return {"columns": {c.name: self.facts(dataset.frame.get_column(c.name), c) for c in found}}

    def facts(self, series: pl.Series, column: Column) -> dict[str, Json]:
        """Return ``{"shape": …, "low": …, "high": …}`` of what comes out, and more if needed."""
        raise NotImplementedError

    def change(self, pictures: Pixels, facts: Mapping[str, Json]) -> Pixels:
        """Return changed pictures, shape (N, *shape), from (N, H, W[, C])."""
        raise NotImplementedError

    def told(self, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return what the reason of the column says was done."""
        return {"operator": self.name}

    def prepare(self, schema: Schema) -> Schema:
        known: Mapping[str, Any] = self.state.get("columns", {})
        return Schema(
            tuple(_after(c, self, known[c.name]) if c.name in known else c for c in schema)
        )

    def transform(self, dataset: Dataset) -> Dataset:
        known: Mapping[str, Any] = self.state.get("columns", {})
        names = [name for name in known if name in dataset.schema]
        if not names:
            return dataset
        series = [
            self.changed(dataset.frame.get_column(name), dataset.schema[name], known[name])
            for name in names
        ]
        schema = self.plan(dataset.schema)
        frame = arrange(swap(dataset.frame, series), schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def changed(self, series: pl.Series, column: Column, facts: Mapping[str, Json]) -> pl.Series:
        """Return the changed column."""
        return by_parts(
            series, facts["shape"], lambda part: self.change(pixels(part, column.shape), facts)
        )

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        known = self.state.get("columns", {})
        return {
            "columns": {n: {"before": list(before.schema[n].shape), **known[n]} for n in known},
            "changed": before.frame.height if known else 0,
        }


def by_parts(
    series: pl.Series, shape: tuple[int, ...], read: Callable[[pl.Series], Pixels]
) -> pl.Series:
    """Read the cells that are there, some at a time, into an Array column of `shape`."""
    there = series.is_not_null().to_numpy()
    block = np.zeros((len(series), *shape), dtype=np.float32)
    places = np.flatnonzero(there)
    for start in range(0, len(places), _ROWS):
        part = places[start : start + _ROWS]
        block[part] = read(series[part.tolist()])
    result = pl.Series(series.name, block, dtype=pl.Array(pl.Float32, tuple(shape)))
    if there.all():
        return result
    # An empty picture would be an answer; what is missing must stay so.
    mask = pl.Series(there)
    return pl.select(pl.when(mask).then(result).otherwise(None).alias(series.name)).to_series()


def _after(column: Column, step: ImageStep, facts: Mapping[str, Json]) -> Column:
    noted = column.noted("image.reason_changed", **step.told(facts))
    return replace(noted, shape=tuple(facts["shape"]), low=facts["low"], high=facts["high"])


def span(column: Column) -> dict[str, float]:
    """Return the range of values of an image column; 0 to 255 where none is known."""
    low = 0.0 if column.low is None else float(column.low)
    return {"low": low, "high": 255.0 if column.high is None else float(column.high)}


def because_shape(shape: tuple[int, ...]) -> str:
    """Return a shape in words.

    Example:
        >>> because_shape((28, 28, 3))
        '28 × 28 × 3'
    """
    return " × ".join(str(size) for size in shape)


__all__ = ["ImageStep", "Pixels", "because", "because_shape", "by_parts", "span"]
