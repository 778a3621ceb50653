"""Places to wait, dealt fairly: whoever sends most waits longest, and gives way first.

While one key waits alone it has every place. Where several wait, each in turn is served as many
rows as the others, however many requests it has sent; and where no place is left, a key that has
fewer than its share gets one, and the newest request of whoever holds most is refused instead.

Source: Shreedhar and Varghese, "Efficient fair queuing using deficit round robin", IEEE/ACM
Transactions on Networking 4(3), 1996, doi:10.1109/90.502236; the dropping from the longest queue
after Suter et al., "Design considerations for supporting TCP with per-flow queueing", INFOCOM
1998, doi:10.1109/INFCOM.1998.659666.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
QUANTUM = 16
"""Rows that a key is served in its turn."""
MOST = 256
"""Rows that one request counts for at most."""


class Line(Generic[T]):
    """What one key has waiting, and how many rows it may still be served in this turn."""

    __slots__ = ("credit", "entries", "key")

    def __init__(self, key: str) -> None:
        self.key = key
        self.entries: deque[tuple[T, int]] = deque()
        self.credit = 0


class FairQueue(Generic[T]):
    """A bounded queue with a line for each key.

    Args:
        places: Entries that may wait.

    Example:
        >>> queue = FairQueue(4)
        >>> [queue.add("greedy", f"g{i}", 16) for i in range(4)], queue.add("modest", "m0", 1)
        ([None, None, None, None], 'g3')
        >>> [queue.take() for _ in range(len(queue))]
        ['m0', 'g0', 'g1', 'g2']
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self._lines: dict[str, Line[T]] = {}
        self._turn: deque[Line[T]] = deque()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, key: str, entry: T, cost: int) -> T | None:
        """Let an entry wait.

        Args:
            key: Whose it is.
            entry: It.
            cost: Its rows.

        Returns:
            The entry that has no place: another one's, the new one itself, or None.
        """
        gone: T | None = None
        if self._length >= self.places:
            longest = max(self._turn, key=lambda line: len(line.entries), default=None)
            mine = self._lines.get(key)
            held = 0 if mine is None else len(mine.entries)
            if longest is None or len(longest.entries) <= held + 1:
                return entry
            gone, _ = longest.entries.pop()  # it keeps at least one
            self._length -= 1
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(key)
            self._turn.append(line)
        line.entries.append((entry, min(cost, MOST)))
        self._length += 1
        return gone

    @property
    def head(self) -> T:
        """Who is served next.

        Raises:
            IndexError: Nobody waits.
        """
        return self._next().entries[0][0]

    def take(self) -> T:
        """Remove and return who is served next.

        Raises:
            IndexError: Nobody waits.
        """
        line = self._next()
        entry, cost = line.entries.popleft()
        self._length -= 1
        line.credit -= cost
        if not line.entries:
            self._turn.popleft()
            del self._lines[line.key]
            if self._turn:
                self._turn[0].credit += QUANTUM
        return entry

    def sift(self, stays: Callable[[T], bool]) -> None:
        """Remove every entry that shall not stay; each is asked once, in no certain order."""
        for line in list(self._turn):
            line.entries = deque(pair for pair in line.entries if stays(pair[0]))
        self._turn = deque(line for line in self._turn if line.entries)
        self._lines = {line.key: line for line in self._turn}
        self._length = sum(len(line.entries) for line in self._turn)

    def _next(self) -> Line[T]:
        """Return the line whose turn it is; one whose rows are used up goes to the end."""
        turn = self._turn
        line = turn[0]
        if len(turn) == 1:
            line.credit = 0  # nobody else waits: nothing is owed
            return line
        while line.entries[0][1] > line.credit:
            turn.rotate(-1)
            line = turn[0]
            line.credit += QUANTUM
        return line
