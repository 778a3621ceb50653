"""Distance-weighted nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import graph, verify_range
from lingqu.learn.tabular.options import Distances
from lingqu.learn.tabular.rows import Rows

_NEIGHBOURS = (4, 8, 16, 32)
_SMOOTHING = (0.005, 0.02, 0.06, 0.15)
_PIECE = 256
"""Rows that are compared with all others at a time: the sort takes 16 bytes for each pair."""
_TINY = 1e-3
"""Share of the mean squared length of a row that is added to squared distances: a duplicate of a
training row weighs much, not infinitely, and float32 rounding does not decide by how much."""


@dataclass
class KNeighbours(Distances):
    """Average the targets of the nearest training rows, nearer ones weighing more.

    Nothing is solved, so it is the cheapest of all non-linear members, and it errs elsewhere
    than the others do, which is what an ensemble wants. The graph holds the training rows:
    erasing a person's rows means fitting again.

    Args:
        neighbours: How many rows are averaged; 0 chooses among 4, 8, 16, 32 on validation rows.
        smoothing: Share of the class frequencies mixed into the answer, 0 to 1; 0 chooses it.

    Example:
        >>> KNeighbours(neighbours=5).neighbours
        5

    Source: Cover and Hart, 1967, doi:10.1109/TIT.1967.1053964; inverse-distance weights: Dudani,
        1976, doi:10.1109/TSMC.1976.5408784.
    """

    name: ClassVar[str] = "k_neighbours"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "numpy"

    neighbours: int = 0
    smoothing: float = 0.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Keep the rows of `train`; choose what was left open on `valid`."""
        fold = self.fold(train, valid)
        table = _table(fold)
        neighbours, smoothing = self._settle(fold, table)
        prior = table.mean(0) if fold.weight is None else fold.weight @ table / len(table)
        output = "values" if fold.task == "regress" else "probabilities"
        data = _graph(fold, table, neighbours, smoothing * prior, 1.0 - smoothing, output)
        # Equal distances may be ordered either way by rounding, so row-by-row equality with
        # another implementation is not to be had; a weighted average must stay in its range.
        verify_range(self.name, data, fold.sample, table.min(), table.max(), budget.threads)
        chosen = {"neighbours": neighbours, "smoothing": smoothing}
        notes = {
            **chosen, "refit": chosen, "settled": chosen, "stores_rows": len(fold.x), "bag": True,
        }  # fmt: skip
        return fold.model(self.name, data, notes)

    def _settle(self, fold: Rows, table: NDArray[np.float64]) -> tuple[int, float]:
        """Choose what is open by the loss on validation rows."""
        most = len(fold.x)
        sizes = [self.neighbours] if self.neighbours > 0 else list(_NEIGHBOURS)
        sizes = sorted({min(size, most) for size in sizes})
        regress = fold.task == "regress"
        shares = [self.smoothing] if self.smoothing > 0 or regress else list(_SMOOTHING)
        if len(fold.valid_x) == 0:
            return sizes[0], shares[0]
        truth = fold.valid_y if regress else np.asarray(fold.valid_y, dtype=np.int64)
        prior = table.mean(0)
        distance, index = _nearest(fold.x, fold.valid_x, sizes[-1])
        best: tuple[float, int, float] = (float("inf"), sizes[0], shares[0])
        for size in sizes:
            plain = _blend(fold, distance[:, :size], index[:, :size], table)
            for share in shares:
                answer = plain * (1.0 - share) + share * prior
                if regress:
                    loss = float(np.mean((answer[:, 0] - truth) ** 2))
                else:
                    chance = answer[np.arange(len(truth)), truth]
                    loss = float(-np.mean(np.log(np.maximum(chance, 1e-12))))
                best = min(best, (loss, size, share))
        return best[1], best[2]


