"""Every kind of encoder that is accepted: its graph answers as the net does, at any length."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tests.learn.pretrained_folders import HEARD, PATCHES, SEEN, SMALL, SPOKEN, write

from lingqu.learn.deep.export import exported
from lingqu.learn.pretrained.encoder import body_of
from lingqu.learn.pretrained.folder import AUDIO, IMAGE, TEXT, Folder
from lingqu.learn.pretrained.opened import encoder_of
from lingqu.release.session import open_session

SMALLER = SMALL | {"embedding_size": 16}
STAGES: dict[str, Any] = {"hidden_sizes": [8, 16, 24], "depths": [1, 1, 1], "num_stages": 3}
CONFIGS: dict[str, Any] = {
    "albert": lambda: transformers.AlbertConfig(**SMALLER),
    "bert": lambda: transformers.BertConfig(**SMALL),
    "camembert": lambda: transformers.CamembertConfig(**SMALL),
    "deberta": lambda: transformers.DebertaConfig(**SMALL),
    "deberta-v2": lambda: transformers.DebertaV2Config(**SMALL),
    "distilbert": lambda: transformers.DistilBertConfig(
        vocab_size=SMALL["vocab_size"], dim=32, n_layers=2, n_heads=2, hidden_dim=48,
        max_position_embeddings=40,
    ),
    "electra": lambda: transformers.ElectraConfig(**SMALLER),
    "ernie": lambda: transformers.ErnieConfig(**SMALL),
    "mpnet": lambda: transformers.MPNetConfig(**SMALL),
    "roberta": lambda: transformers.RobertaConfig(**SMALL),
    "roformer": lambda: transformers.RoFormerConfig(**SMALL),
    "xlm-roberta": lambda: transformers.XLMRobertaConfig(**SMALL),
    "beit": lambda: transformers.BeitConfig(**SEEN),
    "convnext": lambda: transformers.ConvNextConfig(**STAGES),
    "convnextv2": lambda: transformers.ConvNextV2Config(**STAGES),
    "deit": lambda: transformers.DeiTConfig(**SEEN),
    "dinov2": lambda: transformers.Dinov2Config(**SEEN),
    "resnet": lambda: transformers.ResNetConfig(
        embedding_size=8, layer_type="basic", hidden_sizes=[8, 16], depths=[1, 1]
    ),
    "swin": lambda: transformers.SwinConfig(
        image_size=16, patch_size=2, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4
    ),
    "vit": lambda: transformers.ViTConfig(**SEEN),
    "vit_msn": lambda: transformers.ViTMSNConfig(**SEEN),
    "audio-spectrogram-transformer": lambda: transformers.ASTConfig(**PATCHES),
    "hubert": lambda: transformers.HubertConfig(**HEARD, feat_extract_norm="layer"),
    "unispeech": lambda: transformers.UniSpeechConfig(**HEARD, do_stable_layer_norm=True),
    "unispeech-sat": lambda: transformers.UniSpeechSatConfig(**HEARD),
    "wav2vec2": lambda: transformers.Wav2Vec2Config(**HEARD),
    "wavlm": lambda: transformers.WavLMConfig(**HEARD),
    "whisper": lambda: transformers.WhisperConfig(**SPOKEN),
}  # fmt: skip


def test_no_kind_is_left_out() -> None:
    assert set(CONFIGS) == (TEXT | IMAGE | AUDIO) - {"efficientnet-lite0", "resemblyzer"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(CONFIGS) - AUDIO))
def test_the_graph_of_a_kind_answers_as_its_net(kind: str, tmp_path: Any) -> None:
    folder = Folder.opened(write(tmp_path / "model", CONFIGS[kind]()))
    encoder = encoder_of(folder, () if folder.reads == "text" else (1, 12, 12))
    torch.manual_seed(1)

    def rows(count: int, width: int) -> torch.Tensor:
        if folder.reads == "image":
            return torch.rand(count, 144)
        x = torch.randint(5, SMALL["vocab_size"], (count, width)).float()
        x[1, width // 2 :] = 0
        return x

    session = open_session(exported(encoder, rows(6, 11), "x"))
    for count, width in ((6, 11), (2, 5), (3, folder.longest)):
        x = rows(count, width)
        with torch.inference_mode():
            expected = encoder(x).numpy()
        assert expected.shape == (count, encoder.width)
        assert np.allclose(session.run(None, {"x": x.numpy()})[0], expected, atol=1e-5)
        if folder.reads == "text":
            (alone,) = session.run(None, {"x": x[1:2, : width // 2].numpy()})
            assert np.allclose(alone, expected[1:2], atol=1e-5)


def alone(folder: Folder, samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What the library finds in one recording, prepared by its own extractor."""
    body = body_of(folder)
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder.path)
    (given,) = extractor(samples, sampling_rate=16_000, return_tensors="pt").values()
    kind = folder.config["model_type"]
    with torch.inference_mode():
        if kind == "audio-spectrogram-transformer":
            return np.asarray(body(given).pooler_output[0])
        net = body.get_encoder() if kind == "whisper" else body
        places = net(given).last_hidden_state[0]
    within = -(-len(samples) // 320) if kind == "whisper" else len(places)
    return np.asarray(places[:within].mean(0))


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(AUDIO - {"resemblyzer"}))
def test_the_graph_of_a_kind_hears_what_its_library_hears_of_each_alone(
    kind: str, tmp_path: Any
) -> None:
    folder = Folder.opened(write(tmp_path / "model", CONFIGS[kind]()))
    encoder = encoder_of(folder, ())
    random = np.random.default_rng(0)
    lengths = (9000, 16_000, 1600, 5000)
    x = np.zeros((4, 16_000), np.float32)
    for row, length in zip(x, lengths, strict=True):
        row[:length] = 0.1 * random.standard_normal(length) * np.hanning(length) + 1e-6
    session = open_session(exported(encoder, torch.from_numpy(x[:3]), "x"))
    (found,) = session.run(None, {"x": x})
    for row, length, heard in zip(x, lengths, found, strict=True):
        assert np.allclose(session.run(None, {"x": row[None, :length]})[0][0], heard, atol=1e-5)
        assert np.allclose(alone(folder, row[:length]), heard, atol=1e-5)
