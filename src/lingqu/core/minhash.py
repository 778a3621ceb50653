"""Near copies among texts: one 512-byte signature each, compared without comparing all with all.

The share of equal places of two signatures estimates the Jaccard similarity of the two texts'
shingles. Bands of a few places are sorted, and only texts that agree in a whole band are looked
at. One set of signatures serves deduplication, leakage and incremental runs
(`core/signature_table.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lingqu.core.bands import BINS, Banded, across, band_keys, candidates, first_alike
from lingqu.core.errors import SpecError
from lingqu.core.shingles import EMPTY, blocks, hashed, jaccard, stream

PARTNERS = 8
"""Likeliest partners of a text that are looked at closely: bounds the work where all are alike."""
_ATTEMPTS = 24
_CHUNK = 1 << 14

Rows = NDArray[np.int64]
Keys = NDArray[np.uint32]
Floats = NDArray[np.float64]
Texts = Sequence[str | None]


@dataclass(frozen=True)
class Signatures:
    """Signatures of N texts.

    Args:
        values: One minimum per bin, uint32, shape (N, 128); all ones for a blank text.
        lengths: Characters after normalising, uint32, shape (N,).
        widths: Characters per shingle, uint8, shape (N,); 0 for a blank text.
        seed: Signatures of different seeds cannot be compared.
    """

    values: Keys
    lengths: NDArray[np.uint32]
    widths: NDArray[np.uint8]
    seed: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[np.generic] | slice) -> Signatures:
        """Return some of the rows: indices, a mask or a slice."""
        return Signatures(self.values[rows], self.lengths[rows], self.widths[rows], self.seed)

    @classmethod
    def concat(cls, parts: Sequence[Signatures]) -> Signatures:
        """Return the rows of all parts, in order.

        Raises:
            SpecError: The parts were made with different seeds.
        """
        if not parts:
            return signatures([])
        if len(parts) == 1:
            return parts[0]
        _same_seed(*parts)
        return cls(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.widths for part in parts]),
            parts[0].seed,
        )


def signatures(texts: Texts, *, seed: int = 0) -> Signatures:
    """Return the signatures of texts; None and blank texts say nothing and never pair.

    Shingles are 9 characters (3 in texts under 100), and 5 characters (2 under 50) where most of
    a text is Chinese or another dense script. Each shingle is hashed once and falls into one of
    128 bins; a bin keeps its least hash, an empty one borrows from a bin drawn by chance.

    Args:
        texts: In blocks of any size: the result does not depend on how they are cut.
        seed: Seed of the hash.

    Example:
        >>> found = signatures(["The canal joined two rivers.", "the CANAL joined two rivers.", ""])
        >>> bool((found.values[0] == found.values[1]).all()), found.widths.tolist()
        (True, [3, 3, 0])

    Source: Broder 1997, doi:10.1109/SEQUEN.1997.666900; one permutation: Li, Owen & Zhang, NIPS
    2012, arXiv:1208.1259; densification: Shrivastava, ICML 2017, arXiv:1703.04664.
    """
    values = np.full((len(texts), BINS), EMPTY, dtype=np.uint32)
    lengths = np.zeros(len(texts), dtype=np.uint32)
    widths = np.zeros(len(texts), dtype=np.uint8)
    for part in blocks(texts):
        read = stream(texts[part])
        lengths[part], widths[part] = read.lengths, read.widths
        for rows, place, hashes in hashed(read, seed):
            minima = np.full(rows.size * BINS, EMPTY, dtype=np.uint32)
            place *= BINS
            place += hashes >> np.uint32(25)
            np.minimum.at(minima, place, hashes)
            values[part.start + rows] = _densified(minima.reshape(-1, BINS), seed)
    return Signatures(values, lengths, widths, seed)


def _densified(values: Keys, seed: int) -> Keys:
    """Fill empty bins from bins that were not empty, by draws that are the same for every text."""
    full, held = values.copy(), values.ravel()
    empty = np.flatnonzero(held == EMPTY)
    for drawn in _draws(seed):
        bins = empty % BINS
        borrowed = held[empty - bins + drawn[bins]]
        found = borrowed != EMPTY
        full.ravel()[empty[found]] = borrowed[found]
        empty = empty[~found]
        if not empty.size:
            return full
    # A text of a few shingles: its least hash is a minimum like any other.
    rows = empty // BINS
    full.ravel()[empty] = values.min(axis=1)[rows]
    return full


@cache
def _draws(seed: int) -> Rows:
    draws = [np.random.default_rng((seed, attempt)) for attempt in range(_ATTEMPTS)]
    return np.stack([draw.integers(0, BINS, BINS) for draw in draws])


def near_pairs(
    found: Signatures, threshold: float = 0.8, texts: Texts | None = None
) -> tuple[Rows, Floats]:
    """Return the pairs of near copies among N texts.

    Of many texts that are alike, each is paired with a few neighbours and with the first, so that
    `clusters` joins them, without listing all pairs.

    Args:
        found: Their signatures.
        threshold: Least Jaccard similarity of their shingles, 0.3 to 1.
        texts: The texts themselves. With them, doubtful pairs (near the threshold, or of short
            texts) are counted exactly; without, the estimate decides and leans to finding.

    Returns:
        Row numbers ``[earlier, later]``, sorted, int64, shape (P, 2), and similarities, shape (P,).

    Raises:
        SpecError: The threshold is out of range.

    Example:
        >>> texts = ["The canal joined two river systems in 214 BC.", "Something else."]
        >>> texts.append(texts[0].upper())
        >>> pairs, similarity = near_pairs(signatures(texts), texts=texts)
        >>> pairs.tolist(), similarity.tolist()
        ([[0, 2]], [1.0])

    Source: banding: Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, 2014, chapter 3.
    """
    _, pairs = candidates(bands_of(found, threshold), found.values.__getitem__)
    return verified(found, found, pairs, threshold, None if texts is None else (texts, texts))


def bands_of(found: Signatures, threshold: float, start: int = 0) -> Banded:
    """Return the rows that say something with their band keys, numbered from `start` on."""
    said = np.flatnonzero(found.widths > 0)
    return Banded(band_keys(found.values[said], threshold, found.seed), said + start)


def near_between(
    left: Signatures,
    right: Signatures,
    threshold: float = 0.8,
    texts: tuple[Texts, Texts] | None = None,
) -> tuple[Rows, Rows, Floats]:
    """Return the near copies that texts of the right side have on the left side.

    Args:
        left: Signatures of, say, training rows.
        right: Signatures of test rows; a few of the left partners of each are returned.
        threshold: As in `near_pairs`.
        texts: The texts of both sides, as in `near_pairs`.

    Returns:
        Rows of the left side, rows of the right side, similarities; sorted by right, then left.

    Raises:
        SpecError: The threshold is out of range, or the sides were hashed with different seeds.

    Example:
        >>> train, test = signatures(["one text"]), signatures(["another", "ONE text"])
        >>> [side.tolist() for side in near_between(train, test)]
        [[0], [1], [1.0]]
    """
    _same_seed(left, right)
    one, two = (bands_of(side, threshold) for side in (left, right))
    first = first_alike(one.keys[-1], one.rows, left.values.__getitem__)
    one = one.take(first == one.rows)
    places = across(one.keys, two.keys)
    pairs = np.stack([one.rows[places[0]], two.rows[places[1]]], axis=1)
    pairs, similarity = verified(left, right, pairs, threshold, texts)
    order = np.lexsort((pairs[:, 0], pairs[:, 1]))
    return pairs[order, 0], pairs[order, 1], similarity[order]


def clusters(pairs: Rows, count: int) -> Rows:
    """Join paired rows into groups.

    Args:
        pairs: Row numbers, shape (P, 2).
        count: How many rows there are.

    Returns:
        For each row the smallest row of its group, itself where it stands alone, int64, (count,).

    Example:
        >>> clusters(np.array([[1, 2], [2, 4]]), 5).tolist()
        [0, 1, 1, 3, 1]

    Source: Own: union-find, all pairs at once, by lowering roots until nothing changes.
    """
    roots = np.arange(count, dtype=np.int64)
    while True:
        one, two = roots[pairs[:, 0]], roots[pairs[:, 1]]
        apart = one != two
        if not apart.any():
            return roots
        np.minimum.at(roots, np.maximum(one, two)[apart], np.minimum(one, two)[apart])
        while (roots[roots] != roots).any():
            roots = roots[roots]


def verified(
    left: Signatures,
    right: Signatures,
    pairs: Rows,
    threshold: float,
    texts: tuple[Texts, Texts] | None,
) -> tuple[Rows, Floats]:
    """Keep the candidate pairs that are similar enough; exact where the estimate leaves doubt.

    A text that is None is not at hand: then the estimate decides.
    """
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    similarity = _agreement(left, right, pairs)
    shingles = _shingles(left, right, pairs)
    # So many of the bins hold a minimum of their own.
    bins = np.maximum(BINS * (1.0 - np.exp(-shingles / BINS)), 1.0)
    error = np.sqrt(threshold * (1.0 - threshold) / bins)
    if texts is None:
        near = similarity >= threshold - 1.5 * error
        return pairs[near], similarity[near]
    near = similarity >= threshold - 3.0 * error
    near[near] = _likeliest(pairs[near], similarity[near])
    doubtful = np.flatnonzero(near & ((similarity < threshold + 3.0 * error) | (shingles < BINS)))
    one = [texts[0][row] for row in pairs[doubtful, 0].tolist()]
    two = [texts[1][row] for row in pairs[doubtful, 1].tolist()]
    known = np.array([a is not None and b is not None for a, b in zip(one, two, strict=True)], bool)
    similarity[doubtful] = np.where(known, jaccard(one, two), similarity[doubtful])
    least = np.full(len(pairs), threshold)
    least[doubtful[~known]] -= 1.5 * error[doubtful[~known]]
    near &= similarity >= least
    return pairs[near], similarity[near]


def _agreement(left: Signatures, right: Signatures, pairs: Rows) -> Floats:
    """Return the share of equal places of each two signatures: the estimate."""
    similarity = np.empty(len(pairs), dtype=np.float64)
    for start in range(0, len(pairs), _CHUNK):
        one, two = pairs[start : start + _CHUNK].T
        similarity[start : start + one.size] = (left.values[one] == right.values[two]).mean(axis=1)
    return similarity


def _shingles(left: Signatures, right: Signatures, pairs: Rows) -> Floats:
    """Return the number of shingles in the shorter text of each pair."""
    counts = [
        side.lengths[rows].astype(np.float64) - side.widths[rows] + 1.0
        for side, rows in ((left, pairs[:, 0]), (right, pairs[:, 1]))
    ]
    return np.minimum(*counts)


def _likeliest(pairs: Rows, similarity: Floats) -> NDArray[np.bool_]:
    """Return which pairs are among the best few of their second text.

    So what is found for a row depends on the rows before it only, and stays when more come.
    """
    order = np.lexsort((-similarity, pairs[:, 1]))
    rows = pairs[order, 1]
    keep = np.zeros(len(pairs), dtype=bool)
    keep[order[np.arange(rows.size) - np.searchsorted(rows, rows) < PARTNERS]] = True
    return keep


def _same_seed(*parts: Signatures) -> None:
    seeds = {part.seed for part in parts}
    if len(seeds) > 1:
        raise SpecError("duplicates.seeds", seeds=", ".join(map(str, sorted(seeds))))
