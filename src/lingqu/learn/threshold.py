"""From which probability on the second of two classes is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.metrics import loss
from lingqu.core.nouns import Predictions

_STEPS = 199
_DECIDES = {"precision": "f1", "recall": "f1"}
"""Alone, recall is best when everything is chosen and precision when nearly nothing is."""
_LABELS = frozenset({"accuracy", "balanced_accuracy", "f1"})


def threshold(y: NDArray[Any], probabilities: NDArray[np.float64], metric: str) -> float:
    """Return the threshold that serves a metric best on held-out rows.

    Args:
        y: 0 or 1, (N,).
        probabilities: Held-out answers, (N, 2).
        metric: The score the run optimises. Precision and recall are served by F1; a score
            that no threshold changes (ROC AUC, log loss) by balanced accuracy.

    Returns:
        The middle of the best run of thresholds; 0.5 where nothing is gained.

    Example:
        >>> chance = np.array([0.1, 0.2, 0.3, 0.4])
        >>> threshold(np.array([0, 0, 1, 1]), np.column_stack([1 - chance, chance]), "accuracy")
        0.2525

    Source: Zou et al., "Finding the best classification threshold in imbalanced
        classification", 2016, doi:10.1016/j.bdr.2015.12.001.
    """
    served = _DECIDES.get(metric, metric if metric in _LABELS else "balanced_accuracy")
    chance, classes = probabilities[:, 1], ("0", "1")

    def missed(at: float) -> float:
        labels = (chance >= at).astype(np.int64)
        return loss(served, y, Predictions(labels, probabilities, classes))

    steps = np.linspace(0.005, 0.995, _STEPS)
    losses = np.array([missed(step) for step in steps])
    if not losses.min() < missed(0.5) - 1e-12:
        return 0.5
    best = np.flatnonzero(losses <= losses.min() + 1e-12)
    runs = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    longest = max(runs, key=len)  # the middle of the widest plateau is the safest choice
    return round(float((steps[longest[0]] + steps[longest[-1]]) / 2), 4)
