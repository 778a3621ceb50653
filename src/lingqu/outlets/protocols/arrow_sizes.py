"""What an Arrow IPC stream unpacks to, read from the heads of its messages.

Each packed buffer begins with the length that it unpacks to, and an array of nothing but gaps has
a length and no buffer at all: both are added up before anything is allocated.

Source: Apache Arrow, columnar format 1.5, "Serialization and interprocess communication";
FlatBuffers, "Internals".
"""

from __future__ import annotations

from collections.abc import Iterator

from lingqu.store.arrow_stream import message_ends

MAGIC = b"ARROW1"
_BATCH, _DICTIONARY = 3, 2
"""Kinds of messages that hold arrays."""
_NEXT = b"\xff\xff\xff\xff"
"""Stands before the length of a message."""
_PLAIN = 2**64 - 1
"""Length that says of a buffer: it is not packed."""


def unpacked(data: bytes) -> tuple[int, int, int]:
    """Return rows, bytes and values of an Arrow stream or file once it is unpacked.

    Raises:
        ValueError: It is neither, or its heads point out of it.

    Example:
        >>> import io, polars as pl
        >>> sink = io.BytesIO()
        >>> pl.DataFrame({"a": [1, 2]}).write_ipc_stream(sink)
        >>> unpacked(sink.getvalue())[0]
        2
    """
    rows = size = values = 0
    try:
        messages = _blocks(data) if data[:6] == MAGIC else _stream(data)
        for head, body in messages:
            message = _Table.root(head)
            kind = message.byte(1)
            if kind not in (_BATCH, _DICTIONARY):
                continue
            batch = message.table(2)
            batch = batch.table(1) if kind == _DICTIONARY else batch
            rows += batch.long(0) if kind == _BATCH else 0
            values += sum(length for length, _ in batch.pairs(1))
            size += sum(_sizes(body, batch.pairs(2), batch.has(3)))
    except (IndexError, OverflowError) as error:
        raise ValueError("a head is torn") from error
    return rows, size, values


def _stream(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield head and body of the messages of a stream."""
    place = 0
    for end in message_ends(data):
        head = place + 8 + int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place + 8 : head], data[head:end]
        place = end
    if not place:
        raise ValueError("no Arrow stream")


def _blocks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield head and body of the messages that the footer of a file names."""
    length = int.from_bytes(data[-10:-6], "little")
    if data[-6:] != MAGIC or length > len(data) - 18:
        raise ValueError("no Arrow file")
    footer = _Table.root(data[-10 - length : -10])
    for field in (2, 3):
        for offset, head, body in footer.blocks(field):
            start = offset + (8 if data[offset : offset + 4] == _NEXT else 4)
            end = offset + head
            if start > end or end + body > len(data):
                raise ValueError("a message lies outside the file")
            yield data[start:end], data[end : end + body]


def _sizes(body: bytes, buffers: Iterator[tuple[int, int]], packed: bool) -> Iterator[int]:
    for offset, length in buffers:
        if offset + length > len(body):
            raise ValueError("a buffer lies outside its message")
        if not packed or length < 8:
            yield length
            continue
        told = int.from_bytes(body[offset : offset + 8], "little")
        yield length if told == _PLAIN else told


class _Table:
    """One table of a flat buffer."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self._place = place
        self._fields = place - self._number(place, 4, signed=True)

    @classmethod
    def root(cls, data: bytes) -> _Table:
        return cls(data, int.from_bytes(data[:4], "little"))

    def has(self, field: int) -> bool:
        return self._at(field) > 0

    def byte(self, field: int) -> int:
        place = self._at(field)
        return self._number(place, 1) if place else 0

    def long(self, field: int) -> int:
        place = self._at(field)
        number = self._number(place, 8, signed=True) if place else 0
        if number < 0:
            raise ValueError("a size is below zero")
        return number

    def table(self, field: int) -> _Table:
        place = self._at(field)
        if not place:
            raise ValueError("a head is torn")
        return _Table(self._data, place + self._number(place, 4))

    def pairs(self, field: int) -> Iterator[tuple[int, int]]:
        """Yield the structs of a vector, each of two numbers of eight bytes."""
        for place in self._structs(field, 16):
            yield self._size(place), self._size(place + 8)

    def blocks(self, field: int) -> Iterator[tuple[int, int, int]]:
        """Yield where messages lie: offset, length of the head, length of the body."""
        for place in self._structs(field, 24):
            yield self._size(place), self._number(place + 8, 4), self._size(place + 16)

    def _structs(self, field: int, size: int) -> range:
        place = self._at(field)
        if not place:
            return range(0)
        start = place + self._number(place, 4) + 4
        end = start + size * self._number(start - 4, 4)
        if end > len(self._data):
            raise ValueError("a list is longer than its message")
        return range(start, end, size)

    def _size(self, place: int) -> int:
        number = self._number(place, 8, signed=True)
        if number < 0:
            raise ValueError("a size is below zero")
        return number

    def _at(self, field: int) -> int:
        slot = 4 + 2 * field
        if slot + 2 > self._number(self._fields, 2):
            return 0
        offset = self._number(self._fields + slot, 2)
        return self._place + offset if offset else 0

    def _number(self, place: int, size: int, signed: bool = False) -> int:
        if not 0 <= place <= len(self._data) - size:
            raise ValueError("a head is torn")
        return int.from_bytes(self._data[place : place + size], "little", signed=signed)
