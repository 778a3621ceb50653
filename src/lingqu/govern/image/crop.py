"""A part of each picture: a box, the middle, or without an empty margin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.image.pictures import ImageStep, Pixels, because_shape, span
from lingqu.govern.step import bad_option
from lingqu.release.media import pixels

_LEARNT = 2000
"""Pictures from which the common margin is learnt."""


@dataclass
class ImageCrop(ImageStep):
    """Keep one and the same part of every picture, at training and at prediction.

    Args:
        size: Height and width of the middle to keep, or one number for both.
        box: ``[top, left, height, width]`` in pixels, in place of `size`.
        margin: Cut off the rows and columns of pixels that are (nearly) the same in all training
            pictures, in place of `size` and `box`: an empty frame around every picture.
        columns: Image columns; all when empty.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> pictures = pl.Series("p", np.eye(4)[None], dtype=pl.Array(pl.Float32, (4, 4)))
        >>> data = Dataset(pl.DataFrame([pictures]), Schema((Column("p", "image", shape=(4, 4)),)))
        >>> step = ImageCrop(2)
        >>> step.fit(data)
        >>> step.apply(data).frame["p"].to_numpy()[0].tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: Own: a slice needs no method; the margin is where no pixel ever varies.
    """

    name: ClassVar[str] = "image_crop"
    main: ClassVar[str] = "size"

    size: int | tuple[int, int] | None = None
    box: tuple[int, int, int, int] | None = None
    margin: bool = False

    def __post_init__(self) -> None:
        if sum(wish not in (None, False) for wish in (self.size, self.box, self.margin)) > 1:
            raise bad_option(self, "box", "one of `size`, `box`, `margin`", self.box)
        sides = (self.size,) if isinstance(self.size, int) else self.size or ()
        if any(side < 1 for side in sides):
            raise bad_option(self, "size", "≥ 1 pixel", self.size)
        if self.box is not None and (min(self.box[:2]) < 0 or min(self.box[2:]) < 1):
            raise bad_option(self, "box", "[top ≥ 0, left ≥ 0, height ≥ 1, width ≥ 1]", self.box)

    def facts(self, series: pl.Series, column: Column) -> dict[str, Json]:
        top, left, height, width = self._box(series, column)
        if top + height > column.shape[0] or left + width > column.shape[1]:
            inside = f"inside {because_shape(column.shape[:2])} pixels of {column.name!r}"
            raise bad_option(self, "box" if self.box else "size", inside, self.box or self.size)
        shape = [height, width, *column.shape[2:]]
        return {"shape": shape, "box": [top, left, height, width], **span(column)}

    def _box(self, series: pl.Series, column: Column) -> tuple[int, int, int, int]:
        height, width = column.shape[:2]
        if self.box is not None:
            return self.box
        if self.margin:
            return _lively(pixels(series.drop_nulls().head(_LEARNT), column.shape))
        size = self.size if self.size is not None else (height, width)
        tall, wide = (size, size) if isinstance(size, int) else size
        return (height - tall) // 2, (width - wide) // 2, tall, wide

    def told(self, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        return {"operator": f"{self.name} {because_shape(facts['shape'])}"}

    def change(self, pictures: Pixels, facts: Mapping[str, Json]) -> Pixels:
        top, left, height, width = facts["box"]
        return pictures[:, top : top + height, left : left + width]


def _lively(pictures: Pixels) -> tuple[int, int, int, int]:
    """Return the smallest box outside of which pixels do not vary from picture to picture."""
    height, width = pictures.shape[1:3]
    if len(pictures) < 2:
        return 0, 0, height, width
    spread = pictures.reshape(len(pictures), height, width, -1).std(axis=(0, 3))
    alive = spread > 0.01 * max(float(spread.max()), 1e-12)
    rows, columns = np.flatnonzero(alive.any(1)), np.flatnonzero(alive.any(0))
    if not len(rows):
        return 0, 0, height, width
    top, left = int(rows[0]), int(columns[0])
    return top, left, int(rows[-1]) - top + 1, int(columns[-1]) - left + 1
