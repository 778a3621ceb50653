"""Logged decisions, made up for tests: what each action is worth is known."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema

ACTIONS = ("blue", "green", "red", "white")
SLOPES = 0.15 * np.array([[1.0, -1, 0, 0], [0, 1, -1, 0], [0, 0, 1, -1]])
SCHEMA = Schema(
    (
        *(Column(name, "number") for name in ("age", "pace", "taste")),
        Column("banner", "category", "target", levels=ACTIONS),
        Column("click", "number", "reward"),
        Column("propensity", "number", "propensity"),
    )
)


def decisions(rows: int = 3000, seed: int = 0, skewed: bool = True) -> Dataset:
    """Return a log of a policy that likes some actions in some contexts, or of one that draws."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 3))
    likes = np.exp(x @ np.random.default_rng(99).normal(size=(3, 4)) * skewed)
    chance = 0.8 * likes / likes.sum(axis=1, keepdims=True) + 0.2 / 4
    taken = (chance.cumsum(axis=1) < draw.random((rows, 1))).sum(axis=1).clip(max=3)
    every = np.arange(rows)
    click = (draw.random(rows) < worth(x)[every, taken]).astype(np.float64)
    columns = {name: x[:, place] for place, name in enumerate(("age", "pace", "taste"))}
    beside = {"banner": [ACTIONS[k] for k in taken], "click": click,
              "propensity": chance[every, taken]}  # fmt: skip
    return Dataset(pl.DataFrame({**columns, **beside}), SCHEMA, "log")


def worth(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how probable a click is for each action in each context, (N, 4)."""
    return np.asarray((0.3 + x @ SLOPES).clip(0.0, 1.0))


def contexts(log: Dataset) -> NDArray[np.float64]:
    """Return what a policy sees of a log, (N, 3)."""
    return log.frame.select("age", "pace", "taste").to_numpy()
