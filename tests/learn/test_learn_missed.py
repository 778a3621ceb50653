"""Rows that every learner misses: planted wrong labels come to light, clean data give few."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from tests.learn.inline_engine import chosen
from tests.learn.learn_tables import classes, values

from lingqu.core.nouns import Dataset

PAIR = [("logistic", {}), ("k_neighbours", {})]


def test_planted_wrong_labels_are_missed_by_all(tmp_path: Path) -> None:
    clean = classes(k=2)
    target = clean.schema.target
    assert target is not None
    labels = clean.frame[target.name].cast(pl.String).to_list()
    planted = np.random.default_rng(3).choice(len(labels), 6, replace=False).tolist()
    for row in planted:
        labels[row] = next(level for level in target.levels if level != labels[row])
    frame = clean.frame.with_columns(pl.Series(target.name, labels))
    found = chosen(Dataset(frame, clean.schema), tmp_path, 1000.0, algorithms=PAIR).missed
    named = [row["row"] for row in found]
    assert len(set(named) & set(planted)) >= 4
    for row in found:
        assert row["by"] == 2 and row["said"] in target.levels and 0.5 <= row["sure"] <= 1
        assert row["said"] != labels[row["row"]]
    assert [row["sure"] for row in found] == sorted((row["sure"] for row in found), reverse=True)


def test_one_learner_alone_names_no_row(tmp_path: Path) -> None:
    assert chosen(classes(), tmp_path, 1000.0, algorithms=[("logistic", {})]).missed == ()


def test_far_off_values_of_a_regression_are_named(tmp_path: Path) -> None:
    clean = values()
    target = clean.schema.target
    assert target is not None
    far = clean.frame[target.name].to_numpy().astype(float).copy()
    far += np.where(np.arange(len(far)) % 15 == 5, 50 * far.std(), 0)
    frame = clean.frame.with_columns(pl.Series(target.name, far))
    wishes = [("ridge", {}), ("k_neighbours", {})]
    found = chosen(
        Dataset(frame, clean.schema, "values"), tmp_path, 1000.0, algorithms=wishes
    ).missed
    assert found and found[0]["sure"] > 3
    assert {row["row"] for row in found} <= set(range(5, 120, 15))
