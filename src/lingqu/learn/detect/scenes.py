"""Pictures with boxes as a learner reads them: pixels, and boxes in the pixels that it sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.release.media import pixels
from lingqu.release.replies.boxes import channels_first, size_of

Box = Mapping[str, Any]


@dataclass(frozen=True)
class Scenes:
    """Rows as pictures and boxes.

    Args:
        column: The picture.
        left_out: The other features.
        shape: Height, width and perhaps channels to which pictures were brought.
        pictures: (N, C, H, W).
        boxes: Of each picture, in its pixels after it was brought to that shape.
    """

    column: str
    left_out: tuple[str, ...]
    shape: tuple[int, ...]
    pictures: NDArray[np.float32]
    boxes: list[list[dict[str, Json]]]

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def labels(self) -> list[str]:
        """Every label, in order."""
        return sorted({str(box["label"]) for row in self.boxes for box in row})

    def block(self, kind: str, labels: Sequence[str], **more: Json) -> dict[str, Json]:
        """Return the block of the encoding by which a release answers."""
        return {
            "type": kind, "columns": [self.column], "labels": list(labels),
            "shape": list(self.shape), **more,
        }  # fmt: skip


def scenes(dataset: Dataset) -> Scenes:
    """Return the rows of a dataset as pictures and boxes.

    Raises:
        DataError: There are no rows, not one picture column, no box at all, or a box that lies
            outside its picture.
    """
    if not len(dataset):
        raise DataError("release.no_rows", where=f"`scenes({dataset.name})`")
    features, target = dataset.schema.features, dataset.schema.target
    images = [column for column in features if column.kind == "image"]
    if len(images) != 1 or target is None:
        kinds = ", ".join(f"{column.name}: {column.kind}" for column in features)
        raise DataError("detect.one_picture", count=len(images), received=kinds or "—")
    cells, (image,) = dataset.frame.get_column(images[0].name), images
    shape = tuple(image.shape)
    told = dataset.frame.get_column(target.name).to_list()
    if not any(told):
        raise DataError("detect.no_boxes", target=target.name, rows=len(told))
    pictures = channels_first(pixels(cells, shape))
    boxes = [
        _seen(row, boxes, size_of(cell, shape), shape, target.name)
        for row, (boxes, cell) in enumerate(zip(told, cells, strict=True))
    ]
    others = tuple(column.name for column in features if column.name != image.name)
    return Scenes(image.name, others, shape, pictures, boxes)


def _seen(
    row: int, boxes: Sequence[Box] | None, size: tuple[int, int], shape: Sequence[int], target: str
) -> list[dict[str, Json]]:
    """Return boxes of a picture as the picture is seen, cut at its edges."""
    down, across = shape[0] / size[0], shape[1] / size[1]
    found = []
    for box in boxes or ():
        left, top = max(0.0, box["x"]), max(0.0, box["y"])
        right = min(float(size[1]), box["x"] + box["width"])
        bottom = min(float(size[0]), box["y"] + box["height"])
        if right <= left or bottom <= top:
            raise DataError("detect.outside", row=row + 1, target=target, box=dict(box),
                            height=size[0], width=size[1])  # fmt: skip
        found.append({
            "label": box["label"], "x": across * left, "y": down * top,
            "width": across * (right - left), "height": down * (bottom - top),
        })  # fmt: skip
    return found
