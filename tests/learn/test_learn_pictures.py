"""The battery of learners that make pictures: what they keep, and what they do when they fail."""

from __future__ import annotations

import dataclasses
import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
import torch
from tests.learn.picture_tables import HIGH, SIDE, lines, unlabelled

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError, TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Algorithm, Budget
from lingqu.core.predictions import Replies
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.learn.deep import export
from lingqu.learn.deep.graph import all_answers
from lingqu.learn.generate import PICTURES
from lingqu.learn.generate.eyes import eyes
from lingqu.learn.generate.painting import COLLAPSED, normal_noise, painted
from lingqu.learn.generate.picture_gan import PictureGan
from lingqu.learn.generate.picture_judging import scores_of
from lingqu.learn.generate.picture_vae import PictureVae
from lingqu.learn.generate.pictures import pictures
from lingqu.learn.portfolio import FACTS
from lingqu.release.made.eyes import Eyes
from lingqu.release.made.levels import of_bytes
from lingqu.release.made.png import pixels_of
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner

NAMES = [
    name for name in ALGORITHMS
    if "generate" in FACTS[name].tasks and FACTS[name].kinds == frozenset({"image"})
]  # fmt: skip
QUICK: dict[str, dict[str, Any]] = {
    "picture_vae": {"epochs": 30, "width": 8, "noise": 4, "learning_rate": 5e-3, "batch": 32},
    "picture_gan": {"epochs": 10, "width": 8, "noise": 4, "batch": 20, "average": 0.9},
    "wgan_gp": {"epochs": 5, "width": 8, "noise": 4, "batch": 20, "steps": 1, "average": 0.9},
}
TRAIN, VALID = lines(160), lines(60, seed=1)
NOTHING = Dataset(TRAIN.frame.head(0), TRAIN.schema)
ASKED = pl.DataFrame({"seed": [float(n) for n in range(40)], "kind": ["across", "down"] * 20})


def fit(name: str, train: Dataset = TRAIN, valid: Dataset = NOTHING, **options: Any) -> Model:
    seconds = options.pop("seconds", 60.0)
    learner = catalog.build("algorithms", name, {**QUICK[name], **options})
    model: Model = learner.fit(train, valid, Budget(seconds, seed=3), lambda row: None)
    return model


@cache
def fitted(name: str) -> Model:
    return fit(name)


def made(model: Model, asked: pl.DataFrame = ASKED) -> Replies:
    said = Runner.of(model).predict(asked).replies
    assert said is not None
    return said


def test_nobody_is_left_out() -> None:
    assert set(PICTURES) <= set(NAMES) == set(QUICK)


@pytest.mark.parametrize("name", NAMES)
class TestEveryMakerOfPictures:
    def test_it_fills_the_port_and_tells_its_options(self, name: str) -> None:
        learner = catalog.build("algorithms", name, {})
        assert isinstance(learner, Algorithm) and learner.cost(1000, 1, 0) > 0
        assert learner.engine == FACTS[name].engine and learner.tasks == FACTS[name].tasks
        text = inspect.getdoc(type(learner)) or ""
        assert "Source:" in text and ">>>" in text
        for option in dataclasses.fields(type(learner)):  # type: ignore[arg-type]
            assert text.count(f"\n    {option.name}: ") == 1, option.name
        with pytest.raises(LingquError, match="no_such_option"):
            catalog.build("algorithms", name, {"no_such_option": 1})

    def test_it_is_one_member_that_survives_being_stored(self, name: str) -> None:
        model = fitted(name)
        assert [(m.algorithm, m.weight) for m in model.members] == [(name, 1.0)]
        json.dumps(model.members[0].notes, allow_nan=False)
        onnx.checker.check_model(onnx.load_from_string(model.members[0].graph))
        assert made(from_bytes(to_bytes(model))).said == made(model).said

    def test_the_same_seed_learns_the_same(self, name: str) -> None:
        assert to_bytes(fit(name)) == to_bytes(fitted(name))

    def test_a_row_is_painted_alike_alone_and_together(self, name: str) -> None:
        model = fitted(name)
        alone = [made(model, ASKED[row : row + 1]).said[0] for row in (0, 7, 39)]
        whole = made(model).said
        assert alone == [whole[0], whole[7], whole[39]]
        assert whole[0] != whole[39]  # another seed is another picture

    def test_pictures_have_the_size_and_the_levels_of_the_data(self, name: str) -> None:
        seen = np.stack([pixels_of(one) for one in made(fitted(name)).said])
        assert seen.shape == (40, SIDE, SIDE)
        assert set(np.unique(seen)) <= {round(n * 255 / HIGH) for n in range(int(HIGH) + 1)}

    @pytest.mark.slow
    def test_a_killed_fit_goes_on_to_the_very_same(self, name: str, tmp_path: Path) -> None:
        at = str(tmp_path / "kept")
        with pytest.raises(KeyboardInterrupt):
            learner = catalog.build("algorithms", name, {**QUICK[name], "checkpoint": at})
            learner.fit(TRAIN, NOTHING, Budget(60.0, seed=3), _killed(at=3))
        assert list(tmp_path.iterdir())  # it did not begin anew
        rows: list[Any] = []
        learner.fit(TRAIN, NOTHING, Budget(60.0, seed=3), rows.append)
        assert rows[0]["epoch"] > 2
        assert to_bytes(fit(name, checkpoint=at)) == to_bytes(fitted(name))
        assert not list(tmp_path.iterdir())

    def test_it_ends_in_time_with_a_model(self, name: str) -> None:
        model = fit(name, epochs=10_000, seconds=0.6)
        assert model.members[0].notes["unfinished"] and len(made(model).said) == 40

    def test_without_labels_pictures_are_of_all(self, name: str) -> None:
        model = fit(name, unlabelled(TRAIN), epochs=2)
        said = made(model, ASKED.select("seed"))
        assert set(said.beside) == {"seed"} and len(said.said) == 40

    def test_rows_that_are_no_pictures_are_refused(self, name: str) -> None:
        schema = Schema((Column("n", "number"),))
        table = Dataset(pl.DataFrame({"n": [1.0] * 30}), schema)
        with pytest.raises(DataError, match="number"):
            fit(name, table)
        with pytest.raises(DataError, match="16"):
            fit(name, lines(10))


