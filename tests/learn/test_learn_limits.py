"""Limits as constraints of the choice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes, values

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.learn.limits import Groups, Limits, measured

BOTH = [("logistic", {}), ("lightgbm", {"rounds": 120})]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("latency <= 1 ms and size <= 2 MB", "one comparison"),
        ("roc_auc >= 0.8", "not about something"),
        ("fairness.gap <= 0.1", "not about something"),
        ("latency 1 ms", "limit|rule|expected"),
        ("latency <= 1 MB", "ms"),
    ],
)
def test_limits_that_mean_nothing_are_refused(written: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        Limits.parse([written])


def test_a_limit_is_named_with_what_was_measured() -> None:
    limits = Limits.parse(["latency <= 1 ms", "latency.many <= 500 ms", "memory <= 300 MB"])
    facts = {"latency_ms": 0.4, "latency.many_s": 0.9, "memory_mb": 12.0}
    assert str(limits.broken(facts)) == "breaks the limit latency.many_s <= 0.5: 0.9"
    assert limits.broken({}) == "" and limits.of_models and limits.columns == ()


def test_a_model_is_measured_as_it_is_served(tmp_path: Path) -> None:
    table = classes()
    facts = measured(chosen(table, tmp_path).model, table.frame)
    assert facts["size_mb"] > 0 and facts["memory_mb"] >= facts["size_mb"]
    assert 0 < facts["latency_ms"] < 1e3 * facts["latency.many_s"]


def test_what_is_too_large_is_not_chosen_and_says_why(tmp_path: Path) -> None:
    free = chosen(classes(), tmp_path / "a", 500.0, algorithms=BOTH)
    tight = chosen(classes(), tmp_path / "b", 500.0, algorithms=BOTH, limits=["size <= 10 KB"])
    assert free.model.members
    (line,) = [line for line in tight.candidates if line.name == "lightgbm"]
    assert line.weight == 0 and "breaks the limit size_mb <= 0.01" in line.reason
    assert "超出限制" in line.reason_zh and "breaks" not in line.reason_zh
    assert {member.algorithm for member in tight.model.members} == {"logistic"}
    assert "Within the limits: size_mb" in tight.notes[-1]["en"]


def test_an_ensemble_gives_way_to_less_of_itself(tmp_path: Path) -> None:
    wish = [("lightgbm", {"rounds": 60}), ("lightgbm", {"rounds": 60, "extra_random": True})]
    free = chosen(values(), tmp_path / "a", 500.0, algorithms=wish, size="accurate")
    total = sum(len(member.graph) for member in free.model.members)
    each = max(len(member.graph) for member in free.model.members)
    limit = f"size <= {1.6 * each / 1e6} MB"
    tight = chosen(
        values(), tmp_path / "b", 500.0, algorithms=wish, size="accurate", limits=[limit]
    )
    assert total > 3 * each > 1.9 * sum(len(member.graph) for member in tight.model.members)
    assert any("breaks the limit" in note["en"] for note in tight.notes)


def test_a_limit_that_nothing_keeps_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"No model keeps the limits.*size_mb"):
        chosen(classes(), tmp_path, limits=["size <= 10 B"])


def test_a_score_of_ones_own_decides(tmp_path: Path) -> None:
    path = "tests.learn.own_metric:second_class_found"
    result = chosen(classes(k=2), tmp_path / "a", metric=path)
    assert result.metric == path and 0 < result.score <= 1
    worse = chosen(classes(k=2), tmp_path / "b", metric="tests.learn.own_metric:missed")
    assert -1 < worse.score <= 0
    for wrong in ("tests.learn.own_metric:nothing", "no.such:thing", "json:__doc__"):
        with pytest.raises(SpecError, match="cannot be used"):
            chosen(classes(), tmp_path / "c", metric=wrong)


def unfair(n: int = 400) -> Dataset:
    """One column tells the group, which explains most of the target; another is fair."""
    random = np.random.default_rng(0)
    sex = random.integers(0, 2, n)
    skill = random.normal(0, 1, n)
    y = (skill + 1.5 * sex + random.normal(0, 0.5, n)) > 0.75
    frame = pl.DataFrame({
        "skill": skill, "hint": sex + random.normal(0, 0.1, n),
        "sex": np.where(sex == 1, "m", "f"), "y": np.where(y, "yes", "no"),
    })  # fmt: skip
    columns = (
        Column("skill", "number"), Column("hint", "number"), Column("sex", "category", "protected"),
        Column("y", "category", "target", levels=("no", "yes")),
    )  # fmt: skip
    return Dataset(frame, Schema(columns), "unfair")


def test_a_gap_between_groups_bars_what_has_it(tmp_path: Path) -> None:
    free = chosen(unfair(), tmp_path / "a", 500.0, metric="accuracy")
    fair = chosen(
        unfair(), tmp_path / "b", 500.0, metric="accuracy", limits=["fairness.gap(sex) <= 0.05"]
    )
    groups = Groups(unfair(), Limits.parse(["fairness.gap(sex) <= 0.05"]))
    gaps = [groups.facts(one.predictions, one.rows)["fairness.gap(sex)"] for one in (free, fair)]
    assert gaps[0] > 0.3 and gaps[1] <= 0.05
    assert fair.score < free.score


def test_gaps_are_those_of_the_check() -> None:
    table = unfair()
    groups = Groups(
        table, Limits.parse(["fairness.gap(sex) <= 1", "fairness.accuracy_gap(sex) <= 1"])
    )
    labels = (table.frame["sex"] == "m").to_numpy().astype(np.int64)
    said = Predictions(labels, np.eye(2)[labels], ("no", "yes"))
    facts = groups.facts(said, np.arange(len(table)))
    assert facts["fairness.gap(sex)"] == 1.0
    few = np.flatnonzero(labels)[:40]
    assert groups.facts(Predictions(labels[few], classes=("no", "yes")), few) == {}


def test_a_column_that_is_not_there_is_refused_before_any_work(tmp_path: Path) -> None:
    engine = InlineEngine()
    for more in (
        {"limits": ["fairness.gap(town2) <= 0.1"]},
        {"monotone": {"town": "increasing"}},
        {"monotone": {"a": "upwards"}},
    ):
        with pytest.raises(SpecError):
            chosen(classes(), tmp_path, engine=engine, **more)
    assert engine.ran == []


def test_what_cannot_promise_monotony_is_left_out(tmp_path: Path) -> None:
    wish = [("k_neighbours", {}), ("ridge", {})]
    result = chosen(values(), tmp_path, algorithms=wish, monotone={"a": "increasing"})
    line = next(line for line in result.candidates if line.name == "k_neighbours")
    assert line.state == "skipped" and "only rise or fall with a" in line.reason
