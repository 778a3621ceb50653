"""What keys used, counted in memory and written to the ledger now and then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lingqu.store.usage import Used

Place = tuple[str, str, str, int]
"""Key, channel, release, and the hour since 1970."""


class Book(Protocol):
    """The part of the ledger's usage that is needed here."""

    def add(self, used: Sequence[Used]) -> None: ...

    def list(
        self,
        since: int = 0,
        until: int | None = None,
        channel: str | None = None,
        keys: Sequence[str] | None = None,
    ) -> list[Used]: ...


class Tally:
    """Counts by key, channel, release and hour.

    The event loop adds; another thread settles. What is taken from the loop is written one round
    later, so that an addition that had begun is in it.

    Example:
        >>> tally = Tally()
        >>> tally.add(("abcdefgh", "loans", "ab12", 7), False, 3, 0, 0.06)
        >>> [(used.requests, used.rows, used.hour) for used in tally.taken(last=True)]
        [(1, 3, 25200)]
    """

    def __init__(self) -> None:
        self._now: dict[Place, list[float]] = {}
        self._old: dict[Place, list[float]] = {}

    def add(self, place: Place, failed: bool, rows: int, tokens: int, money: float) -> None:
        """Count one request; called by the event loop."""
        counts = self._now.get(place)
        if counts is None:
            counts = self._now[place] = [0, 0, 0, 0, 0.0]
        counts[0] += 1
        counts[2] += rows
        if failed:
            counts[1] += 1
        if tokens:
            counts[3] += tokens
        if money:
            counts[4] += money

    def taken(self, last: bool = False) -> list[Used]:
        """Return what was counted up to the round before; all of it at the end."""
        found = [self._old]
        self._now, self._old = {}, self._now
        if last:
            found.append(self._old)
            self._old = {}
        return [_used(place, counts) for counted in found for place, counts in counted.items()]

    def settle(self, book: Book, last: bool = False) -> None:
        """Write down what was counted; what could not be written is kept for the next round."""
        used = self.taken(last)
        try:
            book.add(used)
        except BaseException:
            for one in used:
                place = (one.key, one.channel, one.release, one.hour // 3600)
                kept = self._old.setdefault(place, [0, 0, 0, 0, 0.0])
                counts = (one.requests, one.errors, one.rows, one.tokens, one.money)
                kept[:] = [a + b for a, b in zip(kept, counts, strict=True)]
            raise


def _used(place: Place, counts: Sequence[float]) -> Used:
    key, channel, release, hour = place
    requests, errors, rows, tokens = map(int, counts[:4])
    return Used(key, channel, release, hour * 3600, requests, errors, rows, tokens, counts[4])
