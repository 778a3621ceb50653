"""Small folders of pre-trained models that write, with random weights."""

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
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from lingqu.learn.pretrained.quiet import quiet

SIGNS = ["<s>", "</s>", "<|start|>", "<|end|>"]
CHAT = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "<|start|>system\nBe kind<|end|>\n{% endif %}"
    "{{ '<|start|>' + message['role'] + '\n' + message['content'] + '<|end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}"
)
"""In the way of ChatML, with a system message where nobody says one."""
TEXTS = ["open close save delete copy the file page picture list all rows", "打开关闭保存删除复制",
         "文件页面图片列表所有行", "system user assistant Be kind Who built it"]  # fmt: skip
SMALL: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
    "max_position_embeddings": 128, "pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 1,
}  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128},
    "opt": SMALL | {"ffn_dim": 48, "word_embed_proj_dim": 32},
    **{kind: SMALL | {"num_key_value_heads": 2} for kind in ("llama", "mistral", "qwen2")},
    "qwen3": SMALL | {"num_key_value_heads": 2, "head_dim": 8},
    "gemma": SMALL | {"num_key_value_heads": 1, "head_dim": 8},
    "bart": {
        "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
        "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48,
        "max_position_embeddings": 128, "decoder_start_token_id": 1, "forced_eos_token_id": 1,
    },
    "t5": {
        "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4,
        "decoder_start_token_id": 0,
    },
}  # fmt: skip
OWN["marian"] = OWN["bart"] | {"decoder_start_token_id": 0}


@cache
def tokeniser() -> Tokenizer:
    """A tokeniser of bytes with a few pieces, which puts no sign before a text."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    signs = [AddedToken(sign, special=True) for sign in SIGNS]
    trainer = trainers.BpeTrainer(
        vocab_size=360, special_tokens=signs, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    made.train_from_iterator(TEXTS, trainer)
    return made


def written(folder: Path, kind: str, chat: str = "", seed: int = 0, **more: Any) -> Path:
    """Write a model with random weights, its tokeniser, and its template of a chat."""
    pair = kind in ("bart", "marian", "t5")
    signs = {"pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 1}
    options = OWN.get(kind, SMALL) | signs | {"vocab_size": tokeniser().get_vocab_size()} | more
    torch.manual_seed(seed)
    with quiet():
        config = transformers.AutoConfig.for_model(kind, **options)
        head = transformers.AutoModelForSeq2SeqLM if pair else transformers.AutoModelForCausalLM
        head.from_config(config).save_pretrained(folder)
    made = Tokenizer.from_str(tokeniser().to_str())
    if pair:
        ends = [("</s>", 1)]
        made.post_processor = processors.TemplateProcessing("$A </s>", None, ends)
    made.save(str(folder / "tokenizer.json"))
    told = {"bos_token": "<s>", "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told), encoding="utf-8")
    if chat:
        (folder / "chat_template.jinja").write_text(chat, encoding="utf-8")
    return folder


@cache
def folder_of(kind: str, chat: bool = False) -> Path:
    """A model of two layers; the same folder for all tests of a process, not to be changed."""
    place = Path(tempfile.mkdtemp(prefix="lingqu-writers-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return written(place / kind, kind, CHAT if chat else "")
