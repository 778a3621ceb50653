"""Channels with a pre-trained model: where it lies, what is refused at the door, what is served."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.pretrained_folders import image_folder, text_folder

from lingqu.core.errors import DataError, SpecError
from lingqu.core.spec import Channel
from lingqu.data.assets import AssetData
from lingqu.flow.pretrained import algorithms_of, digests_of, place_of
from lingqu.flow.validate import validate
from lingqu.learn.pretrained.folder import Folder
from lingqu.workspace import Workspace

CHANNEL = """\
channel: mood
data: {source: notes.csv, kinds: {note: text}}
govern: []
train:
  task: classify
  target: mood
  budget: 30 s
  workers: 1
  folds: 2
  algorithm: {pretrained: {path: models/reader, rung: %s, epochs: 2, context: 20}}
"""


def channel(place: Path, rung: str = "frozen") -> Path:
    """Write a channel, its rows and its model."""
    random = np.random.default_rng(0)
    words = ["the", "low", "middle", "high", "water", "lock", "gate", "today", "open", "now"]
    rows = []
    for at in range(120):
        mood = "good" if at % 2 else "bad"
        said = [*random.choice(words, 5), mood]
        rows.append((" ".join(random.permutation(said)), mood))
    rows[0] = ("low " * 30, "bad")
    pl.DataFrame(rows, schema=["note", "mood"], orient="row").write_csv(place / "notes.csv")
    shutil.copytree(text_folder(), place / "models" / "reader", dirs_exist_ok=True)
    (place / "channel.yaml").write_text(CHANNEL % rung, encoding="utf-8")
    return place / "channel.yaml"


def test_a_folder_is_found_beside_the_channel_and_known_by_its_digest(tmp_path: Path) -> None:
    read = Channel.load(channel(tmp_path))
    ((name, options),) = algorithms_of(read)
    folder = tmp_path / "models" / "reader"
    assert name == "pretrained" and options["rung"] == "frozen"
    assert options["path"] == str(folder.resolve())
    assert digests_of(algorithms_of(read)) == [options["sha256"]] == [Folder.opened(folder).digest]


def test_what_is_wrong_with_a_folder_is_told_before_anything_runs(tmp_path: Path) -> None:
    read = Channel.load(channel(tmp_path))
    validate(read)
    (tmp_path / "models" / "reader" / "tokenizer.json").unlink()
    with pytest.raises(SpecError, match=r"lacks 'tokenizer.json'"):
        validate(read)
    shutil.rmtree(tmp_path / "models")
    with pytest.raises(SpecError, match=r"no folder .*models/reader"):
        validate(read)


def test_an_asset_lies_in_its_package() -> None:
    place = place_of("asset:minilm", Path())
    assert Folder.opened(place).config["model_type"] == "bert"
    with pytest.raises(DataError, match=r"no asset 'minilm2'.*Near names: minilm"):
        place_of("asset:minilm2", Path())


def test_an_asset_that_is_a_model_is_no_source_of_rows() -> None:
    with pytest.raises(DataError, match=r"pre-trained model.*train.algorithm"):
        AssetData("minilm").read()


SERVED = """
import json, sys
import polars as pl
from lingqu.release.release import Release
release = Release.open(sys.argv[1])
said = release.predict(pl.DataFrame({"note": ["good water now", "bad gate", "low " * 40]}))
heavy = sorted({name.partition(".")[0] for name in sys.modules}
               & {"torch", "transformers", "sklearn", "safetensors"})
print(json.dumps([said["prediction"].to_list(), heavy]))
"""


@pytest.mark.slow
def test_a_release_is_answered_without_torch_and_transformers(tmp_path: Path) -> None:
    path = channel(tmp_path, "lora")
    run = Workspace(tmp_path / ".lingqu").run(path)
    assert run.release, run
    shutil.rmtree(tmp_path / "models")
    folder = next((tmp_path / ".lingqu" / "blobs" / "releases").iterdir())
    done = subprocess.run(
        [sys.executable, "-c", SERVED, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == '[["good", "bad", "bad"], []]'


@pytest.mark.slow
def test_a_picture_model_where_there_are_texts_is_a_line_of_the_leaderboard(tmp_path: Path) -> None:
    path = channel(tmp_path)
    shutil.rmtree(tmp_path / "models" / "reader")
    shutil.copytree(image_folder(), tmp_path / "models" / "reader")
    run = Workspace(tmp_path / ".lingqu").run(path)
    trained = next(stage.result for stage in run.stages if stage.name == "train")
    lines = {line["name"]: line for line in trained["candidates"]}
    assert lines["pretrained"]["state"] == "failed"
    assert "reads image, and no feature column" in lines["pretrained"]["reason"]
