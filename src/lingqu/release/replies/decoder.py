"""A text written character by character: what a decoder goes on with after it was asked.

The graph takes ``ids`` (B, T), ``seen`` (B, P + T; 0 for the places before a shorter text), int64,
and what was computed of the P places before, ``keys`` and ``values`` (layers, B, heads, P, size).
It gives ``scores`` (B, T, tokens) and both again, with the T places added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.release.replies import Run, joined
from lingqu.release.replies.alphabet import Alphabet
from lingqu.release.replies.drawing import Wish, drawn
from lingqu.release.replies.template import folded, prompt_of

_ROWS = 32
"""Texts that are written side by side."""
_OUT = ["scores", "keys_on", "values_on"]
UNKNOWN = 0
Floats = NDArray[np.float64]


@dataclass
class _Writing:
    """One text while it is written.

    Args:
        begun: Tokens of what was asked.
        generator: Draws; one for each text, so that no answer depends on its neighbours.
        said: Tokens that were written.
        nats: −log p of all of them.
        ended: Whether it came to a stop.
    """

    begun: list[int]
    generator: np.random.Generator
    said: list[int] = field(default_factory=list)
    nats: float = 0.0
    ended: bool = False


class Decoder:
    """Answers a text with what a decoder goes on with.

    Told beside: ``cut``, how many characters at the beginning of what was asked did not fit into
    the context, and ``ended``, whether the answer came to its end.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._alphabet = Alphabet(block["characters"])
        self._template: dict[str, list[str]] = block["template"]
        self._context = int(block["context"])
        self._wish = Wish.of(block["wish"])
        self._sides: tuple[int, int, int] = block["layers"], block["heads"], block["size"]

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        cuts, writings = [], []
        for tokens in self._asked(frame):
            begun, cut = self._fitting(tokens, self._room)
            cuts.append(cut)
            writings.append(_Writing(begun, np.random.default_rng(self._wish.seed)))
        order = np.argsort([len(one.begun) for one in writings], kind="stable").tolist()
        for start in range(0, len(order), _ROWS):
            self._write([writings[row] for row in order[start : start + _ROWS]], run)
        sure = [np.exp(-one.nats / max(1, len(one.said))) for one in writings]
        beside: dict[str, list[Json]] = {"cut": cuts, "ended": [one.ended for one in writings]}
        return Replies(tuple(map(self._text, writings)), np.array(sure), beside)

    def of_truth(self, frame: pl.DataFrame, wanted: Sequence[Json], run: Run) -> dict[str, Any]:
        """Return how little likely the wanted answers are: nats of each, and its tokens."""
        asked = list(self._asked(frame))
        nats, counts = np.zeros(len(asked)), np.zeros(len(asked))
        behind = self._template["assistant"][1]
        for row, (tokens, text) in enumerate(zip(asked, wanted, strict=True)):
            told = self._alphabet.encode(folded(str(text)) + behind)[: self._context // 2]
            begun, _ = self._fitting(tokens, self._context - len(told) + 1)
            ids = np.array([[*begun, *told]], np.int64)
            scores = run(_OUT[:1], self._feeds(ids[:, :-1], np.ones_like(ids[:, :-1])))[0][0]
            given = _log_chances(scores[len(begun) - 1 :])  # (told, V)
            nats[row] = -given[np.arange(len(told)), told].sum()
            counts[row] = len(told)
        return {"nats": nats.tolist(), "tokens": counts.tolist()}

    @property
    def _room(self) -> int:
        """Most tokens of what is asked: the rest of the context is for the answer."""
        return max(1, self._context - min(self._wish.most, self._context // 2))

    def _asked(self, frame: pl.DataFrame) -> list[list[int]]:
        texts = joined(frame, self.columns).to_list()
        cells = enumerate(texts, start=1)
        return [self._alphabet.encode(prompt_of(c, self._template, row)) for row, c in cells]

    @staticmethod
    def _fitting(tokens: list[int], room: int) -> tuple[list[int], int]:
        """Return the end of a text that fits, and how many tokens were cut off."""
        return tokens[-room:], max(0, len(tokens) - room)

    def _text(self, one: _Writing) -> str:
        end = self._wish.ends(one.said) if one.ended else 0
        return self._alphabet.decode(one.said[: len(one.said) - end]).strip()

    def _feeds(self, ids: NDArray[Any], seen: NDArray[Any]) -> dict[str, NDArray[Any]]:
        layers, heads, size = self._sides
        nothing = np.zeros((layers, len(ids), heads, 0, size), np.float32)
        return {"ids": ids, "seen": seen, "keys": nothing, "values": nothing}

    def _write(self, those: list[_Writing], run: Run) -> None:
        """Write some texts side by side, each until it ends."""
        longest = max(len(one.begun) for one in those)
        ids = np.full((len(those), longest), UNKNOWN, np.int64)
        seen = np.zeros((len(those), longest), np.int64)
        for row, one in enumerate(those):  # texts end together, so that the newest is the last
            ids[row, longest - len(one.begun) :] = one.begun
            seen[row, longest - len(one.begun) :] = 1
        feeds = self._feeds(ids, seen)
        for _ in range(self._wish.most):
            scores, keys, values = run(_OUT, feeds)
            self._add(those, scores[:, -1])
            on = [row for row, one in enumerate(those) if not self._is_over(one)]
            if not on:
                return
            those = [those[row] for row in on]
            feeds = {
                "ids": np.array([[one.said[-1]] for one in those], np.int64),
                "seen": np.pad(feeds["seen"][on], ((0, 0), (0, 1)), constant_values=1),
                "keys": keys[:, on], "values": values[:, on],
            }  # fmt: skip

    def _add(self, those: Sequence[_Writing], scores: NDArray[Any]) -> None:
        """Draw the next token of each text."""
        scores[:, UNKNOWN] = -np.inf  # a character that nobody knows cannot be written
        for one, row, told in zip(those, scores, _log_chances(scores), strict=True):
            token = drawn(row, self._wish, one.generator)
            one.said.append(token)
            one.nats -= float(told[token])
            one.ended = self._wish.ends(one.said) > 0

    def _is_over(self, one: _Writing) -> bool:
        return one.ended or len(one.begun) + len(one.said) >= self._context


def _log_chances(scores: NDArray[Any]) -> Floats:
    """Return log p of each token, (…, V)."""
    high = scores.astype(np.float64)
    high -= high.max(axis=-1, keepdims=True)
    told: Floats = high - np.log(np.exp(high).sum(axis=-1, keepdims=True))
    return told
