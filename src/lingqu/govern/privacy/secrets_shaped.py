"""Secrets that nobody calls one: what looks like a password where access is spoken of.

Source: Own: the shapes of passwords that people make (a word, digits, a sign; letters exchanged
for digits) and that programs draw, and what only looks alike. The words are in `secrets_access`.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.secrets import BLANK, Found
from lingqu.govern.privacy.secrets_access import (
    BEHIND,
    KEPT,
    KEYED,
    LEADS,
    NAMES,
    OFFER,
    SUMMED,
    TECHNICAL,
    TYPED,
    getting_in,
)

LOOK = re.compile(
    r"[0-9!#$^@](?:(?<=[A-Za-z][0-9])|(?<=[0-9])(?=[A-Za-z!#$])|"
    r"(?<=[0-9A-Za-z][!#$^@])(?=[0-9A-Za-z]))"
)
"""Two signs as every password has somewhere, and no plain word."""
_SIGN = re.compile(r"[!#$^@]")
_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$^@_-")
_OPENS = frozenset(" \t\n\"'“‘`(|,;:=>/*[，。；：、（【《「是为成到用")
_WORD = re.compile(r"[A-Za-z0-9!#$^@_-]{6,64}")
_FORMED = re.compile(
    r"(?=.*\d)(?=.*[A-Za-z])(?![A-Za-z-]+#\d+$)[A-Za-z0-9_]{3,}[!#$^][A-Za-z0-9_]{2,}[!$]?|"
    r"[A-Za-z][A-Za-z\d]{2,}-\d{2,4}[$#]|"
    r"(?=.*[a-z][A-Z])[A-Za-z]{4,}[!#$^][A-Za-z]{4,}"
)
"""Shapes that nothing else has."""
_CRIED = re.compile(
    r"[A-Z]?[a-z]{3,}\d{2,4}[!$#]|[A-Z][A-Za-z]{2,}@\d{2,6}[!$]?|[A-Za-z]@[A-Za-z]+\d\w*[!$]?|"
    r"[A-Za-z]+[a-z0-9]*\d[a-z]+\d*[!$#]"
)
"""Shapes that a cry or a handle may have too."""
_WORDED = re.compile(r"[A-Za-z]?[a-z]{3,}\d{2,6}")
_MIXED = re.compile(
    r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{10,64}|"
    r"[A-Za-z]+\d[A-Za-z]+-\d{2,4}|[A-Za-z]+_[A-Za-z]+\d{2,4}"
)
_HEX = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
_KEY_IS = re.compile(
    r"(?:\bkeys? (?:is|was|now|:|=)|\b(?:with|using) (?:the )?key:?)\s*[\"'`]?$", re.IGNORECASE
)
_LINK = re.compile(r"[\"'”’`]?\s*(?:,|and|or|, and|/)\s*[\"'“‘`]?")
"""What stands between two of a list."""
_NEAR = 72


def shaped(text: str) -> Found:
    """Return what looks like a password or a key where the text speaks of getting in.

    Example:
        >>> text = "Harbor_9!xy opens the NAS; room42 is locked, see ticket#17"
        >>> [text[a:b] for _, a, b in shaped(text)]
        ['Harbor_9!xy']
    """
    last, unsure = -1, (0, 0)
    for start, end in _candidates(text):
        value = text[start:end]
        listed = _WORDED.fullmatch(value) is not None and not _technical(value)
        linked = last >= 0 and listed and _LINK.fullmatch(text, last, start) is not None
        if linked or _stands(text, value, start, end):
            if unsure[1] and _LINK.fullmatch(text, unsure[1], start) is not None:
                yield "secret", *unsure
            yield "secret", start, end
            last = end
        elif listed:
            unsure = (start, end)


def _candidates(text: str) -> list[tuple[int, int]]:
    """Return the words of a text that mix letters with digits or signs, and no path or address."""
    found: list[tuple[int, int]] = []
    done = 0
    for look in LOOK.finditer(text):
        start = look.start()
        if start < done:
            continue
        while start > done and text[start - 1] in _SIGNS:
            start -= 1
        match = _WORD.match(text, start)
        if match is None:
            continue
        end = done = match.end()
        if start and (text[start - 1] not in _OPENS or _in_path(text, start)):
            continue
        if text[end - 1] == "@":
            end -= 1
        if _apart(text, done) and end - start >= 6 and BLANK.search(text, start, end) is None:
            found.append((start, end))
    return found


def _in_path(text: str, start: int) -> bool:
    """Say whether a word stands deep in a path or an address."""
    if text[start - 1] != "/":
        return False
    blank = max(text.rfind(" ", 0, start), text.rfind("\n", 0, start))
    return text.count("/", blank + 1, start) > 1


def _apart(text: str, end: int) -> bool:
    """Say whether a word ends there, and no path, address or name of a file goes on."""
    follow = text[end : end + 2]
    if not follow or follow[0] in " \t\n\"'”’`)],;|*<" or follow[0] >= "\u3000":
        return True
    return follow[0] in ".:?" and (len(follow) == 1 or follow[1] in " \n\"'")


def _technical(value: str) -> bool:
    return value.rstrip("0123456789!$#").lower() in TECHNICAL


def _stands(text: str, value: str, start: int, end: int) -> bool:
    """Say whether the shape of a word, or what stands around, makes it a secret."""
    if value.isupper() and _SIGN.search(value) is None:
        return False
    if _SIGN.search(value) is not None:
        if len(value) >= 8 and _FORMED.fullmatch(value) is not None:
            return True
        return _cried(text, value) and _spoken(text, start, end)
    if _HEX.fullmatch(value) is not None:
        return _key(text, start, end)
    if _WORDED.fullmatch(value) is None and _MIXED.fullmatch(value) is None:
        return False
    word = value.rstrip("0123456789").lower()
    return not (_technical(value) or f" {word} " in text.lower()) and _told(text, start, end)


def _cried(text: str, value: str) -> bool:
    if len(value) < 7 or _CRIED.fullmatch(value) is None or _technical(value):
        return False
    return OFFER.search(text) is None


def _spoken(text: str, start: int, end: int) -> bool:
    """Say whether getting in is spoken of at all, or words around lead to a password."""
    head = text[max(0, start - _NEAR) : start]
    return (
        LEADS.search(head) is not None
        or BEHIND.match(text, end) is not None
        or TYPED.search(head) is not None
        or getting_in(text)
    )


def _told(text: str, start: int, end: int) -> bool:
    """Say whether the words around lead to a password."""
    head = text[max(0, start - _NEAR) : start]
    if NAMES.search(head) is not None:
        return False
    if TYPED.search(head) is not None:
        return True
    leads = LEADS.search(head) is not None or BEHIND.match(text, end) is not None
    return leads and getting_in(text)


def _key(text: str, start: int, end: int) -> bool:
    """Say whether a row of hexadecimal digits is a key, and no hash."""
    head = text[max(0, start - _NEAR) : start]
    if SUMMED.search(head) is not None:
        return False
    if KEYED.search(head) is not None or _KEY_IS.search(head) is not None:
        return True
    around = text[max(0, start - _NEAR) : end + 60]
    return KEPT.search(around) is not None and SUMMED.search(text) is None
