"""Temperature scaling: make probabilities mean what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEAST = 1e-30
_RATIO = (5**0.5 - 1) / 2


def temper(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Divide log-probabilities by a temperature; above 1 is less certain. Shape (N, K) stays.

    Example:
        >>> temper(np.array([[0.8, 0.2]]), 1.0).round(3).tolist()
        [[0.8, 0.2]]
    """
    logs = np.log(np.maximum(probabilities, _LEAST)) / temperature
    powers = np.exp(logs - logs.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), dtype=np.float64)


def temperature(y: NDArray[Any], probabilities: NDArray[np.float64]) -> float:
    """Return the temperature with the smallest log loss on held-out rows.

    The order of the classes stays, so no label of a model with three or more classes changes.

    Args:
        y: Class indices, (N,).
        probabilities: Held-out answers, (N, K).

    Returns:
        Between 0.2 and 5; exactly 1 where nothing is gained.

    Example:
        >>> sure = np.tile([[0.99, 0.01]], (10, 1))
        >>> temperature(np.array([0] * 7 + [1] * 3), sure) > 2
        True

    Source: Guo et al., "On calibration of modern neural networks", ICML 2017, arXiv:1706.04599;
        golden-section search: Kiefer, 1953, doi:10.1090/S0002-9939-1953-0055639-3.
    """
    rows = np.arange(len(y))

    def loss(log_t: float) -> float:
        chosen = temper(probabilities, float(np.exp(log_t)))[rows, y]
        return float(-np.mean(np.log(np.maximum(chosen, 1e-15))))

    low, high = np.log(0.2), np.log(5.0)
    for _ in range(30):
        left, right = high - _RATIO * (high - low), low + _RATIO * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    found = (low + high) / 2
    return float(np.exp(found)) if loss(found) < loss(0.0) - 1e-6 else 1.0
