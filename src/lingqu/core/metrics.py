"""Scores of predictions, each one formula that also gives its bootstrap interval.

Every formula takes row weights of shape (B, N) and returns B scores: a matrix of ones with one
row gives the plain score, a matrix of resampling counts gives B bootstrap replicates. Definitions
(ties, macro averages, empty classes) are those of scikit-learn, against which they are tested; a
score that is not defined on the rows at hand is NaN.

Source: Efron, "Bootstrap methods: another look at the jackknife", 1979, doi:10.1214/aos/1176344552
(percentile interval); Wilson, 1927, doi:10.1080/01621459.1927.10502953 (interval of a proportion).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.forecast_metrics import FORMULAS
from lingqu.core.nouns import VALUES, Predictions, Task

Floats = NDArray[np.float64]
Formula = Callable[[NDArray[Any], Predictions, int, Floats], Floats]

_Z95 = 1.959963984540054
_CELLS = 20_000_000
"""Most cells (resamples × rows) drawn for one interval: bounds time on very large tests."""
_BLOCK = 1_000_000
"""Most cells held at once: bounds memory."""


def score(name: str, y: NDArray[Any], predictions: Predictions, positive: int = 1) -> float:
    """Return one score.

    Args:
        name: A name of `METRICS`.
        y: Truth, shape (N,): class indices, or values for a regression.
        predictions: The model's answers on the same rows.
        positive: Class index that precision, recall, f1, roc_auc and average_precision are
            about when there are two classes.

    Returns:
        The score; NaN where it is not defined (no rows; one class for a ranking score).

    Raises:
        SpecError: There is no such metric.

    Example:
        >>> said = Predictions(np.array([0, 1, 1, 1]), classes=("no", "yes"))
        >>> score("accuracy", np.array([0, 0, 1, 1]), said)
        0.75
    """
    formula = METRICS[_known(name)]
    if len(y) == 0:
        return float("nan")
    return float(formula(np.asarray(y), predictions, positive, np.ones((1, len(y))))[0])


def greater_is_better(name: str) -> bool:
    """Return whether a greater score is a better one.

    Example:
        >>> greater_is_better("roc_auc"), greater_is_better("log_loss")
        (True, False)
    """
    return _known(name) not in _SMALLER


def loss(name: str, y: NDArray[Any], predictions: Predictions, positive: int = 1) -> float:
    """Return the score turned so that smaller is better; infinite where it is not defined.

    An undefined score must never win a comparison, hence infinity and not NaN.

    Example:
        >>> loss("rmse", np.array([1.0, 2.0]), Predictions(np.array([1.0, 4.0]))) == 2**0.5
        True
    """
    value = score(name, y, predictions, positive)
    if np.isnan(value):
        return float("inf")
    return -value if greater_is_better(name) else value


def names(task: Task, probabilities: bool = True) -> tuple[str, ...]:
    """Return the metrics of a task, headline first.

    Example:
        >>> names("regress")
        ('rmse', 'mae', 'r2', 'mape')
    """
    if task == "forecast":
        return ("mase", "rmse", "mae", "smape", "r2", "mape")
    if task == "flag":
        # Shares of rows less odd are no probabilities: neither log loss nor accuracy tells.
        ranked = ("average_precision", "roc_auc") if probabilities else ()
        return (*ranked, "precision", "recall", "f1")
    if task in VALUES:
        return tuple(_REGRESSION)
    return (*_LABELS, *(_PROBABILITIES if probabilities else ()))


def confusion(y: NDArray[Any], labels: NDArray[Any], k: int) -> NDArray[np.int64]:
    """Count truth (rows) against answer (columns), shape (k, k).

    Example:
        >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    cells = np.asarray(y, dtype=np.int64) * k + np.asarray(labels, dtype=np.int64)
    return np.bincount(cells, minlength=k * k).reshape(k, k)


