"""Pictures turned by a fixed angle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
from scipy.ndimage import rotate

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.image.pictures import ImageStep, Pixels, span
from lingqu.govern.step import within


@dataclass
class ImageRotate(ImageStep):
    """Turn every picture by one angle, counter-clockwise, at training and at prediction.

    Quarter turns move pixels without loss; other angles are interpolated and keep the size.

    Args:
        degrees: Angle, −360 to 360.
        columns: Image columns; all when empty.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> pictures = pl.Series("p", [[[1, 2, 3]]], dtype=pl.Array(pl.UInt8, (1, 3)))
        >>> data = Dataset(pl.DataFrame([pictures]), Schema((Column("p", "image", shape=(1, 3)),)))
        >>> step = ImageRotate(90)
        >>> step.fit(data)
        >>> step.apply(data).frame["p"].to_numpy()[0].tolist()
        [[3.0], [2.0], [1.0]]

    Source: Own use of SciPy's spline interpolation of order 1.
    """

    name: ClassVar[str] = "image_rotate"
    main: ClassVar[str] = "degrees"

    degrees: float = 90.0

    def __post_init__(self) -> None:
        within(self, degrees=(-360, 360))

    def facts(self, series: pl.Series, column: Column) -> dict[str, Json]:
        height, width = column.shape[:2]
        sides = [width, height] if self.degrees % 180 == 90 else [height, width]
        return {"shape": [*sides, *column.shape[2:]], **span(column)}

    def told(self, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        return {"operator": f"{self.name} {self.degrees:g}°"}

    def change(self, pictures: Pixels, facts: Mapping[str, Json]) -> Pixels:
        if self.degrees % 90 == 0:
            return np.rot90(pictures, int(self.degrees // 90), axes=(1, 2))
        # SciPy turns towards the second axis, which on a picture is counter-clockwise too.
        turned: Any = rotate(
            pictures, self.degrees, axes=(1, 2), reshape=False, order=1, cval=facts["low"]
        )
        return np.asarray(turned, dtype=np.float32)
