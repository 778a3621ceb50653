"""Where the band keys of old rows stand, so that a few new rows need not look through all of them.

A look-up touches the few places where the asked keys must stand, whatever the number of old rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Keys = NDArray[np.uint32]

_LOWER = np.uint64(32)
_MANY = 1 << 21
"""Keys sorted at a time: those of several bands together where a band has few."""
_TOGETHER = 2
"""Rows, on average, that share the upper bits of a key."""


@dataclass(frozen=True)
class BandIndex:
    """Rows with the keys of their bands, ready to be asked.

    Args:
        keys: What `bands.band_keys` said of them, shape (bands + 1, N).
        rows: Their numbers, ascending, int64, shape (N,).
        places: Columns of `keys`, band by band in the order of their keys, uint32, like `keys`.
        starts: Where in `places` the keys of each upper part begin, uint32, shape
            (bands + 1, parts + 1); the number of parts is a power of two.

    Example:
        >>> keys = np.array([[7, 1 << 31, 7]], dtype=np.uint32)
        >>> places, band = BandIndex.of(keys, np.arange(3)).among(keys[:, 2:], np.array([0]))
        >>> places.tolist(), band.tolist()
        ([0, 2], [0, 0])

    Source: Own: a table of the keys' upper bits before sorted places.
    """

    keys: Keys
    rows: Rows
    places: Keys
    starts: Keys

    @classmethod
    def of(cls, keys: Keys, rows: Rows) -> BandIndex:
        """Sort the places of rows by their keys, in each band."""
        bits = max(1, (rows.size // _TOGETHER).bit_length() - 1)
        places = np.empty(keys.shape, dtype=np.uint32)
        starts = np.zeros((len(keys), (1 << bits) + 1), dtype=np.uint32)
        step = max(1, _MANY // max(1, rows.size))
        for band in range(0, len(keys), step):
            part = keys[band : band + step]
            order = part.astype(np.uint64) << _LOWER
            order |= np.arange(rows.size, dtype=np.uint64)
            order.sort(axis=1)
            places[band : band + step] = order  # the lower half
            upper = (part >> np.uint32(32 - bits)).astype(np.int64)
            upper += (np.arange(len(part)) << bits)[:, None]
            sizes = np.bincount(upper.ravel(), minlength=len(part) << bits)
            starts[band : band + step, 1:] = sizes.reshape(len(part), -1).cumsum(axis=1)
        return cls(keys, rows, places, starts)

    def among(self, keys: Keys, some: Rows) -> tuple[Rows, Rows]:
        """Return the columns with one of the asked keys, and the band in which they have it.

        Args:
            keys: Asked for, shape (bands, M).
            some: Which bands these are, shape (bands,).

        Returns:
            Each column and band once, int64, shape (P,) both.
        """
        asked = np.sort(keys, axis=1)
        first = np.ones(asked.shape, dtype=bool)
        np.not_equal(asked[:, 1:], asked[:, :-1], out=first[:, 1:])
        band = some[first.nonzero()[0]]
        wanted = asked[first]
        parts = self.starts.shape[1]
        upper = (wanted >> np.uint32(33 - (parts - 1).bit_length())) + band * parts
        low = self.starts.take(upper).astype(np.int64)
        sizes = self.starts.take(upper + 1) - low
        ends = sizes.cumsum()
        place = np.repeat(low - ends + sizes + band * self.rows.size, sizes)
        place += np.arange(place.size)
        band = band.repeat(sizes)
        places = self.places.take(place).astype(np.int64)
        met = self.keys.take(places + band * self.rows.size) == wanted.repeat(sizes)
        return places[met], band[met]
