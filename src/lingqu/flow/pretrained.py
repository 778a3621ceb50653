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


def algorithms_of(channel: Channel) -> tuple[tuple[str, Mapping[str, Json]], ...]:
    """Return the algorithms of a channel; a pre-trained model by its folder and its digest.

    With the digest among the options no fit of another model under the same path is taken over.

    Raises:
        SpecError: A folder is not what it should be.
        DataError: The package of an asset is not installed, or holds other files.
    """
    return tuple(
        (name, _found(options, folder_of(channel)) if name == _NAME else options)
        for name, options in channel.train.algorithms
    )


def digests_of(algorithms: Iterable[tuple[str, Mapping[str, Json]]]) -> list[str]:
    """Return what tells pre-trained models from others, wherever they lie."""
    return [str(options["sha256"]) for name, options in algorithms if name == _NAME]


def _found(options: Mapping[str, Any], beside: Path) -> dict[str, Json]:
    require("safetensors", _NAME)
    # Who names no such model does without its readers.
    from lingqu.learn.pretrained.sources import source_of

    source = source_of(place_of(str(options["path"]), beside), str(options.get("sha256", "")))
    return {**options, "path": str(source.path), "sha256": source.digest}


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
