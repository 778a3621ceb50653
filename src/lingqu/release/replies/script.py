"""What a decoder reads and writes with: characters, or the pieces of a tokeniser.

A script turns what is asked into tokens, tokens into an answer, and says where one ends. A part of
a template may hold signs that end a message; the same signs in the text of a caller are letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from lingqu.core.nouns import Json
from lingqu.release.replies.alphabet import Alphabet
from lingqu.release.replies.template import folded, messages_of, parts_of, prompt_of


class Script(Protocol):
    """Texts ↔ tokens."""

    @property
    def never(self) -> tuple[int, ...]:
        """Tokens that may not be written."""

    def asked(self, cell: str, row: int) -> list[int]:
        """Return the tokens that a decoder goes on from; see `template.parts_of`."""

    def told(self, text: str) -> list[int]:
        """Return the tokens of a wanted answer, with those that end it."""

    def ends(self, stop: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """Return the tokens at which an answer ends, with more texts that end it."""

    def answer(self, said: Sequence[int], stop: Sequence[str]) -> tuple[str, bool]:
        """Return the text of an answer, cut where it stops, and whether one of `stop` is in it."""


class Letters:
    """Characters as tokens.

    Args:
        block: Of the encoding: ``characters``, ``template``.

    Example:
        >>> letters = Letters({"characters": "ab\\t\\n", "template": {"user": ["", "\\t"],
        ...                    "assistant": ["", "\\n"]}})
        >>> letters.asked("ab", 1), letters.told("b"), letters.answer([1, 2, 4], [])
        ([1, 2, 3], [2, 4], ('ab', False))
    """

    never = (0,)  # a character that nobody knows cannot be written

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._alphabet = Alphabet(block["characters"])
        self._template: dict[str, list[str]] = block["template"]

    def asked(self, cell: str, row: int) -> list[int]:
        return self._alphabet.encode(prompt_of(cell, self._template, row))

    def told(self, text: str) -> list[int]:
        return self._alphabet.encode(folded(text) + self._template["assistant"][1])

    def ends(self, stop: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        texts = [self._template["assistant"][1], *stop]
        return tuple(tuple(self._alphabet.encode(text)) for text in texts)

    def answer(self, said: Sequence[int], stop: Sequence[str]) -> tuple[str, bool]:
        whole, _ = cut(self._alphabet.decode(said), [self._template["assistant"][1]])
        text, found = cut(whole, stop)
        return text.strip(), found


class Pieces:
    """Pieces of a pre-trained model's tokeniser as tokens.

    Args:
        block: Of the encoding: ``tokenizer`` (text of its file), ``template``, ``lead`` (what
            stands before all), ``before`` (messages put before those of a caller), ``ends`` and
            ``never`` (numbers of pieces).
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        # Only who answers with pieces needs the package.
        from lingqu.release.pieces import opened

        self._signs = opened(block["tokenizer"])
        # One of our own: how it reads is changed, and the other one is shared.
        self._letters = self._signs.from_str(self._signs.to_str())
        self._letters.encode_special_tokens = True
        self._template: dict[str, list[str]] = block["template"]
        self._lead, self._before = str(block["lead"]), list[dict[str, Json]](block["before"])
        self._ends: list[int] = block["ends"]
        self.never = tuple(block["never"])

    def asked(self, cell: str, row: int) -> list[int]:
        messages = messages_of(cell)
        if messages[0].get("role") != "system":
            messages = [*self._before, *messages]
        tokens: list[int] = []
        for text, told in parts_of(messages, self._template, self._lead, row):
            tokens += self._numbers(text if told else text.strip(), told)
        return tokens

    def told(self, text: str) -> list[int]:
        return [*self._numbers(text.strip(), False), self._ends[0]]

    def ends(self, stop: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        return tuple((piece,) for piece in self._ends)

    def answer(self, said: Sequence[int], stop: Sequence[str]) -> tuple[str, bool]:
        over = [place for place, piece in enumerate(said) if piece in self._ends]
        text = self._signs.decode(list(said[: over[0]] if over else said))
        text, found = cut(text, stop)
        return text.strip(), found

    def _numbers(self, text: str, told: bool) -> list[int]:
        """Return the pieces of a text; only those of the template may be signs."""
        tokenizer = self._signs if told else self._letters
        numbers: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return numbers


class PairPieces(Pieces):
    """Pieces for an encoder beside a decoder: each text stands alone, with the signs it knows.

    Args:
        block: As of `Pieces`; the template tells what stands before and behind a text.
    """

    def asked(self, cell: str, row: int) -> list[int]:
        before, behind = self._template["user"]
        return self._whole(f"{before}{cell.strip()}{behind}")

    def told(self, text: str) -> list[int]:
        numbers = self._whole(text.strip())
        return numbers if numbers[-1:] == self._ends[:1] else [*numbers, self._ends[0]]

    def _whole(self, text: str) -> list[int]:
        """Return the pieces of a text between the signs that the tokeniser puts around it."""
        numbers: list[int] = self._letters.encode(text, add_special_tokens=True).ids
        return numbers


def cut(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """Return a text up to the first of some others, and whether one was in it.

    Example:
        >>> cut("the canal. It", [". ", "x"])
        ('the canal', True)
    """
    places = [place for end in stop if end and (place := text.find(end)) >= 0]
    return (text[: min(places)], True) if places else (text, False)
