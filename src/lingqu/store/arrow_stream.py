"""Arrow IPC streams that a crash may have cut off: what lies in front of the tear is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl

_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_HEAD = 1_000_000
"""Bytes within which the columns of a stream must have been told."""


def read_stream(path: Path) -> pl.DataFrame | None:
    """Return the whole batches of a stream; a torn last one is skipped.

    Returns:
        The rows, or None where not one batch is whole.

    Raises:
        OSError: The file cannot be read.
    """
    data = path.read_bytes()
    ends = list(message_ends(data))
    if len(ends) < 2:
        return None
    return pl.read_ipc_stream(io.BytesIO(data[: ends[-1]] + _END))


def stream_schema(path: Path) -> pl.Schema | None:
    """Return the columns of a stream, by its head alone; None where that is not whole.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    end = next(message_ends(head), None)
    if end is None:
        return None
    return pl.read_ipc_stream(io.BytesIO(head[:end] + _END)).schema


def message_ends(data: bytes) -> Iterator[int]:
    """Yield where each whole message of a stream ends: the schema, then the batches.

    Example:
        >>> sink = io.BytesIO()
        >>> pl.DataFrame({"a": [1]}).write_ipc_stream(sink)
        >>> len(list(message_ends(sink.getvalue()))), list(message_ends(b"torn"))
        (2, [])

    Source: Apache Arrow, columnar format 1.5, "Encapsulated message format", 2020.
    """
    place = 0
    while len(data) - place >= 8 and data[place : place + 4] == b"\xff\xff\xff\xff":
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        if not size:
            return
        end = place + 8 + size
        if end > len(data):
            return
        end += _body_length(data[place + 8 : end])
        if end > len(data):
            return
        yield end
        place = end


def _body_length(message: bytes) -> int:
    """Return ``bodyLength`` of a message: field 3 of the flatbuffer table in its head."""
    table = int.from_bytes(message[:4], "little")
    fields = table - int.from_bytes(message[table : table + 4], "little", signed=True)
    slot = fields + 4 + 2 * 3
    if slot + 2 > fields + int.from_bytes(message[fields : fields + 2], "little"):
        return 0
    offset = int.from_bytes(message[slot : slot + 2], "little")
    start = table + offset
    return int.from_bytes(message[start : start + 8], "little", signed=True) if offset else 0
