"""Passports and permits as people write them by hand: in small letters, or with blanks inside.

Source: Own; the forms are those of `rules_papers`.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.rules import before
from lingqu.govern.privacy.rules_papers import PASSPORT, PERMIT, is_passport, is_permit, last
from lingqu.govern.privacy.rules_papers_zh import PERMITS
from lingqu.govern.privacy.secrets import Found

_WRITTEN = re.compile(
    r"(?<![0-9A-Za-z])(?:[a-z]{1,2}\d{7,8}|[hm]\d{10}|[A-Z]{1,2}[ -]\d{7,8}|"
    r"[EGCHMW][A-Z]?[ -]?\d{3,4}[ -]\d{4}|[EGCHMW][A-Z]? ?\d{2,3} \d{3} \d{3})"
    r"(?![0-9A-Za-z]|[ -]\d)"
)
_WORDS = ("NO", "NR", "ID", "PP", "IS", "OF", "TO", "IN", "OR")
CUES = ("护照", "通行证", "回乡", "证件", "assport", "ASSPORT", "ermit", "ERMIT", "ravel doc")
"""One of these stands in every text that holds any."""


def written(text: str) -> Found:
    """Return papers in small letters or with blanks, which need the name of the paper before them.

    Example:
        >>> list(written("护照号 e12345678，通行证C 1234 5678"))
        [('passport', 4, 13), ('travel_permit', 17, 28)]
    """
    for match in _WRITTEN.finditer(text):
        start, end = match.span()
        plain = match[0].replace(" ", "").replace("-", "").upper()
        head = before(text, start, 30).lower()
        told = max(last(PASSPORT, head), last(PERMIT, head), head.rfind("证件"))
        if plain.startswith(_WORDS) or told < 0:
            continue
        whole, stop = text[:start] + plain + text[end:], start + len(plain)
        if PERMITS.fullmatch(plain) is not None and is_permit(whole, start, stop):
            yield "travel_permit", start, end
        elif is_passport(whole, start, stop):
            yield "passport", start, end
