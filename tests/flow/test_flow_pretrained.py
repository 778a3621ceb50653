"""Channels with a pre-trained model: where it lies, what is refused at the door, what is served."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.pretrained_folders import audio_folder, image_folder, text_folder

from lingqu.core.errors import DataError, SpecError
from lingqu.core.spec import Channel
from lingqu.data.assets import AssetData
from lingqu.flow.pretrained import algorithms_of, digests_of, place_of, unwanted
from lingqu.flow.validate import validate
from lingqu.learn.pretrained.folder import Folder
from lingqu.release.sound import Sound, encode
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


HEARD = """
import json, sys
import polars as pl
from lingqu.release.release import Release
release = Release.open(sys.argv[1])
calls = [open(path, "rb").read() for path in sys.argv[2:]]
said = release.predict(pl.DataFrame({"audio": calls}))
heavy = sorted({name.partition(".")[0] for name in sys.modules}
               & {"torch", "transformers", "sklearn", "safetensors"})
print(json.dumps([said["prediction"].to_list(), heavy]))
"""


def calls(place: Path) -> Path:
    """Write a channel of recordings in folders, low and high ones, and an encoder that hears."""
    for pitch, label in ((300, "low"), (1500, "high")):
        (place / "calls" / label).mkdir(parents=True)
        for number in range(40):
            at = np.arange(1600 + 10 * number) / 8000
            wave = 0.3 * np.sin(2 * np.pi * (pitch + 3 * number) * at).astype(np.float32)
            data = encode(Sound(wave[:, None], 8000))
            (place / "calls" / label / f"{number:02}.wav").write_bytes(data)
    shutil.copytree(audio_folder(), place / "models" / "ear")
    text = CHANNEL.replace("{source: notes.csv, kinds: {note: text}}", "{source: calls}")
    text = text.replace("govern: []\n", "").replace("target: mood", "target: label")
    text = text.replace("models/reader", "models/ear").replace(", context: 20", "")
    (place / "channel.yaml").write_text(text % "frozen", encoding="utf-8")
    return place / "channel.yaml"


def test_usual_operators_leave_what_a_named_encoder_reads_itself(tmp_path: Path) -> None:
    path = calls(tmp_path)
    assert unwanted(Channel.load(path)) == {"log_mel"}
    path.write_text(path.read_text().replace("models/ear", "models/reader"))
    shutil.copytree(text_folder(), tmp_path / "models" / "reader")
    assert unwanted(Channel.load(path)) == {"text_features"}
    path.write_text(path.read_text().replace("models/reader", "models/viewer"))
    shutil.copytree(image_folder(), tmp_path / "models" / "viewer")
    assert unwanted(Channel.load(path)) == frozenset()


@pytest.mark.slow
def test_recordings_are_answered_from_their_samples_without_torch(tmp_path: Path) -> None:
    run = Workspace(tmp_path / ".lingqu").run(calls(tmp_path))
    assert run.release, run
    shutil.rmtree(tmp_path / "models")
    folder = next((tmp_path / ".lingqu" / "blobs" / "releases").iterdir())
    files = [str(tmp_path / "calls" / name) for name in ("low/03.wav", "high/07.wav")]
    command = [sys.executable, "-c", HEARD, str(folder), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == '[["low", "high"], []]'
