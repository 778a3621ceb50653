"""Changed pictures: moved, turned, scaled, mirrored, lit otherwise, with noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from lingqu.core.schema import Column, Kind
from lingqu.govern.augment.copies import Copies
from lingqu.govern.augment.rows import Rows, block, cells
from lingqu.govern.step import within

Pixels = NDArray[np.float64]


@dataclass
class AugmentImage(Copies):
    """Add changed copies of training pictures.

    Why: a picture that is a little moved, turned or darker shows the same thing; a learner that
    has seen it so needs fewer real pictures. Training only, on the training part of each fit, and
    kept only where held-out pictures are then answered better.

    Args:
        share: Changed pictures per training picture, > 0.
        shift: Largest move, as a part of the side, 0 to 0.5.
        rotate: Largest turn, in degrees, 0 to 180.
        scale: Largest change of size: 0.1 is 90 % to 110 %.
        flip: Mirror by chance: ``none``, ``horizontal``, ``vertical`` or ``both``. Digits and
            letters must not be mirrored.
        brightness: Largest change of light, as a part of the range of values.
        contrast: Largest change of contrast around the mean of the picture.
        noise: Standard deviation of noise, as a part of the range of values.
        columns: Image columns; all when empty.
        seed: Seed of the draws; that of the fit when omitted.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> pictures = pl.Series("p", np.eye(4)[None] * 255, dtype=pl.Array(pl.Float32, (4, 4)))
        >>> schema = Schema((Column("p", "image", shape=(4, 4), low=0, high=255),))
        >>> step, data = AugmentImage(share=2), Dataset(pl.DataFrame([pictures]), schema)
        >>> step.fit(data)
        >>> len(step.apply(data))
        3

    Source: Shorten & Khoshgoftaar, A survey on image data augmentation, J. Big Data 6 (2019),
        doi:10.1186/s40537-019-0197-0, geometric and photometric transformations.
    """

    name: ClassVar[str] = "augment_image"
    main: ClassVar[str] = "share"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"image"})

    share: float = 1.0
    shift: float = 0.08
    rotate: float = 8.0
    scale: float = 0.08
    flip: Literal["none", "horizontal", "vertical", "both"] = "none"
    brightness: float = 0.1
    contrast: float = 0.1
    noise: float = 0.0
    columns: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        within(self, share=(1e-6, 100), shift=(0, 0.5), rotate=(0, 180), scale=(0, 0.9))
        within(self, brightness=(0, 1), contrast=(0, 1), noise=(0, 1))

    def copies(
        self, series: pl.Series, column: Column, rows: Rows, random: np.random.Generator
    ) -> pl.Series:
        return cells(self._changed(block(series[rows], column), column, random), series.name)

    def _changed(self, pictures: Pixels, column: Column, random: np.random.Generator) -> Pixels:
        low = 0.0 if column.low is None else column.low
        high = 255.0 if column.high is None else column.high
        out = np.stack([self._moved(picture, random) for picture in pictures])
        out = self._mirrored(out, random)
        count, reach = len(out), high - low
        along = (count, *[1] * (out.ndim - 1))
        centre = out.mean(axis=tuple(range(1, out.ndim)), keepdims=True)
        out = centre + (out - centre) * (1 + self.contrast * random.uniform(-1, 1, along))
        out += reach * self.brightness * random.uniform(-1, 1, along)
        if self.noise:
            out += reach * self.noise * random.standard_normal(out.shape)
        return np.asarray(np.clip(out, low, high), dtype=np.float64)

    def _moved(self, picture: Pixels, random: np.random.Generator) -> Pixels:
        """Turn, scale and move a picture (H, W[, C]) around its centre."""
        size = np.array(picture.shape[:2], dtype=float)
        angle = np.deg2rad(self.rotate) * random.uniform(-1, 1)
        factor = 1 + self.scale * random.uniform(-1, 1)
        move = self.shift * size * random.uniform(-1, 1, 2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / factor
        centre = (size - 1) / 2
        offset = centre - turn @ (centre + move)
        layers = picture[..., None] if picture.ndim == 2 else picture
        moved = [_affine(layers[..., c], turn, offset) for c in range(layers.shape[2])]
        result = np.stack(moved, axis=-1)
        return result[..., 0] if picture.ndim == 2 else result

    def _mirrored(self, out: Pixels, random: np.random.Generator) -> Pixels:
        for way, axis in (("horizontal", 2), ("vertical", 1)):
            if self.flip in (way, "both"):
                chosen_rows = random.random(len(out)) < 0.5
                out[chosen_rows] = np.flip(out[chosen_rows], axis=axis)
        return out


def _affine(layer: Pixels, turn: Pixels, offset: Pixels) -> Pixels:
    moved: Any = affine_transform(layer, turn, offset, order=1, mode="nearest")
    return np.asarray(moved, dtype=np.float64)
