"""Encoded rows that keep a category as one code a row, and become numbers a few rows at a time.

One column of a category becomes a column of the tensor for each of its levels: of 240 000 rows with
thirty categories, half a gigabyte of zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.release.blocks import Category
from lingqu.release.encode import encode, encode_training, encoder, layout

Floats = NDArray[np.float32]
CHUNK = 8192
"""Rows that are made wide at a time where all of them are wanted."""


@dataclass(frozen=True)
class Narrow:
    """A tensor (N, D) in parts.

    Args:
        kept: The columns that are no category, float32 (N, C).
        places: Where they stand in the tensor, (C,).
        codes: A row of its table for each category, uint16 (N, K).
        tables: Of each category the numbers that its codes stand for, (codes, width).
        starts: Where the columns of each category begin in the tensor, (K,).
    """

    kept: Floats
    places: NDArray[np.int64]
    codes: NDArray[np.uint16]
    tables: tuple[Floats, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, frame: pl.DataFrame, encoding: Mapping[str, Json]) -> Narrow:
        """Return the rows of a frame, as `lingqu.release.encode.encode` reads them."""
        return _parted(frame, encoding, lambda others: encode(frame, others)["x"])

    @classmethod
    def of_training(cls, train: Dataset, encoding: Mapping[str, Json]) -> Narrow:
        """Return the very rows from which an encoding was learned."""
        return _parted(train.frame, encoding, lambda others: encode_training(train, others)["x"])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the tensor."""
        return len(self.kept), len(self.places) + sum(table.shape[1] for table in self.tables)

    def __len__(self) -> int:
        return len(self.kept)

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> Floats:
        """Return the tensor of some rows, (B, D)."""
        kept, codes = self.kept[rows], self.codes[rows]
        out = np.empty((len(kept), self.shape[1]), dtype=np.float32)
        out[:, self.places] = kept
        for start, table, code in zip(self.starts, self.tables, codes.T, strict=True):
            out[:, start : start + table.shape[1]] = table[code]
        return out

    def first(self, count: int) -> Narrow:
        """Return so many rows from the start."""
        return replace(self, kept=self.kept[:count], codes=self.codes[:count])

    def columns(self, places: list[int]) -> Floats:
        """Return some columns of the tensor, (N, d)."""
        out = np.empty((len(self), len(places)), dtype=np.float32)
        own = {int(place): at for at, place in enumerate(self.places)}
        for at, place in enumerate(places):
            if place in own:
                out[:, at] = self.kept[:, own[place]]
                continue
            turn = max(k for k, start in enumerate(self.starts) if start <= place)
            table = self.tables[turn][:, place - self.starts[turn]]
            out[:, at] = table[self.codes[:, turn]]
        return out

    def parts(self, size: int = CHUNK) -> Iterator[Floats]:
        """Yield the tensor, some rows at a time."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def whole(self) -> Floats:
        """Return the tensor."""
        if not self.tables:
            return self.kept
        out = np.empty(self.shape, dtype=np.float32)
        for place, part in enumerate(self.parts()):
            out[place * CHUNK : (place + 1) * CHUNK] = part
        return out


def _parted(
    frame: pl.DataFrame,
    encoding: Mapping[str, Json],
    encoded: Callable[[Mapping[str, Json]], Floats],
) -> Narrow:
    """Keep categories of several columns apart from all else, which is encoded as always."""
    others: list[Any] = []
    places: list[int] = []
    codes, tables, starts = [], [], []
    for block, (known, place) in zip(encoder(encoding).blocks, layout(encoding), strict=True):
        if isinstance(block, Category) and block.width > 1:
            codes.append(block.codes(frame).astype(np.uint16))
            tables.append(block.table)
            starts.append(place.start)
        else:
            others.append(known)
            places += range(place.start, place.stop)
    kept = encoded({**encoding, "blocks": others, "shape": [len(places)]})
    joined = np.column_stack(codes) if codes else np.zeros((len(kept), 0), dtype=np.uint16)
    return Narrow(kept, np.array(places, dtype=np.int64), joined, tuple(tables), tuple(starts))
