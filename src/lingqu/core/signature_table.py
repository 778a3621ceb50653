"""The signatures of every text ever seen, so that a new version of the data hashes only new rows.

A table is a row of segments. Each saved segment is one block of bytes, and segments only follow
one another: one per cent more rows writes one per cent more bytes and rebuilds no index.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from mmap import mmap
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.band_index import BandIndex
from lingqu.core.bands import bands_for, candidates
from lingqu.core.errors import DataError
from lingqu.core.minhash import (
    Floats,
    Rows,
    Signatures,
    bands_of,
    clusters,
    signatures,
    verified,
)
from lingqu.core.packed import packed, unpacked

LINKS = 8
"""Neighbours that are compared anew where the row they were paired with is gone."""

_HASH = f"polars {pl.__version__}"

Digests = NDArray[np.uint64]


@dataclass(frozen=True)
class Added:
    """Where texts lie in a table.

    Args:
        rows: Row of the table for each text, -1 for a missing one, int64, shape (N,).
        new: Which texts the table had not seen before; of equal ones only the first.
    """

    rows: Rows
    new: NDArray[np.bool_]


@dataclass(frozen=True)
class _Segment:
    digests: Digests  # (N,)
    found: Signatures


class SignatureTable:
    """Signatures and near pairs of distinct texts, by content digest.

    Why: to look for near copies again after one per cent of the rows changed should cost about
    one per cent. `add` hashes what it has not seen and compares that with what came before;
    `pairs` holds all near pairs found so far. A row is compared with rows before it only, so it
    does not matter in how many parts they come.

    Args:
        threshold: Least similarity of a pair, fixed for the life of the table.
        seed: Seed of the hash.

    Example:
        >>> table = SignatureTable()
        >>> table.add(pl.Series(["one and the same", "another text"])).new.tolist()
        [True, True]
        >>> again = SignatureTable.from_bytes(table.to_bytes())
        >>> again.add(pl.Series(["ONE and the same", "another text"])).rows.tolist()
        [2, 1]
        >>> again.pairs.tolist()
        [[0, 2]]

    Source: Own; signatures and bands as in `core/minhash.py`.
    """

    def __init__(self, threshold: float = 0.8, seed: int = 0) -> None:
        self.threshold, self.seed = threshold, seed
        self.pairs: Rows = np.zeros((0, 2), dtype=np.int64)
        self.similarity: Floats = np.zeros(0)
        self._segments: list[_Segment] = []
        self._bands: list[BandIndex] = []  # of rows that later ones may meet
        self._texts = pl.Series(dtype=pl.String)
        self._place: Rows = np.zeros(0, dtype=np.int64)
        self._last: Rows = np.zeros(0, dtype=np.int64)  # of the texts handed over last
        self._kept = self._last  # what is in blocks of that already
        bands_for(threshold)

    def __len__(self) -> int:
        return sum(len(segment.found) for segment in self._segments)

    @property
    def signatures(self) -> Signatures:
        """All signatures, row by row."""
        return self._take(np.arange(len(self)))

    def add(self, texts: pl.Series) -> Added:
        """Take in texts; hash only those whose content is new, and compare them with all before.

        Args:
            texts: Missing ones are passed over. Until the next call they are at hand: where both
                texts are, a pair is counted exactly.

        Returns:
            Their rows, and which were new.
        """
        digests = digests_of(texts)
        rows, fresh = self._placed(digests, texts)
        self._last, self._texts = rows, texts
        self._place = _first(rows, len(self) + fresh.size)
        if fresh.size:
            self._compare(digests[fresh], texts[fresh].to_list())
        new = np.zeros(rows.size, dtype=bool)
        new[fresh] = True
        return Added(rows, new)

    def _digests(self) -> Digests:
        none = np.zeros(0, dtype=np.uint64)
        return _in_a_row([none, *(segment.digests for segment in self._segments)])

    def _placed(self, digests: Digests, texts: pl.Series) -> tuple[Rows, Rows]:
        """Return the row of each text, and which of them are new.

        Most texts stand where they stood the last time; the others are looked up.
        """
        held = self._digests()
        rows, last = np.full(digests.size, -1, dtype=np.int64), self._last[: digests.size]
        if held.size:
            rows[: last.size] = np.where(held[last] == digests[: last.size], last, -1)
        left = np.flatnonzero(rows < 0)
        if texts.null_count():
            left = left[texts.is_not_null().to_numpy()[left]]
        found, first = _found(digests[left], held)
        fresh = np.flatnonzero((found < 0) & (first == np.arange(left.size)))
        found[fresh] = held.size + np.arange(fresh.size)
        rows[left] = found[first]
        return rows, left[fresh]

    def _compare(self, digests: Digests, texts: list[str]) -> None:
        """Append new texts, and the pairs they make with each other and with older ones."""
        found = signatures(texts, seed=self.seed)
        new = bands_of(found, self.threshold, len(self))
        self._segments.append(_Segment(digests, found))
        held, pairs = candidates(new, lambda rows: self._take(rows).values, self._bands)
        self._bands.append(BandIndex.of(held.keys, held.rows))
        pairs, similarity = self._verified(pairs)
        self.pairs = np.concatenate([self.pairs, pairs])
        self.similarity = np.concatenate([self.similarity, similarity])

    def _verified(self, pairs: Rows) -> tuple[Rows, Floats]:
        """Keep the pairs of rows that are similar enough; exact where both texts are at hand."""
        rows, places = np.unique(pairs, return_inverse=True)
        found, place = self._take(rows), self._place[rows]
        texts = np.full(rows.size, None, dtype=object)
        texts[place >= 0] = self._texts[place[place >= 0]].to_list()
        sides = (texts.tolist(), texts.tolist())
        near, score = verified(found, found, places.reshape(-1, 2), self.threshold, sides)
        return rows[near], score

    def pairs_of(self, rows: Rows) -> tuple[Rows, Floats]:
        """Return the pairs among rows of a data set: equal ones, and near ones found so far.

        Args:
            rows: What `add` said of the data set's texts, shape (N,).

        Returns:
            Row numbers of the data set ``[earlier, later]``, each pair once, and similarities.
            Of equal texts the first stands for all in near pairs.
        """
        first = self._place if rows is self._last else _first(rows, len(self))
        again = np.flatnonzero(first[rows] != np.arange(rows.size))
        again = again[rows[again] >= 0]
        # Blank texts are nobody's copies.
        widths = [np.zeros(0, dtype=np.uint8), *(part.found.widths for part in self._segments)]
        again = again[_in_a_row(widths)[rows[again]] > 0]
        copies = np.stack([first[rows[again]], again], axis=1)
        pairs, similarity = self._linked(first[:-1] >= 0)
        one, two = first[pairs.T]
        near = np.stack([np.minimum(one, two), np.maximum(one, two)], axis=1)
        return np.concatenate([copies, near]), np.concatenate([np.ones(again.size), similarity])

    def _linked(self, present: NDArray[np.bool_]) -> tuple[Rows, Floats]:
        """Return the pairs among some rows of the table.

        Alike rows are often paired with the first of them only; where that one is gone, those
        that are left are compared with each other.
        """
        whole = present[self.pairs[:, 0]] & present[self.pairs[:, 1]]
        pairs, similarity = self.pairs[whole], self.similarity[whole]
        if whole.all():
            return pairs, similarity
        roots = clusters(self.pairs, len(self))
        broken = np.zeros(len(self), dtype=bool)
        broken[roots[self.pairs[~whole, 0]]] = True
        members = np.flatnonzero(present & broken[roots])
        members = members[np.argsort(roots[members], kind="stable")]
        owner, place = roots[members], np.arange(members.size)
        starts = np.searchsorted(owner, owner)
        tried = [members[starts] * len(self) + members]
        for step in range(1, min(LINKS, members.size - 1) + 1):
            same = np.flatnonzero(owner[step:] == owner[:-step])
            tried.append(members[place[same]] * len(self) + members[place[same] + step])
        asked = np.setdiff1d(np.concatenate(tried), pairs[:, 0] * len(self) + pairs[:, 1])
        one, two = np.divmod(asked, max(len(self), 1))
        more, score = self._verified(np.stack([one, two], axis=1)[one != two])
        return np.concatenate([pairs, more]), np.concatenate([similarity, score])

    def _take(self, rows: Rows) -> Signatures:
        """Return the signatures of some rows, in any order."""
        parts, places, start = [], [rows[:0]], 0
        for segment in self._segments:
            size = len(segment.found)
            inside = np.flatnonzero((rows >= start) & (rows < start + size))
            if inside.size:
                parts.append(segment.found.take(rows[inside] - start))
                places.append(inside)
            start += size
        if len(parts) < 2:
            return parts[0] if parts else signatures([], seed=self.seed)
        return Signatures.concat(parts).take(np.argsort(np.concatenate(places)))

    def to_bytes(self, since: int = 0) -> bytes:
        """Return the rows from `since` on, with their pairs, as one block of bytes.

        Texts are not in it, only digests and hashes of their shingles.

        Args:
            since: How many rows earlier blocks hold.
        """
        start, late, bands = 0, [], []
        for segment, index in zip(self._segments, self._bands, strict=True):
            late += [segment] if start >= since else []
            bands += [index] if start >= since else []
            start += len(segment.found)
        if not late:
            found = signatures([])
            empty = bands_of(found, self.threshold)
            late = [_Segment(self._digests()[:0], found)]
            bands = [BandIndex.of(empty.keys, empty.rows)]
        paired = self.pairs[:, 1] >= since
        found = Signatures.concat([segment.found for segment in late])
        kept = self._kept[: len(self._last) if since else 0]
        shared = kept.size if (self._last[: kept.size] == kept).all() else 0
        arrays = {
            "last": self._last[shared:],
            "digests": _in_a_row([segment.digests for segment in late]),
            "pairs": self.pairs[paired],
            "similarity": self.similarity[paired],
            **vars(_joined(bands)),
            "values": found.values,
            "lengths": found.lengths,
            "widths": found.widths,
        }
        about = {"threshold": self.threshold, "seed": self.seed, "by": _HASH}
        about |= {"since": since, "shared": shared}
        return packed(arrays, {"about": json.dumps(about)})

    @classmethod
    def from_bytes(cls, *blocks: bytes | mmap) -> SignatureTable:
        """Return the table whose blocks `to_bytes` wrote, in that order; nothing is copied.

        Raises:
            DataError: The bytes are none of ours, are cut short, do not follow one another, or
                were written with a version of Polars that hashes in another way.
        """
        table: SignatureTable | None = None
        for index, block in enumerate(blocks):
            try:
                arrays, metadata = unpacked(block)
                about = json.loads(metadata["about"])
                if table is None:
                    table = cls(about["threshold"], about["seed"])
                if [about["since"], about["threshold"]] != [len(table), table.threshold]:
                    raise ValueError("the blocks do not follow one another")
                if about["by"] != _HASH:
                    raise ValueError(f"hashed by {about['by']}, not by {_HASH}")
                table._append(arrays, about["shared"])
            except (ValueError, KeyError, TypeError) as error:
                problem = str(error)[:200]
                raise DataError("duplicates.table", index=index + 1, problem=problem) from error
        return cls() if table is None else table

    def _append(self, arrays: dict[str, Any], shared: int) -> None:
        found = Signatures(arrays["values"], arrays["lengths"], arrays["widths"], self.seed)
        self._segments.append(_Segment(arrays["digests"], found))
        index = (arrays[name] for name in ("keys", "rows", "places", "starts"))
        self._bands.append(BandIndex(*index))
        self.pairs = _in_a_row([self.pairs, arrays["pairs"]])
        self.similarity = _in_a_row([self.similarity, arrays["similarity"]])
        self._kept = self._last = _in_a_row([self._last[:shared], arrays["last"]])
        if self._last.max(initial=-1) >= len(self):
            raise ValueError("rows that are not there")


def _first(rows: Rows, count: int) -> Rows:
    """Return the first place at which each of `count` rows stands, -1 where none does.

    Behind them comes the first place of a missing text, whose row is -1.
    """
    first = np.full(count + 1, -1, dtype=np.int64)
    first[rows[::-1]] = np.arange(rows.size - 1, -1, -1)
    return first


def _in_a_row(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Return several parts as one, without a copy where only one of them holds anything."""
    full = [part for part in parts if len(part)]
    return np.concatenate(parts) if len(full) != 1 else full[0]


