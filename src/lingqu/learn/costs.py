"""What one fit is expected to cost, in CPU seconds on one core of a common machine.

Kept apart from the algorithms, so that planning a run does not import scikit-learn or torch.
The factors were fitted by hand to runs on two cores; only their ratios matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Cost = Callable[[int, int, int], float]
"""(rows, columns, classes) → CPU seconds; classes is 0 for a regression."""

SMALL = 4000
"""Rows above which methods that compare all rows with each other become prohibitive."""


def constant(rows: int, columns: int, classes: int) -> float:
    """Reading the rows is all."""
    return 0.01 + 1e-8 * rows * columns


def logistic(rows: int, columns: int, classes: int) -> float:
    """A hundred passes of one matrix product each."""
    return 0.03 + 1e-7 * rows * columns * math.sqrt(max(1, classes - 1))


def ridge(rows: int, columns: int, classes: int) -> float:
    """One singular value decomposition."""
    return 0.03 + 4e-9 * rows * columns * min(rows, columns)


def rbf_svm(rows: int, columns: int, classes: int) -> float:
    """Quadratic in rows, for each of five settings.

    Example:
        >>> rbf_svm(2000, 20, 2) * 10 < rbf_svm(8000, 20, 2)
        True
    """
    seconds = 0.1 + 3e-9 * rows * rows * (columns + 10)
    return seconds if rows <= SMALL else 10 * seconds


def k_neighbours(rows: int, columns: int, classes: int) -> float:
    """All distances between validation and training rows."""
    seconds = 0.02 + 4e-10 * rows * rows * (columns + 20)
    return seconds if rows <= SMALL else 10 * seconds


def lightgbm(rows: int, columns: int, classes: int) -> float:
    """Some 200 rounds, one tree per class and round."""
    trees = 200 * (classes if classes > 2 else 1)
    return 0.1 + trees * (2e-4 + 2e-9 * rows * min(columns, 500))


def mlp(rows: int, columns: int, classes: int) -> float:
    """Some 40 epochs of a small net."""
    return 0.5 + 40 * rows * (1.5e-5 + 1e-7 * columns)


def cnn(rows: int, columns: int, classes: int) -> float:
    """Some 25 epochs of a small convolutional net; columns are pixels."""
    return 0.5 + 25 * rows * (2e-5 + 1.5e-6 * columns)


SECONDS: dict[str, Cost] = {
    "constant": constant,
    "logistic": logistic,
    "ridge": ridge,
    "rbf_svm": rbf_svm,
    "k_neighbours": k_neighbours,
    "lightgbm": lightgbm,
    "mlp": mlp,
    "cnn": cnn,
}
