"""What is usual of each number: rare flags, sums of gaps, and rows that vary in few directions."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.learn.test_learn_flag_battery import fit, odd

from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.learn.flag import CLASSES
from lingqu.learn.flag.front import fit_front
from lingqu.learn.flag.usual import usual_of
from lingqu.learn.tabular.graph import answers, graph


def table(values: np.ndarray) -> Dataset:
    frame = pl.DataFrame(values, schema=[f"v{i}" for i in range(values.shape[1])])
    return Dataset(frame, Schema(tuple(Column(name, "number") for name in frame.columns)))


def ranked(name: str, values: np.ndarray, truth: np.ndarray) -> float:
    rows = table(values)
    chance = odd(fit(name, rows), rows.frame)
    said = Predictions(truth, np.stack([1 - chance, chance], axis=1), CLASSES)
    return score("roc_auc", truth, said)


@pytest.mark.parametrize("name", ["mahalanobis", "lof"])
def test_rows_with_a_rare_flag_do_not_hide_those_that_are_odd(name: str) -> None:
    draw = np.random.default_rng(0)
    flags = (draw.random((600, 6)) < 0.04).astype(float)
    load = draw.normal(0, 1, 600)
    truth = (np.arange(600) >= 570).astype(np.int64)
    heat = load + draw.normal(0, 0.1, 600) + 8 * truth * draw.choice([-1, 1], 600)
    assert ranked(name, np.column_stack([load, heat, flags]), truth) > 0.9


def test_a_wild_value_of_a_rare_flag_decides_nothing() -> None:
    flag = np.array([0.0] * 960 + [1.0] * 40)
    wild = np.append(flag, 1e9)
    assert usual_of(wild).lumped and usual_of(wild).scale < 2 * usual_of(flag).scale


def test_who_looks_at_what_is_left_always_has_something_left() -> None:
    # Three numbers of equal worth: the directions that tell nine tenths of them are all three.
    draw = np.random.default_rng(0)
    values = draw.normal(0, 1, (400, 3))
    truth = (np.arange(400) >= 380).astype(np.int64)
    values[truth == 1] += 8 * draw.choice([-1, 1], (20, 3))
    assert ranked("linear_autoencoder", values, truth) > 0.8


def test_gaps_add_up_to_the_same_number_in_any_order() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (500, 40)).astype(np.float32)
    x[draw.random(x.shape) < np.linspace(0.02, 0.6, 40)] = np.nan
    front = fit_front(x, [0] * 40, 40)
    steps, constants = front.steps("filled")
    whole = graph([*steps, ("Identity", ["filled"], ["values"], {})], constants, 40, "values")
    assert (answers(whole, x) == front.filled(x)).all()
    assert (front.filled(x)[:, -1] == np.isnan(x)[:, ::-1] @ front.lost[::-1]).all()
