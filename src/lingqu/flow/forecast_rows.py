"""Rows and columns of a forecast, before anything is learned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from lingqu.core.column_names import listed
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Schema
from lingqu.data.split import FEWEST
from lingqu.release.series.rows import grid_of, groups_of, placed
from lingqu.release.series.sums import refuse_unclear

FOR_SERIES = frozenset({"contract", "mask", "repair_encoding", "outliers", "impute"})
"""Operators that a forecast gets where none is named. Equal values at different times are no
copies, and a column that never changes may still do so in the time to be forecast."""


def with_values(dataset: Dataset, target: str) -> Dataset:
    """Return the rows that have a value: one without is a gap of its series, not a mistake.

    Raises:
        DataError: There are so few rows that the kinds of their columns are not told either.
    """
    if len(dataset) < FEWEST:
        raise DataError("data.few_rows", rows=len(dataset), expected=FEWEST)
    if target not in dataset.frame.columns:
        return dataset  # who assigns roles words the error
    values = dataset.frame.get_column(target)
    known = values.is_not_null()
    if values.dtype.is_float():
        known &= values.is_finite().fill_null(False)
    if known.all() or not known.any():
        return dataset
    return replace(dataset, frame=dataset.frame.filter(known), digest="")


def time_of(dataset: Dataset) -> str:
    """Return the only column of dates.

    Raises:
        SpecError: There is none, or more than one.
    """
    found = [column.name for column in dataset.schema if column.kind == "datetime"]
    if len(found) != 1:
        raise SpecError("forecast.no_time", columns=listed(dataset.schema.names))
    return found[0]


def aligned(dataset: Dataset, gaps: str) -> Dataset:
    """Return rows of series of which sums are asked for; where no row means 0, with those rows.

    Raises:
        DataError: Sums of them would mean nothing.
    """
    groups = groups_of(dataset)
    if gaps == "zero":
        dataset = _with_zeros(dataset, groups)
    refuse_unclear(dataset, groups)
    return dataset


def _with_zeros(dataset: Dataset, groups: list[str]) -> Dataset:
    """Add a row of 0 at every step that a series lacks, from its first row to the last of all."""
    schema, frame = dataset.schema, dataset.frame
    time, target = schema.having("time")[0].name, schema.target
    if target is None:
        return dataset
    grid = grid_of(dataset)
    steps = placed(dataset, grid)
    every = grid.times(np.arange(steps.min(), steps.max() + 1))
    times = pl.DataFrame({time: pl.Series(every).cast(frame.schema[time])})
    starts = frame.group_by(groups, maintain_order=True).agg(pl.col(time).min().alias("start"))
    whole = starts.join(times, how="cross").filter(pl.col(time) >= pl.col("start"))
    lacking = whole.join(frame, on=[*groups, time], how="anti", nulls_equal=True)
    beside = [c.name for c in schema.features if c.name in frame.columns]
    known = frame.group_by(time, maintain_order=True).agg(pl.col(name).first() for name in beside)
    rows = lacking.join(known, on=time, how="left").with_columns(
        pl.lit(0.0).cast(frame.schema[target.name]).alias(target.name)
    )
    added = rows.select(c for c in frame.columns if c in rows.columns)
    return replace(dataset, frame=pl.concat([frame, added], how="diagonal"), digest="")


def asked_for(schema: Schema) -> Schema:
    """Return the schema of a forecast: callers send time and series, and newer values if any."""
    columns = []
    for column in schema:
        if column.role in ("time", "group", "target"):
            column = replace(column, seen=True)
        elif column.role == "feature":
            column = column.noted("forecast.reason_known")
        columns.append(column)
    return Schema(tuple(columns))
