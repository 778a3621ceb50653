"""Value iteration: look one step ahead, again and again, until nothing changes any more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.environment.mdp import Floats, Mdp, best
from lingqu.learn.control.solved import Solved, Tabular


@dataclass
class ValueIteration(Tabular):
    """Find the best policy of a process whose every transition is known.

    Each round sets the value of every state to the worth of its best action. What is still wrong
    after a round is at most ``discount / (1 - discount)`` times the largest change of that round;
    once that is below `tolerance`, the policy is valued exactly, by one system of equations.

    Args:
        tolerance: How far from the true ones the values may be when the rounds end, > 0.

    Example:
        >>> from lingqu.environment.mdp import mdp_of
        >>> table = {0: {0: [(1, 0, 1.0, False)], 1: [(1, 0, 3.0, True)]}}
        >>> solved = ValueIteration(discount=0.5).solve(mdp_of(table))
        >>> solved.policy.tolist(), solved.values.tolist()
        ([1], [3.0])

    Source: Bellman, "Dynamic Programming", 1957; the bound: Puterman, "Markov Decision
        Processes", 1994, theorem 6.3.1, doi:10.1002/9780470316887.
    """

    name: ClassVar[str] = "value_iteration"

    tolerance: float = 1e-9

    def solve(self, mdp: Mdp, seconds: float = float("inf")) -> Solved:
        """Return the best policy, or where time runs out the best so far.

        Args:
            mdp: Every transition.
            seconds: Wall seconds.
        """
        self.check("tolerance", self.tolerance, "> 0", self.tolerance > 0)
        end = time.monotonic() + seconds
        values = np.zeros(mdp.states)
        curve: list[float] = []
        while not curve or curve[-1] > self.tolerance:
            after = mdp.worth(values, self.discount).max(axis=1)
            change = float(np.abs(after - values).max())
            values = after
            curve.append(change * self.discount / (1 - self.discount))
            if time.monotonic() > end:
                break
        return self._exact(mdp, values, curve)

    def _exact(self, mdp: Mdp, values: Floats, curve: list[float]) -> Solved:
        policy = best(mdp.worth(values, self.discount))
        values = mdp.follow(policy, self.discount)
        return Solved(policy, values, mdp.worth(values, self.discount), tuple(curve),
                      curve[-1] <= self.tolerance)  # fmt: skip
