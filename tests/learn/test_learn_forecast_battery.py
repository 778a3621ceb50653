"""The battery of forecasters: what every one of them keeps."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file
from tests.learn.forecast_series import future, halves, one, shops

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError, SpecError, TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.learn.forecast.examples import examples
from lingqu.learn.forecast.fracast import WEIGHTS
from lingqu.learn.forecast.lag_trees import parts_of
from lingqu.learn.forecast.reading import read, season_of
from lingqu.learn.portfolio import FACTS
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import predict_model
from lingqu.release.series.fracast import said as medians
from lingqu.release.series.grid import Grid

NAMES = [name for name in ALGORITHMS if "forecast" in FACTS.get(name, FACTS["constant"]).tasks]
HORIZON = 7
DATA = shops()
TRAIN, TEST = halves(DATA, HORIZON)
FEW: dict[str, dict[str, Any]] = {"gru": {"epochs": 6}, "transformer": {"epochs": 4, "layers": 1}}
"""Nets that need not be good here: `test_learn_forecast_nets.py` asks that of them."""


def fit(name: str, train: Dataset = TRAIN, **options: Any) -> Model:
    learner = catalog.build(
        "algorithms", name, {"horizon": HORIZON, **FEW.get(name, {}), **options}
    )
    model: Model = learner.fit(train, TEST, Budget(20.0, seed=3), lambda row: None)
    return model


def test_every_forecaster_is_here() -> None:
    assert len(NAMES) == 11
    for name in NAMES:
        kind = catalog.load("algorithms", name)
        assert kind.tasks == {"forecast"} and FACTS[name].engine == kind.engine
        assert "Source:" in inspect.getdoc(kind) and "Example:" in inspect.getdoc(kind)
        assert kind.cost(1000, 3, 0) > 0


@pytest.mark.parametrize("name", NAMES)
class TestEveryForecaster:
    def test_it_answers_the_same_after_save_and_load_and_a_second_fit(self, name: str) -> None:
        model = fit(name)
        said = predict_model(model, TEST.frame).labels
        assert np.isfinite(said).all() and said.dtype == np.float64
        again = from_bytes(to_bytes(model))
        assert (predict_model(again, TEST.frame).labels == said).all()
        assert to_bytes(fit(name)) == to_bytes(model)
        assert model.members[0].notes["refit"] is not None

    def test_one_row_is_answered_as_many_are(self, name: str) -> None:
        model = fit(name)
        whole = predict_model(model, TEST.frame).labels
        for row in (0, 5, len(TEST) - 1):
            alone = predict_model(model, TEST.frame[row]).labels
            assert alone[0] == pytest.approx(whole[row], rel=1e-5)

    def test_the_truth_of_what_is_asked_is_never_read(self, name: str) -> None:
        model = fit(name)
        blind = predict_model(model, TEST.frame.drop("sales")).labels
        told = predict_model(model, TEST.frame.with_columns(sales=pl.lit(1e6))).labels
        assert (blind == told).all()

    def test_it_beats_nonsense_and_keeps_the_sizes_apart(self, name: str) -> None:
        said = predict_model(fit(name), TEST.frame)
        error = np.abs(said.labels - TEST.frame["sales"].to_numpy())
        sizes = TEST.frame["shop"].replace_strict({"s0": 20.0, "s1": 60.0, "s2": 180.0})
        assert (error / sizes.to_numpy()).mean() < (0.15 if name not in WEAK else 0.6)

    def test_a_series_that_is_new_is_answered(self, name: str) -> None:
        asked = future(TRAIN, 2).with_columns(shop=pl.lit("never seen"))
        assert np.isfinite(predict_model(fit(name), asked[:2]).labels).all()

    def test_gaps_are_filled_and_never_learned(self, name: str) -> None:
        holes = Dataset(TRAIN.frame.filter(pl.col("date").dt.day() % 5 != 3), TRAIN.schema)
        assert np.isfinite(predict_model(fit(name, holes), TEST.frame).labels).all()

    def test_what_is_not_below_0_is_never_forecast_below(self, name: str) -> None:
        falling = one([float(max(0, 60 - 2 * i)) for i in range(60)])
        train, _ = halves(falling, HORIZON)
        asked = falling.frame[-HORIZON:].drop("sales")
        assert (predict_model(fit(name, train), asked).labels >= 0).all()


WEAK = ("drift", "recent_mean")


def test_what_is_known_in_advance_is_read() -> None:
    train, test = halves(shops(days=160, known=True), HORIZON)
    model = fit("lag_trees", train)
    quiet, loud = (
        predict_model(model, test.frame.with_columns(advert=pl.lit(on))).labels for on in (0, 1)
    )
    assert (loud > 1.2 * quiet).all()
    with pytest.raises(DataError, match="advert"):
        predict_model(model, test.frame.drop("advert"))


def test_no_example_sees_behind_its_origin() -> None:
    """Other values after a time change nothing of the examples whose origin is before it."""
    reading = read(TRAIN, HORIZON)
    parts = parts_of(reading)
    cut = TRAIN.frame["date"].quantile(0.6)
    changed = TRAIN.frame.with_columns(
        pl.when(pl.col("date") > cut)
        .then(pl.col("sales") * 3 + 7)
        .otherwise("sales")
        .alias("sales")
    )
    other = Dataset(changed, TRAIN.schema)
    again = read(other, HORIZON, reading.book.season, grid=reading.book.grid.to_json())
    units = {key: known.unit for key, known in reading.book}
    for key, known in again.book.series.items():  # scales are those of the whole series
        object.__setattr__(known, "unit", units[key])
    one_set, two_set = (
        examples(rows, told, parts, 0, 10**6) for rows, told in ((TRAIN, reading), (other, again))
    )
    place = reading.book.grid.place(pl.Series([cut]).cast(pl.Datetime("us")))[0][0]
    before = one_set.places <= place  # the value itself, so the origin too, lies before the cut
    assert before.sum() > 100 and (~before).sum() > 100
    assert np.array_equal(one_set.told[before], two_set.told[before], equal_nan=True)
    assert not np.array_equal(one_set.told[~before], two_set.told[~before], equal_nan=True)


def test_the_season_is_the_shortest_that_is_clear() -> None:
    hours = Grid("time", 3_600_000_000)
    wave = np.sin(np.arange(24 * 40) * 2 * np.pi / 24)
    assert season_of([wave], hours) == 24
    assert season_of([np.random.default_rng(0).random(600)], hours) == 1


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (TRAIN, {"horizon": 0}, "horizon"),
        (one([1.0, 2.0] * 9, days=1), {"gaps": "hope"}, "gaps"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    data: Dataset, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(LingquError, match=words):
        fit("seasonal_naive", data, **options)


def test_times_that_lie_between_steps_are_refused_by_name() -> None:
    odd = TRAIN.frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 4).then(pl.col("date").dt.offset_by("7h"))
        .otherwise("date").alias("date")
    )  # fmt: skip
    with pytest.raises(DataError, match=r"Row 5, series 's0': the time 2024-01-05 07:00:00"):
        fit("drift", Dataset(odd, TRAIN.schema))


def test_gaps_are_refused_where_that_is_asked_or_most_is_gap() -> None:
    holes = Dataset(TRAIN.frame.filter(pl.col("date").dt.day() != 9), TRAIN.schema)
    with pytest.raises(DataError, match=r"'s0' lacks 4 of 113 steps of 1 d, the first at 2024-01"):
        fit("drift", holes, gaps="refuse")
    assert len(fit("drift", holes, gaps="zero").members) == 1
    weekly = one([1.0, 2.0, 3.0, 4.0] * 4)
    sparse = weekly.frame.with_columns(
        pl.when(pl.int_range(pl.len()) > 9).then(pl.col("date").dt.offset_by("90d"))
        .otherwise("date").alias("date")
    )  # fmt: skip
    with pytest.raises(DataError, match="gaps: zero"):
        fit("drift", Dataset(sparse, weekly.schema))


def test_a_table_without_times_is_no_series() -> None:
    bare = Dataset(DATA.frame, DATA.schema.updated("date", role="feature"))
    with pytest.raises(SpecError, match="time: date"):
        fit("drift", bare)


def test_trees_want_examples() -> None:
    with pytest.raises(TrainError, match="examples"):
        fit("lag_trees", one([1.0, 2.0, 3.0, 4.0]))


def test_what_is_known_in_advance_but_not_sent_counts_as_usual() -> None:
    train, test = halves(shops(days=100, known=True), HORIZON)
    priced = [
        Dataset(
            part.frame.drop("advert").with_columns(price=pl.lit(90.0) + pl.col("date").dt.day()),
            train.schema.without(["advert"]),
        )
        for part in (train, test)
    ]
    schema = Schema((*priced[0].schema, Column("price", "number")))
    past, asked = (Dataset(part.frame, schema) for part in priced)
    model = fit("lag_linear", past)
    lost = predict_model(model, asked.frame.with_columns(price=pl.lit(None, pl.Float64))).labels
    usual = float(past.frame["price"].mean())  # type: ignore[arg-type]
    said = predict_model(model, asked.frame.with_columns(price=pl.lit(usual))).labels
    assert lost == pytest.approx(said, rel=0.02)
    assert (
        abs(lost[0] - predict_model(model, asked.frame.with_columns(price=pl.lit(0.0))).labels[0])
        > 0
    )


def test_the_foundation_model_says_what_its_package_says() -> None:
    """Medians of fracast 0.1.0 run by torch; behind step 48 they are read as if they had come."""
    wave = 50 + 10 * np.sin(np.arange(120) * 2 * np.pi / 12) + 0.2 * np.arange(120)
    said = medians(wave[None], load_file(WEIGHTS), 60)[0]
    expected = [70.516, 75.743, 67.43, 71.466, 74.071, 69.346]
    assert said[[0, 5, 11, 47, 48, 59]] == pytest.approx(expected, abs=2e-3)
    few = medians(np.array([[np.nan, np.nan, 3.0]]), load_file(WEIGHTS), 2)
    assert few.tolist() == [[3.0, 3.0]]


def test_arima_differences_twice_where_growth_itself_grows() -> None:
    """A level that wanders after one difference is differenced again, a short series too."""
    grown = [float(i * i) for i in range(24)]
    train, _ = halves(one(grown), 4)
    asked = one(grown).frame[-4:].drop("sales")
    said = predict_model(fit("arima", train, horizon=4), asked).labels
    assert said == pytest.approx(grown[-4:], rel=0.02)
