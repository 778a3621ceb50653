"""Small scenes for the tests of detect: bright crosses and frames on a grey ground."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.release.kinds.boxes import TYPE

HIGH, WIDE = 40, 48


def scene(draw: np.random.Generator) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return pixels and boxes of one to three shapes that do not touch."""
    ground, told = draw.uniform(20, 60, (HIGH, WIDE)), []
    for _ in range(int(draw.integers(1, 4))):
        side = int(draw.integers(8, 15))
        x, y = int(draw.integers(0, WIDE - side)), int(draw.integers(0, HIGH - side))
        if any(abs(x - b["x"]) < 15 and abs(y - b["y"]) < 15 for b in told):
            continue
        label = str(draw.choice(["cross", "frame"]))
        shape = np.zeros((side, side), dtype=bool)
        if label == "cross":
            shape[side // 2 - 1 : side // 2 + 1] = True
            shape[:, side // 2 - 1 : side // 2 + 1] = True
        else:
            shape[[0, 1, -2, -1]] = True
            shape[:, [0, 1, -2, -1]] = True
        ground[y : y + side, x : x + side][shape] = draw.uniform(170, 250)
        told.append({"label": label, "x": x, "y": y, "width": side, "height": side})
    return ground.astype(np.uint8), told


def png(pixels: np.ndarray) -> bytes:
    """Return pixels as a file."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def scenes(count: int = 120, seed: int = 0, larger: int = 1) -> Dataset:
    """Return scenes as files; `larger` times as many pixels a side."""
    draw = np.random.default_rng(seed)
    made = [scene(draw) for _ in range(count)]
    files = [png(np.kron(pixels, np.ones((larger, larger), np.uint8))) for pixels, _ in made]
    told = [
        [
            {name: side if name == "label" else side * larger for name, side in b.items()}
            for b in row
        ]
        for _, row in made
    ]
    frame = pl.DataFrame(
        {"picture": pl.Series(files, dtype=pl.Binary), "y": pl.Series(told, dtype=TYPE)}
    )
    picture = Column("picture", "image", shape=(HIGH, WIDE), low=0, high=255)
    return Dataset(frame, Schema((picture, Column("y", "boxes", "target"))), "scenes")


def halves(count: int = 160) -> tuple[Dataset, Dataset]:
    """Return scenes to learn from and others to judge by."""
    return scenes(count, seed=1), scenes(40, seed=2)
