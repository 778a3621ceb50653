"""Pictures with a part of another one, and both answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Kind
from lingqu.govern.augment.rows import Made, added, block, cells, drawn
from lingqu.govern.step import Step, within


@dataclass
class CutMix(Step):
    """Add pictures into which a box of another training picture was pasted, with both answers.

    Why: the learner must find the object from any part of it. A pasted picture is added twice,
    once with each answer, weighed by the area of each: the loss of a soft label. In a regression
    the target is the mean by area.

    Args:
        share: Pasted pictures per training picture, > 0.
        alpha: Shape of the Beta distribution that the area is drawn from, > 0.
        seed: Seed of the draws; that of the fit when omitted.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> pictures = pl.Series("p", np.zeros((2, 4, 4)), dtype=pl.Array(pl.Float32, (4, 4)))
        >>> schema = Schema((Column("p", "image", shape=(4, 4)),))
        >>> step, data = CutMix(share=1), Dataset(pl.DataFrame([pictures]), schema)
        >>> step.fit(data)
        >>> len(step.apply(data))
        4

    Source: Yun et al., CutMix, ICCV 2019, arXiv:1905.04899.
    """

    name: ClassVar[str] = "cutmix"
    main: ClassVar[str] = "share"
    augments: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"image"})

    share: float = 0.5
    alpha: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        within(self, share=(1e-6, 100), alpha=(1e-6, 100))

    def transform(self, dataset: Dataset) -> Dataset:
        height, target = len(dataset), dataset.schema.target
        columns = [c for c in dataset.schema.features if c.kind == "image"]
        if height < 2 or not columns:
            return dataset
        random = np.random.default_rng(self.seed)
        first = drawn(height, self.share, random)
        second = random.integers(0, height, len(first))
        boxes = _boxes(random.beta(self.alpha, self.alpha, len(first)), random)
        fresh, part = {}, np.ones(len(first))
        for column in columns:
            pictures = block(dataset.frame.get_column(column.name), column)
            pasted, part = _pasted(pictures[first], pictures[second], boxes)
            fresh[column.name] = cells(pasted, column.name)
        if target is None:
            return added(dataset, [Made(first, fresh)])
        own = dataset.frame.get_column(target.name)
        if target.kind == "number":
            values = block(own, target)
            mean = part * values[first] + (1 - part) * values[second]
            return added(dataset, [Made(first, {**fresh, target.name: cells(mean, target.name)})])
        other = {**fresh, target.name: own.gather(second)}
        return added(dataset, [Made(first, fresh, part), Made(first, other, 1 - part)])

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        rows = len(after) - len(before)
        return {"rows_added": rows, "changed": rows}


def _boxes(kept: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Return boxes as parts of the sides, (N, 4): top, bottom, left, right; 1 − kept is cut out."""
    side = np.sqrt(1 - kept)
    centre = random.random((len(kept), 2))
    edges = [np.clip(centre[:, a] + s * side / 2, 0, 1) for a in (0, 1) for s in (-1, 1)]
    return np.stack(edges, axis=1)


def _pasted(
    first: NDArray[np.float64], second: NDArray[np.float64], boxes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pictures with their boxes filled, and the share of each that is its own."""
    height, width = first.shape[1:3]
    edges = np.rint(boxes * [height, height, width, width]).astype(int)
    out, own = first.copy(), np.ones(len(first))
    for row, (top, bottom, left, right) in enumerate(edges):
        out[row, top:bottom, left:right] = second[row, top:bottom, left:right]
        own[row] = 1 - (bottom - top) * (right - left) / (height * width)
    return out, own
