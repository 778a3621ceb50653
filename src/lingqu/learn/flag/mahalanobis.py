"""Robust Mahalanobis distance: how far a row is from the middle, in the shape of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.flag.core_rows import core_rows
from lingqu.learn.flag.reading import READ, ROW_AXIS, member, read
from lingqu.learn.tabular.graph import Step

WIDE = 400
"""Numbers above which each is judged by its own spread: how they go together costs too much."""


@dataclass
class Mahalanobis:
    """Score rows by their distance from the middle of the most central part of the rows.

    Middle and shape are those of the part of the rows that lies closest together, so that
    anomalies among the training rows do not draw the picture that they are judged by.

    Args:
        support: Share of the rows that is taken as surely normal.
        shrinkage: Share of the covariance that is replaced by its diagonal.

    Example:
        >>> Mahalanobis().support
        0.75

    Source: Hubert, Rousseeuw and Verdonck, "A deterministic algorithm for robust location and
        scatter", 2012, doi:10.1080/10618600.2012.672100; shrinkage: Ledoit and Wolf, 2004,
        doi:10.1016/S0047-259X(03)00096-4.
    """

    name: ClassVar[str] = "mahalanobis"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "numpy"

    support: float = 0.75
    shrinkage: float = 0.02

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; nothing else is needed."""
        reading = read(train, budget.seed)
        z = reading.front.comparable(reading.x)
        least = reading.front.least
        middle, whiten = _shape(z[core_rows(z, self.support, least)], self.shrinkage, least)

        def scored(x: NDArray[np.float32]) -> NDArray[np.float64]:
            away = (reading.front.comparable(x) - middle) @ whiten
            found: NDArray[np.float64] = np.log1p((away * away).sum(1))
            return found

        front, constants = reading.front.steps("comparable", double=True)
        steps: list[Step] = [
            *front,
            ("Sub", ["comparable", "middle"], ["from_middle"], {}),
            ("MatMul", ["from_middle", "whiten"], ["round"], {}),
            ("Mul", ["round", "round"], ["each_square"], {}),
            ("ReduceSum", ["each_square", "row_axis"], ["squares"], {"keepdims": 1}),
            ("Add", ["squares", "one"], ["above_one"], {}),
            ("Log", ["above_one"], ["score"], {}),
        ]
        constants |= {"middle": middle, "whiten": whiten, "one": np.array(1.0)} | ROW_AXIS
        notes = {"support": self.support, "shrinkage": self.shrinkage}
        return member(
            self.name, reading, scored(reading.x), steps, constants, scored, notes, double=True
        )

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.mahalanobis(rows, columns, classes)


def _shape(
    z: NDArray[np.float64], shrinkage: float, least: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle, and the matrix that makes the rows round, (D, D)."""
    middle = z.mean(0)
    spread = z.var(0)
    # A number that is constant here must neither divide by zero nor rule the distance.
    floor = 1e-2 * max(float(spread.mean()), 1e-2)
    spread = np.maximum(spread, np.maximum(floor, least))
    if z.shape[1] > WIDE:
        return middle, np.diag(1.0 / np.sqrt(spread))
    shape = (1 - shrinkage) * np.cov(z, rowvar=False, bias=True).reshape(len(spread), -1)
    shape[np.diag_indices_from(shape)] = spread
    return middle, np.linalg.inv(np.linalg.cholesky(shape)).T
