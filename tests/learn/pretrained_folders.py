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
    (folder / "preprocessor_config.json").write_text(json.dumps(PICTURES), encoding="utf-8")
    return folder


@cache
def text_folder() -> Path:
    """A BERT of two layers; the same folder for all tests of a process, not to be changed."""
    return write(_scratch() / "reader", transformers.BertConfig(**SMALL))


@cache
def image_folder() -> Path:
    """A ViT of two layers; not to be changed."""
    return write(_scratch() / "viewer", transformers.ViTConfig(**SEEN))


def copied(folder: Path, to: Path) -> Path:
    """A copy of a folder that a test may spoil."""
    return Path(shutil.copytree(folder, to / folder.name))


@cache
def _scratch() -> Path:
    place = Path(tempfile.mkdtemp(prefix="lingqu-folders-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place
