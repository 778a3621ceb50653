"""What labels are for: which learners to add up, and from where on a row is flagged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lingqu.core.metrics import score
from lingqu.core.predictions import Predictions
from lingqu.learn.flag import CLASSES

ROUNDS = 20
SMALLEST = 0.05
METRIC = "average_precision"
_MOST = 20_000


def precision_of(surprise: NDArray[np.float64], odd: NDArray[np.int64]) -> float:
    """Return the average precision of a ranking by surprise.

    Example:
        >>> precision_of(np.array([0.1, 0.2, 3.0]), np.array([0, 0, 1]))
        1.0
    """
    _, place = np.unique(surprise, return_inverse=True)
    chance = (place + 1.0) / (len(place) + 2.0)
    said = Predictions(odd, np.stack([1 - chance, chance], axis=1), CLASSES)
    return score(METRIC, odd, said)


def weights_of(surprises: NDArray[np.float64], odd: NDArray[np.int64], seed: int) -> list[float]:
    """Return how much each learner counts, by greedy selection with replacement.

    Args:
        surprises: Of held-out rows by each learner, (M, N).
        odd: 1 for an anomaly, (N,).
        seed: Seed of the draw of rows, where there are very many.

    Example:
        >>> weights_of(np.array([[0.1, 0.2, 3.0], [3.0, 0.2, 0.1]]), np.array([0, 0, 1]), 0)
        [1.0, 0.0]

    Source: Caruana et al., "Ensemble selection from libraries of models", ICML 2004,
        doi:10.1145/1015330.1015432.
    """
    if surprises.shape[1] > _MOST:
        # All anomalies stay: they are what little there is to judge by.
        rest = np.flatnonzero(odd == 0)
        drawn = np.random.default_rng(seed).choice(rest, min(len(rest), _MOST), replace=False)
        rows = np.sort(np.concatenate([np.flatnonzero(odd == 1)[:_MOST], drawn]))
        surprises, odd = surprises[:, rows], odd[rows]
    counts = np.zeros(len(surprises))
    total = np.zeros(surprises.shape[1])
    best, kept = -np.inf, counts.copy()
    for _ in range(ROUNDS):
        scores = [precision_of(total + each, odd) for each in surprises]
        chosen = int(np.argmax(scores))
        counts[chosen] += 1
        total = total + surprises[chosen]
        if scores[chosen] > best + 1e-9:
            best, kept = scores[chosen], counts.copy()
    shares = kept / kept.sum()
    shares[shares < SMALLEST] = 0.0
    return [float(share) for share in shares / shares.sum()]


def best_f1(surprise: NDArray[np.float64], odd: NDArray[np.int64]) -> tuple[float, float]:
    """Return the surprise from which flagging gives the best F1, and that F1.

    Example:
        >>> best_f1(np.array([0.1, 0.2, 3.0, 4.0]), np.array([0, 0, 1, 1]))
        (1.6, 1.0)
    """
    order = np.argsort(-surprise, kind="stable")
    falling, hits = surprise[order], np.cumsum(odd[order])
    flagged = np.arange(1, len(order) + 1)
    f1 = 2 * hits / (flagged + odd.sum())
    # Rows that look equally odd are flagged together.
    last = np.append(falling[1:] != falling[:-1], True)
    at = int(np.argmax(np.where(last, f1, -1.0)))
    below = falling[at + 1] if at + 1 < len(falling) else falling[at]
    return float((falling[at] + below) / 2), float(f1[at])
