"""Tables with a few odd rows for the tests of the task flag."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.flag import CLASSES

ROWS = 400
ODD = 20
SCHEMA = Schema(
    (
        Column("heat", "number"),
        Column("load", "number", nullable=True),
        Column("mode", "category", levels=("idle", "run")),
        Column("open", "boolean"),
        Column("y", "category", "target", levels=CLASSES),
    )
)


def machines(rows: int = ROWS, odd: int = ODD, seed: int = 0) -> Dataset:
    """Heat follows load; odd rows are hot without load. The last rows are the odd ones."""
    random = np.random.default_rng(seed)
    load = random.normal(50, 10, rows)
    heat = 20 + 0.5 * load + random.normal(0, 1, rows)
    strange = np.arange(rows) >= rows - odd
    heat[strange] += random.choice([-1, 1], odd) * random.uniform(15, 30, odd)
    gaps = random.random(rows) < 0.05
    frame = pl.DataFrame(
        {
            "heat": heat,
            "load": [None if g else float(v) for v, g in zip(load, gaps, strict=True)],
            "mode": np.where(random.random(rows) < 0.7, "run", "idle").tolist(),
            "open": (random.random(rows) < 0.5).tolist(),
            "y": np.where(strange, "anomaly", "normal").tolist(),
        }
    )
    order = random.permutation(rows)
    return Dataset(frame[order], SCHEMA, "machines")


def plain(dataset: Dataset) -> Dataset:
    """The same rows without their labels."""
    target = dataset.schema.target
    assert target is not None
    frame = dataset.frame.drop(target.name)
    return Dataset(frame, dataset.schema.without([target.name]), dataset.name)


def meters(days: int = 60, seed: int = 0) -> Dataset:
    """Two meters by the hour, one by day and one by night; nothing in the column alone is odd."""
    random = np.random.default_rng(seed)
    start = np.datetime64("2024-01-01T00:00:00", "us")
    stamps = start + np.arange(24 * days) * np.timedelta64(3_600_000_000, "us")
    hour = np.arange(24 * days) % 24
    day = 10 + 8 * np.sin(2 * np.pi * (hour - 6) / 24)
    parts = []
    for name, shape in (("north", day), ("south", 20 - day)):
        values = shape + random.normal(0, 0.5, len(hour))
        parts.append(pl.DataFrame({"at": stamps, "meter": name, "use": values}))
    schema = Schema(
        (
            Column("at", "datetime", "time", seen=True),
            Column("meter", "category", "group", seen=True, levels=("north", "south")),
            Column("use", "number"),
        )
    )
    return Dataset(pl.concat(parts), schema, "meters")
