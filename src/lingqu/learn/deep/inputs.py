"""What nets read, as tensors: all rows at once, or batch by batch where that saves memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
import torch
from torch import Tensor

from lingqu.core.nouns import Json
from lingqu.learn.loop import Source
from lingqu.learn.narrow import Narrow
from lingqu.release.encode import encode

_WIDE = 4_000_000
"""Numbers (rows × columns) above which categories stay codes until a batch is made: 16 MB."""
_MOST = 250_000_000
"""Numbers of pictures (rows × columns) above which they are encoded batch by batch: 1 GB."""


class Widening:
    """Rows that become a tensor when some of them are asked for.

    Args:
        narrow: The rows.
    """

    def __init__(self, narrow: Narrow) -> None:
        self._narrow = narrow
        self.shape = torch.Size(narrow.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | Tensor) -> Tensor:
        """Return the tensor of some rows, (B, D)."""
        some = rows.numpy() if isinstance(rows, Tensor) else rows
        return torch.from_numpy(self._narrow[some])


class OnDemand:
    """Rows of a frame that are encoded when they are asked for: pictures that fill the memory.

    Args:
        frame: The rows.
        encoding: How columns become a tensor of a known width.
    """

    def __init__(self, frame: pl.DataFrame, encoding: Mapping[str, Json]) -> None:
        self._frame, self._encoding = frame, encoding
        self.shape = torch.Size([frame.height, *encoding["shape"]])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | Tensor) -> Tensor:
        """Return the tensor of some rows, (B, D)."""
        some = self._frame[rows.numpy() if isinstance(rows, Tensor) else rows]
        if not some.height:
            return torch.zeros(0, *self.shape[1:])
        return torch.from_numpy(encode(some, self._encoding)[str(self._encoding["tensor"])])


Inputs = Tensor | Widening | OnDemand


def too_wide(frame: pl.DataFrame, encoding: Mapping[str, Json]) -> bool:
    """Say whether rows shall be encoded batch by batch."""
    width = 1
    for side in encoding["shape"]:
        width *= side or 1
    return None not in encoding["shape"] and frame.height * width > _MOST


def inputs(narrow: Narrow) -> Inputs:
    """Return rows as a net reads them."""
    rows, columns = narrow.shape
    if not narrow.tables or rows * columns <= _WIDE:
        return torch.from_numpy(narrow.whole())
    return Widening(narrow)


def parts(x: Source, size: int) -> Iterator[Tensor]:
    """Yield the rows in order, some at a time."""
    for start in range(0, len(x), size):
        yield x[start : start + size]
