"""Rows and columns of the task flag, before anything is learned."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Schema, because
from lingqu.learn.flag import CLASSES

FOR_FLAG = frozenset(
    {
        "contract", "mask", "drop_ids", "repair_encoding", "standardise", "clean_categories",
        "log_mel", "text_features",
    }
)  # fmt: skip
"""Operators that the task gets where none is named. Equal rows say how usual they are, a gap may
be what is odd, and a column that never changed is odd when it does."""
ODD = frozenset(
    {
        "anomaly", "anomalous", "abnormal", "outlier", "fraud", "fault", "faulty", "failure",
        "attack", "defect", "defective", "odd", "bad", "1", "1.0", "true", "yes", "t", "y", "-1",
        "异常", "故障", "是", "欺诈", "缺陷", "攻击",
    }
)  # fmt: skip
"""Words for an anomaly. −1 is what libraries of outlier detection answer."""
USUAL = frozenset(
    {"normal", "ok", "good", "inlier", "0", "0.0", "false", "no", "n", "f", "正常", "否"}
)


def with_labels(dataset: Dataset, target: str) -> Dataset:
    """Return the rows with labels of the two classes; a gap stays one: nobody knows.

    The anomaly is the class that is called so (`ODD`), or whose opposite is called normal; else
    the rarer one.

    Raises:
        DataError: The column is absent, or has one value or more than two.
    """
    if target not in dataset.frame.columns:
        raise DataError(
            "data.target_absent", target=target, near=near(target, dataset.schema.names),
            received=listed(dataset.schema.names, 20),
        )  # fmt: skip
    series = dataset.frame.get_column(target)
    levels = dataset.schema[target].levels
    if series.dtype == pl.Boolean and len(levels) == 2:
        words = pl.Series(target, [None if v is None else levels[int(v)] for v in series])
    else:
        words = series.cast(pl.String).str.strip_chars()
    counts = dict(words.drop_nulls().value_counts(sort=True).iter_rows())
    if len(counts) != 2:
        raise DataError(
            "flag.not_two", target=target, count=len(counts),
            received=", ".join(map(repr, list(counts)[:8])),
        )  # fmt: skip
    odd, why = anomaly_of(counts)
    told = (
        pl.when(words.is_null()).then(None)
        .when(words == odd).then(pl.lit(CLASSES[1])).otherwise(pl.lit(CLASSES[0]))
    )  # fmt: skip
    frame = dataset.frame.with_columns(told.alias(target))
    reason = because(f"flag.reason_{why}", odd=odd, count=counts[odd])
    schema = dataset.schema.updated(target, kind="category", levels=CLASSES, **reason)
    return replace(dataset, frame=frame, schema=schema, digest="")


def anomaly_of(counts: dict[str, int]) -> tuple[str, str]:
    """Return which of two values is the anomaly, and why: ``named`` or ``rarer``.

    Example:
        >>> anomaly_of({"0": 10, "1": 90}), anomaly_of({"a": 10, "b": 90})
        (('1', 'named'), ('a', 'rarer'))
    """
    values = list(counts)
    named = [value for value in values if value.casefold() in ODD]
    if len(named) == 1:
        return named[0], "named"
    others = [value for value in values if value.casefold() not in USUAL]
    if len(others) == 1:
        return others[0], "named"
    return min(values, key=lambda value: (counts[value], value)), "rarer"


def asked_for(schema: Schema) -> Schema:
    """Return the schema: where a time is declared, callers send it, and whose row it is."""
    if not any(column.kind == "datetime" for column in schema.having("time")):
        return schema
    columns = [replace(c, seen=True) if c.role in ("time", "group") else c for c in schema]
    return Schema(tuple(columns))
