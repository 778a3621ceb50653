"""The baseline of verify: the angle between two things as they are, and nothing learned of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.tabular.graph import Step, graph, verify
from lingqu.learn.verify import CLASSES
from lingqu.learn.verify.pairs import pairs
from lingqu.learn.verify.scale import Scale, scale_of

_TINY = 1e-6
_SAMPLE = 512


@dataclass
class Cosine:
    """Compare two things by the angle between their standardised values.

    Pixels and numbers count as they are, categories as one-hot columns, texts as their n-grams:
    what every learner of identities must beat.

    Args:
        slope: Of the probability over the cosine; settled on held-out pairs when omitted.
        offset: Of the same.

    Example:
        >>> Cosine.cost(1000, 10, 2) < 1
        True

    Source: Own; calibrated as in Platt, 1999 (`learn/verify/scale.py`).
    """

    name: ClassVar[str] = "cosine"
    tasks: ClassVar[frozenset[str]] = frozenset({"verify"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "numpy"

    slope: float | None = None
    offset: float | None = None

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; held-out pairs say how cosines become probabilities."""
        fold = pairs(train, valid, "linear")
        x, y, weight = fold.known
        scale = scale_of(cosines(x, fold.half), y, weight)
        if self.slope is not None and self.offset is not None:
            scale = Scale(self.slope, self.offset)
        sample = np.concatenate([x[:_SAMPLE], fold.x[:_SAMPLE]])[:_SAMPLE]
        steps, constants = _steps(fold.half, scale)
        data = graph(steps, constants, 2 * fold.half, "probabilities", double=True)
        logits = scale.slope * cosines(sample, fold.half) + scale.offset
        chance = 1 / (1 + np.exp(-logits))
        expected = np.column_stack([1 - chance, chance])
        verify(self.name, data, sample, expected, threads=budget.threads)
        notes = {**scale.to_json(), "refit": scale.to_json()}
        return Model("verify", CLASSES, (Member(self.name, self.name, 1.0, fold.encoding, data,
                                                notes),))  # fmt: skip

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.cosine(rows, columns, classes)


def cosines(x: NDArray[np.float32], half: int) -> NDArray[np.float64]:
    """Return the cosine of both halves of each row, (N,).

    Example:
        >>> cosines(np.array([[3, 4, 4, 3]], dtype=np.float32), 2).round(2).tolist()
        [0.96]
    """
    one, two = x[:, :half].astype(np.float64), x[:, half:].astype(np.float64)
    sizes = np.sqrt((one**2).sum(1) * (two**2).sum(1))
    found: NDArray[np.float64] = (one * two).sum(1) / np.maximum(sizes, _TINY)
    return found


def _steps(half: int, scale: Scale) -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the graph of `cosines` and of the scale: x (N, 2 · half) → (N, 2)."""
    steps: list[Step] = [
        ("Split", ["x", "halves"], ["one", "two"], {"axis": 1}),
        ("Mul", ["one", "two"], ["products"], {}),
        ("ReduceSum", ["products", "axis"], ["dot"], {"keepdims": 1}),  # (N, 1)
        ("ReduceSumSquare", ["one", "axis"], ["size_one"], {"keepdims": 1}),
        ("ReduceSumSquare", ["two", "axis"], ["size_two"], {"keepdims": 1}),
        ("Mul", ["size_one", "size_two"], ["square"], {}),
        ("Sqrt", ["square"], ["size"], {}),
        ("Max", ["size", "tiny"], ["above"], {}),
        ("Div", ["dot", "above"], ["cosine"], {}),
        ("Gemm", ["cosine", "slopes", "offsets"], ["logits"], {}),  # (N, 2)
        ("Softmax", ["logits"], ["probabilities"], {"axis": 1}),
    ]
    constants = {
        "halves": np.array([half, half], dtype=np.int64), "axis": np.array([1], dtype=np.int64),
        "tiny": np.array(_TINY), "slopes": np.array([[0.0, scale.slope]]),
        "offsets": np.array([0.0, scale.offset]),
    }  # fmt: skip
    return steps, constants
