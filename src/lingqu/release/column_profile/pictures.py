"""Columns of pictures: sizes, modes, brightness, contrast, sharpness and broken files."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.column import ColumnProfile
from lingqu.release.column_profile.quantiles import EXACT
from lingqu.release.column_profile.sample import RowSample, problem
from lingqu.release.column_profile.summary import Summary
from lingqu.release.media import MAX_PIXELS, image_in

SAMPLE = 400
"""Encoded pictures that are decoded."""
ARRAYS = 20_000
"""Pictures that lie there as pixels and are measured."""
SIDE = 256
"""Longer side at which brightness and sharpness are measured, so that sizes compare."""
_FEW = 12


class PictureProfile(ColumnProfile):
    """Pictures: of a sample, decoded late, what they look like and which cannot be read."""

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.sample: RowSample | None = None
        self.bytes = Summary(exact)

    def look(self, values: pl.Series) -> None:
        nested = isinstance(values.dtype, pl.Array | pl.List)
        if self.sample is None:
            self.sample = RowSample(ARRAYS if nested else SAMPLE)
        if values.dtype == pl.Binary:
            self.bytes.add(values.bin.size().cast(pl.Float64).to_numpy())
        self.sample.add(values.alias("picture").to_frame())

    def join(self, other: Self) -> None:
        if self.sample is None or other.sample is None:
            self.sample = self.sample or other.sample
        else:
            self.sample.merge(other.sample)
        self.bytes.merge(other.bytes)

    def shown(self) -> dict[str, Json]:
        if self.sample is None:
            return {}
        cells = self.sample.rows["picture"]
        nested = isinstance(cells.dtype, pl.Array | pl.List)
        shown = _arrays(cells) if nested else _files(cells)
        if self.bytes.count:
            shown["parts"]["bytes"] = self.bytes.to_json()
        return {"sampled": len(cells), **shown}


def _arrays(cells: pl.Series) -> dict[str, Json]:
    found = [np.asarray(cell, dtype=np.float64) for cell in cells.to_list()]
    sizes = Counter("×".join(map(str, pixels.shape[1::-1])) for pixels in found)
    modes = Counter({2: "grey", 3: "colour"}.get(pixels.ndim, "other") for pixels in found)
    table = np.array([measures(pixels) for pixels in found])
    return {"sizes": _most(sizes), "modes": _most(modes), "corrupt": 0, "parts": _parts(table)}


def _files(cells: pl.Series) -> dict[str, Json]:
    sizes: Counter[str] = Counter()
    modes: Counter[str] = Counter()
    rows, broken = [], []
    for cell in cells:
        try:
            size, mode, pixels = opened(cell)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            name = cell[-120:] if isinstance(cell, str) else f"{len(cell)} bytes"
            broken.append({"picture": name, "problem": problem(error)})
            continue
        sizes[size] += 1
        modes[mode] += 1
        rows.append(measures(pixels))
    table = np.array(rows).reshape(len(rows), 3)
    return {
        "sizes": _most(sizes),
        "different_sizes": len(sizes),
        "modes": _most(modes),
        "corrupt": len(broken),
        "corrupt_samples": broken[:20],
        "parts": _parts(table),
    }


def opened(cell: Any) -> tuple[str, str, NDArray[np.float64]]:
    """Return size, mode and grey pixels (at most `SIDE` a side) of an encoded picture or a path.

    Raises:
        OSError: It is not a picture, cut short, or larger than may be decoded.
    """
    if isinstance(cell, str) and cell.startswith("data:"):
        cell = BytesIO(_base64(cell))
    file = Path(cell) if isinstance(cell, str) else cell if hasattr(cell, "read") else BytesIO(cell)
    with image_in(file) as image:
        if image.width * image.height > MAX_PIXELS:
            raise OSError(f"{image.width} × {image.height} pixels are more than {MAX_PIXELS}")
        size, mode = f"{image.width}×{image.height}", image.mode
        image.load()
        grey = image if mode in ("L", "I;16", "I", "F") else image.convert("L")
        grey.thumbnail((SIDE, SIDE))
        pixels = np.asarray(grey, dtype=np.float64)
    return size, mode, pixels / 257 if mode.startswith("I") else pixels


def _base64(cell: str) -> bytes:
    from base64 import b64decode

    return b64decode(cell.partition(",")[2], validate=True)


def measures(pixels: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return brightness, contrast and sharpness of one picture, in the scale of its pixels.

    Sharpness is the mean step between neighbours, as live windows measure it.

    Example:
        >>> measures(np.array([[0.0, 16.0], [0.0, 16.0]]))
        (8.0, 8.0, 16.0)
    """
    if pixels.ndim == 3:
        pixels = pixels.mean(axis=2)
    steps = [np.abs(np.diff(pixels, axis=a)).mean() for a in (0, 1) if pixels.shape[a] > 1]
    return float(pixels.mean()), float(pixels.std()), float(sum(steps))


def _parts(table: NDArray[np.float64]) -> dict[str, Json]:
    parts = {}
    for place, name in enumerate(("mean", "std", "sharpness")):
        numbers = Summary()
        numbers.add(table[:, place])
        parts[name] = numbers.to_json()
    return parts


def _most(counts: Counter[str]) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:_FEW])