def _killed(at: int) -> Any:
    def listen(row: Any) -> None:
        if row["epoch"] >= at:
            raise KeyboardInterrupt

    return listen


@pytest.mark.slow
def test_what_collapsed_is_begun_again_once_and_said() -> None:
    notes = fit("picture_vae", sigma=30.0, epochs=90).members[0].notes
    assert notes["collapsed"] and notes["variety"] < COLLAPSED
    assert ["another seed" in one["en"] for one in notes["told"]] == [True, False]
    assert "again" in notes["told"][1]["en"] and notes["epochs"] < 90  # it did not wait for the end


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_of_the_label_that_was_asked_for(name: str) -> None:
    model = fit(name, epochs=50, average=0.95, batch=32)
    rows = pictures(TRAIN)
    said = made(model)
    seen = of_bytes(np.stack([pixels_of(one) for one in said.said]), rows.levels)
    taken = Eyes(eyes(rows)).look(seen)[1]
    asked = [["across", "down"].index(one) for one in ASKED["kind"]]
    assert said.beside["kind"] == ASKED["kind"].to_list()
    assert (taken == asked).mean() > 0.9


@pytest.mark.slow
def test_scores_tell_a_maker_that_learned_from_one_that_did_not() -> None:
    poor = scores_of(fit("picture_vae", epochs=1), TRAIN, VALID)
    good = scores_of(fitted("picture_vae"), TRAIN, VALID)
    assert list(good) == ["fid", "c2st", "tstr"]
    assert good["fid"] < 0.6 * poor["fid"] and good["tstr"] > poor["tstr"] + 0.1


@pytest.mark.parametrize("maker", [PictureVae(width=8, noise=4), PictureGan(width=8, noise=4)])
def test_a_graph_paints_what_the_nets_paint(maker: PictureVae | PictureGan) -> None:
    rows = pictures(TRAIN)
    task = maker.studio(rows)
    task.finish(rows)
    given = {"noise": torch.zeros(2, 4), "labels": rows.y[:2]}
    free = {name: {0: "B"} for name in ("noise", "labels", "pictures")}
    graph = export.together(task, given, ["pictures"], free)
    labels = rows.y[:7]
    feeds = {"noise": normal_noise(7, 4).numpy(), "labels": labels.numpy()}
    eager = painted(task, 4, labels).numpy()
    assert np.allclose(all_answers(graph, feeds, 1)[0], eager, atol=1e-5)
    assert eager.shape == (7, 1, SIDE, SIDE) and eager.std() > 0


def test_numbers_of_a_label_with_few_pictures_lean_on_those_of_all() -> None:
    frame = pl.concat([TRAIN.frame.filter(pl.col("kind") == "across"),
                       TRAIN.frame.filter(pl.col("kind") == "down").head(3)])  # fmt: skip
    model = PictureVae(**QUICK["picture_vae"]).fit(
        Dataset(frame, TRAIN.schema), NOTHING, Budget(60.0, seed=3), lambda row: None
    )
    assert "down (3)" in model.members[0].notes["told"][0]["en"]
    assert len(set(made(model, ASKED.filter(pl.col("kind") == "down")).said)) > 3


@pytest.mark.parametrize(
    ("name", "options"),
    [("picture_vae", {"sigma": 0.0}), ("picture_gan", {"width": 2}), ("wgan_gp", {"steps": 0})],
)
def test_options_that_cannot_be_are_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(TrainError, match=next(iter(options))):
        catalog.build("algorithms", name, options)
