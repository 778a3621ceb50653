"""Mixed rows: points between two training rows, for tables, vectors and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Kind
from lingqu.govern.augment.rows import Made, Rows, added, block, cells, drawn
from lingqu.govern.step import Step, within


@dataclass
class Mixup(Step):
    """Add rows that lie between two training rows, with both their answers.

    Why: a learner that has seen the way between two examples is less sure of itself where there
    is nothing, and overfits less. A mixed row of a classification is added twice, once with each
    answer, weighed by how near it lies: that is the loss of a soft label. Numbers, vectors and
    pixels are mixed; every other cell is that of the nearer parent.

    Args:
        share: Mixed rows per training row, > 0.
        alpha: Shape of the Beta distribution the place between two rows is drawn from, > 0;
            small values stay near one of the two.
        seed: Seed of the draws; that of the fit when omitted.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> schema = Schema((Column("x", "number"), Column("y", "number", "target")))
        >>> data = Dataset(pl.DataFrame({"x": [0.0, 1.0], "y": [0.0, 10.0]}), schema)
        >>> step = Mixup(share=1.0, seed=3)
        >>> step.fit(data)
        >>> frame = step.apply(data).frame
        >>> frame.height, bool((frame["x"] * 10 - frame["y"]).abs().max() < 1e-9)
        (4, True)

    Source: Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018, arXiv:1710.09412.
    """

    name: ClassVar[str] = "mixup"
    main: ClassVar[str] = "share"
    augments: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"number", "vector", "image"})

    share: float = 0.5
    alpha: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        within(self, share=(1e-6, 100), alpha=(1e-6, 100))

    def transform(self, dataset: Dataset) -> Dataset:
        height = dataset.frame.height
        if height < 2:
            return dataset
        random = np.random.default_rng(self.seed)
        first = drawn(height, self.share, random)
        second = random.integers(0, height, len(first))
        # Above a half, so that `first` is the nearer parent, whose other cells the row takes.
        part = random.beta(self.alpha, self.alpha, len(first))
        part = np.maximum(part, 1 - part)
        schema, target = dataset.schema, dataset.schema.target
        mixed = [c for c in schema.features if c.kind in self.kinds]
        if target is not None and target.kind == "number":
            mixed.append(target)
        fresh = {
            column.name: cells(
                _between(block(dataset.frame.get_column(column.name), column), first, second, part),
                column.name,
            )
            for column in mixed
        }
        if target is None or target.kind == "number":
            return added(dataset, [Made(first, fresh)])
        other = dataset.frame.get_column(target.name).gather(second)
        return added(
            dataset,
            [Made(first, fresh, part), Made(first, {**fresh, target.name: other}, 1 - part)],
        )

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        rows = after.frame.height - before.frame.height
        return {"rows_added": rows, "changed": rows}


def _between(
    values: NDArray[np.float64], first: Rows, second: Rows, part: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return points between rows; where one of the two is missing, the other one's value."""
    weight = part.reshape(-1, *[1] * (values.ndim - 1))
    mixed = weight * values[first] + (1 - weight) * values[second]
    mixed = np.where(np.isnan(mixed), values[first], mixed)
    return np.where(np.isnan(mixed), values[second], mixed)
