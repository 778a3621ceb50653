"""What was said before to the like: the nearest text that is known, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.release.ngrams import ngram_counts
from lingqu.release.replies import Run, joined

_ROWS = 256
"""Texts that are looked up at a time: bounds memory."""


class Memory:
    """Answers a text with what belongs to the nearest known one.

    The graph takes counts of n-grams ``x`` (B, buckets) and gives ``nearest``, int64 (B, 1), the
    number of the nearest known text, and ``likeness``, float32 (B, 1), a cosine.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._said: list[str] = block["said"]
        self._known: list[str] = block["known"]
        self._grams = int(block["buckets"]), int(block["low"]), int(block["high"])

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        texts = joined(frame, self.columns)
        nearest, likeness = [], []
        for start in range(0, len(texts), _ROWS):
            counts = ngram_counts(texts[start : start + _ROWS].str.to_lowercase(), *self._grams)
            found = run(["nearest", "likeness"], {"x": counts})
            nearest += found[0][:, 0].tolist()
            likeness.append(found[1][:, 0].astype(np.float64))
        beside: dict[str, list[Json]] = {"nearest": [self._known[place] for place in nearest]}
        return Replies(
            tuple(self._said[place] for place in nearest), np.concatenate(likeness), beside
        )
