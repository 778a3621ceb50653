"""Series of several columns, their sums, and quantiles: what fits together and what is refused."""

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
from tests.learn.forecast_series import START
from tests.learn.inline_engine import InlineEngine

from lingqu.core.errors import DataError
from lingqu.core.forecast_metrics import below, wql
from lingqu.core.nouns import Dataset
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.flow.forecast_rows import aligned
from lingqu.learn.assemble import Choice
from lingqu.learn.forecast.choose import choose_forecast
from lingqu.learn.forecast.intervals import widths
from lingqu.learn.forecast.reconcile import Held, cohere
from lingqu.release.answers import columns
from lingqu.release.blocks import REQUEST
from lingqu.release.runner import Runner, predict_model
from lingqu.release.series.coherent import added_up, projection
from lingqu.release.series.history import keys_of
from lingqu.release.series.sums import Sums, refuse_unclear, with_sums

HORIZON, DAYS = 7, 80
LEAVES = (("north", "a"), ("north", "b"), ("south", "a"))


def stores(days: int = DAYS) -> Dataset:
    """Sales of three stores in two regions; stores of two regions share a name."""
    random, rows = np.random.default_rng(3), []
    for place, (region, store) in enumerate(LEAVES):
        for day in range(days):
            value = (place + 1) * (20 + 5 * np.sin(2 * np.pi * day / 7) + random.standard_normal())
            rows.append((START + dt.timedelta(days=day), region, store, round(value, 2)))
    frame = pl.DataFrame(rows, schema=["date", "region", "store", "sales"], orient="row")
    columns = (
        Column("date", "datetime", "time", seen=True),
        Column("region", "category", "group", seen=True),
        Column("store", "category", "group", seen=True),
        Column("sales", "number", "target", seen=True),
    )
    return Dataset(frame, Schema(columns), "stores")


def asked(*cells: tuple[str | None, str | None], ahead: int = 1, **more: Any) -> pl.DataFrame:
    when = START + dt.timedelta(days=DAYS - 1 + ahead)
    rows = [{"date": when, "region": r, "store": s, **more} for r, s in cells]
    return pl.DataFrame(rows, schema_overrides={"region": pl.String, "store": pl.String})


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Choice:
    engine = InlineEngine()
    return choose_forecast(
        stores(), horizon=HORIZON, budget_s=100.0, engine=engine, clock=engine.clock,
        scratch=tmp_path_factory.mktemp("sums"), quantiles=(0.1, 0.5, 0.9), hierarchy=("region",),
        algorithms=[("seasonal_naive", {}), ("theta", {})],
    )  # fmt: skip


def test_a_series_of_several_columns_has_a_name_of_its_own() -> None:
    cells = pl.DataFrame({"a": ["x", "x / y", "x"], "b": ["y / z", "z", None]})
    assert keys_of(cells, ["a", "b"]) == ["x / y // z", "x // y / z", "x / "]
    assert keys_of(cells, ["a"]) == ["x", "x / y", "x"] and keys_of(cells, []) == [""] * 3


def test_parts_add_up_to_their_sums_at_every_level(chosen: Choice) -> None:
    rows = asked(*LEAVES, ("north", None), ("south", None), (None, None), ahead=3)
    said = predict_model(chosen.model, rows)
    a, b, c, north, south, total = said.labels
    assert north == pytest.approx(a + b) and south == pytest.approx(c)
    assert total == pytest.approx(north + south)
    assert said.low is not None and said.high is not None and said.quantiles is not None
    assert (said.low <= said.labels).all() and (said.labels <= said.high).all()
    assert said.units is not None and said.units[5] > said.units[0]
    stars = rows.with_columns(pl.col("region", "store").fill_null("*"))
    assert (predict_model(chosen.model, stars).labels == said.labels).all()


def test_one_row_is_answered_as_many_are(chosen: Choice) -> None:
    rows = asked((None, None), ("south", None), ("north", "b"), ahead=2)
    whole = predict_model(chosen.model, rows)
    for row in range(3):
        alone = predict_model(chosen.model, rows[row])
        assert alone.labels[0] == pytest.approx(whole.labels[row])
        assert alone.low is not None and whole.low is not None
        assert alone.low[0] == pytest.approx(whole.low[row])


def test_quantiles_rise_and_are_told_by_name(chosen: Choice) -> None:
    said = predict_model(chosen.model, asked(*LEAVES, (None, None)))
    assert said.levels == (0.1, 0.5, 0.9) and said.quantiles is not None
    assert (np.diff(said.quantiles, axis=1) >= 0).all()
    assert columns(said).columns[-3:] == ["quantile.0.1", "quantile.0.5", "quantile.0.9"]


