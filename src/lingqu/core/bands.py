"""Bands of signatures: only what agrees in a whole band is ever compared.

Sorting one band puts texts that agree in it side by side, so candidates cost a sort per band
instead of a comparison of all with all. Rows that come later look back at those before them, so
it does not matter whether rows come at once or in parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.band_index import BandIndex
from lingqu.core.errors import SpecError
from lingqu.core.shingles import distinct

BINS = 128
"""Places of a signature."""
WINDOW = 4
"""Most neighbours within a bucket that a text is compared with, band by band."""
REACH = 2
"""Steps to either side, within one set: each goes to a row before the last one."""
_CHUNK = 1 << 12
_MANY = 1 << 15
"""Rows sorted at a time: those of several bands together where a band has few."""
_BESIDE = np.uint64(25)
"""Bits of the next band's key by which the rows of a bucket are ordered."""
_MOST = 1 << 22
"""Candidate pairs held before repeated ones are thrown away."""
_LEAST = 0.3
"""Least similarity that the bands can look for."""

Rows = NDArray[np.int64]
Keys = NDArray[np.uint32]
Order = NDArray[np.uint64]


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


@cache
def _factors(count: int, seed: int) -> Order:
    odd = np.random.default_rng(seed).integers(1 << 62, 1 << 63, count) | 1
    return odd.astype(np.uint64)


def band_keys(values: Keys, threshold: float, seed: int) -> Keys:
    """Return one key per band and, last, one of the whole signature, uint32, (bands + 1, N)."""
    bands, rows = bands_for(threshold)
    factors = _factors(rows + bands, seed)
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


@dataclass(frozen=True)
class Banded:
    """Rows with the keys of their bands.

    Args:
        keys: What `band_keys` said of them, shape (bands + 1, N).
        rows: Their numbers, ascending, int64, shape (N,).
    """

    keys: Keys
    rows: Rows

    def take(self, some: NDArray[np.generic]) -> Banded:
        """Return some of the rows: places or a mask."""
        return Banded(self.keys[:, some], self.rows[some])


class _Asked:
    """Says which keys may be among those of some rows, by tables of their upper bits.

    Why: a pass over the keys of a million rows costs a millisecond a band, and no index of them
    has to be made.
    """

    def __init__(self, keys: Keys) -> None:
        bits = min(max((64 * keys.shape[1]).bit_length(), 12), 26)
        self._shift = np.uint32(32 - bits)
        self._there = np.zeros((len(keys), 1 << bits), dtype=bool)
        self._there[np.arange(len(keys))[:, None], keys >> self._shift] = True

    def among(self, keys: Keys, band: int) -> Rows:
        """Return the places of all keys that are asked for in a band, and of few others."""
        # No place is out of range: "wrap" only says that none has to be looked at for that.
        there = self._there[band].take(keys >> self._shift, mode="wrap")
        return np.flatnonzero(there)


def first_alike(keys: NDArray[Any], rows: Rows, values: Callable[[Rows], Keys]) -> Rows:
    """Return for each row the number of the first row with the same signature.

    Args:
        keys: One key of the whole signature, shape (N,).
        rows: Their numbers, ascending, shape (N,).
        values: Gives signatures by row number.
    """
    order = np.argsort(keys, kind="stable")
    opens = np.flatnonzero(np.append(True, keys[order[1:]] != keys[order[:-1]])[: keys.size])
    first = np.empty(keys.size, dtype=np.int64)
    first[order] = rows[order[np.repeat(opens, np.diff(opens, append=keys.size))]]
    later = np.flatnonzero(first != rows)
    for start in range(0, later.size, _CHUNK):
        part = later[start : start + _CHUNK]
        same = (values(rows[part]) == values(first[part])).all(axis=1)
        first[part[~same]] = rows[part[~same]]
    return first


