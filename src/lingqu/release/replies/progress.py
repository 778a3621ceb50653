"""How far an answer has come while it is written, and what of it will not change any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_TORN = "\ufffd"
"""What stands for a character of which only some bytes have been written."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One answer on its way.

    Args:
        row: Which row it answers, from 0.
        text: What is settled of it; all of it once it is over.
        asked: Tokens that it goes on from.
        said: Tokens that were written.
        cut: Tokens of what was asked that did not fit into the context.
        sure: Mean chance of a token, as of a whole answer.
        ended: Whether it came to its end by itself.
        over: Whether nothing more is written.
    """

    row: int
    text: str
    asked: int
    said: int
    cut: int
    sure: float
    ended: bool
    over: bool


def settled(text: str, stop: Sequence[str]) -> str:
    """Return the beginning of a text that stays, whatever is written next.

    Half a character, blanks at the end and the beginning of a text at which the answer would stop
    may still go.

    Example:
        >>> settled("It was dug in 214 B", ["BC.", "x"]), settled("灵\ufffd", [])
        ('It was dug in 214', '灵')
    """
    text = text.rstrip(_TORN)
    longest = max((_overlap(text, end) for end in stop), default=0)
    return text[: len(text) - longest].rstrip()


def _overlap(text: str, end: str) -> int:
    """Return how many characters at the end of a text may be the beginning of another."""
    for size in range(min(len(end) - 1, len(text)), 0, -1):
        if text.endswith(end[:size]):
            return size
    return 0
