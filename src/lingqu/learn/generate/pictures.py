"""Pictures as a maker of pictures learns them: pixels, labels, and the levels of grey they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import SEED, Column
from lingqu.release.made.levels import Levels
from lingqu.release.media import pixels

Label = str | None
FEWEST, SMALLEST, LARGEST = 16, 4, 128
"""Pictures that can be learned from at all; pixels of a side."""


@dataclass(frozen=True)
class Pictures:
    """Rows as pictures and labels.

    Args:
        column: The picture.
        target: The column of the label, or ``""``.
        labels: Every label as a word, in order; None alone where there is no target.
        x: (N, C, H, W) float32 in [−1, 1], from the darkest level to the brightest.
        y: Place of each row's label, int64 (N,).
        levels: How many levels there are from the darkest to the brightest, at most 256.
    """

    column: str
    target: str
    labels: tuple[Label, ...]
    x: Tensor
    y: Tensor
    levels: int

    def __len__(self) -> int:
        return len(self.x)

    @property
    def size(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        _, channels, height, width = self.x.shape
        return channels, height, width

    def block(self, noise: int) -> dict[str, Json]:
        """Return the block of the encoding by which a release answers.

        Args:
            noise: Numbers that a picture is drawn from.
        """
        counts = np.bincount(self.y.numpy(), minlength=len(self.labels))
        target = {
            "name": self.target, "levels": list(self.labels),
            "shares": [round(float(each), 6) for each in counts / counts.sum()],
        }  # fmt: skip
        return {
            "type": "made_picture", "columns": [SEED, *([self.target] if self.target else [])],
            "target": target if self.target else None, "noise": noise, "levels": self.levels,
            "picture": self.column, "size": list(self.size),
        }  # fmt: skip


def pictures(dataset: Dataset, labels: Sequence[Label] | None = None) -> Pictures:
    """Return the rows of a dataset as pictures; rows without a label are left out.

    Args:
        dataset: One feature, a picture; the target is its label, if there is one.
        labels: Those of the training rows, for held-out ones; found in the rows when None.

    Raises:
        DataError: There are other features, the target is a number, or the pictures are too few,
            too small or too large.
    """
    column, target = _only(dataset)
    frame = dataset.frame
    told: list[Label] = [None] * frame.height
    if target is not None:
        frame = frame.filter(frame.get_column(target.name).is_not_null())
        told = frame.get_column(target.name).cast(pl.String).to_list()
    names = tuple(sorted(set(told), key=_order) if labels is None else labels)
    place = {name: number for number, name in enumerate(names)}
    known = np.array([name in place for name in told], dtype=bool)
    if labels is None and frame.height < FEWEST:
        raise DataError("made.few_pictures", rows=frame.height, least=FEWEST)
    seen = pixels(frame.get_column(column.name), column.shape)[known]
    height, width = seen.shape[1:3]
    if not (min(height, width) >= SMALLEST and max(height, width) <= LARGEST):
        raise DataError("made.large_picture", height=height, width=width, least=SMALLEST,
                        most=LARGEST)  # fmt: skip
    levels = Levels.of(seen, column)
    y = np.array([place[name] for name in told if name in place], dtype=np.int64)
    x, name = torch.from_numpy(levels.scaled(seen)), "" if target is None else target.name
    return Pictures(column.name, name, names, x, torch.from_numpy(y), levels.count)


def _only(dataset: Dataset) -> tuple[Column, Column | None]:
    """Return the column of the picture, and that of its label."""
    features, target = dataset.schema.features, dataset.schema.target
    if len(features) != 1 or features[0].kind != "image":
        received = ", ".join(f"{one.name}: {one.kind}" for one in features) or "—"
        raise DataError("made.one_picture", received=received)
    if target is not None and target.kind not in ("category", "boolean"):
        raise DataError("made.no_label", column=target.name, received=target.kind)
    return features[0], target


def _order(label: Label) -> tuple[float, str]:
    """Numbers by their size, and before words."""
    told = str(label)
    return (float(told), told) if told.isdigit() else (np.inf, told)
