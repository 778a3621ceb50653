"""The threshold: as fast counts as the metrics say; candidates compared each with its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.learn.inline_engine import chosen

from lingqu.core.metrics import loss, score
from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.learn.candidate import Fit
from lingqu.learn.folds import Folds
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import Entry
from lingqu.learn.standings import Standings
from lingqu.learn.threshold import cut, scores_at, threshold
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

CLASSES = ("no", "yes")
rows = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=30)


def answers(chance: list[float]) -> Predictions:
    one = np.array(chance)
    return Predictions((one >= 0.5).astype(np.int64), np.column_stack([1 - one, one]), CLASSES)


@settings(max_examples=60, deadline=None)
@given(rows, st.sampled_from(["accuracy", "balanced_accuracy", "f1"]))
def test_the_counts_give_what_the_metric_gives(table: list[tuple[int, float]], metric: str) -> None:
    y, chance = np.array([row[0] for row in table]), np.array([row[1] for row in table])
    steps = np.linspace(0.005, 0.995, 199)
    quick = scores_at(steps, y, chance, metric)
    for at, found in list(zip(steps, quick, strict=True))[::9]:
        said = Predictions((chance >= at).astype(np.int64), None, CLASSES)
        assert found == pytest.approx(score(metric, y, said), abs=1e-12)


def test_only_labels_of_two_classes_are_cut() -> None:
    y, said = np.array([0, 0, 1, 1]), answers([0.1, 0.2, 0.3, 0.4])
    for metric in ("accuracy", "balanced_accuracy", "f1", "recall", "precision"):
        assert cut(y, said, metric).labels.tolist() == [0, 0, 1, 1]
    assert cut(y, said, "roc_auc") is said and cut(y, said, "log_loss") is said
    three = Predictions(np.array([0, 1, 2, 2]), np.eye(3)[[0, 1, 2, 2]], ("a", "b", "c"))
    assert cut(y, three, "accuracy") is three
    values = Predictions(np.array([0.5] * 4))
    assert cut(y, values, "rmse") is values


@pytest.mark.parametrize(("tune", "leader"), [(False, "middling"), (True, "timid")])
def test_each_candidate_is_compared_with_its_own_threshold(tune: bool, leader: str) -> None:
    y = np.array([0] * 6 + [1] * 2)
    said = {
        "middling": answers([0.1, 0.1, 0.1, 0.1, 0.6, 0.6, 0.9, 0.1]),
        "timid": answers([0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.2, 0.2]),  # ranks perfectly
    }
    model = Model("classify", CLASSES, (Member("m", "m", 1.0, {}, b""),))
    lanes = {name: Lane(Entry(name, name), {0: Fit(model, one)}) for name, one in said.items()}
    fold = Folds("stratified", ((np.arange(8), np.arange(8)),), 1)
    standings = Standings(lanes, fold, y, "balanced_accuracy", tune)
    standings.update(1.0)
    assert leader in standings.weights
    if tune:
        assert standings.history[-1]["score"] == 1.0
        assert standings.loss(said["timid"], 1) == -1.0
    else:
        assert standings.loss(said["timid"], 1) == -0.5


@pytest.mark.parametrize("metric", ["balanced_accuracy", "f1", "accuracy", "precision", "recall"])
def test_the_score_is_that_of_the_model_with_its_threshold(metric: str, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    y = random.random(400) < 0.12
    frame = pl.DataFrame({"a": y * 1.5 + random.normal(0, 1, 400), "y": np.where(y, "yes", "no")})
    schema = Schema((Column("a", "number"), Column("y", "category", "target", levels=CLASSES)))
    table = Dataset(frame, schema, "rare")
    wish = [("logistic", {})]
    plain = chosen(table, tmp_path / "a", metric=metric, algorithms=wish)
    tuned = chosen(table, tmp_path / "b", metric=metric, algorithms=wish, optimise=["threshold"])
    truth = targets(table, "classify")[0][tuned.rows]
    chances = tuned.predictions.probabilities
    assert chances is not None and tuned.model.threshold == threshold(truth, chances, metric)
    shipped = cut(truth, tuned.predictions, metric)
    assert tuned.score == pytest.approx(-loss(metric, truth, shipped))
    assert tuned.history[-1]["score"] == pytest.approx(tuned.score)
    lines = {line.name: line.score for line in tuned.candidates}
    assert lines["logistic"] == pytest.approx(tuned.score)
    if metric in ("balanced_accuracy", "f1", "recall"):
        halved = replace(tuned.predictions, labels=(chances[:, 1] >= 0.5).astype(np.int64))
        untuned = -loss(metric, truth, halved)
        assert tuned.score > untuned + 0.05
        # Without a threshold only balanced accuracy has its own remedy: classes that count evenly.
        remedied = plain.score > untuned + 0.05
        assert remedied == (metric == "balanced_accuracy") and tuned.score > plain.score
        again = predict_model(tuned.model, table.frame)
        assert abs(score(metric, targets(table, "classify")[0], again) - tuned.score) < 0.15
    assert [member.algorithm for member in tuned.model.members] == ["logistic"]
    assert "slightly optimistic" in tuned.notes[-1]["en"] and "偏乐观" in tuned.notes[-1]["zh"]
