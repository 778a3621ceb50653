"""Items that the same people took: what lies near to what somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget, Progress
from lingqu.learn.recommend.graph import neighbours
from lingqu.learn.recommend.learner import Learned, Recommender
from lingqu.learn.recommend.reading import Matrix, Reading

CELLS = 8_000_000
"""Pairs of items that are compared at a time."""


@dataclass
class ItemKnn(Recommender):
    """Add up, for each item, how similar it is to what somebody took; only near items count.

    Args:
        neighbours: Items that count for each item.
        weighting: ``cosine`` of who took what, or ``bm25``: then users who take everything and
            items that everybody takes say less.
        shrinkage: Users that are added to those who took both; similarity that rests on few
            people shrinks towards 0.
        strengths: Whether how much somebody took counts, beside that they did.

    Example:
        >>> ItemKnn(neighbours=50).weighting
        'cosine'

    Source: Deshpande and Karypis, 2004, doi:10.1145/963770.963776; shrinkage: Bell and Koren,
        ICDM 2007, doi:10.1109/ICDM.2007.90; BM25: Robertson and Zaragoza, 2009,
        doi:10.1561/1500000019.
    """

    name: ClassVar[str] = "item_knn"

    neighbours: int = 100
    weighting: Literal["cosine", "bm25"] = "cosine"
    shrinkage: float = 20.0
    strengths: bool = False

    def learn(
        self, reading: Reading, train: Dataset, budget: Budget, progress: Progress
    ) -> Learned:
        """Compare all items, keep the nearest of each."""
        for option, value, good, expected in (
            ("neighbours", self.neighbours, self.neighbours >= 1, "≥ 1"),
            ("weighting", self.weighting, self.weighting in ("cosine", "bm25"), "cosine, bm25"),
            ("shrinkage", self.shrinkage, self.shrinkage >= 0, "≥ 0"),
        ):
            if not good:
                raise SpecError(
                    "recommend.bad_option", option=option, expected=expected, received=value
                )
        x = reading.matrix if self.strengths else reading.plain
        if self.weighting == "bm25":
            x = bm25(x)
        weights, nearest = similar(x, min(self.neighbours, x.shape[1]), self.shrinkage)
        read = "taken" if self.strengths else "had"
        steps, constants = neighbours(weights, nearest, read)
        table = _square(weights, nearest)

        def told(taken: NDArray[Any], people: NDArray[Any]) -> NDArray[np.float64]:
            given = sparse.csr_matrix((taken if self.strengths else taken > 0).astype(np.float64))
            return np.asarray((given @ table.T).toarray())

        notes = {"neighbours": self.neighbours, "weighting": self.weighting,
                 "shrinkage": self.shrinkage, "strengths": self.strengths}  # fmt: skip
        return Learned(steps, constants, told, notes)


def bm25(x: Matrix, k1: float = 1.2, b: float = 0.75) -> Matrix:
    """Return histories in which what many have, and who has much, counts less."""
    users, items = x.shape
    length = np.asarray(x.sum(1)).ravel()
    often = np.bincount(x.indices, minlength=items)
    rare = np.log(users / (1.0 + often)).clip(min=0.05)
    norm = k1 * (1 - b + b * length / max(float(length.mean()), 1e-12))
    owner = np.repeat(np.arange(users), np.diff(x.indptr))
    data = x.data * (k1 + 1) / (x.data + norm[owner]) * rare[x.indices]
    return sparse.csr_matrix((data, x.indices, x.indptr), shape=x.shape)


def similar(
    x: Matrix, keep: int, shrinkage: float
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return of each item the similarity of its nearest items and which these are, (items, K).

    An item is no neighbour of its own; what nobody took beside it counts 0.
    """
    items = x.shape[1]
    columns = x.tocsc()
    norm = np.sqrt(np.asarray(columns.multiply(columns).sum(0)).ravel())
    unit = sparse.csc_matrix(columns.multiply(1.0 / np.maximum(norm, 1e-12)))
    both = columns.copy()
    both.data = np.ones_like(both.data)
    weights = np.zeros((items, keep), dtype=np.float32)
    nearest = np.zeros((items, keep), dtype=np.int64)
    size = max(1, CELLS // items)
    for start in range(0, items, size):
        part = slice(start, min(start + size, items))
        near = np.asarray((unit[:, part].T @ unit).todense())  # (block, items)
        if shrinkage:
            people = np.asarray((both[:, part].T @ both).todense())
            near = near * people / (people + shrinkage)
        near[np.arange(len(near)), np.arange(start, start + len(near))] = 0.0
        best = np.sort(np.argpartition(-near, keep - 1, axis=1)[:, :keep], axis=1)
        nearest[part] = best
        weights[part] = np.take_along_axis(near, best, 1)
    return weights, nearest


def _square(weights: NDArray[np.float32], nearest: NDArray[np.int64]) -> Any:
    items, keep = weights.shape
    rows = np.repeat(np.arange(items), keep)
    values = weights.ravel().astype(np.float64)
    return sparse.csr_matrix((values, (rows, nearest.ravel())), shape=(items, items))
