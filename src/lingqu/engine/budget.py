"""Time as a contract: who may use how much of what is left."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST = 0.10
"""A usable model exists after this share of a budget."""
OVER = 1.05
"""No run may last longer than this multiple of its budget."""


class Deadline:
    """A span of wall time that starts now.

    Args:
        seconds: Length of the span.
        clock: Returns seconds; passed in so that a test can move it.

    Example:
        >>> now = iter([0.0, 4.0, 4.0])
        >>> deadline = Deadline(10.0, clock=lambda: next(now))
        >>> deadline.left(), deadline.fraction()
        (6.0, 0.4)
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._start = clock()

    def extend(self, seconds: float) -> None:
        """Put off the end: time that was kept for something is not needed."""
        self.seconds += seconds

    def spent(self) -> float:
        """Return the seconds since the start."""
        return self._clock() - self._start

    def left(self) -> float:
        """Return the seconds until the end, never negative."""
        return max(0.0, self.seconds - self.spent())

    def fraction(self) -> float:
        """Return the share that is spent; above 1 when the span is over."""
        return self.spent() / self.seconds if self.seconds > 0 else 1.0

    def over(self) -> bool:
        """Say whether the span is over."""
        return self.spent() >= self.seconds

    def share(self, part: float, at_least: float = 0.0) -> float:
        """Return `part` of what is left, at least `at_least`, never more than is left.

        Args:
            part: Between 0 and 1.
            at_least: Seconds below which a piece of work is not worth starting.
        """
        return min(self.left(), max(at_least, part * self.left()))

    def first(self) -> float:
        """Return the seconds in which the first usable model must exist."""
        return FIRST * self.seconds

    def hard_stop(self) -> float:
        """Return the seconds from now after which a job must be killed to keep the contract."""
        return max(0.0, OVER * self.seconds - self.spent())
