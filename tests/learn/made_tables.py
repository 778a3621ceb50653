"""Tables for tests of what makes rows: all kinds that are made, gaps, a spike, a class."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema

FIRST = datetime(2024, 1, 1)


def people(count: int = 400, seed: int = 0, target: bool = True) -> Dataset:
    """Return people: who is older is more likely ill, who earns nothing has no income at all."""
    random = np.random.default_rng(seed)
    age = random.integers(18, 80, count).astype(float)
    ill = np.where(random.random(count) < 1 / (1 + np.exp(-(age - 50) / 5)), "yes", "no")
    income = np.where(random.random(count) < 0.3, 0.0, np.round(random.exponential(9.0, count), 2))
    gaps = random.random(count) < 0.1
    frame = pl.DataFrame(
        {
            "age": age,
            "income": [None if gap else value for gap, value in zip(gaps, income, strict=True)],
            "city": random.choice(np.array(["a", "b", "c", None], dtype=object), count).tolist(),
            "works": random.random(count) < 0.6,
            "since": [FIRST + timedelta(days=int(day)) for day in random.integers(0, 300, count)],
            "ill": ill,
        },
        schema_overrides={"city": pl.String},
    )
    columns = (
        Column("age", "number"),
        Column("income", "number", nullable=True),
        Column("city", "category", nullable=True),
        Column("works", "boolean"),
        Column("since", "datetime"),
        Column("ill", "category", "target" if target else "feature", levels=("no", "yes")),
    )
    return Dataset(frame, Schema(columns), "people")


def part(data: Dataset, start: int, end: int) -> Dataset:
    """Return some rows of a dataset."""
    return Dataset(data.frame[start:end], data.schema, data.name)
