"""How many graphs are released, and from which rows and folds a choice learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes, rows, values

from lingqu.core.nouns import Member, Model
from lingqu.core.predictions import Predictions
from lingqu.core.train_section import TrainSection
from lingqu.learn.candidate import ALL, Fit, noted
from lingqu.learn.effort import effort_s, steps_of
from lingqu.learn.folds import Folds, make_folds
from lingqu.learn.goals import GOALS, cost, encoder_cost
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import Entry
from lingqu.learn.repeats import FEW, TIMES, repeated
from lingqu.learn.sample import LEAST, sample
from lingqu.learn.size import Size
from lingqu.learn.standings import Leader, Standings
from lingqu.learn.tabular.graph import graph
from lingqu.learn.tabular.trees import AT_MOST, LEAF, Tree, ensemble
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

BAG = [("lightgbm", {"rounds": 20})]


def matrix(numbers: int) -> bytes:
    steps: list[Any] = [("MatMul", ["x", "weight"], ["values"], {})]
    return graph(steps, {"weight": np.ones((numbers, 1))}, numbers, "values")


def trees(count: int, depth: int) -> bytes:
    """Return even trees: every leaf lies `depth` comparisons deep."""
    inner, every = 2**depth - 1, 2 ** (depth + 1) - 1
    mode = np.where(np.arange(every) < inner, AT_MOST, LEAF)
    next_ = np.where(mode == LEAF, 0, 2 * np.arange(every) + 1)
    nothing = np.zeros(every)
    one = Tree(mode, nothing.astype(int), nothing, next_, next_ + (mode != LEAF), nothing > 0,
               nothing)  # fmt: skip
    return graph([ensemble([one] * count, 1, "values")], {}, 1, "values")


def fit_of(data: bytes, blocks: tuple[str, ...] = ("numbers",)) -> Fit:
    encoding = {"blocks": [{"type": kind} for kind in blocks]}
    return Fit(noted(Model("regress", (), (Member("m", "m", 1.0, encoding, data),))), None)


def test_trees_cost_by_their_depth_and_matrices_by_their_numbers() -> None:
    assert effort_s(trees(10, 8)) == pytest.approx(
        1.5 * effort_s(trees(10, 5))
    )  # 9 and 6 nodes a row
    assert effort_s(trees(20, 5)) == pytest.approx(2 * effort_s(trees(10, 5)))
    assert effort_s(matrix(2000)) == pytest.approx(2 * effort_s(matrix(1000)))
    deep, wide = trees(10, 11), matrix(100_000)
    assert len(wide) < len(deep) and 20 * effort_s(deep) < effort_s(wide)
    for goal in GOALS.values():
        assert 0 < cost(fit_of(deep), goal)[0] < cost(fit_of(wide), goal)[0]
    assert cost(fit_of(matrix(500_000)), GOALS["small"]).max() > 1


def test_columns_cost_something_and_categories_side_by_side_little() -> None:
    kinds = [("numbers",), ("numbers", *["ordinal"] * 30), ("numbers", *["facts"] * 30)]
    members = [fit_of(matrix(1), each).model.members[0] for each in kinds]
    few, looked_up, made = (encoder_cost(each, GOALS["balanced"])[1] for each in members)
    assert few < looked_up < 3 * few < made


def test_one_row_waits_for_each_step_of_a_graph_and_many_rows_do_not() -> None:
    step: tuple[Any, ...] = ("Relu", ["x"], ["y"], {})
    more: list[Any] = [("Relu", [f"y{i}" if i else "x"], [f"y{i + 1}"], {}) for i in range(50)]
    short, long = graph([step], {}, 1, "y"), graph(more, {}, 1, "y50")
    assert (steps_of(short), steps_of(long)) == (1, 50)
    few, many = cost(fit_of(short), GOALS["balanced"]), cost(fit_of(long), GOALS["balanced"])
    assert many[1] > 20 * few[1] and many[0] == few[0]


def test_folds_that_read_columns_alike_share_an_encoder() -> None:
    def kept(*readings: int) -> int:
        fit = replace(fit_of(matrix(1), ("facts",) * 25), predictions=Predictions(NOISE[0]))
        (member,) = fit.model.members
        told = [{**member.encoding, "mean": value} for value in readings]
        read = [replace(fit.model, members=(replace(member, encoding=one),)) for one in told]
        fits = {fold: replace(fit, model=model) for fold, model in enumerate(read)}
        folds = Folds("random", ((np.arange(0), np.arange(ROWS)),), 1)
        standings = Standings({"a": Lane(Entry("a", "a"), fits)}, folds, np.zeros(ROWS), "rmse")
        return len(Size("balanced", cores=1).parts(standings, {"a": 1.0})[0][0].fits)

    assert kept(1, 1, 1, 1, 1) == 5
    assert kept(1, 2, 3, 4, 5) == 1


def test_kernels_and_neighbours_are_released_as_a_bag(tmp_path: Path) -> None:
    for name in ("rbf_svm", "k_neighbours"):
        engine = InlineEngine()
        result = chosen(classes(), tmp_path / name, 500.0, engine, algorithms=[(name, {})])
        assert len(result.model.members) == 5 and (name, ALL) not in engine.ran


def test_a_large_graph_waits_in_a_file_and_costs_the_same(tmp_path: Path) -> None:
    fit = fit_of(matrix(20_000))
    away = fit.shelved(tmp_path / "graphs")
    assert away.model.members[0].graph == b"" and away.member == fit.member
    assert away.size_mb == fit.size_mb
    assert np.array_equal(cost(away, GOALS["balanced"]), cost(fit, GOALS["balanced"]))
    small = fit_of(matrix(9))
    assert small.shelved(tmp_path) is small and len(list(tmp_path.rglob("*.onnx"))) == 1


def left_out(errors: dict[str, np.ndarray], sizes: dict[str, int]) -> tuple[str, ...]:
    """Return which members `balanced` leaves out, by their errors and the numbers of each graph."""
    folds = Folds("random", ((np.arange(0), np.arange(ROWS)),), 1)
    lanes = {}
    for name, error in errors.items():
        fit = replace(fit_of(matrix(sizes[name])), predictions=Predictions(error))
        lanes[name] = Lane(Entry(name, name), {0: fit})
    standings = Standings(lanes, folds, np.zeros(ROWS), "rmse")
    standings.leader = Leader(dict.fromkeys(errors, 1 / len(errors)), 1, (0.0, 0.0))
    parts, left = Size("balanced", cores=1).parts(standings, standings.leader.weights)
    assert {part.lane.name for part in parts} == errors.keys() - set(left)
    return left


ROWS = 4000
NOISE = np.random.default_rng(0).normal(size=(3, ROWS))


def test_the_dear_member_goes_though_a_cheap_one_would_lose_less() -> None:
    usual = NOISE[0] + 5.0
    members = {"dear": usual - 0.001, "cheap": usual, "other": usual}
    numbers = {"dear": 300_000, "cheap": 10, "other": 10}
    assert left_out(members, numbers) == ("dear",)
    assert left_out(members, dict.fromkeys(members, 10)) == ()


def test_what_might_be_lost_by_chance_is_kept() -> None:
    dear = dict(zip(("one", "two"), (300_000, 10), strict=True))
    alike = {"one": NOISE[0], "two": NOISE[0]}
    assert left_out(alike, dear) == ("one",)
    # By these rows the second is as good alone as with the first, but other rows may say else.
    a, b, c = (float(np.mean(x * y)) for x, y in ((NOISE[0],) * 2, (NOISE[1],) * 2, NOISE[:2]))
    scale = (c + np.sqrt(c * c + 3 * a * b)) / (3 * b)
    apart = {"one": NOISE[0], "two": NOISE[1] * scale}
    assert left_out(apart, dear) == ()


def test_who_weighs_more_keeps_more_folds_and_a_refit_stands_for_two() -> None:
    fold = replace(fit_of(matrix(30_000)), predictions=Predictions(NOISE[0]))
    refit = replace(fold, predictions=None)
    lanes = {name: Lane(Entry(name, name), dict.fromkeys(range(5), fold)) for name in "ab"}
    folds = Folds("random", ((np.arange(0), np.arange(ROWS)),), 1)
    standings = Standings(lanes, folds, np.zeros(ROWS), "rmse")

    def kept(weight: float) -> list[int]:
        parts, _ = Size("balanced", cores=1).parts(standings, {"a": weight, "b": 1 - weight})
        return [len(part.fits) for part in parts]

    assert 10 * cost(fold, GOALS["balanced"]).max() > 1
    more, less = kept(0.8)
    assert more > less and kept(0.2) == [less, more]
    for lane in lanes.values():
        lane.fits[ALL] = refit
    single = Size("balanced", cores=1).parts(standings, {"a": 0.8, "b": 0.2})[0][1]
    assert single.fits == (refit,)


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
