"""Rows and columns of a forecast, before anything is learned."""

from __future__ import annotations

from dataclasses import replace

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Schema

FOR_SERIES = frozenset({"contract", "mask", "repair_encoding", "outliers", "impute"})
"""Operators that a forecast gets where none is named. Equal values at different times are no
copies, and a column that never changes may still do so in the time to be forecast."""


def with_values(dataset: Dataset, target: str) -> Dataset:
    """Return the rows that have a value: one without is a gap of its series, not a mistake."""
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
        raise SpecError("forecast.no_time", columns=", ".join(dataset.schema.names[:12]))
    return found[0]


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
