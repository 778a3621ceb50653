"""A text written by a decoder that looks at what an encoder read: translation, summaries.

The graph takes ``asked`` (B, S), ``there`` (B, S; 0 behind a shorter text), ``ids`` (B, T), and
what was computed before: ``keys`` and ``values`` of the P tokens written so far, ``cross_keys`` and
``cross_values`` of what was read, (layers, B, heads, …, size). It gives ``scores`` (B, T, tokens)
and all four again, with what was added. After the first step nothing more is asked, and its part
that reads is passed by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.release.replies import Run
from lingqu.release.replies.decoder import Decoder, Feeds, Text, log_chances
from lingqu.release.replies.script import PairPieces

_FED = "keys", "values", "cross_keys", "cross_values"


class Pair(Decoder):
    """Answers a text with what a decoder makes of it.

    Told beside: ``cut``, how many tokens at the beginning of what was asked did not fit, and
    ``ended``, whether the answer came to its end.
    """

    told: ClassVar[Sequence[str]] = (
        "scores", "keys_on", "values_on", "cross_keys_on", "cross_values_on"
    )  # fmt: skip

    def __init__(self, block: Mapping[str, Any]) -> None:
        super().__init__(block)
        self.script = PairPieces(block)
        self._start = int(block["start"])

    def of_truth(self, frame: pl.DataFrame, wanted: Sequence[Json], run: Run) -> dict[str, Any]:
        """Return how little likely the wanted answers are: nats of each, and its tokens."""
        asked = self._asked(frame)
        nats, counts = np.zeros(len(asked)), np.zeros(len(asked))
        for row, (tokens, text) in enumerate(zip(asked, wanted, strict=True)):
            told = self.script.told(str(text))[: self._context]
            one = Text(tokens[-self._context :], np.random.default_rng(0))
            feeds = self._opening([one]) | {"ids": np.array([[self._start, *told[:-1]]], np.int64)}
            given = log_chances(run(self.told[:1], feeds)[0][0])  # (told, V)
            nats[row] = -given[np.arange(len(told)), told].sum()
            counts[row] = len(told)
        return {"nats": nats.tolist(), "tokens": counts.tolist()}

    def _room(self, wish: Any) -> int:
        return self._context

    def _is_over(self, one: Text) -> bool:
        return one.ended or len(one.said) >= self._context

    def _opening(self, those: Sequence[Text]) -> Feeds:
        longest = max(1, *(len(one.begun) for one in those))
        asked = np.zeros((len(those), longest), np.int64)
        there = np.zeros((len(those), longest), np.int64)
        for row, one in enumerate(those):
            asked[row, : len(one.begun)] = one.begun
            there[row, : len(one.begun)] = 1
        there[:, 0] = 1  # of nothing at all, something must be looked at
        layers, heads, size = self._sides
        nothing = np.zeros((layers, len(those), heads, 0, size), np.float32)
        start = np.full((len(those), 1), self._start, np.int64)
        return {"asked": asked, "there": there, "ids": start, **dict.fromkeys(_FED, nothing)}

    def _following(
        self, feeds: Feeds, those: Sequence[Text], on: Sequence[int], found: Sequence[NDArray[Any]]
    ) -> Feeds:
        return {
            "asked": np.zeros((len(those), 0), np.int64), "there": feeds["there"][on],
            "ids": np.array([[one.said[-1]] for one in those], np.int64),
            **dict(zip(_FED, found, strict=True)),
        }  # fmt: skip
