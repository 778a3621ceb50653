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

from lingqu.core.made_scores import MADE
from lingqu.core.metric_table import NAMES, OWN, Formula, Metric, metric_of
from lingqu.core.nouns import VALUES, Task
from lingqu.core.off_policy import NAMES as ESTIMATES
from lingqu.core.predictions import Predictions
from lingqu.core.ranking_names import names as ranking_names
from lingqu.core.ranking_names import parse
from lingqu.core.reply_metrics import USUAL

Floats = NDArray[np.float64]
_Z95 = 1.959963984540054
RETURN = "return"
"""What policies are compared by: it is of episodes, and no answer to a row has it."""
_CELLS = 20_000_000
"""Most cells (resamples × rows) drawn for one interval: bounds time on very large tests."""
_BLOCK = 1_000_000
"""Most cells held at once: bounds memory."""


def metric(name: str) -> Metric:
    """Return the metric of a name: one of the house, or a function of the user.

    Raises:
        SpecError: There is no such metric.
    """
    return OWN[name] if name in OWN else metric_of(name)


def score(
    name: str,
    y: NDArray[Any],
    predictions: Predictions,
    positive: int = 1,
    weights: NDArray[Any] | None = None,
) -> float:
    """Return one score.

    Args:
        name: Name of a metric, such as ``f1`` or ``pinball(0.9)``.
        y: Truth, shape (N,): class indices, or values for a regression.
        predictions: The model's answers on the same rows.
        positive: Class index that precision, recall, f1, roc_auc and average_precision are
            about when there are two classes.
        weights: How much each row counts, shape (N,); all alike when omitted.

    Returns:
        The score; NaN where it is not defined (no rows; one class for a ranking score).

    Raises:
        SpecError: There is no such metric.

    Example:
        >>> said = Predictions(np.array([0, 1, 1, 1]), classes=("no", "yes"))
        >>> score("accuracy", np.array([0, 0, 1, 1]), said)
        0.75
    """
    formula = metric(name).formula
    drawn = np.ones((1, len(y))) if weights is None else np.asarray(weights, dtype=float)[None]
    if not drawn.sum() > 0:
        return float("nan")
    return float(formula(np.asarray(y), predictions, positive, drawn)[0])


def greater_is_better(name: str) -> bool:
    """Return whether a greater score is a better one.

    Example:
        >>> greater_is_better("roc_auc"), greater_is_better("log_loss")
        (True, False)
    """
    if name in MADE:
        return MADE[name]
    if name == RETURN or name in ESTIMATES:
        return True
    return parse(name) is not None or not metric(name).smaller


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
    """Return the metrics of a task that are always measured, headline first.

    Others are measured where a channel asks for them; `able` names them all.

    Example:
        >>> names("regress")
        ('rmse', 'mae', 'r2', 'mape')
    """
    if task == "control":
        return (RETURN,)
    if task == "forecast":
        return ("mase", "rmse", "mae", "smape", "r2", "mape")
    if task == "flag":
        # Shares of rows less odd are no probabilities: neither log loss nor accuracy tells.
        ranked = ("average_precision", "roc_auc") if probabilities else ()
        return (*ranked, "precision", "recall", "f1")
    if task == "recommend":
        return ranking_names()
    if task in USUAL:
        return USUAL[task]
    if task in VALUES:
        return ("rmse", "mae", "r2", "mape")
    labels: tuple[str, ...] = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")
    chances = ("roc_auc", "average_precision", "log_loss", "brier") if probabilities else ()
    if task == "verify":
        labels = ("accuracy", "precision", "recall", "f1")
        return ("eer", "roc_auc", *labels, "log_loss", "brier") if probabilities else labels
    return (*labels, *chances)


def able(task: Task) -> tuple[str, ...]:
    """Return every metric that answers of a task can have, the usual ones first.

    Example:
        >>> len(able("classify")) > 20, "pinball" in able("regress")
        (True, True)
    """
    every = [name for name in METRICS if metric(name).fits(task)]
    return tuple(dict.fromkeys([*names(task), *every, *(["fbeta"] if task == "classify" else [])]))


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
    # At its ends the interval is exact; the arithmetic would leave dust there.
    low = float(centre - half) if successes > 0 else 0.0
    high = float(centre + half) if successes < n else 1.0
    return max(0.0, low), min(1.0, high)


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

    Accuracy is a proportion and gets Wilson's interval; the others get the percentile bootstrap,
    of rankings over their lists.

    Example:
        >>> said = Predictions(np.array([0, 1] * 50), classes=("no", "yes"))
        >>> intervals(["accuracy"], np.array([0, 1] * 50), said)["accuracy"][1]
        1.0
    """
    y, rows = np.asarray(y), len(y)
    wanted = list(wanted)
    formulas = {name: metric(name).formula for name in wanted}
    if rows == 0:
        return dict.fromkeys(wanted, (float("nan"), float("nan")))
    drawn = [name for name in wanted if name != "accuracy"]
    replicates: dict[str, list[Floats]] = {name: [] for name in drawn}
    for weights in _resamples(predictions, rows, n, seed) if drawn else ():
        for name in drawn:
            replicates[name].append(formulas[name](y, predictions, positive, weights))
    found = {name: _ends(np.concatenate(parts)) for name, parts in replicates.items()}
    if "accuracy" in wanted:
        found["accuracy"] = wilson(float(np.sum(y == predictions.labels)), rows)
    return {name: found[name] for name in wanted}


def _resamples(said: Predictions, rows: int, n: int, seed: int) -> Iterator[Floats]:
    """Draw rows; of rankings whole lists, because the rows of one are judged together."""
    if said.groups is None:
        yield from draws(rows, n, seed)
        return
    lists, place = np.unique(said.groups, return_inverse=True)
    for weights in draws(len(lists), n, seed):
        for start in range(0, len(weights), max(1, _BLOCK // rows)):
            yield weights[start : start + max(1, _BLOCK // rows)][:, place]


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


METRICS: dict[str, Formula] = {
    name: metric_of(name).formula for name in NAMES if name != "fbeta"
}  # fmt: skip
"""Name → formula ``(y, predictions, positive, weights) → scores``, of all that need no number."""