def _joined(parts: list[BandIndex]) -> BandIndex:
    """Return several parts as one."""
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([part.keys for part in parts], axis=1)
    return BandIndex.of(keys, np.concatenate([part.rows for part in parts]))


def _found(asked: Digests, held: Digests) -> tuple[Rows, Rows]:
    """Return the place among those held, -1 if there is none, and the first place of its equals.

    By a sparse table; what shares a slot there with another one goes on to the next round. Of
    equal ones only the first is found.
    """
    found, first = np.full(asked.size, -1, dtype=np.int64), np.arange(asked.size)
    left, known, factor = first.copy(), np.arange(held.size), 1
    while left.size:
        factor = factor * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        bits = (32 * left.size).bit_length()
        shift, slots = np.uint64(64 - bits), np.full(1 << bits, -1, dtype=np.int32)
        place = (asked[left] * np.uint64(factor) >> shift).view(np.int64)
        slots[place[::-1]] = left[::-1]
        owner = slots[place]
        same = asked[owner] == asked[left]
        first[left[same]] = owner[same]
        left = left[~same]
        owner = slots[(held * np.uint64(factor) >> shift).view(np.int64)]
        met = np.flatnonzero(owner >= 0)
        owner, held, known = owner[met], held[met], known[met]
        same = asked[owner] == held
        found[owner[same]] = known[same]
        held, known = held[~same], known[~same]
    return found, first


def digests_of(texts: pl.Series) -> Digests:
    """Return a content digest of each text, uint64, shape (N,); it holds for one Polars only.

    Far faster than a cryptographic digest of every text that was seen before. Among 20 million
    texts two that differ share one with a probability of one in 90,000.
    """
    return texts.hash().to_numpy()
