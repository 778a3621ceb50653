"""Where the pre-trained models of a channel lie: beside its file, or in a known package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lingqu.core.catalog import require
from lingqu.core.nouns import Json
from lingqu.core.spec import Channel
from lingqu.data.assets import find, located, verify
from lingqu.flow.imported import folder_of

ASSET = "asset:"
_NAME = "pretrained"
_NAMES = frozenset({_NAME, "pretrained_decoder", "pretrained_seq2seq"})
_INSTEAD = {"text": "text_features", "audio": "log_mel"}
"""Kind of column → the operator that makes something else of it where nobody names one."""


def algorithms_of(channel: Channel) -> tuple[tuple[str, Mapping[str, Json]], ...]:
    """Return the algorithms of a channel; a pre-trained model by its folder and its digest.

    With the digest among the options no fit of another model under the same path is taken over.

    Raises:
        SpecError: A folder is not what it should be.
        DataError: The package of an asset is not installed, or holds other files.
    """
    return tuple(
        (name, _found(name, options, folder_of(channel)) if name in _NAMES else options)
        for name, options in channel.train.algorithms
    )


def digests_of(algorithms: Iterable[tuple[str, Mapping[str, Json]]]) -> list[str]:
    """Return what tells pre-trained models from others, wherever they lie."""
    return [str(options["sha256"]) for name, options in algorithms if name in _NAMES]


def _found(name: str, options: Mapping[str, Any], beside: Path) -> dict[str, Json]:
    require("safetensors", _NAME)
    place, digest = place_of(str(options["path"]), beside), str(options.get("sha256", ""))
    # Who names no such model does without its readers.
    if name == _NAME:
        from lingqu.learn.pretrained.sources import source_of

        source = source_of(place, digest)
        return {**options, "path": str(source.path), "sha256": source.digest}
    from lingqu.learn.pretrained.writers.folder import DECODERS, PAIRS, WriterFolder

    known = DECODERS if name == "pretrained_decoder" else PAIRS
    found = WriterFolder.opened(place, known, digest)
    return {**options, "path": str(found.path), "sha256": found.digest}


def place_of(path: str, beside: Path) -> Path:
    """Return where a model lies.

    Args:
        path: Relative to the channel file, or `asset:` and a name of the catalogue.
        beside: Folder of the channel file.

    Raises:
        DataError: There is no such asset, its package is not installed, or holds other files.
    """
    if not path.startswith(ASSET):
        return (beside / Path(path).expanduser()).resolve()
    name = path.removeprefix(ASSET)
    asset = find(name)
    paths = located(name, asset)
    verify(name, asset, paths)
    return paths[0]


def unwanted(channel: Channel) -> frozenset[str]:
    """Return usual operators that would take away what a learner that was named reads itself.

    Chinese texts would become vectors, and recordings pictures; a net of words and an encoder of
    either read them as they are.
    """
    read = {
        _read_by(channel, options) if name == _NAME else "text"
        for name, options in channel.train.algorithms
        if name in (*_NAMES, "net")
    }
    return frozenset(_INSTEAD[kind] for kind in read if kind in _INSTEAD)


def _read_by(channel: Channel, options: Mapping[str, Any]) -> str:
    """Return the kind of columns that a pre-trained encoder reads."""
    require("safetensors", _NAME)
    from lingqu.learn.pretrained.sources import source_of

    return source_of(place_of(str(options["path"]), folder_of(channel))).reads
