"""A weighted average of candidates, chosen on held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.metrics import loss
from lingqu.core.metrics import metric as metric_named
from lingqu.core.predictions import Predictions
from lingqu.core.value_metrics import LOSSES, RowLoss

Rows = NDArray[np.int64]
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
    return replace(answer(np.asarray(total), members[0].classes), groups=members[0].groups)


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
    return main + _softly(metric) * loss("log_loss", y, said)


def _softly(metric: str) -> float:
    """Return what the log loss counts beside a score."""
    return _SOFT if _of_labels(metric) else 1e-3


def _of_labels(metric: str) -> bool:
    """Say whether a score moves in steps of one row."""
    return metric_named(metric).form == "labels" or metric.startswith("top_k")


def _loss_of_values(metric: str) -> RowLoss:
    """Return the loss per row of a score of values; the squared error where it is no mean."""
    return metric_named(metric).row_loss or LOSSES["rmse"]


def row_losses(y: NDArray[Any], said: Predictions, metric: str = "accuracy") -> NDArray[np.float64]:
    """Return one loss per row, to compare two ensembles row by row, (N,)."""
    if said.groups is not None:
        return _of_lists(y, said, metric)
    if said.probabilities is None:
        values = said.labels.astype(np.float64)
        return np.asarray(_loss_of_values(metric)(np.asarray(y, dtype=np.float64), values))
    chosen = said.probabilities[np.arange(len(y)), y]
    surprise = -np.log(np.maximum(chosen, 1e-15))
    if not _of_labels(metric):
        return np.asarray(surprise, dtype=np.float64)
    missed = (said.labels != y).astype(np.float64)
    return np.asarray(missed + _SOFT * surprise, dtype=np.float64)


def _of_lists(y: NDArray[Any], said: Predictions, metric: str) -> NDArray[np.float64]:
    """Return one loss per list that has a relevant row."""
    of_lists = metric_named(metric).of_lists
    assert of_lists is not None and said.groups is not None  # only rankings have lists
    groups = np.unique(said.groups, return_inverse=True)[1].astype(np.int64)
    found = of_lists(np.asarray(y, dtype=np.float64), said.labels.astype(np.float64), groups)
    return np.asarray(1.0 - found[np.isfinite(found)])


def greedy(
    members: Mapping[str, Predictions],
    y: NDArray[Any],
    metric: str,
    rounds: int = ROUNDS,
    smooth: bool = True,
) -> dict[str, float]:
    """Choose members one by one, with replacement, each time the one that helps most.

    Against overfitting the held-out rows, this is done on several random parts of them, and the
    weights are averaged. A step takes what lowers the log loss (of values the loss per row)
    most, which is quick and smooth where scores move in steps; or what helps the score itself,
    which knows that a ranking need not be calibrated. The score says at which step to end.

    Args:
        members: Predictions of every candidate on the same held-out rows.
        y: Truth of these rows.
        metric: Score to optimise.
        rounds: How often a member is added.
        smooth: Whether steps follow the log loss or squared error instead of the score.

    Returns:
        Weights that sum to 1. A member below 5 % is left out and the others are chosen again, so
        that what is found does not hang on who else had a say. One name when nothing beats the
        best single candidate.

    Example:
        >>> one = Predictions(np.array([1.0, 4.0])); two = Predictions(np.array([3.0, 2.0]))
        >>> greedy({"one": one, "two": two}, np.array([2.0, 3.0]), "rmse")
        {'one': 0.5, 'two': 0.5}

    Source: Caruana et al., "Ensemble selection from libraries of models", ICML 2004,
        doi:10.1145/1015330.1015432 (with bagging, section 2.3 of the same).
    """
    names = sorted(members)
    while True:
        weights = _weights([members[name] for name in names], y, metric, rounds, smooth)
        used = np.flatnonzero(weights > 0)
        weakest = used[np.argmin(weights[used])]
        if weights[weakest] >= SMALLEST:
            return {names[j]: float(weights[j]) for j in used}
        # Chosen again without it, for others may take its place.
        names = [names[j] for j in used if j != weakest]


def _weights(
    members: Sequence[Predictions],
    y: NDArray[Any],
    metric: str,
    rounds: int,
    smooth: bool,
) -> NDArray[np.float64]:
    """Return the weights of the greedy paths on several parts of the rows, averaged, (C,)."""
    step = max(1, len(y) // _MOST)
    truth = y[::step]
    parts = [_values(member)[::step] for member in members]
    classes, groups = members[0].classes, members[0].groups
    groups = groups[::step] if groups is not None else None
    total = np.zeros(len(members))
    for rows in _bags(len(truth), _MOST if smooth else _SLOW):
        used = [part[rows] for part in parts]
        lists = groups[rows] if groups is not None else None
        total = total + _path(used, truth[rows], classes, metric, rounds, smooth, lists)
    return np.asarray(total / total.sum())


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
    lists: Rows | None = None,
) -> NDArray[np.float64]:
    """Return the weights at the best step of the greedy path on some rows."""
    at = np.arange(len(truth))
    exact = np.stack([part[at, truth] if classes else part[:, 0] for part in parts])  # (C, N)
    stacked = np.zeros(0) if smooth else np.stack(parts)  # (C, N, K)
    rate = rating(metric, truth, classes, lists)
    total, right = np.zeros_like(parts[0]), np.zeros(len(truth))
    counts, best, lowest = np.zeros(len(parts)), np.zeros(len(parts)), np.inf
    for turn in range(1, rounds + 1):
        if smooth:
            found = _smoothly(metric, truth, (right + exact) / turn, classes)
        else:
            found = rate((total + stacked) / turn)
        chosen = int(np.argmin(found))
        right, total = right + exact[chosen], total + parts[chosen]
        counts[chosen] += 1
        asked = smooth and not smooth_itself(metric, classes)
        lost = rate((total / turn)[None])[0] if asked else found[chosen]
        if lost < lowest - 1e-9:
            best, lowest = counts / turn, lost
    if not best.any():  # the score is defined for none of them on these rows
        best = np.eye(len(parts))[0]
    return best


def smooth_itself(metric: str, classes: tuple[str, ...]) -> bool:
    """Say whether a score is what smooth steps follow, so that nothing is found without them.

    Example:
        >>> smooth_itself("log_loss", ("a", "b")), smooth_itself("roc_auc", ("a", "b"))
        (True, False)
    """
    return metric == "log_loss" if classes else metric_named(metric).row_loss is not None


def _smoothly(
    metric: str, truth: NDArray[Any], tried: NDArray[np.float64], classes: tuple[str, ...]
) -> NDArray[np.float64]:
    """Return the mean loss per row of many averages, of which (C, N) says what counts, (C,)."""
    rows = -np.log(np.maximum(tried, 1e-15)) if classes else _loss_of_values(metric)(truth, tried)
    return np.asarray(rows.mean(1))


def rating(
    metric: str, truth: NDArray[Any], classes: tuple[str, ...], lists: Rows | None = None
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return what tells the `objective` of many averages (C, N, K), (C,).

    Most of the time of a choice on few rows went into asking for scores one by one: those that
    most channels decide by are told of all averages at once.
    """
    judge = judged_together(metric, truth, classes)
    rows = np.arange(len(truth))

    def one_by_one(values: NDArray[np.float64]) -> NDArray[np.float64]:
        said = (replace(answer(one, classes), groups=lists) for one in values)
        return np.array([objective(truth, one, metric) for one in said])

    def at_once(values: NDArray[np.float64]) -> NDArray[np.float64]:
        assert judge is not None  # or it is not asked
        logs = _smoothly(metric, truth, values[:, rows, truth], classes)
        return judge(values) + _softly(metric) * logs

    return one_by_one if judge is None else at_once


