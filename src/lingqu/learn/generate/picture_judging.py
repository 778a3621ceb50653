"""How a maker of pictures is judged before it is chosen: its pictures beside held-out ones."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.frechet import frechet
from lingqu.core.nouns import Dataset, Model
from lingqu.core.schema import SEED
from lingqu.learn.generate import scores
from lingqu.learn.generate.eyes import eyes
from lingqu.learn.generate.pictures import pictures
from lingqu.release.made.eyes import Eyes, Pair
from lingqu.release.made.levels import of_bytes, snapped
from lingqu.release.made.png import pixels_of
from lingqu.release.runner import Runner

MOST, _STEPS, _TREES = 1000, 120, 50
"""Held-out pictures that made ones are set beside, at most; steps that the eyes learn; trees of a
judge. The gate looks more closely."""


def scores_of(model: Model, train: Dataset, valid: Dataset) -> dict[str, float]:
    """Return the scores of a model on held-out pictures, by name, in the order of `scores`.

    Args:
        model: Makes pictures.
        train: What it learned from: the eyes that compare learn from it, too.
        valid: What it did not see.
    """
    rows = pictures(train)
    held = pictures(valid, rows.labels)
    count = min(MOST, len(held))
    labels = held.y[:count].numpy()
    asked = pl.DataFrame({SEED: np.arange(count, dtype=np.float64)})
    if rows.target:
        names = [rows.labels[place] for place in labels]
        asked = asked.with_columns(pl.Series(rows.target, names))
    said = Runner.of(model, threads=1).predict(asked).replies
    assert said is not None  # a model of this task replies
    made = of_bytes(np.stack([pixels_of(one) for one in said.said]), rows.levels)
    real = snapped(held.x[:count].numpy(), rows.levels)
    pair = Pair(real, made, labels, labels, len(rows.labels), _TREES)
    look = Eyes(eyes(rows, steps=_STEPS)).look
    found = {
        "fid": frechet(look(real)[0], look(made)[0]),
        "c2st": pair.apart().value,
    }
    if rows.target:
        found["tstr"] = pair.taught((made, labels)).value
    return {name: found[name] for name in scores(valid.schema)}
