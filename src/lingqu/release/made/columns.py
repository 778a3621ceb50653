"""The columns of made rows: cells as numbers that a learner can draw, and numbers as cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Kind, Schema

Floats = NDArray[np.float64]
KINDS: frozenset[Kind] = frozenset({"number", "category", "boolean", "datetime"})
"""Kinds of which tables are made."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_MOST_DECIMALS = 6
_DAY = 86_400.0


def learned(schema: Schema) -> tuple[Column, ...]:
    """Return the columns that are learned and made, in their order: the features and the target.

    Example:
        >>> rows = Schema((Column("who", "text", "id"), Column("ill", "category", "target")))
        >>> [column.name for column in learned(rows)]
        ['ill']
    """
    features = {column.name for column in schema.features}
    return tuple(c for c in schema if c.name in features or c.role == "target")


@dataclass(frozen=True)
class Made:
    """One column of made rows.

    Args:
        name: Its name.
        kind: ``number``, ``category``, ``boolean`` or ``datetime``.
        step: Numbers are multiples of it, 0 for any; of a time in seconds.
        levels: Words of a category; false and true of a boolean, as codes 0 and 1.
    """

    name: str
    kind: Kind
    step: float = 0.0
    levels: tuple[str, ...] = ()

    @classmethod
    def of(cls, column: Column, series: pl.Series) -> Made:
        """Return what is to be known of a column to make its cells."""
        if column.kind in ("number", "datetime"):
            return cls(column.name, column.kind, _step(_numbers(series, column.kind), column.kind))
        if column.kind == "boolean":
            return cls(column.name, "boolean", levels=("false", "true"))
        words = series.cast(pl.String).drop_nulls().unique().sort().to_list()
        return cls(column.name, "category", levels=tuple(words))

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Made:
        return cls(row["name"], row["kind"], row["step"], tuple(row["levels"]))

    def to_json(self) -> dict[str, Json]:
        return {"name": self.name, "kind": self.kind, "step": self.step,
                "levels": list(self.levels)}  # fmt: skip

    @property
    def is_number(self) -> bool:
        """Whether its numbers are amounts, and not codes of words."""
        return self.kind in ("number", "datetime")

    def numbers(self, series: pl.Series) -> Floats:
        """Return cells as numbers, NaN where one is missing: amounts, seconds, codes of words."""
        if self.is_number:
            return _numbers(series, self.kind)
        if series.dtype == pl.Boolean:
            return series.cast(pl.Float64).fill_null(np.nan).to_numpy()
        places = {level: float(place) for place, level in enumerate(self.levels)}
        words = series.cast(pl.String).to_list()
        return np.array([np.nan if w is None else places.get(w, np.nan) for w in words])

    def rounded(self, values: Floats) -> Floats:
        """Return amounts as multiples of the step."""
        if not self.step:
            return values
        if self.step < 1:
            return np.round(values, round(-np.log10(self.step)))
        return np.round(values / self.step) * self.step

    def cells(self, values: Floats) -> list[Json]:
        """Return numbers as cells of JSON."""
        if self.kind == "number":
            whole = self.step >= 1
            return [None if v != v else int(v) if whole else v for v in values.tolist()]
        if self.kind == "datetime":
            return [None if v != v else _moment(v, self.step) for v in values.tolist()]
        known: list[Any] = [False, True] if self.kind == "boolean" else list(self.levels)
        return [None if v != v else known[int(v)] for v in values.tolist()]


def frame_of(rows: Iterable[Mapping[str, Any]], columns: Iterable[Column]) -> pl.DataFrame:
    """Return made rows as a frame in the types of the rows that were learned from.

    Example:
        >>> frame_of([{"age": 4.0, "day": "2024-01-02"}], [Column("day", "datetime")]).row(0)
        (datetime.datetime(2024, 1, 2, 0, 0),)
    """
    rows = list(rows)
    types: dict[str, Any] = {"number": pl.Float64, "boolean": pl.Boolean}
    made = []
    for column in columns:
        cells = [row.get(column.name) for row in rows]
        if column.kind == "datetime":
            moments = [None if cell is None else datetime.fromisoformat(cell) for cell in cells]
            made.append(pl.Series(column.name, moments, dtype=pl.Datetime("us")))
        else:
            made.append(pl.Series(column.name, cells, dtype=types.get(column.kind, pl.String)))
    return pl.DataFrame(made)


def _numbers(series: pl.Series, kind: Kind) -> Floats:
    if kind == "datetime":
        micro = series.cast(pl.Datetime("us")).dt.epoch("us")
        return micro.cast(pl.Float64).fill_null(np.nan).to_numpy() / 1e6
    values: Floats = series.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return values


def _step(values: Floats, kind: Kind) -> float:
    """Return the largest step of which all numbers are multiples: days, seconds, decimals."""
    known = values[np.isfinite(values)]
    if kind == "datetime":
        whole = [step for step in (_DAY, 3600.0, 60.0, 1.0) if not (known % step).any()]
        return whole[0] if whole else 0.0
    for decimals in range(_MOST_DECIMALS + 1):
        if np.array_equal(np.round(known, decimals), known):
            return float(10.0**-decimals)
    return 0.0


def _moment(seconds: float, step: float) -> str:
    told = _EPOCH + timedelta(microseconds=round(seconds * 1e6))
    return told.date().isoformat() if step and step % _DAY == 0 else told.isoformat()
