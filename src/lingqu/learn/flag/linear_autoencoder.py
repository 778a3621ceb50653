"""A linear autoencoder: what the few directions in which the rows vary do not tell."""

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

MOST_CODES = 32
"""Directions kept, at most."""
_ROWS = 20_000


@dataclass
class LinearAutoencoder:
    """Score rows by what is left of them beside the main directions of the others.

    Args:
        kept: Share of the variance that the directions tell.

    Example:
        >>> LinearAutoencoder(kept=0.8).kept
        0.8

    Source: Bourlard and Kamp, "Auto-association by multilayer perceptrons and singular value
        decomposition", 1988, doi:10.1007/BF00332918; scores of what is left: Jackson and Mudholkar,
        1979, doi:10.1080/00401706.1979.10489779.
    """

    name: ClassVar[str] = "linear_autoencoder"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "numpy"

    kept: float = 0.9

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; nothing else is needed."""
        reading = read(train, budget.seed)
        z = reading.front.comparable(reading.x)
        z_core = z[core_rows(z, least=reading.front.least)]
        middle, codes = _directions(z_core, self.kept, budget.seed)

        def scored(x: NDArray[np.float32]) -> NDArray[np.float64]:
            away = reading.front.comparable(x) - middle
            left = away - away @ codes @ codes.T
            found: NDArray[np.float64] = np.log1p((left * left).sum(1))
            return found

        front, constants = reading.front.steps("comparable", double=True)
        steps: list[Step] = [
            *front,
            ("Sub", ["comparable", "middle"], ["from_middle"], {}),
            ("MatMul", ["from_middle", "codes"], ["coded"], {}),  # (N, K)
            ("MatMul", ["coded", "decoder"], ["told"], {}),  # (N, D)
            ("Sub", ["from_middle", "told"], ["left"], {}),
            ("Mul", ["left", "left"], ["each_square"], {}),
            ("ReduceSum", ["each_square", "row_axis"], ["squares"], {"keepdims": 1}),
            ("Add", ["squares", "one"], ["above_one"], {}),
            ("Log", ["above_one"], ["score"], {}),
        ]
        constants |= {"middle": middle, "codes": codes, "decoder": codes.T, **ROW_AXIS}
        constants["one"] = np.array(1.0)
        notes = {"kept": self.kept, "directions": codes.shape[1]}
        return member(
            self.name, reading, scored(reading.x), steps, constants, scored, notes, double=True
        )

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.linear_autoencoder(rows, columns, classes)


def _directions(
    z: NDArray[np.float64], share: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle and the main directions, (D, K).

    At least one direction in which rows vary is left over: beside all of them nothing is odd.
    """
    if len(z) > _ROWS:
        z = z[np.random.default_rng(seed).choice(len(z), _ROWS, replace=False)]
    middle = z.mean(0)
    away = z - middle
    # The smaller of the two products has the same values.
    wide = away.shape[1] > len(away)
    values, vectors = np.linalg.eigh(away @ away.T if wide else away.T @ away)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    if wide:
        vectors = away.T @ (vectors / np.sqrt(np.maximum(values, 1e-12)))
    told = np.cumsum(values) / max(float(values.sum()), 1e-12)
    wanted = int(np.searchsorted(told, share)) + 1
    real = int((values > 1e-9 * max(float(values[0]), 1e-12)).sum())
    count = max(0, min(wanted, MOST_CODES, real - 1))
    codes = vectors[:, :count]
    # A direction has no sign: fixing one keeps the bytes of the graph the same everywhere.
    signs = np.sign(codes[np.abs(codes).argmax(0), np.arange(count)]) if count else np.ones(0)
    return middle, np.ascontiguousarray(codes * signs)
