"""A tag for each token of a text: by a table of known tokens, or by a net that reads the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.release.replies import Run

Ints = NDArray[np.int64]
NOTHING, UNKNOWN = 0, 1
"""Numbers of the places behind a row, and of what training rows hardly held."""
SIDE = 4
"""Characters that are read from each end of a token."""
_TOGETHER = 8192
"""Places that are read at a time: bounds memory."""


def tokens_of(cell: str | None) -> list[str]:
    """Return the tokens of a text: what stands between blanks.

    Example:
        >>> tokens_of(" 灵渠 joins  rivers "), tokens_of(None)
        (['灵渠', 'joins', 'rivers'], [])
    """
    return cell.split() if cell else []


class UsualTags:
    """Answers each token with the tag that it usually had.

    The graph takes the numbers of tokens ``numbers`` (T,), 0 for an unknown one, and gives ``tag``
    (T,) and ``share`` (T,), how often it was right.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._tags: list[str] = block["tags"]
        self._places = {token: place for place, token in enumerate(block["tokens"], start=1)}

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        rows = [tokens_of(cell) for cell in frame.get_column(self.columns[0]).to_list()]
        places = self._places
        numbers = np.array([places.get(t, 0) for t in chain.from_iterable(rows)], np.int64)
        tags, shares = run(["tag", "share"], {"numbers": numbers})
        ends = np.cumsum([len(row) for row in rows])[:-1]
        return _replies(
            rows, np.split(tags, ends), np.split(shares.astype(np.float64), ends), self._tags
        )


class Tagger:
    """Answers the tokens of a row with tags that a net gives after it has read all of them.

    The graph takes ``words`` (B, T) and ``characters`` (B, T, 2 · SIDE), int64, and gives
    ``chances`` (B, T, tags).
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._tags: list[str] = block["tags"]
        self._spelling = Spelling(block["words"], block["characters"])

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        rows = [tokens_of(cell) for cell in frame.get_column(self.columns[0]).to_list()]
        tags = [np.zeros(0, np.int64)] * len(rows)
        shares = [np.zeros(0)] * len(rows)
        for some in batches([len(row) for row in rows]):
            words, characters = self._spelling.numbers([rows[row] for row in some])
            (chances,) = run(["chances"], {"words": words, "characters": characters})
            for row, chance in zip(some, chances, strict=True):
                told = chance[: len(rows[row])]  # (T, tags)
                tags[row], shares[row] = told.argmax(1), told.max(1).astype(np.float64)
        return _replies(rows, tags, shares, self._tags)


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return row numbers in parts of like length and bounded size; empty rows are in none.

    Example:
        >>> batches([3, 0, 1, 2])
        [[2, 3, 0]]
    """
    order = [row for row in np.argsort(lengths, kind="stable").tolist() if lengths[row]]
    parts: list[list[int]] = []
    for row in order:
        if not parts or (len(parts[-1]) + 1) * lengths[row] > _TOGETHER:
            parts.append([])
        parts[-1].append(row)
    return parts


class Spelling:
    """Tokens as numbers: of the word, and of the characters at both of its ends.

    Args:
        words: Those that have a number of their own, in lower case.
        characters: Those that have one.

    Example:
        >>> words, characters = Spelling(["canal"], "canl").numbers([["Canal", "灵"], ["canal"]])
        >>> words.tolist(), characters.shape
        ([[2, 1], [2, 0]], (2, 2, 8))
    """

    def __init__(self, words: Sequence[str], characters: str) -> None:
        self._words = {word: place for place, word in enumerate(words, start=UNKNOWN + 1)}
        self._characters = {c: place for place, c in enumerate(characters, start=UNKNOWN + 1)}
        self.sizes = len(words) + 2, len(characters) + 2

    def numbers(self, rows: Sequence[Sequence[str]]) -> tuple[Ints, Ints]:
        """Return words (B, T) and characters (B, T, 2 · SIDE); T is the longest row's."""
        once = dict.fromkeys(chain.from_iterable(rows))
        places = {token: place for place, token in enumerate(once, start=1)}
        words = np.zeros(len(once) + 1, np.int64)
        characters = np.zeros((len(once) + 1, 2 * SIDE), np.int64)
        for token, place in places.items():
            words[place] = self._words.get(token.lower(), UNKNOWN)
            known = [self._characters.get(c, UNKNOWN) for c in token]
            head, tail = known[:SIDE], known[-SIDE:]
            characters[place, : len(head)] = head
            characters[place, 2 * SIDE - len(tail) :] = tail
        table = np.zeros((len(rows), max(map(len, rows), default=0)), np.int64)
        for number, row in enumerate(rows):
            table[number, : len(row)] = [places[token] for token in row]
        return words[table], characters[table]


def _replies(
    rows: Sequence[list[str]],
    tags: Sequence[NDArray[Any]],
    shares: Sequence[NDArray[np.float64]],
    names: Sequence[str],
) -> Replies:
    """Return tags by name; a row is as sure as its tags are on average, an empty one wholly."""
    said = tuple([names[tag] for tag in row.tolist()] for row in tags)
    sure = np.array([float(share.mean()) if len(share) else 1.0 for share in shares])
    beside: dict[str, list[Json]] = {"tokens": [list(row) for row in rows]}
    return Replies(said, sure, beside)
