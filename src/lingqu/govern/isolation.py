"""An isolation forest as plain numbers: rows that few random cuts set apart are unusual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json

TREES = 64
SAMPLE = 128
"""Rows that grow one tree: few, so that unusual rows are not hidden in a crowd of their like."""
FACTOR = 2.0
"""Unusual is what lies this many quartile ranges of the scores above their third quartile; of 1.5,
2, 2.5 and 3 the one that finds rows six times as far out and calls one clean row in 600 unusual."""
_BLOCK = 4096
_EXPLAINED = 1000
_NAMED = 3

Matrix = NDArray[np.float64]


def grow(values: Matrix, names: list[str], seed: int, factor: float, share: float | None) -> Json:
    """Return a forest as JSON, with the score from which a row is unusual.

    Own code and not scikit-learn's, because the forest must travel as JSON and answer one row in
    microseconds.

    Args:
        values: Training rows, shape (N, D); a gap is NaN.
        names: Of the D columns.
        seed: Seed of the samples and cuts.
        factor: See `FACTOR`.
        share: Share of training rows to call unusual instead, or None.

    Source: Liu, Ting & Zhou, Isolation Forest, ICDM 2008, doi:10.1109/ICDM.2008.17; the cut-off
        is a fence as Tukey's on the scores.
    """
    middle = np.nanmedian(values, axis=0)
    values = np.where(np.isnan(values), middle, values)
    random = np.random.default_rng(seed)
    # The order of the rows must not matter, so they are put into one of their own.
    values = values[np.argsort(values @ random.normal(size=values.shape[1]), kind="stable")]
    trees = []
    for _ in range(TREES):
        picked = random.choice(len(values), min(SAMPLE, len(values)), replace=False)
        trees.append(_grown(values[picked], random))
    usual = np.quantile(values, [0.05, 0.95], axis=0).T
    state: dict[str, Json] = {
        "columns": names,
        "middle": middle.tolist(),
        "usual": usual.tolist(),
        "expected": _expected(min(SAMPLE, len(values))),
        "trees": trees,
    }
    scores = Forest(state).scores(values)
    first, third = np.quantile(scores, [0.25, 0.75])
    cut = third + factor * (third - first) if share is None else np.quantile(scores, 1 - share)
    # Rows that are all alike score alike: nothing is unusual then.
    state["cut"] = float(cut) if scores.max() > scores.min() else 1.0
    return state


def _grown(rows: Matrix, random: np.random.Generator) -> Json:
    """Return one tree: lists of column (−1 in a leaf), cut (a leaf's path length), left child."""
    deepest = int(np.ceil(np.log2(max(2, len(rows)))))
    columns: list[int] = []
    cuts: list[float] = []
    lefts: list[int] = []
    waiting: list[tuple[Matrix, int]] = [(rows, 0)]
    for here, depth in waiting:  # the list grows while it is walked: breadth first
        low, high = here.min(axis=0), here.max(axis=0)
        open_columns = np.flatnonzero(high > low)
        if depth >= deepest or len(here) < 2 or not open_columns.size:
            columns.append(-1)
            cuts.append(round(depth + _expected(len(here)), 4))
            lefts.append(0)
            continue
        column = int(random.choice(open_columns))
        cut = float(random.uniform(low[column], high[column]))
        below = here[:, column] < cut
        columns.append(column)
        cuts.append(cut)
        lefts.append(len(waiting))
        waiting += [(here[below], depth + 1), (here[~below], depth + 1)]
    return [columns, cuts, lefts]


def _expected(count: int) -> float:
    """Return the mean path of an unsuccessful search among `count` rows (section 2, equation 1)."""
    if count < 2:
        return 0.0
    if count == 2:
        return 1.0
    return float(2 * (np.log(count - 1) + np.euler_gamma) - 2 * (count - 1) / count)


@dataclass
class Forest:
    """A grown forest, ready to score rows.

    Example:
        >>> rows = np.array([[float(i % 5), float(i % 7)] for i in range(70)] + [[90.0, 90.0]])
        >>> forest = Forest(grow(rows, ["a", "b"], 0, FACTOR, None))
        >>> int(forest.scores(rows).argmax()), sorted(c["column"] for c in forest.why(rows[-1:])[0])
        (70, ['a', 'b'])
    """

    state: Mapping[str, Json]

    def __post_init__(self) -> None:
        trees = self.state["trees"]
        size = max(len(tree[0]) for tree in trees)

        def table(place: int, kind: Any) -> NDArray[Any]:
            return np.array([tree[place] + [0] * (size - len(tree[0])) for tree in trees], kind)

        self.columns = table(0, np.intp)  # (T, nodes)
        self.cuts = table(1, np.float64)
        self.lefts = table(2, np.intp)
        self.middle = np.array(self.state["middle"])

    def scores(self, values: Matrix) -> Matrix:
        """Return how unusual rows are, 0 to 1, shape (N,); a gap counts as the median."""
        values = np.where(np.isfinite(values), values, self.middle)
        parts = [self._paths(values[i : i + _BLOCK]) for i in range(0, len(values), _BLOCK)]
        if not parts:
            return np.zeros(0)
        return np.asarray(2.0 ** (-np.concatenate(parts) / max(self.state["expected"], 1e-9)))

    def _paths(self, values: Matrix) -> Matrix:
        trees = np.arange(len(self.columns))[None, :]
        rows = np.arange(len(values))[:, None]
        nodes = np.zeros((len(values), len(self.columns)), dtype=np.intp)
        while True:
            columns = self.columns[trees, nodes]
            inside = columns >= 0
            if not inside.any():
                return np.asarray(self.cuts[trees, nodes].mean(axis=1))
            above = values[rows, columns] >= self.cuts[trees, nodes]
            nodes = np.where(inside, self.lefts[trees, nodes] + above, nodes)

    def why(self, values: Matrix) -> list[list[dict[str, Json]]]:
        """Return, per row, the columns that make it unusual, most first; of 1,000 rows at most.

        A column counts by how much the score falls when its value is put at the median.
        """
        values = np.where(np.isfinite(values), values, self.middle)[:_EXPLAINED]
        whole = self.scores(values)
        falls = np.empty(values.shape)
        for column in range(values.shape[1]):
            mended = values.copy()
            mended[:, column] = self.middle[column]
            falls[:, column] = whole - self.scores(mended)
        return [self._named(row, fall) for row, fall in zip(values, falls, strict=True)]

    def _named(self, row: Matrix, fall: Matrix) -> list[dict[str, Json]]:
        order = [int(c) for c in np.argsort(-fall, kind="stable")[:_NAMED] if fall[c] > 0]
        return [
            {
                "column": self.state["columns"][column],
                "value": float(row[column]),
                "usual": self.state["usual"][column],
                "weight": round(float(fall[column]), 4),
            }
            for column in order
        ]
