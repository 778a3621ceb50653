"""When a request may be sent again: never where it may have been answered already.

A request that reached nobody (no connection), or that the server says it did not take (429, 503),
may be sent again without harm; one whose reply was lost may not, unless it only reads.
"""

from __future__ import annotations

from dataclasses import dataclass

UNTAKEN = frozenset({429, 503})
"""Statuses that say: nothing was done, come again."""
_FIRST_S, _LONGEST_S = 0.1, 5.0


@dataclass(frozen=True)
class Patience:
    """How long a client keeps trying.

    Args:
        retries: Times that a request is sent again.
        deadline_s: Seconds for everything, waits too; 0 for as long as each reply may take.
    """

    retries: int = 0
    deadline_s: float = 0.0

    def wait_s(self, attempt: int, status: int, after: str, spent_s: float) -> float | None:
        """Return how long to wait before the next attempt, or None to give up.

        Args:
            attempt: Attempts so far.
            status: HTTP status of the reply; 0 where no connection was made.
            after: ``Retry-After`` in seconds, or "".
            spent_s: Seconds since the first attempt.

        Example:
            >>> patience = Patience(retries=2, deadline_s=10)
            >>> patience.wait_s(1, 429, "3", 0.0), patience.wait_s(1, 500, "", 0.0)
            (3.0, None)
            >>> patience.wait_s(2, 503, "9", 5.0), patience.wait_s(3, 0, "", 0.0)
            (None, None)
        """
        if attempt > self.retries or (status and status not in UNTAKEN):
            return None
        wait = min(_LONGEST_S, _FIRST_S * 2.0 ** (attempt - 1))
        if after.strip().isdigit():
            wait = float(after)
        if self.deadline_s and spent_s + wait >= self.deadline_s:
            return None
        return wait

    def left_s(self, spent_s: float, timeout_s: float) -> float:
        """Return how long the next reply may take."""
        if not self.deadline_s:
            return timeout_s
        return max(0.001, min(timeout_s, self.deadline_s - spent_s))
