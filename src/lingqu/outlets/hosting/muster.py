"""Which processes of an outlet answer, and what each of them has taken over of the ledger.

It lies in memory that a parent shares with the processes that it forks: each writes in its own
place, all may read all. So whichever of them is asked can tell when a change has reached the last.
A place has two halves and a byte that says which one holds: a note is written into the other half,
then the byte is turned, so whoever reads meanwhile finds the note of before.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable, Mapping
from zlib import crc32

import orjson

PLACE = 65_536
"""Bytes of one process."""
HALF = PLACE // 2
_HEAD = struct.Struct("<II")
"""Length and checksum of a note."""
_TRIES = 1000


class Muster:
    """The processes of an outlet.

    Args:
        size: How many there are.

    Example:
        >>> muster = Muster(2)
        >>> muster.write(0, {"loans": 7}), muster.write(1, {"loans": 5})
        (None, None)
        >>> muster.slowest(["loans"]), muster.present
        (5, [0, 1])
        >>> muster.leave(1)
        >>> muster.slowest(["loans"]), muster.slowest(["digits"]), muster.present
        (7, 0, [0])
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._memory = mmap.mmap(-1, size * PLACE)

    def write(self, number: int, revisions: Mapping[str, int]) -> None:
        """Note what a process has taken over: channel → revision of the ledger."""
        told = orjson.dumps(dict(revisions))
        if len(told) > HALF - _HEAD.size - 1:
            raise ValueError(f"{len(revisions)} channels are too many for one process")
        half = 2 if self._memory[number * PLACE] == 1 else 1
        at = self._at(number, half)
        self._memory[at + _HEAD.size : at + _HEAD.size + len(told)] = told
        _HEAD.pack_into(self._memory, at, len(told), crc32(told))
        self._memory[number * PLACE] = half

    def leave(self, number: int) -> None:
        """Note that a process has ended."""
        self._memory[number * PLACE] = 0

    def read(self, number: int) -> Mapping[str, int] | None:
        """Return what a process has taken over; None where it does not answer."""
        for _ in range(_TRIES):
            half = self._memory[number * PLACE]
            if half == 0:
                return None
            at = self._at(number, half)
            length, checksum = _HEAD.unpack_from(self._memory, at)
            told = self._memory[at + _HEAD.size : at + _HEAD.size + min(length, HALF)]
            if crc32(told) == checksum:  # else it was written twice while it was read
                found: Mapping[str, int] = orjson.loads(told)
                return found
        return None

    def _at(self, number: int, half: int) -> int:
        """Return where a half begins; the byte that says which one holds lies before them."""
        return number * PLACE + 1 + (half - 1) * (HALF - 1)

    @property
    def present(self) -> list[int]:
        """Numbers of the processes that answer."""
        return [number for number in range(self.size) if self.read(number) is not None]

    def slowest(self, channels: Iterable[str]) -> int:
        """Return the revision that every process that answers has taken over of some channels."""
        names = list(channels)
        found = [told for number in range(self.size) if (told := self.read(number)) is not None]
        return min((told.get(name, 0) for told in found for name in names), default=0)
