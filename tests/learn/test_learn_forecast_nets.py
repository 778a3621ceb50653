"""Nets that forecast: what they read, when they stop, and that they learn what a line cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from tests.learn.forecast_series import future, halves, one, shops

from lingqu.core import catalog
from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column
from lingqu.learn.forecast.examples import examples
from lingqu.learn.forecast.forecaster import Forecaster
from lingqu.learn.forecast.nets import FEWEST, fold_of, parts_of, scale_of
from lingqu.learn.forecast.reading import read
from lingqu.learn.forecast.transformer import Pieces
from lingqu.release.model import save
from lingqu.release.runner import Runner, predict_model
from lingqu.release.series.parts import width

NETS = ("gru", "transformer")
HORIZON = 7


def fit(name: str, train: Dataset, seconds: float = 30.0, **options: Any) -> Model:
    learner = catalog.build("algorithms", name, {"horizon": HORIZON, **options})
    none = Dataset(train.frame.head(0), train.schema)
    model: Model = learner.fit(train, none, Budget(seconds, seed=1), lambda row: None)
    return model


def net(train: Dataset) -> tuple[Forecaster, torch.Tensor]:
    """Return a net that was never trained, and examples."""
    reading = read(train, HORIZON)
    parts = parts_of(reading, (2, 12, 48))
    found = examples(train, reading, parts, 0, 400)
    x = torch.tensor(found.told, dtype=torch.float32)
    torch.manual_seed(0)
    season = reading.book.season
    made = Forecaster(parts, season, HORIZON, lambda t, w: Pieces(t, w, 1), 8, scale_of(x, parts))
    return made.eval(), x


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_a_net_learns_what_turns_over_and_a_line_cannot(name: str) -> None:
    """A value is high if the two before it differ: a sum of them does not say so."""
    draw, values = np.random.default_rng(0), [10.0, 30.0]
    while len(values) < 500:
        jump = draw.random() < 0.2
        values.append(30.0 if (abs(values[-1] - values[-2]) > 10) != jump else 10.0)
    whole = one([value + float(draw.normal(0, 0.3)) for value in values])
    past = Dataset(whole.frame[:440], whole.schema)
    missed = {}
    for learner in (name, "lag_linear"):
        asked = {"epochs": 40} if learner == name else {}
        runner = Runner.of(fit(learner, past, horizon=1, season=1, **asked))
        runner.unread = ""  # each value is forecast from all before it
        hidden = [whole.frame[440:last].with_columns(_but_last(last - 440)) for last in LAST]
        said = np.array([float(runner.predict(rows).labels[-1]) for rows in hidden])
        missed[learner] = float(np.median(np.abs(said - np.array(values[440:]))))
    assert missed[name] < 2.0 < 5.0 < missed["lag_linear"]


LAST = range(441, 501)


def _but_last(count: int) -> pl.Expr:
    return pl.when(pl.int_range(count) < count - 1).then(pl.col("sales")).alias("sales")


@pytest.mark.parametrize("name", NETS)
def test_it_keeps_what_forecasts_the_last_steps_best_and_says_how_it_learned(name: str) -> None:
    train, _ = halves(shops(days=100), HORIZON)
    notes = fit(name, train, most=600, width=16).members[0].notes
    assert 0 < notes["epochs"] <= 40 and len(notes["curve"]) >= notes["epochs"]
    assert all({"train_loss", "valid_loss"} <= set(row) for row in notes["curve"])
    best = int(np.argmin([row["valid_loss"] for row in notes["curve"]])) + 1
    assert notes["refit"] == {"epochs": max(6, best)} == notes["settled"]


def test_a_budget_that_is_short_cuts_training_short() -> None:
    train, test = halves(shops(days=100), HORIZON)
    model = fit("gru", train, seconds=0.6, epochs=4000)
    assert model.members[0].notes["cut_short"]
    assert np.isfinite(predict_model(model, test.frame).labels).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_what_is_known_in_advance_is_read_numbers_and_kinds(name: str) -> None:
    whole = shops(days=160, known=True)
    told = pl.when(pl.col("advert") > 0).then(pl.lit("loud")).otherwise(pl.lit("quiet"))
    frame = whole.frame.with_columns(kind=told).drop("advert")
    kept = [column for column in whole.schema if column.name != "advert"]
    schema = type(whole.schema)((*kept, Column("kind", "category", levels=("loud", "quiet"))))
    train, test = halves(Dataset(frame, schema), HORIZON)
    model = fit(name, train, epochs=12, most=2500)
    quiet, loud = (
        predict_model(model, test.frame.with_columns(kind=pl.lit(kind))).labels
        for kind in ("quiet", "loud")
    )
    assert (loud > 1.2 * quiet).all()


def test_a_gap_in_the_past_is_told_apart_from_the_level() -> None:
    made, x = net(shops(days=80))
    gone = x.clone()
    gone[:, 3] = float("nan")
    level = x.clone()
    level[:, 3] = 0.0
    with torch.no_grad():
        assert torch.isfinite(made(gone)).all()
        assert not torch.allclose(made(gone), made(level))


def test_a_past_value_lies_at_the_angle_of_its_own_day() -> None:
    made, x = net(shops(days=80))
    known = torch.nan_to_num(x)
    turn = made._turn(known)
    step, slot = known[:, made.calendar + 7], known[:, made.calendar + 6]
    away = turn[:, -1] / (2 * np.pi / 7) - slot + step  # whole weeks, or nothing
    assert torch.allclose(away / 7, (away / 7).round(), atol=1e-4)
    apart = (turn[:, 1:] - turn[:, :-1]) / (2 * np.pi / 7)
    assert torch.allclose(apart, torch.ones(1), atol=1e-4)  # the oldest first, a day apart


def test_pieces_that_lie_before_a_series_began_are_not_looked_at() -> None:
    torch.manual_seed(0)
    made = Pieces(30, 8, 2).eval()
    places = torch.randn(2, 30, 4)
    there = torch.ones(2, 30) > 0
    there[:, :10] = False
    other = places.clone()
    other[:, :10] += 100.0
    with torch.no_grad():
        assert torch.allclose(made(places, there), made(other, there), atol=1e-5)


def test_the_last_steps_judge_and_are_not_learned() -> None:
    train = shops(days=100)
    reading = read(train, HORIZON)
    found = examples(train, reading, parts_of(reading, (2, 12, 48)), 0, 2000)
    judged, whole = fold_of(found, HORIZON, True), fold_of(found, HORIZON, False)
    assert len(judged.valid_y) == (found.places > found.ends - HORIZON).sum()
    assert len(judged.y) + len(judged.valid_y) == len(whole.y) == len(found.target)
    assert len(whole.valid_y) == 0


def test_numbers_told_in_units_of_their_series_are_scaled_once() -> None:
    train = shops(days=80)
    parts = parts_of(read(train, HORIZON), (2, 12, 48))
    made, x = net(train)
    assert made.scale[:, : width(parts[0])].tolist() == [[0.0] * 14, [1.0] * 14]
    mean = float(x[:, made.calendar + 7].mean())
    assert float(made.scale[0, made.calendar + 7]) == pytest.approx(mean, abs=1e-3)


def test_few_examples_are_refused() -> None:
    with pytest.raises(TrainError, match=str(FEWEST)):
        fit("gru", one([float(day % 7) for day in range(30)]))


def test_a_released_net_is_answered_without_torch(tmp_path: Path) -> None:
    train, _ = halves(shops(days=80), HORIZON)
    save(fit("transformer", train, epochs=1, most=400), tmp_path / "model")
    future(train, 2).write_parquet(tmp_path / "asked.parquet")
    code = (
        "import sys, polars as pl; from pathlib import Path;"
        "from lingqu.release.model import load; from lingqu.release.runner import predict_model;"
        f"model = load(Path({str(tmp_path / 'model')!r}));"
        f"said = predict_model(model, pl.read_parquet({str(tmp_path / 'asked.parquet')!r}));"
        "print(len(said.labels), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["6", "False"]
