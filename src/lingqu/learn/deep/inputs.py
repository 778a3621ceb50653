"""What nets read, as tensors: all rows at once, or batch by batch where that saves memory."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from lingqu.learn.loop import Source
from lingqu.learn.narrow import Narrow

_WIDE = 4_000_000
"""Numbers (rows × columns) above which categories stay codes until a batch is made: 16 MB."""


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


Inputs = Tensor | Widening


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
