"""Scores agree with scikit-learn, and their intervals mean what they say."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from lingqu.core import metrics
from lingqu.core.errors import SpecError
from lingqu.core.predictions import Predictions


def classified(seed: int, n: int, k: int, ties: bool = True) -> tuple[np.ndarray, Predictions]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    raw = rng.random((n, k)) + 0.8 * np.eye(k)[y] * rng.random((n, 1))
    proba = raw / raw.sum(1, keepdims=True)
    if ties:  # coarse probabilities: many rows share a score
        proba = np.round(proba * 8) + 1
        proba = proba / proba.sum(1, keepdims=True)
    classes = tuple(f"c{i}" for i in range(k))
    return y, Predictions(proba.argmax(1), proba, classes)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(8, 120), st.integers(2, 5), st.booleans())
def test_scores_of_labels_agree_with_scikit_learn(seed: int, n: int, k: int, ties: bool) -> None:
    y, said = classified(seed, n, k, ties)
    labels = said.labels
    average = "binary" if k == 2 else "macro"
    expected = {
        "accuracy": sk.accuracy_score(y, labels),
        "precision": sk.precision_score(y, labels, average=average, zero_division=0),
        "recall": sk.recall_score(y, labels, average=average, zero_division=0),
        "f1": sk.f1_score(y, labels, average=average, zero_division=0),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns when an answer is never true
        expected["balanced_accuracy"] = sk.balanced_accuracy_score(y, labels)
    for name, value in expected.items():
        assert metrics.score(name, y, said) == pytest.approx(value, abs=1e-12), name


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 120), st.integers(2, 5), st.booleans())
def test_scores_of_probabilities_agree_with_scikit_learn(
    seed: int, n: int, k: int, ties: bool
) -> None:
    y, said = classified(seed, n, k, ties)
    y[:k] = np.arange(k)  # every class is there, as scikit-learn demands
    proba = said.probabilities
    assert proba is not None
    if k == 2:
        auc = sk.roc_auc_score(y, proba[:, 1])
        precision = sk.average_precision_score(y, proba[:, 1])
    else:
        auc = sk.roc_auc_score(y, proba, multi_class="ovr", average="macro")
        precision = sk.average_precision_score(np.eye(k)[y], proba, average="macro")
    every = list(range(k))
    brier = sk.brier_score_loss(y, proba if k > 2 else proba[:, 1], labels=every)
    expected = {
        "roc_auc": auc,
        "average_precision": precision,
        "log_loss": sk.log_loss(y, proba, labels=every),
        "brier": brier,
    }
    for name, value in expected.items():
        assert metrics.score(name, y, said) == pytest.approx(value, abs=1e-10), name


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 80), st.floats(-1e4, 1e4))
def test_scores_of_values_agree_with_scikit_learn(seed: int, n: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(size=n) * 3 + offset
    said = Predictions(y + rng.normal(size=n))
    for name, function in {
        "rmse": sk.root_mean_squared_error,
        "mae": sk.mean_absolute_error,
        "r2": sk.r2_score,
        "mape": sk.mean_absolute_percentage_error,
    }.items():
        assert metrics.score(name, y, said) == pytest.approx(function(y, said.labels), rel=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_a_formula_with_weights_is_the_formula_on_repeated_rows(seed: int, k: int) -> None:
    y, said = classified(seed, 40, k)
    weights = next(metrics.draws(40, 3, seed))
    proba = said.probabilities
    assert proba is not None
    for name in metrics.names("classify"):
        batch = metrics.METRICS[name](y, said, 1, weights)
        for row, got in zip(weights, batch, strict=True):
            again = np.repeat(np.arange(40), row.astype(int))
            copy = Predictions(said.labels[again], proba[again], said.classes)
            assert got == pytest.approx(metrics.score(name, y[again], copy), nan_ok=True), name


def test_positive_chooses_the_class_that_binary_scores_are_about() -> None:
    y, said = classified(3, 60, 2)
    proba = said.probabilities
    assert proba is not None
    expected = sk.recall_score(y, said.labels, pos_label=0)
    assert metrics.score("recall", y, said, positive=0) == pytest.approx(expected)
    expected = sk.average_precision_score(y == 0, proba[:, 0])
    assert metrics.score("average_precision", y, said, positive=0) == pytest.approx(expected)


def test_an_undefined_score_is_nan_and_never_wins() -> None:
    one = Predictions(np.zeros(4, int), np.tile([0.9, 0.1], (4, 1)), ("a", "b"))
    y = np.zeros(4, int)
    assert np.isnan(metrics.score("roc_auc", y, one))
    assert np.isnan(metrics.score("average_precision", y, one))
    assert metrics.loss("roc_auc", y, one) == float("inf")
    assert np.isnan(metrics.score("r2", np.ones(3), Predictions(np.ones(3))))
    empty = Predictions(np.zeros(0, int), np.zeros((0, 2)), ("a", "b"))
    assert np.isnan(metrics.score("accuracy", np.zeros(0, int), empty))
    assert all(np.isnan(metrics.intervals(["f1"], np.zeros(0, int), empty)["f1"]))
    assert all(np.isnan(metrics.intervals(["roc_auc"], y, one)["roc_auc"]))


def test_loss_is_smaller_for_the_better_model() -> None:
    y, good = classified(1, 200, 3, ties=False)
    proba = np.full((200, 3), 1 / 3)
    poor = Predictions(np.zeros(200, int), proba, good.classes)
    for name in metrics.names("classify"):
        assert metrics.loss(name, y, good) < metrics.loss(name, y, poor), name


def test_unknown_names_and_missing_probabilities_are_refused() -> None:
    y = np.array([0, 1])
    said = Predictions(y, classes=("a", "b"))
    with pytest.raises(SpecError, match=r"acuracy.*accuracy"):
        metrics.score("acuracy", y, said)
    with pytest.raises(SpecError, match=r"probabilities|概率"):
        metrics.score("log_loss", y, said)
    assert "log_loss" not in metrics.names("classify", probabilities=False)


@pytest.mark.parametrize("name", ["balanced_accuracy", "roc_auc", "log_loss", "accuracy"])
def test_intervals_cover_the_true_score(name: str) -> None:
    y, said = classified(0, 40_000, 2, ties=False)
    proba = said.probabilities
    assert proba is not None
    truth = metrics.score(name, y, said)
    covered = 0
    for i in range(100):
        part = slice(i * 400, (i + 1) * 400)
        few = Predictions(said.labels[part], proba[part], said.classes)
        low, high = metrics.intervals([name], y[part], few, n=300, seed=i)[name]
        covered += low <= truth <= high
    assert 88 <= covered <= 100


def test_bootstrap_of_values_and_of_a_function_agree() -> None:
    values = np.random.default_rng(0).normal(size=300)
    low, high = metrics.bootstrap(values, seed=4)
    again = metrics.bootstrap(lambda w: w @ values / 300, rows=300, seed=4)
    assert (low, high) == pytest.approx(again)
    half = 1.96 * values.std() / np.sqrt(300)
    assert (high - low) / 2 == pytest.approx(half, rel=0.15)
    assert np.isnan(metrics.bootstrap(np.zeros(0))[0])
    assert np.isnan(metrics.bootstrap(lambda w: w.sum(1), rows=0)[1])


def test_intervals_depend_on_the_seed_only() -> None:
    y, said = classified(0, 300, 3)
    first = metrics.intervals(["f1", "log_loss"], y, said, seed=1)
    assert first == metrics.intervals(["f1", "log_loss"], y, said, seed=1)
    assert first != metrics.intervals(["f1", "log_loss"], y, said, seed=2)


def test_very_large_tests_draw_fewer_resamples() -> None:
    def drawn(rows: int, n: int) -> list[int]:
        return [len(block) for block in metrics.draws(rows, n)]

    assert drawn(1_000, 500) == [500]
    assert drawn(3_000, 500) == [333, 167]
    assert sum(drawn(150_000, 500)) == 133
    assert drawn(1_000, 20) == [20]


def test_wilson_and_confusion() -> None:
    low, high = metrics.wilson(95, 100)
    assert (low, high) == pytest.approx((0.8882, 0.9785), abs=1e-4)
    assert metrics.wilson(0, 0) == (0.0, 1.0)
    assert metrics.wilson(0, 421)[0] == 0.0 and metrics.wilson(421, 421)[1] == 1.0
    y, said = classified(5, 100, 4)
    expected = sk.confusion_matrix(y, said.labels, labels=range(4))
    assert (metrics.confusion(y, said.labels, 4) == expected).all()
