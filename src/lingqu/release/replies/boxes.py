"""Objects in a picture: what a map of centres says, as boxes in the picture's own pixels.

Source: Zhou, Wang and Krähenbühl, "Objects as points", 2019, arXiv:1904.07850, section 4 (peaks
of a map, their sizes and offsets).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.box_metrics import overlaps
from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.release.media import NUMPY, image_in, named, pixels
from lingqu.release.replies import Run

Floats = NDArray[np.float64]
LEAST = 0.05
"""Chance below which a peak is no box at all."""
COMMON = 0.5
"""Overlap of two boxes of one label from which the less sure one is left out."""
_TOGETHER = 64
"""Pictures that are looked at together."""


class Boxes:
    """Answers a picture with the boxes of what is in it.

    The graph takes ``pictures`` (B, C, H, W) float32 as they were read and gives ``centres``
    (B, K, h, w), chances, ``sizes`` and ``offsets`` (B, 2, h, w), across and down, in steps of the
    map. A block ``usual`` has no such graph: every picture gets the boxes that it holds.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self.originals = frozenset(self.columns)
        self._labels: list[str] = block["labels"]
        self._shape: tuple[int, ...] = tuple(block["shape"])
        self._threshold = float(block["threshold"])
        self._most = int(block["most"])
        self._step = (float(block.get("step", 1)),) * 2

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        cells = frame.get_column(self.columns[0])
        said: list[list[Json]] = []
        unsure: list[list[Json]] = []
        for start in range(0, len(cells), _TOGETHER):
            some = cells[start : start + _TOGETHER]
            feed = {"pictures": channels_first(pixels(some, self._shape))}
            maps = run(["centres", "sizes", "offsets"], feed)
            for cell, centres, sizes, offsets in zip(some, *maps, strict=True):
                found = read_maps(centres, sizes, offsets, self._step, self._most)
                boxes = self._named(found, size_of(cell, self._shape))
                said.append([box for box in boxes if box["sure"] >= self._threshold])
                unsure.append([box for box in boxes if box["sure"] < self._threshold])
        return Replies(tuple(said), None, {"unsure": unsure})

    def _named(
        self, found: Sequence[tuple[int, float, Floats]], size: tuple[int, int]
    ) -> list[dict[str, Json]]:
        """Return boxes in pixels of the picture as it was sent, cut at its edges."""
        height, width = self._shape[:2]
        ways = np.array([size[1] / width, size[0] / height] * 2)
        ends = np.array([size[1], size[0]] * 2, dtype=np.float64)
        boxes: list[dict[str, Json]] = []
        for label, sure, sides in found:
            left, top, right, bottom = np.clip(sides * ways, 0, ends).tolist()
            if right - left > 0 and bottom - top > 0:
                boxes.append(
                    {
                        "label": self._labels[label], "x": round(left, 2), "y": round(top, 2),
                        "width": round(right - left, 2), "height": round(bottom - top, 2),
                        "sure": round(sure, 4),
                    }
                )  # fmt: skip
        return boxes


class UsualBoxes(Boxes):
    """Answers every picture with the same boxes: what all others must beat.

    The graph takes ``pictures`` (B,), how many there are, and gives ``boxes`` (K, 5): left, top,
    right, bottom as shares of the picture's sides, and how sure.
    """

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        cells = frame.get_column(self.columns[0])
        (table,) = run(["boxes"], {"pictures": np.ones(1, np.float32)})
        ends = np.array([self._shape[1], self._shape[0]] * 2, dtype=np.float64)
        found = [(label, float(row[4]), row[:4] * ends) for label, row in enumerate(table)]
        said: list[list[Json]] = []
        unsure: list[list[Json]] = []
        for cell in cells:
            boxes = self._named(found, size_of(cell, self._shape))
            said.append([box for box in boxes if box["sure"] >= self._threshold])
            unsure.append([box for box in boxes if box["sure"] < self._threshold])
        return Replies(tuple(said), None, {"unsure": unsure})


