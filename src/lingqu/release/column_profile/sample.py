"""A bounded sample of rows, drawn evenly while they stream by."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.i18n import Phrase, text

_ADDRESS = re.compile(r"<[^<>]* at 0x[0-9a-f]+>")
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP = np.uint64(0x9E3779B97F4A7C15)


class RowSample:
    """Keep the rows with the smallest random numbers: an even sample, whatever the batches.

    The number of a row is a hash of its place and the seed, so the same stream gives the same
    sample, and the union of two samples is a sample of both streams.

    Args:
        size: Rows to keep.
        seed: Of the numbers; give parts that will be merged different ones.

    Example:
        >>> drawn = RowSample(2)
        >>> drawn.add(pl.DataFrame({"a": range(100)}))
        >>> drawn.seen, drawn.rows.height
        (100, 2)

    Source: bottom-k sampling: Cohen and Kaplan, PODC 2007, doi:10.1145/1281100.1281133; the
    numbers: SplitMix64, Steele, Lea and Flood, OOPSLA 2014, doi:10.1145/2660193.2660195.
    """

    def __init__(self, size: int, seed: int = 0) -> None:
        self.size, self.seen = size, 0
        self._seed = np.uint64(seed)
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._rows: pl.DataFrame | None = None

    @property
    def rows(self) -> pl.DataFrame:
        """The rows that were drawn, in the order they came; an empty frame before any."""
        return pl.DataFrame() if self._rows is None else self._rows

    def add(self, frame: pl.DataFrame) -> None:
        """Offer the rows of a batch."""
        keys = _numbers(self.seen, frame.height, self._seed)
        self.seen += frame.height
        if len(self._keys) >= self.size:
            # At most this many rows of the batch can be among the smallest.
            near = keys <= self._keys.max()
            keys, frame = keys[near], frame.filter(pl.Series(near))
        elif len(keys) > self.size:
            near = keys <= np.partition(keys, self.size - 1)[self.size - 1]
            keys, frame = keys[near], frame.filter(pl.Series(near))
        self._join(keys, frame)

    def merge(self, other: RowSample) -> None:
        """Offer the sample of another part."""
        self.seen += other.seen
        self.size = min(self.size, other.size)
        if other._rows is not None:
            self._join(other._keys, other._rows)

    def _join(self, keys: NDArray[np.uint64], frame: pl.DataFrame) -> None:
        if self._rows is not None:
            keys = np.concatenate([self._keys, keys])
            frame = pl.concat([self._rows, frame], how="vertical_relaxed")
        if len(keys) > self.size:
            order = np.sort(np.argpartition(keys, self.size - 1)[: self.size])
            keys, frame = keys[order], frame[order]
        self._keys, self._rows = keys, frame


def problem(error: Exception) -> str:
    """Return what is wrong with a cell, the same in every process.

    Example:
        >>> problem(ValueError("cannot read <io.BytesIO object at 0x7f00>"))
        'cannot read the data'
    """
    first = error.args[0] if error.args else None
    # In one language, whoever asks: a profile is compared with other profiles.
    said = text(first.key, "en", **first.facts) if isinstance(first, Phrase) else str(error)
    return _ADDRESS.sub("the data", said)[:120] or type(error).__name__


def _numbers(start: int, count: int, seed: np.uint64) -> NDArray[np.uint64]:
    """Return the SplitMix64 numbers of these places."""
    with np.errstate(over="ignore"):
        mixed = (np.arange(start + 1, start + count + 1, dtype=np.uint64) + seed * _MIX[0]) * _STEP
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[0]
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[1]
        found: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return found
