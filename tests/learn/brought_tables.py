"""Rows for models that were trained elsewhere: two numbers, a category, three kinds of target."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema

TOWNS = ("Guilin", "Lijiang", "Yangshuo")
ROWS = 200


def table(
    target: str,
    columns: tuple[str, ...] = ("age", "size"),
    gaps: bool = False,
    rows: int = ROWS,
) -> Dataset:
    """Return rows with a target: ``two`` classes, ``three``, or a ``value``."""
    draw = np.random.default_rng(7)
    age = draw.normal(40, 10, rows).round(1)
    size = draw.normal(0, 1, rows).round(3)
    town = draw.choice(TOWNS, rows)
    score = (age - 40) / 10 + size + (town == "Lijiang")
    frame = pl.DataFrame(
        {
            "age": age,
            "size": size,
            "town": town,
            "two": np.where(score > 0, "yes", "no"),
            "three": np.select([score > 1, score < -1], ["high", "low"], "mid"),
            "value": 3 * score + 100,
        }
    )
    if gaps:
        some = pl.int_range(rows) % 10 == 3
        frame = frame.with_columns(pl.when(~some).then(pl.col("age", "size")))
    kinds = {"town": "category"}
    features = [
        Column(n, kinds.get(n, "number"), levels=TOWNS if n == "town" else ())  # type: ignore[arg-type]
        for n in columns
    ]
    if target == "value":
        asked = Column(target, "number", "target")
    else:
        asked = Column(target, "category", "target", levels=tuple(sorted(set(frame[target]))))
    return Dataset(frame.select(*columns, target), Schema((*features, asked)))


def numbers(rows: Dataset) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return the features as a library would be given them: float32, towns as codes."""
    parts = [
        rows.frame[c.name].cast(pl.Enum(TOWNS)).to_physical() if c.name == "town"
        else rows.frame[c.name]
        for c in rows.schema.features
    ]  # fmt: skip
    return np.column_stack([part.to_numpy() for part in parts]).astype(np.float32)
