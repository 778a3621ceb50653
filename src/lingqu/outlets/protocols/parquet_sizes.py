"""What a Parquet file unpacks to, read from its own heads before anything is unpacked.

A few kilobytes may unpack to as many gigabytes. The footer says how large it gets, and may lie;
what a reader allocates is what the head of each page says. So all heads are walked, and the
larger of the two stories counts.

Source: Apache Parquet format 2.10, "File format", "Metadata" and "Data pages"; Apache Thrift,
"Thrift compact protocol encoding".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAGIC = b"PAR1"
_DEEPEST = 12
_FIELDS = 200_000
"""Values of all heads together."""
Struct = dict[int, Any]


def unpacked(data: bytes) -> tuple[int, int, int]:
    """Return rows, bytes and values of a Parquet file once it is unpacked.

    Raises:
        ValueError: It is no Parquet file, or its heads point out of it.

    Example:
        >>> import io, polars as pl
        >>> sink = io.BytesIO()
        >>> pl.DataFrame({"a": [0] * 100_000}).write_parquet(sink)
        >>> rows, size, values = unpacked(sink.getvalue())
        >>> rows, values >= 100_000
        (100000, True)
    """
    if len(data) < 12 or data[:4] != MAGIC or data[-4:] != MAGIC:
        raise ValueError("no Parquet file")
    length = int.from_bytes(data[-8:-4], "little")
    if length > len(data) - 12:
        raise ValueError("the footer is longer than the file")
    footer = _Reader(data, len(data) - 8 - length, len(data) - 8).struct()
    groups = _structs(footer.get(4))
    rows = max(_whole(footer.get(3)), sum(_whole(group.get(3)) for group in groups))
    size = sum(_whole(group.get(2)) for group in groups)
    told, values = 0, 0
    for group in groups:
        for chunk in _structs(group.get(1)):
            for page in _pages(data, _struct(chunk.get(3))):
                told += _whole(page.get(2))
                heads = (_struct(page.get(field)) for field in (5, 7, 8))
                values += max(_whole(head.get(1)) for head in heads)
    return rows, max(size, told), values


def _pages(data: bytes, chunk: Struct) -> Iterator[Struct]:
    """Yield the heads of the pages of one column of one group of rows."""
    starts = [_whole(chunk.get(field)) for field in (9, 11) if chunk.get(field)]
    place = min(starts, default=0)
    end = place + _whole(chunk.get(7))
    if not 0 < place <= end <= len(data):
        raise ValueError("a column lies outside the file")
    while place < end:
        reader = _Reader(data, place, end)
        page = reader.struct()
        yield page
        place = reader.place + _whole(page.get(3))


def _whole(value: Any) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or value < 0:
        raise ValueError("a size is below zero")
    return value


def _struct(value: Any) -> Struct:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("a head is of another form")
    return value


def _structs(value: Any) -> list[Struct]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError("a list of heads is of another form")
    return [_struct(one) for one in value]


class _Reader:
    """Thrift's compact protocol: what is there, by the numbers of fields."""

    def __init__(self, data: bytes, place: int, end: int) -> None:
        self._data = data
        self._end = end
        self._left = _FIELDS
        self.place = place

    def struct(self, depth: int = 0) -> Struct:
        if depth > _DEEPEST:
            raise ValueError("a head is too deep")
        found: Struct = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            found[field] = self._value(head & 15, depth, alone=False)
        return found

    def _value(self, kind: int, depth: int, alone: bool) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ValueError("a head has too many fields")
        if kind in (1, 2):  # a flag: of a field it stands in the kind, in a list in a byte
            return self._byte() == 1 if alone else kind == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._zigzag()
        if kind == 7:
            return self._skip(8)
        if kind == 8:
            return self._skip(self._varint())
        if kind in (9, 10):
            return self._list(depth)
        if kind == 12:
            return self.struct(depth + 1)
        raise ValueError("a head is torn")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4
        if size == 15:
            size = self._varint()
        if size > self._end - self.place:
            raise ValueError("a list is longer than the file")
        return [self._value(head & 15, depth + 1, alone=True) for _ in range(size)]

    def _skip(self, size: int) -> None:
        self.place += size
        if self.place > self._end:
            raise ValueError("a head is torn")

    def _zigzag(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7
            if shift > 63:
                raise ValueError("a number is too long")

    def _byte(self) -> int:
        if self.place >= self._end:
            raise ValueError("a head is torn")
        byte = self._data[self.place]
        self.place += 1
        return byte
