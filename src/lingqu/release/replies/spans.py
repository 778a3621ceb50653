"""An answer that stands in a text: where it begins and where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.core.text_metrics import word_spans
from lingqu.release.replies import Run, joined

Ints = NDArray[np.int64]
QUESTION, CONTEXT = 1, 2
"""Kinds of places; 0 is behind the end."""
BUCKETS = 64
"""Numbers that unknown words share."""
_ROWS = 64
"""Rows that are read at a time."""


@dataclass(frozen=True)
class Asked:
    """A question and the text in which its answer stands, as words.

    Args:
        words: Of the question, then of the text, in lower case.
        question: How many are of the question.
        spans: Where each word of the text begins and ends.
        text: The text.
        cut: Words at the end of the text that were not read.
    """

    words: tuple[str, ...]
    question: int
    spans: tuple[tuple[int, int], ...]
    text: str
    cut: int

    @classmethod
    def of(cls, question: str, text: str, most: int) -> Asked:
        """Return both as words, `most` of them together; the question has half of them at most.

        Example:
            >>> Asked.of("Who built it?", "Shi Lu built it.", 20).spans[1]
            (4, 6)
        """
        asks = [word.lower() for word, _, _ in word_spans(question)][: most // 2]
        found = word_spans(text)
        read = found[: most - len(asks)]
        words = (*asks, *(word.lower() for word, _, _ in read))
        spans = tuple((begin, end) for _, begin, end in read)
        return cls(words, len(asks), spans, text, len(found) - len(read))


class Numbering:
    """Words as numbers: known ones have their own, others share some by their hash.

    Args:
        words: Known ones, in lower case.

    Example:
        >>> Numbering(["canal"]).tensors([Asked.of("canal?", "the canal", 9)])["match"].tolist()
        [[0, 0, 0, 1]]
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._places = {word: place for place, word in enumerate(words, start=1 + BUCKETS)}
        self.size = 1 + BUCKETS + len(words)

    def tensors(self, rows: Sequence[Asked]) -> dict[str, Ints]:
        """Return words, kinds of places, and which words of the text the question holds, (B, T)."""
        longest = max((len(row.words) for row in rows), default=0)
        made = {name: np.zeros((len(rows), max(1, longest)), np.int64)
                for name in ("words", "kinds", "match")}  # fmt: skip
        for number, row in enumerate(rows):
            asks, size = set(row.words[: row.question]), len(row.words)
            made["words"][number, :size] = [self._number(word) for word in row.words]
            made["kinds"][number, : row.question] = QUESTION
            made["kinds"][number, row.question : size] = CONTEXT
            told = [word in asks for word in row.words[row.question :]]
            made["match"][number, row.question : size] = told
        return made

    def _number(self, word: str) -> int:
        return self._places.get(word) or 1 + crc32(word.encode()) % BUCKETS


class Reader:
    """Answers a question with words of a text.

    The graph takes ``words``, ``kinds`` and ``match`` (B, T), int64, and gives ``starts`` and
    ``ends`` (B, T), log p of each place. Told beside: ``start``, the character at which the answer
    begins, and ``cut``, how many words at the end of the text were not read.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._asks: list[str] = block["questions"]
        self._context = str(block["context"])
        self.columns: tuple[str, ...] = (*self._asks, self._context)
        self._numbering = Numbering(block["words"])
        self._most, self._longest = int(block["most"]), int(block["longest"])

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        sides = (joined(frame, self._asks).to_list(), joined(frame, [self._context]).to_list())
        rows = [Asked.of(question, text, self._most)
                for question, text in zip(*sides, strict=True)]  # fmt: skip
        said: list[tuple[str, float, int]] = [("", 0.0, -1)] * len(rows)
        order = sorted((r for r, row in enumerate(rows) if row.spans),
                       key=lambda r: len(rows[r].words))  # fmt: skip
        for start in range(0, len(order), _ROWS):
            some = order[start : start + _ROWS]
            told = run(["starts", "ends"], self._numbering.tensors([rows[r] for r in some]))
            for row, begins, ends in zip(some, *told, strict=True):
                said[row] = self._best(rows[row], begins, ends)
        beside: dict[str, list[Json]] = {
            "start": [begin for _, _, begin in said], "cut": [row.cut for row in rows],
        }  # fmt: skip
        return Replies(
            tuple(text for text, _, _ in said), np.array([sure for _, sure, _ in said]), beside
        )

    def _best(self, row: Asked, begins: NDArray[Any], ends: NDArray[Any]) -> tuple[str, float, int]:
        """Return the likeliest answer, its probability and where it begins."""
        places = slice(row.question, row.question + len(row.spans))
        both = begins[places, None].astype(np.float64) + ends[None, places]  # (T, T)
        allowed = np.triu(np.ones_like(both)) - np.triu(np.ones_like(both), self._longest)
        first, last = np.unravel_index(np.where(allowed > 0, both, -np.inf).argmax(), both.shape)
        begin, end = row.spans[first][0], row.spans[last][1]
        return row.text[begin:end], float(np.exp(both[first, last])), begin
