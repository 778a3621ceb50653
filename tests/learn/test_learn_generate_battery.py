"""The battery of learners that make rows of tables: what each of them keeps."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
from tests.learn.made_tables import part, people

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError, TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Algorithm, Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.learn.generate.judging import scores_of
from lingqu.learn.portfolio import FACTS
from lingqu.release.made.columns import frame_of, learned
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner

NAMES = [
    name for name in ALGORITHMS
    if name in FACTS and "generate" in FACTS[name].tasks and "image" not in FACTS[name].kinds
]  # fmt: skip
QUICK: dict[str, dict[str, Any]] = {
    "table_vae": {"epochs": 40, "width": 64, "noise": 8, "batch": 64},
    "table_gan": {"epochs": 40, "width": 32, "noise": 8, "batch": 64, "bins": 12},
}
WORST = {"sequential_trees": 0.85, "table_vae": 0.97, "table_gan": 1.0}
"""How well made rows may be told from real ones after so short a fit."""


def fit(name: str, train: Dataset, valid: Dataset, **options: Any) -> Model:
    budget = Budget(options.pop("seconds", 60.0), seed=options.pop("seed", 3))
    learner = catalog.build("algorithms", name, {**QUICK.get(name, {}), **options})
    model: Model = learner.fit(train, valid, budget, lambda row: None)
    return model


@cache
def fitted(name: str, target: bool = True) -> Model:
    data = people(target=target)
    return fit(name, part(data, 0, 300), part(data, 300, 400))


def made(model: Model, asked: pl.DataFrame) -> tuple[Any, ...]:
    said = Runner.of(model, threads=1).predict(asked).replies
    assert said is not None
    return said.said


def asked(count: int, ill: str | None = None, start: int = 0) -> pl.DataFrame:
    seeds = np.arange(start, start + count, dtype=np.float64)
    return pl.DataFrame({"seed": seeds, "ill": pl.Series([ill] * count, dtype=pl.String)})


@pytest.mark.parametrize("name", NAMES)
class TestEveryMaker:
    def test_it_says_what_it_is(self, name: str) -> None:
        kind = catalog.load("algorithms", name)
        assert FACTS[name].tasks == kind.tasks and FACTS[name].engine == kind.engine
        assert FACTS[name].kinds == kind.kinds
        assert isinstance(catalog.build("algorithms", name, {}), Algorithm)
        text = inspect.getdoc(kind) or ""
        assert "Source:" in text and ">>>" in text
        for option in inspect.signature(kind).parameters:
            assert f"    {option}:" in text, (name, option)
        assert 0 < kind.cost(1000, 5, 2) < kind.cost(20_000, 5, 2)
        with pytest.raises(LingquError, match="no_such_option"):
            catalog.build("algorithms", name, {"no_such_option": 1})

    def test_it_is_one_member_that_survives_being_stored(self, name: str) -> None:
        model = fitted(name)
        assert [(m.algorithm, m.weight) for m in model.members] == [(name, 1.0)]
        json.dumps(model.members[0].notes, allow_nan=False)
        json.dumps(dict(model.members[0].encoding), allow_nan=False)
        onnx.checker.check_model(onnx.load_from_string(model.members[0].graph))
        stored = from_bytes(to_bytes(model))
        assert made(stored, asked(20)) == made(model, asked(20))

    def test_the_same_seed_learns_the_same(self, name: str) -> None:
        data = people()
        again = fit(name, part(data, 0, 300), part(data, 300, 400))
        assert to_bytes(again) == to_bytes(fitted(name))

    def test_a_row_belongs_to_its_seed(self, name: str) -> None:
        whole = made(fitted(name), asked(40))
        assert made(fitted(name), asked(3, start=7)) == whole[7:10]
        assert len({json.dumps(row) for row in whole}) > 20

    def test_rows_have_the_columns_and_kinds_of_the_data(self, name: str) -> None:
        data = people()
        rows = made(fitted(name), asked(200))
        assert [list(row) for row in rows[:1]] == [data.frame.columns]
        frame = frame_of(rows, learned(data.schema))
        assert dict(frame.schema) == dict(data.frame.schema)
        assert frame["age"].is_between(18, 80).all() and not frame["age"].null_count()
        assert set(frame["city"].unique()) <= {"a", "b", "c", None}
        assert frame["since"].dt.hour().unique().to_list() == [0]

    def test_a_class_can_be_asked_for(self, name: str) -> None:
        old = frame_of(made(fitted(name), asked(200, "yes")), people().schema)
        young = frame_of(made(fitted(name), asked(200, "no")), people().schema)
        assert old["ill"].unique().to_list() == ["yes"]
        one, two = (side["age"].cast(pl.Float64).to_numpy().mean() for side in (old, young))
        assert one > two + 8
        with pytest.raises(DataError, match="maybe"):
            made(fitted(name), asked(1, "maybe"))

    def test_made_rows_are_like_held_out_ones(self, name: str) -> None:
        data = people()
        found = scores_of(fitted(name), part(data, 0, 300), part(data, 300, 400))
        assert list(found) == ["c2st", "tstr"]
        assert found["c2st"] <= WORST[name] and found["tstr"] > 0.75

    def test_without_a_target_rows_are_made_of_all(self, name: str) -> None:
        model = fitted(name, target=False)
        rows = made(model, asked(100).select("seed"))
        assert {row["ill"] for row in rows} == {"no", "yes"}

    def test_bad_seeds_are_refused(self, name: str) -> None:
        for seed in (0.5, -1.0, 2.0**53):
            with pytest.raises(DataError, match="seed"):
                made(fitted(name), asked(1).with_columns(seed=pl.lit(seed)))

    def test_columns_that_cannot_be_made_are_refused(self, name: str) -> None:
        frame = pl.DataFrame({"note": ["some words"] * 40, "age": [1.0, 2.0] * 20})
        data = Dataset(frame, Schema((Column("note", "text"), Column("age", "number"))))
        with pytest.raises(DataError, match=r"note \(text\)"):
            fit(name, data, data)

    def test_one_row_is_too_few(self, name: str) -> None:
        with pytest.raises(TrainError, match="1"):
            fit(name, part(people(), 0, 1), part(people(), 1, 2))

    def test_it_stops_in_time_with_something_usable(self, name: str) -> None:
        many = {} if name == "sequential_trees" else {"epochs": 100_000}
        data = people()
        model = fit(name, part(data, 0, 300), part(data, 300, 400), seconds=0.3, **many)
        assert len(made(model, asked(5))) == 5

    def test_a_class_of_few_rows_is_told(self, name: str) -> None:
        data = people()
        rare = pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("rare")).otherwise("ill")
        rows = Dataset(data.frame.with_columns(rare.alias("ill")), data.schema.updated(
            "ill", levels=("no", "rare", "yes")))  # fmt: skip
        model = fit(name, rows, part(data, 0, 0))
        told = model.members[0].notes["told"]
        assert any("rare (3)" in note["en"] and "rare (3)" in note["zh"] for note in told)
        assert made(model, asked(2, "rare"))[0]["ill"] == "rare"


class KilledError(Exception):
    """What ends a fit from outside."""


@pytest.mark.parametrize("name", ["table_vae", "table_gan"])
def test_a_fit_that_was_killed_ends_with_the_very_same_bits(name: str, tmp_path: Path) -> None:
    data, epochs = people(120), 4
    nothing = part(data, 0, 0)
    options = {**QUICK[name], "epochs": epochs, "checkpoint": str(tmp_path / "kept")}
    whole = fit(name, data, nothing, epochs=epochs)

    def killing(row: Mapping[str, Any]) -> None:
        if row["epoch"] >= 3:
            raise KilledError

    with pytest.raises(KilledError):
        catalog.build("algorithms", name, options).fit(data, nothing, Budget(60.0, seed=3), killing)
    (kept,) = tmp_path.iterdir()
    again = fit(name, data, nothing, **options)
    assert again.members[0].graph == whole.members[0].graph
    assert not kept.exists()


def test_numbers_that_one_row_has_alone_are_not_repeated_exactly() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"pay": random.normal(1000, 50, 300), "rank": random.integers(0, 4, 300)})
    data = Dataset(frame, Schema((Column("pay", "number"), Column("rank", "number"))))
    seeds = pl.DataFrame({"seed": np.arange(300.0)})
    moved, still = (
        {row["pay"] for row in made(fit("sequential_trees", data, data, between=share), seeds)}
        for share in (0.5, 0.0)
    )
    known = set(frame["pay"].to_list())
    assert len(still & known) == len(still)
    assert len(moved & known) < 0.1 * len(moved)
