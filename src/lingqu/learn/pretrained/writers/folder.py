"""A folder with a pre-trained model that writes: what it must hold, and what it says of itself.

As with encoders only data are read: a configuration, a tokeniser, weights as safetensors. A GGUF
file becomes such a folder first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.learn.imported.model_file import tree_digest
from lingqu.learn.pretrained import gguf
from lingqu.learn.pretrained.folder import CONFIG, TOKENISER, read_json, refuse_pickles, weights_in

DECODERS = frozenset({"gemma", "gpt2", "gpt_neox", "llama", "mistral", "olmo2", "opt", "phi",
                      "phi3", "qwen2", "qwen3"})  # fmt: skip
PAIRS = frozenset({"bart", "marian", "t5"})
"""Kinds whose steps were compared with the nets that they are steps of."""
_MOST = 1_000_000
_FILES = "generation_config.json", "tokenizer_config.json", "special_tokens_map.json"


@dataclass(frozen=True)
class WriterFolder:
    """A folder that holds a pre-trained model that writes.

    Args:
        path: The folder.
        config: What its ``config.json`` says.
        weights: Its files of weights.
        digest: SHA-256 of all its files.
    """

    path: Path
    config: Mapping[str, Any]
    weights: tuple[Path, ...]
    digest: str

    @classmethod
    def opened(cls, path: str | Path, known: frozenset[str], sha256: str = "") -> WriterFolder:
        """Return a folder in which everything was found that is needed.

        Args:
            path: The folder, or a GGUF file.
            known: Kinds that are wanted.
            sha256: Digest that the folder must have; any when empty.

        Raises:
            SpecError: A file is missing, a pickle lies there, the weights cannot be read, the
                digest is another one, or no model of this kind is known.
        """
        place = Path(path).expanduser()
        if place.suffix == ".gguf":
            place = gguf.as_folder(place)
        if not place.is_dir():
            raise SpecError("pretrained.no_folder", path=str(path))
        refuse_pickles(place)
        config = read_json(place, CONFIG)
        kind = str(config.get("model_type", "-"))
        if kind not in known:
            raise SpecError("pretrained.no_writer", path=place.name, received=kind,
                            near=near(kind, known), expected=", ".join(sorted(known)))  # fmt: skip
        if not (place / TOKENISER).is_file():
            raise SpecError("pretrained.no_file", path=place.name, file=TOKENISER)
        weights, digest = weights_in(place), tree_digest(place)
        if sha256 and sha256.lower() != digest:
            raise SpecError("imported.wrong_digest", path=place.name, expected=sha256.lower(),
                            received=digest)  # fmt: skip
        return cls(place, config, weights, digest)

    @property
    def name(self) -> str:
        """How it is called; of one that was made of a file, the form of that."""
        return self.path.parent.name if len(self.path.name) == len(self.digest) else self.path.name

    @cached_property
    def tokeniser(self) -> str:
        """Text of its ``tokenizer.json``."""
        return (self.path / TOKENISER).read_text(encoding="utf-8")

    @property
    def longest(self) -> int:
        """Most tokens that it looks back at; of a window that slides, one window."""
        names = "max_position_embeddings", "n_positions", "sliding_window", "model_max_length"
        told = [self.config.get(name) for name in names[:3]]
        told.append(self._said("tokenizer_config.json").get(names[3]))
        return min((int(one) for one in told if one and one < _MOST), default=_MOST)

    @property
    def ends(self) -> list[int]:
        """Numbers of the pieces that end a text, the usual one first."""
        found: list[int] = []
        for told in (self.config, self._said("generation_config.json")):
            given = told.get("eos_token_id")
            found += [given] if isinstance(given, int) else given or []
        return list(dict.fromkeys(found))

    @property
    def chat(self) -> str:
        """Its template of a chat, in Jinja; nothing where it has none."""
        file = self.path / "chat_template.jinja"
        if file.is_file():
            return file.read_text(encoding="utf-8")
        told = self._said("tokenizer_config.json").get("chat_template")
        if isinstance(told, list):  # several by name
            told = next(
                (each.get("template") for each in told if each.get("name") == "default"), ""
            )
        return str(told or "")

    def sign(self, name: str) -> str:
        """Return the text of a sign, such as ``bos_token``; nothing where it has none."""
        for file in _FILES[1:]:
            told = self._said(file).get(name)
            if told:
                return str(told["content"] if isinstance(told, dict) else told)
        return ""

    def _said(self, name: str) -> Mapping[str, Any]:
        return read_json(self.path, name) if (self.path / name).is_file() else {}
