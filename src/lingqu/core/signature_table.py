"""The signatures of every text ever seen, so that a new version of the data hashes only new rows.

A table is a row of segments. Each saved segment is one block of bytes, and segments only follow
one another: one per cent more rows writes one per cent more bytes and rebuilds no index.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.bands import across, band_keys
from lingqu.core.errors import DataError
from lingqu.core.minhash import (
    Floats,
    Keys,
    Rows,
    Signatures,
    clusters,
    near_pairs,
    signatures,
    verified,
)
from lingqu.core.packed import packed, unpacked

LINKS = 8
"""Neighbours that are compared anew where the row they were paired with is gone."""

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
    digests: Digests  # (N, 2)
    found: Signatures
    keys: Keys  # (bands + 1, N)


class SignatureTable:
    """Signatures and near pairs of distinct texts, by content digest.

    Why: to look for near copies again after one per cent of the rows changed should cost about
    one per cent. `add` hashes what it has not seen, `pairs_with_new` compares that with
    everything, and `pairs` holds all near pairs found so far.

    Args:
        threshold: Least similarity of a pair, fixed for the life of the table.
        seed: Seed of the hash.

    Example:
        >>> table = SignatureTable()
        >>> table.add(["one and the same", "another text"]).new.tolist()
        [True, True]
        >>> again = SignatureTable.from_bytes(table.to_bytes())
        >>> again.add(["ONE and the same", "another text"]).rows.tolist()
        [2, 1]
        >>> again.pairs_with_new()[0].tolist()
        [[0, 2]]

    Source: Own; signatures and bands as in `core/minhash.py`.
    """

    def __init__(self, threshold: float = 0.8, seed: int = 0) -> None:
        self.threshold, self.seed = threshold, seed
        self.pairs: Rows = np.zeros((0, 2), dtype=np.int64)
        self.similarity: Floats = np.zeros(0)
        self._segments: list[_Segment] = []
        self._compared = 0
        self._texts: NDArray[np.object_] = np.empty(0, dtype=object)
        band_keys(signatures([]).values, threshold, seed)

    def __len__(self) -> int:
        return sum(len(segment.found) for segment in self._segments)

    @property
    def signatures(self) -> Signatures:
        """All signatures, row by row."""
        return Signatures.concat([signatures([], seed=self.seed), *self._founds()])

    def _founds(self) -> list[Signatures]:
        return [segment.found for segment in self._segments]

    def add(self, texts: Sequence[str | None], digests: Digests | None = None) -> Added:
        """Take in texts; hash only those whose content is new.

        Args:
            texts: None is passed over.
            digests: What `digests_of` said of them, where that is known already.

        Returns:
            Their rows, and which were new.
        """
        asked = digests_of(texts) if digests is None else digests
        missing = None in texts
        present = (
            np.array([row for row, text in enumerate(texts) if text is not None], np.int64)
            if missing
            else np.arange(len(texts))
        )
        rows = np.full(len(texts), -1, dtype=np.int64)
        new = np.zeros(len(texts), dtype=bool)
        order, opens = _grouped(asked[present])
        order = present[order]
        first = order[opens]
        held = self._held(asked[first])
        fresh = np.sort(first[held < 0])
        place = np.empty(len(texts), dtype=np.int64)
        place[fresh] = len(self) + np.arange(fresh.size)
        rows[order] = np.where(held < 0, place[first], held)[np.cumsum(opens) - 1]
        new[fresh] = True
        if fresh.size:
            found = signatures([texts[row] for row in fresh.tolist()], seed=self.seed)
            keys = band_keys(found.values, self.threshold, self.seed)
            self._segments.append(_Segment(asked[fresh], found, keys))
        self._remember(rows, texts)
        return Added(rows, new)

    def _held(self, asked: Digests) -> Rows:
        """Return the rows of digests sorted by their first half, -1 for unknown ones."""
        held = np.full(len(asked), -1, dtype=np.int64)
        some = np.zeros(1 << 20, dtype=bool)
        some[asked[:, 0] >> np.uint64(44)] = True
        offset = 0
        for segment in self._segments:
            known = np.flatnonzero(some[segment.digests[:, 0] >> np.uint64(44)])
            place = np.searchsorted(asked[:, 0], segment.digests[known, 0])
            known, place = known[place < len(asked)], place[place < len(asked)]
            same = (asked[place] == segment.digests[known]).all(axis=1)
            held[place[same]] = offset + known[same]
            offset += len(segment.found)
        return held

    def _remember(self, rows: Rows, texts: Sequence[str | None]) -> None:
        """Keep the texts at hand, in memory only: with both texts a pair is counted exactly."""
        longer = np.empty(len(self) + 1, dtype=object)
        longer[: len(self._texts)] = self._texts
        longer[rows] = texts
        self._texts = longer[:-1]

    def pairs_with_new(self) -> tuple[Rows, Floats]:
        """Compare what was added since the last time with everything, and remember the pairs.

        Returns:
            Rows of the table ``[earlier, later]``, shape (P, 2), and similarities, shape (P,).
        """
        offset, pairs, similarity = 0, [self.pairs[:0]], [self.similarity[:0]]
        for index, segment in enumerate(self._segments):
            size = len(segment.found)
            if offset >= self._compared:
                texts = self._texts[offset : offset + size].tolist()
                within, score = near_pairs(segment.found, self.threshold, texts)
                pairs.append(within + offset)
                similarity.append(score)
                for between, score in self._older(index, offset, texts):
                    pairs.append(between)
                    similarity.append(score)
            offset += size
        found, scores = np.concatenate(pairs), np.concatenate(similarity)
        self.pairs = np.concatenate([self.pairs, found])
        self.similarity = np.concatenate([self.similarity, scores])
        self._compared = offset
        return found, scores

    def _older(self, index: int, offset: int, texts: list[Any]) -> Iterable[tuple[Rows, Floats]]:
        """Compare a segment with those before it."""
        new, start = self._segments[index], 0
        for old in self._segments[:index]:
            places = across(old.keys, new.keys).T
            said = (old.found.widths[places[:, 0]] > 0) & (new.found.widths[places[:, 1]] > 0)
            earlier = self._texts[start : start + len(old.found)].tolist()
            both, score = verified(
                old.found, new.found, places[said], self.threshold, (earlier, texts)
            )
            yield both + np.array([start, offset]), score
            start += len(old.found)

    def pairs_of(self, rows: Rows) -> tuple[Rows, Floats]:
        """Return the pairs among rows of a data set: equal ones, and near ones found so far.

        Args:
            rows: What `add` said of the data set's texts, shape (N,).

        Returns:
            Row numbers of the data set ``[earlier, later]``, each pair once, and similarities.
            Of equal texts the first stands for all in near pairs.
        """
        first = np.full(len(self) + 1, len(rows), dtype=np.int64)
        numbers = np.arange(len(rows), dtype=np.int64)
        np.minimum.at(first, rows, numbers)
        again = numbers[(rows >= 0) & (first[rows] != numbers)]
        copies = np.stack([first[rows[again]], again], axis=1)
        pairs, similarity = self._linked(first[:-1] < len(rows))
        near = np.sort(first[pairs], axis=1)
        return np.concatenate([copies, near]), np.concatenate([np.ones(again.size), similarity])

    def _linked(self, present: NDArray[np.bool_]) -> tuple[Rows, Floats]:
        """Return the pairs among some rows of the table.

        Alike rows are often paired with the first of them only; where that one is gone, those
        that are left are compared with each other.
        """
        whole = present[self.pairs].all(axis=1)
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
        held = pairs[:, 0] * len(self) + pairs[:, 1]
        tried = [np.stack([members[starts], members])] if members.size else []
        for step in range(1, min(LINKS, members.size - 1) + 1):
            same = np.flatnonzero(owner[step:] == owner[:-step])
            tried.append(np.stack([members[place[same]], members[place[same] + step]]))
        asked = np.concatenate([np.zeros((2, 0), dtype=np.int64), *tried], axis=1)
        asked = np.unique(asked[:, asked[0] != asked[1]], axis=1)
        asked = asked[:, ~np.isin(asked[0] * len(self) + asked[1], held)]
        local = np.unique(asked)
        texts = self._texts[local].tolist()
        found = self._take(local)
        more, score = verified(
            found, found, np.searchsorted(local, asked).T, self.threshold, (texts, texts)
        )
        return np.concatenate([pairs, local[more]]), np.concatenate([similarity, score])

    def _take(self, rows: Rows) -> Signatures:
        """Return the signatures of a few rows, ascending."""
        parts, offset = [signatures([], seed=self.seed)], 0
        for segment in self._segments:
            size = len(segment.found)
            inside = rows[(rows >= offset) & (rows < offset + size)]
            parts.append(segment.found.take(inside - offset))
            offset += size
        return Signatures.concat(parts)

    def pruned(self, rows: NDArray[np.bool_]) -> SignatureTable:
        """Return a table that has forgotten all other rows, as when a person's rows are erased.

        Args:
            rows: True for each row to keep, shape (N,).
        """
        table = SignatureTable(self.threshold, self.seed)
        whole = self._joined(0)
        keep = _Segment(whole.digests[rows], whole.found.take(rows), whole.keys[:, rows])
        table._segments = [keep]
        table._texts = self._texts[rows]
        table._compared = int(rows[: self._compared].sum())
        pairs, table.similarity = self._linked(rows)
        table.pairs = (np.cumsum(rows) - 1)[pairs]
        return table

    def _joined(self, since: int) -> _Segment:
        empty = signatures([], seed=self.seed)
        none = _Segment(digests_of([]), empty, band_keys(empty.values, self.threshold, self.seed))
        held, offset = [(none.digests, none.found, none.keys)], 0
        for segment in self._segments:
            skip = max(0, since - offset)
            some = slice(skip, None)
            held.append((segment.digests[some], segment.found.take(some), segment.keys[:, some]))
            offset += len(segment.found)
        digests, found, keys = zip(*held, strict=True)
        return _Segment(np.concatenate(digests), Signatures.concat(found), np.hstack(keys))

    def to_bytes(self, since: int = 0) -> bytes:
        """Return the rows from `since` on, with their pairs, as one block of bytes.

        Texts are not in it, only digests and hashes of their shingles. What was not compared yet
        is compared first, while the texts are at hand.
        """
        if self._compared < len(self):
            self.pairs_with_new()
        part = self._joined(since)
        late = self.pairs.max(axis=1, initial=-1) >= since
        arrays = {
            "digests": part.digests,
            "values": part.found.values,
            "lengths": part.found.lengths,
            "widths": part.found.widths,
            "keys": part.keys,
            "pairs": self.pairs[late],
            "similarity": self.similarity[late],
        }
        about = {"threshold": self.threshold, "seed": self.seed, "since": since}
        return packed(arrays, {"about": json.dumps(about)})

    @classmethod
    def from_bytes(cls, *blocks: bytes) -> SignatureTable:
        """Return the table whose blocks `to_bytes` wrote, in that order; nothing is copied.

        Raises:
            DataError: The bytes are none of ours, are cut short, or do not follow one another.
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
                table._append(arrays)
            except (ValueError, KeyError, TypeError) as error:
                problem = str(error)[:200]
                raise DataError("duplicates.table", index=index + 1, problem=problem) from error
        return cls() if table is None else table

    def _append(self, arrays: dict[str, Any]) -> None:
        found = Signatures(arrays["values"], arrays["lengths"], arrays["widths"], self.seed)
        self._segments.append(_Segment(arrays["digests"], found, arrays["keys"]))
        self.pairs = np.concatenate([self.pairs, arrays["pairs"]])
        self.similarity = np.concatenate([self.similarity, arrays["similarity"]])
        self._compared = len(self)
        self._texts = np.empty(len(self), dtype=object)


def _grouped(digests: Digests) -> tuple[Rows, NDArray[np.bool_]]:
    """Return an order in which equal digests stand together, and where each group opens."""
    order = np.argsort(digests[:, 0], kind="stable")
    same = digests[order[1:]] == digests[order[:-1]]
    if (same[:, 0] & ~same[:, 1]).any():
        order = np.lexsort((digests[:, 1], digests[:, 0]))
        same = digests[order[1:]] == digests[order[:-1]]
    return order, np.concatenate([[True], ~same.all(axis=1)])[: order.size]


def digests_of(texts: Sequence[str | None]) -> Digests:
    """Return the 128-bit content digest of each text, as two halves, uint64, shape (N, 2)."""
    held = b"".join(
        hashlib.blake2b((text or "").encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for text in texts
    )
    return np.frombuffer(held, dtype="<u8").reshape(-1, 2)