def test_quantiles_stand_in_the_graph_where_there_are_no_sums(tmp_path: Path) -> None:
    engine = InlineEngine()
    choice = choose_forecast(
        stores(), horizon=HORIZON, budget_s=100.0, engine=engine, clock=engine.clock,
        scratch=tmp_path, quantiles=(0.05, 0.95), algorithms=[("theta", {})],
    )  # fmt: skip
    said = predict_model(choice.model, asked(*LEAVES))
    assert said.quantiles is not None and said.low is not None and said.high is not None
    # The ends of a 90 % interval are these quantiles, but that they hold the value itself.
    assert np.minimum(said.quantiles[:, 0], said.labels) == pytest.approx(said.low)
    assert np.maximum(said.quantiles[:, 1], said.labels) == pytest.approx(said.high)


def test_newer_values_of_all_series_move_the_sums(chosen: Choice) -> None:
    runner = Runner.of(chosen.model)
    runner.unread = ""
    newer = asked(*LEAVES, sales=500.0)
    later = asked((None, None), ("north", "a"), ahead=2)
    later = later.with_columns(sales=pl.lit(None, pl.Float64))
    said = runner.predict(pl.concat([newer, later]))
    assert (said.labels[:3] == 500.0).all() and said.low is not None and said.low[0] == 500.0
    before = predict_model(chosen.model, later.drop("sales")).labels
    assert said.labels[3] > before[0] + 50 and said.labels[4] > before[1]
    call = pl.concat([newer, later]).with_columns(pl.lit(0).alias(REQUEST))
    other = later.with_columns(pl.lit(1).alias(REQUEST))
    apart = runner.predict(pl.concat([call, other]))
    assert apart.labels[3:5] == pytest.approx(said.labels[3:5])
    assert apart.labels[5:] == pytest.approx(before)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (asked((None, "a")), r"Row 1: '\* / a' is no sum .* region; region, store"),
        (asked(("east", None)), "'east / .*' is no sum"),
        (asked(("north", None), sales=3.0), "Row 1 brings a newer value of a sum"),
        (asked(("north", "a"), sales=3.0), "came for 1 of 3 series"),
        (asked(("north", "a"), (None, None), ahead=9), r"Row 1, .* is 9 steps after"),
        (asked((None, None), ahead=0), "is not after 2024-03-20"),
    ],
)
def test_rows_that_mean_nothing_are_refused_by_name(
    chosen: Choice, rows: pl.DataFrame, words: str
) -> None:
    runner = Runner.of(chosen.model)
    runner.unread = ""
    with pytest.raises(DataError, match=words):
        runner.predict(rows)


def test_a_series_that_nobody_knows_is_answered_and_is_in_no_sum(chosen: Choice) -> None:
    said = predict_model(chosen.model, asked(("north", "new"), ("north", None)))
    alone = predict_model(chosen.model, asked(("north", None)))
    assert np.isfinite(said.labels).all() and said.labels[1] == pytest.approx(alone.labels[0])


def test_what_was_found_of_the_sums_is_told(chosen: Choice) -> None:
    told = " ".join(note["en"] for note in chosen.notes)
    assert "total" in told and "region" in told and "Weighted least squares" in told
    assert "3 series" not in told and "6 series" in told  # three series and three sums
    assert any("加权最小二乘" in note["zh"] for note in chosen.notes)


