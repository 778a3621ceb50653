"""Choosing forecasts: rolling origins, the budget, intervals, and one model in the end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.learn.forecast_series import future, halves, one, shops
from tests.learn.inline_engine import InlineEngine

from lingqu.core.errors import DataError, LingquError, TrainError
from lingqu.core.forecast_metrics import covered, mase, wql
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.predictions import Predictions
from lingqu.learn.choose import Choice
from lingqu.learn.forecast.backtest import backtest
from lingqu.learn.forecast.choose import choose_forecast
from lingqu.learn.forecast.intervals import widths
from lingqu.learn.forecast.reading import read
from lingqu.learn.forecast.seasonal_naive import SeasonalNaive
from lingqu.release.merge import merge
from lingqu.release.model import to_bytes
from lingqu.release.runner import predict_model

HORIZON = 7
DATA = shops()
TRAIN, TEST = halves(DATA, HORIZON)
QUICK = [("seasonal_naive", {}), ("recent_mean", {}), ("lag_linear", {}), ("theta", {})]


def chosen(
    folder: Path, data: Dataset = TRAIN, engine: InlineEngine | None = None, **more: Any
) -> Choice:
    engine = engine or InlineEngine()
    more = {"horizon": HORIZON, "budget_s": 100.0, "algorithms": QUICK, **more}
    return choose_forecast(data, engine=engine, scratch=folder, clock=engine.clock, **more)


def test_origins_roll_and_nothing_after_them_is_learned() -> None:
    reading = read(TRAIN, HORIZON)
    tested = backtest(TRAIN, reading)
    assert len(tested.folds.pairs) == 5 and tested.span == HORIZON
    dates = TRAIN.frame["date"].to_numpy()
    for (past, held), ahead in zip(tested.folds.pairs, tested.ahead, strict=True):
        assert dates[past].max() < dates[held].min() and len(held) == 3 * HORIZON
        assert sorted(set(ahead.tolist())) == list(range(1, HORIZON + 1))
    starts = [dates[held].min() for _, held in tested.folds.pairs]
    assert starts == sorted(starts, reverse=True) and len(set(starts)) == 5


def test_the_choice_is_one_model_with_intervals(tmp_path: Path) -> None:
    choice = chosen(tmp_path)
    assert choice.metric == "mase" and 0 < -choice.score < 0.9
    assert {line.state for line in choice.candidates} == {"done"}
    assert all(line.metric == "mase" for line in choice.candidates)
    assert choice.account["metric"] == "mase" and "mase" in choice.why[0]["en"]
    assert len(merge(choice.model).inputs) == 1  # one tensor for all members
    said = predict_model(choice.model, TEST.frame)
    assert said.low is not None and said.high is not None and said.units is not None
    assert (said.low <= said.labels).all() and (said.labels <= said.high).all()
    inside = covered(TEST.frame["sales"].to_numpy(), said)
    assert inside is not None and inside.mean() > 0.75
    assert "90%" in choice.notes[-1]["en"] and "滚动起点" in choice.notes[0]["zh"]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one_choice, two = chosen(tmp_path / "a"), chosen(tmp_path / "b")
    assert to_bytes(one_choice.model) == to_bytes(two.model)


def test_a_wider_interval_holds_more(tmp_path: Path) -> None:
    narrow, wide = (chosen(tmp_path / str(c), coverage=c) for c in (0.5, 0.95))
    ends = [predict_model(choice.model, TEST.frame) for choice in (narrow, wide)]
    spans = [(e.high - e.low).mean() for e in ends]  # type: ignore[operator]
    assert spans[0] < spans[1]
    assert (ends[0].labels == ends[1].labels).all()


def test_without_time_for_more_the_season_is_repeated(tmp_path: Path) -> None:
    engine = InlineEngine(seconds=dict.fromkeys(("recent_mean", "lag_linear", "theta"), 50.0))
    choice = chosen(tmp_path, engine=engine, budget_s=1.0)
    assert [m.algorithm for m in choice.model.members] == ["seasonal_naive"]
    assert engine.clock.now <= 1.05
    late = chosen(tmp_path / "b", engine=InlineEngine(seconds={"seasonal_naive": 50.0}),
                  budget_s=1.0, algorithms=QUICK[:1])  # fmt: skip
    assert [m.algorithm for m in late.model.members] == ["seasonal_naive"]


def test_a_crash_is_a_line_and_the_best_of_the_others_leads(tmp_path: Path) -> None:
    engine = InlineEngine(fails={"lag_linear": "crash", "theta": "memory"})
    choice = chosen(tmp_path, engine=engine)
    states = {line.name: line.state for line in choice.candidates}
    assert states["lag_linear"] == "failed" and states["theta"] == "memory"
    assert np.isfinite(predict_model(choice.model, TEST.frame).labels).all()


def test_members_that_were_never_refitted_start_from_the_end_too(tmp_path: Path) -> None:
    engine = InlineEngine(seconds={"theta": 30.0, "lag_linear": 1000.0, "recent_mean": 1000.0})
    choice = chosen(tmp_path, engine=engine, budget_s=70.0)
    said = predict_model(choice.model, future(TRAIN, HORIZON))
    assert np.isfinite(said.labels).all()  # a tail that ended a horizon earlier would be refused


@pytest.mark.parametrize("metric", ["rmse", "mae", "smape"])
def test_any_score_of_values_may_decide(tmp_path: Path, metric: str) -> None:
    choice = chosen(tmp_path, metric=metric, algorithms=QUICK[:2])
    assert choice.metric == metric and np.isfinite(choice.score)


def test_series_that_begin_late_or_stop_early_are_kept(tmp_path: Path) -> None:
    cut = dt.datetime(2024, 4, 10)
    some = TRAIN.frame.filter(
        ((pl.col("shop") != "s1") | (pl.col("date") > cut))
        & ((pl.col("shop") != "s2") | (pl.col("date") < cut))
    )
    choice = chosen(tmp_path, replace(TRAIN, frame=some))
    said = predict_model(choice.model, future(replace(TRAIN, frame=some), HORIZON))
    assert np.isfinite(said.labels).all()


def test_a_series_that_never_moves_has_a_narrow_interval_beside_others(tmp_path: Path) -> None:
    still = TRAIN.frame.filter(pl.col("shop") == "s0").with_columns(
        pl.lit("still").alias("shop"), pl.lit(800.0).alias("sales")
    )
    panel = replace(TRAIN, frame=pl.concat([TRAIN.frame, still]))
    asked = future(panel, HORIZON)
    said = predict_model(chosen(tmp_path, panel).model, asked)
    assert said.low is not None and said.high is not None
    here = (asked["shop"] == "still").to_numpy()
    assert np.abs(said.labels[here] - 800).max() < 1
    assert (said.high - said.low)[here].max() < 0.1 * 800
    moving = predict_model(chosen(tmp_path / "alone").model, asked.filter(~here))
    assert moving.low is not None and moving.high is not None
    ratio = (said.high - said.low)[~here] / (moving.high - moving.low)
    assert ratio.min() > 0.5 and ratio.max() < 2  # the others keep theirs


def test_a_large_series_that_ends_at_nothing_is_forecast() -> None:
    values = 1e6 * (1 + 0.3 * np.random.default_rng(0).standard_normal(30))
    data = one([*values.tolist(), 0.0])
    model = SeasonalNaive(horizon=3, season=1).fit(data, data, Budget(5.0), lambda row: None)
    ahead = pl.DataFrame({"date": [data.frame["date"][-1] + dt.timedelta(days=1)]})
    assert abs(predict_model(model, ahead).labels[0]) < 1


def test_a_short_series_is_backtested_on_fewer_steps(tmp_path: Path) -> None:
    choice = chosen(tmp_path, one([3.0, 5, 4, 6, 5, 7, 6, 8, 7, 9]), horizon=5)
    assert "not 5" in choice.notes[-1]["en"] and np.isfinite(choice.score)
    with pytest.raises(TrainError, match="longest series has 2"):
        chosen(tmp_path / "b", one([3.0, 5.0]), horizon=5)


def test_two_rows_for_a_time_are_refused_by_name(tmp_path: Path) -> None:
    double = replace(TRAIN, frame=TRAIN.frame.vstack(TRAIN.frame[3:4]))
    value = f"{TRAIN.frame['sales'][3]:g}"
    told = f"'s0' has two rows for one time: 2024-01-04, with the values {value}, {value}\\."
    with pytest.raises(DataError, match=told):
        chosen(tmp_path, double)
    alone = one([3.0, 5.0, 4.0, 6.0, 5.0])
    again = replace(alone, frame=alone.frame.vstack(alone.frame[1:2]))
    with pytest.raises(DataError, match="There are two rows for one time: 2024-01-02, with"):
        chosen(tmp_path, again)


def test_where_gaps_are_refused_the_error_says_so(tmp_path: Path) -> None:
    holes = TRAIN.frame.filter(pl.col("date") != dt.datetime(2024, 2, 1))
    refused = "lacks 1 of .* at 2024-02-01, and `train.gaps` is 'refuse'"
    with pytest.raises(DataError, match=refused):
        chosen(tmp_path, replace(TRAIN, frame=holes), gaps="refuse")


def test_what_cannot_forecast_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LingquError, match="'ridge'"):
        chosen(tmp_path, algorithms=[("ridge", {})])


@given(st.integers(0, 10_000), st.floats(0.5, 0.95))
@settings(max_examples=20, deadline=None)
def test_widths_hold_their_share_of_errors_like_those_seen(seed: int, coverage: float) -> None:
    random = np.random.default_rng(seed)
    steps = np.tile(np.arange(1, 6), 200)
    errors = random.standard_normal(1000) * steps
    ends = widths(errors, steps, 8, coverage)
    assert (np.diff(ends.above) >= -1e-9).all() and len(ends.above) == 8
    inside = (errors >= -ends.below[steps - 1]) & (errors <= ends.above[steps - 1])
    assert abs(inside.mean() - coverage) < 0.03


def test_few_errors_widen_both_sides_alike() -> None:
    ends = widths(np.array([1.0, -3.0, 2.0]), np.array([1, 2, 3]), 3, 0.9)
    assert (ends.below == ends.above).all() and ends.errors == 3


def test_scores_of_forecasts_are_those_of_their_definitions() -> None:
    y = np.array([10.0, 20.0])
    said = Predictions(
        np.array([12.0, 16.0]), low=np.array([5.0, 17.0]), high=np.array([15.0, 30.0])
    )
    weights = np.ones((1, 2))
    assert np.isnan(mase(y, said, 1, weights)).all()
    assert mase(y, replace(said, units=np.array([2.0, 4.0])), 1, weights)[0] == 1.0
    inside = covered(y, said)
    assert inside is not None and inside.tolist() == [True, True]
    # Quantile losses by hand: at 5 %: .05·5 + .05·3, at 50 %: .5·2 + .5·4, at 95 %: .05·5 + .05·10.
    assert wql(y, said, 0.9) == pytest.approx(2 * (0.4 + 3.0 + 0.75) / 3 / 30)
    assert np.isnan(wql(y, Predictions(y), 0.9)) and np.isnan(wql(np.zeros(2), said, 0.9))
