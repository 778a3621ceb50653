"""Texts as sets of short runs of characters: normalised, hashed, compared exactly.

A batch of texts becomes one array of code points, so that Python sees each text once and numpy
each character a few times. Words are never cut out: runs of characters serve Chinese as they
serve English.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

EMPTY = np.uint32(0xFFFFFFFF)
"""No shingle starts here."""
BLOCK = 1 << 16
"""Characters worked on at a time: what a processor's cache holds."""
LONG = (9, 5)
"""Characters of a shingle in alphabetic and in dense scripts (Chinese, Japanese, Thai …)."""
SHORT = (3, 2)
"""The same in short texts, where one changed letter would spoil most of the long shingles."""
SHORT_BELOW = (100, 50)
"""Characters below which a text is short."""
_TEXT = np.uint64(32)
_END = np.uint32(0x110000)
_ODD = np.uint32(0x110001)
_BLANK = np.uint32(32)
_DENSE = np.uint32(0x0800)
"""From here on a character says as much as several letters do (and takes three bytes in UTF-8)."""

Codes = NDArray[np.uint32]
Rows = NDArray[np.int64]


def normal(text: str) -> str:
    """Return the text as it is compared: width, case and blanks no longer matter.

    Example:
        >>> normal("  Ｌｉｎｇｑｕ\\u3000 CANAL ")
        'lingqu canal'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True)
class Stream:
    """Normalised texts, one after the other, each with one end mark behind it.

    Args:
        codes: Code points, uint32.
        lengths: Characters of each text, without its end mark, shape (N,).
        widths: Characters of its shingles, shape (N,); 0 for a blank text.
    """

    codes: Codes
    lengths: Rows
    widths: NDArray[np.uint8]


def stream(texts: Sequence[str | None]) -> Stream:
    """Normalise texts into one array; None counts as blank."""
    codes = _mapped(["" if text is None else text for text in texts])
    blank = codes == _BLANK
    drop = np.empty(codes.size, dtype=bool)
    drop[:1] = blank[:1]
    np.logical_and(blank[1:], blank[:-1] | (codes[:-1] == _END), out=drop[1:])
    if drop.any():
        codes = codes[~drop]
    trailing = (codes[:-1] == _BLANK) & (codes[1:] == _END)
    if trailing.any():
        codes = np.delete(codes, np.flatnonzero(trailing))
    ends = np.flatnonzero(codes == _END)
    lengths = np.diff(ends, prepend=-1) - 1
    return Stream(codes, lengths, _widths(codes, ends, lengths))


def _mapped(texts: list[str]) -> Codes:
    """Return folded code points with an end mark after each text; blanks are not joined yet."""
    table, (raw, ends) = _table(), _code_points(texts)
    codes = table.take(raw, mode="clip")
    found = np.flatnonzero(codes == _ODD)
    if found.size:
        odd = np.unique(np.searchsorted(ends, found))
        # Few texts hold characters that no table can fold one by one.
        for text in odd.tolist():
            texts[text] = normal(texts[text])
        raw, ends = _code_points(texts)
        codes = table.take(raw, mode="clip")
        done = np.zeros(len(texts), dtype=bool)
        done[odd] = True
        codes = np.where(np.repeat(done, np.diff(ends, prepend=-1)), raw, codes)
    codes[ends] = _END
    return codes


def _code_points(texts: list[str]) -> tuple[Codes, Rows]:
    joined = " ".join([*texts, ""]).encode("utf-32-le", "surrogatepass")
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return np.frombuffer(joined, dtype="<u4"), np.cumsum(lengths + 1) - 1


@cache
def _table() -> Codes:
    """Return what `normal` makes of every character that it can change by itself."""
    table = np.full(0x10001, _ODD, dtype=np.uint32)
    for code in range(0x10000):
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character).casefold()
        # Marks and the letters of Hangul join with what stands before them.
        joins = unicodedata.category(character)[0] == "M" or 0x1100 <= code < 0x1200
        if character.isspace() or folded.isspace():
            table[code] = _BLANK
        elif len(folded) == 1 and not joins:
            table[code] = ord(folded)
    return table


def _widths(codes: Codes, ends: Rows, lengths: Rows) -> NDArray[np.uint8]:
    if not lengths.size:
        return np.zeros(0, dtype=np.uint8)
    wide = (codes >= _DENSE).view(np.uint8)
    starts = np.concatenate([[0], ends[:-1] + 1])
    counts = np.add.reduceat(wide, starts, dtype=np.int64) - 1
    dense = (2 * counts > lengths).astype(np.intp)
    short = lengths < np.array(SHORT_BELOW)[dense]
    widths = np.where(short, np.array(SHORT)[dense], np.array(LONG)[dense])
    return np.minimum(widths, lengths).astype(np.uint8)


def hashed(part: Stream, seed: int) -> Iterator[tuple[Rows, Rows, Codes]]:
    """Hash every shingle of a stream, the texts of one width after those of another.

    Yields:
        The numbers of the texts, for each place the index into them, and for each place the hash
        of the shingle that starts there, or `EMPTY`; shapes (M,), (P,), (P,).
    """
    for width in np.flatnonzero(np.bincount(part.widths)).tolist():
        if not width:
            continue
        picked = part.widths == width
        texts, sizes, codes = np.flatnonzero(picked), part.lengths[picked] + 1, part.codes
        if texts.size < picked.size:
            codes = codes[np.repeat(picked, part.lengths + 1)]
        hashes = _windows(codes, width, seed)
        across = (np.cumsum(sizes) - 1)[:, None] - np.arange(width)
        hashes[across[(across >= 0) & (across < hashes.size)]] = EMPTY
        yield texts, np.repeat(np.arange(texts.size), sizes)[: hashes.size], hashes


def _windows(codes: Codes, width: int, seed: int) -> Codes:
    """Return the hash of every run of `width` codes, made by doubling: 9 = 8 + 1."""
    start = np.uint32((seed * 0x9E3779B9 + 0x7F4A7C15) & 0xFFFFFFFF)
    power = (codes + start) * np.uint32(0x9E3779B1)
    power ^= power >> np.uint32(15)
    factor, span, done, out = 0x85EBCA77, 1, 0, np.zeros(0, dtype=np.uint32)
    while done < width:
        if width & span:
            if done:
                size = codes.size - done - span + 1
                out = out[:size] * np.uint32(factor)
                out += power[done : done + size]
            else:
                out = power
            done += span
        if done < width:
            size = power.size - span
            doubled = power[:size] * np.uint32(factor)
            doubled += power[span:]
            power, span, factor = doubled, 2 * span, factor * factor & 0xFFFFFFFF
    out = out.copy() if out is power else out
    for shift, multiplier in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        out ^= out >> np.uint32(shift)
        out *= np.uint32(multiplier)
    out ^= out >> np.uint32(16)
    return out


def blocks(texts: Sequence[str | None]) -> Iterator[slice]:
    """Cut texts into runs of about `BLOCK` characters."""
    start, held = 0, 0
    for index, text in enumerate(texts):
        held += len(text or "") + 1
        if held >= BLOCK:
            yield slice(start, index + 1)
            start, held = index + 1, 0
    if start < len(texts):
        yield slice(start, len(texts))


def jaccard(left: Sequence[str | None], right: Sequence[str | None]) -> NDArray[np.float64]:
    """Return how much the shingle sets of each two texts share: |A ∩ B| / |A ∪ B|.

    Both texts of a pair are cut as finely as the one with the narrower shingles; blank texts
    share nothing.

    Args:
        left: N texts.
        right: N texts.

    Returns:
        float64, shape (N,), from 0 to 1.

    Example:
        >>> jaccard(["The canal.", "a b c"], ["the  CANAL.", "x y z"]).tolist()
        [1.0, 0.0]

    Source: Jaccard 1912, doi:10.1111/j.1469-8137.1912.tb05611.x; Broder, "On the resemblance and
    containment of documents", 1997, doi:10.1109/SEQUEN.1997.666900.
    """
    out = np.zeros(len(left), dtype=np.float64)
    for part in blocks(left):
        read = stream([*left[part], *right[part]])
        count = read.lengths.size // 2
        widths = np.tile(np.minimum(read.widths[:count], read.widths[count:]), 2)
        found = _sets(replace(read, widths=widths))
        sizes = _counts(found, 2 * count)
        # The second text of a pair takes the number of the first.
        found[np.searchsorted(found, np.uint64(count) << _TEXT) :] -= np.uint64(count) << _TEXT
        found.sort()
        shared = _counts(found[1:][found[1:] == found[:-1]], count)
        out[part] = shared / np.maximum(sizes[:count] + sizes[count:] - shared, 1)
    return out


def _counts(found: NDArray[np.uint64], texts: int) -> Rows:
    return np.bincount((found >> _TEXT).astype(np.intp), minlength=texts)


def _sets(part: Stream) -> NDArray[np.uint64]:
    """Return the distinct shingles of every text: its number in the upper half, the hash below."""
    found = [
        (texts[place].astype(np.uint64) << _TEXT | hashes)[hashes != EMPTY]
        for texts, place, hashes in hashed(part, 0)
    ]
    return distinct(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)


def distinct(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the distinct numbers, sorted; many times faster than `numpy.unique`."""
    ordered = np.sort(numbers)
    opens = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=opens[1:])
    return ordered[opens]
