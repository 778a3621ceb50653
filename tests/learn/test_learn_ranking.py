"""Rankings: lists are learned, chosen by and judged as lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import chosen

from lingqu.check.metrics import Metrics
from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Subject
from lingqu.core.ports import Budget
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.learn.lists import lists_of
from lingqu.learn.objectives import fitting, own_options
from lingqu.learn.portfolio import portfolio
from lingqu.learn.tabular.lightgbm import LightGbm
from lingqu.release.runner import predict_model

SCHEMA = Schema((
    Column("match", "number"), Column("noise", "number"), Column("size", "number"),
    Column("query", "category", "group"), Column("grade", "number", "target"),
))  # fmt: skip
LINES = [("ridge", {}), ("lightgbm", {}), ("lightgbm", {"objective": "rank"})]


def searches(queries: int, seed: int) -> Dataset:
    """Make lists whose level of relevance differs much more than what orders them.

    One query has good answers, another has none; who learns the grade itself learns that, and
    spends little on the order, which `match` tells within each list.
    """
    random = np.random.default_rng(seed)
    frames = []
    for query in range(queries):
        level, size = random.normal(0, 3), 20
        match, noise = random.normal(size=size), random.normal(size=size)
        merit = np.sin(2 * match) + 0.3 * random.normal(size=size)
        shown = level + 0.05 * random.normal(size=size)
        grade = np.clip(np.round(2 + level + 0.8 * merit), 0, 8)
        frames.append(pl.DataFrame({"match": match, "noise": noise, "size": shown,
                                    "query": f"q{query}", "grade": grade}))  # fmt: skip
    return Dataset(pl.concat(frames), SCHEMA, "values")


def ndcg(model_or_values: object, data: Dataset, metric: str = "ndcg@5") -> float:
    values = (
        predict_model(model_or_values, data.frame).labels  # type: ignore[arg-type]
        if not isinstance(model_or_values, np.ndarray)
        else model_or_values
    )
    said = Predictions(values, groups=lists_of(data, metric))
    return score(metric, data.frame["grade"].to_numpy(), said)


def test_learning_the_order_beats_learning_the_grade() -> None:
    train, valid, fresh = searches(120, 1), searches(30, 2), searches(200, 3)
    found = {}
    for objective in ("squared", "rank"):
        learner = LightGbm(objective=objective, rounds=200)  # type: ignore[arg-type]
        found[objective] = learner.fit(train, valid, Budget(30.0), lambda row: None)
    gain = ndcg(found["rank"], fresh) - ndcg(found["squared"], fresh)
    assert gain > 0.01
    one = predict_model(found["rank"], fresh.frame[:1]).labels
    many = predict_model(found["rank"], fresh.frame).labels
    assert one[0] == pytest.approx(many[0], abs=1e-5)
    grades = fresh.frame["grade"].to_numpy()
    assert abs(many.mean() - grades.mean()) < 1.0  # scores lie where the grades lie


def test_the_choice_goes_by_lists_and_keeps_them_together(tmp_path: Path) -> None:
    data = searches(60, 4)
    found = chosen(data, tmp_path, metric="ndcg(5)", algorithms=LINES, folds=2)
    assert found.metric == "ndcg@5" and 0.5 < found.score <= 1.0
    names = {line.name: line.score for line in found.candidates}
    assert names["lightgbm#2"] > names["ridge"]  # type: ignore[operator]
    fresh = searches(100, 5)
    assert abs(ndcg(found.model, fresh) - found.score) < 0.05
    said = found.predictions
    assert said.groups is not None and len(said.groups) == len(found.rows)
    truth = data.frame["grade"].to_numpy()[found.rows]
    assert score("ndcg@5", truth, said) == pytest.approx(found.score)


def test_the_check_reports_by_lists() -> None:
    data = searches(40, 6)
    perfect = Predictions(data.frame["grade"].to_numpy())
    subject = Subject("gate", "regress", SCHEMA, test=data, predictions=perfect)
    found = {f.measure: f for f in Metrics(also=["ndcg@5", "map"]).look(subject)}
    assert found["ndcg@5"].value == 1.0 and found["ndcg@5"].n == 800
    noisy = Predictions(perfect.labels + np.random.default_rng(0).normal(0, 3, 800))
    subject = Subject("gate", "regress", SCHEMA, test=data, predictions=noisy)
    seen = {f.measure: f for f in Metrics(also=["ndcg@5"]).look(subject)}["ndcg@5"]
    assert seen.low is not None and seen.high is not None and seen.value is not None
    assert seen.low < seen.value < seen.high < 1.0


def test_the_rank_learner_is_tried_unasked() -> None:
    names = [entry.variant for entry in portfolio(searches(60, 7), "regress", 60, metric="map@3")]
    assert names.count("lightgbm rank") >= 1
    assert names.index("lightgbm rank") < names.index("lightgbm")
    plain = [entry.variant for entry in portfolio(searches(60, 7), "regress", 60, metric="mae")]
    assert "lightgbm rank" not in plain
    assert own_options("ridge", "ndcg") == {} == own_options("lightgbm", "my:score")
    assert fitting([], "ndcg") == []


@pytest.mark.parametrize("metric", ["ndcg@5", "map"])
def test_lists_must_be_declared(metric: str, tmp_path: Path) -> None:
    data = searches(20, 8)
    bare = Dataset(
        data.frame.drop("query"), Schema(SCHEMA.columns[:3] + SCHEMA.columns[4:]), "values"
    )
    with pytest.raises(SpecError, match=r"group: column"):
        chosen(bare, tmp_path, metric=metric)


def test_grades_below_zero_are_refused(tmp_path: Path) -> None:
    data = searches(20, 8)
    below = Dataset(data.frame.with_columns(pl.col("grade") - 20), SCHEMA, "values")
    with pytest.raises(DataError, match=r"Row 1 of 'grade'"):
        chosen(below, tmp_path, metric="ndcg@5")
    with pytest.raises(TrainError, match="grades"):
        LightGbm(objective="rank").fit(below, below, Budget(5.0), lambda row: None)
    bare = Dataset(data.frame, SCHEMA.updated("query", role="feature"), "values")
    with pytest.raises(TrainError, match="no column has the role"):
        LightGbm(objective="rank").fit(bare, bare, Budget(5.0), lambda row: None)


def test_many_grades_weights_and_empty_groups() -> None:
    data = searches(40, 9)
    random = np.random.default_rng(0)
    frame = data.frame.with_columns(
        grade=pl.col("grade") + random.random(800),
        query=pl.when(pl.int_range(800) % 50 == 0).then(None).otherwise("query"),
        w=random.integers(1, 3, 800).astype(float),
    )
    schema = Schema((*SCHEMA.columns, Column("w", "number", "weight")))
    found = LightGbm(objective="rank", rounds=30).fit(
        Dataset(frame, schema), Dataset(frame[:0], schema), Budget(10.0), lambda row: None
    )
    assert ndcg(found, data) > ndcg(np.zeros(800), data) + 0.05
