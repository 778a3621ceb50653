"""Levels of grey: pixels on the scale of a net, and back on the levels that the data have.

What a net paints lies between levels, and a test that sees half levels knows at once what was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.schema import Column

Pixels = NDArray[np.float32]
MOST = 256
"""Levels that a picture file holds."""


@dataclass(frozen=True)
class Levels:
    """The levels of the pixels of a column.

    Args:
        low: The darkest.
        high: The brightest.
        count: How many there are from the darkest to the brightest, evenly spaced.
    """

    low: float
    high: float
    count: int

    @classmethod
    def of(cls, pixels: Pixels, column: Column) -> Levels:
        """Return the levels of pictures: declared ends or those that were seen; 256 if uneven.

        Example:
            >>> found = Levels.of(np.array([0, 3, 16], np.float32), Column("p", "image"))
            >>> found.high, found.count
            (16.0, 17)
            >>> Levels.of(np.array([0, 0.123, 0.7], np.float32), Column("p", "image")).count
            256
        """
        low = float(pixels.min(initial=np.inf)) if column.low is None else float(column.low)
        high = float(pixels.max(initial=-np.inf)) if column.high is None else float(column.high)
        if not high > low:
            low, high = (low, low + 1.0) if np.isfinite(low) else (0.0, 1.0)
        return cls(low, high, _count(np.unique(pixels).astype(np.float64), low, high))

    def scaled(self, pixels: Pixels) -> Pixels:
        """Return pictures (N, H, W) or (N, H, W, C) as (N, C, H, W) in [−1, 1]."""
        whole = pixels[:, None] if pixels.ndim == 3 else np.moveaxis(pixels, 3, 1)
        x = np.clip((whole - self.low) / (self.high - self.low) * 2 - 1, -1, 1)
        return np.ascontiguousarray(x, dtype=np.float32)


def _count(known: NDArray[np.float64], low: float, high: float) -> int:
    """Return how many evenly spaced levels hold these, or `MOST`."""
    known = np.unique(np.append(known, [low, high]))
    if not 2 <= len(known) <= MOST:
        return MOST
    # Whole numbers may be shades that a small sample happens not to have.
    step = 1.0 if np.array_equal(known, np.rint(known)) else float(np.diff(known).min())
    places = (known - low) / step
    even = np.abs(places - np.rint(places)).max() < 1e-3
    count = round((high - low) / step) + 1
    return count if even and count <= MOST else MOST


def snapped(x: NDArray[Any], count: int) -> Pixels:
    """Return pixels in [−1, 1], each on the nearest level.

    Example:
        >>> snapped(np.array([-1.2, -0.1, 0.6]), 3).tolist()
        [-1.0, 0.0, 1.0]
    """
    return _of(_level(x, count), count)


def to_bytes(x: Pixels, count: int) -> NDArray[np.uint8]:
    """Return a picture (C, H, W) in [−1, 1] as bytes, each level as far apart as the next.

    Returns:
        (H, W) or (H, W, C).

    Example:
        >>> to_bytes(np.array([[[-1.0, -0.1, 0.6]]], np.float32), 3).tolist()
        [[0, 128, 255]]
    """
    told = np.rint(_level(x, count) * (255 / (count - 1))).astype(np.uint8)
    return told[0] if len(told) == 1 else np.moveaxis(told, 0, 2)


def of_bytes(pictures: NDArray[np.uint8], count: int) -> Pixels:
    """Return pictures of bytes, (N, H, W) or (N, H, W, C), as (N, C, H, W) in [−1, 1].

    Example:
        >>> of_bytes(np.array([[[0, 128, 255]]], np.uint8), 3).tolist()
        [[[[-1.0, 0.0, 1.0]]]]
    """
    whole = pictures[:, None] if pictures.ndim == 3 else np.moveaxis(pictures, 3, 1)
    x = _of(np.rint(whole.astype(np.float64) * ((count - 1) / 255)), count)
    return np.ascontiguousarray(x)


def _level(x: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Return the number of the nearest level, from 0."""
    place: NDArray[np.float64] = (np.clip(x, -1, 1).astype(np.float64) + 1) / 2 * (count - 1)
    return np.rint(place)


def _of(level: NDArray[np.float64], count: int) -> Pixels:
    x: Pixels = (level / (count - 1) * 2 - 1).astype(np.float32)
    return x
