"""Tails of the columns: how far out a row lies in each of them, added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.flag.front import Front
from lingqu.learn.flag.reading import READ, member, read
from lingqu.learn.tabular.score_tree import score_tree
from lingqu.learn.tabular.trees import ensemble

Floats = NDArray[np.float64]
_OUTER = 0.1
"""Share of the rows from which the tail beyond the last one is drawn, as that of scores is."""
_FAR = np.arange(1.0, 9.0)
"""How much more surprising than all that was seen a value can be, in steps."""


@dataclass(frozen=True)
class _Steps:
    """Surprise along one column of the tensor.

    Args:
        place: Of the column.
        cuts: Where steps begin, rising, (C,).
        scores: Surprise of a missing value, of each step, and of none of the known, (C + 3,).
    """

    place: int
    cuts: Floats
    scores: Floats

    def of(self, x: NDArray[np.float32]) -> Floats:
        """Return the surprise of each row."""
        column = x[:, self.place]
        step = 1 + np.searchsorted(self.cuts, column, side="right")
        found: Floats = self.scores[np.where(np.isnan(column), 0, step)]
        return found


@dataclass
class ColumnTails:
    """Score rows by how few others lie as far out, column by column.

    A number counts by the smaller of its two tails, a category by the rows whose level is as
    rare. Columns are taken one by one: it needs no scale and no shape, and sees nothing of how
    they go together, which the other learners do.

    Args:
        fineness: Steps for each tenfold rarer share of the rows, ≥ 1.

    Example:
        >>> ColumnTails(fineness=4).fineness
        4

    Source: Li et al., "ECOD: unsupervised outlier detection using empirical cumulative
        distribution functions", 2022, arXiv:2201.00382 (here the rarer tail of each column).
    """

    name: ClassVar[str] = "column_tails"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "numpy"

    fineness: int = 8

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; nothing else is needed."""
        reading = read(train, budget.seed)
        columns = _columns(reading.x, reading.front, max(1, self.fineness))

        def scored(x: NDArray[np.float32]) -> Floats:
            total: Floats = np.sum([column.of(x) for column in columns], axis=0)
            return total

        trees = [score_tree([one.place], [one.cuts], one.scores) for one in columns]
        notes: dict[str, Any] = {"columns": len(columns)}
        return member(
            self.name, reading, scored(reading.x), [ensemble(trees, 1, "score")], {}, scored, notes
        )

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.column_tails(rows, columns, classes)


def _columns(x: NDArray[np.float32], front: Front, fineness: int) -> list[_Steps]:
    numbers = [_number(x[:, place], int(place), fineness) for place in front.places]
    return numbers + [_levels(x[:, at], at, len(table) - 1) for at, table in front.codes]


def _number(column: NDArray[np.float32], place: int, fineness: int) -> _Steps:
    """Return −ln of the smaller tail; finely where it is rare."""
    known = np.sort(column[~np.isnan(column)]).astype(np.float64)
    count = len(known)
    lost = _surprise(len(column) - count, len(column))
    if not count:
        return _Steps(place, np.zeros(0), np.array([float(lost), 0.0, float(lost)]))
    rarer = 0.5 * 10.0 ** -np.arange(0.0, np.log10(max(count / 2, 1)) + 1e-9, 1 / fineness)
    ranks = np.unique(np.append((rarer * count).astype(np.int64), 0))
    end = np.nextafter(np.float32(known[-1]), np.float32(np.inf)).astype(np.float64)
    cuts = np.unique(np.concatenate([known[ranks], known[count - 1 - ranks], [end]]))
    below = np.searchsorted(known, cuts, side="right")
    above = count - np.searchsorted(known, cuts, side="left")
    tail = _surprise(np.minimum(below, above), count)
    far = _surprise(0, count)
    first, last = known[0] - _FAR * _excess(-known[::-1]), end + _FAR * _excess(known)
    return _Steps(
        place,
        np.concatenate([first[::-1], cuts, last]),
        np.concatenate([[lost], far + _FAR[::-1], [far], tail, far + _FAR, [lost]]),
    )


def _excess(known: Floats) -> float:
    """Return the mean excess of the greatest tenth: what an exponential tail falls by."""
    start = known[int((1 - _OUTER) * (len(known) - 1))]
    above = known[known > start]
    excess = float((above - start).mean()) if len(above) else 0.0
    return max(excess, 1e-3 * float(known[-1] - known[0]), 1e-5 * abs(float(known[-1])), 1e-30)


def _levels(column: NDArray[np.float32], place: int, levels: int) -> _Steps:
    """Return −ln of the share of rows whose level is as rare."""
    known = column[~np.isnan(column)].astype(np.int64)
    counts = np.bincount(known, minlength=levels)[:levels]
    each = np.sort(counts)
    as_rare = np.cumsum(each)[np.searchsorted(each, counts, side="right") - 1]
    lost = _surprise(len(column) - len(known), len(column))
    cuts: Floats = np.arange(1.0, levels) - 0.5
    return _Steps(place, cuts, np.concatenate([[lost], _surprise(as_rare, len(column)), [lost]]))


def _surprise(rows: Any, of: int) -> Floats:
    """Return −ln of a share, of half a row where there is none; 0 for all of them."""
    found: Floats = -np.log(np.minimum((np.asarray(rows) + 0.5) / (of + 0.5), 1.0))
    return found
