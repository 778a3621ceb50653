"""A few rows as Python values: for one row, a call into Polars per column costs more than the sum.

Numbers, Booleans, text and pixels of canonical types (`conform`) are read from here. All else, and
whoever wants a frame, gets the frame that these rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import polars as pl
from numpy.typing import NDArray

FEW = 8
"""Up to so many rows, looking at each cell is faster than planning an expression."""
_NUMBERS = frozenset({pl.Float64, pl.Boolean})

Cells = Sequence[Any]


class FewRows:
    """A few rows, by column.

    Args:
        height: How many.
        numbers: Cells of columns of numbers and Booleans, by name.
        texts: Cells of columns of text, by name.
        make: Returns the frame; called at most once.
        arrays: Pixels of columns of pictures, none missing, (N, *shape), by name.
    """

    def __init__(
        self,
        height: int,
        numbers: Mapping[str, Cells],
        texts: Mapping[str, Cells],
        make: Callable[[], pl.DataFrame],
        arrays: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        self.height, self.numbers, self.texts, self._make = height, numbers, texts, make
        self.arrays = arrays or {}

    @classmethod
    def of(cls, frame: pl.DataFrame) -> FewRows:
        """Return the rows of a frame: one crossing into Rust instead of one per column.

        Example:
            >>> rows = FewRows.of(pl.DataFrame({"age": [41.0], "town": ["Guilin"]}))
            >>> rows.numbers, rows.texts
            ({'age': (41.0,)}, {'town': ('Guilin',)})
        """
        types = dict(zip(frame.columns, map(type, frame.dtypes), strict=True))
        plain = [n for n, kind in types.items() if kind in _NUMBERS or kind is pl.String]
        part = frame if len(plain) == len(types) else frame[plain]
        numbers, texts = dict[str, Cells](), dict[str, Cells]()
        for name, cells in zip(plain, zip(*part.rows(), strict=True), strict=True):
            (texts if types[name] is pl.String else numbers)[name] = cells
        return cls(frame.height, numbers, texts, lambda: frame)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows as a frame."""
        return self._make()


Rows = pl.DataFrame | FewRows


def frame_of(rows: Rows) -> pl.DataFrame:
    """Return rows as a frame."""
    return rows.frame if isinstance(rows, FewRows) else rows


def few_of(rows: Rows) -> Rows:
    """Return rows, few ones as Python values."""
    if isinstance(rows, pl.DataFrame) and 0 < rows.height <= FEW:
        return FewRows.of(rows)
    return rows
