"""The column to predict and the weights of rows, as arrays."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import REPLIES, VALUES, Dataset, Task
from lingqu.core.reply_metrics import truths


def targets(dataset: Dataset, task: Task) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    """Return what is to be predicted.

    Returns:
        Classification: class indices int64 (N,) and the class names, in the order of the
        schema's levels. Regression: values float64 (N,) and no names. Replies: what is wanted
        of each row, objects (N,), and no names.

    Raises:
        DataError: There is no target, a label is missing or not among the levels, or a value
            is missing or not finite. The row is named, counted from 1.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> schema = Schema((Column("y", "category", "target", levels=("no", "yes")),))
        >>> targets(Dataset(pl.DataFrame({"y": ["yes", "no"]}), schema), "classify")[0].tolist()
        [1, 0]
    """
    column = dataset.schema.target
    if column is None or column.name not in dataset.frame.columns:
        raise DataError("release.no_target", name=dataset.name)
    series = dataset.frame.get_column(column.name)
    if task in VALUES:
        return _values(series), ()
    if task in REPLIES:
        return truths(series.to_list(), task), ()
    if series.dtype == pl.Boolean:
        levels: tuple[str, ...] = ("false", "true")
        if len(column.levels) == 2:
            levels = column.levels
        codes = series.cast(pl.Int64)
    else:
        labels = series.cast(pl.String)
        levels = column.levels or tuple(sorted(labels.drop_nulls().unique()))
        codes = labels.cast(pl.Enum(levels), strict=False).to_physical().cast(pl.Int64)
    if codes.null_count():
        row = int(codes.is_null().arg_max() or 0)
        raise DataError(
            "release.unknown_label",
            row=row + 1,
            column=column.name,
            received=series[row],
            expected=", ".join(levels[:20]),
        )
    return codes.to_numpy(), levels


def _values(series: pl.Series) -> NDArray[np.float64]:
    values = series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64, copy=False)
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(bad.argmax())
        raise DataError("release.bad_target", row=row + 1, column=series.name, received=series[row])
    return values


def weights(dataset: Dataset) -> NDArray[np.float64] | None:
    """Return the weights of the rows, or None where no column has that role.

    Raises:
        DataError: A weight is missing, negative or not finite, or all are 0.
    """
    column = next(iter(dataset.schema.having("weight")), None)
    if column is None or column.name not in dataset.frame.columns:
        return None
    series = dataset.frame.get_column(column.name)
    values = series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64, copy=False)
    bad = ~(np.isfinite(values) & (values >= 0))
    if len(values) and not bad.any() and not values.any():
        bad[0] = True
    if bad.any():
        row = int(bad.argmax())
        raise DataError("release.bad_weight", row=row + 1, column=column.name, received=series[row])
    return values
