"""The door of pre-trained models: what a folder must hold, and what is refused, with the reason."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from tests.learn.pretrained_folders import copied, image_folder, text_folder

from lingqu.core.errors import SpecError
from lingqu.learn.pretrained.encoder import body_of
from lingqu.learn.pretrained.folder import Folder
from lingqu.learn.pretrained.sources import source_of


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A folder of its own."""
    return copied(text_folder(), tmp_path)


def say(folder: Path, **told: object) -> None:
    """Change what its configuration says."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | told))


def test_a_folder_tells_what_it_reads() -> None:
    reader, viewer = Folder.opened(text_folder()), Folder.opened(image_folder())
    assert (reader.reads, reader.longest, reader.pooling) == ("text", 40, "mean")
    assert (viewer.reads, viewer.pooling) == ("image", "first")
    assert [file.name for file in reader.weights] == ["model.safetensors"]
    assert reader.tokeniser.startswith("{") and reader.digest != viewer.digest


def test_pooling_is_what_the_folder_says(spoilt: Path) -> None:
    (spoilt / "1_Pooling").mkdir()
    told = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (spoilt / "1_Pooling" / "config.json").write_text(json.dumps(told))
    assert Folder.opened(spoilt).pooling == "first"


def test_the_longest_text_is_the_smaller_of_what_both_files_say(spoilt: Path) -> None:
    for said, expected in ((16, 16), (10**30, 40)):
        (spoilt / "tokenizer_config.json").write_text(json.dumps({"model_max_length": said}))
        assert Folder.opened(spoilt).longest == expected


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(spoilt: Path, name: str) -> None:
    (spoilt / name).unlink()
    with pytest.raises(SpecError, match=f"lacks '{name}'.*save_pretrained"):
        Folder.opened(spoilt)


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"no folder .*asset:"):
        source_of(tmp_path / "nowhere")


def test_another_digest_is_refused_and_the_right_one_is_told(spoilt: Path) -> None:
    digest = Folder.opened(spoilt).digest
    assert Folder.opened(spoilt, digest.upper()).digest == digest
    with (spoilt / "tokenizer.json").open("a") as file:
        file.write("\n")
    with pytest.raises(SpecError, match=f"expected {digest}"):
        Folder.opened(spoilt, digest)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors", "notes.txt"])
def test_a_pickle_is_refused_whatever_it_is_called(spoilt: Path, name: str) -> None:
    torch.save({"weight": torch.zeros(2)}, spoilt / name)
    with pytest.raises(SpecError, match=name):
        Folder.opened(spoilt)
    (spoilt / name).write_bytes(pickle.dumps([1]))
    with pytest.raises(SpecError, match=r"(?i)pickle"):
        Folder.opened(spoilt)


def test_weights_as_a_pickle_alone_are_refused_with_the_way_out(spoilt: Path) -> None:
    (spoilt / "model.safetensors").rename(spoilt / "pytorch_model.bin")
    with pytest.raises(SpecError, match=r"would run code.*save_pretrained"):
        Folder.opened(spoilt)


def test_weights_that_are_cut_short_are_refused(spoilt: Path) -> None:
    file = spoilt / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(SpecError, match=r"cannot be read as weights"):
        Folder.opened(spoilt)


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"model_type": "bart"}, r"'bart', which is no encoder.*bert"),
        ({"model_type": "brt"}, r"Near: bert"),
        ({"model_type": "mine", "auto_map": {"AutoModel": "mine.Mine"}}, r"code of its own"),
        ({"model_type": "sew"}, r"'sew', which is no encoder.*wav2vec2"),
    ],
)
def test_other_kinds_are_refused(spoilt: Path, told: dict[str, object], match: str) -> None:
    say(spoilt, **told)
    with pytest.raises(SpecError, match=match):
        Folder.opened(spoilt)


def test_code_beside_a_known_kind_is_never_run(spoilt: Path) -> None:
    (spoilt / "mine.py").write_text("raise SystemExit('ran')\n")
    say(spoilt, auto_map={"AutoModel": "mine.Mine"})
    assert type(body_of(Folder.opened(spoilt))).__name__ == "BertModel"


@pytest.mark.parametrize("told", [{"num_hidden_layers": 3}, {"hidden_size": 64}])
def test_weights_of_another_configuration_are_refused(
    spoilt: Path, told: dict[str, object]
) -> None:
    say(spoilt, **told)
    with pytest.raises(SpecError, match=r"not those that its `config.json` describes"):
        body_of(Folder.opened(spoilt))


def test_json_that_is_none_is_refused(spoilt: Path) -> None:
    for text in ("{", "[1]"):
        (spoilt / "config.json").write_text(text)
        with pytest.raises(SpecError, match=r"config.json.*no JSON object"):
            Folder.opened(spoilt)


def test_a_decoder_is_no_encoder(tmp_path: Path) -> None:
    (tmp_path / "writer.gguf").write_bytes(b"GGUF")
    with pytest.raises(SpecError, match=r"holds a decoder"):
        source_of(tmp_path / "writer.gguf")
