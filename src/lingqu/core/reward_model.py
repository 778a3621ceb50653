"""A linear model of what each action earns: one line that all share, and what each adds to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PENALTIES = (3.0, 30.0, 300.0, 3000.0)
"""Strengths that are compared where none is given."""
_HELD = 5
"""Every so many-th row is held out for that."""


@dataclass(frozen=True)
class RewardModel:
    """What each action earns, as a linear function of the context.

    Args:
        weight: (D, K).
        offset: (K,).
        penalty: Strength of the ridge with which it was fitted.
    """

    weight: Floats
    offset: Floats
    penalty: float

    def of(self, x: NDArray[np.floating]) -> Floats:
        """Return what each action earns in each context, (N, K)."""
        return np.asarray(x, dtype=np.float64) @ self.weight + self.offset


def fit_rewards(
    x: NDArray[np.floating],
    taken: NDArray[np.int64],
    reward: Floats,
    actions: int,
    penalty: float | None = None,
) -> RewardModel:
    """Fit by two ridges: one on all rows, then one per action on what that missed.

    So an action that was taken a few times is near the others, whatever came of it.

    Args:
        x: Contexts, (N, D), of comparable size.
        taken: The action of each row, (N,).
        reward: What came of it, (N,).
        actions: How many there are.
        penalty: Strength of the second ridge, in rows; compared on held-out rows when omitted.

    Example:
        >>> x = np.array([[0.0], [1.0], [0.0], [1.0]])
        >>> model = fit_rewards(x, np.array([0, 0, 1, 1]), np.array([0.0, 1, 1, 0]), 2, 1e-9)
        >>> model.of(x).round(2).tolist()
        [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]

    Source: Own; the shrinkage is that of a linear mixed model, Henderson, 1975,
        doi:10.2307/2529430.
    """
    if penalty is None:
        penalty = _chosen(x, taken, reward, actions)
    wide = np.column_stack([np.ones(len(x)), np.asarray(x, dtype=np.float64)])
    shared = _ridge(wide, reward, 1.0, float(reward.mean()) if len(reward) else 0.0)
    missed = reward - wide @ shared
    added = np.zeros((wide.shape[1], actions))
    for action in np.unique(taken):
        rows = taken == action
        added[:, action] = _ridge(wide[rows], missed[rows], penalty, 0.0)
    whole = shared[:, None] + added
    return RewardModel(whole[1:], whole[0], penalty)


def _ridge(wide: Floats, y: Floats, penalty: float, mean: float) -> Floats:
    """Return the coefficients that are small about a mean, (D + 1,)."""
    rows, width = wide.shape
    if rows < width:  # the same, by a system as large as there are rows
        dual = np.linalg.solve(wide @ wide.T + penalty * np.eye(rows), y - mean)
        solved = wide.T @ dual
    else:
        gram = wide.T @ wide + penalty * np.eye(width)
        solved = np.linalg.solve(gram, wide.T @ (y - mean))
    found: Floats = np.asarray(solved, dtype=np.float64)
    found[0] += mean
    return found


def _chosen(
    x: NDArray[np.floating], taken: NDArray[np.int64], reward: Floats, actions: int
) -> float:
    held = np.arange(len(x)) % _HELD == 0
    if held.all() or not held.any():
        return PENALTIES[-1]
    errors = []
    for penalty in PENALTIES:
        model = fit_rewards(x[~held], taken[~held], reward[~held], actions, penalty)
        told = model.of(x[held])[np.arange(int(held.sum())), taken[held]]
        errors.append(float(((told - reward[held]) ** 2).mean()))
    # The last of equals: where held-out rows see no difference, the simplest model stays.
    return PENALTIES[len(errors) - 1 - int(np.argmin(errors[::-1]))]
