"""Text that was read in the wrong encoding: found, and undone only where that is certain."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

How = Literal["utf8_as_latin1", "utf8_as_gbk", "gbk_as_latin1"]

_HIGH = re.compile(r"[^\x00-\x7f]+")
_LOST = re.compile("\ufffd|锟斤拷|锟�|烫烫烫|屯屯屯|ï¿½")
"""What is left where bytes were thrown away: no repair can bring them back."""
_FRENCH = {
    char: bytes([byte])
    for byte in range(0x80, 0xA0)
    for char in [bytes([byte]).decode("cp1252", "replace")]
    if char != "\ufffd"
}
"""Characters that Windows shows for bytes which Latin-1 leaves to controls."""


def lost(text: str) -> bool:
    """Say whether a text shows that some of its bytes were thrown away.

    Example:
        >>> lost("锟斤拷"), lost("灵渠")
        (True, False)
    """
    return not text.isascii() and _LOST.search(text) is not None


def repaired(text: str) -> tuple[str, How] | None:
    """Return what a text said before it was read in the wrong encoding, and what had happened.

    Certain means: all its bytes are valid in the other encoding, which chance hardly does, and
    what comes out is ordinary text, while what went in is not.

    Returns:
        None where nothing is wrong, or where it is not certain.

    Example:
        >>> repaired("Ã©tÃ©"), repaired("ç\\x81µæ¸\\xa0"), repaired("été"), repaired("灵渠")
        (('été', 'utf8_as_latin1'), ('灵渠', 'utf8_as_latin1'), None, None)

    Source: Own rules; the idea of undoing only what decodes without a rest is that of Speer, ftfy,
        2019, doi:10.5281/zenodo.2591652. Encodings: WHATWG Encoding Standard; GBK: GB 2312-1980.
    """
    if text.isascii() or lost(text):
        return None
    for undo, how in _WAYS:
        found = undo(text)
        if found is not None and found != text:
            again = repaired(found)  # some text went through the mill twice
            return (again[0], how) if again is not None and again[1] == how else (found, how)
    return None


def _utf8_as_latin1(text: str) -> str | None:
    data = _western(text)
    if data is None:
        return None
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return found if len(found) < len(text) and _is_ordinary(found) else None


def _gbk_as_latin1(text: str) -> str | None:
    runs = _HIGH.findall(text)
    # Four accented letters in a row stand in no Western word; in GBK they are two characters.
    if any(len(run) % 2 for run in runs) or max(map(len, runs)) < 4:
        return None
    data = _western(text)
    if data is None:
        return None
    try:
        found = data.decode("gb2312")
    except UnicodeDecodeError:
        return None
    return found if _commonness(found) == 1.0 else None


def _utf8_as_gbk(text: str) -> str | None:
    try:
        data = text.encode("gbk")
        found = data.decode("utf-8")
    except UnicodeError:
        return None
    high = "".join(_HIGH.findall(found))
    chinese = sum(_is_chinese(char) for char in high)
    # Two real Chinese characters may form valid UTF-8 by chance; then Greek or Arabic comes out.
    if chinese * 2 < len(high) or not _is_ordinary(found):
        return None
    return found if _commonness(found) > max(0.9, _commonness(text) + 0.3) else None


_WAYS: tuple[tuple[Callable[[str], str | None], How], ...] = (
    (_utf8_as_latin1, "utf8_as_latin1"),
    (_utf8_as_gbk, "utf8_as_gbk"),
    (_gbk_as_latin1, "gbk_as_latin1"),
)


def _western(text: str) -> bytes | None:
    """Return the bytes that Latin-1 or Windows-1252 showed as this text."""
    parts = []
    for char in text:
        if ord(char) < 0x100:
            parts.append(bytes([ord(char)]))
        elif char in _FRENCH:
            parts.append(_FRENCH[char])
        else:
            return None
    return b"".join(parts)


def _is_chinese(char: str) -> bool:
    return (
        "\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef"
    )


def _is_ordinary(text: str) -> bool:
    """Say whether a text holds no control, private or unassigned characters."""
    return all(char.isprintable() or char in "\t\n\r\u3000\u00a0" for char in text)


def _commonness(text: str) -> float:
    """Return the share of a text's non-ASCII characters that are everyday Chinese.

    GB 2312 orders its 3,755 everyday characters first: their first byte is 0xB0 to 0xD7.
    """
    high = "".join(_HIGH.findall(text))
    everyday = 0
    for char in high:
        try:
            first = char.encode("gb2312")[0]
        except UnicodeEncodeError:
            continue
        everyday += 0xB0 <= first <= 0xD7 or (_is_chinese(char) and first <= 0xA9)
    return everyday / max(1, len(high))
