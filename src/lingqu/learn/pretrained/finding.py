"""What an encoder finds in rows, computed once for each row and kept while the process lives."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.learn import device
from lingqu.learn.deep.inputs import Inputs
from lingqu.learn.pretrained.hearing import Hearer
from lingqu.learn.pretrained.net import Encoder, read_by

_BATCH = 32
_FIRST = 2
"""Batches by which the speed is told, before it is decided whether to go on."""
_HEARD = 500_000
"""Samples of recordings that are heard together: half a minute takes some hundred megabytes."""
_MOST = 256_000_000
"""Bytes of vectors that are kept."""


class Findings:
    """Vectors of rows that were read before, by encoder and row; the oldest go first.

    The folds of one choice share most rows, and are fitted by one process.

    Args:
        most: Bytes of vectors that are kept.

    Attributes:
        paces: Seconds in which an encoder reads one place, by its name, as last measured.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._vectors: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._size, self._most = 0, most
        self.paces: dict[str, float] = {}

    def get(self, key: bytes) -> NDArray[np.float32] | None:
        """Return the vector under a key."""
        found = self._vectors.get(key)
        if found is not None:
            self._vectors.move_to_end(key)
        return found

    def put(self, key: bytes, vector: NDArray[np.float32]) -> None:
        """Keep a vector, and forget the oldest where there are too many."""
        self._vectors[key] = vector
        self._size += vector.nbytes
        while self._size > self._most:
            self._size -= self._vectors.popitem(last=False)[1].nbytes

    def forget(self) -> None:
        """Forget all that was found."""
        self._vectors.clear()
        self._size = 0


KEPT = Findings()


def found_in(
    encoder: Encoder, name: str, x: Inputs, table: int, end: float, kept: Findings = KEPT
) -> NDArray[np.float32]:
    """Return what an encoder finds in rows, (N, D).

    Rows of like length are read together. The first batches tell how long all will take.

    Args:
        encoder: In its evaluation form.
        name: What tells this encoder from others: digest, pooling.
        x: Rows of the encoding, (N, W).
        table: Columns before what the encoder reads.
        end: When it must be done, by the monotonic clock.
        kept: What was found before; by default by this process.

    Raises:
        TrainError: It would not be done by then.
    """
    out = np.empty((len(x), encoder.width), dtype=np.float32)
    keys: list[bytes] = []
    new: list[int] = []
    sizes = np.zeros(len(x), dtype=np.int64)
    for start in range(0, len(x), _BATCH):
        for row, cells in enumerate(x[start : start + _BATCH].numpy()[:, table:], start):
            sizes[row] = np.count_nonzero(cells)
            told = name.encode() + np.trim_zeros(cells, "b").tobytes()
            keys.append(hashlib.sha256(told).digest())
            vector = kept.get(keys[row])
            if vector is None:
                new.append(row)
            else:
                out[row] = vector
    begun = time.monotonic()
    count = together(encoder, int(sizes.max(initial=1)))
    for rows in _batches(np.array(new, dtype=np.int64), sizes, count, begun, end):
        part = read_by(encoder, x[torch.from_numpy(rows)], table)
        with torch.inference_mode():
            found = device.ask(encoder, part).numpy()
        out[rows] = found
        for row, vector in zip(rows, found, strict=True):
            if kept.get(keys[row]) is None:  # a text may come twice
                kept.put(keys[row], vector.copy())
    if new:
        kept.paces[name] = (time.monotonic() - begun) / max(1, int(sizes[new].sum()))
    return out


def together(encoder: Encoder, longest: int) -> int:
    """Return how many rows an encoder reads at a time.

    Args:
        encoder: Of texts, pictures or recordings.
        longest: Places, or samples, of the longest row.
    """
    return max(1, min(_BATCH, _HEARD // longest)) if isinstance(encoder, Hearer) else _BATCH


def _batches(
    rows: NDArray[np.int64], sizes: NDArray[np.int64], count: int, begun: float, end: float
) -> Iterator[NDArray[np.int64]]:
    """Yield rows in batches of like length, as long as there is time for all of them."""
    rows = rows[np.argsort(sizes[rows], kind="stable")]
    batches = [rows[start : start + count] for start in range(0, len(rows), count)]
    # The middle first: a batch of short texts would say little of all.
    middle = len(batches) // 2
    done, of = 0, int(sizes[rows].sum())
    for turn, batch in enumerate(batches[middle:] + batches[:middle]):
        cost = (time.monotonic() - begun) / max(1, done) * of
        if turn >= _FIRST and begun + cost > end:
            raise TrainError("pretrained.no_time", rung="frozen", cost=cost, left=end - begun)
        yield batch
        done += int(sizes[batch].sum())