def candidates(
    new: Banded, values: Callable[[Rows], Keys], old: Sequence[BandIndex] = ()
) -> tuple[Banded, Rows]:
    """Return whom later rows may meet, and pairs worth a closer look.

    Of rows with one signature the first stands for the others, which meet only it. In each band a
    row meets neighbours among the rows *before* it, and the first of its bucket.

    Args:
        new: Rows that say something.
        values: Gives signatures by row number.
        old: The rows before them that stand for themselves, part by part.

    Returns:
        The new rows that stand for themselves, and ``[earlier, later]``, shape (P, 2).

    Source: Own; nearest smaller values by pointer jumping: Berkman, Schieber & Vishkin 1993,
        doi:10.1006/jagm.1993.1018.
    """
    bands = len(new.keys) - 1
    whole, rows = _sharing(new, old, np.array([bands]))
    first = first_alike(whole, rows, values)[rows.size - new.rows.size :]
    alone = first == new.rows
    twins = np.stack([first[~alone], new.rows[~alone]])
    new = new.take(alone)
    step = max(1, _MANY // max(new.rows.size, 1))
    chunks = (np.arange(bands)[start : start + step] for start in range(0, bands, step))
    pairs = _distinct(
        (pair for some in chunks for pair in _met(*_sharing(new, old, some))),
        int(new.rows.max(initial=0)) + 1,
    )
    pairs = pairs[:, pairs[1] >= new.rows.min(initial=1 << 32)]
    return new, np.concatenate([twins, pairs], axis=1).T


def _sharing(new: Banded, old: Sequence[BandIndex], some: Rows) -> tuple[Order, Rows]:
    """Return the order, in some bands, of old rows that share one, then of the new rows."""
    order, rows = [], []
    for side in old:
        places, band = side.among(new.keys[some], some)
        order.append(_order(side.keys, band, places))
        rows.append(side.rows[places])
    order.append(_order(new.keys, some[:, None], np.arange(new.rows.size)).ravel())
    rows.append(np.tile(new.rows, some.size))
    return np.concatenate(order), np.concatenate(rows)


def _order(keys: Keys, band: Rows, rows: Rows) -> Order:
    """Return number of the band (7 bits), key (32) and the upper part of the next band's key (25).

    So alike rows stand side by side. The last row of keys is that of the whole signature.
    """
    order = keys[band, rows].astype(np.uint64) << _BESIDE
    order |= keys[(band + 1) % (len(keys) - 1), rows] >> np.uint32(32 - int(_BESIDE))
    order |= band.astype(np.uint64) << np.uint64(57)
    return order


def _met(order: Order, rows: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Yield pairs of rows that share a bucket, the earlier row first."""
    places = np.argsort(order)
    order = order[places]
    bucket = order >> _BESIDE
    same = bucket[1:] == bucket[:-1]
    shared = np.append(same, False)[: bucket.size]
    shared[1:] |= same
    order, bucket, rows = order[shared], bucket[shared], rows[places[shared]]
    if not rows.size:
        return
    # Rows that agree in all of it stand in their own order.
    rank = np.cumsum(np.append(False, order[1:] != order[:-1])).astype(np.uint64)
    rank <<= np.uint64(32)
    rows = np.sort(rank | rows.astype(np.uint64)).astype(np.uint32).astype(np.int64)
    opens = np.flatnonzero(np.append(True, bucket[1:] != bucket[:-1]))
    sizes = np.diff(opens, append=rows.size)
    first = np.repeat(np.minimum.reduceat(rows, opens), sizes)
    yield first[first != rows], rows[first != rows]
    for step, edge in ((-1, opens), (1, opens + sizes - 1)):
        near = _lower(rows, step, edge)
        place = near[:-1]
        for _ in range(REACH):
            there = np.flatnonzero(place < rows.size)
            yield rows[place[there]], rows[there]
            place = near[place]


def _lower(rows: Rows, step: int, edge: Rows) -> Rows:
    """Return for each place the nearest one on one side that holds a lower row, or N.

    Args:
        rows: Distinct within each bucket, shape (N,).
        step: -1 to look before a place, 1 to look behind it.
        edge: The places where a bucket ends on that side.

    Returns:
        int64, shape (N + 1,); the last place, N, stands for none.
    """
    wall = np.append(rows, -1)
    near = np.arange(wall.size) + step
    near[edge], near[-1] = rows.size, rows.size
    high = np.flatnonzero(wall[near] > wall)
    while high.size:
        near[high] = near[near[high]]
        high = high[wall[near[high]] > wall[high]]
    return near


def across(left: Keys, right: Keys) -> Rows:
    """Return candidate pairs between two sets, shape (2, P).

    The left side may be far larger: only those of its keys that the right side may have, too, are
    sorted.
    """

    def draw() -> Iterator[tuple[Rows, Rows]]:
        for band in range(len(left) - 1):
            rows = _Asked(right[band : band + 1]).among(left[band], 0)
            known = _order(left, np.array([band]), rows)
            wanted = _order(right, np.array([band]), np.arange(right.shape[1]))
            order = np.argsort(known)
            known = known[order]
            bucket, top = known >> _BESIDE, wanted >> _BESIDE
            low, high = (np.searchsorted(bucket, top, side) for side in ("left", "right"))
            beside = np.searchsorted(known, wanted) - WINDOW // 2
            low = np.maximum(low, np.minimum(beside, high - WINDOW))
            for step in range(WINDOW):
                hit = np.flatnonzero(low + step < high)
                if not hit.size:
                    break
                yield rows[order[low[hit] + step]], hit

    return _distinct(draw(), right.shape[1])


def _distinct(drawn: Iterator[tuple[Rows, Rows]], count: int) -> Rows:
    """Return each pair once, shape (2, P), sorted.

    Args:
        drawn: Pairs.
        count: More than any number on the second side.
    """
    held, size = [np.zeros(0, dtype=np.uint64)], 0
    for one, two in drawn:
        held.append((one * count + two).astype(np.uint64))
        size += one.size
        if size > _MOST:
            held, size = [distinct(np.concatenate(held))], 0
    found = distinct(np.concatenate(held)).astype(np.int64)
    return np.stack(np.divmod(found, max(count, 1)))
