"""Text in UTF-8 (with or without BOM), UTF-16 or GB18030, told apart without a library.

Source: Own. UTF-8 refuses nearly every other encoding, so it is tried first. GB18030 accepts a
good deal of other text, so its result must also look like Chinese: nearly all of its characters
lie in the everyday set of GB 2312.
"""

from __future__ import annotations

import codecs

from lingqu.core.errors import DataError

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "Parquet"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"PK\x03\x04", "Excel/zip"),
    (b"\xd0\xcf\x11\xe0", "Excel"),
    (b"%PDF", "PDF"),
    (b"SQLite", "SQLite"),
    (b"ARROW1", "Arrow"),
)
EVERYDAY = 0.9
"""Share of non-ASCII characters that must be in GB 2312 for text to pass as GB18030."""


def to_utf8(data: bytes, path: str, encoding: str = "auto") -> tuple[bytes, str]:
    """Return text as UTF-8 without BOM, and the encoding it was in.

    Args:
        data: The bytes of a text file.
        path: Its name, for errors.
        encoding: A name that Python knows, or ``auto``.

    Raises:
        DataError: It is binary, or in none of the encodings; with byte, line and a remedy.

    Example:
        >>> to_utf8("姓名,年龄".encode("gb18030"), "a.csv")[1]
        'gb18030'
    """
    if encoding != "auto":
        return _declared(data, path, encoding)
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return _declared(data, path, name)
    _refuse_binary(data, path)
    if data.startswith(codecs.BOM_UTF8):
        return _declared(data, path, "utf-8-sig")
    try:
        data.decode("utf-8")
        return data, "utf-8"
    except UnicodeDecodeError as error:
        chinese = _chinese(data)
        if chinese is not None:
            return chinese.encode(), "gb18030"
        raise _refused(data, path, error, "UTF-8 / GB18030") from error


def _declared(data: bytes, path: str, encoding: str) -> tuple[bytes, str]:
    try:
        return data.decode(encoding).encode(), encoding
    except LookupError as error:
        raise DataError("data.unknown_encoding", path=path, encoding=encoding) from error
    except UnicodeError as error:
        raise _refused(data, path, error, encoding) from error


def _chinese(data: bytes) -> str | None:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    other = [char for char in text if char > "\x7f"][:20_000]
    known = len("".join(other).encode("gb2312", "ignore")) / 2
    return text if known >= EVERYDAY * len(other) else None


def _refuse_binary(data: bytes, path: str) -> None:
    guess = next((name for magic, name in MAGIC if data.startswith(magic)), "")
    offset = data.find(b"\0")
    if offset < 0 and not guess:
        return
    offset = max(offset, 0)
    raise DataError(
        "data.binary_file",
        path=path,
        offset=offset,
        byte=f"0x{data[offset]:02x}",
        guess=f" ({guess})" if guess else "",
    )


def _refused(data: bytes, path: str, error: UnicodeError, tried: str) -> DataError:
    start = getattr(error, "start", 0)
    byte = f"0x{data[start]:02x}" if start < len(data) else "—"
    row = data.count(b"\n", 0, start) + 1
    return DataError("data.wrong_encoding", path=path, row=row, byte=byte, tried=tried)
