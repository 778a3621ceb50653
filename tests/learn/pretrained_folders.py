"""Small folders of pre-trained models with random weights, as the library writes them."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from lingqu.learn.pretrained.folder import AUDIO
from lingqu.learn.pretrained.quiet import quiet

WORDS = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "low", "middle", "high", "water"),
    *("lock", "gate", "today", "open", "now", "good", "bad", "##s", ",", "中", "高", "x"),
)
SMALL: dict[str, Any] = {
    "vocab_size": len(WORDS), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 48, "max_position_embeddings": 40,
}  # fmt: skip
SEEN: dict[str, Any] = {
    "image_size": 16, "patch_size": 4, "hidden_size": 32, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 48,
}  # fmt: skip
HEARD: dict[str, Any] = {
    **{name: SMALL[name] for name in SMALL if name.startswith(("hidden", "num", "inter"))},
    "conv_dim": (16, 16, 16), "conv_kernel": (10, 3, 2), "conv_stride": (5, 4, 2),
    "num_feat_extract_layers": 3, "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4, "vocab_size": 20,
}  # fmt: skip
SPOKEN: dict[str, Any] = {
    "vocab_size": 40, "num_mel_bins": 16, "d_model": 32, "encoder_layers": 2, "decoder_layers": 1,
    "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48, "max_source_positions": 50, "max_target_positions": 10,
    "pad_token_id": 1, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 2,
}  # fmt: skip
PATCHES = SEEN | {"max_length": 64, "num_mel_bins": 16}
PICTURES = {"size": {"height": 16, "width": 16}, "image_mean": [0.5] * 3, "image_std": [0.25] * 3}


def tokeniser() -> Tokenizer:
    """A tokeniser of a few words, which pads and cuts unless somebody stops it."""
    made = Tokenizer(models.WordPiece({w: at for at, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, ends)
    made.enable_padding(length=8)
    made.enable_truncation(8)
    return made


def write(folder: Path, config: Any, head: str = "", seed: int = 0) -> Path:
    """Write a model with random weights, its tokeniser, and what it says of pictures."""
    torch.manual_seed(seed)
    kind = getattr(transformers, f"AutoModel{head}")
    with quiet():
        kind.from_config(config).save_pretrained(folder)
    tokeniser().save(str(folder / "tokenizer.json"))
    told = _preparation(str(config.model_type))
    (folder / "preprocessor_config.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def _preparation(kind: str) -> dict[str, Any]:
    """What a folder says of pictures or of recordings."""
    if kind not in AUDIO:
        return PICTURES
    if kind == "whisper":
        made: Any = transformers.WhisperFeatureExtractor(SPOKEN["num_mel_bins"], chunk_length=1)
    elif kind == "audio-spectrogram-transformer":
        frames, bands = PATCHES["max_length"], PATCHES["num_mel_bins"]
        made = transformers.ASTFeatureExtractor(max_length=frames, num_mel_bins=bands)
    else:
        made = transformers.Wav2Vec2FeatureExtractor()
    told: dict[str, Any] = made.to_dict()
    return told


@cache
def text_folder() -> Path:
    """A BERT of two layers; the same folder for all tests of a process, not to be changed."""
    return write(_scratch() / "reader", transformers.BertConfig(**SMALL))


@cache
def image_folder() -> Path:
    """A ViT of two layers; not to be changed."""
    return write(_scratch() / "viewer", transformers.ViTConfig(**SEEN))


@cache
def audio_folder(kind: str = "wav2vec2") -> Path:
    """A wav2vec 2.0 of two layers, or a Whisper that hears one second; not to be changed."""
    if kind == "whisper":
        config: Any = transformers.WhisperConfig(**SPOKEN)
    else:
        config = transformers.Wav2Vec2Config(**HEARD)
    return write(_scratch() / kind, config)


def copied(folder: Path, to: Path) -> Path:
    """A copy of a folder that a test may spoil."""
    return Path(shutil.copytree(folder, to / folder.name))


@cache
def _scratch() -> Path:
    place = Path(tempfile.mkdtemp(prefix="lingqu-folders-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place
