"""Learners of tables beyond the battery: the same answers as their library, odd rows, time."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from tests.learn.learn_tables import classes, halves, rows, values, with_column

from lingqu.core import catalog
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.tabular.k_neighbours import KNeighbours
from lingqu.learn.tabular.lightgbm import LightGbm
from lingqu.learn.tabular.logistic import Logistic
from lingqu.learn.tabular.rbf_svm import RbfSvm
from lingqu.learn.tabular.ridge import Ridge
from lingqu.release.encode import encode, targets
from lingqu.release.runner import predict_model

TREES = ["lightgbm", "random_forest", "extra_trees", "xgboost", "catboost", "ebm"]
CLASSIFY = ["constant", "logistic", "rbf_svm", "k_neighbours", *TREES]
REGRESS = ["constant", "ridge", "rbf_svm", "k_neighbours", *TREES]
QUICK = {"ebm": {"rounds": 100, "bags": 1}, "catboost": {"rounds": 100}}
BOTH = [(name, "classify") for name in CLASSIFY] + [(name, "regress") for name in REGRESS]


def quiet(row: Any) -> None:
    """Hear nothing."""


def fitted(
    name: str, train: Dataset, valid: Dataset, options: Any = None, seconds: float = 20.0
) -> Model:
    learner = catalog.build("algorithms", name, options or QUICK.get(name))
    model: Model = learner.fit(train, valid, Budget(seconds, seed=3), quiet)
    return model


def data(task: str) -> tuple[Dataset, Dataset]:
    return halves(classes() if task == "classify" else values())


@pytest.mark.parametrize("name", REGRESS)
@pytest.mark.parametrize(("scale", "shift"), [(1e-6, 0.0), (1e4, 1e6)])
def test_a_regression_does_not_mind_the_unit(name: str, scale: float, shift: float) -> None:
    plain, moved = halves(values()), halves(values(scale=scale, shift=shift))
    one = predict_model(fitted(name, *plain), plain[1].frame).labels
    two = predict_model(fitted(name, *moved), moved[1].frame).labels
    assert np.abs((two - shift) / scale - one).max() < 0.2


@pytest.mark.parametrize(("name", "task"), BOTH)
def test_odd_columns_are_read(name: str, task: str) -> None:
    table = classes() if task == "classify" else values()
    n = len(table)
    table = with_column(
        table, Column("empty", "number", nullable=True), pl.Series([None] * n, dtype=pl.Float64)
    )
    table = with_column(table, Column("same", "number"), [7.0] * n)
    table = with_column(table, Column("huge", "number"), [1e30 * (i % 3) for i in range(n)])
    table = with_column(table, Column("words", "text"), [f"row {i % 5} 漓江" for i in range(n)])
    table = with_column(table, Column("many", "category"), [f"v{i % 80}" for i in range(n)])
    train, valid = halves(table)
    said = predict_model(fitted(name, train, valid), valid.frame)
    assert np.isfinite(np.asarray(said.labels, float)).all()


@pytest.mark.parametrize(("name", "task"), BOTH)
def test_unseen_levels_and_gaps_are_answered(name: str, task: str) -> None:
    train, valid = data(task)
    model = fitted(name, train, valid)
    strange = valid.frame.with_columns(
        pl.lit("atlantis").alias("town"), pl.lit(None, dtype=pl.Float64).alias("a")
    )
    said = predict_model(model, strange)
    assert np.isfinite(np.asarray(said.labels, float)).all()


def test_logistic_answers_like_scikit_learn() -> None:
    train, valid = halves(classes(k=2))
    model = fitted("logistic", train, valid, {"c": 0.3})
    encoding = model.members[0].encoding
    x, truth = encode(train.frame, encoding)["x"], targets(train, "classify")[0]
    library = LogisticRegression(C=0.3, tol=1e-8, max_iter=2000).fit(x.astype(float), truth)
    said = predict_model(model, valid.frame).probabilities
    expected = library.predict_proba(encode(valid.frame, encoding)["x"].astype(float))
    assert said is not None and np.abs(said - expected).max() < 2e-3


def test_logistic_stops_in_time_and_is_usable() -> None:
    train, valid = halves(classes(n=400))
    model = fitted("logistic", train, valid, seconds=1e-9)
    assert model.members[0].notes["iterations"] <= 50
    assert predict_model(model, valid.frame).probabilities is not None


def test_rbf_svm_decides_like_libsvm() -> None:
    train, valid = halves(classes(n=200, k=4))
    model = fitted("rbf_svm", train, valid, {"c": 10.0, "gamma": 1.0})
    x = encode(train.frame, model.members[0].encoding)["x"].astype(float)
    z = encode(valid.frame, model.members[0].encoding)["x"].astype(float)
    gamma = 1.0 / (x.shape[1] * x.var())
    library = SVC(C=10.0, gamma=gamma).fit(x, targets(train, "classify")[0])
    said = predict_model(model, valid.frame).labels
    # Summed log-odds of the pairs break the ties of a vote another way, now and then.
    assert np.mean(said == library.predict(z)) > 0.93


def test_rbf_svm_falls_back_to_float64_where_float32_is_too_coarse() -> None:
    train, valid = halves(classes(n=400, k=2, missing=False))
    model = fitted("rbf_svm", train, valid, {"c": 1e5, "gamma": 0.01})
    narrow = fitted("rbf_svm", train, valid, {"c": 1.0, "gamma": 1.0})
    assert b"x_double" in model.members[0].graph
    assert b"x_double" not in narrow.members[0].graph


def test_rbf_svm_says_what_it_tries_and_stops_when_half_the_time_is_gone() -> None:
    train, valid = halves(classes())
    seen: list[Any] = []
    RbfSvm().fit(train, valid, Budget(60.0), seen.append)
    assert len(seen) == 5 and all(np.isfinite(row["valid_loss"]) for row in seen)
    seen.clear()
    RbfSvm().fit(train, valid, Budget(1e-6), seen.append)
    assert len(seen) == 1


def test_ridge_takes_the_penalty_it_is_given() -> None:
    train, valid = halves(values())
    strong = predict_model(fitted("ridge", train, valid, {"penalty": 1e6}), valid.frame).labels
    free = fitted("ridge", train, valid)
    assert np.std(strong) < 0.1 * np.std(predict_model(free, valid.frame).labels)
    assert free.members[0].notes["penalty"] < 100


def test_k_neighbours_finds_the_row_itself() -> None:
    table = values()
    model = KNeighbours(neighbours=4).fit(table, rows(table, slice(0, 0)), Budget(5.0), quiet)
    said = predict_model(model, table.frame).labels
    far = Ridge(penalty=1e9).fit(table, rows(table, slice(0, 0)), Budget(5.0), quiet)
    y = table.frame["y"].to_numpy()
    assert np.abs(said - y).mean() < 0.2 * np.abs(predict_model(far, table.frame).labels - y).mean()
    assert model.members[0].notes["stores_rows"] == len(table)


def test_lightgbm_stops_when_its_time_is_over() -> None:
    train, valid = halves(classes(n=400))
    options = {"rounds": 10**6, "patience": 10**6, "learning_rate": 1e-4}
    start = time.monotonic()
    model = fitted("lightgbm", train, valid, options, seconds=0.4)
    assert model.members[0].notes["rounds"] < 10**5
    assert time.monotonic() - start < 30


def test_lightgbm_reports_its_losses_and_keeps_the_best_round() -> None:
    train, valid = halves(classes(n=300))
    seen: list[Any] = []
    model = LightGbm(rounds=300).fit(train, valid, Budget(20.0), seen.append)
    losses = [row["valid_loss"] for row in seen]
    assert losses[0] > min(losses) and model.members[0].notes["rounds"] < 300


def test_lightgbm_graph_is_exact_between_neighbouring_floats() -> None:
    low = np.float32(16_777_216.0)
    high = np.nextafter(low, np.float32(np.inf))
    number = np.where(np.arange(200) % 2 == 0, low, high).astype(np.float64)
    frame = pl.DataFrame({"a": number, "y": ["no" if v == low else "yes" for v in number]})
    schema = Schema(
        (Column("a", "number"), Column("y", "category", "target", levels=("no", "yes")))
    )
    train, valid = halves(Dataset(frame, schema))
    said = predict_model(fitted("lightgbm", train, valid), valid.frame)
    assert score("accuracy", targets(valid, "classify")[0], said) == 1.0


def test_a_number_target_is_a_regression_and_others_are_classes() -> None:
    train, valid = halves(values())
    assert RbfSvm().fit(train, valid, Budget(9.0), quiet).task == "regress"
    train, valid = halves(classes())
    assert Logistic().fit(train, valid, Budget(9.0), quiet).task == "classify"
