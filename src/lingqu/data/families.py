"""Rows that say the same, or nearly so: a split keeps them on one side."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core import row_digest
from lingqu.core.errors import DataError
from lingqu.core.minhash import clusters, near_pairs, signatures
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column

SIMILARITY = 0.8
"""Jaccard similarity from which two texts count as nearly the same."""
SHORT = 20
"""Characters below which the median text is too short to be a copy rather than a coincidence."""
_LOOK = 2000

Rows = NDArray[np.int64]


def families(dataset: Dataset) -> Rows:
    """Return for each row the first row of its family, itself where it stands alone.

    Rows are of one family if all their features are equal, or if a free text of theirs is nearly
    equal, or if a chain of such rows joins them. Labels do not count: a text that stands in two
    classes gives itself away all the same.

    Args:
        dataset: Rows whose schema has its roles.

    Returns:
        Row numbers, int64, shape (N,).

    Raises:
        DataError: A recording or picture is a path, and the file cannot be read.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> frame = pl.DataFrame({"x": [5, 7, 5]})
        >>> families(Dataset(frame, Schema((Column("x", "number"),)))).tolist()
        [0, 1, 0]

    Source: Own, from `core/minhash.py`: what the check `leakage` would find across a split.
    """
    pairs = [_equal(dataset)]
    pairs += [_near(dataset.frame[c.name]) for c in dataset.schema.features if _free(dataset, c)]
    return clusters(np.concatenate(pairs), len(dataset))


def _equal(dataset: Dataset) -> Rows:
    """Return (first row, later row) of rows whose features are all equal."""
    features = dataset.schema.features
    count = len(dataset)
    if not features:
        return np.zeros((0, 2), dtype=np.int64)
    keys = pl.DataFrame([_comparable(dataset.frame[c.name], c) for c in features])
    numbered = keys.with_columns(pl.int_range(count, dtype=pl.Int64).alias("lingqu.row"))
    names = [column.name for column in features]
    first = numbered.select(pl.col("lingqu.row").first().over(names)).to_series().to_numpy()
    later = np.flatnonzero(first != np.arange(count))
    return np.stack([first[later], later], axis=1)


def _comparable(series: pl.Series, column: Column) -> pl.Series:
    """Return a column whose cells are equal where the contents are: of files, their bytes."""
    if column.kind in ("image", "audio") and series.dtype == pl.String:
        cells = [None if path is None else _file(path, column.name) for path in series.to_list()]
        return pl.Series(series.name, cells, dtype=pl.String)
    if series.dtype.is_nested():
        cells = row_digest.of_rows(series.to_frame(), [series.name])  # type: ignore[assignment]
        return pl.Series(series.name, cells, dtype=pl.String)
    return series


def _file(path: str, column: str) -> str:
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except (OSError, ValueError) as error:
        raise DataError(
            "data.unread_copy", column=column, path=path[:200], problem=str(error)[:200]
        ) from error


def _free(dataset: Dataset, column: Column) -> bool:
    if column.kind != "text":
        return False
    lengths = dataset.frame[column.name].cast(pl.String).drop_nulls().head(_LOOK).str.len_chars()
    return bool(len(lengths)) and float(np.median(lengths.to_numpy())) >= SHORT


def _near(series: pl.Series) -> Rows:
    texts = series.cast(pl.String).to_list()
    return near_pairs(signatures(texts), SIMILARITY, texts)[0]
