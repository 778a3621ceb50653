"""The battery of the task flag: what every learner of the unusual keeps."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
from tests.learn.flag_tables import machines, meters, plain

from lingqu.core import catalog
from lingqu.core.errors import LingquError, TrainError
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Algorithm, Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.learn.flag import CLASSES, USUAL
from lingqu.learn.flag.core_rows import core_rows
from lingqu.learn.flag.forest_graph import expected_cuts
from lingqu.learn.flag.front import fit_front
from lingqu.learn.flag.reading import labels, read
from lingqu.learn.flag.seasonal_residual import SeasonalResidual
from lingqu.learn.flag.tail import MOST, fit_tail
from lingqu.learn.portfolio import FACTS
from lingqu.learn.tabular.graph import answers, graph
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import predict_model

NAMES = [name for name in ALGORITHMS if "flag" in FACTS.get(name, FACTS["constant"]).tasks]
QUICK: dict[str, dict[str, Any]] = {
    "isolation_forest": {"trees": 60},
    "autoencoder": {"steps": 300},
    "labelled_forest": {"trees": 80},
}
FORESTS = ("isolation_forest", "labelled_forest")
"""Whose leaves do not tell far from further."""
LABELLED = machines()
TRAIN = plain(LABELLED)
NEW = machines(seed=1)
METERS = meters()


def rows_of(name: str) -> Dataset:
    return {"seasonal_residual": METERS, "labelled_forest": LABELLED}.get(name, TRAIN)


def usual_rows(name: str) -> pl.DataFrame:
    """The training rows; for who was shown what is odd, new ones that are not."""
    known = name == "labelled_forest"
    return NEW.frame.filter(pl.col("y") == "normal") if known else rows_of(name).frame


def fit(name: str, train: Dataset | None = None, seconds: float = 60.0, **options: Any) -> Model:
    learner = catalog.build("algorithms", name, {**QUICK.get(name, {}), **options})
    rows = rows_of(name) if train is None else train
    model: Model = learner.fit(rows, rows, Budget(seconds, seed=3), lambda row: None)
    return model


def odd(model: Model, frame: pl.DataFrame) -> np.ndarray:
    chances = predict_model(model, frame).probabilities
    assert chances is not None
    return chances[:, 1]


def test_every_learner_is_here() -> None:
    assert sorted(NAMES) == sorted(USUAL)
    for name in NAMES:
        kind = catalog.load("algorithms", name)
        assert kind.tasks == {"flag"} and FACTS[name].engine == kind.engine
        assert isinstance(catalog.build("algorithms", name, {}), Algorithm)
        text = inspect.getdoc(kind) or ""
        assert "Source:" in text and ">>>" in text
        for option in inspect.signature(kind).parameters:
            assert f"    {option}:" in text, (name, option)
        assert 0 < kind.cost(1000, 10, 2) < kind.cost(100_000, 10, 2)
        with pytest.raises(LingquError, match="no_such_option"):
            catalog.build("algorithms", name, {"no_such_option": 1})


@pytest.mark.parametrize("name", NAMES)
class TestEveryFlagger:
    def test_it_is_one_member_that_survives_being_stored_and_fitted_again(self, name: str) -> None:
        model = fit(name)
        assert (model.task, model.classes) == ("flag", CLASSES)
        assert [(m.algorithm, m.weight) for m in model.members] == [(name, 1.0)]
        json.dumps(model.members[0].notes, allow_nan=False)
        onnx.checker.check_model(onnx.load_from_string(model.members[0].graph))
        frame = rows_of(name).frame
        assert (odd(from_bytes(to_bytes(model)), frame) == odd(model, frame)).all()
        assert to_bytes(fit(name)) == to_bytes(model)

    def test_what_it_says_is_the_share_of_training_rows_that_look_less_odd(self, name: str) -> None:
        shares = odd(fit(name), usual_rows(name))
        for share in (0.5, 0.9, 0.95):
            assert abs((shares < share).mean() - share) < 0.06

    def test_one_row_is_answered_as_many_are(self, name: str) -> None:
        model, frame = fit(name), rows_of(name).frame
        whole = odd(model, frame)
        for row in (0, 7, 100):
            assert np.allclose(odd(model, frame[row]), whole[row], atol=1e-5)

    def test_missing_cells_and_levels_never_seen_are_answered(self, name: str) -> None:
        model, frame = fit(name), rows_of(name).frame[:3]
        empty = pl.DataFrame({n: pl.Series([None], dtype=t) for n, t in frame.schema.items()})
        assert np.isfinite(odd(model, empty)).all()
        word = "mode" if "mode" in frame.columns else "meter"
        strange = frame.with_columns(pl.lit("never").alias(word))
        assert np.isfinite(odd(model, strange)).all()

    def test_rows_of_weight_zero_do_not_count(self, name: str) -> None:
        rows = rows_of(name)
        wild = rows.frame.with_columns(pl.col("use" if rows is METERS else "heat") + 1000)
        both = pl.concat([rows.frame, wild])
        weight = pl.Series("w", [1.0] * len(rows) + [0.0] * len(rows))
        schema = Schema((*rows.schema.columns, Column("w", "number", "weight")))
        model = fit(name, Dataset(both.with_columns(weight), schema))
        assert np.allclose(odd(model, rows.frame), odd(fit(name), rows.frame), atol=1e-6)
        assert (odd(model, wild) > (0.8 if name in FORESTS else 0.95)).mean() > 0.9

    def test_no_rows_and_no_columns_are_refused(self, name: str) -> None:
        rows = rows_of(name)
        with pytest.raises(LingquError, match="no rows"):
            fit(name, Dataset(rows.frame.clear(), rows.schema))
        features = [column.name for column in rows.schema.features]
        with pytest.raises(LingquError, match="No feature column"):
            fit(name, Dataset(rows.frame, rows.schema.without(features)))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "seasonal_residual"])
class TestOnATable:
    def test_odd_rows_are_found_also_where_they_were_among_the_training_rows(
        self, name: str
    ) -> None:
        model = fit(name)
        said = predict_model(model, plain(NEW).frame)
        truth = labels(NEW)
        assert truth is not None
        assert score("roc_auc", truth, said) > (0.8 if name == "isolation_forest" else 0.9)

    def test_only_one_learns_from_rows_called_anomalies(self, name: str) -> None:
        normal = LABELLED.frame.filter(pl.col("y") == "normal")
        known, none = fit(name, LABELLED), plain(Dataset(normal, LABELLED.schema))
        if name == "labelled_forest":
            assert known.members[0].notes["known"] == len(LABELLED) - len(normal)
            with pytest.raises(TrainError, match=r"`train\.target`"):
                fit(name, none)
            return
        alone = fit(name, none)
        assert known.members[0].notes["rows"] == len(normal) == alone.members[0].notes["rows"]


def test_tails_rise_outwards_on_both_sides_and_rare_levels_are_odd() -> None:
    draw = np.random.default_rng(0)
    mode = np.where(np.arange(500) % 100 == 0, "rare", np.where(np.arange(500) % 2 == 0, "a", "b"))
    frame = pl.DataFrame({"v": draw.normal(0, 1, 500), "mode": mode})
    schema = Schema((Column("v", "number"), Column("mode", "category", levels=("a", "b", "rare"))))
    model = fit("column_tails", Dataset(frame, schema))
    values = pl.Series("v", [0.0, 1.0, 2.0, 3.5, 6.0, 0.0, -2.0, -6.0, 0.0])
    asked = pl.DataFrame({"v": values, "mode": ["a"] * 8 + ["rare"]})
    said = odd(model, asked)
    assert (np.diff(said[:5]) > 0).all() and (np.diff(said[5:8]) > 0).all()
    assert said[8] > 0.9 > 0.3 > said[0]


def test_a_net_keeps_its_time_and_says_so() -> None:
    model = fit("autoencoder", seconds=0.5, steps=10**7)
    assert model.members[0].notes["cut_short"] is True
    assert np.isfinite(odd(model, TRAIN.frame)).all()


class TestSeasons:
    def test_a_usual_value_at_the_wrong_hour_is_odd(self) -> None:
        model = fit("seasonal_residual")
        assert model.members[0].notes["season"] == "hour"
        frame = METERS.frame
        noon = frame.filter((pl.col("at").dt.hour() == 12) & (pl.col("meter") == "north"))
        wrong = noon.with_columns(pl.lit(2.0).alias("use"))
        assert odd(model, noon).mean() < 0.8 and odd(model, wrong).min() > 0.999
        # What is usual at noon for one meter is not for the other.
        other = noon.with_columns(pl.lit("south").alias("meter"))
        assert odd(model, other).min() > 0.999

    def test_without_a_time_it_is_refused(self) -> None:
        with pytest.raises(TrainError, match=r"data\.time"):
            SeasonalResidual().fit(TRAIN, TRAIN, Budget(5.0), lambda row: None)
        with pytest.raises(TrainError, match="fortnight"):
            fit("seasonal_residual", season="fortnight")

    def test_a_time_that_is_missing_or_a_series_never_seen_is_answered(self) -> None:
        model = fit("seasonal_residual")
        row = METERS.frame[:1]
        lost = row.with_columns(pl.lit(None, dtype=row.schema["at"]).alias("at"))
        assert 0 <= odd(model, lost)[0] <= 1
        assert 0 <= odd(model, row.with_columns(pl.lit("east").alias("meter")))[0] <= 1


class TestParts:
    def test_the_core_is_without_a_group_of_outliers(self) -> None:
        random = np.random.default_rng(0)
        z = np.concatenate([random.normal(size=(90, 3)), random.normal(size=(10, 3)) + 20])
        assert core_rows(z).max() < 90 and len(core_rows(z)) == 75
        assert core_rows(z[:1]).tolist() == [0]

    def test_expected_cuts_are_those_of_the_paper(self) -> None:
        assert expected_cuts(np.array([1, 2])).tolist() == [0.0, 1.0]
        assert abs(float(expected_cuts(np.array([256]))[0]) - 10.24) < 0.01

    def test_a_tail_rises_and_goes_on_beyond_what_was_seen(self) -> None:
        tail = fit_tail(np.random.default_rng(0).normal(size=5000))
        surprise = tail.surprise(np.linspace(-6, 12, 400))
        assert (np.diff(surprise) >= 0).all() and surprise[0] == 0 and surprise[-1] > 15
        assert tail.surprise(np.array([1e9]))[0] == MOST
        flat = fit_tail(np.full(30, 2.0)).surprise(np.array([1.0, 2.0, 2.5]))
        assert flat[0] == flat[1] == 0 and flat[2] > 10

    def test_the_tail_in_a_graph_is_the_tail(self) -> None:
        tail = fit_tail(np.random.default_rng(0).exponential(size=900))
        data = graph(tail.steps("x", "values"), tail.constants(), 1, "values")
        x = np.linspace(-1, 12, 200, dtype=np.float32)[:, None]
        assert np.allclose(answers(data, x)[:, 0], tail.surprise(x[:, 0].astype(float)), atol=1e-4)

    def test_a_front_is_the_same_in_a_graph(self) -> None:
        random = np.random.default_rng(0)
        x = random.normal(size=(60, 3)).astype(np.float32)
        x[:, 2] = random.integers(0, 3, 60)
        x[::7, 0] = np.nan
        x[::9, 2] = np.nan
        x[0, 1] = 1e6
        front = fit_front(x, [0, 0, 3], 3)
        assert front.comparable(x).shape == (60, front.size) == (60, 7)
        assert np.abs(front.comparable(x)).max() < 100
        for wanted, found in (("comparable", front.comparable(x)), ("filled", front.filled(x))):
            steps, constants = front.steps(wanted)
            data = graph([*steps, ("Identity", [wanted], ["values"], {})], constants, 3, "values")
            assert np.allclose(answers(data, x), found, rtol=1e-5, atol=1e-5)

    def test_a_label_that_is_none_of_the_two_is_refused_with_its_row(self) -> None:
        frame = LABELLED.frame.with_columns(pl.lit("maybe").alias("y"))
        with pytest.raises(LingquError, match="Row 1"):
            read(Dataset(frame, LABELLED.schema))
