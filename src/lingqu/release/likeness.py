"""A category by how its levels are written: its likeness to the most frequent ones.

A level that was never seen, such as a misspelt one, is then near to those that it resembles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.release.blocks import Floats
from lingqu.release.ngrams import ngram_counts

BUCKETS = 512
GRAMS = (1, 3)
"""Shortest and longest run of letters that two levels may share."""
_ROWS = 4096


class Likeness:
    """One column per frequent level: the cosine between the n-grams of it and of the row's level.

    Counts are whole numbers, whose products are exact in any order: one row is answered as many
    are. A missing level is like none.

    Example:
        >>> out = np.empty((3, 2), dtype=np.float32)
        >>> towns = pl.DataFrame({"town": ["Chengdu", "chengd", None]})
        >>> Likeness({"column": "town", "levels": ["Chengdu", "Guilin"]}).write(towns, out)
        >>> out.round(2).tolist()  # doctest: +ELLIPSIS
        [[1.0, ...], [0.8..., ...], [0.0, 0.0]]

    Source: Cerda, Varoquaux and Kégl, "Similarity encoding for learning with dirty categorical
        variables", 2018, arXiv:1806.00979; n-grams hashed as in Weinberger et al., 2009.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["column"]
        levels: list[str] = block["levels"]
        self.width = len(levels)
        self._counts, self._norms = _grams(pl.Series(levels, dtype=pl.String))

    def write(self, frame: pl.DataFrame, out: Floats) -> None:
        series = frame.get_column(self._column)
        if not isinstance(series.dtype, pl.String):
            series = series.cast(pl.String)
        if len(series) == 1:
            out[:] = self._alike(series)
            return
        seen = series.unique(maintain_order=True)
        places = series.to_frame("level").join(
            seen.to_frame("level").with_row_index("place"),
            on="level", how="left", nulls_equal=True, maintain_order="left",
        )["place"]  # fmt: skip
        out[:] = self._alike(seen)[places.to_numpy()]

    def _alike(self, levels: pl.Series) -> Floats:
        found = np.empty((len(levels), self.width), dtype=np.float32)
        for start in range(0, len(levels), _ROWS):
            counts, norms = _grams(levels[start : start + _ROWS])
            shared = counts @ self._counts.T  # (rows, levels)
            found[start : start + _ROWS] = shared / (norms[:, None] * self._norms)
        return found


def _grams(levels: pl.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return counts (N, BUCKETS) and their lengths (N,), 1 where there is nothing."""
    counts = ngram_counts(levels, BUCKETS, *GRAMS).astype(np.float64)
    norms = np.sqrt((counts * counts).sum(1))  # whole numbers again: exact
    return counts, np.where(norms > 0, norms, 1.0)
