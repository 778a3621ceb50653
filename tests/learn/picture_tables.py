"""Small pictures of two kinds on five levels of grey, for learners that make pictures."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema

SIDE, HIGH = 8, 4.0
SCHEMA = Schema(
    (
        Column("p", "image", shape=(SIDE, SIDE), low=0.0, high=HIGH),
        Column("kind", "category", "target", levels=("across", "down")),
    )
)


def lines(rows: int, seed: int = 0) -> Dataset:
    """Return bright lines on a dark ground, across or down, of several places and shades."""
    random = np.random.default_rng(seed)
    down = np.arange(rows) % 2 == 1
    cells = random.integers(0, 2, (rows, SIDE, SIDE)).astype(np.float32)
    places, shades = random.integers(1, SIDE - 1, rows), random.integers(3, 5, rows)
    for cell, place, shade, turned in zip(cells, places, shades, down, strict=True):
        (cell.T if turned else cell)[place] = shade
    pictures = pl.Series("p", cells, dtype=pl.Array(pl.Float32, (SIDE, SIDE)))
    kinds = pl.Series("kind", np.where(down, "down", "across"))
    return Dataset(pl.DataFrame([pictures, kinds]), SCHEMA, "lines")


def unlabelled(dataset: Dataset) -> Dataset:
    """Return the rows without their label."""
    schema = Schema(tuple(column for column in dataset.schema if column.role != "target"))
    return Dataset(dataset.frame.drop("kind"), schema, dataset.name)
