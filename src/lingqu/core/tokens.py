"""A text read token by token: what the parsers of small languages share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Token:
    """A piece of a text; `kind` is a group of the pattern, ``end`` or ``other``."""

    kind: str
    text: str
    column: int
    """Where it begins, counted from 1."""


class Tokens:
    """Reads a text from left to right; a language gives the pattern of its tokens.

    Example:
        >>> class Sum(Tokens):
        ...     pattern = re.compile("(?P<number>[0-9]+)|(?P<sign>[+])")
        >>> [Sum("12 + 3").take().text, Sum("?").peek().kind, Sum("").take().kind]
        ['12', 'other', 'end']
    """

    pattern: ClassVar[re.Pattern[str]]

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        """How many parentheses are open."""

    def peek(self) -> Token:
        """Return the next token and stay before it."""
        start = self.at
        token = self.take()
        self.at = start
        return token

    def take(self) -> Token:
        """Return the next token and go behind it."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        if self.at >= len(self.text):
            return Token("end", "", len(self.text) + 1)
        start = self.at
        found = self.pattern.match(self.text, start)
        if found is None:
            return Token("other", self.text[start], start + 1)
        self.at = found.end()
        return Token(str(found.lastgroup), found[0], start + 1)