def channels_first(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return pictures (B, H, W) or (B, H, W, C) as (B, C, H, W)."""
    if pictures.ndim == 3:
        return pictures[:, None]
    return np.ascontiguousarray(np.moveaxis(pictures, 3, 1))


def read_maps(
    centres: NDArray[Any],
    sizes: NDArray[Any],
    offsets: NDArray[Any],
    step: tuple[float, float],
    most: int,
) -> list[tuple[int, float, Floats]]:
    """Return the boxes of one picture: peaks, the surest first, without near copies.

    Args:
        centres: Chance of a centre of each label, (K, h, w).
        sizes: Width and height of a box whose centre is there, (2, h, w), in steps.
        offsets: Where in its step the centre lies, across and down, (2, h, w).
        step: Pixels of a step, down and across.
        most: Boxes at most.

    Returns:
        Label, chance, and left, top, right, bottom.

    Example:
        >>> centres = np.zeros((1, 4, 4)); centres[0, 1, 2] = 0.9; centres[0, 1, 3] = 0.6
        >>> maps = np.full((2, 4, 4), 2.0), np.full((2, 4, 4), 0.5)
        >>> [(k, p, box.tolist()) for k, p, box in read_maps(centres, *maps, (4.0, 4.0), 9)]
        [(0, 0.9, [6.0, 2.0, 14.0, 10.0])]
    """
    wide = np.pad(centres, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    height, width = centres.shape[1:]
    around = [wide[:, down : down + height, across : across + width]
              for down in range(3) for across in range(3)]  # fmt: skip
    peaks = (centres >= np.max(around, axis=0)) & (centres >= LEAST)
    label, down, across = np.nonzero(peaks)
    sure = centres[label, down, across].astype(np.float64)
    first = np.argsort(-sure, kind="stable")[: 4 * most]
    label, down, across, sure = label[first], down[first], across[first], sure[first]
    middle = np.stack([across + offsets[0, down, across], down + offsets[1, down, across]], axis=1)
    half = np.maximum(sizes[:, down, across].T.astype(np.float64), 0.0) / 2
    pixels_of = np.array([step[1], step[0]])
    boxes = np.hstack([(middle - half) * pixels_of, (middle + half) * pixels_of])
    kept = alone(boxes, label)[:most]
    return [(int(label[place]), float(sure[place]), boxes[place]) for place in kept]


def alone(boxes: Floats, label: NDArray[np.int64]) -> list[int]:
    """Return which boxes stay, the surest first, where copies of one label overlap.

    Args:
        boxes: The surest first, (M, 4).
        label: Of each, (M,).

    Source: Greedy non-maximum suppression; Neubeck and Van Gool, 2006, doi:10.1109/ICPR.2006.479.
    """
    kept: list[int] = []
    common = overlaps(boxes, boxes) if len(boxes) else np.zeros((0, 0))
    for place in range(len(boxes)):
        rivals = [one for one in kept if label[one] == label[place]]
        if not rivals or common[place, rivals].max() < COMMON:
            kept.append(place)
    return kept


def size_of(cell: Any, shape: Sequence[int]) -> tuple[int, int]:
    """Return the height and width of a picture as it was sent, its header read only.

    Args:
        cell: Encoded bytes, a path or base64 text, or an array of pixels.
        shape: What an array of unknown sides has.
    """
    if isinstance(cell, bytes) and not cell.startswith(NUMPY):
        return _turned(BytesIO(cell))
    if isinstance(cell, bytes):
        sides = np.load(BytesIO(cell), allow_pickle=False).shape
    elif isinstance(cell, str):
        return _turned(named(cell))
    else:
        sides = np.shape(cell.to_numpy() if isinstance(cell, pl.Series) else cell)
    return (int(sides[0]), int(sides[1])) if len(sides) > 1 else (int(shape[0]), int(shape[1]))


_EXIF_TURN, _SIDEWAYS = 0x0112, (5, 6, 7, 8)


def _turned(file: Path | BytesIO) -> tuple[int, int]:
    """Return height and width of a picture file, upright as it is decoded."""
    with image_in(file) as image:
        sideways = image.getexif().get(_EXIF_TURN) in _SIDEWAYS
        return (image.width, image.height) if sideways else (image.height, image.width)
