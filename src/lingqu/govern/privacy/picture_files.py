"""Take metadata out of picture files, byte by byte: the pixels are copied as they are encoded.

Where a picture says how it is to be turned, that one tag stays, because the picture would lie on
its side without it. Colour profiles stay too.

Source: JPEG: ITU-T T.81 and Exif 2.32 (CIPA DC-008); PNG: ISO/IEC 15948; WebP: RFC 9649.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from lingqu.govern.privacy import tiff_files

_KEPT_PNG = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
     b"sBIT", b"bKGD", b"pHYs", b"hIST", b"sPLT", b"acTL", b"fcTL", b"fdAT")
)  # fmt: skip
_KEPT_WEBP = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


class BadPicture(ValueError):
    """A file is not what its first bytes say."""


def kind_of(data: bytes) -> str:
    """Return the format of a file by its first bytes, ``""`` where it is none that is cleaned.

    Example:
        >>> kind_of(b"\\xff\\xd8\\xff\\xe0"), kind_of(b"BM")
        ('jpeg', '')
    """
    if data[128:132] == b"DICM":  # its first bytes may say TIFF as well
        return "dicom"
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:4] in (b"II*\x00", b"MM\x00*"):
        return "tiff"
    return ""


def cleaned(data: bytes) -> tuple[bytes, list[str]]:
    """Return a picture file without its metadata, and the names of what was taken out.

    Args:
        data: A JPEG, PNG, WebP or TIFF file; another one is returned as it is.

    Raises:
        BadPicture: The file is cut short or broken.
    """
    kind = kind_of(data)
    try:
        if kind == "jpeg":
            return _jpeg(data)
        if kind == "png":
            return _png(data)
        if kind == "webp":
            return _webp(data)
        if kind == "tiff":
            return tiff_files.cleaned(data)
    except (struct.error, IndexError, ValueError) as error:
        raise BadPicture(str(error)) from error
    return data, []


def _jpeg(data: bytes) -> tuple[bytes, list[str]]:
    kept, gone = [b"\xff\xd8"], []
    turn = 1
    for marker, segment in _segments(data):
        name = _jpeg_name(marker, segment)
        if name:
            gone.append(name)
            if name == "exif":
                turn = tiff_files.orientation(segment[10:]) or turn
        else:
            kept.append(segment)
    if turn != 1:
        body = b"Exif\x00\x00" + tiff_files.only_orientation(turn)
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
        if len(gone) == gone.count("exif") == 1 and b"".join(kept) == data:
            gone = []
    return b"".join(kept), gone


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its bytes; the image data behind a scan belong to it."""
    place = 2
    while place < len(data):
        if data[place] != 0xFF:
            raise ValueError(f"byte {place} is no marker")
        while data[place + 1] == 0xFF:
            place += 1
        marker = data[place + 1]
        if marker == 0xD9:
            yield marker, data[place : place + 2]
            if data[place + 2 :].strip(b"\x00"):
                yield 0, data[place + 2 :]
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            end = place + 2
        else:
            end = place + 2 + int(struct.unpack_from(">H", data, place + 2)[0])
        if end > len(data):
            raise ValueError("cut short")
        if marker == 0xDA:
            end = _scan_end(data, end)
        yield marker, data[place:end]
        place = end
    raise ValueError("cut short")


def _scan_end(data: bytes, place: int) -> int:
    """Return where the next marker behind entropy-coded data begins."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise ValueError("cut short")
        if data[place + 1] == 0 or 0xD0 <= data[place + 1] <= 0xD7:
            place += 2
        elif data[place + 1] == 0xFF:
            place += 1
        else:
            return place


def _jpeg_name(marker: int, segment: bytes) -> str:
    """Return what metadata a segment is, ``""`` where it is part of the picture."""
    body = segment[4:]
    if marker == 0:
        return "data behind the picture"
    if marker == 0xFE:
        return "comment"
    if not 0xE0 <= marker <= 0xEF:
        return ""
    if marker == 0xE0 and body.startswith(b"JFIF\x00"):
        return ""
    if marker == 0xEE and body.startswith(b"Adobe"):
        return ""
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\x00"):
        return ""
    if body.startswith(b"Exif\x00"):
        return "exif"
    if body.startswith((b"http://ns.adobe.com/xap/", b"http://ns.adobe.com/xmp/")):
        return "xmp"
    return "iptc" if marker == 0xED else f"app{marker - 0xE0}"


def _png(data: bytes) -> tuple[bytes, list[str]]:
    kept, gone = [data[:8]], []
    turn, place, ended = 1, 8, False
    while place < len(data) and not ended:
        length = int(struct.unpack_from(">I", data, place)[0])
        name, end = data[place + 4 : place + 8], place + 12 + length
        if end > len(data):
            raise ValueError("cut short")
        if name in _KEPT_PNG:
            kept.append(data[place:end])
        else:
            gone.append(name.decode("latin-1"))
            if name == b"eXIf":
                turn = tiff_files.orientation(data[place + 8 : end - 4]) or turn
        ended = name == b"IEND"
        place = end
    if not ended:
        raise ValueError("cut short")
    if place < len(data):
        gone.append("data behind the picture")
    if turn != 1:
        chunk = b"eXIf" + tiff_files.only_orientation(turn)
        whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        kept.insert(2, whole)
    return _same(b"".join(kept), data, gone)


def _webp(data: bytes) -> tuple[bytes, list[str]]:
    size = 8 + int(struct.unpack_from("<I", data, 4)[0])
    if size > len(data):
        raise ValueError("cut short")
    chunks: list[tuple[bytes, bytes]] = []
    gone = ["data behind the picture"] if data[size:].strip(b"\x00") else []
    turn, place = 1, 12
    while place + 8 <= size:
        name, length = data[place : place + 4], int(struct.unpack_from("<I", data, place + 4)[0])
        body = data[place + 8 : place + 8 + length]
        if len(body) < length:
            raise ValueError("cut short")
        if name in _KEPT_WEBP:
            chunks.append((name, body))
        else:
            gone.append(name.decode("latin-1").strip())
            if name == b"EXIF":
                turn = tiff_files.orientation(body.removeprefix(b"Exif\x00\x00")) or turn
        place += 8 + length + length % 2
    if turn != 1:
        chunks.append((b"EXIF", tiff_files.only_orientation(turn)))
    body = b"WEBP" + b"".join(_chunk(name, part, turn != 1) for name, part in chunks)
    return _same(b"RIFF" + struct.pack("<I", len(body)) + body, data, gone)


def _chunk(name: bytes, body: bytes, turned: bool) -> bytes:
    if name == b"VP8X":
        flags = body[0] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if turned else 0)
        body = bytes([flags]) + body[1:]
    return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)


def _same(made: bytes, data: bytes, gone: list[str]) -> tuple[bytes, list[str]]:
    """Return nothing as taken out where the only metadata is the turn that stays."""
    return (data, []) if made == data else (made, gone)
