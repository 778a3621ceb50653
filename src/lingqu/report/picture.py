"""Small pictures as PNG inside the page: rows of grey or RGB pixels → a ``data:`` address."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def data_uri(rows: Sequence[Sequence[Any]]) -> str:
    """Return a picture as an address that needs no network.

    Args:
        rows: Pixels 0–255: numbers for grey, or triples; shape (H, W) or (H, W, C).

    Example:
        >>> data_uri([[0, 255]])[:22]
        'data:image/png;base64,'

    Source: W3C, Portable Network Graphics (third edition), 2023: signature, IHDR, IDAT, IEND.
    """
    height, width = len(rows), len(rows[0])
    colour = isinstance(rows[0][0], list | tuple) and len(rows[0][0]) >= 3
    # Every line of pixels begins with its filter; 0 is "none".
    lines = b"".join(b"\0" + bytes(_line(row, colour)) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if colour else 0, 0, 0, 0)
    parts = (
        _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")
    )
    return "data:image/png;base64," + b64encode(_SIGNATURE + parts).decode()


def _line(row: Sequence[Any], colour: bool) -> list[int]:
    if colour:
        return [_byte(part) for pixel in row for part in pixel[:3]]
    return [_byte(pixel[0] if isinstance(pixel, list | tuple) else pixel) for pixel in row]


def _byte(value: float) -> int:
    return min(255, max(0, round(value)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def stretched(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return grey or colour pixels of any scale stretched to 0–255.

    Example:
        >>> stretched([[0, 8, 16]])
        [[0.0, 127.5, 255.0]]
    """
    flat = [part for row in rows for pixel in row for part in _parts(pixel)]
    low, high = min(flat), max(flat)
    scale = 255 / ((high - low) or 1)
    return [
        [
            [(part - low) * scale for part in pixel]
            if isinstance(pixel, list | tuple)
            else (pixel - low) * scale
            for pixel in row
        ]
        for row in rows
    ]


def _parts(pixel: Any) -> Sequence[Any]:
    return pixel if isinstance(pixel, list | tuple) else [pixel]
