"""Scores of probabilities; formulas of the form of `core/metrics.py`.

A ranking score is about the class `positive` where there are two classes; with more it is the
mean over the classes, each against the rest, of those for which it is defined.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.label_metrics import ratio
from lingqu.core.predictions import Predictions

Floats = NDArray[np.float64]
Formula = Callable[[NDArray[Any], Predictions, int, Floats], Floats]
_BINS, _LEAST = 10, 20
"""Bins of the calibration error, at most, and rows in each, at least."""


def _proba(said: Predictions) -> Floats:
    if said.probabilities is None:
        raise SpecError("check.no_probabilities")
    return said.probabilities


def _mean(weights: Floats, rows: NDArray[Any]) -> Floats:
    total: Floats = weights @ rows
    mean: Floats = total / weights.sum(1)
    return mean


def _over(parts: Floats) -> Floats:
    """Return the mean over the first axis of what is defined."""
    defined = np.isfinite(parts)
    total = np.where(defined, parts, 0.0).sum(0)
    return np.where(defined.any(0), total / np.maximum(defined.sum(0), 1), np.nan)


def one_against_rest(
    rank: Callable[[NDArray[np.bool_], Floats, Floats], Floats],
) -> Formula:
    """Return a ranking score of one class as one of all classes."""

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        proba = _proba(said)
        if proba.shape[1] == 2:
            return rank(y == positive, proba[:, positive], weights)
        parts = [rank(y == k, proba[:, k], weights) for k in range(proba.shape[1])]
        return _over(np.stack(parts))

    return formula


def roc_auc_ovo(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return the mean ROC AUC of all pairs of classes, insensitive to how frequent they are.

    Source: Hand and Till, 2001, doi:10.1023/A:1010920819831.
    """
    proba = _proba(said)
    if proba.shape[1] == 2:
        return roc_auc(y == positive, proba[:, positive], weights)
    parts = []
    for one, two in combinations(range(proba.shape[1]), 2):
        pair = np.flatnonzero((y == one) | (y == two))
        part, among = weights[:, pair], y[pair]
        sides = [roc_auc(among == k, proba[pair, k], part) for k in (one, two)]
        parts.append((sides[0] + sides[1]) / 2)
    return _over(np.stack(parts))


def _sorted_sums(
    truth: NDArray[np.bool_], scores: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Return weights of positives and negatives per distinct score, falling, (B, U) each."""
    if not len(scores):
        return np.zeros((len(weights), 1)), np.zeros((len(weights), 1))
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])
    ordered, hit = weights[:, order], truth[order]
    positives = ordered * hit
    if len(starts) < len(scores):  # rows with one score count as one
        positives = np.add.reduceat(positives, starts, axis=1)
        ordered = np.add.reduceat(ordered, starts, axis=1)
    return positives, ordered - positives


def roc_auc(truth: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """Return the chance that a positive has the higher score, ties half; NaN with one class."""
    positives, negatives = _sorted_sums(truth, scores, weights)
    below = negatives.sum(1, keepdims=True) - np.cumsum(negatives, 1) + negatives / 2
    pairs = positives.sum(1) * negatives.sum(1)
    wins = (positives * below).sum(1)
    auc: Floats = np.divide(wins, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    return auc


def average_precision(truth: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """Return the area under precision over recall; NaN without a positive."""
    positives, negatives = _sorted_sums(truth, scores, weights)
    hits = np.cumsum(positives, 1)
    precision = ratio(hits, hits + np.cumsum(negatives, 1))
    total = positives.sum(1)
    area = (precision * positives).sum(1)
    mean: Floats = np.divide(area, total, out=np.full(len(weights), np.nan), where=total > 0)
    return mean


def log_loss(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return the mean of -log of the probability of the truth."""
    chosen = _proba(said)[np.arange(len(y)), np.asarray(y, dtype=np.int64)]
    # 1e-15 keeps one confident mistake from making the whole score infinite.
    return _mean(weights, -np.log(np.clip(chosen, 1e-15, 1.0)))


def brier(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return the mean squared error of the probabilities, of two classes halved."""
    proba = _proba(said)
    truth = np.eye(proba.shape[1])[np.asarray(y, dtype=np.int64)]
    rows = ((proba - truth) ** 2).sum(1)
    return _mean(weights, rows / 2 if proba.shape[1] == 2 else rows)


def eer(truth: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """Return the error where as many others are accepted as own ones refused; NaN with one class.

    Between two thresholds both shares are taken to change in a straight line.

    Example:
        >>> scores, ones = np.array([0.9, 0.4, 0.6, 0.1]), np.ones((1, 4))
        >>> eer(np.array([True, True, False, False]), scores, ones).tolist()
        [0.5]

    Source: Martin et al., "The DET curve in assessment of detection task performance", 1997.
    """
    positives, negatives = _sorted_sums(truth, scores, weights)
    own, others = positives.sum(1), negatives.sum(1)
    defined = (own > 0) & (others > 0)
    accepted = np.cumsum(negatives, 1) / np.where(defined, others, 1.0)[:, None]  # (B, U)
    refused = 1 - np.cumsum(positives, 1) / np.where(defined, own, 1.0)[:, None]
    accepted, refused = np.pad(accepted, ((0, 0), (1, 0))), np.pad(refused, ((0, 0), (1, 0)))
    refused[:, 0] = 1.0  # above every score nobody is accepted
    rows = np.arange(len(weights))
    last = np.maximum(1, (accepted - refused < 0).sum(1).clip(max=accepted.shape[1] - 1))
    gaps = [accepted[rows, at] - refused[rows, at] for at in (last - 1, last)]
    way = -gaps[0] / np.where(gaps[1] > gaps[0], gaps[1] - gaps[0], 1.0)
    start, end = accepted[rows, last - 1], accepted[rows, last]
    return np.where(defined, start + way * (end - start), np.nan)


def top_k(k: float) -> Formula:
    """Return the share of rows whose class is among the k most probable ones."""

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        order = np.argsort(_proba(said), axis=1, kind="stable")[:, ::-1]
        hits = (order[:, : int(k)] == np.asarray(y)[:, None]).any(1)
        return _mean(weights, hits.astype(np.float64))

    return formula


def ece(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return the mean gap between confidence and accuracy, over at most 10 bins of equal size.

    Source: Naeini et al., 2015, AAAI (the error); Nixon et al., 2019, arXiv:1904.01685 (bins).
    """
    sure = _proba(said)[np.arange(len(y)), said.labels.astype(np.int64)]
    bins = max(1, min(_BINS, len(y) // _LEAST))
    cuts = np.unique(np.quantile(sure, np.arange(1, bins) / bins))
    group = np.searchsorted(cuts, sure, side="right")
    member = np.eye(len(cuts) + 1)[group] * (sure - (y == said.labels))[:, None]
    gaps: Floats = np.abs(weights @ member).sum(1) / weights.sum(1)
    return gaps


CHANCES: dict[str, Formula] = {
    "roc_auc": one_against_rest(roc_auc),
    "average_precision": one_against_rest(average_precision),
    "log_loss": log_loss,
    "brier": brier,
    "roc_auc_ovo": roc_auc_ovo,
    "ece": ece,
    "eer": one_against_rest(eer),
}
"""Name → formula."""
