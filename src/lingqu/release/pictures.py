"""Image columns → arrays of pixels, and their reduction to fewer pixels."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.release.media import pixels

_ROWS = 128
"""Images reduced at a time, to bound the work arrays."""

GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Luma weights of red, green and blue (ITU-R BT.601)."""


def pixel_array(series: pl.Series, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """Return the pixels of a column without missing values, shape (N, *shape).

    An `Array` column is handed over as it is, without a copy; paths and encoded bytes are
    decoded by `release/media.py`.

    Raises:
        DataError: The images have another shape.
    """
    kind = series.dtype
    if isinstance(kind, pl.Array) and kind.shape == shape and not series.null_count():
        return series.to_numpy()
    return pixels(series, shape)


def reduced_size(shape: tuple[int, ...], limit: int) -> tuple[int, int]:
    """Return the height and width after neither may pass `limit`.

    Example:
        >>> reduced_size((28, 8), 16)
        (16, 8)
    """
    return min(shape[0], limit), min(shape[1], limit)


@cache
def _averaging(size: int, length: int) -> NDArray[np.float32]:
    """Return the matrix (size, length) that averages `length` pixels into `size`."""
    edges = np.linspace(0, length, size + 1)
    starts, ends = edges[:-1, None], edges[1:, None]
    pixel = np.arange(length)
    overlap = np.minimum(ends, pixel + 1) - np.maximum(starts, pixel)
    weights = np.clip(overlap, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def reduce_pixels(
    images: NDArray[np.generic], size: tuple[int, int], grey: bool
) -> NDArray[np.float32]:
    """Average neighbouring pixels down to `size`.

    Args:
        images: Shape (N, H, W) or (N, H, W, C).
        size: Height and width of the result, neither above H and W.
        grey: Turn colours into one grey channel first.

    Returns:
        Float32, shape (N, C, h, w); C is 1 for grey.

    Example:
        >>> reduce_pixels(np.arange(4).reshape(1, 2, 2), (1, 1), grey=True).ravel().tolist()
        [1.5]
    """
    colour = images[..., None] if images.ndim == 3 else images
    channels = 1 if grey else colour.shape[3]
    down, across = _averaging(size[0], colour.shape[1]), _averaging(size[1], colour.shape[2])
    result = np.empty((len(images), channels, *size), dtype=np.float32)
    for start in range(0, len(images), _ROWS):
        part = colour[start : start + _ROWS].astype(np.float32)
        if grey:
            part = part[..., :3] @ GREY if part.shape[3] >= 3 else part.mean(axis=3)
            part = part[..., None]
        stacked = np.moveaxis(part, 3, 1)  # (n, C, H, W)
        result[start : start + _ROWS] = down @ stacked @ across.T
    return result
