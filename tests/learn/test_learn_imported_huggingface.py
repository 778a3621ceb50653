"""Trained heads of Hugging Face: compared with the library, kept as a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
import transformers
from tests.learn.pretrained_folders import SEEN, SMALL, tokeniser, write

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.imported.bring import bring
from lingqu.learn.imported.huggingface import HuggingFace
from lingqu.learn.pretrained.quiet import quiet
from lingqu.release.runner import predict_model

TEXTS = ["low water", "the lock gates , open now", "good", "", "bad bad bad weather today"] * 4
MOODS = ("bad", "good", "mixed")


def folder(place: Path, head: str = "ForSequenceClassification", **told: Any) -> Path:
    """A trained head, with the tokeniser as the library keeps it."""
    write(place, transformers.BertConfig(**SMALL, **told), head, seed=3)
    with quiet():
        kept = transformers.PreTrainedTokenizerFast(
            tokenizer_object=tokeniser(), unk_token="[UNK]", pad_token="[PAD]",
            cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]", model_max_length=40,
        )  # fmt: skip
        kept.save_pretrained(place)
    return place


def rows(task: str = "classify", levels: tuple[str, ...] = MOODS) -> Dataset:
    y: list[Any] = [levels[at % len(levels)] for at in range(20)]
    target = Column("y", "category", "target", levels=levels)
    if task == "regress":
        y, target = [float(at) for at in range(20)], Column("y", "number", "target")
    frame = pl.DataFrame({"note": TEXTS, "size": np.arange(20.0), "y": y})
    return Dataset(frame, Schema((Column("note", "text"), Column("size", "number"), target)))


def named(*names: str) -> dict[str, Any]:
    return {"id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}


def asked(place: Path, texts: list[str]) -> np.ndarray:
    """What a pipeline of the library says, whole batches padded."""
    with quiet():
        net = transformers.AutoModelForSequenceClassification.from_pretrained(place).eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(place)
    with torch.inference_mode():
        read = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        return net(**read).logits.numpy()


def test_classes_come_by_their_names_whatever_their_order(tmp_path: Path) -> None:
    place = folder(tmp_path / "mood", **named("mixed", "good", "bad"))
    choice = bring(HuggingFace("mood"), rows(), "classify", folder=tmp_path)
    said = predict_model(choice.model, rows().frame)
    logits = asked(place, TEXTS)
    powers = np.exp(logits - logits.max(1, keepdims=True))
    expected = (powers / powers.sum(1, keepdims=True))[:, [2, 1, 0]]
    assert said.classes == MOODS and said.probabilities is not None
    assert np.allclose(said.probabilities, expected, atol=1e-5)
    (member,) = choice.model.members
    assert member.notes["kind"] == "bert" and member.notes["difference"] < 1e-5
    assert [block["type"] for block in member.encoding["blocks"]] == ["pieces"]


def test_a_head_of_one_number_regresses(tmp_path: Path) -> None:
    place = folder(tmp_path / "price", num_labels=1)
    choice = bring(HuggingFace("price"), rows("regress"), "regress", folder=tmp_path)
    said = predict_model(choice.model, rows("regress").frame)
    assert np.allclose(said.labels, asked(place, TEXTS)[:, 0], atol=1e-5)


def test_pictures_are_seen_as_the_folder_says(tmp_path: Path) -> None:
    config = transformers.ViTConfig(**SEEN, **named("dark", "light"))
    write(tmp_path / "eye", config, "ForImageClassification", seed=3)
    random = np.random.default_rng(0)
    cells = random.integers(0, 256, (12, 16, 16, 3)).astype(np.uint8)
    cells[0] = 255
    image = pl.Series(cells, dtype=pl.Array(pl.UInt8, (16, 16, 3)))
    frame = pl.DataFrame({"image": image, "y": ["dark", "light"] * 6})
    column = Column("image", "image", shape=(16, 16, 3), low=0, high=255)
    target = Column("y", "category", "target", levels=("dark", "light"))
    data = Dataset(frame, Schema((column, target)))
    choice = bring(HuggingFace("eye"), data, "classify", folder=tmp_path)
    with quiet():
        net = transformers.AutoModelForImageClassification.from_pretrained(tmp_path / "eye").eval()
    pixels = (torch.from_numpy(cells).permute(0, 3, 1, 2) / 255 - 0.5) / 0.25
    with torch.inference_mode():
        expected = net(pixels).logits.softmax(1).numpy()
    said = predict_model(choice.model, frame)
    assert said.probabilities is not None and np.allclose(said.probabilities, expected, atol=1e-5)


def test_classes_without_names_are_those_of_the_target(tmp_path: Path) -> None:
    folder(tmp_path / "mood", num_labels=3)
    choice = bring(HuggingFace("mood"), rows(), "classify", folder=tmp_path)
    assert choice.model.classes == MOODS


def test_other_classes_are_refused(tmp_path: Path) -> None:
    folder(tmp_path / "mood", **named("sad", "glad", "mixed"))
    with pytest.raises(SpecError, match=r"sad, glad, mixed"):
        bring(HuggingFace("mood"), rows(), "classify", folder=tmp_path)


def test_an_encoder_without_a_head_is_refused_with_the_way_to_one(tmp_path: Path) -> None:
    folder(tmp_path / "mood", head="")
    with pytest.raises(SpecError, match=r"BertModel, which has no trained head.*pretrained"):
        bring(HuggingFace("mood"), rows(), "classify", folder=tmp_path)


def test_texts_that_are_too_long_are_cut_only_where_that_is_said(tmp_path: Path) -> None:
    place = folder(tmp_path / "mood", **named(*MOODS))
    long = Dataset(rows().frame.with_columns((pl.col("note") + " low" * 50).alias("note")),
                   rows().schema)  # fmt: skip
    with pytest.raises(TrainError, match=r"20 of 20 texts.*`context: 40`"):
        bring(HuggingFace("mood"), long, "classify", folder=tmp_path)
    choice = bring(HuggingFace("mood", context=40), long, "classify", folder=tmp_path)
    assert any("20 of 20 training texts were cut" in note["en"] for note in choice.notes)
    said = predict_model(choice.model, long.frame)
    expected = torch.from_numpy(asked(place, long.frame["note"].to_list())).softmax(1).numpy()
    assert said.probabilities is not None and np.allclose(said.probabilities, expected, atol=1e-5)


def test_a_folder_with_a_pickle_or_another_digest_is_refused(tmp_path: Path) -> None:
    place = folder(tmp_path / "mood", **named(*MOODS))
    with pytest.raises(SpecError, match="SHA-256"):
        bring(HuggingFace("mood", sha256="0" * 64), rows(), "classify", folder=tmp_path)
    torch.save({}, place / "training_args.bin")
    with pytest.raises(SpecError, match=r"training_args.bin"):
        bring(HuggingFace("mood"), rows(), "classify", folder=tmp_path)