def _held(noise: np.ndarray[Any, Any], sums: Sums, moments: int = 60) -> Held:
    """Values of a hierarchy whose nodes are forecast with errors of the given sizes."""
    random = np.random.default_rng(0)
    truth = 50 + random.standard_normal((moments, len(sums.leaves))) * 5
    whole = truth @ sums.matrix.T
    said = whole + random.standard_normal(whole.shape) * noise
    steps = np.tile(np.arange(moments)[:, None] % 6 + 1, (1, whole.shape[1]))
    return Held(said, whole, steps, np.arange(moments) // 12, np.ones(whole.shape[1]))


def test_least_squares_are_taken_only_where_backtests_gain() -> None:
    sums = Sums.of(stores().frame, ["region", "store"], ["region"])
    quiet_top = np.array([0.1, 3.0, 3.0, 3.0, 3.0, 3.0])  # total, two regions, three series
    found = cohere(sums, _held(quiet_top, sums), 6, 0.9, (0.5,), None)
    assert found.method == "variance" and found.gain[0] > found.gain[1] > 0
    assert found.scores["variance"] < found.scores["bottom_up"]
    assert len(found.ends) == 3 and found.ends[0].above[0] < found.ends[2].above[0]
    quiet_leaves = np.array([30.0, 20.0, 20.0, 0.1, 0.1, 0.1])
    kept = cohere(sums, _held(quiet_leaves, sums), 6, 0.9, (), None)
    assert kept.method == "bottom_up" and not len(kept.weights)
    few = cohere(sums, _held(quiet_top, sums, 20), 6, 0.9, (), None)
    assert few.method == "bottom_up" and np.isnan(few.gain[0])  # two origins tell nothing


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_whatever_each_says_the_parts_add_up(seed: int) -> None:
    random = np.random.default_rng(seed)
    sums = Sums.of(stores(2).frame, ["region", "store"], ["region"])
    base = random.standard_normal((4, len(sums.keys))) * 10
    project = projection(sums, random.random(len(sums.keys)) + 0.1)
    for matrix in (None, project):
        whole = added_up(sums, base, matrix, 0.0)
        assert np.allclose(whole, whole[:, sums.count :] @ sums.matrix.T) and (whole >= 0).all()
    fitting = base[:, sums.count :] @ sums.matrix.T
    assert np.allclose(added_up(sums, fitting, project, None), fitting)  # nothing to mend


def test_sums_are_made_where_all_their_series_have_values() -> None:
    data = stores(10)
    hole = replace(data, frame=data.frame.filter(
        ~((pl.col("store") == "b") & (pl.col("date") == START + dt.timedelta(days=4)))
    ))  # fmt: skip
    sums = Sums.of(data.frame, ["region", "store"], ["region"])
    rows = with_sums(hole, sums).frame
    count = {(r, s): n for r, s, n in rows.group_by("region", "store").len().rows()}
    assert count["south", "*"] == 10 and count["north", "*"] == 9 and count["*", "*"] == 9
    one = rows.filter((pl.col("region") == "*") & (pl.col("date") == START))["sales"][0]
    assert one == pytest.approx(data.frame.filter(pl.col("date") == START)["sales"].sum())


def test_no_row_means_nothing_sold_only_where_that_is_said() -> None:
    data = stores(10)
    early = replace(data, frame=data.frame.filter(
        (pl.col("store") != "b") | (pl.col("date") < START + dt.timedelta(days=7))
    ))  # fmt: skip
    with pytest.raises(DataError, match=r"'north / b' ends at 2024-01-07, others go on to 2024-01"):
        aligned(early, "fill")
    whole = aligned(early, "zero")
    assert len(whole) == 30 and whole.frame.filter(pl.col("sales") == 0).height == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (pl.lit(None, pl.String).alias("region"), "Row 1: column 'region' is empty"),
        (pl.lit("*").alias("store"), "column 'store' is empty or `\\*`"),
    ],
)
def test_rows_that_belong_to_no_part_are_refused(change: pl.Expr, words: str) -> None:
    data = stores(10)
    with pytest.raises(DataError, match=words):
        refuse_unclear(replace(data, frame=data.frame.with_columns(change)), ["region", "store"])


def test_what_differs_between_series_cannot_be_known_of_a_sum() -> None:
    data = stores(10)
    schema = Schema((*data.schema, Column("price", "number")))
    per_day = data.frame.with_columns(price=pl.col("date").dt.day().cast(pl.Float64))
    refuse_unclear(replace(data, frame=per_day, schema=schema), ["region", "store"])
    own = data.frame.with_columns(price=pl.col("sales"))
    with pytest.raises(DataError, match=r"'price' is known in advance and differs .* 2024-01-01"):
        refuse_unclear(replace(data, frame=own, schema=schema), ["region", "store"])
    with pytest.raises(DataError, match="there is 1 series"):
        refuse_unclear(replace(data, frame=data.frame[:10]), ["region", "store"])


@given(st.integers(0, 10_000), st.integers(5, 300))
@settings(max_examples=25, deadline=None)
def test_quantiles_never_cross(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    levels = np.sort(random.random(6) * 0.98 + 0.01)
    found = widths(random.standard_normal(count), random.integers(1, 5, count), 6, 0.9, levels)
    assert found.quantiles.shape == (6, 6) and (np.diff(found.quantiles, axis=0) >= 0).all()


def test_the_loss_is_that_of_the_quantiles_told() -> None:
    y = np.array([10.0, 20.0])
    told = np.array([[8.0, 12.0], [17.0, 19.0]])
    said = Predictions(np.array([9.0, 18.0]), quantiles=told, levels=(0.1, 0.9))
    # By hand: at 10 %: .1·2 + .1·3, at 90 %: .1·2 + .9·1.
    assert wql(y, said, 0.5) == pytest.approx(2 * (0.5 + 1.1) / 2 / 30)
    assert below(y, said) == [0.0, 0.5] and below(y, Predictions(y)) == []
