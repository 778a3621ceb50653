"""A quantile is asked for by the score: learners fit it or are moved to it, and it is checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import chosen

from lingqu.check.metrics import Metrics
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.learn.portfolio import portfolio
from lingqu.learn.shift import share_of
from lingqu.release.runner import predict_model

SCHEMA = Schema((Column("a", "number"), Column("b", "number"), Column("y", "number", "target")))


def waits(rows: int, seed: int) -> Dataset:
    """Draw waiting times whose spread grows with `b`: a mean moved by a constant misses that."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=rows), random.random(rows)
    y = 10 + 2 * a + (0.2 + 6 * b) * random.exponential(size=rows)
    return Dataset(pl.DataFrame({"a": a, "b": b, "y": y}), SCHEMA, "values")


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_means_are_moved_to_the_quantile(share: float, tmp_path: Path) -> None:
    metric = f"pinball({share})"
    found = chosen(waits(900, 1), tmp_path, metric=metric, algorithms=[("ridge", {})], folds=3)
    fresh = waits(6000, 2)
    y, said = fresh.frame["y"].to_numpy(), predict_model(found.model, fresh.frame)
    assert abs((y <= said.labels).mean() - share) < 0.03
    assert -found.score == pytest.approx(score(metric, y, said), rel=0.1)
    assert f"{share}" in found.notes[-1]["en"] and "落在其下" in found.notes[-1]["zh"]
    one = predict_model(found.model, fresh.frame[:1])
    assert one.labels[0] == pytest.approx(said.labels[0], abs=1e-4)


def test_a_learner_of_the_quantile_wins_where_spread_differs(tmp_path: Path) -> None:
    wish = [("ridge", {}), ("lightgbm", {}), ("lightgbm", {"objective": "quantile", "alpha": 0.9})]
    found = chosen(waits(2500, 3), tmp_path, metric="pinball(0.9)", algorithms=wish, folds=2)
    lines = {line.name: line.score for line in found.candidates}
    assert lines["lightgbm#2"] > lines["lightgbm"] > lines["constant"]  # type: ignore[operator]
    assert max(found.history[-1]["members"].items(), key=lambda item: item[1])[0] == "lightgbm#2"
    fresh = waits(6000, 4)
    y, said = fresh.frame["y"].to_numpy(), predict_model(found.model, fresh.frame)
    assert abs((y <= said.labels).mean() - 0.9) < 0.025


def test_the_learner_of_quantiles_is_tried_unasked() -> None:
    entries = portfolio(waits(900, 1), "regress", 60, metric="pinball(0.9)")
    options = {entry.variant: entry.options for entry in entries}
    assert options["lightgbm quantile"]["alpha"] == 0.9
    assert share_of("pinball") == 0.5 and share_of("my:score") is None and share_of("") is None


def test_the_check_counts_what_lies_below() -> None:
    data = waits(500, 5)
    y = data.frame["y"].to_numpy()
    said = Predictions(np.full(500, np.quantile(y, 0.8)))
    subject = Subject("gate", "regress", SCHEMA, test=data, predictions=said)
    found = {f.subject: f for f in Metrics(also=["pinball(0.9)"]).look(subject)}
    below = found["share_below(0.9)"]
    assert below.value == pytest.approx(0.8, abs=0.01)
    assert below.high is not None and below.high < 0.9  # 0.8 is surely not 0.9 on 500 rows
    assert "share_below" not in {f.measure for f in Metrics().look(subject)}
