"""A weighted average of candidates, chosen on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.metrics import loss
from lingqu.core.nouns import Predictions

ROUNDS = 25
BAGS = 5
_PART = 0.7
"""Share of the rows of a bag."""
_FEW = 40
"""Rows below which parts would say too little."""
SMALLEST = 0.05
"""A member below this weight costs latency and adds nothing."""
_SOFT = 0.2
"""Weight of the log loss beside a score of labels: breaks its many ties. On a few hundred rows
the score alone moves in steps of one row, and greedy selection then follows noise."""
_LABELS = frozenset({"accuracy", "balanced_accuracy", "precision", "recall", "f1"})
_SLOW = 2_500
_MOST = 8_000
"""Rows that the greedy rounds look at, at most."""


def average(members: Sequence[Predictions], weights: Sequence[float]) -> Predictions:
    """Return the weighted average, exactly as a released model answers.

    Example:
        >>> one = Predictions(np.array([0]), np.array([[0.9, 0.1]]), ("a", "b"))
        >>> two = Predictions(np.array([1]), np.array([[0.3, 0.7]]), ("a", "b"))
        >>> average([one, two], [0.5, 0.5]).labels.tolist()
        [0]
    """
    total = sum(w * _values(m) for m, w in zip(members, weights, strict=True))
    return answer(np.asarray(total), members[0].classes)


def answer(values: NDArray[np.float64], classes: tuple[str, ...]) -> Predictions:
    """Turn probabilities (N, K), or values (N, 1), into predictions."""
    if not classes:
        return Predictions(values[:, 0])
    values = values / values.sum(1, keepdims=True)
    labels = (values[:, 1] >= 0.5).astype(np.int64) if len(classes) == 2 else values.argmax(1)
    return Predictions(labels, values, classes)


def objective(y: NDArray[Any], said: Predictions, metric: str) -> float:
    """Return what selection minimises: the metric's loss, ties broken by the log loss."""
    main = loss(metric, y, said)
    if said.probabilities is None or metric == "log_loss":
        return main
    return main + (_SOFT if metric in _LABELS else 1e-3) * loss("log_loss", y, said)


def row_losses(y: NDArray[Any], said: Predictions, metric: str = "accuracy") -> NDArray[np.float64]:
    """Return one loss per row, to compare two ensembles row by row, (N,)."""
    if said.probabilities is None:
        return np.asarray((y - said.labels) ** 2, dtype=np.float64)
    chosen = said.probabilities[np.arange(len(y)), y]
    surprise = -np.log(np.maximum(chosen, 1e-15))
    if metric not in _LABELS:
        return np.asarray(surprise, dtype=np.float64)
    missed = (said.labels != y).astype(np.float64)
    return np.asarray(missed + _SOFT * surprise, dtype=np.float64)


def greedy(
    members: Mapping[str, Predictions],
    y: NDArray[Any],
    metric: str,
    rounds: int = ROUNDS,
    smooth: bool = True,
) -> dict[str, float]:
    """Choose members one by one, with replacement, each time the one that helps most.

    Against overfitting the held-out rows, this is done on several random parts of them, and the
    weights are averaged. A step takes what lowers the log loss (of values the squared error)
    most, which is quick and smooth where scores move in steps; or what helps the score itself,
    which knows that a ranking need not be calibrated. The score says at which step to end.

    Args:
        members: Predictions of every candidate on the same held-out rows.
        y: Truth of these rows.
        metric: Score to optimise.
        rounds: How often a member is added.
        smooth: Whether steps follow the log loss or squared error instead of the score.

    Returns:
        Weights that sum to 1; members below 5 % are left out. One name when nothing beats the
        best single candidate.

    Example:
        >>> one = Predictions(np.array([1.0, 4.0])); two = Predictions(np.array([3.0, 2.0]))
        >>> greedy({"one": one, "two": two}, np.array([2.0, 3.0]), "rmse")
        {'one': 0.5, 'two': 0.5}

    Source: Caruana et al., "Ensemble selection from libraries of models", ICML 2004,
        doi:10.1145/1015330.1015432 (with bagging, section 2.3 of the same).
    """
    names = sorted(members)
    step = max(1, len(y) // _MOST)
    truth = y[::step]
    parts = [_values(members[name])[::step] for name in names]
    classes = members[names[0]].classes
    total = np.zeros(len(names))
    for rows in _bags(len(truth), _MOST if smooth else _SLOW):
        used = [part[rows] for part in parts]
        total = total + _path(used, truth[rows], classes, metric, rounds, smooth)
    weights = total / total.sum()
    weights = np.where(weights >= SMALLEST, weights, 0.0)
    weights = weights / weights.sum()
    return {names[j]: float(weights[j]) for j in range(len(names)) if weights[j] > 0}


def _bags(rows: int, most: int) -> list[NDArray[np.int64]]:
    """Return random parts of the rows, of `most` at most; few rows are looked at whole."""
    if rows < _FEW:
        return [np.arange(rows)]
    random = np.random.default_rng(rows)
    size = min(most, round(_PART * rows))
    return [np.sort(random.choice(rows, size, replace=False)) for _ in range(BAGS)]


def _path(
    parts: Sequence[NDArray[np.float64]],
    truth: NDArray[Any],
    classes: tuple[str, ...],
    metric: str,
    rounds: int,
    smooth: bool,
) -> NDArray[np.float64]:
    """Return the weights at the best step of the greedy path on some rows."""
    at = np.arange(len(truth))
    exact = np.stack([part[at, truth] if classes else part[:, 0] for part in parts])  # (C, N)
    counts, total, right = np.zeros(len(parts)), np.zeros_like(parts[0]), np.zeros(len(truth))
    best, lowest = counts, np.inf
    for turn in range(1, rounds + 1):
        if smooth:
            tried = (right + exact) / turn
            lost = -np.log(np.maximum(tried, 1e-15)) if classes else (tried - truth) ** 2
            chosen = int(np.argmin(lost.mean(1)))
        else:
            sums = ((total + part) / turn for part in parts)
            chosen = int(np.argmin([objective(truth, answer(s, classes), metric) for s in sums]))
        right, total = right + exact[chosen], total + parts[chosen]
        counts = counts.copy()
        counts[chosen] += 1
        found = objective(truth, answer(total / turn, classes), metric)
        if found < lowest - 1e-9:
            best, lowest = counts / turn, found
    if not best.any():  # the score is defined for none of them on these rows
        best = np.eye(len(parts))[0]
    return best


def _values(said: Predictions) -> NDArray[np.float64]:
    if said.probabilities is not None:
        return said.probabilities
    return np.asarray(said.labels, dtype=np.float64)[:, None]
