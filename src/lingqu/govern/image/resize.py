"""Pictures of one size, without or with their proportions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from PIL import Image, ImageOps

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.image.pictures import ImageStep, Pixels, because_shape, by_parts, span
from lingqu.govern.step import bad_option
from lingqu.release.media import MAX_PIXELS, NUMPY, named, opened, pixels

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
}


@dataclass
class ImageResize(ImageStep):
    """Bring every picture to one size. At prediction pictures are resized in the same way.

    Files are decoded at their own size, so with ``pad`` or ``cover`` nothing is distorted even
    where the column was declared with another shape.

    Args:
        size: Height and width in pixels, or one number for both.
        keep: ``stretch`` to the size; ``pad`` with `fill` so that all of it shows; ``cover`` so
            that nothing is empty and what hangs over is cut off evenly.
        method: ``bilinear``, ``nearest``, ``bicubic`` or ``area`` (the mean, for much smaller
            pictures).
        fill: Value of the padding.
        columns: Image columns; all when empty.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> pictures = pl.Series("p", np.ones((1, 4, 8)), dtype=pl.Array(pl.Float32, (4, 8)))
        >>> data = Dataset(pl.DataFrame([pictures]), Schema((Column("p", "image", shape=(4, 8)),)))
        >>> step = ImageResize(4, keep="pad")
        >>> step.fit(data)
        >>> step.apply(data).frame["p"].to_numpy()[0, :, 0].tolist()
        [0.0, 1.0, 1.0, 0.0]

    Source: Own use of Pillow's resampling (Lanczos family, box filter for areas).
    """

    name: ClassVar[str] = "image_resize"
    main: ClassVar[str] = "size"

    size: int | tuple[int, int] = 64
    keep: Literal["stretch", "pad", "cover"] = "stretch"
    method: Literal["nearest", "bilinear", "bicubic", "area"] = "bilinear"
    fill: float = 0.0

    def __post_init__(self) -> None:
        sides = self._sides()
        if not all(1 <= side <= 4096 for side in sides):
            raise bad_option(self, "size", "1 … 4096 pixels", self.size)

    def _sides(self) -> tuple[int, int]:
        size = self.size
        return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))

    def facts(self, series: pl.Series, column: Column) -> dict[str, Json]:
        return {"shape": [*self._sides(), *column.shape[2:]], **span(column)}

    def told(self, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        return {"operator": f"{self.name} {self.keep} {because_shape(facts['shape'])}"}

    def changed(self, series: pl.Series, column: Column, facts: Mapping[str, Json]) -> pl.Series:
        shape = tuple(facts["shape"])
        if series.dtype not in (pl.Binary, pl.String):
            read: Callable[[pl.Series], Pixels] = lambda part: self.change(  # noqa: E731
                pixels(part, column.shape), facts
            )
        else:
            read = lambda part: _decoded(  # noqa: E731
                part, shape, self._fitted, lambda array: self.change(array, facts)
            )
        return by_parts(series, shape, read)

    def change(self, pictures: Pixels, facts: Mapping[str, Json]) -> Pixels:
        if pictures.shape[1:3] == self._sides():
            return pictures
        layers = pictures[..., None] if pictures.ndim == 3 else pictures
        out = [
            np.stack(
                [
                    np.asarray(self._fitted(Image.fromarray(picture[..., c])), dtype=np.float32)
                    for c in range(picture.shape[2])
                ],
                axis=-1,
            )
            for picture in np.ascontiguousarray(layers, dtype=np.float32)
        ]
        result = (
            np.stack(out) if out else np.zeros((0, *self._sides(), layers.shape[3]), np.float32)
        )
        return result[..., 0] if pictures.ndim == 3 else result

    def _fitted(self, image: Image.Image) -> Image.Image:
        height, width = self._sides()
        how = _FILTERS[self.method]
        if self.keep == "stretch":
            return image.resize((width, height), how)
        if self.keep == "cover":
            return ImageOps.fit(image, (width, height), how)
        bands = len(image.getbands())
        even: Any = self.fill if image.mode == "F" else int(self.fill)
        fill = even if bands == 1 else (even,) * bands
        scale = min(width / image.width, height / image.height)
        inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        canvas = Image.new(image.mode, (width, height), fill)
        canvas.paste(image.resize(inner, how), ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return canvas


def _decoded(
    series: pl.Series,
    shape: tuple[int, ...],
    fitted: Callable[[Image.Image], Image.Image],
    change: Callable[[Pixels], Pixels],
) -> Pixels:
    """Decode each cell at its own size, then fit it; pixels sent as numbers are changed as such."""
    channels = shape[2] if len(shape) == 3 else 0
    block = np.empty((len(series), *shape), dtype=np.float32)
    for row, cell in enumerate(series):
        if isinstance(cell, bytes) and cell.startswith(NUMPY):
            array = np.load(BytesIO(cell), allow_pickle=False).astype(np.float32)
            block[row] = change(array[None])[0]
            continue
        try:
            image = opened(named(cell) if isinstance(cell, str) else BytesIO(cell), channels)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            shown = cell if isinstance(cell, str) else f"{len(cell)} bytes"
            raise DataError(
                "data.picture_unreadable",
                column=series.name,
                row=row + 1,
                received=shown[:120],
                problem=str(error)[:200] or f"more than {MAX_PIXELS} pixels",
            ) from error
        values = np.asarray(fitted(image), dtype=np.float32)
        block[row] = values[..., None] if channels == 1 else values
    return block
