"""Trees that learn the logarithm of values with a long tail."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.learn_tables import halves, values

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.learn.portfolio import portfolio
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

TREES = ["lightgbm", "xgboost", "catboost", "random_forest", "extra_trees"]
BOOSTED = TREES[:3]
QUICK: dict[str, dict[str, Any]] = {
    "lightgbm": {"rounds": 150},
    "xgboost": {"rounds": 150},
    "catboost": {"rounds": 150, "learning_rate": 0.1},
    "random_forest": {"trees": 30},
    "extra_trees": {"trees": 30},
}


def prices(n: int = 1000, growth: float = 0.7, noise: float = 0.3) -> Dataset:
    """Values whose causes multiply, and whose errors are in per cent."""
    table = values(n, seed=1)
    random = np.random.default_rng(2)
    y = np.exp(growth * table.frame["y"].to_numpy() + random.normal(0, noise, n))
    return Dataset(table.frame.with_columns(pl.Series("y", y)), table.schema, "prices")


def fitted(name: str, train: Dataset, valid: Dataset, **options: Any) -> Model:
    learner = catalog.build("algorithms", name, {**QUICK[name], **options})
    model: Model = learner.fit(train, valid, Budget(30.0, seed=3), lambda row: None)
    return model


def said(model: Model, rows: Dataset) -> np.ndarray:
    return np.asarray(predict_model(model, rows.frame).labels, dtype=np.float64)


def truth(rows: Dataset) -> np.ndarray:
    return np.asarray(targets(rows, "regress")[0])


@pytest.mark.parametrize("name", BOOSTED)
def test_logarithms_bring_small_and_large_values_nearer(name: str) -> None:
    train, rest = halves(prices())
    valid, test = halves(rest)
    off = [
        float(np.mean(np.abs(np.log(np.maximum(said(m, test), 1e-3) / truth(test)))))
        for m in (fitted(name, train, valid, target=target) for target in ("plain", "log"))
    ]
    assert off[1] < 0.85 * off[0]


@pytest.mark.parametrize("name", TREES)
def test_the_mean_of_the_answers_is_that_of_the_validation_rows(name: str) -> None:
    train, valid = halves(prices(growth=0.3))
    model = fitted(name, train, valid, target="log")
    assert said(model, valid).mean() == pytest.approx(truth(valid).mean(), rel=1e-3)


@pytest.mark.parametrize("name", TREES)
def test_auto_bends_a_long_tail_only(name: str) -> None:
    for table, target in ((prices(), "log"), (values(400), "plain")):
        train, valid = halves(table)
        auto, named = (fitted(name, train, valid, target=t) for t in ("auto", target))
        np.testing.assert_array_equal(said(auto, valid), said(named, valid))


@pytest.mark.parametrize("name", BOOSTED)
def test_monotone_answers_never_turn_on_a_bent_scale(name: str) -> None:
    train, valid = halves(prices())
    model = fitted(name, train, valid, target="log", monotone={"a": "increasing"})
    row = valid.frame.head(1)
    walk = pl.concat(
        [row.with_columns(pl.lit(float(a)).alias("a")) for a in np.linspace(-3, 3, 60)]
    )
    answers = np.asarray(predict_model(model, walk).labels, dtype=np.float64)
    assert (np.diff(answers) >= 0).all() and answers[-1] > answers[0]


def test_a_quantile_of_logarithms_is_not_lifted() -> None:
    train, rest = halves(prices(3000, 0.4, noise=0.6))
    valid, test = halves(rest)
    model = fitted("lightgbm", train, valid, target="log", objective="quantile", alpha=0.8)
    assert np.mean(truth(test) <= said(model, test)) == pytest.approx(0.8, abs=0.07)


def test_an_order_has_no_scale_to_bend() -> None:
    train, valid = halves(values())
    with pytest.raises(SpecError, match="target: log"):
        fitted("lightgbm", train, valid, target="log", objective="rank")


def test_a_long_tail_brings_candidates_that_learn_it_as_logarithms() -> None:
    bent = [e for e in portfolio(prices(), "regress", 60.0) if e.options.get("target") == "log"]
    assert {entry.variant for entry in bent} >= {"lightgbm log"}
    plain = {e.algorithm: e.cost for e in portfolio(prices(), "regress", 60.0) if not e.options}
    assert all(entry.cost > plain[entry.algorithm] for entry in bent)
    even = portfolio(values(), "regress", 60.0)
    assert not [entry for entry in even if entry.options.get("target") == "log"]
