"""Terms of a text → a vector: TF-IDF over a vocabulary, or hashed counts.

Each row is worked out by itself, in the same order of additions whether it comes alone or among
a million, so the float32 numbers of training and of prediction are the same bits.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.release.ngrams import LIMIT, ngram_counts

Floats = NDArray[np.float64]
Terms = Callable[[str], list[str]]
Counts = tuple[NDArray[np.intp], Floats]
"""Places (ascending) and counts of one row."""


def word_terms(words: Sequence[str], low: int, high: int) -> list[str]:
    """Return the n-grams of words, joined by blanks.

    Example:
        >>> word_terms(["好", "的", "书"], 1, 2)
        ['好', '的', '书', '好 的', '的 书']
    """
    terms = [] if low > 1 else list(words)
    for length in range(max(2, low), high + 1):
        terms += [" ".join(words[i : i + length]) for i in range(len(words) - length + 1)]
    return terms


def character_terms(text: str, low: int, high: int) -> list[str]:
    """Return the runs of characters of a text, with a blank at both ends.

    Example:
        >>> character_terms("灵渠", 2, 2)
        [' 灵', '灵渠', '渠 ']
    """
    padded = f" {text[:LIMIT].lower()} " if text else ""
    lengths = range(low, high + 1)
    return [padded[i : i + n] for n in lengths for i in range(len(padded) - n + 1)]


def vocabulary(
    rows: Iterable[list[str]], most: int, least: int
) -> tuple[list[str], list[int], int]:
    """Return the terms that stand in most rows, in how many each stands, and the number of rows.

    Args:
        rows: Terms of each text.
        most: Terms to keep; of terms in equally many rows, the first in text order.
        least: Rows that a term must stand in.

    Example:
        >>> vocabulary([["a", "b"], ["b", "b"], ["c"]], 2, 1)
        (['a', 'b'], [1, 2], 3)
    """
    found: Counter[str] = Counter()
    total = 0
    for terms in rows:
        found.update(set(terms))
        total += 1
    enough = [item for item in found.items() if item[1] >= least]
    kept = sorted(sorted(enough, key=lambda item: (-item[1], item[0]))[:most])
    return [term for term, _ in kept], [rows for _, rows in kept], total


def rarity(found: Sequence[int], total: int) -> list[float]:
    """Return the smoothed inverse document frequency: ln((1 + n) / (1 + df)) + 1.

    Example:
        >>> rarity([3, 0], 3)
        [1.0, 2.386294]
    """
    return [round(math.log((1 + total) / (1 + count)) + 1, 6) for count in found]


def looked_up(terms: Iterable[str], places: Mapping[str, int]) -> Counts:
    """Return where the terms of a row stand in the vocabulary, and how often."""
    counted = Counter(terms)
    found = sorted((places[term], count) for term, count in counted.items() if term in places)
    return _counts(found)


def hashed(terms: Iterable[str], buckets: int) -> Counts:
    """Return the signed counts of hashed terms: collisions cancel as often as they add.

    Example:
        >>> hashed(["好", "好"], 8)[1].tolist()
        [2.0]

    Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009,
        arXiv:0902.2206, section 2.
    """
    total: Counter[int] = Counter()
    for term, count in Counter(terms).items():
        code = crc32(term.encode("utf-8", "surrogatepass"))
        total[(code & 0x7FFFFFFF) % buckets] += -count if code >> 31 else count
    return _counts(sorted((place, count) for place, count in total.items() if count))


def hashed_characters(texts: pl.Series, buckets: int, low: int, high: int) -> Iterable[Counts]:
    """Yield the counts of hashed runs of characters of each text (`release/ngrams.py`)."""
    for start in range(0, texts.len(), 1024):
        for row in ngram_counts(texts[start : start + 1024], buckets, low, high):
            places = np.flatnonzero(row)
            yield places, row[places].astype(np.float64)


def _counts(found: Sequence[tuple[int, int]]) -> Counts:
    places = np.array([place for place, _ in found], dtype=np.intp)
    return places, np.array([count for _, count in found], dtype=np.float64)


def weighed(counts: Counts, idf: Floats | None, sublinear: bool, unit: bool) -> Counts:
    """Return the counts of one row as weights.

    Args:
        counts: Places and counts.
        idf: Weight of each place, shape (V,), or None.
        sublinear: 1 + ln(count) in place of the count.
        unit: Scale the row to length 1.

    Example:
        >>> weighed((np.array([0, 1]), np.array([3.0, 4.0])), None, False, True)[1].tolist()
        [0.6, 0.8]

    Source: Salton & Buckley, "Term-weighting approaches in automatic text retrieval", 1988,
        doi:10.1016/0306-4573(88)90021-0.
    """
    places, values = counts
    if sublinear:
        values = np.sign(values) * (1 + np.log(np.abs(values)))
    if idf is not None:
        values = values * idf[places]
    length = float(np.sqrt((values * values).sum()))
    if unit and length > 0:
        values = values / length
    return places, values


def dense(rows: Iterable[Counts], height: int, width: int) -> NDArray[np.float32]:
    """Return weighed rows as one array, float32, shape (height, width)."""
    out = np.zeros((height, width), dtype=np.float32)
    for number, (places, values) in enumerate(rows):
        out[number, places] = values
    return out


def projected(rows: Iterable[Counts], height: int, directions: Floats) -> NDArray[np.float32]:
    """Return weighed rows in the space of `directions` (V, d): float32, shape (height, d).

    The sum runs over the terms of the row one after another. A matrix product would add in
    another order for one row than for many.
    """
    out = np.zeros((height, directions.shape[1]), dtype=np.float32)
    for number, (places, values) in enumerate(rows):
        if len(places):
            out[number] = (values[:, None] * directions[places]).sum(axis=0)
    return out


def packed(directions: Floats) -> dict[str, object]:
    """Return an array as JSON: its shape and its half-precision bytes in base 64.

    Half precision halves the state, and costs nothing: training reads the packed numbers too.
    """
    small = np.ascontiguousarray(directions, dtype="<f2")
    return {"shape": list(small.shape), "data": b64encode(small.tobytes()).decode()}


def unpacked(saved: Mapping[str, object]) -> Floats:
    """Return the array that `packed` wrote.

    Example:
        >>> unpacked(packed(np.array([[0.5], [-1.0]]))).tolist()
        [[0.5], [-1.0]]
    """
    shape: list[int] = saved["shape"]  # type: ignore[assignment]
    data = b64decode(str(saved["data"]))
    return np.frombuffer(data, dtype="<f2").reshape(shape).astype(np.float64)
