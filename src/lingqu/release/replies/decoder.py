"""A text written token by token: what a decoder goes on with after it was asked.

The graph takes ``ids`` (B, T), ``seen`` (B, P + T; 0 for the places before a shorter text), int64,
and what was computed of the P places before, ``keys`` and ``values`` (layers, B, heads, P, size).
It gives ``scores`` (B, T, tokens) and both again, with the T places added. A graph of many tokens
also takes ``last``, int64: of how many places at the end the scores are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.release.replies import Run, joined
from lingqu.release.replies.drawing import Wish, drawn
from lingqu.release.replies.progress import Progress, settled
from lingqu.release.replies.script import Letters, Pieces, Script
from lingqu.release.replies.writing import Writing

_ROWS, _FEW = 32, 8
"""Texts that are written side by side; fewer where a decoder is large."""
_NOTHING = 0
Feeds = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]


@dataclass
class Text:
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

    Told beside: ``cut``, how many tokens at the beginning of what was asked did not fit into the
    context, and ``ended``, whether the answer came to its end.
    """

    writes: ClassVar[bool] = True
    """Whether a request may say how answers are drawn."""
    told: ClassVar[Sequence[str]] = ("scores", "keys_on", "values_on")
    """What the graph is asked for at each step, the scores first."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        many = "tokenizer" in block
        self.script: Script = Pieces(block) if many else Letters(block)
        self._rows, self._tells_last = (_FEW, True) if many else (_ROWS, False)
        self._context = int(block["context"])
        self._stop: tuple[str, ...] = tuple(block.get("stop", ()))
        self._wish = Wish.of(block["wish"])
        self._sides: tuple[int, int, int] = block["layers"], block["heads"], block["size"]

    def reply(self, frame: pl.DataFrame, run: Run, writing: Writing | None = None) -> Replies:
        """Answer rows; `writing` says what a request wants otherwise than the release has it."""
        wish, stop = self._wanted(writing or Writing())
        asked = self._asked(frame)
        room = self._room(wish)
        texts = [Text(tokens[-room:], np.random.default_rng(wish.seed)) for tokens in asked]
        order = np.argsort([len(one.begun) for one in texts], kind="stable").tolist()
        for start in range(0, len(order), self._rows):
            some = [texts[row] for row in order[start : start + self._rows]]
            for _ in self._write(some, wish, stop, run):
                pass
        sure = [np.exp(-one.nats / max(1, len(one.said))) for one in texts]
        beside: dict[str, list[Json]] = {
            "cut": [max(0, len(tokens) - room) for tokens in asked],
            "ended": [one.ended for one in texts],
        }
        said = tuple(self.script.answer(one.said, stop)[0] for one in texts)
        return Replies(said, np.array(sure), beside)

    def steps(
        self, frame: pl.DataFrame, run: Run, writing: Writing | None = None
    ) -> Iterator[list[Progress]]:
        """Answer rows token by token; together they are what `reply` says, but for the draws.

        Each row draws with a seed of its own, the one of the request and those after it, so that
        equal rows are several answers to one question.

        Returns:
            After each step how far every text has come that was added to; the last of a row is
            its whole answer.
        """
        wish, stop = self._wanted(writing or Writing())
        asked = self._asked(frame)
        room = self._room(wish)
        seeds = range(wish.seed, wish.seed + len(asked))
        texts = [
            Text(tokens[-room:], np.random.default_rng(seed))
            for tokens, seed in zip(asked, seeds, strict=True)
        ]
        cut = [max(0, len(tokens) - room) for tokens in asked]
        for start in range(0, len(texts), self._rows):
            some = texts[start : start + self._rows]
            rows = {id(one): start + place for place, one in enumerate(some)}
            if not wish.most:
                yield [self._progress(one, rows[id(one)], cut, stop, True) for one in some]
            for added in self._write(some, wish, stop, run):
                yield [
                    self._progress(one, rows[id(one)], cut, stop,
                                   self._is_over(one) or len(one.said) == wish.most)
                    for one in added
                ]  # fmt: skip

    def of_truth(self, frame: pl.DataFrame, wanted: Sequence[Json], run: Run) -> dict[str, Any]:
        """Return how little likely the wanted answers are: nats of each, and its tokens."""
        asked = self._asked(frame)
        nats, counts = np.zeros(len(asked)), np.zeros(len(asked))
        for row, (tokens, text) in enumerate(zip(asked, wanted, strict=True)):
            told = self.script.told(str(text))[: self._context // 2]
            begun = tokens[-(self._context - len(told) + 1) :]
            ids = np.array([[*begun, *told]], np.int64)
            feeds = self._feeds(ids[:, :-1], np.ones_like(ids[:, :-1]), len(told))
            scores = run(self.told[:1], feeds)[0][0, -len(told) :]
            given = log_chances(scores)  # (told, V)
            nats[row] = -given[np.arange(len(told)), told].sum()
            counts[row] = len(told)
        return {"nats": nats.tolist(), "tokens": counts.tolist()}

    def _wanted(self, writing: Writing) -> tuple[Wish, tuple[str, ...]]:
        """Return how one request is answered, and the texts at which its answers end."""
        wish, stop = self._wish.asked(writing), self._stop
        if writing.stop is not None:
            stop = writing.stop
            wish = Wish(**{**vars(wish), "stop": self.script.ends(stop)})
        return wish, stop

    def _room(self, wish: Wish) -> int:
        """Return the most tokens of what is asked: the rest of the context is for the answer."""
        return max(1, self._context - min(wish.most, self._context // 2))

    def _asked(self, frame: pl.DataFrame) -> list[list[int]]:
        texts = joined(frame, self.columns).to_list()
        return [self.script.asked(cell, row) for row, cell in enumerate(texts, start=1)]

    def _feeds(self, ids: NDArray[Any], seen: NDArray[Any], last: int = 1) -> Feeds:
        layers, heads, size = self._sides
        nothing = np.zeros((layers, len(ids), heads, 0, size), np.float32)
        feeds = {"ids": ids, "seen": seen, "keys": nothing, "values": nothing}
        return feeds | ({"last": np.array(last, np.int64)} if self._tells_last else {})

    def _progress(
        self, one: Text, row: int, cut: Sequence[int], stop: Sequence[str], over: bool
    ) -> Progress:
        text = self.script.answer(one.said, stop)[0]
        sure = float(np.exp(-one.nats / max(1, len(one.said))))
        said = text if over else settled(text, stop)
        return Progress(row, said, len(one.begun), len(one.said), cut[row], sure, one.ended, over)

    def _write(
        self, those: list[Text], wish: Wish, stop: Sequence[str], run: Run
    ) -> Iterator[list[Text]]:
        """Write some texts side by side, each until it ends; give those that were added to."""
        feeds = self._opening(those)
        for _ in range(wish.most):
            scores, *found = run(self.told, feeds)
            self._add(those, scores[:, -1], wish, stop)
            yield those
            on = [row for row, one in enumerate(those) if not self._is_over(one)]
            if not on:
                return
            if len(on) < len(those):
                found = [each[:, on] for each in found]
            those = [those[row] for row in on]
            feeds = self._following(feeds, those, on, found)

    def _opening(self, those: Sequence[Text]) -> Feeds:
        """Return what the graph is first asked."""
        longest = max(len(one.begun) for one in those)
        ids = np.full((len(those), longest), _NOTHING, np.int64)
        seen = np.zeros((len(those), longest), np.int64)
        for row, one in enumerate(those):  # texts end together, so that the newest is the last
            ids[row, longest - len(one.begun) :] = one.begun
            seen[row, longest - len(one.begun) :] = 1
        return self._feeds(ids, seen)

    def _following(
        self, feeds: Feeds, those: Sequence[Text], on: Sequence[int], found: Sequence[NDArray[Any]]
    ) -> Feeds:
        """Return what the graph is asked next of the texts that go on."""
        keys, values = found
        return feeds | {
            "ids": np.array([[one.said[-1]] for one in those], np.int64),
            "seen": np.pad(feeds["seen"][on], ((0, 0), (0, 1)), constant_values=1),
            "keys": keys, "values": values,
        }  # fmt: skip

    def _add(
        self, those: Sequence[Text], scores: NDArray[Any], wish: Wish, stop: Sequence[str]
    ) -> None:
        """Draw the next token of each text."""
        scores[:, list(self.script.never)] = -np.inf
        for one, row, told in zip(those, scores, log_chances(scores), strict=True):
            token = drawn(row, wish, one.generator)
            one.said.append(token)
            one.nats -= float(told[token])
            stopped = bool(stop) and self.script.answer(one.said, stop)[1]
            one.ended = stopped or wish.ends(one.said) > 0

    def _is_over(self, one: Text) -> bool:
        return one.ended or len(one.begun) + len(one.said) >= self._context


def log_chances(scores: NDArray[Any]) -> Floats:
    """Return log p of each token, (…, V)."""
    high = scores.astype(np.float64)
    high -= high.max(axis=-1, keepdims=True)
    told: Floats = high - np.log(np.exp(high).sum(axis=-1, keepdims=True))
    return told