def judged_together(
    metric: str, truth: NDArray[Any], classes: tuple[str, ...]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
    """Return what tells the losses of many averages (C, N, K) at once, (C,); None for most scores.

    Example:
        >>> judge = judged_together("roc_auc", np.array([0, 1, 1]), ("a", "b"))
        >>> chances = np.array([0.2, 0.2, 0.9])
        >>> judge(np.stack([1 - chances, chances], axis=1)[None]).tolist()
        [-0.75]
    """
    if metric == "roc_auc" and len(classes) == 2 and 0 < truth.sum() < len(truth):
        ones = int(truth.sum())
        pairs, least = ones * (len(truth) - ones), ones * (ones + 1) / 2

        def ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
            order = np.argsort(values[:, :, 1], axis=1)
            ranks = _shared_ranks(np.take_along_axis(values[:, :, 1], order, axis=1))
            return np.asarray((least - (truth[order] * ranks).sum(1)) / pairs)

        return ranked
    if metric not in ("accuracy", "balanced_accuracy") or not classes:
        return None
    weight = np.full(len(truth), 1.0 / len(truth))
    if metric == "balanced_accuracy":
        seen, count = np.unique(truth, return_counts=True)
        weight = (1.0 / (len(seen) * count))[np.searchsorted(seen, truth)]

    def labelled(values: NDArray[np.float64]) -> NDArray[np.float64]:
        labels = values[:, :, 1] >= 0.5 if len(classes) == 2 else values.argmax(2)
        return np.asarray(-((labels == truth) * weight).sum(1))

    return labelled


def _shared_ranks(rising: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ranks, from 1, of values that rise in each row (C, N); equal ones share theirs."""
    places = np.arange(rising.shape[1])
    equal = rising[:, 1:] == rising[:, :-1]
    if not equal.any():
        return np.broadcast_to(places + 1.0, rising.shape)
    edge = np.ones((len(rising), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, ~equal]), places, 0), axis=1)
    after = np.where(np.hstack([~equal, edge]), places, rising.shape[1])
    last = np.minimum.accumulate(after[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((first + last) / 2 + 1.0)


def _values(said: Predictions) -> NDArray[np.float64]:
    if said.probabilities is not None:
        return said.probabilities
    return np.asarray(said.labels, dtype=np.float64)[:, None]
