"""Scores of chosen classes: each is a function of weighted confusion matrices.

With two classes, precision, recall and what
is made of them are about the class `positive`; with more they are the mean over the classes.
Where a share has nothing below it, it counts as 0, as in scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lingqu.core.confusion import Confusion

Floats = NDArray[np.float64]
OfMatrix = Callable[[Confusion, int], Floats]
"""Confusion matrices of B resamples and the positive class → scores (B,)."""


def ratio(top: Floats, bottom: Floats) -> Floats:
    """Return a share, 0 where there is nothing below it."""
    return np.asarray(np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0))


def accuracy(matrix: Confusion, positive: int = 1) -> Floats:
    """Return the share of right answers."""
    return np.asarray(matrix.hits.sum(1) / matrix.total)


def balanced_accuracy(matrix: Confusion, positive: int = 1) -> Floats:
    """Return the mean over the classes that occur of the share found."""
    hits, true = matrix.hits, matrix.true
    return np.asarray(ratio(hits, true).sum(1) / np.maximum((true > 0).sum(1), 1))


def g_mean(matrix: Confusion, positive: int = 1) -> Floats:
    """Return the geometric mean over the classes that occur of the share found.

    Source: Kubat and Matwin, "Addressing the curse of imbalanced training sets", ICML 1997.
    """
    hits, true = matrix.hits, matrix.true
    recalls = np.where(true > 0, ratio(hits, true), 1.0)
    return np.asarray(recalls.prod(1) ** (1 / np.maximum((true > 0).sum(1), 1)))


def mcc(matrix: Confusion, positive: int = 1) -> Floats:
    """Return the correlation of answer and truth, -1 to 1; 0 where one of them is constant.

    Source: Gorodkin, 2004, doi:10.1016/j.compbiolchem.2004.09.006 (K classes).
    """
    hits, true, said = matrix.hits, matrix.true, matrix.said
    n = matrix.total
    both = hits.sum(1) * n - (true * said).sum(1)
    spread = (n**2 - (true**2).sum(1)) * (n**2 - (said**2).sum(1))
    return ratio(both, np.sqrt(np.maximum(spread, 0.0)))


def kappa(power: int) -> OfMatrix:
    """Return Cohen's kappa: agreement beyond chance.

    Args:
        power: 0 counts every wrong class alike; 2 counts it by the square of how many classes it
            is off, for classes in an order.

    Source: Cohen, 1960, doi:10.1177/001316446002000104; weighted: Cohen, 1968,
        doi:10.1037/h0026256.
    """

    def formula(matrix: Confusion, positive: int = 1) -> Floats:
        kinds = np.arange(matrix.classes)
        away = np.abs(np.subtract.outer(kinds, kinds)).astype(np.float64)
        cost = away**power if power else (away > 0).astype(np.float64)
        seen = (matrix.weight * cost[matrix.truth, matrix.answer]).sum(1)
        expected = ((matrix.true @ cost) * matrix.said).sum(1) / matrix.total
        undefined = np.full(len(seen), np.nan)  # all rows are of one class, and so answered
        return np.asarray(1.0 - np.divide(seen, expected, out=undefined, where=expected > 0))

    return formula


def specificity(matrix: Confusion, positive: int = 1) -> Floats:
    """Return the share of the rows of no class that are not taken for it."""
    hits, true, said = matrix.hits, matrix.true, matrix.said
    others = matrix.total[:, None] - true
    return _chosen(ratio(others - (said - hits), others), true + said, positive)


def averaged(part: str, average: str = "", beta: float = 1.0) -> OfMatrix:
    """Return precision, recall, F, or Jaccard's index.

    Args:
        part: ``precision``, ``recall``, ``f`` or ``jaccard``.
        average: ``""`` for the positive of two classes, else the mean over the classes;
            ``macro``, ``micro`` or ``weighted`` for that mean also with two.
        beta: How many times as much recall counts as precision, in ``f``.

    Source: van Rijsbergen, "Information retrieval", 1979, chapter 7 (F).
    """

    def formula(matrix: Confusion, positive: int = 1) -> Floats:
        hits, true, said = matrix.hits, matrix.true, matrix.said
        if average == "micro":
            hits, true, said = (each.sum(1, keepdims=True) for each in (hits, true, said))
        top = (1 + beta**2) * hits if part == "f" else hits
        bottom = {
            "precision": said,
            "recall": true,
            "f": beta**2 * true + said,
            "jaccard": true + said - hits,
        }[part]
        values = ratio(top, bottom)
        if average == "micro":
            return values[:, 0]
        if average == "weighted":
            return ratio((values * true).sum(1), true.sum(1))
        return _chosen(values, true + said, None if average else positive)

    return formula


def _chosen(values: Floats, rows: Floats, positive: int | None) -> Floats:
    """Return the value of the positive of two classes, else the mean over those that occur."""
    if positive is not None and values.shape[1] == 2:
        chosen: Floats = values[:, positive]
        return chosen
    present = rows > 0
    return np.asarray((values * present).sum(1) / np.maximum(present.sum(1), 1))


OF_MATRIX: dict[str, OfMatrix] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "precision": averaged("precision"),
    "recall": averaged("recall"),
    "f1": averaged("f"),
    "precision_macro": averaged("precision", "macro"),
    "recall_macro": averaged("recall", "macro"),
    "f1_macro": averaged("f", "macro"),
    "f1_micro": averaged("f", "micro"),
    "precision_weighted": averaged("precision", "weighted"),
    "recall_weighted": averaged("recall", "weighted"),
    "f1_weighted": averaged("f", "weighted"),
    "jaccard": averaged("jaccard"),
    "specificity": specificity,
    "g_mean": g_mean,
    "mcc": mcc,
    "cohen_kappa": kappa(0),
    "quadratic_kappa": kappa(2),
}
"""Name → score of confusion matrices."""
