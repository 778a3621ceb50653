"""Encoders of recordings: what they hear, how long, and that a graph from samples says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from tests.learn.learn_tables import halves, with_column
from tests.learn.pretrained_folders import audio_folder, copied, image_folder

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.imported.huggingface import HuggingFace
from lingqu.learn.portfolio import portfolio
from lingqu.learn.pretrained import finding
from lingqu.learn.pretrained.folder import Folder
from lingqu.learn.pretrained.held_out import Held
from lingqu.learn.pretrained.opened import encoder_of
from lingqu.learn.pretrained.rungs import ORDER
from lingqu.learn.pretrained.sources import source_of
from lingqu.release.runner import predict_model
from lingqu.release.sound import Sound, encode

RATE = 8000


def tone(pitch: float, seconds: float, random: np.random.Generator, rate: int = RATE) -> bytes:
    """A recording of one pitch in noise, as a file."""
    at = np.arange(round(seconds * rate)) / rate
    wave = 0.3 * np.sin(2 * np.pi * pitch * at) + 0.02 * random.standard_normal(len(at))
    return encode(Sound(wave[:, None].astype(np.float32), rate))


def heard(n: int = 60, task: str = "classify") -> Dataset:
    """Recordings of a fifth to three tenths of a second: a low pitch, or a high one."""
    random = np.random.default_rng(0)
    y = random.permutation(np.arange(n) % 2)
    cells = [
        tone((300, 1500)[label] * random.uniform(0.9, 1.1), random.uniform(0.2, 0.3), random)
        for label in y
    ]
    if task == "regress":
        frame = pl.DataFrame({"call": cells, "y": 40.0 + 5 * y + random.normal(0, 1, n)})
        target = Column("y", "number", "target")
    else:
        frame = pl.DataFrame({"call": cells, "y": np.where(y > 0, "high", "low").tolist()})
        target = Column("y", "category", "target", levels=("high", "low"))
    return Dataset(frame, Schema((Column("call", "audio"), target)), "calls")


def fit(data: Dataset, seed: int = 0, **options: Any) -> Model:
    options = {"path": str(audio_folder()), "epochs": 3, "learning_rate": 3e-3, **options}
    learner = catalog.build("algorithms", "pretrained", options)
    train, held = halves(data)
    model: Model = learner.fit(train, held, Budget(60.0, seed=seed), lambda row: None)
    return model


def member(model: Model) -> Member:
    return model.members[0]


@pytest.mark.parametrize("task", ["classify", "regress"])
@pytest.mark.parametrize("rung", ORDER[1:])
def test_every_rung_hears_which_pitch_it_is(rung: str, task: str) -> None:
    data = heard(task=task)
    model = fit(data, rung=rung)
    assert member(model).notes["rung"] == rung
    (block,) = member(model).encoding["blocks"]
    assert (block["type"], block["rate"], block["cut"]) == ("waves", 16_000, False)
    assert Held.by(model, halves(data)[1]).score > (0.8 if task == "classify" else 0.4)


def test_of_recordings_alone_the_ladder_begins_with_the_frozen_encoder() -> None:
    notes = member(fit(heard())).notes
    assert next(row["rung"] for row in notes["ladder"]) == "frozen"
    assert "words" not in notes["told"][0]["en"]


def test_beside_other_columns_it_begins_with_those() -> None:
    data = heard()
    random = np.random.default_rng(1)
    data = with_column(data, Column("level", "number"), random.normal(0, 1, len(data)))
    model = fit(data)
    assert [row["rung"] for row in member(model).notes["ladder"]][:2] == ["words", "frozen"]
    assert [block["type"] for block in member(model).encoding["blocks"]] == ["numbers", "waves"]


def test_the_same_seed_gives_the_same_graph() -> None:
    finding.KEPT.forget()
    one = member(fit(heard(), rung="full", epochs=1)).graph
    assert member(fit(heard(), rung="full", epochs=1)).graph == one


def test_answers_depend_neither_on_neighbours_nor_on_the_rate_of_the_file() -> None:
    model = fit(heard(), rung="frozen")
    rows = heard(12).frame
    together = predict_model(model, rows).probabilities
    assert together is not None
    for at in (0, 5, 11):
        alone = predict_model(model, rows[at : at + 1]).probabilities
        assert alone is not None and np.allclose(together[at], alone[0], atol=1e-5)
    random = np.random.default_rng(3)
    files = [tone(1500, 0.25, random, rate) for rate in (8000, 16_000, 44_100)]
    said = predict_model(model, pl.DataFrame({"call": files}))
    assert said.labels.tolist() == [0, 0, 0]  # high


def test_a_longer_recording_than_twice_any_in_training_is_refused_or_cut_as_declared() -> None:
    random = np.random.default_rng(2)
    long = pl.DataFrame({"call": [tone(1500, 0.9, random), tone(300, 0.25, random)]})
    with pytest.raises(DataError, match=r"1 rows .*'call'.*longer than the model hears.*0\.9 s"):
        predict_model(fit(heard(), rung="frozen"), long)
    data = heard()
    cells = [tone(300, 1.2, random), *data.frame["call"][1:]]
    first = data.frame.with_columns(pl.Series("call", cells))
    with pytest.raises(TrainError, match=r"1 of \d+ recordings are longer .*1\.2 s.*`seconds: 1`"):
        fit(Dataset(first, data.schema), rung="frozen", path=str(audio_folder("whisper")))
    model = fit(heard(), rung="frozen", seconds=0.25)
    note = member(model).notes["told"][0]
    assert "training recordings were cut to 0.25 s" in note["en"] and "截到 0.25 秒" in note["zh"]
    assert len(predict_model(model, long).labels) == 2
    with pytest.raises(SpecError, match=r"`seconds` is 31; .* at most 30 s"):
        fit(heard(), seconds=31.0)


def test_a_missing_recording_is_heard_as_silence_and_a_broken_one_is_named() -> None:
    model = fit(heard(), rung="frozen")
    rows = pl.DataFrame({"call": [None, heard(1).frame["call"][0]]}, schema={"call": pl.Binary})
    assert len(predict_model(model, rows).labels) == 2
    broken = pl.DataFrame({"call": [heard(1).frame["call"][0], b"RIFF"]})
    with pytest.raises(DataError, match=r"[Rr]ow 2"):
        predict_model(model, broken)


def test_a_folder_that_sees_is_refused_for_recordings() -> None:
    with pytest.raises(SpecError, match=r"reads image, and no feature column"):
        data = with_column(heard(), Column("level", "number"), np.zeros(60))
        fit(data, path=str(image_folder()))


def test_recordings_alone_are_tried_with_what_hears_and_with_nothing_else() -> None:
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("pretrained", {"path": str(audio_folder())}), ("logistic", {})
    ]  # fmt: skip
    entries = portfolio(heard(), "classify", 60.0, wishes)
    # A constant is not tried either: it needs a column that it can read.
    assert [(e.name, bool(e.skip)) for e in entries] == [("pretrained", False), ("logistic", True)]


def test_a_folder_says_how_long_it_hears(tmp_path: Path) -> None:
    folder = Folder.opened(audio_folder())
    assert (folder.reads, folder.rate, folder.longest_s, folder.pooling) == (
        "audio", 16_000, 30.0, "mean"
    )  # fmt: skip
    assert Folder.opened(audio_folder("whisper")).longest_s == 1.0
    spoilt = copied(audio_folder(), tmp_path)
    (spoilt / "preprocessor_config.json").unlink()
    with pytest.raises(SpecError, match=r"lacks 'preprocessor_config.json'"):
        Folder.opened(spoilt)


def test_a_classifier_of_recordings_is_no_brought_model(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"'wav2vec2' and hears recordings.*pretrained"):
        HuggingFace(str(audio_folder())).read(audio_folder(), tmp_path, "classify")


def test_weights_of_voices_are_read_once_and_without_running_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINGQU_CACHE", str(tmp_path / "cache"))
    from lingqu.learn.pretrained.voice import Voice

    torch.manual_seed(0)
    learned = {n: t for n, t in Voice().state_dict().items() if "spectrum" not in n}
    beside = {"similarity_weight": torch.ones(1)}  # what compared voices while it learned
    torch.save({"model_state": learned | beside, "step": 3}, tmp_path / "voices.pt")
    folder = source_of(tmp_path / "voices.pt")
    assert (folder.reads, folder.name) == ("audio", "resemblyzer")
    encoder = encoder_of(folder, ())
    x = torch.randn(3, 40_000)
    x[1, 9_000:] = 0
    with torch.inference_mode():
        found = encoder(x)
        alone = encoder(x[1:2, :9_000])
    assert found.shape == (3, 256) and torch.allclose(found[1], alone[0], atol=1e-6)
    assert torch.allclose(found.norm(dim=1), torch.ones(3))
    torch.save({"model_state": {"linear.weight": torch.ones(2)}}, tmp_path / "other.pt")
    with pytest.raises(SpecError, match=r"cannot be read as weights"):
        source_of(tmp_path / "other.pt")
    torch.save({"model_state": Path("x")}, tmp_path / "code.pt")
    with pytest.raises(SpecError, match=r"cannot be read as weights"):
        source_of(tmp_path / "code.pt")
    assert json.loads((folder.path / "config.json").read_text()) == {"model_type": "resemblyzer"}
