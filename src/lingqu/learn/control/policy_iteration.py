"""Policy iteration: value a policy exactly, take what is better, until nothing is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.environment.mdp import Mdp, best
from lingqu.learn.control.solved import Solved, Tabular

_BETTER = 1e-9
"""What another action must be worth more, in shares of the worth: rounding would go on for ever."""


@dataclass
class PolicyIteration(Tabular):
    """Find the best policy of a process whose every transition is known.

    A system of equations values the policy, and each state takes its best action by these values.
    There are few rounds, each much dearer than one of `value_iteration`.

    Example:
        >>> from lingqu.environment.mdp import mdp_of
        >>> table = {0: {0: [(1, 0, 1.0, False)], 1: [(1, 0, 3.0, True)]}}
        >>> solved = PolicyIteration(discount=0.9).solve(mdp_of(table))
        >>> solved.policy.tolist(), solved.values.round(6).tolist()
        ([0], [10.0])

    Source: Howard, "Dynamic Programming and Markov Processes", 1960, chapter 4.
    """

    name: ClassVar[str] = "policy_iteration"

    def solve(self, mdp: Mdp, seconds: float = float("inf")) -> Solved:
        """Return the best policy, or where time runs out the best so far.

        Args:
            mdp: Every transition.
            seconds: Wall seconds.
        """
        end = time.monotonic() + seconds
        policy = best(np.where(mdp.allowed, mdp.reward, -np.inf))
        curve: list[float] = []
        every = np.arange(mdp.states)
        while True:
            values = mdp.follow(policy, self.discount)
            worth = mdp.worth(values, self.discount)
            gain = worth.max(axis=1) - worth[every, policy]
            curve.append(float(gain.max()))
            better = gain > _BETTER * np.maximum(1.0, np.abs(values))
            if not better.any() or time.monotonic() > end:
                break
            policy = np.where(better, worth.argmax(axis=1), policy)
        return Solved(best(worth), values, worth, tuple(curve), not bool(better.any()))
