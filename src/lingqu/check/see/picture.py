"""Small pictures of rows, as addresses that need no network."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lingqu.core.nouns import Json
from lingqu.core.schema import Column

SIDE = 96
"""Pixels of a side, at most."""


def picture(pixels: NDArray[np.float32], column: Column) -> dict[str, Json]:
    """Return the pixels of a row as a PNG of at most 96 × 96.

    Args:
        pixels: (H, W) or (H, W, C), in the scale of the column.
        column: Its ``low`` and ``high`` are black and white.

    Returns:
        ``uri``, ``width`` and ``height``.

    Example:
        >>> white = np.full((2, 3), 16.0, np.float32)
        >>> shown = picture(white, Column("photo", "image", low=0.0, high=16.0))
        >>> shown["uri"][:22], shown["width"], shown["height"]
        ('data:image/png;base64,', 3, 2)
    """
    low, high = column.low or 0.0, column.high or 255.0
    scaled = np.clip((pixels - low) / max(high - low, 1e-9) * 255, 0, 255)
    flat = scaled[..., 0] if scaled.ndim == 3 and scaled.shape[2] == 1 else scaled
    image = Image.fromarray(np.rint(flat).astype(np.uint8))
    image.thumbnail((SIDE, SIDE))
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    uri = "data:image/png;base64," + b64encode(file.getvalue()).decode()
    return {"uri": uri, "width": image.width, "height": image.height}
