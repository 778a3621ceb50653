"""Guard rails of a canary: when its errors or its latency are proof enough to send it back.

Evidence is gathered where the answers are given and may be looked at after each of them: the
bounds hold however often that happens (`core/sequential.py`). Each process of an outlet acts on
what it saw itself, so that going back waits for nobody.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field

from lingqu.core.sequential import bets

ALPHA = 0.01
"""Chance of sending a good canary back, over all rails of a process."""
ERRORS = 0.01
"""Part of a canary's requests that may fail though the champion's do not."""
SLOWER = 2.0
"""How much slower than the champion's 95th percentile a canary may be."""
SLOW = 0.05
"""Part of a canary's requests that may be slower than that."""
LEAST = 100
"""Requests of the champion before its latency is something to compare with."""
_ENDS = tuple(0.05 * 1.25**step for step in range(64))
"""Upper ends of the latency classes, milliseconds."""


@dataclass(slots=True)
class Arm:
    """What was counted of one arm.

    Args:
        requests: Requests that were answered, or failed by our fault.
        errors: Those that failed.
        classes: Answered requests by class of latency.
    """

    requests: int = 0
    errors: int = 0
    classes: list[int] = field(default_factory=lambda: [0] * (len(_ENDS) + 1))

    def add(self, failed: bool, latency_ms: float) -> None:
        """Count one request."""
        self.requests += 1
        if failed:
            self.errors += 1
        else:
            self.classes[bisect_left(_ENDS, latency_ms)] += 1

    def percentile_ms(self, part: float) -> float:
        """Return a latency that `part` of the answers keep, no finer than the classes are."""
        wanted, seen = part * (self.requests - self.errors), 0
        for end, count in zip(_ENDS, self.classes, strict=False):
            seen += count
            if seen >= wanted:
                return end
        return math.inf

    def slower_than(self, limit_ms: float) -> int:
        """Return how many answers were certainly slower."""
        return sum(self.classes[bisect_left(_ENDS, limit_ms * (1 - 1e-9)) + 1 :])


@dataclass(frozen=True)
class Breach:
    """A rail that was broken.

    Args:
        rail: ``errors`` or ``latency``.
        seen: Part of the canary's requests that failed or were slow.
        allowed: Part that may.
        requests: Requests of the canary.
    """

    rail: str
    seen: float
    allowed: float
    requests: int


def breach(champion: Arm, canary: Arm) -> Breach | None:
    """Return the rail that a canary has broken, or None.

    Example:
        >>> good, bad = Arm(1000, 10), Arm(160, 20)
        >>> breach(good, bad).rail, breach(good, Arm(160, 3))
        ('errors', None)

    Source: Howard et al., "Time-uniform Chernoff bounds", Probability Surveys 17 (2020),
    arXiv:1808.03204: monitoring with e-values; Bonferroni over the rails.
    """
    enough = math.log(2 / ALPHA)
    if not canary.requests:
        return None
    # What the champion itself is known to fail is not held against the canary.
    allowed = max(ERRORS, (champion.errors + 1) / (champion.requests + 100))
    fine = canary.requests - canary.errors
    if bets([(1.0, canary.errors), (0.0, fine)], allowed) >= enough:
        return Breach("errors", canary.errors / canary.requests, allowed, canary.requests)
    if champion.requests - champion.errors < LEAST or not fine:
        return None
    slow = canary.slower_than(SLOWER * champion.percentile_ms(0.95))
    if bets([(1.0, slow), (0.0, fine - slow)], SLOW) >= enough:
        return Breach("latency", slow / fine, SLOW, canary.requests)
    return None
