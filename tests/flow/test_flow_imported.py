"""A channel with a model that was trained elsewhere walks the same path, without training."""

from __future__ import annotations

import hashlib
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from tests.learn.brought_tables import TOWNS, numbers, table

from lingqu.core.errors import SpecError
from lingqu.core.spec import Channel
from lingqu.flow.imported import FOR_IMPORTED
from lingqu.flow.workers import workers_for
from lingqu.store.home import Home
from lingqu.workspace import Workspace

ALL = ("age", "size", "town")
CHANNEL = """
channel: brought
data: rows.csv
train: {task: classify, target: two, model: {lightgbm: {path: model.txt, levels: {town: TOWNS}}}}
release: {require: ["accuracy >= 0.7"]}
""".replace("TOWNS", str(list(TOWNS)))


def train(folder: Path, rounds: int) -> None:
    rows = table("two", ALL)
    data = lightgbm.Dataset(numbers(rows), rows.frame["two"].to_numpy() == "yes",
                            feature_name=["age", "size", "town"])  # fmt: skip
    wish = {"objective": "binary", "num_leaves": 5, "verbose": -1, "num_threads": 1}
    lightgbm.train(wish, data, rounds).save_model(folder / "model.txt")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    table("two", ALL).frame.write_csv(tmp_path / "rows.csv")
    (tmp_path / "channel.yaml").write_text(CHANNEL, encoding="utf-8")
    train(tmp_path, 10)
    return tmp_path


def test_a_brought_model_is_judged_released_and_answers(place: Path) -> None:
    rows = table("two", ALL).frame
    said = lightgbm.Booster(model_file=place / "model.txt").predict(numbers(table("two", ALL)))
    with Workspace(place / ".lingqu") as workspace:
        done = workspace.run(place / "channel.yaml")
        page = workspace.report(done.id).read_text(encoding="utf-8")
        release = workspace.release(done.release)
        answers = release.predict(rows.drop("two"))
        card = (release.folder / "README.md").read_text(encoding="utf-8")
    assert done.state == "done"
    assert np.allclose(answers["probability.yes"], said, atol=1e-5)
    (line,) = next(s.result for s in done.stages if s.name == "train")["candidates"]
    assert (line["name"], line["weight"]) == ("lightgbm", 1.0)
    assert "imported, not trained here" in page
    digest = hashlib.sha256((place / "model.txt").read_bytes()).hexdigest()
    assert f"not trained here: lightgbm `model.txt`, sha256 `{digest}`" in card
    assert "并非在此训练" in card


def test_another_file_is_another_model(place: Path) -> None:
    with Workspace(place / ".lingqu") as workspace:
        first = workspace.run(place / "channel.yaml")
        again = workspace.run(place / "channel.yaml")
        train(place, 3)
        other = workspace.run(place / "channel.yaml")
    assert {stage.state for stage in again.stages} == {"reused"}
    assert again.release == first.release != other.release
    states = {stage.name: stage.state for stage in other.stages}
    assert (states["data"], states["govern"], states["train"]) == ("reused", "reused", "done")


def test_the_plan_says_that_nothing_is_trained_and_columns_stay(place: Path) -> None:
    with Workspace(place / ".lingqu") as workspace:
        planned = workspace.plan(place / "channel.yaml")
    lines = {(s.section, s.name): s for s in planned.settings}
    assert "not trained here" in lines["train", "model"].why["en"]
    assert ("train", "algorithm") not in lines
    assert ("train", "budget") not in lines
    assert {name for name, _ in planned.operators} <= FOR_IMPORTED


def test_no_worker_is_started(home: Home, place: Path) -> None:
    assert workers_for(home, Channel.load(place)).engine is None


def test_a_wrong_file_is_refused_before_the_data_are_read(place: Path) -> None:
    (place / "model.txt").unlink()
    (place / "rows.csv").unlink()
    with Workspace(place / ".lingqu") as workspace, pytest.raises(SpecError, match="no model"):
        workspace.run(place / "channel.yaml")


@pytest.mark.parametrize(
    "more", ["algorithm: logistic", "budget: 5 s", "folds: 3", "coverage: 0.9", "size: small"]
)
def test_what_says_how_to_fit_does_not_go_with_a_model(more: str) -> None:
    option = more.partition(":")[0]
    with pytest.raises(SpecError, match=rf"`train\.{option}`.*not trained here"):
        Channel.parse(CHANNEL.replace("target: two,", f"target: two, {more},"))


def test_a_brought_model_is_not_compressed() -> None:
    with pytest.raises(SpecError, match=r"`train\.optimise: compress`.*not trained here"):
        Channel.parse(CHANNEL.replace("target: two,", "target: two, optimise: [compress],"))


def test_other_tasks_and_unknown_formats_are_refused() -> None:
    with pytest.raises(SpecError, match=r"'flag'.*`classify` or `regress`"):
        Channel.parse(CHANNEL.replace("task: classify", "task: flag"))
    unknown = Channel.parse(CHANNEL.replace("lightgbm", "lihgtgbm"))
    with pytest.raises(SpecError, match="lightgbm"):
        unknown.validate_pieces()
