"""Bands of signatures: only what agrees in a whole band is ever compared.

Sorting one band puts texts that agree in it side by side, so candidates cost a sort per band
instead of a comparison of all with all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.shingles import distinct

BINS = 128
"""Places of a signature."""
WINDOW = 4
"""Most neighbours within a bucket that a text is compared with, band by band."""
_CHUNK = 1 << 12
_MOST = 1 << 22
"""Candidate pairs held before repeated ones are thrown away."""
_LEAST = 0.3
"""Least similarity that the bands can look for."""

Rows = NDArray[np.int64]
Keys = NDArray[np.uint32]


def bands_for(threshold: float) -> tuple[int, int]:
    """Return how many bands of how many rows find all but 0.2 % of the pairs at the threshold.

    Example:
        >>> bands_for(0.8), bands_for(0.5)
        ((21, 6), (64, 2))
    """
    if not _LEAST <= threshold <= 1:
        raise SpecError("duplicates.threshold", least=_LEAST, received=threshold)
    for rows in range(16, 1, -1):
        bands = BINS // rows
        if (1 - min(threshold, 0.99) ** rows) ** bands <= 0.002:
            return bands, rows
    return BINS, 1


def band_keys(values: Keys, threshold: float, seed: int) -> Keys:
    """Return one key per band and, last, one of the whole signature, uint32, (bands + 1, N)."""
    bands, rows = bands_for(threshold)
    factors = np.random.default_rng(seed).integers(1 << 62, 1 << 63, rows + bands) | 1
    factors = factors.astype(np.uint64)
    keys = np.empty((bands + 1, len(values)), dtype=np.uint32)
    for start in range(0, len(values), _CHUNK):
        part = values[start : start + _CHUNK, : bands * rows]
        cut = part.reshape(-1, bands, rows)
        mixed = np.zeros(cut.shape[:2], dtype=np.uint64)  # (N, bands)
        for row in range(rows):
            mixed += cut[:, :, row] * factors[row]
        mixed >>= np.uint64(32)
        keys[:-1, start : start + len(part)] = mixed.T
        keys[-1, start : start + len(part)] = (mixed * factors[rows:]).sum(axis=1) >> np.uint64(32)
    return keys


def first_alike(keys: Keys, values: Keys) -> Rows:
    """Return for each row the first row with the same signature."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    opens = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: keys.size])
    first = np.empty(keys.size, dtype=np.int64)
    first[order] = order[np.repeat(opens, np.diff(opens, append=keys.size))]
    later = np.flatnonzero(first != np.arange(keys.size))
    for start in range(0, later.size, _CHUNK):
        part = later[start : start + _CHUNK]
        same = (values[part] == values[first[part]]).all(axis=1)
        first[part[~same]] = part[~same]
    return first


def _ordered(keys: Keys, band: int) -> NDArray[np.uint64]:
    """Return the band's keys above those of the next band: alike rows stand side by side."""
    full: NDArray[np.uint64] = keys[band].astype(np.uint64) << np.uint64(32)
    full |= keys[(band + 1) % len(keys)]
    return full


def within(keys: Keys) -> Rows:
    """Return candidate pairs within one set, shape (2, P)."""
    count = keys.shape[1]

    def draw() -> Iterator[tuple[Rows, Rows]]:
        for band in range(len(keys)):
            full = _ordered(keys, band)
            order = np.argsort(full)
            bucket = (full[order] >> np.uint64(32)).astype(np.uint32)
            for step in range(1, min(WINDOW, count - 1) + 1):
                place = np.flatnonzero(bucket[step:] == bucket[:-step])
                if not place.size:
                    break
                yield order[place], order[place + step]
                if step == WINDOW:
                    # A crowded bucket: its first row meets every other one.
                    crowded = np.isin(bucket, np.unique(bucket[place]))
                    rows, owner = order[crowded], bucket[crowded]
                    starts = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
                    least = np.minimum.reduceat(rows, starts)
                    yield np.repeat(least, np.diff(starts, append=rows.size)), rows

    return _distinct(draw(), count, ordered=True)


def across(left: Keys, right: Keys) -> Rows:
    """Return candidate pairs between two sets, shape (2, P).

    The left side may be far larger: only those of its keys that the right side may have, too, are
    sorted, so a few new rows cost one pass over the keys of the old ones.
    """

    def draw() -> Iterator[tuple[Rows, Rows]]:
        for band in range(len(left)):
            asked = np.zeros(1 << 20, dtype=bool)
            asked[right[band] >> np.uint32(12)] = True
            rows = np.flatnonzero(asked[left[band] >> np.uint32(12)])
            known, wanted = _ordered(left[:, rows], band), _ordered(right, band)
            order = np.argsort(known)
            known = known[order]
            bucket, top = known >> np.uint64(32), wanted >> np.uint64(32)
            low, high = (np.searchsorted(bucket, top, side) for side in ("left", "right"))
            beside = np.searchsorted(known, wanted) - WINDOW // 2
            low = np.maximum(low, np.minimum(beside, high - WINDOW))
            for step in range(WINDOW):
                hit = np.flatnonzero(low + step < high)
                if not hit.size:
                    break
                yield rows[order[low[hit] + step]], hit

    return _distinct(draw(), right.shape[1], ordered=False)


def _distinct(drawn: Iterator[tuple[Rows, Rows]], count: int, ordered: bool) -> Rows:
    """Return each pair once, shape (2, P), sorted."""
    held, size = [np.zeros(0, dtype=np.uint64)], 0
    for one, two in drawn:
        if ordered:
            one, two = np.minimum(one, two), np.maximum(one, two)
        held.append((one * max(count, 1) + two).astype(np.uint64))
        size += one.size
        if size > _MOST:
            held, size = [distinct(np.concatenate(held))], 0
    pairs = np.stack(np.divmod(distinct(np.concatenate(held)).astype(np.int64), max(count, 1)))
    return pairs[:, pairs[0] != pairs[1]] if ordered else pairs
