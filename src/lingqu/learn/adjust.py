"""What the score that decides asks of probabilities, before they are judged and when released.

The log loss has no bound: where nothing of a kind was seen in n rows, its chance may still be one
in n, and a model that gives it one in a million looks perfect on these rows and loses more by one
surprise than it ever won. Balanced accuracy counts every class the same: the most likely class is
then the wrong answer where classes are not equally frequent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.i18n import Language, both
from lingqu.learn.shift import NORMALISE, ended

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Adjustment:
    """One change of probabilities (N, K), made to every member alike.

    Args:
        factors: By which each class is multiplied before they sum to 1 again, shape (K,).
        doubt: What is then kept back for each class, in sum below 1, shape (K,).
    """

    factors: Shares
    doubt: Shares

    def of(self, chances: Shares) -> Shares:
        """Return adjusted probabilities."""
        weighed = chances * self.factors
        weighed = weighed / weighed.sum(axis=1, keepdims=True)
        return np.asarray((1.0 - self.doubt.sum()) * weighed + self.doubt, dtype=np.float64)

    def inside(self, graph: bytes) -> bytes:
        """Return a graph whose ``probabilities`` are adjusted."""
        steps: list[Any] = []
        if np.ptp(self.factors) > 0:
            steps += [("Mul", self.factors), NORMALISE]
        if self.doubt.sum() > 0:
            steps += [("Mul", 1.0 - self.doubt.sum()), ("Add", self.doubt)]
        return ended(graph, "probabilities", steps)

    def note(self) -> dict[Language, str]:
        """Say what was done."""
        if self.doubt.sum() > 0:
            share, least = float(self.doubt.sum()), float(self.doubt.min())
            return both("choice.note_doubt", share=share, least=least)
        return both("choice.note_even", most=float(self.factors.max() / self.factors.min()))


def adjustment_of(y: NDArray[Any], classes: int, metric: str) -> Adjustment | None:
    """Return the adjustment that a score asks for, if any.

    Args:
        y: Class indices of the rows that judge, (N,).
        classes: How many there are; 0 for values.
        metric: Score that decides.

    Returns:
        For ``log_loss`` base rates, in sum one in N + 2, are kept back; for ``balanced_accuracy``
        each class is divided by its base rate.

    Example:
        >>> y = np.array([0] * 6 + [1] * 2)
        >>> adjustment_of(y, 2, "log_loss").of(np.array([[1.0, 0.0]])).round(3).tolist()
        [[0.97, 0.03]]
        >>> adjustment_of(y, 2, "balanced_accuracy").of(np.array([[0.6, 0.4]])).argmax()
        np.int64(1)

    Source: The rule of succession: Laplace, "Essai philosophique sur les probabilités", 1814;
        Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori
        probabilities", 2002, doi:10.1162/089976602753284446.
    """
    if not classes or metric not in ("log_loss", "balanced_accuracy"):
        return None
    counts = np.bincount(y, minlength=classes) + 1.0
    shares = np.asarray(counts / counts.sum())
    even = np.ones(classes)
    if metric == "log_loss":
        return Adjustment(even, shares / (len(y) + 2))
    return Adjustment(1.0 / shares, 0.0 * even)
