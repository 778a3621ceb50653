"""From the columns of a table to comparable numbers, inside the graph.

All learners of a choice read one tensor: raw numbers, codes of categories, NaN for what is
missing. What is usual of each column (median, spread, how rare a level is) is a part of the
graph, so that a row is judged by the very numbers that it was compared with while learning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from lingqu.learn.flag.usual import usual_of
from lingqu.learn.tabular.graph import Step

Floats = NDArray[np.floating[Any]]
BEND = 4.0
"""Deviations up to here count in full, further ones by their logarithm: no value rules alone."""
_PARTS = 1024.0
"""How odd a gap is, is told in such parts of 1: sums of them are then the same in any order."""
FEW_LEVELS = 8
"""Categories of so many levels are also told apart, not only by how rare a level is."""


@dataclass(frozen=True)
class Front:
    """What is usual of each number of the tensor.

    Args:
        width: Numbers of the whole tensor.
        places: Places of the numbers, (P,).
        fill: What stands for a missing number, its median, (P,).
        scale: Robust spread of each, (P,).
        lost: How odd it is that each is missing, (P,).
        lumped: Where most rows have the same value, (P,).
        codes: Place of each category with its table: a row per level and one for what is
            missing or was never seen; first how rare it is, then which level.
    """

    width: int
    places: NDArray[np.int64]
    fill: NDArray[np.float32]
    scale: NDArray[np.float32]
    lost: NDArray[np.float32]
    lumped: NDArray[np.bool_]
    codes: tuple[tuple[int, NDArray[np.float32]], ...]

    @property
    def least(self) -> NDArray[np.float64]:
        """The least variance of each comparable number: gaps, levels and flags that are rare among
        the most central rows are still as usual as they are among all, (size,)."""
        whole = np.ones(self.size)
        whole[: len(self.places)][~self.lumped] = 1e-4
        return whole

    @property
    def size(self) -> int:
        """How many comparable numbers a row becomes."""
        numbers = len(self.places)
        return numbers + (1 if numbers else 0) + sum(int(t.shape[1]) for _, t in self.codes)

    def filled(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the numbers as they are, without gaps, float32 (N, size)."""
        return self._whole(x, *self._numbers(x)).astype(np.float32, copy=False)

    def comparable(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the numbers as robust deviations from what is usual, float64 (N, size)."""
        filled, lost = self._numbers(x.astype(np.float64))
        away = (filled - self.fill) / self.scale
        size = np.abs(away)
        bent = np.minimum(size, BEND) + BEND * np.log(np.maximum(size, BEND) / BEND)
        return self._whole(x, np.sign(away) * bent, lost).astype(np.float64, copy=False)

    def _numbers(self, x: Floats) -> tuple[Floats, Floats]:
        numbers = x[:, self.places]
        holes = np.isnan(numbers)
        lost: Floats = holes.astype(x.dtype) @ self.lost[:, None].astype(x.dtype)
        return np.where(holes, self.fill.astype(x.dtype), numbers), lost

    def _whole(self, x: NDArray[np.float32], numbers: Floats, lost: Floats) -> Floats:
        parts: list[Floats] = [numbers, lost] if len(self.places) else []
        for place, table in self.codes:
            code = np.where(np.isnan(x[:, place]), len(table) - 1, x[:, place])
            parts.append(table[code.astype(np.int64)])
        return np.concatenate(parts, axis=1)

    def steps(self, wanted: str, double: bool = False) -> tuple[list[Step], dict[str, Any]]:
        """Return the nodes from ``x`` to ``filled`` or ``comparable``, and their constants."""
        kind = TensorProto.DOUBLE if double else TensorProto.FLOAT
        steps: list[Step] = []
        constants: dict[str, Any] = {}
        parts: list[str] = []
        if len(self.places):
            steps += [
                ("Gather", ["x", "places"], ["numbers"], {"axis": 1}),
                ("IsNaN", ["numbers"], ["holes"], {}),
                ("Where", ["holes", "fill", "numbers"], ["whole_numbers"], {}),
                ("Cast", ["holes"], ["gaps"], {"to": kind}),
                ("MatMul", ["gaps", "lost"], ["lost_sum"], {}),
            ]
            constants |= {"places": self.places, "fill": self.fill, "lost": self.lost[:, None]}
            parts = ["whole_numbers", "lost_sum"]
            if wanted == "comparable":
                steps += _BENT
                constants |= {"scale": self.scale, "bend": np.float32(BEND)}
                parts[0] = "bent_numbers"
        for index, (place, table) in enumerate(self.codes):
            named = {
                f"place_{index}": np.array([place]),
                f"table_{index}": table,
                f"unseen_{index}": np.float32(len(table) - 1),
            }
            steps += [
                ("Gather", ["x", f"place_{index}"], [f"code_{index}"], {"axis": 1}),
                ("IsNaN", [f"code_{index}"], [f"strange_{index}"], {}),
                ("Where", [f"strange_{index}", f"unseen_{index}", f"code_{index}"],
                 [f"level_{index}"], {}),
                ("Cast", [f"level_{index}"], [f"rows_{index}"], {"to": TensorProto.INT64}),
                ("Reshape", [f"rows_{index}", "flat_codes"], [f"row_{index}"], {}),
                ("Gather", [f"table_{index}", f"row_{index}"], [f"part_{index}"], {"axis": 0}),
            ]  # fmt: skip
            constants |= {**named, "flat_codes": np.array([-1])}
            parts.append(f"part_{index}")
        steps.append(("Concat", parts, [wanted], {"axis": 1}))
        return steps, constants


_BENT: list[Step] = [
    ("Sub", ["whole_numbers", "fill"], ["from_usual"], {}),
    ("Div", ["from_usual", "scale"], ["away"], {}),
    ("Abs", ["away"], ["size"], {}),
    ("Min", ["size", "bend"], ["near"], {}),
    ("Max", ["size", "bend"], ["beyond"], {}),
    ("Div", ["beyond", "bend"], ["times"], {}),
    ("Log", ["times"], ["logs"], {}),
    ("Mul", ["logs", "bend"], ["far"], {}),
    ("Add", ["near", "far"], ["bent"], {}),
    ("Sign", ["away"], ["side"], {}),
    ("Mul", ["side", "bent"], ["bent_numbers"], {}),
]


def fit_front(x: NDArray[np.float32], levels: Sequence[int], read: int) -> Front:
    """Learn what is usual.

    Args:
        x: Training rows, (N, width).
        levels: Of each column how many levels its codes have; 0 for a number.
        read: How many columns, from the first, are compared; the others say when and whose.

    Example:
        >>> x = np.array([[1.0], [2.0], [3.0], [np.nan]], dtype=np.float32)
        >>> front = fit_front(x, [0], 1)
        >>> front.filled(x)[:, 0].tolist()
        [1.0, 2.0, 3.0, 2.0]

    Source: Own: gaps and rare levels beside numbers, each by its usual spread (`usual.py`).
    """
    places = np.array([i for i in range(read) if not levels[i]], dtype=np.int64)
    found = [usual_of(x[:, place]) for place in places]
    fill, scale, lost = (
        np.array([getattr(one, name) for one in found], dtype=np.float32)
        for name in ("middle", "scale", "lost")
    )
    lumped = np.array([one.lumped for one in found], dtype=bool)
    # Each kind of gap and each level counts as much as a number does: by its usual spread.
    gaps = np.isnan(x[:, places]).astype(np.float32) @ lost if len(places) else np.zeros(1)
    lost = (np.round(lost / _deviation(gaps) * _PARTS) / _PARTS).astype(np.float32)
    codes = tuple((i, _table(x[:, i], levels[i])) for i in range(read) if levels[i])
    return Front(x.shape[1], places, fill, scale, lost, lumped, codes)


def _table(column: NDArray[np.float32], levels: int) -> NDArray[np.float32]:
    """Return a row per level: how much rarer it is than the commonest; which one, if few."""
    known = column[~np.isnan(column)].astype(np.int64)
    counts = np.append(np.bincount(known, minlength=levels)[:levels], len(column) - len(known))
    rarity = -np.log((counts + 0.5) / (len(column) + 1.0))
    table: NDArray[np.float64] = (rarity - rarity.min())[:, None]
    if levels <= FEW_LEVELS:
        table = np.concatenate([table, np.eye(levels + 1)[:, :levels]], axis=1)
    seen = np.where(np.isnan(column), len(table) - 1, column).astype(np.int64)
    told: NDArray[np.float32] = (table / _deviation(table[seen])).astype(np.float32)
    return told


def _deviation(values: Floats) -> Floats:
    """Return the standard deviation of each column, 1 for what never changes."""
    found = np.asarray(values.std(axis=0))
    return np.where(found > 1e-6, found, 1.0)


def levels_of(blocks: Sequence[Mapping[str, Any]], widths: Sequence[int]) -> list[int]:
    """Return of each number of the tensor how many levels its codes have, 0 for a number."""
    found: list[int] = []
    for block, width in zip(blocks, widths, strict=True):
        found += [len(block["levels"]) or 1] if block["type"] == "ordinal" else [0] * width
    return found
