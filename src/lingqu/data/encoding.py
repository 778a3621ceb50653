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
BOM = "\ufeff"
EVERYDAY = 0.9
"""Share of non-ASCII characters that must be in GB 2312 for text to pass as GB18030."""


def to_utf8(data: bytes, path: str, encoding: str = "auto") -> tuple[bytes, str]:
    """Return text as UTF-8 without BOM, and the encoding it was in.

    Args:
        data: The bytes of a text file.
        path: Its name, for errors.
        encoding: A name that Python knows, or ``auto``. Several names, as in
            ``utf-8, gb18030``, are tried on each line in this order.

    Raises:
        DataError: It is binary, mixes encodings, or is in none of them; with line, bytes and a
            remedy.

    Example:
        >>> to_utf8("姓名,年龄".encode("gb18030"), "a.csv")[1]
        'gb18030'
    """
    if "," in encoding:
        return _line_by_line(data, path, [name.strip() for name in encoding.split(",")]), encoding
    if encoding != "auto":
        return _declared(data, path, encoding)
    wide = _wide(data)
    if wide:
        return _declared(data, path, wide)
    _refuse_binary(data, path)
    bare = data.removeprefix(codecs.BOM_UTF8)
    try:
        bare.decode("utf-8")
        return bare, "utf-8" if bare is data else "utf-8-sig"
    except UnicodeDecodeError as error:
        chinese = _chinese(bare)
        _refuse_mixed(bare, path, chinese is not None)
        if chinese is not None and bare is data:
            return chinese.encode(), "gb18030"
        raise _refused(bare, path, error, "UTF-8 / GB18030") from error


def _wide(data: bytes) -> str:
    """Recognise UTF-16 and UTF-32 by their marks, and UTF-16 of Latin text without one."""
    # The mark of UTF-32 begins with that of UTF-16.
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4096]
    low, high = head[1::2].count(0), head[0::2].count(0)
    half = len(head) // 2
    if half >= 4 and len(data) % 2 == 0 and min(low, high) == 0 and max(low, high) > 0.4 * half:
        return "utf-16-le" if low else "utf-16-be"
    return ""


def _declared(data: bytes, path: str, encoding: str) -> tuple[bytes, str]:
    try:
        return data.decode(encoding).removeprefix(BOM).encode(), encoding
    except LookupError as error:
        raise DataError("data.unknown_encoding", path=path, encoding=encoding) from error
    except UnicodeError as error:
        raise _refused(data, path, error, encoding) from error


def _line_by_line(data: bytes, path: str, encodings: list[str]) -> bytes:
    """Decode each line by the first encoding that fits it."""
    lines = []
    for row, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        for encoding in encodings:
            try:
                lines.append(line.decode(encoding).encode())
                break
            except LookupError as error:
                raise DataError("data.unknown_encoding", path=path, encoding=encoding) from error
            except UnicodeError:
                continue
        else:
            found, tried = _odd_bytes(line, encodings[0]), " / ".join(encodings)
            raise DataError("data.wrong_encoding", path=path, row=row, byte=found, tried=tried)
    return b"\n".join(lines)


def _refuse_mixed(data: bytes, path: str, chinese: bool) -> None:
    """Refuse a file some of whose lines are UTF-8 for certain and others for certain not.

    Args:
        data: Bytes that are not UTF-8 as a whole.
        path: Name of the file.
        chinese: Whether they pass as GB18030 as a whole; then two letters of Chinese script in
            one line of UTF-8 are asked for, since two bytes of GB18030 can look like one letter.

    Source: Own. A GB18030 line is valid UTF-8 of the Chinese range only if every three letters of
    it happen to fill two triples, which whole lines do not.
    """
    right = wrong = 0
    first, odd = (0, b""), (0, b"")
    for row, line in enumerate(data.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            wrong += 1
            odd = odd if wrong > 1 else (row, line)
            continue
        if not chinese or sum(char > "\u07ff" for char in text) >= 2:
            right += 1
            first = first if right > 1 else (row, line)
    if not right or not wrong:
        return
    # The rarer of the two is what somebody pasted in.
    row, line = odd if wrong <= right else first
    other = _other(odd[1])
    raise DataError(
        "collect.mixed_encodings",
        path=path,
        row=row,
        bytes=_odd_bytes(line, "utf-8" if wrong <= right else "ascii"),
        utf8=right,
        other=wrong,
        guess=other,
    )


def _other(line: bytes) -> str:
    return "gb18030" if _chinese(line) is not None else "cp1252"


def _odd_bytes(line: bytes, encoding: str) -> str:
    """Return the first bytes that do not fit, at most eight, as hexadecimal."""
    try:
        line.decode(encoding)
        start = 0
    except UnicodeError as error:
        start = getattr(error, "start", 0)
    return line[start : start + 8].rstrip(b"\r").hex(" ")


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
