"""A folder and what is asked of it → an encoder."""

from __future__ import annotations

from typing import Literal

from lingqu.learn.pretrained.encoder import Pooling, Reader, Viewer, body_of
from lingqu.learn.pretrained.folder import Folder
from lingqu.learn.pretrained.hearing import heard_by
from lingqu.learn.pretrained.net import Encoder


def encoder_of(
    folder: Folder, shape: tuple[int, ...], pooling: Literal["auto", "mean", "first"] = "auto"
) -> Encoder:
    """Return the encoder of a folder in its evaluation form, with the weights that it came with.

    Args:
        folder: Of texts, pictures or recordings.
        shape: Of pictures, (C, H, W); otherwise empty.
        pooling: How one vector is made of many; ``auto`` as the folder says.

    Raises:
        SpecError: The weights are not those of the configuration.
    """
    way: Pooling = folder.pooling if pooling == "auto" else pooling
    body = body_of(folder)
    made: Encoder
    if folder.reads == "audio":
        made = heard_by(body, folder.config["model_type"], folder.preparation, way)
    elif shape:
        made = Viewer(body, shape, folder.preparation, way)
    else:
        made = Reader(body, way)
    return made.eval()
