"""Text → counts of hashed character n-grams, without a word list and without a loop over rows.

Characters work for Chinese, which writes no spaces, as well as for English, and they forgive
misspellings. The hash is our own arithmetic on code points, so a release answers the same with
every version of every library.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

LIMIT = 4000
"""Characters of one cell that are read; the rest of a longer cell is left out."""

_ROWS = 1024
"""Rows counted at a time: bounds the work array to 8 MB for 1,024 buckets."""


_LOOKED = 1000
_DENSE = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
_SHARE = 0.5


def is_dense(texts: pl.Series) -> bool:
    """Say whether most letters of a column are Chinese or Japanese: each says as much as a word.

    Example:
        >>> is_dense(pl.Series(["灵渠 canal，始建于秦", None])), is_dense(pl.Series(["canal 渠"]))
        (True, False)
    """
    some = texts.cast(pl.String).drop_nulls().head(_LOOKED)
    letters = int(some.str.count_matches(r"\p{L}").sum())
    return letters > 0 and int(some.str.count_matches(_DENSE).sum()) >= _SHARE * letters


def ngram_counts(texts: pl.Series, buckets: int, low: int, high: int) -> NDArray[np.float32]:
    """Count the hashed n-grams of every text.

    Args:
        texts: Strings; a missing one counts as empty.
        buckets: Number of hash buckets.
        low: Shortest n-gram.
        high: Longest n-gram.

    Returns:
        Counts, float32, shape (N, buckets).

    Example:
        >>> ngram_counts(pl.Series(["灵渠", None]), 8, 2, 2).sum(axis=1).tolist()
        [3.0, 0.0]

    Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009,
        arXiv:0902.2206.
    """
    counts = np.zeros((len(texts), buckets), dtype=np.float32)
    edges = [*range(0, len(texts), _ROWS), len(texts)]
    for start, end in pairwise(edges):
        cells = texts[start:end].cast(pl.String).to_list()
        clean = [cell[:LIMIT].lower() if cell else "" for cell in cells]
        counts[start:end] = _count(clean, buckets, low, high)
    return counts


def _count(texts: list[str], buckets: int, low: int, high: int) -> NDArray[np.int64]:
    # A space on both sides marks the ends of the text; an empty text keeps no characters.
    padded = [f" {text} " if text else "" for text in texts]
    joined = "".join(padded).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, dtype="<u4").astype(np.uint32)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in padded])
    total = np.zeros(len(texts) * buckets, dtype=np.int64)
    mixed = np.full(len(points), 0x811C9DC5, dtype=np.uint32)
    for length in range(1, high + 1):
        usable = len(points) - length + 1
        if usable <= 0:
            break
        # FNV-1a over code points; uint32 arithmetic wraps on purpose.
        mixed = (mixed[:usable] ^ points[length - 1 :]) * np.uint32(0x01000193)
        if length >= low:
            whole = rows[:usable] == rows[length - 1 :]
            spread = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
            bucket = ((spread ^ (spread >> np.uint32(12))) % np.uint32(buckets)).astype(np.int64)
            place = rows[:usable][whole] * buckets + bucket[whole]
            total += np.bincount(place, minlength=len(total))
    return total.reshape(len(texts), buckets)
