"""Find direct personal data in text, Chinese and English.

Own rules (pattern, checksum, context) instead of a language model: on Chinese sentences the
usual library finds one value in six at a hundredth of the speed, because ``\\b`` does not exist
between 号 and 1. A language model can be added as an adapter (`lingqu.govern.privacy.ner`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lingqu.govern.privacy import (
    dates,
    names_en,
    names_zh,
    places,
    rules_en,
    rules_net,
    rules_papers,
    rules_papers_written,
    rules_zh,
    secrets,
    secrets_told,
)
from lingqu.govern.privacy.rules import Rule, holds, words
from lingqu.govern.privacy.secrets import Found

STRUCTURED = frozenset(
    words(
        "id_card mobile landline phone bank_card credit_code plate passport travel_permit email "
        "ipv4 ipv6 mac ssn iban secret url_credentials"
    )
)
"""Kinds that have a form of their own: a checksum, a plan of numbers, a prefix or a cue."""
FREE = frozenset(("birth_date", "name", "address"))
"""Kinds that are told by what stands around them."""
KINDS = STRUCTURED | FREE

_RULES: tuple[Rule, ...] = (
    *rules_zh.IDENTITY,
    rules_net.IPV4,
    rules_zh.PLATE,
    *rules_zh.NUMBERS,
    *rules_en.NUMBERS[:1],
    *rules_papers.PAPERS,
    *rules_en.NUMBERS[1:],
)
_EACH = [re.compile(rule.pattern, re.ASCII) for rule in _RULES]
_HEADS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+(（" + rules_zh.PLATE.first
_GLUED = "|".join(
    f"(?<={word}.)" for word in ("[Ii][Pp]", "[Ii][Dd]", "[Nn][Oo]", "TEL", "[Tt]el", "MAC", "SSN",
                                 "IPv4", "IBAN", "DOB")
)  # fmt: skip
"""Words that people write right before a number, without a blank: 登录IP10.2.3.4."""
_START = re.compile(
    rf"[{_HEADS}](?:(?<![0-9A-Za-z].)|(?<=[^0-9A-Za-z])|(?<=[PpDdOoLlCN4B].)(?:{_GLUED}))"
    r"(?=[0-9A-Z()（） .·•+-]{5})(?:(?<=[^A-Z])|(?=[A-Z0-9]{0,7}[0-9]))"
)
"""Where a number of a person may begin: at the edge of a word, with a row of such signs behind."""


def _dispatch() -> dict[str, tuple[re.Pattern[str], tuple[int, ...]]]:
    """Return, for each character, one pattern of the rules that may begin with it."""
    table: dict[str, tuple[re.Pattern[str], tuple[int, ...]]] = {}
    compiled: dict[tuple[int, ...], re.Pattern[str]] = {}
    for char in _HEADS:
        chosen = tuple(i for i, rule in enumerate(_RULES) if char in rule.first)
        if chosen and chosen not in compiled:
            parts = "|".join(f"(?P<r{i}>{_RULES[i].pattern})" for i in chosen)
            compiled[chosen] = re.compile(parts, re.ASCII)
        if chosen:
            table[char] = (compiled[chosen], chosen)
    return table


_BY_HEAD = _dispatch()
_INDEX = {f"r{i}": i for i in range(len(_RULES))}
_NONE: tuple[re.Pattern[str], tuple[int, ...]] = (re.compile(r"(?!)"), ())
_TOKEN = re.compile(r"\[[a-z_0-9]{2,20}~[a-z2-7]{27,}\]")
"""A value that `mask` has put a token for: nothing in it is anybody's."""
_WIDE = re.compile(
    "[\uff0b\uff0d-\uff0f\uff10-\uff19\uff20-\uff3a\uff3f\uff41-\uff5a\xa0\u2007-\u200a"
    "\u202f\u2010-\u2013\u2212\u3000]"
)
_NARROW = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF0B, 0xFF5B) if code not in (0xFF0C, 0xFF1A,
       0xFF1B, 0xFF1C, 0xFF1D, 0xFF1E, 0xFF1F)},
    **dict.fromkeys((0xA0, *range(0x2007, 0x200B), 0x202F, 0x3000), " "),
    **dict.fromkeys((*range(0x2010, 0x2014), 0x2212), "-"),
}  # fmt: skip


class Span(NamedTuple):
    """A piece of personal data in a text: ``text[start:end] == value``."""

    kind: str
    start: int
    end: int
    value: str


