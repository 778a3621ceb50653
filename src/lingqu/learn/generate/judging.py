"""How a learner that makes rows is judged before it is chosen: its rows beside held-out ones."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Model
from lingqu.core.schema import SEED
from lingqu.learn.generate import is_pictures, scores
from lingqu.release.made.columns import frame_of, learned
from lingqu.release.made.likeness import lessons, matrix, taught, two_sample
from lingqu.release.runner import Runner

Scores = dict[str, float]


def asked_like(real: pl.DataFrame, target: str) -> pl.DataFrame:
    """Return conditions that ask for as many rows as there are, of the same classes.

    Example:
        >>> asked_like(pl.DataFrame({"a": [1, 2], "y": ["p", "q"]}), "y").rows()
        [(0.0, 'p'), (1.0, 'q')]
    """
    asked = pl.DataFrame({SEED: np.arange(real.height, dtype=np.float64)})
    return asked.with_columns(real.get_column(target)) if target else asked


def scores_of(model: Model, train: Dataset, valid: Dataset) -> Scores:
    """Return the scores of a model on held-out rows, by name, in the order of `scores`.

    Args:
        model: Makes rows.
        train: What it learned from: what pictures are compared by learns from them, too.
        valid: Rows that it did not see.
    """
    if is_pictures(valid.schema):
        from lingqu.learn.generate.picture_judging import scores_of as of_pictures

        return of_pictures(model, train, valid)
    columns, target = learned(valid.schema), valid.schema.target
    asked = asked_like(valid.frame, target.name if target else "")
    said = Runner.of(model, threads=1).predict(asked).replies
    assert said is not None  # a model of this task replies
    real, made = valid.frame, frame_of(said.said, columns)
    x, other = matrix([real, made], columns)
    found = {"c2st": two_sample(x, other).value}
    if target is not None:
        from_made, on_real = lessons([made, real], columns, target)
        found["tstr"] = taught(from_made, on_real).value
    return {name: found[name] for name in scores(valid.schema)}
