"""Learn a policy from what the log earned and from what a model of it misses, both at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.reward_model import PENALTIES, fit_rewards
from lingqu.core.schema import Kind
from lingqu.learn.control.logs import Log, read_log

Floats = NDArray[np.float64]
_PARTS = 3
"""Parts of the rows: each is told its rewards by a model of the others."""
_HELD = 5


@dataclass
class DoublyRobust:
    """Fit what each action earns to rewards that are corrected by their propensities.

    A model of rewards tells of every row what each action would have earned; where the action was
    taken, what the model missed is added, divided by its propensity. The mean is right if either
    the model or the propensities are. One ridge of these on the context is the policy.

    Args:
        penalty: Strength of the ridge, in rows; compared on held-out rows when omitted.
        most: Largest weight of a row: rarer actions count as if they were as probable as its
            inverse.
        temperature: Of a softmax over what actions promise, in units of the reward; 0 takes the
            best one always.

    Example:
        >>> DoublyRobust(most=20.0).most
        20.0

    Source: Dudík, Langford and Li, "Doubly robust policy evaluation and learning", ICML 2011,
        arXiv:1103.4601; parts as in Athey and Wager, "Policy learning with observational data",
        Econometrica 2021, arXiv:1702.02896.
    """

    name: ClassVar[str] = "doubly_robust"
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "numpy"

    penalty: float | None = None
    most: float = 100.0
    temperature: float = 0.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` is not needed."""
        log = read_log(train)
        worth = corrected(log, self.most)
        penalty = self.penalty if self.penalty is not None else _chosen(log.x, worth)
        weight, offset = _ridge(log.x, worth, penalty)
        notes = {"penalty": penalty, "settled": {"penalty": penalty}}
        return log.model(self.name, weight, offset, self.temperature, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return 0.2 + 1e-8 * (rows + 100 * classes) * (columns + 5) ** 2 + 5e-8 * rows * classes


def corrected(log: Log, most: float) -> Floats:
    """Return what each action would have earned in each row, (N, K).

    Args:
        log: The decisions.
        most: Largest weight of a row.
    """
    rows = np.arange(len(log.x))
    worth = np.zeros((len(rows), len(log.actions)))
    for part in range(_PARTS):
        ours = rows % _PARTS == part
        model = fit_rewards(log.x[~ours], log.taken[~ours], log.reward[~ours], len(log.actions))
        worth[ours] = model.of(log.x[ours])
    missed = log.reward - worth[rows, log.taken]
    worth[rows, log.taken] += missed * np.minimum(1 / log.propensity, most)
    return worth


def _ridge(x: NDArray[np.float32], worth: Floats, penalty: float) -> tuple[Floats, Floats]:
    """Return slopes (D, K) and offsets (K,); only the slopes are drawn to 0."""
    wide = x.astype(np.float64)
    middle, usual = wide.mean(axis=0), worth.mean(axis=0)
    wide = wide - middle
    gram = wide.T @ wide + penalty * np.eye(wide.shape[1])
    weight: Floats = np.linalg.solve(gram, wide.T @ (worth - usual))
    return weight, usual - middle @ weight


def _chosen(x: NDArray[np.float32], worth: Floats) -> float:
    """Return the strength by which held-out rows are told best; the strongest of equals."""
    held = np.arange(len(x)) % _HELD == 0
    if held.all() or not held.any():
        return PENALTIES[-1]
    errors = []
    for penalty in PENALTIES:
        weight, offset = _ridge(x[~held], worth[~held], penalty)
        errors.append(float(((x[held] @ weight + offset - worth[held]) ** 2).mean()))
    return PENALTIES[len(errors) - 1 - int(np.argmin(errors[::-1]))]
