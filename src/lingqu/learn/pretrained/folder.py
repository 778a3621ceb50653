"""A folder with a pre-trained model: what it must hold, checked before anything of it is used.

Only data are read: a configuration, a tokeniser or how pictures and recordings are prepared, and
weights as safetensors. Code in the folder is never run, and a pickle, which is code, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError, gist
from lingqu.learn.imported.model_file import is_pickle, tree_digest

Reads = Literal["text", "image", "audio"]

TEXT = frozenset({"albert", "bert", "camembert", "deberta", "deberta-v2", "distilbert", "electra",
                  "ernie", "mpnet", "roberta", "roformer", "xlm-roberta"})  # fmt: skip
IMAGE = frozenset({"beit", "convnext", "convnextv2", "deit", "dinov2", "efficientnet-lite0",
                   "resnet", "swin", "vit", "vit_msn"})  # fmt: skip
AUDIO = frozenset({"audio-spectrogram-transformer", "hubert", "resemblyzer", "unispeech",
                   "unispeech-sat", "wav2vec2", "wavlm", "whisper"})  # fmt: skip
"""Kinds of encoders whose graphs were compared with their nets."""
CONFIG, TOKENISER, PREPARATION = "config.json", "tokenizer.json", "preprocessor_config.json"
WEIGHTS = ".safetensors"
_PICKLED = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"})
_MOST = 1_000_000
"""A tokeniser that says its longest text has more pieces means that it does not know."""
_HEARD_S = 30.0
"""Seconds of a recording that are heard at most where a kind has no limit of its own: time and
memory grow with their square."""
RATE, _WINDOW, _HOP = 16_000, 400, 160
"""Samples a second, of a frame and between frames, where a folder does not say."""


@dataclass(frozen=True)
class Folder:
    """A folder that holds a pre-trained encoder.

    Args:
        path: The folder.
        config: What its ``config.json`` says.
        reads: What it reads: ``text``, ``image`` or ``audio``.
        weights: Its files of weights.
        digest: SHA-256 of all its files.
    """

    path: Path
    config: Mapping[str, Any]
    reads: Reads
    weights: tuple[Path, ...]
    digest: str

    @classmethod
    def opened(cls, path: str | Path, sha256: str = "") -> Folder:
        """Return a folder in which everything was found that is needed.

        Args:
            path: The folder.
            sha256: Digest that it must have; any when empty.

        Raises:
            SpecError: A file is missing, a pickle lies there, the weights cannot be read, the
                digest is another one, or no encoder of this kind is known.
        """
        place = Path(path).expanduser()
        if not place.is_dir():
            raise SpecError("pretrained.no_folder", path=str(path))
        refuse_pickles(place)
        config = read_json(place, CONFIG)
        reads = reads_of(place, config)
        beside = TOKENISER if reads == "text" else PREPARATION
        if not (place / beside).is_file():
            raise SpecError("pretrained.no_file", path=place.name, file=beside)
        weights = weights_in(place)
        digest = tree_digest(place)
        if sha256 and sha256.lower() != digest:
            raise SpecError("imported.wrong_digest", path=place.name, expected=sha256.lower(),
                            received=digest)  # fmt: skip
        return cls(place, config, reads, weights, digest)

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
        """Most pieces of a text that it reads."""
        places = int(self.config.get("max_position_embeddings", 512))
        if self.config["model_type"] in ("roberta", "xlm-roberta", "camembert", "mpnet"):
            places -= 2  # these count places from behind the number of the padding
        said = self._optional("tokenizer_config.json").get("model_max_length")
        return min(places, int(said)) if said and said < _MOST else places

    @property
    def pooling(self) -> Literal["mean", "first"]:
        """How one vector is made of many: ``mean`` or ``first``, as the folder says."""
        said = self._optional("1_Pooling/config.json")
        if said.get("pooling_mode_cls_token") or said.get("pooling_mode") == "cls":
            return "first"
        kinds = ("vit", "deit", "dinov2", "audio-spectrogram-transformer")
        first = self.reads != "text" and self.config["model_type"] in kinds
        return "first" if first and not said else "mean"

    @property
    def preparation(self) -> Mapping[str, Any]:
        """What its ``preprocessor_config.json`` says of pictures or recordings."""
        return self._optional(PREPARATION)

    @property
    def rate(self) -> int:
        """Samples per second that it hears."""
        return int(self.preparation.get("sampling_rate", RATE))

    @property
    def longest_s(self) -> float:
        """Most seconds of a recording that it hears."""
        hop = int(self.preparation.get("hop_length", _HOP))
        if self.config["model_type"] == "whisper":
            return int(self.config.get("max_source_positions", 1500)) * 2 * hop / self.rate
        if self.config["model_type"] == "audio-spectrogram-transformer":
            frames = int(self.config.get("max_length", 1024))
            return (_WINDOW + (frames - 1) * _HOP) / self.rate
        return _HEARD_S

    def _optional(self, name: str) -> Mapping[str, Any]:
        return read_json(self.path, name) if (self.path / name).is_file() else {}


def read_json(place: Path, name: str) -> dict[str, Any]:
    """Return a JSON file of a folder.

    Raises:
        SpecError: It is not there, or is no JSON object.
    """
    try:
        read = json.loads((place / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SpecError("pretrained.no_file", path=place.name, file=name) from error
    except ValueError as error:
        raise SpecError("pretrained.bad_json", path=place.name, file=name,
                        problem=gist(error)) from error  # fmt: skip
    if not isinstance(read, dict):
        raise SpecError("pretrained.bad_json", path=place.name, file=name, problem=type(read))
    return read


def refuse_pickles(place: Path) -> None:
    """Refuse a folder in which a pickle lies, whatever it is called.

    Raises:
        SpecError: There is one.
    """
    files = [file for file in sorted(place.rglob("*")) if file.is_file()]
    pickles = [file for file in files if file.suffix in _PICKLED or is_pickle(file)]
    if pickles:
        names = ", ".join(file.relative_to(place).as_posix() for file in pickles[:4])
        others = any(file.suffix == WEIGHTS for file in files if file not in pickles)
        key = "pretrained.pickle_beside" if others else "pretrained.pickle"
        raise SpecError(key, path=place.name, names=names)


def reads_of(place: Path, config: Mapping[str, Any]) -> Reads:
    """Return what a model reads, by its kind.

    Raises:
        SpecError: It is no encoder that is known here.
    """
    kind = str(config.get("model_type", "-"))
    if kind in TEXT:
        return "text"
    if kind in IMAGE:
        return "image"
    if kind in AUDIO:
        return "audio"
    known = sorted(TEXT | IMAGE | AUDIO)
    key = "pretrained.own_code" if "auto_map" in config else "pretrained.unknown_kind"
    raise SpecError(key, path=place.name, received=kind, near=near(kind, known),
                    expected=", ".join(known))  # fmt: skip


def weights_in(place: Path) -> tuple[Path, ...]:
    """Return the files of weights of a folder, each of which can be read.

    Raises:
        SpecError: There are none, or one is not what it is called.
    """
    files = tuple(sorted(place.glob(f"*{WEIGHTS}")))
    if not files:
        raise SpecError("pretrained.no_file", path=place.name, file=f"model{WEIGHTS}")
    for file in files:
        try:
            with safe_open(file, "numpy") as opened:
                opened.keys()
        except (SafetensorError, OSError) as error:
            raise SpecError("pretrained.bad_weights", path=place.name, file=file.name,
                            problem=gist(error)) from error  # fmt: skip
    return files
