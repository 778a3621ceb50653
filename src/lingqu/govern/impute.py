"""Fill missing values with what was learnt from training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.impute_model import Chain, learn
from lingqu.govern.step import SMALL, Step, arrange, bad_option, chosen, swap

FLAG = ".missing"
"""Ending of the columns that ``indicator`` adds."""

Strategy = Literal["median", "mean", "mode", "constant", "indicator", "model"]
_Wish = tuple[str, Any]
"""A strategy and its constant."""


@dataclass
class Impute(Step):
    """Fill missing numbers, categories and booleans; the fill travels inside the release.

    Why: most learners and ONNX graphs refuse nulls, and a null at prediction time must be
    treated exactly as it was in training, also in a column that had none then.

    Args:
        strategy: For numbers: ``median``, ``mean``, ``mode`` or ``constant``. Categories and
            booleans take their mode (``constant`` too, when `fill` is a text). ``indicator``
            fills with the median and adds a Boolean column that says where. ``model`` foretells
            the value from the other features by chained ridge regressions; where that is no
            better than the median or mode on rows it has not seen, it takes those.
        fill: The value of ``constant``.
        columns: Only these columns; every feature of a fitting kind when empty. Or a strategy for
            each: ``{age: median, city: {constant: unknown}, income: model}``.
        indicator: Add the Boolean column beside whatever the strategy fills with.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"age": [20.0, None, 40.0]})
        >>> step, data = Impute(), Dataset(frame, Schema((Column("age", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["age"].to_list()
        [20.0, 30.0, 40.0]

    Source: Little & Rubin, Statistical Analysis with Missing Data, 3rd ed. 2019, ch. 4.2;
        indicators: Jones, JASA 91 (1996), doi:10.1080/01621459.1996.10476680; chained
        regressions: van Buuren & Groothuis-Oudshoorn, J. Stat. Softw. 45 (2011),
        doi:10.18637/jss.v045.i03.
    """

    name: ClassVar[str] = "impute"
    main: ClassVar[str] = "strategy"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"number", "category", "boolean"})

    strategy: Strategy = "median"
    fill: float | str | None = None
    columns: tuple[str, ...] | dict[str, str | dict[str, Any]] = ()
    indicator: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.columns, dict):
            for name in self.columns:
                self._wish(name)

    def _wish(self, name: str) -> _Wish:
        """Return the strategy of one column and its constant."""
        given = self.columns[name] if isinstance(self.columns, dict) else self.strategy
        if isinstance(given, Mapping):
            if set(given) == {"constant"}:
                return "constant", given["constant"]
        elif given in get_args(Strategy):
            return given, self.fill
        raise bad_option(self, f"columns.{name}", Phrase("impute.expects_strategy"), given)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        fills: dict[str, Json] = {}
        flags: list[str] = []
        modelled: list[str] = []
        for column in chosen(self.name, dataset.schema, tuple(self.columns), self.kinds):
            series = _whole(dataset.frame.get_column(column.name))
            if series.len() == series.null_count():
                raise DataError("govern.all_missing", operator=self.name, column=column.name)
            strategy, constant = self._wish(column.name)
            fills[column.name] = self._fill(column, series, strategy, constant)
            if (strategy == "indicator" or self.indicator) and series.null_count():
                flags.append(column.name)
            if strategy == "model":
                modelled.append(column.name)
        state: dict[str, Json] = {"fills": fills, "flags": flags}
        if modelled:
            readable = [c for c in dataset.schema.features if c.kind in self.kinds]
            read = _read(dataset.frame, [c.name for c in readable])
            state["model"] = learn(read, readable, modelled)
        return state

    def _fill(self, column: Column, series: pl.Series, strategy: str, constant: Any) -> Json:
        numeric = column.kind == "number" and series.dtype.is_numeric()
        if strategy == "constant":
            if constant is None:
                raise DataError("govern.no_fill", operator=self.name, column=column.name)
            if isinstance(constant, str) != numeric:
                return constant
        if isinstance(self.columns, dict) and not numeric and strategy in ("mean", "median"):
            raise SpecError(
                "govern.wrong_kind",
                operator=f"{self.name}: {strategy}",
                column=column.name,
                kind=column.kind,
                expected="number",
            )
        if numeric and strategy == "mean":
            return float(series.mean())  # type: ignore[arg-type]
        if numeric and strategy in ("median", "indicator", "model"):
            return float(series.median())  # type: ignore[arg-type]
        value = series.drop_nulls().mode().sort().first()
        return value if isinstance(value, (bool, int, float)) else str(value)

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, Json]], list[str], Any, Schema]:
        fills: Mapping[str, Json] = self.state.get("fills", {})
        flags = [name for name in self.state.get("flags", ()) if name in schema]
        columns = [
            replace(column, nullable=False) if column.name in fills else column for column in schema
        ]
        added = [Column(name + FLAG, "boolean", **because("govern.reason_flag")) for name in flags]
        return (
            [(name, fills[name]) for name in schema.names if name in fills],
            flags,
            Chain(self.state["model"]) if "model" in self.state else None,
            Schema((*columns, *added)),
        )

    def transform(self, dataset: Dataset) -> Dataset:
        fills, flags, chain, schema = self.plan(dataset.schema)
        frame = dataset.frame
        told = _foretold(frame, chain) if chain is not None else {}
        floats = frozenset(chain.fills) if chain is not None else frozenset()
        changed: list[pl.Series] = []
        for name, fill in fills:
            series = frame.get_column(name)
            whole = _whole(series)
            if name in flags:
                changed.append(whole.is_null().alias(name + FLAG))
            if name in floats and series.dtype.is_integer():
                whole = whole.cast(pl.Float64)
            if name in told:
                whole = _replaced(whole, told[name])
            elif whole.null_count():
                whole = _filled(whole, fill)
            whole = _widened(whole, fill)
            if whole is not series:
                changed.append(whole)
        frame = swap(frame, changed)
        if flags:
            frame = arrange(frame, schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        known = frozenset(before.frame.columns)
        filled = {
            name: count
            for name in self.state.get("fills", {})
            if name in known and (count := _whole(before.frame.get_column(name)).null_count())
        }
        model = self.state.get("model", {"steps": (), "gains": {}})
        foretold = {step["name"] for step in model["steps"]}
        values = {name: self.state["fills"][name] for name in filled if name not in foretold}
        told: dict[str, Json] = {
            "filled": filled,
            "values": values,
            "changed": sum(filled.values()),
        }
        if "model" in self.state:
            told["gains"] = model["gains"]
            told["samples"] = [
                {"column": name, "row": row, "to": after.frame.get_column(name)[row]}
                for name in filled
                if name in foretold
                for row in _whole(before.frame.get_column(name)).is_null().arg_true()[:3].to_list()
            ][:20]
        return told


def _read(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return pl.DataFrame([_whole(frame.get_column(name)) for name in names])


def _foretold(frame: pl.DataFrame, chain: Chain) -> dict[str, Any]:
    """Return, per column with gaps that the chain fills, where the gaps are and their values."""
    wholes = {name: _whole(frame.get_column(name)) for name in chain.fills}
    gaps = {name: whole.is_null() for name, whole in wholes.items() if whole.null_count()}
    if not gaps:
        return {}
    open_rows = np.flatnonzero(np.any([flags.to_numpy() for flags in gaps.values()], axis=0))
    part = frame if len(open_rows) == frame.height else frame[open_rows]
    said = chain.fill(_read(part, chain.reads))
    return {name: (open_rows, said[name]) for name in gaps}


def _replaced(series: pl.Series, told: tuple[Any, list[Any]]) -> pl.Series:
    """Return the series with the cells of some rows given anew."""
    rows, cells = told
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype == pl.Null:
        series = series.cast(pl.String if isinstance(cells[0], str) else pl.Float64)
    if series.dtype == pl.Boolean:
        cells = [cell if isinstance(cell, bool) else cell >= 0.5 for cell in cells]
    return series.clone().scatter(rows, pl.Series(cells, dtype=series.dtype))


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
    value = pl.Series([fill], dtype=series.dtype)[0]
    if len(series) > SMALL:
        return series.fill_null(value)
    cells = [value if cell is None else cell for cell in series.to_list()]
    return pl.Series(series.name, cells, dtype=series.dtype)
