"""Rows as lists to be ordered: what a learner of rankings needs beside the arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import Dataset
from lingqu.learn.lists import codes_of
from lingqu.learn.tabular.rows import Rows

TOP = 10
"""Rows of a list by which learning stops and on which most effort is spent."""
GRADES = 31
"""Most different grades; more are joined at their quantiles, as gains are looked up in a table."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Order:
    """Lists of training and validation rows.

    Args:
        rows: Training rows, list by list.
        sizes: Rows of each list.
        grades: Grade of each of `rows`, from 0.
        valid_rows: The same for validation.
        valid_sizes: The same for validation.
        valid_grades: The same for validation.
        gains: What each grade is worth: the relevance itself.
        truth: Relevance of the training rows, as they came.
    """

    rows: Ints
    sizes: Ints
    grades: Ints
    valid_rows: Ints
    valid_sizes: Ints
    valid_grades: Ints
    gains: list[float]
    truth: NDArray[np.float64]

    @classmethod
    def of(cls, train: Dataset, valid: Dataset, fold: Rows) -> Order:
        """Return the lists of a fold.

        Raises:
            TrainError: No column has the role ``group``, or the target holds no grades.
        """
        column = next(iter(train.schema.having("group")), None)
        if column is None or column.name not in train.frame.columns:
            raise TrainError("choice.rank_task", problem=Phrase("choice.rank_no_group"))
        if fold.classes or (fold.y < 0).any():
            raise TrainError("choice.rank_task", problem=Phrase("choice.rank_values"))
        levels = np.unique(fold.y)
        if len(levels) > GRADES:
            levels = np.unique(np.quantile(levels, np.linspace(0, 1, GRADES), method="nearest"))
        cuts = (levels[1:] + levels[:-1]) / 2
        parts = []
        for data, y in ((train, fold.y), (valid, fold.valid_y)):
            codes = codes_of(data.frame.get_column(column.name)) if len(data) else np.zeros(0, int)
            rows = np.argsort(codes, kind="stable")
            sizes = np.bincount(codes) if len(codes) else codes
            parts.append((rows, sizes, np.searchsorted(cuts, y[rows])))
        return cls(*parts[0], *parts[1], [float(level) for level in levels], fold.y)

    def scale(self, scores: NDArray[np.float64]) -> tuple[float, float]:
        """Return by what scores are shifted and multiplied to lie where the relevance lies.

        An order does not say how large scores are; so they can be averaged with those of others.
        """
        away = scores - scores.mean()
        spread = float(away @ (self.truth - self.truth.mean()) / max(float(away @ away), 1e-12))
        spread = spread if spread > 0 else 1.0
        return float(self.truth.mean() - spread * scores.mean()), spread