def _table(fold: Rows) -> NDArray[np.float64]:
    """Return what is averaged: values (S, 1), or one-hot classes (S, K)."""
    if fold.task == "regress":
        return np.asarray(fold.y, dtype=np.float64)[:, None]
    return np.asarray(np.eye(len(fold.classes))[fold.y])


def _nearest(x: NDArray[Any], rows: NDArray[Any], k: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return squared distances and indices (N, k) of the nearest training rows, rising."""
    squares = (x * x).sum(1)
    distances, indices = [], []
    for start in range(0, len(rows), _PIECE):
        part = rows[start : start + _PIECE]
        gap = (part * part).sum(1)[:, None] - 2.0 * part @ x.T + squares[None, :]
        # A mere view of the few would keep all of them.
        index = np.argsort(gap, axis=1, kind="stable")[:, :k].copy()
        indices.append(index)
        distances.append(np.take_along_axis(gap, index, axis=1))
    return np.maximum(np.concatenate(distances), 0.0), np.concatenate(indices)


def _tiny(fold: Rows) -> float:
    return _TINY * float(np.mean((fold.x * fold.x).sum(1))) + 1e-12


def _blend(
    fold: Rows, distance: NDArray[Any], index: NDArray[Any], table: NDArray[np.float64]
) -> NDArray[np.float64]:
    closeness = 1.0 / np.sqrt(distance.astype(np.float64) + _tiny(fold))  # (N, k)
    if fold.weight is not None:
        closeness = closeness * np.maximum(fold.weight[index], 1e-9)
    mixed = np.einsum("nk,nkc->nc", closeness, table[index])
    return np.asarray(mixed / closeness.sum(1, keepdims=True), dtype=np.float64)


def _graph(
    fold: Rows,
    table: NDArray[np.float64],
    k: int,
    offset: NDArray[np.float64],
    share: float,
    output: str,
) -> bytes:
    weight = np.ones(len(table)) if fold.weight is None else np.maximum(fold.weight, 1e-9)
    last = {"axis": 1}
    steps = [
        ("ReduceSumSquare", ["x", "one"], ["own"], {"keepdims": 1}),  # (N, 1)
        ("MatMul", ["x", "rows"], ["cross"], {}),  # (N, S), already times -2
        ("Add", ["cross", "squares"], ["partial"], {}),
        ("Add", ["partial", "own"], ["gap"], {}),
        ("TopK", ["gap", "k"], ["near", "index"], {**last, "largest": 0, "sorted": 1}),
        ("Relu", ["near"], ["distance"], {}),  # rounding can make a zero distance negative
        ("Add", ["distance", "tiny"], ["apart"], {}),
        ("Sqrt", ["apart"], ["root"], {}),
        ("Gather", ["weight", "index"], ["heavy"], {"axis": 0}),  # (N, k)
        ("Div", ["heavy", "root"], ["closeness"], {}),
        ("Gather", ["table", "index"], ["picked"], {"axis": 0}),  # (N, k, K)
        ("Unsqueeze", ["closeness", "one"], ["row"], {}),  # (N, 1, k)
        ("MatMul", ["row", "picked"], ["summed"], {}),  # (N, 1, K)
        ("Squeeze", ["summed", "one"], ["mixed"], {}),
        ("ReduceSum", ["closeness", "one"], ["total"], {"keepdims": 1}),
        ("Div", ["mixed", "total"], ["plain"], {}),
        ("Mul", ["plain", "share"], ["scaled"], {}),
        ("Add", ["scaled", "offset"], [output], {}),
    ]
    constants = {
        "rows": -2.0 * fold.x.T,
        "squares": (fold.x * fold.x).sum(1)[None, :],
        "k": np.array([k], dtype=np.int64),
        "one": np.array([1], dtype=np.int64),
        "tiny": np.array(_tiny(fold)),
        "weight": weight,
        "table": table,
        "share": np.array(share),
        "offset": offset[None, :],
    }
    return graph(steps, constants, fold.x.shape[1], output)
