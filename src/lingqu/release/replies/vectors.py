"""A vector for each row: where it lies among others, so that what belongs together is near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.core.reply_metrics import PARTNERS
from lingqu.release.encode import Encoder
from lingqu.release.ngrams import ngram_counts
from lingqu.release.replies import Run, joined

_ROWS = 256
"""Rows that are placed at a time: bounds memory."""
_DIGITS = 6


class _Vectors:
    """Answers each row with a vector of length 1.

    What belongs to a row lies in the same space: `of_truth` places it by the same graph.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._paired = bool(block["paired"])

    def placed(self, frame: pl.DataFrame, run: Run) -> NDArray[Any]:
        """Return the vectors of some rows, (N, D)."""
        raise NotImplementedError

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        return Replies(tuple(self._told(frame, run)))

    def of_truth(self, frame: pl.DataFrame, wanted: Sequence[Json], run: Run) -> dict[str, Any]:
        """Return where the partner of each row lies, where rows have one."""
        if not self._paired:
            return {}
        first = self.columns[0]
        partners = pl.DataFrame({first: pl.Series(wanted, dtype=frame.schema[first])})
        return {PARTNERS: self._told(partners, run)}

    def _told(self, frame: pl.DataFrame, run: Run) -> list[list[float]]:
        starts = range(0, frame.height, _ROWS)
        parts = [self.placed(frame[start : start + _ROWS], run) for start in starts]
        told: list[list[float]] = np.concatenate(parts).astype(np.float64).round(_DIGITS).tolist()
        return told


class NgramAxes(_Vectors):
    """The graph takes counts of n-grams ``x`` (B, buckets) and gives ``vectors`` (B, D)."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        super().__init__(block)
        self._grams = int(block["buckets"]), int(block["low"]), int(block["high"])

    def placed(self, frame: pl.DataFrame, run: Run) -> NDArray[Any]:
        texts = joined(frame, self.columns).str.to_lowercase()
        return run(["vectors"], {"x": ngram_counts(texts, *self._grams)})[0]


class Embedder(_Vectors):
    """The graph takes what an encoding makes of the columns, and gives ``vectors`` (B, D)."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        super().__init__(block)
        self._encoder = Encoder(block["encoding"])

    def placed(self, frame: pl.DataFrame, run: Run) -> NDArray[Any]:
        return run(["vectors"], self._encoder.encode(frame))[0]
