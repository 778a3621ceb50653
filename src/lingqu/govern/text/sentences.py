"""Text → sentences, Chinese and English: quotes, ellipses, decimals, abbreviations."""

from __future__ import annotations

import re

from lingqu.govern.text.patterns import HAN

_CLOSING = "”’」』）〉》】)\\]\"'"
_END = re.compile(
    rf"\r?\n\s*|(?:[。！？｡!?]+|(?<!\.)\.++(?![^\s{_CLOSING}{HAN}])|…+)[。！？｡!?.…]*[{_CLOSING}]*"
)
_LAST = re.compile(r"\S+\Z")
_TITLES = (
    "mr mrs ms mx dr prof st gen sen rep gov capt cpt lt col sgt maj rev hon fr messrs mme mlle "
    "no nos fig figs eq eqs sec ch vol vols pp ed eds vs cf al ca approx est dept tel ext e.g i.e "
    "viz resp incl excl min max jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed "
    "thu thur fri sat sun"
)
_NEVER = frozenset(_TITLES.split())
"""Abbreviations that something always follows."""
_SHORT = (
    "etc inc ltd co corp plc llc jr sr esq bros a.m p.m u.s u.k u.n e.u d.c ph.d m.d b.a m.a b.c "
    "a.d ave blvd rd mt ft oz lb lbs kg km cm mm hr hrs sq dist assn univ"
)
_SOMETIMES = frozenset(_SHORT.split())
"""Abbreviations that may end a sentence: what follows decides."""
_FIRST = (
    "the a an he she it they we i you this that these those there here in on at for but and so "
    "then when while if as his her its their our my your what who why how however moreover after "
    "before not no yes"
)
_STARTERS = frozenset(_FIRST.split())
"""Words that, written with a capital, begin a sentence."""


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each stripped; nothing but blanks is lost.

    A Chinese sentence ends at 。！？ and its closing quotes, unless a comma goes on; an English one
    at . ! ? before a blank, unless the point belongs to an abbreviation, an initial or a number,
    or the next word goes on in lower case. An ellipsis ends one only where the next begins anew.
    A line break always ends one.

    Args:
        text: Any text.

    Example:
        >>> sentences("Dr. Li paid 3.50 USD. “好！”他说。真的……好吗？")
        ['Dr. Li paid 3.50 USD.', '“好！”', '他说。', '真的……好吗？']

    Source: Own rules after Kiss & Strunk, "Unsupervised Multilingual Sentence Boundary
        Detection", 2006, doi:10.1162/coli.2006.32.4.485; Chinese ends: GB/T 15834-2011.
    """
    lower = not any(map(str.isupper, text))
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if _ends(text, start, match, lower):
            found.append(text[start : match.end()])
            start = match.end()
    found.append(text[start:])
    return [stripped for sentence in found if (stripped := sentence.strip())]


def _ends(text: str, start: int, match: re.Match[str], lower: bool) -> bool:
    """Tell whether a mark ends the sentence that began at `start`."""
    mark = match[0]
    if mark[0] in "\r\n":
        return True
    after = text[match.end() : match.end() + 40]
    follows = after.lstrip()[:1]
    if follows == "" or after.lstrip(" \t")[:1] in "\r\n":
        return True
    bare = mark.rstrip("”’」』）〉》】)]\"'")
    if follows in "，,、；;：:。！？)）]】》”’":
        return False
    if set(bare) <= {"…"} or (set(bare) == {"."} and len(bare) > 1):
        # It trails off: a new sentence shows by a capital, a closed quote, or not at all.
        return bare != mark or (after[0].isspace() and follows.isupper())
    if bare[0] in "。！？｡":
        return True
    spaced = after[0].isspace()
    if not spaced and not _han(follows) and bare == mark:
        return False
    if follows.islower() and not lower:
        # "Stop!" he said.  /  really?! yes
        return bare[-1] in "!?" and bare == mark
    return bare[0] != "." or _point_ends(text, start, match.start(), after, lower)


def _point_ends(text: str, start: int, at: int, after: str, lower: bool) -> bool:
    """Tell whether one point ends a sentence, by the words before and after it."""
    before = _LAST.search(text, max(start, at - 40), at)
    word = (before[0] if before else "").lstrip("(\"'“‘[（")
    following = re.match(r"\s*[\"'“‘(\[]*([A-Za-z']*)", after)
    next_word = following[1] if following else ""
    begins = next_word.lower() in _STARTERS and (lower or next_word[:1].isupper())
    low = word.lower()
    if low in _NEVER:
        return False
    if low in _SOMETIMES or re.fullmatch(r"(?:[a-z]\.)+[a-z]", low):
        return begins or (low == "etc" and next_word[:1].isupper())
    if len(word) == 1 and word.isalpha() and not _han(word):
        return begins or (word == "I" and next_word[:1].isupper() and at - start > 2)
    if word.isdecimal() and not after[0].isspace():
        return False
    # "1. First" at the beginning of a line is a number of a list.
    return not (word.isdecimal() and text[start:at].strip() == word)


def _han(character: str) -> bool:
    return re.match(f"[{HAN}]", character) is not None
