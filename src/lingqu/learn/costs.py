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


def mlp_batch(rows: int) -> int:
    """Return the rows of a step that suit a table of so many rows."""
    return max(16, min(256, 1 << (rows // 24).bit_length()))


def mlp_epochs(rows: int, batch: int) -> int:
    """Return the passes that suit so many rows: some 600 steps, at least 6 passes, at most 60.

    Example:
        >>> mlp_epochs(1437, mlp_batch(1437))
        26
    """
    return max(6, min(60, 600 * batch // max(rows, 1)))


def mlp(rows: int, columns: int, classes: int) -> float:
    """So many steps of a small net, each of so many products."""
    batch = mlp_batch(rows)
    steps = mlp_epochs(rows, batch) * max(1.0, rows / batch)
    return 0.1 + steps * (3e-4 + 1.5e-8 * batch * (columns + 64))


def cnn(rows: int, columns: int, classes: int) -> float:
    """Ten epochs of a small convolutional net; columns are pixels, of which it reads so many."""
    return 0.1 + 6e-6 * rows * min(max(columns, 1), 64 * 64)


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
