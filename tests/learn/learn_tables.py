"""Small tables for the tests of learning."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema


def classes(n: int = 120, k: int = 3, seed: int = 0, missing: bool = True) -> Dataset:
    """Numbers with gaps, a category, a Boolean, a date and k classes that depend on them."""
    random = np.random.default_rng(seed)
    y = random.permutation(np.arange(n) % k)
    a = y + random.normal(0, 0.6, n)
    b = random.normal(0, 1, n)
    town = np.array(["chengdu", "guilin", "xian", "wuhan"])[(y + (random.random(n) < 0.3)) % 4]
    gaps = random.random(n) < 0.1
    day = np.datetime64("2020-01-01") + random.integers(0, 900, n)
    frame = pl.DataFrame(
        {
            "a": [None if gap and missing else float(v) for v, gap in zip(a, gaps, strict=True)],
            "b": b,
            "town": town.tolist(),
            "flag": (b > 0).tolist(),
            "day": day,
            "y": [f"c{label}" for label in y],
        }
    )
    schema = Schema(
        (
            Column("a", "number", nullable=missing),
            Column("b", "number"),
            Column("town", "category", levels=("chengdu", "guilin", "xian", "wuhan")),
            Column("flag", "boolean"),
            Column("day", "datetime"),
            Column("y", "category", "target", levels=tuple(f"c{label}" for label in range(k))),
        )
    )
    return Dataset(frame, schema, "classes")


def values(n: int = 120, seed: int = 0, scale: float = 1.0, shift: float = 0.0) -> Dataset:
    """Numbers and a category that explain a value, which is scaled and shifted."""
    random = np.random.default_rng(seed)
    a, b = random.normal(0, 1, n), random.normal(0, 1, n)
    town = random.integers(0, 3, n)
    y = (2 * a + np.sin(2 * b) + town + random.normal(0, 0.1, n)) * scale + shift
    frame = pl.DataFrame({"a": a, "b": b, "town": [f"t{code}" for code in town], "y": y})
    schema = Schema(
        (
            Column("a", "number"),
            Column("b", "number"),
            Column("town", "category", levels=("t0", "t1", "t2")),
            Column("y", "number", "target"),
        )
    )
    return Dataset(frame, schema, "values")


def halves(dataset: Dataset, cut: float = 0.75) -> tuple[Dataset, Dataset]:
    """First rows to learn from, the others to validate on."""
    at = int(len(dataset) * cut)
    return rows(dataset, slice(0, at)), rows(dataset, slice(at, None))


def rows(dataset: Dataset, picked: Any) -> Dataset:
    """Some rows of a dataset."""
    return Dataset(dataset.frame[picked], dataset.schema, dataset.name)


def with_column(dataset: Dataset, column: Column, data: Any) -> Dataset:
    """A dataset with one more column."""
    frame = dataset.frame.with_columns(pl.Series(column.name, data))
    return Dataset(frame, Schema((*dataset.schema.columns, column)), dataset.name)
