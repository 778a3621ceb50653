"""Rows with a planted word and a planted patch, and models that were fitted to them."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Model, Subject
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.release.predictor import Predictor

WORDS = ("canal", "lock", "boat", "river", "stone", "bridge")
SCHEMA = Schema(
    (
        Column("note", "text"),
        Column("photo", "image", shape=(8, 8), low=0.0, high=255.0),
        Column("kind", "category", "target", levels=("plain", "rare")),
    )
)
PATCH = (slice(2, 4), slice(5, 7))
"""Where a picture of a rare thing is bright."""


def rows(count: int = 160, seed: int = 0) -> Dataset:
    """A thing is rare: then its note holds the word `jade`, and a patch of its photo is bright."""
    draw = np.random.default_rng(seed)
    rare = np.arange(count) % 2 == 1
    photos = draw.integers(40, 90, (count, 8, 8)).astype(np.float32)
    photos[(rare, *PATCH)] = 230.0
    notes = []
    for one in rare:
        said = list(draw.choice(WORDS, 5))
        if one:
            said.insert(int(draw.integers(0, 6)), "jade")
        notes.append(" ".join(said))
    kinds = np.where(rare, "rare", "plain")
    frame = pl.DataFrame({"note": notes, "photo": pl.Series(photos), "kind": kinds})
    return Dataset(frame, SCHEMA)


def reads(*names: str) -> Dataset:
    """Return the rows with only some of the features."""
    whole = rows()
    kept = [*names, "kind"]
    return Dataset(whole.frame.select(kept), Schema(tuple(SCHEMA[name] for name in kept)))


@cache
def fitted(algorithm: str, *names: str) -> Model:
    """Return a model of some of the features."""
    data = reads(*names)
    learner = catalog.build("algorithms", algorithm)
    model = learner.fit(data, data, Budget(20.0, 500.0, 1, 0), lambda row: None)
    assert isinstance(model, Model)
    return model


def subject(algorithm: str, *names: str) -> tuple[Model, Subject]:
    """Return a model and its rows at the gate."""
    data, model = reads(*names), fitted(algorithm, *names)
    predictor = Predictor.of(model, data.schema)
    said = predictor.predict(data.frame)
    return model, Subject(
        "gate", "classify", data.schema, data, data, said, predictor.predict,
        sent=data, answer=predictor.predict,
    )  # fmt: skip
