"""Punctuation in one form: mainland Chinese, or ASCII."""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["keep", "chinese", "ascii"]

_CJK = "\u3400-\u9fff\u3040-\u30ff\u3000-\u303f\uff01-\uff60"
_SMALL = str.maketrans("﹐﹑﹒﹔﹕﹖﹗﹙﹚︰", "，、.；：？！（）：")
"""Small and vertical forms, as traditional typesetting has them."""
_QUOTES = str.maketrans("「」『』﹁﹂﹃﹄", "“”‘’“”‘’")
_TO_WIDE = {",": "，", ".": "。", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_BEHIND = rf"(?:(?<=[{_CJK}])|(?<=[{_CJK}][”’]))"
_AFTER = re.compile(rf"{_BEHIND}(?:[,;:?!(] ?|\.(?!\w) ?|\))")
_TO_ASCII = str.maketrans(
    {
        "，": ",", "。": ".", "、": ",", "；": ";", "：": ":", "？": "?", "！": "!", "（": "(",
        "）": ")", "【": "[", "】": "]", "“": '"', "”": '"', "‘": "'", "’": "'", "—": "-",
        "–": "-", "…": "...", "《": "<", "》": ">", "～": "~",
    }
)  # fmt: skip


def punctuated(text: str, form: Form) -> str:
    """Return a text with its punctuation in one form.

    Args:
        text: Any text.
        form: ``chinese`` brings corner quotes and small forms to the mainland ones, and ASCII marks
            behind a Chinese character to full width; ``ascii`` brings Chinese marks to ASCII.

    Example:
        >>> punctuated("他說「好」,走了.", "chinese"), punctuated("好，走了。", "ascii")
        ('他說“好”，走了。', '好,走了.')

    Source: GB/T 15834-2011, use of punctuation marks.
    """
    if form == "keep" or (form == "ascii" and text.isascii()):
        return text
    text = text.translate(_SMALL).translate(_QUOTES)
    if form == "ascii":
        return text.translate(_TO_ASCII)
    while (wider := _AFTER.sub(lambda match: _TO_WIDE[match[0][0]], text)) != text:
        text = wider  # a mark behind a mark that has just become Chinese
    return text
