"""Find values far from the rest, and mark, clip or only report them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Kind, Schema
from lingqu.govern.marks import mark
from lingqu.govern.step import SAMPLES, Step, chosen, swap

FACTOR: dict[str, float] = {"iqr": 3.0, "zscore": 4.0, "mad": 5.0}
"""Default widths: Tukey's outer fence; four standard deviations; five scaled MADs."""


@dataclass
class Outliers(Step):
    """Set limits per number column from training rows; report, mark or clip what lies outside.

    Why: one order of 430 years of age bends every mean. Nothing is changed unless asked for,
    since a rare value may be the very thing to learn. Clipping travels; marking never does.

    Args:
        action: ``report`` (default), ``mark`` training rows to be left out, or ``clip``.
        method: ``iqr`` (quartiles ± factor × range), ``zscore`` (mean ± factor × s.d.) or
            ``mad`` (median ± factor × 1.4826 × median absolute deviation).
        factor: Width of the limits, > 0; 3, 4 and 5 for the three methods when omitted.
        columns: Only these columns; every number feature when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 900.0]})
        >>> step, data = Outliers("clip"), Dataset(frame, Schema((Column("x", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["x"].max() < 20
        True

    Source: Tukey, Exploratory Data Analysis, 1977 (outer fences); Leys et al., J. Exp. Soc.
        Psych. 49 (2013), doi:10.1016/j.jesp.2013.03.013 (MAD).
    """

    name: ClassVar[str] = "outliers"
    main: ClassVar[str] = "action"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"number"})

    action: Literal["report", "mark", "clip"] = "report"
    method: Literal["iqr", "zscore", "mad"] = "iqr"
    factor: float | None = None
    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        limits: dict[str, Json] = {}
        for column in chosen(self.name, dataset.schema, self.columns, self.kinds):
            series = dataset.frame.get_column(column.name)
            if not series.dtype.is_numeric():
                continue
            values = series.cast(pl.Float64).drop_nulls().to_numpy()
            found = self._limits(values[np.isfinite(values)])
            if found is not None:
                limits[column.name] = found
        return {"limits": limits}

    def _limits(self, values: Any) -> list[float] | None:
        """Return ``[low, high]``, or None where the middle half has no spread to judge by."""
        if values.size < 4:
            return None
        factor = self.factor if self.factor is not None else FACTOR[self.method]
        if self.method == "iqr":
            first, third = np.quantile(values, [0.25, 0.75])
            spread, low, high = third - first, first, third
        elif self.method == "zscore":
            low = high = values.mean()
            spread = values.std()
        else:
            low = high = np.median(values)
            spread = 1.4826 * np.median(np.abs(values - low))
        if not spread > 0 or not math.isfinite(spread):
            return None
        return [float(low - factor * spread), float(high + factor * spread)]

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, float, float]], Schema]:
        limits = self.state.get("limits", {})
        plan = [(name, *limits[name]) for name in schema.names if name in limits]
        if self.action == "clip":
            for name, low, high in plan:
                old = schema[name]
                schema = schema.updated(
                    name,
                    low=None if old.low is None else max(old.low, low),
                    high=None if old.high is None else min(old.high, high),
                )
        return plan, schema

    def transform(self, dataset: Dataset) -> Dataset:
        if self.action == "report":
            return dataset
        plan, schema = self.plan(dataset.schema)
        if self.action == "mark":
            outside = np.zeros(dataset.frame.height, dtype=bool)
            for name, low, high in plan:
                outside |= _outside(dataset.frame.get_column(name), low, high)
            if not outside.any():
                return dataset
            reason = f"{self.name}: outside the limits of {self.method}"
            return replace(dataset, frame=mark(dataset.frame, outside, reason))
        changed = []
        for name, low, high in plan:
            series = dataset.frame.get_column(name)
            least: Any = series.min()
            most: Any = series.max()
            if least is not None and (least < low or most > high):
                changed.append(_clipped(series, low, high))
        return Dataset(swap(dataset.frame, changed), schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        counts: dict[str, int] = {}
        samples: list[Json] = []
        for name, low, high in self.plan(before.schema)[0]:
            series = before.frame.get_column(name)
            rows = np.flatnonzero(_outside(series, low, high))
            if rows.size:
                counts[name] = int(rows.size)
                samples += [
                    {"row": int(row), "column": name, "value": series[int(row)]}
                    for row in rows[: max(2, SAMPLES // max(1, len(self.state["limits"])))]
                ]
        return {
            "action": self.action,
            "outside": counts,
            "limits": {name: self.state["limits"][name] for name in counts},
            "samples": samples[:SAMPLES],
            "changed": sum(counts.values()) if self.action == "clip" else 0,
        }


def _outside(series: pl.Series, low: float, high: float) -> Any:
    values = series.cast(pl.Float64).to_numpy()
    with np.errstate(invalid="ignore"):
        return (values < low) | (values > high)


def _clipped(series: pl.Series, low: float, high: float) -> pl.Series:
    """Clip; integers stay integers, cut towards the inside."""
    if series.dtype.is_integer():
        low, high = math.ceil(low), math.floor(high)
    return series.cast(pl.Float64).clip(low, high).cast(series.dtype)