def find(text: str, kinds: frozenset[str] | None = None) -> list[Span]:
    """Return the personal data in a text, in order, not overlapping.

    Args:
        text: Any text; full-width digits are read as digits.
        kinds: Kinds to look for; all of `KINDS` when omitted.

    Example:
        >>> [(s.kind, s.value) for s in find("手机号13912345678，邮箱a.li@example.com。")]
        [('mobile', '13912345678'), ('email', 'a.li@example.com')]
        >>> find("运送旅客超过13800000000人次")
        []

    Source: Own rules over the standards named in `rules_zh.py`, `rules_en.py` and `secrets.py`;
        measured by `benchmarks/pii/measure.py`.
    """
    plain = narrow(text)
    ascii = plain.isascii()
    held = _Held()
    if "~" in plain:
        held.add(("", *match.span()) for match in _TOKEN.finditer(plain))
    if secrets.likely(plain):
        held.add(secrets.certain(plain))
    if "@" in plain:
        held.add(rules_net.emails(plain))
    if rules_net.separated(plain):
        held.add(rules_net.hardware(plain))
    if rules_en.IBAN.search(plain) is not None:
        held.add(rules_en.ibans(plain))
    held.add(_numbers(plain))
    if holds(plain, rules_papers_written.CUES):
        held.add(rules_papers_written.written(plain))
    held.add(secrets_told.behind_cue(plain))
    if kinds is None or not kinds.isdisjoint(FREE):
        if holds(plain, dates.CUES):
            held.add(dates.births(plain))
        if not ascii or places.HOUSE.search(plain) is not None or " Box " in plain:
            held.add(places.addresses(plain))
        if not ascii:
            held.add(names_zh.names(plain))
        if names_en.PAIR.search(plain) is not None:
            held.add(names_en.names(plain))
    if len(held.places) > 1:
        held.places.sort()
    return [
        Span(kind, a, b, text[a:b])
        for a, b, kind in held.places
        if kind and (kinds is None or kind in kinds)
    ]


class _Held:
    """Spans that do not overlap: who comes first stays."""

    def __init__(self) -> None:
        self.places: list[tuple[int, int, str]] = []

    def add(self, found: Found) -> None:
        places = self.places
        for kind, start, end in found:
            for first, last, _ in places:
                if start < last and first < end:
                    break
            else:
                places.append((start, end, kind))


def narrow(text: str) -> str:
    """Return full-width letters, digits and hyphens as ASCII; no character moves.

    Example:
        >>> narrow("ＡＢ１２－３，好")
        'AB12-3，好'
    """
    if text.isascii() or _WIDE.search(text) is None:
        return text
    return text.translate(_NARROW)


def _numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """Return the numbers of persons: one pass over the places where one may begin."""
    place = 0
    for head in _START.finditer(text):
        start = head.start()
        if start < place:
            continue
        pattern, chosen = _BY_HEAD.get(text[start], _NONE)
        match = pattern.match(text, start)
        if match is None:
            continue
        index, end = _INDEX[match.lastgroup or "r0"], match.end()
        if not _RULES[index].holds(text, start, end):
            # Another rule may hold here: try the later ones at the same place.
            later = _later(chosen, index, text, start)
            if later is None:
                continue
            index, end = later
        yield _RULES[index].kind, start, end
        place = end


def _later(chosen: tuple[int, ...], held: int, text: str, start: int) -> tuple[int, int] | None:
    for index in chosen:
        if index > held:
            match = _EACH[index].match(text, start)
            if match is not None and _RULES[index].holds(text, start, match.end()):
                return index, match.end()
    return None


def hidden(value: str) -> str:
    """Return a value with its middle hidden, safe to show in a report.

    Example:
        >>> hidden("13912345678"), hidden("张三")
        ('13*******78', '张*')
    """
    edge = 2 if len(value) >= 7 else 0
    if not edge:
        return value[:1] + "*" * (len(value) - 1)
    return value[:edge] + "*" * (len(value) - 2 * edge) + value[-edge:]


def concealed(text: str) -> str:
    """Return a text whose personal data is hidden, safe to show in a report.

    Example:
        >>> concealed("请回电13912345678")
        '请回电13*******78'
    """
    return rewritten(text, ((s.start, s.end, hidden(s.value)) for s in find(text)))


def rewritten(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """Return a text in which pieces are replaced; they stand in order and do not overlap."""
    parts: list[str] = []
    place = 0
    for start, end, new in changes:
        parts += [text[place:start], new]
        place = end
    return "".join([*parts, text[place:]])
