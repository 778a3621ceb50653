"""Quotas that hold over many processes without asking the ledger on the request path.

A process leases a slice of a window from the ledger before it is needed, and counts against it in
memory. Between two settlements it may also run on credit: up to what the ledger had left when it
last looked, and at most one slice (or one request, where that is larger). So a quota is overshot
by at most that in each process, and by nothing where one process serves; a killed process loses at
most the slice that it had leased. While the ledger is away, leases and credit are used up.

Source: Own; leases after Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism for
distributed file cache consistency", SOSP 1989, doi:10.1145/74850.74870.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil
from threading import Event, Lock
from typing import Protocol

from lingqu.core.nouns import Json
from lingqu.core.units import Quota, period
from lingqu.store.quotas import Claim, Grant, Window

SMALL = 8.0
"""A slice is at least so much. A smaller quota is a slice itself."""
SHARE = 0.05
"""Part of a quota that a slice is."""


class Ledger(Protocol):
    """The part of the ledger's quotas that is needed here."""

    def claim(self, claims: Sequence[Claim]) -> list[Grant]: ...

    def known(self, windows: Sequence[Window]) -> list[float]: ...


class Lease:
    """What this process may use of one quota of one account.

    The event loop takes; one other thread claims and grants.

    Args:
        account: Whose.
        quota: Of what.
        board: Where it asks for more.

    Example:
        >>> lease = Lease("abcdefgh", Quota(3, "min"), Board())
        >>> [lease.take(1, 0.0) for _ in range(4)], lease.take(1, 60.0)
        ([True, True, True, False], True)
    """

    __slots__ = (
        "account",
        "asked",
        "before",
        "board",
        "end",
        "leased",
        "left",
        "listed",
        "quota",
        "seen", "short",
        "slice",
        "start",
        "used",
    )  # fmt: skip

    def __init__(self, account: str, quota: Quota, board: Board) -> None:
        self.account = account
        self.quota = quota
        self.board = board
        share = quota.limit * SHARE
        if quota.measure != "money":
            share = ceil(share)  # whole numbers add up exactly
        self.slice = max(share, min(quota.limit, SMALL))
        self.before: deque[tuple[int, float]] = deque()
        self.asked: Claim | None = None
        self.listed = False
        self.start = self.end = 0
        self._open(0, 0)

    def _open(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.used = self.leased = self.seen = self.short = 0.0
        self.left = self.quota.limit

    def begin(self, now: float) -> Window:
        """Open the window of now, and return it, so that `know` can be told what is spent."""
        self._open(*period(self.quota.unit, now))
        return self._window(self.start)

    def know(self, spent: float) -> None:
        """Take in what others used of the window so far."""
        self.left = max(0.0, self.quota.limit - spent)

    def take(self, amount: float, now: float) -> bool:
        """Count an amount if there is room for it; a negative one is given back.

        Args:
            amount: In the measure of the quota.
            now: Unix seconds.
        """
        if not self.start <= now < self.end:
            self._roll(now)
        used = self.used + amount
        over = used - self.leased
        if over > 0 and amount > 0:
            # One request may be larger than a slice, if nothing ran on credit before it.
            most = self.left if self.used <= self.leased else min(self.left, self.slice)
            if over > most:
                self.short = amount
                self.board.note(self, urgent=self.left > 0)
                return False
        self.used = used
        if not self.listed or over > self.slice / 2:
            self.board.note(self, urgent=over > self.slice / 2)
        return True

    def wait_s(self, amount: float, now: float) -> int:
        """Return after how many seconds a caller who was refused may try again."""
        room = self.leased + self.left - self.used
        return 1 if room >= amount else max(1, ceil(self.end - now))

    def _roll(self, now: float) -> None:
        with self.board.turn:
            owed = self.used - self.leased
            if owed:
                self.before.append((self.start, owed))
            self._open(*period(self.quota.unit, now))

    def _window(self, start: int) -> Window:
        return Window(self.account, self.quota.measure, self.quota.unit, start)

    def told(self, now: float) -> dict[str, Json]:
        """Return what is left as far as this process knows, and when the window ends."""
        start, end = period(self.quota.unit, now)
        left = self.quota.limit
        if start == self.start:
            left = max(0.0, self.left + self.leased - self.used)
        return {"left": round(left, 6), "until": datetime.fromtimestamp(end, UTC).isoformat()}

    # What the ledger is told

    def claim(self, last: bool = False) -> list[Claim]:
        """Return what to ask of the ledger: old windows settled, this one leased on.

        Args:
            last: Lease nothing any more, and give back what is left.
        """
        limit = self.quota.limit
        claims = []
        while self.before:
            start, owed = self.before.popleft()
            claims.append(Claim(self._window(start), limit, owed, 0.0))
        used = self.used
        recent, self.seen = used - self.seen, used
        wanted = 0.0 if last else self._wanted(recent)
        free = self.leased - used
        self.asked = None
        if free > wanted:  # what is given back must not be used meanwhile
            self.leased -= free - wanted
            self.asked = Claim(self._window(self.start), limit, wanted - free, 0.0)
        elif free < wanted or free < 0:
            spent = max(0.0, -free)
            self.asked = Claim(self._window(self.start), limit, spent, wanted - max(0.0, free))
        return [*claims, self.asked] if self.asked is not None else claims

    def _wanted(self, recent: float) -> float:
        """Return what to hold for what comes: twice what came, or what was refused for lack."""
        short, self.short = self.short, 0.0
        # A quota as small as a slice is not leased: one process would keep it from the others.
        ahead = min(self.slice, 2 * max(0.0, recent)) if self.quota.limit > SMALL else 0.0
        return max(ahead, short)

    def granted(self, claim: Claim, grant: Grant) -> None:
        """Take in what the ledger said to one of the claims."""
        if claim is not self.asked:
            return
        told = max(0.0, claim.spent) + grant.leased
        if claim.window.start != self.start:  # it ended while we asked
            self.before.append((claim.window.start, -told))
            return
        self.left = grant.left
        self.leased += told

    def failed(self, claim: Claim) -> None:
        """Take back what the ledger did not hear."""
        if claim is not self.asked or claim.window.start != self.start:
            if claim is not self.asked or claim.spent < 0:
                self.before.append((claim.window.start, claim.spent))
        elif claim.spent < 0:
            self.leased -= claim.spent

    @property
    def idle(self) -> bool:
        """Whether the ledger knows all that there is to know."""
        return self.used == self.leased == self.seen and not self.before


class Board:
    """The leases that have something to tell the ledger.

    Args:
        due: Set when one of them should not wait for the next round.
    """

    def __init__(self, due: Event | None = None) -> None:
        self.due = due or Event()
        self.turn = Lock()
        self._listed: deque[Lease] = deque()

    def note(self, lease: Lease, urgent: bool = False) -> None:
        """List a lease; called by the event loop."""
        if not lease.listed:
            lease.listed = True
            self._listed.append(lease)
        if urgent and not self.due.is_set():
            self.due.set()

    def settle(self, ledger: Ledger, last: bool = False) -> None:
        """Tell the ledger of every listed lease in one transaction; from one thread only.

        Raises:
            StoreError: The ledger cannot be reached; nothing is lost, and the next round tells it.
        """
        self.due.clear()
        # Both threads may have listed one at the same moment; it must not claim twice.
        listed = list(dict.fromkeys(self._listed.popleft() for _ in range(len(self._listed))))
        for lease in listed:
            lease.listed = False
        with self.turn:
            pairs = [(lease, claim) for lease in listed for claim in lease.claim(last)]
        try:
            grants = ledger.claim([claim for _, claim in pairs])
        except BaseException:
            with self.turn:
                for lease, claim in pairs:
                    lease.failed(claim)
            for lease in listed:
                self.note(lease)
            raise
        with self.turn:
            for (lease, claim), grant in zip(pairs, grants, strict=True):
                lease.granted(claim, grant)
        for lease in listed:
            if not lease.idle:
                self.note(lease)
