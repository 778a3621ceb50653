"""Weights of forecasts where held-out values are few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.learn.forecast_series import future, halves, one, shops
from tests.learn.inline_engine import InlineEngine

from lingqu.core.nouns import Model
from lingqu.core.predictions import Predictions
from lingqu.learn.candidate import Fit
from lingqu.learn.choose import Choice
from lingqu.learn.folds import Folds
from lingqu.learn.forecast.backtest import COUNT
from lingqu.learn.forecast.choose import choose_forecast
from lingqu.learn.forecast.steady import LEAST, METHODS, Steady
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import Entry
from lingqu.learn.standings import Standings
from lingqu.release.runner import predict_model

SPAN = 6
NAMED = [("seasonal_naive", {}), ("drift", {}), ("theta", {}), ("ets", {}), ("lag_linear", {})]
Floats = NDArray[np.float64]


def standings(errors: Mapping[str, Floats], series: int = 1) -> Standings:
    """Candidates whose answers miss a truth of 10 by `errors`, one number for each held-out row.

    Rows lie series by series; each origin holds the next `SPAN` rows of every series.
    """
    count = len(next(iter(errors.values())))
    length = count // series
    starts = np.arange(series) * length
    pairs = []
    for origin in range(length // SPAN):
        held = (starts[:, None] + origin * SPAN + np.arange(SPAN)).ravel()
        pairs.append((np.zeros(1, dtype=np.int64), held.astype(np.int64)))
    lanes = {name: Lane(Entry(name, name)) for name in errors}
    for name, lane in lanes.items():
        for fold, (_, held) in enumerate(pairs):
            said = Predictions(10.0 + errors[name][held])
            lane.fits[fold] = Fit(Model("forecast", (), ()), said)
    made = Standings(lanes, Folds("origins", tuple(pairs), len(pairs)), np.full(count, 10.0), "mae")
    made.settle = Steady(np.repeat(np.arange(series), length))
    return made


def settled(errors: Mapping[str, Floats], series: int = 1) -> tuple[Mapping[str, float], Steady]:
    made = standings(errors, series)
    made.update(0.0)
    assert isinstance(made.settle, Steady)
    return made.weights, made.settle


def noise(seed: int, size: float, count: int = 5 * SPAN) -> Floats:
    """Errors whose sizes differ, and whose signs turn from row to row in step with each other."""
    signs = np.where(np.arange(count) % 2, 1.0, -1.0)
    return size * signs * (1 + 0.5 * np.random.default_rng(seed).random(count))


def test_few_origins_leave_most_to_the_average() -> None:
    # From origin to origin it is much better, or worse: less on the whole, but that may be luck.
    lucky = np.repeat([0.2, 2.4, 0.3, 0.3, 1.2], SPAN)
    errors = {"theta": noise(0, 1.0), "ets": noise(1, 2.0), "drift": lucky * noise(2, 1.0)}
    weights, steady = settled(errors)
    assert steady.seen is not None and steady.seen.share == LEAST and steady.seen.how == "few"
    average = steady.seen.average
    assert set(average) == {"theta", "ets"}  # drift is no method that seldom fails
    # Weights fall with the square of the error.
    sizes = {name: float(np.abs(errors[name]).mean()) for name in average}
    ratio = average["theta"] / average["ets"]
    assert ratio == pytest.approx((sizes["ets"] / sizes["theta"]) ** 2)
    assert weights["ets"] >= (1 - LEAST) * average["ets"] - 1e-12
    assert sum(weights.values()) == pytest.approx(1.0)


def test_what_is_better_by_more_than_chance_gets_more() -> None:
    count = 5 * 8 * SPAN
    errors = {"theta": noise(0, 3.0, count), "ets": noise(1, 3.0, count)}
    weights, steady = settled({**errors, "lag_trees": noise(2, 0.3, count)}, series=8)
    assert steady.seen is not None and steady.seen.how == "moved"
    assert steady.seen.stretches == 40 and steady.seen.gain > 3 * steady.seen.error
    assert weights["lag_trees"] > 0.9


def test_many_stretches_that_differ_by_chance_move_nothing() -> None:
    count = 5 * 8 * SPAN
    errors = {name: noise(seed, 1.0, count) for seed, name in enumerate(("theta", "ets", "drift"))}
    _, steady = settled(errors, series=8)
    assert steady.seen is not None and (steady.seen.how, steady.seen.share) == ("least", LEAST)
    assert steady.seen.gain < 3 * steady.seen.error


@pytest.mark.parametrize("origins", [1, 2, 5, 8])
def test_what_wins_at_few_origins_gets_a_part_for_each(origins: int) -> None:
    count = origins * SPAN
    errors = {"theta": noise(0, 3.0, count), "ets": noise(1, 3.0, count)}
    weights, steady = settled({**errors, "drift": noise(2, 0.1, count)})
    assert steady.seen is not None and (steady.seen.how, steady.seen.stretches) == ("few", origins)
    assert weights["drift"] == pytest.approx(LEAST * min(1.0, origins / COUNT))


def test_one_steady_method_is_no_average() -> None:
    weights, steady = settled({"theta": noise(0, 3.0), "drift": noise(1, 1.0)})
    assert steady.seen is None and weights == {"drift": 1.0}


def test_weights_are_not_moved_twice() -> None:
    made = standings({"theta": noise(0, 1.0), "ets": noise(1, 1.5), "drift": noise(2, 0.9)})
    made.update(0.0)
    first, changes = made.leader, len(made.history)
    for _ in range(3):
        made.update(1.0)
    assert made.leader == first and len(made.history) == changes == 1


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_weights_sum_to_one_and_are_never_below_their_part_of_the_average(
    seed: int, origins: int, series: int
) -> None:
    random = np.random.default_rng(seed)
    count = origins * series * SPAN
    names = [*METHODS[: random.integers(1, 4)], "drift"]
    errors = {name: random.uniform(0.1, 3) * random.standard_normal(count) for name in names}
    weights, steady = settled(errors, series)
    assert sum(weights.values()) == pytest.approx(1.0) and min(weights.values()) > 0
    if steady.seen is not None:
        assert LEAST * min(1.0, steady.seen.stretches / COUNT) <= steady.seen.share <= 1
        for name, part in steady.seen.average.items():
            assert weights[name] >= (1 - steady.seen.share) * part - 1e-12


@pytest.fixture(scope="module")
def choice(tmp_path_factory: pytest.TempPathFactory) -> Choice:
    engine = InlineEngine()
    train = halves(shops(count=1, days=90), 7)[0]
    return choose_forecast(
        train, horizon=7, budget_s=100.0, engine=engine, algorithms=NAMED, clock=engine.clock,
        scratch=tmp_path_factory.mktemp("steady"),
    )  # fmt: skip


def test_the_average_stands_in_the_leaderboard_with_its_reason(choice: Choice) -> None:
    line = next(line for line in choice.candidates if line.name == "average")
    assert line.metric == "mase" and line.score is not None and line.folds == 5
    assert line.error is not None and line.gap is not None and line.gap_error is not None
    assert "inverse square" in line.reason and "theta" in line.reason
    scores = [one.score for one in choice.candidates if one.score is not None]
    assert scores == sorted(scores, reverse=True)
    told = [note for note in choice.notes if "held out: 5" in note["en"]]
    assert len(told) == 1 and "5 段" in told[0]["zh"]


def test_all_are_judged_on_all_origins_and_the_model_is_one(choice: Choice) -> None:
    assert {line.folds for line in choice.candidates} == {5}
    used = {member.algorithm: member.weight for member in choice.model.members}
    assert {"theta", "ets"} <= set(used)
    assert sum(used.values()) == pytest.approx(1.0)
    assert len({member.encoding["blocks"][0]["horizon"] for member in choice.model.members}) == 1
    train = halves(shops(count=1, days=90), 7)[0]
    said = predict_model(choice.model, future(train, 7))
    parts = [
        member.weight * predict_model(replace(choice.model, members=(replace(member, weight=1.0),)),
                                      future(train, 7)).labels
        for member in choice.model.members
    ]  # fmt: skip
    assert said.labels == pytest.approx(sum(parts), abs=1e-3)


def test_a_series_that_holds_one_origin_only_says_so(tmp_path: Path) -> None:
    engine = InlineEngine()
    short = one([3.0, 5, 4, 6, 5, 7, 6, 8, 7, 9, 8, 10])
    found = choose_forecast(
        short, horizon=3, budget_s=100.0, engine=engine, algorithms=NAMED[:4], clock=engine.clock,
        folds=1, scratch=tmp_path,
    )  # fmt: skip
    assert any("held out: 1" in note["en"] for note in found.notes)
