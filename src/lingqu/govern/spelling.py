"""Text forms that mean the same: full-width and half-width, blanks, ways to write "nothing"."""

from __future__ import annotations

import re
import unicodedata

from lingqu.core.missing import MISSING

BLANK = re.compile(r"\s+")
_UNSEEN = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_JOINER = re.compile("(?<![\u0600-\u0fff\u200d\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]")
"""Joiners, except after letters and pictures that need them (Arabic, Indic, emoji)."""
NOTHING = frozenset({"无", "没有", "none", "nothing", "暂无"})
"""Folded spellings that say "none of it": a value of its own, never a missing one."""

_WIDE = {0x3000: " ", **{code + 0xFEE0: chr(code) for code in range(0x30, 0x7B)}}
for _code in (*range(0x3A, 0x41), *range(0x5B, 0x61)):
    del _WIDE[_code + 0xFEE0]


def half_width(text: str) -> str:
    """Return full-width letters and digits as ASCII; Chinese punctuation stays as it is.

    One character stays one character, so positions in the text do not move.

    Example:
        >>> half_width("ＡＢ１２，好")
        'AB12，好'
    """
    return text if text.isascii() else text.translate(_WIDE)


def without_unseen(text: str) -> str:
    """Return a text without characters that nobody sees: zero-width blanks, marks, controls.

    Example:
        >>> without_unseen("Bei\\u200bjing\\ufeff")
        'Beijing'
    """
    return text if text.isprintable() else _JOINER.sub("", _UNSEEN.sub("", text))


def tidy(text: str) -> str:
    """Return a short value in one form: NFKC, nothing unseen, single blanks, none around it.

    Example:
        >>> tidy("　New   Ｙork ")
        'New York'
    """
    text = without_unseen(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return BLANK.sub(" ", text).strip()


def folded(text: str) -> str:
    """Return the key under which spellings of one value meet; short codes keep their case.

    Two letters or fewer may be codes in which case has a meaning (``mW``/``MW``), so they are
    left alone.
    """
    text = tidy(text)
    return text.casefold() if len(text) > 2 else text


def says_missing(text: str) -> bool:
    """Say whether a value is a spelling of "not known"."""
    return tidy(text).casefold() in MISSING


def says_nothing(text: str) -> bool:
    """Say whether a value is a spelling of "none of it"."""
    return tidy(text).casefold() in NOTHING
