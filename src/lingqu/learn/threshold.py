"""From which probability on the second of two classes is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.confusion import Confusion
from lingqu.core.metrics import metric as metric_named
from lingqu.core.predictions import Predictions

_STEPS = np.linspace(0.005, 0.995, 199)
_DECIDES = {"precision": "f1", "recall": "f1", "specificity": "balanced_accuracy"}
"""Alone, recall is best when everything is chosen and precision when nearly nothing is."""


def of_labels(metric: str) -> bool:
    """Return whether a score depends on which class is chosen, and so on the threshold."""
    return metric_named(metric).of_matrix is not None


def threshold(y: NDArray[Any], probabilities: NDArray[np.float64], metric: str) -> float:
    """Return the threshold that serves a metric best on held-out rows.

    Args:
        y: 0 or 1, (N,).
        probabilities: Held-out answers, (N, 2).
        metric: The score the run optimises. Precision and recall are served by F1; specificity,
            and a score that no threshold changes (ROC AUC, log loss), by balanced accuracy.

    Returns:
        The middle of the best run of thresholds; 0.5 where nothing is gained.

    Example:
        >>> chance = np.array([0.1, 0.2, 0.3, 0.4])
        >>> threshold(np.array([0, 0, 1, 1]), np.column_stack([1 - chance, chance]), "accuracy")
        0.2525

    Source: Zou et al., "Finding the best classification threshold in imbalanced
        classification", 2016, doi:10.1016/j.bdr.2015.12.001.
    """
    served = served_by(metric)
    served = served if of_labels(served) else "balanced_accuracy"
    chance = probabilities[:, 1]
    scores = scores_at(_STEPS, y, chance, served)
    if not scores.max() > scores_at(np.array([0.5]), y, chance, served)[0] + 1e-12:
        return 0.5
    best = np.flatnonzero(scores >= scores.max() - 1e-12)
    runs = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    longest = max(runs, key=len)  # the middle of the widest plateau is the safest choice
    return round(float((_STEPS[longest[0]] + _STEPS[longest[-1]]) / 2), 4)


def served_by(metric: str) -> str:
    """Return the score by which a threshold, and who is best with its own one, is decided.

    Example:
        >>> served_by("recall"), served_by("accuracy")
        ('f1', 'accuracy')
    """
    return _DECIDES.get(metric, metric)


def cut(y: NDArray[Any], said: Predictions, metric: str) -> Predictions:
    """Return answers with the labels that their own best threshold gives.

    Args:
        y: Truth, (N,).
        said: Held-out answers.
        metric: Only where it depends on labels, and for two classes, anything changes.
    """
    chances = said.probabilities
    if chances is None or chances.shape[1] != 2 or not of_labels(metric):
        return said
    labels = (chances[:, 1] >= threshold(y, chances, metric)).astype(np.int64)
    return replace(said, labels=labels)


def scores_at(
    steps: NDArray[np.float64], y: NDArray[Any], chance: NDArray[np.float64], metric: str
) -> NDArray[np.float64]:
    """Return a score at each of rising thresholds, from two counts per threshold, (S,).

    One pass over the rows instead of one for each threshold, because every candidate and every
    ensemble is judged so, again and again.

    Args:
        steps: Rising thresholds, (S,).
        y: 0 or 1, (N,).
        chance: Probability of 1, (N,).
        metric: A score of labels.

    Example:
        >>> chance = np.array([0.2, 0.6, 0.8])
        >>> scores_at(np.array([0.5, 0.7]), np.array([0, 0, 1]), chance, "f1").round(3).tolist()
        [0.667, 1.0]
    """
    return scores_of(metric, *counts_at(steps, y, chance))


def counts_at(
    steps: NDArray[np.float64], y: NDArray[Any], chance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], int, int]:
    """Count at each of rising thresholds the ones and the zeros for which 1 is chosen.

    Returns:
        Ones that are found and zeros that are not, (S,) each; all ones and all zeros.
    """
    passed = np.searchsorted(steps, chance, side="right")  # at how many steps 1 is chosen
    counts = [np.bincount(passed[y == k], minlength=len(steps) + 1) for k in (0, 1)]
    zeros, ones = (int(count.sum()) for count in counts)
    false, true = ((count.sum() - np.cumsum(count)[:-1]).astype(np.float64) for count in counts)
    return true, false, ones, zeros


def scores_of(
    metric: str, true: NDArray[np.float64], false: NDArray[np.float64], ones: int, zeros: int
) -> NDArray[np.float64]:
    """Return a score of labels from what `counts_at` counted, (S,)."""
    of_matrix = metric_named(metric).of_matrix
    assert of_matrix is not None  # callers ask `of_labels`
    cells = np.stack([zeros - false, false, ones - true, true], axis=1)
    truth, answer = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    return np.asarray(of_matrix(Confusion(truth, answer, cells, 2), 1))
