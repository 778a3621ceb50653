"""Probabilities as the score that decides asks for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import chosen

from lingqu.core.metrics import loss
from lingqu.core.nouns import Dataset
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.learn.adjust import Adjustment, adjustment_of
from lingqu.learn.tabular.graph import graph
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model
from lingqu.release.session import open_session


def _apart(rows: int, seed: int = 0) -> Dataset:
    """Two classes that one column tells apart without a doubt."""
    x = np.random.default_rng(seed).normal(0, 1, rows)
    x += 3 * np.sign(x)
    frame = pl.DataFrame({"x": x, "target": np.where(x > 0, "up", "down").tolist()})
    return ready(typed(frame), target="target", task="classify")


def _rare(rows: int, seed: int = 0) -> Dataset:
    """Three classes; the two rare ones are never the most likely."""
    random = np.random.default_rng(seed)
    y = random.choice(3, rows, p=[0.86, 0.07, 0.07])
    x = random.normal(0, 1, rows) + np.array([0.0, -1.2, 1.2])[y]
    frame = pl.DataFrame({"x": x, "target": [f"k{one}" for one in y]})
    return ready(typed(frame), target="target", task="classify")


def test_only_two_scores_ask_for_an_adjustment() -> None:
    y = np.array([0, 1, 1])
    assert adjustment_of(y, 2, "roc_auc") is None
    assert adjustment_of(y.astype(float), 0, "rmse") is None
    found = adjustment_of(y, 2, "log_loss")
    assert found is not None and found.doubt.sum() == pytest.approx(1 / 5)
    assert found.doubt[1] > found.doubt[0]


@pytest.mark.parametrize("factors", [[1.0, 1.0, 1.0], [1.0, 3.0, 9.0]])
@pytest.mark.parametrize("doubt", [[0.0, 0.0, 0.0], [0.01, 0.002, 0.003]])
def test_a_graph_answers_as_the_formula_does(factors: list[float], doubt: list[float]) -> None:
    wanted = Adjustment(np.array(factors), np.array(doubt))
    data = graph([("Softmax", ["x"], ["probabilities"], {"axis": -1})], {}, 3, "probabilities")
    x = np.array([[30.0, -30.0, 0.0], [0.1, 0.4, 0.2]], dtype=np.float32)
    before = open_session(data).run(["probabilities"], {"x": x})[0]
    said = wanted.of(before.astype(np.float64))
    assert said.sum(axis=1) == pytest.approx([1.0, 1.0]) and (said >= np.array(doubt)).all()
    if factors[-1] != factors[0] or sum(doubt):
        after = open_session(wanted.inside(data)).run(["probabilities"], {"x": x})[0]
        assert after == pytest.approx(said, abs=1e-6)


@pytest.mark.parametrize("metric", ["log_loss", "accuracy"])
def test_what_is_released_doubts_as_much_as_what_was_judged(metric: str, tmp_path: Path) -> None:
    train, new = _apart(120), _apart(60, seed=1)
    result = chosen(train, tmp_path, metric=metric, algorithms=[("logistic", {"c": 1e4})])
    told = any("surer" in note["en"] for note in result.notes)
    assert told == (metric == "log_loss")
    truth = targets(train, "classify")[0][result.rows]
    assert result.score == pytest.approx(-loss(metric, truth, result.predictions))
    said = predict_model(result.model, new.frame).probabilities
    assert said is not None
    assert (said.min() >= 0.4 / 122) == (metric == "log_loss")


def test_rare_classes_are_answered_where_they_count_as_much(tmp_path: Path) -> None:
    train, new = _rare(600), _rare(1500, seed=1)
    truth = targets(new, "classify")[0]
    found = {}
    for metric in ("balanced_accuracy", "accuracy"):
        result = chosen(train, tmp_path / metric, metric=metric, algorithms=[("logistic", {})])
        found[metric] = -loss("balanced_accuracy", truth, predict_model(result.model, new.frame))
        told = any("equally frequent" in note["en"] for note in result.notes)
        assert told == (metric == "balanced_accuracy")
    assert found["balanced_accuracy"] > 0.6 and found["accuracy"] < 0.45
