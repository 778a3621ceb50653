"""What a policy would have earned, told from decisions that another one took and logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NAMES = ("ips", "snips", "dm", "dr")
"""Estimates, by their usual names."""
_CELLS = 4_000_000
"""Numbers that a block of resamples may have."""


@dataclass(frozen=True)
class Logged:
    """Decisions of a log beside what another policy would do.

    Args:
        taken: The action that was taken, (N,).
        reward: What came of it, (N,).
        propensity: How probable that action was, (N,), above 0.
        policy: How probable each action is under the policy that is judged, (N, K).
        told: What a model of rewards, learned on other rows, tells of each action, (N, K).
    """

    taken: NDArray[np.int64]
    reward: Floats
    propensity: Floats
    policy: Floats
    told: Floats

    @property
    def weight(self) -> Floats:
        """How much more probable the taken action is under the policy than in the log, (N,)."""
        return self.policy[np.arange(len(self.taken)), self.taken] / self.propensity

    @property
    def effective(self) -> float:
        """Rows that would say as much if all weighed the same (Kish)."""
        weight = self.weight
        return float(weight.sum() ** 2 / max(float((weight**2).sum()), 1e-300))

    def columns(self) -> Floats:
        """Return of each row what the estimates are sums of, (N, 5)."""
        weight = self.weight
        direct = (self.policy * self.told).sum(axis=1)
        missed = self.reward - self.told[np.arange(len(self.taken)), self.taken]
        parts = weight * self.reward, weight, direct, weight * missed, self.reward
        return np.stack(parts, axis=1)


def estimates(means: Floats) -> dict[str, Floats]:
    """Return every estimate, and the mean reward of the log, from means of `Logged.columns`.

    - ``ips``: rewards weighed by how much more probable their actions are under the policy;
    - ``snips``: the same over the sum of the weights;
    - ``dm``: what a model of rewards says of what the policy would do;
    - ``dr``: that, corrected by what the model missed in the log, weighed;
    - ``logged``: what the log earned; ``gain``: ``dr`` less that.

    Args:
        means: (5,) or (B, 5) for resamples.

    Example:
        >>> taken, even = np.array([0, 1]), np.full(2, 0.5)
        >>> always = np.array([[1.0, 0.0], [1.0, 0.0]])
        >>> log = Logged(taken, np.array([1.0, 0.0]), even, always, np.full((2, 2), 0.5))
        >>> {name: float(value) for name, value in estimates(log.columns().mean(0)).items()}
        {'ips': 1.0, 'snips': 1.0, 'dm': 0.5, 'dr': 1.0, 'logged': 0.5, 'gain': 0.5}

    Source: Dudík, Langford and Li, "Doubly robust policy evaluation and learning", ICML 2011,
        arXiv:1103.4601 (IPS, DM, DR); Swaminathan and Joachims, NeurIPS 2015 (SNIPS).
    """
    gained, weight, direct, missed, reward = (means[..., k] for k in range(5))
    shared = gained / np.maximum(weight, 1e-300)
    both = direct + missed
    return {"ips": gained, "snips": shared, "dm": direct, "dr": both, "logged": reward,
            "gain": both - reward}  # fmt: skip


def intervals(
    log: Logged, resamples: int, seed: int, level: float = 0.95
) -> Mapping[str, tuple[float, float]]:
    """Return the percentile bootstrap interval of every estimate; rows are drawn together.

    Args:
        log: The decisions.
        resamples: How often rows are drawn.
        seed: Seed of the draws.
        level: Share of the resamples inside.

    Source: Efron, "Bootstrap methods", 1979.
    """
    columns, rows = log.columns(), len(log.taken)
    draws = np.random.default_rng(seed)
    block = max(1, _CELLS // max(1, rows))
    means = []
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        counts = draws.multinomial(rows, np.full(rows, 1 / rows), size=size)
        means.append(counts @ columns / rows)
    found = estimates(np.concatenate(means))
    ends = (1 - level) / 2, (1 + level) / 2
    told = {name: np.quantile(values, ends) for name, values in found.items()}
    return {name: (float(low), float(high)) for name, (low, high) in told.items()}
