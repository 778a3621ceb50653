"""How many graphs are released, and from which rows and folds a choice learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes, rows, values

from lingqu.core.nouns import Member, Model
from lingqu.core.train_section import TrainSection
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.folds import Folds, make_folds
from lingqu.learn.repeats import FEW, TIMES, repeated
from lingqu.learn.sample import LEAST, sample
from lingqu.learn.size import GOALS, cost, encoder_cost
from lingqu.release.encode import targets
from lingqu.release.predictor import predict_model

BAG = [("lightgbm", {"rounds": 20})]


def test_matrices_cost_more_than_trees_of_the_same_size() -> None:
    few = Member("t", "t", 1.0, {"blocks": [{}]}, b"TreeEnsemble" + b"0" * 1_000_000)
    many = Member("w", "w", 1.0, {"blocks": [{}] * 80}, b"0" * 1_000_000)
    trees, matrix = (Fit(Model("regress", (), (member,)), None) for member in (few, many))
    for goal in GOALS.values():
        assert 0 < cost(trees, goal) < cost(matrix, goal)
        assert encoder_cost(few, goal) < encoder_cost(many, goal)
    assert cost(matrix, GOALS["small"]) > 1 > cost(trees, GOALS["balanced"])


def test_a_large_graph_waits_in_a_file_and_costs_the_same(tmp_path: Path) -> None:
    graph = b"TreeEnsemble" + b"0" * 1_000_000
    fit = Fit(Model("regress", (), (Member("t", "t", 1.0, {}, graph),)), None)
    away = fit.shelved(tmp_path / "graphs")
    assert away.model.members[0].graph == b"" and away.member == fit.member
    assert (away.size_mb, away.trees) == (fit.size_mb, True)
    assert cost(away, GOALS["balanced"]) == cost(fit, GOALS["balanced"])
    small = Fit(Model("regress", (), (Member("t", "t", 1.0, {}, b"little"),)), None)
    assert small.shelved(tmp_path) is small and len(list(tmp_path.rglob("*.onnx"))) == 1


def test_a_bag_is_kept_whole_halved_or_replaced_by_one_refit(tmp_path: Path) -> None:
    numbers = {}
    for size in ("accurate", "balanced", "small"):
        result = chosen(classes(), tmp_path / size, 500.0, algorithms=BAG, size=size)  # type: ignore[arg-type]
        numbers[size] = len(result.model.members)
        assert predict_model(result.model, classes().frame).probabilities is not None
    assert numbers["accurate"] == 15 > 5 >= numbers["balanced"] > numbers["small"]


@pytest.mark.parametrize("refit", [True, False])
def test_a_refit_is_made_when_asked_for_and_never_when_not(refit: bool, tmp_path: Path) -> None:
    engine = InlineEngine()
    result = chosen(
        classes(), tmp_path, 500.0, engine, algorithms=[*BAG, ("logistic", {})], refit=refit
    )
    leaders = {line.algorithm for line in result.candidates if line.weight > 0}
    for name in leaders:
        assert ((name, ALL) in engine.ran) == refit
    names = [member.name for member in result.model.members]
    assert all("." in name for name in names) != refit


def test_few_rows_are_divided_three_times_and_answer_as_one(tmp_path: Path) -> None:
    table = classes(n=90)
    result = chosen(table, tmp_path, 500.0)
    assert sorted(result.rows.tolist()) == list(range(90))
    assert any("15 of 15" in line.reason for line in result.candidates)
    y = targets(table, "classify")[0]
    one = make_folds(table, y, "classify")
    made = repeated(one, 90, lambda turn: make_folds(table, y, "classify", None, turn))
    assert (made.limit, made.base, made.whole) == (5 * TIMES, 5, 5)
    assert repeated(one, FEW, lambda turn: one) is one
    later = Folds("time", one.pairs, 5)
    assert repeated(later, 90, lambda turn: one) is later


def test_rows_that_no_budget_holds_are_sampled_and_rare_classes_kept() -> None:
    big = rows(classes(n=2000), np.resize(np.arange(2000), 120_000))
    small, kept = sample(big, "classify", 0.5, 1, 0)
    assert kept is not None and LEAST <= len(small) < 120_000 and len(kept) == len(small)
    assert small.frame.equals(big.frame[kept])
    again = sample(big, "classify", 0.5, 1, 0)[1]
    assert again is not None and np.array_equal(kept, again)
    assert sample(big, "classify", 600.0, 2, 0)[1] is None
    assert sample(values(), "regress", 0.01, 1, 0)[1] is None  # few rows are never left out


def test_a_sample_is_said_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    big = rows(values(n=500), np.resize(np.arange(500), 60_000))
    engine = InlineEngine(seconds={"ridge": 0.02})
    result = chosen(big, tmp_path, 0.3, engine, algorithms=[("ridge", {})])
    assert "random sample" in result.notes[1]["en"] and "随机抽取" in result.notes[1]["zh"]
    assert result.rows.max() > len(result.rows)


def section(**train: Any) -> TrainSection:
    return TrainSection.model_validate({"task": "classify", "target": "y", **train})


def test_the_channel_takes_the_wishes_and_refuses_what_is_none() -> None:
    found = section(limits=["latency <= 1 ms"], size="small", monotone={"age": "increasing"})
    assert found.limits == ("latency_ms <= 1",) and found.size == "small"
    assert section().size == "balanced" and section().refit is None
    for wrong in (
        {"limits": ["accuracy > 1"]},
        {"size": "tiny"},
        {"monotone": {"age": "up"}},
        {"task": "forecast", "horizon": 3, "size": "small"},
    ):
        with pytest.raises(ValidationError):
            section(**wrong)
