"""Colours: grey or three channels, contrast stretched, histogram evened out, inverted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.image.pictures import ImageStep, Pixels, span
from lingqu.release.pictures import GREY

_LEVELS = 256


@dataclass
class ImageColour(ImageStep):
    """Change the colours of every picture in the same way, at training and at prediction.

    Args:
        mode: ``grey`` or ``rgb`` pictures, or ``same``.
        contrast: ``stretch`` each picture from its 1st to its 99th percentile, ``equalise`` its
            histogram, or ``same``.
        invert: Turn light into dark.
        columns: Image columns; all when empty.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> pictures = pl.Series("p", [[[0, 10]]], dtype=pl.Array(pl.UInt8, (1, 2)))
        >>> schema = Schema((Column("p", "image", shape=(1, 2), low=0, high=255),))
        >>> step, data = ImageColour("rgb", invert=True), Dataset(pl.DataFrame([pictures]), schema)
        >>> step.fit(data)
        >>> step.apply(data).frame["p"].to_numpy()[0].tolist()
        [[[255.0, 255.0, 255.0], [245.0, 245.0, 245.0]]]

    Source: ITU-R BT.601 (grey); histogram equalisation as in Gonzalez & Woods, Digital Image
        Processing, section 3.3.
    """

    name: ClassVar[str] = "image_colour"
    main: ClassVar[str] = "mode"

    mode: Literal["same", "grey", "rgb"] = "same"
    contrast: Literal["same", "stretch", "equalise"] = "same"
    invert: bool = False

    def facts(self, series: pl.Series, column: Column) -> dict[str, Json]:
        tail = {"same": list(column.shape[2:]), "grey": [], "rgb": [3]}[self.mode]
        return {"shape": [*column.shape[:2], *tail], **span(column)}

    def told(self, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        ways = [self.mode, self.contrast, "invert" if self.invert else "same"]
        return {"operator": " ".join([self.name, *(way for way in ways if way != "same")])}

    def change(self, pictures: Pixels, facts: Mapping[str, Json]) -> Pixels:
        out = pictures
        if self.mode == "grey" and out.ndim == 4:
            out = out[..., :3] @ GREY if out.shape[3] >= 3 else out.mean(axis=3)
        if self.mode == "rgb":
            out = np.repeat(out[..., None] if out.ndim == 3 else out[..., :1], 3, axis=3) if (
                out.ndim == 3 or out.shape[3] < 3
            ) else out[..., :3]  # fmt: skip
        low, high = facts["low"], facts["high"]
        if self.contrast == "stretch":
            out = _stretched(out, low, high)
        if self.contrast == "equalise":
            out = np.stack([_equalised(picture, low, high) for picture in out])
        return (low + high) - out if self.invert else out


def _stretched(pictures: Pixels, low: float, high: float) -> Pixels:
    within = tuple(range(1, pictures.ndim))
    dark, light = np.percentile(pictures, (1, 99), axis=within, keepdims=True)
    reach = np.maximum(light - dark, 1e-6 * (high - low))
    return np.asarray(np.clip((pictures - dark) / reach, 0, 1) * (high - low) + low, np.float32)


def _equalised(picture: Pixels, low: float, high: float) -> Pixels:
    """Even out the histogram of light; colours keep their ratios."""
    light = picture if picture.ndim == 2 else picture.mean(axis=2)
    codes = np.clip((light - low) / (high - low) * (_LEVELS - 1), 0, _LEVELS - 1).astype(int)
    share = np.cumsum(np.bincount(codes.ravel(), minlength=_LEVELS)) / codes.size
    floor = share[codes.min()]
    even = (share[codes] - floor) / max(1 - floor, 1e-9) * (high - low) + low
    if picture.ndim == 2:
        return np.asarray(even, np.float32)
    factor = even / np.maximum(light, 1e-6 * (high - low) + low)
    return np.asarray(np.clip(picture * factor[..., None], low, high), np.float32)
