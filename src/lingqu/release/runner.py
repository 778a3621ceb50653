"""Governed rows → answers: a graph, opened once, with what encodes rows for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import REPLIES, Json, Model, Task
from lingqu.core.predictions import OUT_OF_RANGE, Predictions, in_numbers
from lingqu.release.blocks import STEP, UNIT
from lingqu.release.encode import Encoder
from lingqu.release.few_rows import Rows, few_of, frame_of
from lingqu.release.replies import Replier, Writes, replier_of
from lingqu.release.replies.writing import Writing
from lingqu.release.series.block import coherent
from lingqu.release.session import FALLBACK, SETS, lanes, open_session

CHUNK = 8192
"""Rows encoded at a time: bounds the memory of wide tensors."""
PIECE = 1024
"""Rows that go through the graph at a time: what a net of many heads makes of a row is a hundred
times wider than the row. It costs no time, since such pieces stay in the cache."""
READ = 64
"""The same of rows with words in order, where each word looks at every other, and of what a
pre-trained encoder reads."""
HEARD, LISTENED = 64, 4
"""The same of recordings: how many are encoded, and how many go through the graph at a time. What a
net makes of a second of samples is a hundred times larger than of a line of text."""


class Runner:
    """A merged graph, opened once; answers rows that are already governed.

    Args:
        graph: ONNX bytes of `merge`.
        inputs: What each tensor of the graph is made of.
        task: Task of the model.
        classes: Class names in output order; empty for regression.
        threshold: Two classes: probability of the second from which it is chosen.
        threads: Threads of the session, which answers one piece at a time; by the graph and the
            cores of the machine when omitted.

    Attributes:
        levels: Quantiles that are told beside each value.
        unread: Column that is never read, though the rows may hold it.
        encodings: What each tensor is made of.
        together: Whether rows must be answered together, as newer values and what they lead to.
    """

    def __init__(
        self,
        graph: bytes,
        inputs: Sequence[Mapping[str, Json]],
        task: Task,
        classes: tuple[str, ...],
        threshold: float = 0.5,
        threads: int | None = None,
    ) -> None:
        self.task: Task = task
        self.classes = classes
        self.threshold = threshold
        self.encodings = [row["encoding"] for row in inputs]
        self.replier = replier_of(self.encodings[0]) if task in REPLIES else None
        read = () if self.replier else inputs
        self._encoders = [(row["tensor"], Encoder(row["encoding"])) for row in read]
        series = [b for row in inputs for b in row["encoding"]["blocks"] if b["type"] == "series"]
        self.levels = tuple(level for block in series[:1] for level in block.get("quantiles", ()))
        self._coherent = coherent(series[0]) if series and "sums" in series[0] else None
        self.unread = ""
        self.together = bool(series)
        self._words = {name: place for name, e in self._encoders if (place := e.words) is not None}
        looks = any(row["encoding"].get("style") == "pretrained" for row in read)
        self._piece = READ if self._words or looks else PIECE
        self._chunk = CHUNK
        if any(b["type"] == "waves" for row in read for b in row["encoding"]["blocks"]):
            self._chunk, self._piece = HEARD, LISTENED
        self._session = open_session(graph, threads)
        self._lanes = lanes(graph) if threads is None else 1
        self._numbers = in_numbers(task, classes)
        self._outputs = ["values" if self._numbers else "probabilities"]
        if self.replier:
            return
        there = {output.name for output in self._session.get_outputs()}
        self._outputs += [name for name in (SETS, FALLBACK, OUT_OF_RANGE) if name in there]

    @classmethod
    def of(cls, model: Model, threads: int | None = None) -> Runner:
        """Open the members of a model that has not been released yet."""
        # Only who builds a release needs the `onnx` package; who answers does not wait for it.
        from lingqu.release.merge import merge

        graph, inputs = merge(model, check=False)
        runner = cls(graph, inputs, model.task, model.classes, model.threshold, threads)
        # What a candidate is judged on lies in the rows: a forecast must not start from there.
        runner.unread = next((b["target"] for row in inputs for b in row["encoding"]["blocks"]
                              if b["type"] == "series"), "")  # fmt: skip
        return runner

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        if self.replier:
            return self.replier.columns
        names = (name for _, encoder in self._encoders for name in encoder.columns)
        return tuple(dict.fromkeys(names))

    def tensors(self, rows: Rows) -> dict[str, NDArray[np.float32]]:
        """Return the input tensors of these rows, by name."""
        if self.unread:
            rows = frame_of(rows).drop(self.unread, strict=False)
        if any(encoder.reads_cells for _, encoder in self._encoders):
            rows = few_of(rows)
        return {name: e.encode(rows)[e.tensor] for name, e in self._encoders}

    @property
    def writes(self) -> bool:
        """Whether answers are written, so that a request may say how."""
        return bool(getattr(self.replier, "writes", False))

    def refuse_writing(self, writing: Writing) -> None:
        """Refuse to be told how to write where nothing is written.

        Raises:
            DataError: Nothing is.
        """
        if not self.writes:
            asked = ", ".join(writing.to_json()) or "{}"
            raise DataError("replies.writes_not", received=asked, task=self.task)

    def predict(self, rows: Rows, writing: Writing | None = None) -> Predictions:
        """Answer governed rows.

        Args:
            rows: They.
            writing: How answers shall be written, otherwise than the release has it.

        Raises:
            DataError: There are no rows, a column is missing, or nothing is written here.
        """
        if writing is not None:
            self.refuse_writing(writing)
        if not rows.height:
            raise DataError("release.no_rows", where="`predict`")
        if self.task == "recommend":
            return self.recommend(frame_of(rows))
        if self.replier:
            return self.reply(frame_of(rows), self.replier, writing)
        if self._coherent is not None:
            frame = frame_of(rows).drop(self.unread, strict=False)
            return self._coherent.answer(frame, self._alone)
        if self.together:
            tensors = self.tensors(rows)
            answers = self._session.run(self._outputs, tensors)[0]
            units = next(iter(tensors.values()))[:, UNIT].astype(np.float64)
            # Rows whose value is known are in no unit.
            return replace(self.predictions(answers), units=np.where(units > 0, units, np.nan))
        if rows.height <= self._chunk:
            return self.predictions(*self._run(rows))
        frame = frame_of(rows)
        starts = range(0, frame.height, self._chunk)
        parts = zip(*(self._run(frame[s : s + self._chunk]) for s in starts), strict=True)
        return self.predictions(*map(np.concatenate, parts))

    def recommend(self, frame: pl.DataFrame, count: int = 0) -> Predictions:
        """Answer rows with lists of items.

        Args:
            frame: A row for each list.
            count: Items of a list; as many as the channel says when 0.
        """
        # Only a recommender pays for the import.
        from lingqu.release.baskets.block import BasketsBlock
        from lingqu.release.baskets.lists import recommended

        tensor, encoder = self._encoders[0]
        block = encoder.blocks[0]
        assert isinstance(block, BasketsBlock)
        return recommended(
            block, frame, lambda x: self.answered({tensor: x}), self.classes, count or block.top
        )

    def reply(
        self, frame: pl.DataFrame, replier: Replier, writing: Writing | None = None
    ) -> Predictions:
        """Answer rows with texts, tags, vectors or boxes."""
        if writing is not None and isinstance(replier, Writes):
            said = replier.reply(frame, self.ask, writing)
        else:
            said = replier.reply(frame, self.ask)
        # Of how many parts an answer consists is what is watched of it.
        sizes = np.array([len(answer) for answer in said.said], dtype=np.float64)
        return Predictions(sizes, replies=said)

    def with_truth(
        self, frame: pl.DataFrame, said: Predictions, wanted: Sequence[Json]
    ) -> Predictions:
        """Return replies with what the model makes of the truth, where it can say something of it.

        A decoder tells how likely the wanted answer is, a model of vectors where it lies.

        Args:
            frame: The rows that were answered.
            said: The answers.
            wanted: What is wanted of each row.
        """
        tells = getattr(self.replier, "of_truth", None)
        if tells is None or said.replies is None:
            return said
        told = tells(frame, wanted, self.ask)
        replies = replace(said.replies, beside={**said.replies.beside, **told})
        return replace(said, replies=replies)

    def ask(self, names: Sequence[str], feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Return outputs of the graph, by name, as they are."""
        found: list[NDArray[Any]] = self._session.run(list(names), dict(feed))
        return found

    def _run(self, rows: Rows) -> list[NDArray[Any]]:
        tensors = self.tensors(rows)
        if rows.height <= self._piece:
            whole: list[NDArray[Any]] = self._session.run(self._outputs, tensors)
            return whole
        order = self._order(tensors)

        def answered(at: int) -> list[NDArray[Any]]:
            some = slice(at, at + self._piece) if order is None else order[at : at + self._piece]
            piece = {name: self._narrowed(name, x[some]) for name, x in tensors.items()}
            found: list[NDArray[Any]] = self._session.run(self._outputs, piece)
            return found

        starts = range(0, rows.height, self._piece)
        if self._lanes == 1:
            parts = list(map(answered, starts))
        else:  # a session may be asked by several threads at once
            with ThreadPoolExecutor(self._lanes) as pool:
                parts = list(pool.map(answered, starts))
        found = list(map(np.concatenate, zip(*parts, strict=True)))
        return found if order is None else [each[np.argsort(order)] for each in found]

    def _order(self, tensors: Mapping[str, NDArray[np.float32]]) -> NDArray[np.int64] | None:
        """Return the rows by how many words they have: a piece costs what its longest row does."""
        if not self._words:
            return None
        counts = [(tensors[name][:, at:] != 0).sum(axis=1) for name, at in self._words.items()]
        return np.argsort(np.sum(counts, axis=0), kind="stable")

    def _narrowed(self, name: str, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Leave out the places behind the longest text of these rows."""
        if name not in self._words:
            return x
        at = self._words[name]
        read = np.flatnonzero(x[:, at:].any(axis=0))
        return np.ascontiguousarray(x[:, : at + 1 + int(read.max(initial=0))])

    def _alone(
        self, frame: pl.DataFrame
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Return value, unit and step of series and of sums, each forecast by itself."""
        tensors = self.tensors(frame)
        values = self.answered(tensors)[:, 0].astype(np.float64)
        table = next(iter(tensors.values()))
        return values, table[:, UNIT].astype(np.float64), table[:, STEP].astype(np.int64)

    def answered(self, tensors: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return the output of the graph for tensors, as it is."""
        answers: NDArray[np.float32] = self._session.run(self._outputs[:1], tensors)[0]
        return answers

    def predictions(self, answers: NDArray[Any], *beside: NDArray[np.bool_]) -> Predictions:
        """Turn the outputs of the graph into labels, probabilities, intervals and sets.

        Args:
            answers: Values or probabilities.
            beside: The other outputs: sets of classes; of a policy, which rows a rule answered,
                and which are unlike those of training.
        """
        exact = answers.astype(np.float64)
        told = dict(zip(self._outputs[1:], beside, strict=False))
        flags = told.get(FALLBACK), told.get(OUT_OF_RANGE)
        if self._numbers:
            if exact.ndim == 2 and exact.shape[1] >= 3:
                said = Predictions(exact[:, 0], low=exact[:, 1], high=exact[:, 2])
                if not self.levels:
                    return said
                return replace(said, quantiles=exact[:, 3:].copy(), levels=self.levels)
            return Predictions(exact.reshape(-1), fallback=flags[0], out_of_range=flags[1])
        exact /= exact.sum(axis=1, keepdims=True)
        if len(self.classes) == 2:
            labels = (exact[:, 1] >= self.threshold).astype(np.int64)
        else:
            labels = exact.argmax(axis=1)
        return Predictions(
            labels, exact, self.classes, sets=told.get(SETS), fallback=flags[0],
            out_of_range=flags[1],
        )  # fmt: skip


def predict_model(model: Model, frame: pl.DataFrame) -> Predictions:
    """Answer governed rows with a candidate, exactly as its release would."""
    return Runner.of(model).predict(frame)
