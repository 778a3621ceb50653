"""Fill missing values with what was learnt from training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.step import Step, arrange, chosen, swap

FLAG = ".missing"
"""Ending of the columns that ``strategy: indicator`` adds."""


@dataclass
class Impute(Step):
    """Fill missing numbers, categories and booleans; the fill travels inside the release.

    Why: most learners and ONNX graphs refuse nulls, and a null at prediction time must be
    treated exactly as it was in training, also in a column that had none then.

    Args:
        strategy: For numbers: ``median``, ``mean``, ``mode`` or ``constant``. Categories and
            booleans take their mode (``constant`` too, when `fill` is a text). ``indicator``
            fills with the median and adds a Boolean column that says where.
        fill: The value of ``constant``.
        columns: Only these columns; every feature of a fitting kind when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"age": [20.0, None, 40.0]})
        >>> step, data = Impute(), Dataset(frame, Schema((Column("age", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["age"].to_list()
        [20.0, 30.0, 40.0]

    Source: Little & Rubin, Statistical Analysis with Missing Data, 3rd ed. 2019, ch. 4.2;
        indicators: Jones, JASA 91 (1996), doi:10.1080/01621459.1996.10476680.
    """

    name: ClassVar[str] = "impute"
    main: ClassVar[str] = "strategy"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"number", "category", "boolean"})

    strategy: Literal["median", "mean", "mode", "constant", "indicator"] = "median"
    fill: float | str | None = None
    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        fills: dict[str, Json] = {}
        flags: list[str] = []
        for column in chosen(self.name, dataset.schema, self.columns, self.kinds):
            series = _whole(dataset.frame.get_column(column.name))
            if series.len() == series.null_count():
                raise DataError("govern.all_missing", operator=self.name, column=column.name)
            fills[column.name] = self._fill(column, series)
            if self.strategy == "indicator" and series.null_count():
                flags.append(column.name)
        return {"fills": fills, "flags": flags}

    def _fill(self, column: Column, series: pl.Series) -> Json:
        numeric = column.kind == "number" and series.dtype.is_numeric()
        if self.strategy == "constant":
            if self.fill is None:
                raise DataError("govern.no_fill", operator=self.name, column=column.name)
            if isinstance(self.fill, str) != numeric:
                return self.fill
        if numeric and self.strategy == "mean":
            return float(series.mean())  # type: ignore[arg-type]
        if numeric and self.strategy in ("median", "indicator"):
            return float(series.median())  # type: ignore[arg-type]
        value = series.drop_nulls().mode().sort().first()
        return value if isinstance(value, (bool, int, float)) else str(value)

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, Json]], list[str], Schema]:
        fills: Mapping[str, Json] = self.state.get("fills", {})
        flags = [name for name in self.state.get("flags", ()) if name in schema]
        columns = [
            replace(column, nullable=False) if column.name in fills else column for column in schema
        ]
        added = [Column(name + FLAG, "boolean", **because("govern.reason_flag")) for name in flags]
        return (
            [(name, fills[name]) for name in schema.names if name in fills],
            flags,
            Schema((*columns, *added)),
        )

    def transform(self, dataset: Dataset) -> Dataset:
        fills, flags, schema = self.plan(dataset.schema)
        frame = dataset.frame
        changed: list[pl.Series] = []
        for name, fill in fills:
            series = frame.get_column(name)
            whole = _whole(series)
            if name in flags:
                changed.append(whole.is_null().alias(name + FLAG))
            if whole.null_count():
                whole = _filled(whole, fill)
            if _widened(whole, fill) is not series:
                changed.append(_widened(whole, fill))
        frame = swap(frame, changed)
        if flags:
            frame = arrange(frame, schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        filled = {
            name: count
            for name in self.state.get("fills", {})
            if name in before.frame.columns
            and (count := _whole(before.frame.get_column(name)).null_count())
        }
        values = {name: self.state["fills"][name] for name in filled}
        return {"filled": filled, "values": values, "changed": sum(filled.values())}


def _whole(series: pl.Series) -> pl.Series:
    """Return the series with NaN as null; the series itself when it has none."""
    if series.dtype.is_float():
        total: Any = series.sum()
        if total != total:
            return series.fill_nan(None)
    return series


def _widened(series: pl.Series, fill: Json) -> pl.Series:
    """Integers become floats when the fill is not whole, in every frame alike."""
    if isinstance(fill, float) and not fill.is_integer() and series.dtype.is_integer():
        return series.cast(pl.Float64)
    return series


def _filled(series: pl.Series, fill: Json) -> pl.Series:
    series = _widened(series, fill)
    if isinstance(fill, float) and series.dtype.is_integer():
        fill = int(fill)
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype == pl.Null:
        series = series.cast(pl.Float64 if isinstance(fill, (int, float)) else pl.String)
    if series.dtype == pl.String:
        fill = str(fill)
    return series.fill_null(pl.Series([fill], dtype=series.dtype)[0])