def wilson(successes: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion; honest also at 0 and 1, where bootstrap is not.

    Example:
        >>> [round(end, 3) for end in wilson(10, 10)]
        [0.722, 1.0]
    """
    if n == 0:
        return 0.0, 1.0
    share, z2 = successes / n, _Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def draws(rows: int, n: int = 400, seed: int = 0) -> Iterator[Floats]:
    """Draw how often each row is in each of `n` resamples, in blocks of shape (b, rows).

    Fewer resamples (at least 100) are drawn on very large tests, whose intervals are narrow;
    blocks keep the memory bounded.
    """
    generator = np.random.default_rng(seed)
    n = max(min(n, _CELLS // rows), min(n, 100))
    block = max(1, _BLOCK // rows)
    for start in range(0, n, block):
        weights = np.empty((min(block, n - start), rows))
        for row in weights:
            row[:] = np.bincount(generator.integers(0, rows, rows), minlength=rows)
        yield weights


def bootstrap(
    statistic: Callable[[Floats], Floats] | NDArray[Any],
    rows: int | None = None,
    n: int = 400,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic.

    Args:
        statistic: Values per row, of which the mean is meant; or a function of the row
            weights, (B, rows) → (B,).
        rows: Number of rows; needed for a function.
        n: Resamples.
        seed: Seed of the resampling.

    Returns:
        Low and high; both NaN when there are no rows or no resample has a value.

    Example:
        >>> low, high = bootstrap(np.arange(100.0), seed=1)
        >>> low < 49.5 < high
        True
    """
    if callable(statistic):
        function = statistic
    else:
        values = np.asarray(statistic, dtype=np.float64)
        rows = len(values)

        def function(weights: Floats) -> Floats:
            return _mean(weights, values)

    if not rows:
        return float("nan"), float("nan")
    return _ends(np.concatenate([function(weights) for weights in draws(rows, n, seed)]))


def intervals(
    wanted: Iterable[str],
    y: NDArray[Any],
    predictions: Predictions,
    n: int = 400,
    seed: int = 0,
    positive: int = 1,
) -> dict[str, tuple[float, float]]:
    """Return the 95 % intervals of several scores from one set of resamples.

    Accuracy is a proportion and gets Wilson's interval; the others get the percentile bootstrap.

    Example:
        >>> said = Predictions(np.array([0, 1] * 50), classes=("no", "yes"))
        >>> intervals(["accuracy"], np.array([0, 1] * 50), said)["accuracy"][1]
        1.0
    """
    y, rows = np.asarray(y), len(y)
    wanted = [_known(name) for name in wanted]
    if rows == 0:
        return dict.fromkeys(wanted, (float("nan"), float("nan")))
    drawn = [name for name in wanted if name != "accuracy"]
    replicates: dict[str, list[Floats]] = {name: [] for name in drawn}
    for weights in draws(rows, n, seed) if drawn else ():
        for name in drawn:
            replicates[name].append(METRICS[name](y, predictions, positive, weights))
    found = {name: _ends(np.concatenate(parts)) for name, parts in replicates.items()}
    if "accuracy" in wanted:
        found["accuracy"] = wilson(float(np.sum(y == predictions.labels)), rows)
    return {name: found[name] for name in wanted}


def _known(name: str) -> str:
    if name not in METRICS:
        raise SpecError("check.unknown_metric", name=name, near=near(name, METRICS))
    return name


def _mean(weights: Floats, rows: NDArray[Any]) -> Floats:
    total: Floats = weights @ rows
    mean: Floats = total / weights.sum(1)
    return mean


def _ends(replicates: Floats) -> tuple[float, float]:
    seen = replicates[np.isfinite(replicates)]
    if seen.size == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(seen, (0.025, 0.975))
    return float(low), float(high)


# --- formulas on labels: all are functions of the (B, K, K) weighted confusion matrices ---


def _matrices(y: NDArray[Any], said: Predictions, weights: Floats) -> Floats:
    k = max(len(said.classes), int(y.max()) + 1, int(said.labels.max()) + 1, 2)
    cells = np.asarray(y, dtype=np.int64) * k + np.asarray(said.labels, dtype=np.int64)
    used, inverse = np.unique(cells, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(len(used)))
    full = np.zeros((len(weights), k * k))
    full[:, used] = np.add.reduceat(weights[:, order], starts, axis=1)
    return full.reshape(-1, k, k)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _accuracy(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    return _mean(weights, (y == said.labels).astype(np.float64))


def _balanced_accuracy(
    y: NDArray[Any], said: Predictions, positive: int, weights: Floats
) -> Floats:
    matrix = _matrices(y, said, weights)
    true = matrix.sum(2)  # (B, K)
    recalls = _ratio(np.diagonal(matrix, axis1=1, axis2=2).copy(), true)
    mean: Floats = recalls.sum(1) / (true > 0).sum(1)
    return mean


def _averaged(part: str) -> Formula:
    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        matrix = _matrices(y, said, weights)
        hits = np.diagonal(matrix, axis1=1, axis2=2).copy()
        true, answered = matrix.sum(2), matrix.sum(1)
        bottom = {"precision": answered, "recall": true, "f1": (true + answered) / 2}[part]
        values = _ratio(hits, bottom)
        if matrix.shape[1] == 2:
            chosen: Floats = values[:, positive]
            return chosen
        present = (true + answered) > 0
        mean: Floats = (values * present).sum(1) / present.sum(1)
        return mean

    return formula


# --- formulas on probabilities ---


def _proba(said: Predictions) -> Floats:
    if said.probabilities is None:
        raise SpecError("check.no_probabilities")
    return said.probabilities


def _one_against_rest(
    rank: Callable[[NDArray[np.bool_], Floats, Floats], Floats],
) -> Formula:
    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        proba = _proba(said)
        if proba.shape[1] == 2:
            return rank(y == positive, proba[:, positive], weights)
        parts = np.stack([rank(y == k, proba[:, k], weights) for k in range(proba.shape[1])])
        defined = np.isfinite(parts)
        total = np.where(defined, parts, 0.0).sum(0)
        return np.where(defined.any(0), total / np.maximum(defined.sum(0), 1), np.nan)

    return formula


def _sorted_sums(
    truth: NDArray[np.bool_], scores: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Return weights of positives and negatives per distinct score, falling, (B, U) each."""
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])
    ordered, hit = weights[:, order], truth[order]
    positives = ordered * hit
    if len(starts) < len(scores):  # rows with one score count as one
        positives = np.add.reduceat(positives, starts, axis=1)
        ordered = np.add.reduceat(ordered, starts, axis=1)
    return positives, ordered - positives


def _roc_auc(truth: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    positives, negatives = _sorted_sums(truth, scores, weights)
    below = negatives.sum(1, keepdims=True) - np.cumsum(negatives, 1) + negatives / 2
    pairs = positives.sum(1) * negatives.sum(1)
    wins = (positives * below).sum(1)
    auc: Floats = np.divide(wins, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    return auc


def _average_precision(truth: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    positives, negatives = _sorted_sums(truth, scores, weights)
    hits = np.cumsum(positives, 1)
    precision = _ratio(hits, hits + np.cumsum(negatives, 1))
    total = positives.sum(1)
    area = (precision * positives).sum(1)
    mean: Floats = np.divide(area, total, out=np.full(len(weights), np.nan), where=total > 0)
    return mean


def _log_loss(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    chosen = _proba(said)[np.arange(len(y)), np.asarray(y, dtype=np.int64)]
    # 1e-15 keeps one confident mistake from making the whole score infinite.
    return _mean(weights, -np.log(np.clip(chosen, 1e-15, 1.0)))


def _brier(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    proba = _proba(said)
    truth = np.eye(proba.shape[1])[np.asarray(y, dtype=np.int64)]
    rows = ((proba - truth) ** 2).sum(1)
    return _mean(weights, rows / 2 if proba.shape[1] == 2 else rows)


# --- formulas on values ---


def _rmse(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    return np.sqrt(_mean(weights, _error(y, said) ** 2))


def _mae(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    return _mean(weights, np.abs(_error(y, said)))


def _mape(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    size = np.maximum(np.abs(np.asarray(y, dtype=np.float64)), np.finfo(np.float64).eps)
    return _mean(weights, np.abs(_error(y, said)) / size)


def _r2(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    values = np.asarray(y, dtype=np.float64)
    centred = values - values.mean()  # else the difference of two large sums loses its digits
    spread = _mean(weights, centred**2) - _mean(weights, centred) ** 2
    missed = _mean(weights, _error(y, said) ** 2)
    share: Floats = np.divide(missed, spread, out=np.full(len(weights), np.nan), where=spread > 0)
    return 1.0 - share


def _error(y: NDArray[Any], said: Predictions) -> Floats:
    difference: Floats = np.asarray(y, dtype=np.float64) - said.labels.astype(np.float64)
    return difference


_LABELS: dict[str, Formula] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "precision": _averaged("precision"),
    "recall": _averaged("recall"),
    "f1": _averaged("f1"),
}
_PROBABILITIES: dict[str, Formula] = {
    "roc_auc": _one_against_rest(_roc_auc),
    "average_precision": _one_against_rest(_average_precision),
    "log_loss": _log_loss,
    "brier": _brier,
}
_REGRESSION: dict[str, Formula] = {"rmse": _rmse, "mae": _mae, "r2": _r2, "mape": _mape}
_SMALLER = frozenset({"log_loss", "brier", "rmse", "mae", "mape", *FORMULAS})

METRICS: dict[str, Formula] = {**_LABELS, **_PROBABILITIES, **_REGRESSION, **FORMULAS}
"""Name → formula ``(y, predictions, positive, weights) → scores``."""
