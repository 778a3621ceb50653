"""Pictures mirrored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.image.pictures import ImageStep, Pixels, span


@dataclass
class ImageFlip(ImageStep):
    """Mirror every picture, at training and at prediction: for cameras that hang the other way.

    To add mirrored copies of training pictures use `augment_image`.

    Args:
        way: ``horizontal`` (left and right change places) or ``vertical``.
        columns: Image columns; all when empty.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> pictures = pl.Series("p", [[[1, 2, 3]]], dtype=pl.Array(pl.UInt8, (1, 3)))
        >>> data = Dataset(pl.DataFrame([pictures]), Schema((Column("p", "image", shape=(1, 3)),)))
        >>> step = ImageFlip()
        >>> step.fit(data)
        >>> step.apply(data).frame["p"].to_numpy()[0].tolist()
        [[3.0, 2.0, 1.0]]

    Source: Own: pixels change places, nothing else.
    """

    name: ClassVar[str] = "image_flip"
    main: ClassVar[str] = "way"

    way: Literal["horizontal", "vertical"] = "horizontal"

    def facts(self, series: pl.Series, column: Column) -> dict[str, Json]:
        return {"shape": list(column.shape), **span(column)}

    def told(self, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        return {"operator": f"{self.name} {self.way}"}

    def change(self, pictures: Pixels, facts: Mapping[str, Json]) -> Pixels:
        return np.flip(pictures, axis=2 if self.way == "horizontal" else 1)
