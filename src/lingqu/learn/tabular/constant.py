"""The baseline that reads no column: class frequencies, or the median."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn import costs
from lingqu.learn.tabular.graph import graph
from lingqu.learn.tabular.rows import Rows, rows


@dataclass
class Constant:
    """Answer every row with the class frequencies, or with the median of the target.

    What every other candidate must beat: a score without this line beside it says nothing.

    Example:
        >>> Constant.cost(1000, 10, 2) < 0.1
        True

    Source: Own; the trivial predictor (the median minimises the mean absolute error).
    """

    name: ClassVar[str] = "constant"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress", "verify"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid`, `budget` and `progress` are not needed."""
        fold = rows(train, train.__class__(train.frame.head(0), train.schema), "tree")
        steps = [
            ("Shape", ["x"], ["shape"], {}),  # (2,)
            ("Slice", ["shape", "zero", "one"], ["batch"], {}),  # (1,)
            ("Concat", ["batch", "width"], ["size"], {"axis": 0}),
            ("Expand", ["answer", "size"], [_output(fold)], {}),  # (N, K)
        ]
        answer = _answer(fold)
        constants = {
            "zero": np.array([0], dtype=np.int64),
            "one": np.array([1], dtype=np.int64),
            "width": np.array([len(answer)], dtype=np.int64),
            "answer": answer[None, :],
        }
        data = graph(steps, constants, fold.x.shape[1], _output(fold))
        return fold.model(self.name, data, {"answer": answer.tolist(), "refit": {}})

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.constant(rows, columns, classes)


def _output(fold: Rows) -> str:
    return "values" if fold.task == "regress" else "probabilities"


def _answer(fold: Rows) -> NDArray[np.float64]:
    if fold.task == "regress":
        return np.array([_median(np.asarray(fold.y, dtype=np.float64), fold.weight)])
    shares = np.bincount(fold.y, weights=fold.weight, minlength=len(fold.classes))
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _median(values: NDArray[np.float64], weight: NDArray[np.float64] | None) -> float:
    if weight is None:
        return float(np.median(values))
    order = np.argsort(values)
    cumulated = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(cumulated, cumulated[-1] / 2)])
