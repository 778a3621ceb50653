"""Take metadata out of TIFF files in place, and read or write the one tag that turns a picture.

A tag that goes is taken off its directory and its values are overwritten with zeros, together
with the directories below it, so that nothing can be read from the gap.

Source: TIFF 6.0 (Adobe, 1992); Exif 2.32 (CIPA DC-008-2019), 4.6; XMP part 3.
"""

from __future__ import annotations

import struct

_ORIENTATION = 0x0112
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_BELOW = {0x8769: "exif", 0x8825: "gps", 0xA005: "interoperability"}
_GONE = {
    0x010D: "document name", 0x010E: "description", 0x010F: "camera", 0x0110: "camera model",
    0x011D: "page name", 0x0131: "software", 0x0132: "time", 0x013B: "artist", 0x013C: "computer",
    0x02BC: "xmp", 0x83BB: "iptc", 0x8298: "copyright", 0x8649: "photoshop", 0x9003: "time",
    0x9004: "time", 0x9C9B: "title", 0x9C9C: "comment", 0x9C9D: "author", 0x9C9E: "keywords",
    0x9C9F: "subject", 0xA430: "owner", 0xA431: "serial number", 0xC4A5: "print data",
    0xC62F: "serial number", 0xC68B: "file name", 0xC634: "maker data",
    **_BELOW,
}  # fmt: skip
"""Tags of a picture that tell who, where, when and with what."""
_MOST = 64
"""Most directories of one file that are followed."""


def orientation(data: bytes) -> int:
    """Return how a picture is to be turned, 1 to 8; 0 where the block does not say.

    Example:
        >>> orientation(only_orientation(6)), orientation(b"")
        (6, 0)
    """
    try:
        order, first = _header(data)
        for tag, _, _, place in _entries(data, order, first):
            if tag == _ORIENTATION:
                turn = int(struct.unpack_from(order + "H", data, place + 8)[0])
                return turn if 1 <= turn <= 8 else 0
    except (struct.error, ValueError):
        return 0
    return 0


def only_orientation(turn: int) -> bytes:
    """Return a block of metadata that says nothing but how a picture is to be turned."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, turn, 0)
    return b"MM\x00*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)


def cleaned(data: bytes) -> tuple[bytes, list[str]]:
    """Return a TIFF file without its metadata, and the names of what was taken out.

    Raises:
        ValueError: A directory lies outside the file.
    """
    order, first = _header(data)
    out = bytearray(data)
    gone: list[str] = []
    seen: set[int] = set()
    while first and first not in seen and len(seen) < _MOST:
        seen.add(first)
        entries = _entries(data, order, first)
        kept = [entry for entry in entries if entry[0] not in _GONE]
        for entry in entries:
            if entry[0] in _GONE:
                gone.append(_GONE[entry[0]])
                _blank(data, out, order, entry, seen)
        follow = first + 2 + 12 * len(entries)
        rows = [data[place : place + 12] for _, _, _, place in kept]
        block = struct.pack(order + "H", len(kept)) + b"".join(rows) + data[follow : follow + 4]
        out[first : follow + 4] = block.ljust(follow + 4 - first, b"\x00")
        first = int(struct.unpack_from(order + "I", data, follow)[0])
    return bytes(out), gone


_Entry = tuple[int, int, int, int]
"""Tag, type, count, and where the entry lies."""


def _header(data: bytes) -> tuple[str, int]:
    if data[:2] not in (b"II", b"MM"):
        raise ValueError("no byte order")
    order = "<" if data[:2] == b"II" else ">"
    return order, int(struct.unpack_from(order + "I", data, 4)[0])


def _entries(data: bytes, order: str, first: int) -> list[_Entry]:
    count = int(struct.unpack_from(order + "H", data, first)[0])
    if first + 2 + 12 * count > len(data):
        raise ValueError("a directory lies outside the file")
    found = []
    for number in range(count):
        place = first + 2 + 12 * number
        tag, kind, values = struct.unpack_from(order + "HHI", data, place)
        found.append((int(tag), int(kind), int(values), place))
    return found


def _blank(data: bytes, out: bytearray, order: str, entry: _Entry, seen: set[int]) -> None:
    """Overwrite the values of an entry, and the directory that it points to, with zeros."""
    tag, kind, count, place = entry
    size = _SIZES.get(kind, 1) * count
    offset = int(struct.unpack_from(order + "I", data, place + 8)[0])
    if size > 4:
        _zero(out, offset, size)
    if tag in _BELOW and offset not in seen and len(seen) < _MOST:
        seen.add(offset)
        entries = _entries(data, order, offset)
        for below in entries:
            _blank(data, out, order, below, seen)
        _zero(out, offset, 2 + 12 * len(entries) + 4)


def _zero(out: bytearray, start: int, size: int) -> None:
    end = min(len(out), start + size)
    if start < end:
        out[start:end] = bytes(end - start)
