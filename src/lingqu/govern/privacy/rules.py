"""What a recogniser of personal data is: a pattern, a proof and the context it needs or fears."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

BEFORE = r"(?<![0-9A-Za-z])"
AFTER = r"(?![0-9A-Za-z])"
"""Word boundaries that also exist between 号 and 1, where ``\\b`` does not."""

WINDOW = 16
"""Characters before a match in which a cue is looked for."""


@dataclass(frozen=True)
class Rule:
    """One kind of direct personal data.

    Args:
        kind: What it is: ``id_card``, ``mobile``, ``email`` …
        pattern: Regular expression without capturing groups; of two rules that match at one
            place the earlier in the table wins.
        proof: Says whether the matched text is real (checksum, calendar); None needs none.
        cue: Must be found in the `WINDOW` characters before, if given.
        fear: Must not be found in the `WINDOW` characters before, if given.
        unless: Must not match right after, if given ("13800000000人次" is no mobile).
    """

    kind: str
    pattern: str
    proof: Callable[[str], bool] | None = None
    cue: re.Pattern[str] | None = None
    fear: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


def digits(text: str) -> str:
    """Return only the digits."""
    return "".join(char for char in text if char.isdigit())


def luhn(text: str) -> bool:
    """Check a card number: ISO/IEC 7812-1, annex B.

    Example:
        >>> luhn("4111 1111 1111 1111"), luhn("4111 1111 1111 1112")
        (True, False)
    """
    total = 0
    for place, char in enumerate(reversed(digits(text))):
        value = int(char)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def card(text: str) -> bool:
    """Check a bank card: length 13 to 19, a prefix in use, Luhn, not one digit repeated."""
    number = digits(text)
    return (
        13 <= len(number) <= 19
        and number[0] in "234569"
        and (number[0] != "9" or number[:2] == "94")
        and (number[0] != "2" or 2221 <= int(number[:4]) <= 2720)
        and len(set(number)) > 1
        and luhn(number)
    )


CARD_PATTERN = (
    BEFORE
    + r"(?:\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}(?:[ -]\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{4,5}|\d{13,19})"
    + AFTER
)
