"""Rankings: which rows are one list, and what a score of lists asks of the data."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError, SpecError
from lingqu.core.metrics import metric as metric_named
from lingqu.core.nouns import Dataset


def lists_of(dataset: Dataset, metric: str) -> NDArray[np.int64] | None:
    """Return the list that each row belongs to, (N,); None where the score judges no lists.

    Rows with an empty group are a list of their own.

    Args:
        dataset: Rows with a column of role ``group`` and the relevance as target.
        metric: Score that decides.

    Raises:
        SpecError: No column says which rows are one list.
        DataError: A relevance is below 0.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> schema = Schema((Column("q", "category", "group"), Column("y", "number", "target")))
        >>> frame = pl.DataFrame({"q": ["b", "a", "b"], "y": [1.0, 0.0, 2.0]})
        >>> lists_of(Dataset(frame, schema), "ndcg@5").tolist()
        [1, 0, 1]
    """
    if not metric or metric_named(metric).form != "ranking":
        return None
    column = next(iter(dataset.schema.having("group")), None)
    if column is None or column.name not in dataset.frame.columns:
        raise SpecError("choice.no_lists", metric=metric)
    target = dataset.schema.target
    if target is not None and target.name in dataset.frame.columns:
        relevance = dataset.frame.get_column(target.name).cast(pl.Float64, strict=False)
        below = (relevance < 0).fill_null(False)
        if below.any():
            row = int(below.arg_max() or 0)
            raise DataError(
                "choice.negative_relevance",
                row=row + 1, column=target.name, received=relevance[row], metric=metric,
            )  # fmt: skip
    return codes_of(dataset.frame.get_column(column.name))


def codes_of(groups: pl.Series) -> NDArray[np.int64]:
    """Return the number of each row's list, from 0."""
    if not groups.dtype.is_numeric() and not groups.dtype.is_temporal():
        groups = groups.cast(pl.String)
    ranks = groups.rank("dense").to_numpy().astype(np.float64)
    empty = np.isnan(ranks)
    ranks[empty] = np.nanmax(ranks, initial=0.0) + np.arange(1, int(empty.sum()) + 1)
    found: NDArray[np.int64] = np.unique(ranks, return_inverse=True)[1].astype(np.int64)
    return found
