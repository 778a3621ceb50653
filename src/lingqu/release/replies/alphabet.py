"""Characters as tokens: a language model of Chinese or of any script needs no word list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

UNKNOWN = "\ufffd"


@dataclass(frozen=True)
class Alphabet:
    """The characters that have a number; all others share that of `UNKNOWN`, which is 0.

    Args:
        characters: In the order of their numbers, from 1.

    Example:
        >>> alphabet = Alphabet.of(["灵渠，灵渠", "渠"], most=3)
        >>> alphabet.encode("灵渠水"), alphabet.decode([1, 2, 0])
        ([2, 1, 0], '渠灵�')
    """

    characters: str

    def __post_init__(self) -> None:
        numbers = {character: place for place, character in enumerate(self.characters, start=1)}
        object.__setattr__(self, "_numbers", numbers)

    @classmethod
    def of(cls, texts: Iterable[str], most: int) -> Alphabet:
        """Return the most frequent characters of texts; `most` counts the unknown one too."""
        counted: Counter[str] = Counter()
        for text in texts:
            counted.update(text)
        common = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[: most - 1]
        return cls("".join(character for character, _ in common))

    def __len__(self) -> int:
        return len(self.characters) + 1

    def encode(self, text: str) -> list[int]:
        """Return the number of each character."""
        numbers: dict[str, int] = self._numbers  # type: ignore[attr-defined]
        return [numbers.get(character, 0) for character in text]

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of some numbers."""
        return "".join(self.characters[t - 1] if t else UNKNOWN for t in tokens)
