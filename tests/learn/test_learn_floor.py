"""A threshold that keeps a floor: on rows it was not set on, and else the best one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import chosen

from lingqu.core.errors import SpecError
from lingqu.core.floors import Floor, floor_of, parse_optimise, tunes
from lingqu.core.metrics import wilson
from lingqu.core.nouns import Dataset
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.core.spec import Channel
from lingqu.learn.floor import cut_keeping, keeping
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

CLASSES = ("no", "yes")
CHANNEL = "channel: a\ndata: a.csv\ntrain: {{task: {task}, target: y, optimise: {wish}}}\n"


def drawn(seed: int, rows: int, share: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Draw truth, and a chance that is calibrated enough to err in both directions."""
    random = np.random.default_rng(seed)
    y = (random.random(rows) < share).astype(np.int64)
    return y, 1 / (1 + np.exp(-(2.2 * y - 1.1 + random.normal(0, 1, rows))))


def table(seed: int, rows: int) -> Dataset:
    random = np.random.default_rng(seed)
    y = random.random(rows) < 0.35
    columns = {"a": y * 2.0 + random.normal(0, 1, rows), "b": random.normal(0, 1, rows)}
    frame = pl.DataFrame({**columns, "y": np.where(y, "yes", "no")})
    roles = Column("a", "number"), Column("b", "number")
    return Dataset(frame, Schema((*roles, Column("y", "category", "target", levels=CLASSES))))


@pytest.mark.parametrize(
    "written",
    ["threshold(recall >= 0.95)", "threshold( recall>=95% )", {"threshold": "recall >= 0.95"}],
)
def test_a_floor_is_written_in_a_few_ways(written: object) -> None:
    assert parse_optimise(written) == "threshold(recall >= 0.95)"
    found = Channel.parse(
        CHANNEL.format(task="classify", wish="[calibrate, threshold: recall >= 0.95]")
    )
    assert found.train.optimise == ("calibrate", "threshold(recall >= 0.95)")
    assert tunes(found.train.optimise) and floor_of(found.train.optimise) == Floor("recall", 0.95)
    assert floor_of(["calibrate", "threshold"]) is None and tunes(["threshold"])


@pytest.mark.parametrize(
    ("task", "wish", "said"),
    [
        ("classify", "[treshold]", "threshold(recall >= 0.95)"),
        ("classify", "['threshold(roc_auc >= 0.9)']", "precision, specificity"),
        ("classify", "['threshold(recall <= 0.9)']", "`>=`"),
        ("classify", "['threshold(recall >= 1.5)']", "below 1"),
        ("classify", "['threshold(recall >= 0.9 and precision >= 0.5)']", "one comparison"),
        ("classify", "[threshold, 'threshold(recall >= 0.9)']", "more than one threshold"),
        ("regress", "['threshold(recall >= 0.9)']", "task: classify"),
    ],
)
def test_what_is_no_floor_is_refused_before_anything_runs(task: str, wish: str, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        Channel.parse(CHANNEL.format(task=task, wish=wish))
    assert said in str(refused.value)


@pytest.mark.parametrize("measure", ["recall", "precision", "specificity"])
def test_the_floor_holds_on_other_rows(measure: str) -> None:
    kept = 0
    for seed in range(40):
        y, chance = drawn(seed, 1200)
        found = keeping(y, chance, Floor(measure, 0.85), "roc_auc")
        assert found.how == "sure" and found.low >= 0.85
        fresh, said = drawn(seed + 1000, 50_000)
        said = said >= found.at
        shares = {
            "recall": said[fresh == 1].mean(),
            "precision": fresh[said].mean(),
            "specificity": 1 - said[fresh == 0].mean(),
        }
        kept += shares[measure] >= 0.85
    assert kept >= 37  # the interval promises 39 of 40 of a threshold that was not chosen


def test_among_thresholds_that_keep_it_the_best_is_taken() -> None:
    y, chance = drawn(3, 2000)
    floor = Floor("recall", 0.8)
    found = keeping(y, chance, floor, "recall")
    higher = np.sort(chance[(y == 1) & (chance > found.at)])[0] + 1e-9
    hits = (chance[y == 1] >= higher).sum()
    assert wilson(float(hits), int(y.sum()))[0] < 0.8 <= found.low  # one row more breaks it
    free = keeping(y, chance, Floor("recall", 0.2), "f1")
    grid = np.unique(chance)
    best = max(2 * (y[chance >= t]).sum() / (y.sum() + (chance >= t).sum()) for t in grid)
    said = chance >= free.at
    assert 2 * y[said].sum() / (y.sum() + said.sum()) == pytest.approx(best)


def test_few_rows_and_impossible_floors_are_told_as_such() -> None:
    y, chance = np.array([0] * 30 + [1] * 8), np.r_[np.linspace(0, 0.6, 30), np.linspace(0.5, 1, 8)]
    few = keeping(y, chance, Floor("recall", 0.95), "roc_auc")
    assert few.how == "measured" and few.value == 1.0 and few.low < 0.95
    random = np.random.default_rng(0)
    y, chance = (random.random(900) < 0.3).astype(np.int64), random.random(900)
    never = keeping(y, chance, Floor("precision", 0.9), "roc_auc")
    assert never.how == "missed" and never.value < 0.9
    said = Predictions(
        (chance >= 0.5).astype(np.int64), np.column_stack([1 - chance, chance]), CLASSES
    )
    assert not cut_keeping(y, said, Floor("precision", 0.9), "recall").labels.any()
    values = Predictions(chance)
    assert cut_keeping(y, values, Floor("precision", 0.9), "recall") is values


@pytest.mark.parametrize("metric", ["roc_auc", "recall", "precision"])
def test_the_released_model_keeps_it(metric: str, tmp_path: Path) -> None:
    wish = [("logistic", {})]
    found = chosen(table(0, 700), tmp_path, metric=metric, algorithms=wish,
                   optimise=["threshold(recall >= 0.9)"])  # fmt: skip
    fresh = table(9, 4000)
    said = predict_model(found.model, fresh.frame).labels
    y = targets(fresh, "classify")[0]
    assert 0.9 <= said[y == 1].mean() < 0.99 and said[y == 0].mean() < 0.5
    assert [member.algorithm for member in found.model.members] == ["logistic"]
    assert "recall >= 0.9" in found.notes[-1]["en"] and "下限" not in found.notes[-1]["en"]
    assert "守住 recall >= 0.9" in found.notes[-1]["zh"]


def test_a_floor_needs_two_classes(tmp_path: Path) -> None:
    three = table(1, 90)
    frame = three.frame.with_columns(y=pl.Series(["no", "yes", "maybe"] * 30))
    schema = three.schema.updated("y", levels=("maybe", "no", "yes"))
    with pytest.raises(SpecError, match="needs two classes; the target has 3: maybe, no, yes"):
        chosen(Dataset(frame, schema), tmp_path, optimise=["threshold(recall >= 0.9)"])
