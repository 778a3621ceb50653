"""Text → the numbers of its words in order: what a net that reads is given.

A word is a run of letters, or one Chinese or Japanese character, or one digit, or one sign. The
rule is our own regular expression, so that a release reads alike with every version of every
library. Words that training rows hardly held share a few numbers by their hash.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json

_log = logging.getLogger(__name__)
NOTHING = 0
"""Number of the places behind a text."""
BETWEEN = "\n"
"""Stands between the texts of two columns; no word is it, since words hold no space."""
_DENSE = r"\p{Han}\p{Hiragana}\p{Katakana}"
_WORD = rf"[{_DENSE}]|[\p{{L}}\p{{M}}--[{_DENSE}]]+|\p{{N}}|[^\s\p{{L}}\p{{M}}\p{{N}}]"
MOST_WORDS = 20_000
BUCKETS = 64
"""Numbers that unknown words share."""
_LEARNT = 200_000
"""Rows whose words are counted."""
_TWICE = 2
"""A word that came once tells nothing of the next text."""


class Tokens:
    """The words of one or more columns as numbers, in one sequence; its end is left `NOTHING`."""

    ragged: ClassVar[bool] = True

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._columns: list[str] = block["columns"]
        self._buckets = int(block["buckets"])
        self._words = pl.Enum([BETWEEN, *block["words"]])
        self.width = int(block["length"])

    def write(self, frame: pl.DataFrame, out: NDArray[np.float32]) -> None:
        out[:] = NOTHING
        lists = sequences([frame.get_column(name) for name in self._columns])
        if long := int((lists.list.len() > self.width).sum()):
            _log.info("%d of %d texts were cut to %d words", long, len(lists), self.width)
        lists = lists.list.head(self.width)
        counts = lists.list.len().to_numpy().astype(np.int64)
        if not counts.any():
            return
        numbers = self._numbers(lists.filter(counts > 0).explode())
        rows = np.repeat(np.arange(len(counts)), counts)
        starts = np.repeat(np.cumsum(counts) - counts, counts)
        out[rows, np.arange(len(numbers)) - starts] = numbers

    def _numbers(self, words: pl.Series) -> NDArray[np.int64]:
        """Return the number of each word: 1 and up, first those of the buckets."""
        codes = words.cast(self._words, strict=False).to_physical().cast(pl.Int64)
        found = (codes + 1 + self._buckets).fill_null(NOTHING).to_numpy().copy()
        unknown = found == NOTHING
        if unknown.any():
            strange = words.filter(unknown).to_list()
            found[unknown] = [1 + crc32(word.encode()) % self._buckets for word in strange]
        return found


def vocabulary_size(block: Mapping[str, Any]) -> int:
    """Return how many numbers a block of tokens may hold.

    Example:
        >>> vocabulary_size({"buckets": 4, "words": ["canal"]})
        7
    """
    return 2 + int(block["buckets"]) + len(block["words"])


def words_of(texts: pl.Series) -> pl.Series:
    """Return the words of each text, lists of strings; of a missing one there are none.

    Example:
        >>> words_of(pl.Series(["The canal 灵渠, 214 BC", None])).to_list()
        [['the', 'canal', '灵', '渠', ',', '2', '1', '4', 'bc'], []]
    """
    return texts.cast(pl.String).fill_null("").str.to_lowercase().str.extract_all(_WORD)


def sequences(columns: Sequence[pl.Series]) -> pl.Series:
    """Return the words of several columns as one list per row, with `BETWEEN` between them."""
    lists = [words_of(column) for column in columns]
    if len(lists) == 1:
        return lists[0]
    mark = pl.Series("mark", [[BETWEEN]] * len(lists[0]), dtype=pl.List(pl.String))
    parts = [each for words in lists for each in (mark, words)][1:]
    named = [part.alias(str(place)) for place, part in enumerate(parts)]
    joined = pl.DataFrame(named).select(pl.concat_list(pl.all()).alias("words"))
    return joined.get_column("words")


def cut_rows(frame: pl.DataFrame, block: Mapping[str, Any]) -> int:
    """Return how many rows have more words than a block of tokens reads.

    Example:
        >>> cut_rows(pl.DataFrame({"a": ["low water", "low"]}), {"columns": ["a"], "length": 1})
        1
    """
    lists = sequences([frame.get_column(name) for name in block["columns"]])
    return int((lists.list.len() > int(block["length"])).sum())


def tokens_block(frame: pl.DataFrame, names: Sequence[str], context: int) -> dict[str, Json]:
    """Learn from training rows which words have a number of their own.

    Args:
        frame: Training rows.
        names: Columns of text.
        context: Most words of a row that are read; 0 for those of the longest row.
    """
    lists = sequences([frame.get_column(name) for name in names])
    counted = lists.head(_LEARNT).explode().drop_nulls().value_counts(name="n")
    common = counted.filter(pl.col("n") >= _TWICE).sort(["n", counted.columns[0]],
                                                        descending=[True, False])  # fmt: skip
    words = [word for word in common[counted.columns[0]].to_list() if word != BETWEEN]
    longest = int(lists.list.len().max() or 1)  # type: ignore[arg-type]
    return {
        "type": "tokens", "columns": list(names), "words": words[:MOST_WORDS], "buckets": BUCKETS,
        "length": min(longest, context) if context else max(1, longest),
    }  # fmt: skip
