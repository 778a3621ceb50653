"""A release inside a server: read, answer in batches, replay."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Predictions, Replies
from lingqu.outlets.batching import INLINE_S, Batcher
from lingqu.outlets.pen import Pen
from lingqu.outlets.reading.baskets import reader_of
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.sight.log import SIGNAL
from lingqu.release.answers import quantile_names, set_members
from lingqu.release.baskets.lists import lists_frame
from lingqu.release.few_rows import Rows, frame_of
from lingqu.release.golden import inputs_of
from lingqu.release.profile import signals
from lingqu.release.reasons import explains, reasons
from lingqu.release.release import Release
from lingqu.release.replies import replies_frame
from lingqu.release.replies.writing import Writing

EXPLAINED = 100
"""Flagged rows of a run that are told why, from the first: the others wait for it as well."""
ALONE_S = 0.02
"""A row that one thread answers within this is left to it, and each core answers other requests:
the most of them a second. A slower row is shared by the cores, for the sake of who waits for it."""
_TRIALS = 8
"""Runs from which the cost of a run is taken."""
_TRIALS_S = 0.1
"""Seconds after which fewer are enough."""


@dataclass(slots=True)  # not frozen: one is made for each request, and that costs thrice as much
class Answer:
    """What a release says of the rows of one request.

    Args:
        predictions: Class names, or values.
        confidence: Probability of each prediction; None for regression.
        probabilities: Probability of each class, shape (N, K); None for regression.
        low: Lower end of the interval of each value, or None.
        high: Upper end of the interval, or None.
        reasons: Flag: of each row the columns that make it odd; None for other tasks.
        quantiles: Quantiles of each value, shape (N, Q), or None.
        sets: Names of the classes in the set of each row, or None.
        lists: Recommend: what is told beside the list of each row, in columns of
            `lingqu.core.ranking_names.BESIDE`; None for other tasks.
        beside: Texts, tags, vectors and boxes: what is told beside each, ``confidence`` too;
            None for other tasks.
        fallback: Control: whether a rule answered each row in place of the policy, or None.
        out_of_range: Control: whether each row is unlike all that the policy was trained on, or
            None.
    """

    predictions: list[Any]
    confidence: list[float] | None
    probabilities: NDArray[np.float64] | None
    low: list[float] | None = None
    high: list[float] | None = None
    reasons: list[list[Json]] | None = None
    quantiles: NDArray[np.float64] | None = None
    sets: list[list[str]] | None = None
    lists: dict[str, list[Any]] | None = None
    beside: dict[str, list[Any]] | None = None
    fallback: list[bool] | None = None
    out_of_range: list[bool] | None = None


class Served:
    """An opened release that answers requests.

    Args:
        release: It; opened with ``paths=False`` unless a folder of pictures is allowed.
        threads: Where slow runs go.
        queue: Requests that may wait.
        deadline_s: Longest wait.
        folder: Folder whose files an image column may name; ``""`` for none.
        lanes: Slow runs that may go on at once.
    """

    def __init__(
        self,
        release: Release,
        threads: Executor,
        *,
        queue: int = 1000,
        deadline_s: float = 10.0,
        folder: str = "",
        lanes: int = 1,
    ) -> None:
        self.release = release
        self.digest = release.digest
        self.label = release.digest[:12]
        self.schema = release.schema
        self._predictor = release.predictor
        self.reader = reader_of(release.schema, folder, self._predictor.originals)
        self._names = list(release.classes)
        self._watched = [str(name) for name in release.profile.get("columns", {})]
        self.batcher = Batcher(self.run, threads, queue=queue, deadline_s=deadline_s, lanes=lanes)
        self.pen = Pen(threads, queue, deadline_s)

    @property
    def answered(self) -> frozenset[str]:
        """The columns of an answer."""
        return frozenset(self.release.golden["rows"][0]["output"])

    @property
    def golden_names(self) -> list[str]:
        """The columns of an answer, the prediction and how sure it is first."""
        first = [name for name in ("prediction", "confidence") if name in self.answered]
        return [*first, *sorted(self.answered - set(first))]

    @property
    def levels(self) -> tuple[float, ...]:
        """The quantiles that every answer tells."""
        return self._predictor.runner.levels

    @classmethod
    def open(cls, path: Path, threads: Executor, *, lanes: int = 1, **options: Any) -> Served:
        """Open a release, replay its golden answers on the way that requests go, and warm it.

        Args:
            path: Its folder.
            threads: Where slow runs go.
            lanes: How many of them may go on at once, if one thread each is quick enough.
            **options: Of the class.

        Raises:
            GateError: It is not intact, or does not give its golden answers.
        """
        paths = bool(options.get("folder"))
        release = Release.open(path, paths=paths, threads=None if lanes == 1 else 1)
        served = cls(release, threads, lanes=lanes, **options)
        served.release.require_replay(served.replayed)
        served.measure()
        if lanes > 1 and (served.batcher.cost_s > ALONE_S or served.writes):
            return cls.open(path, threads, **options)
        return served

    def replayed(self, rows: list[dict[str, Json]]) -> pl.DataFrame:
        """Answer rows as if they had come in JSON, in the columns of `Release.predict`."""
        decoded = msgspec.json.decode(orjson.dumps(rows))
        (answer,) = self.run([self.reader.rows(decoded)])
        data: dict[str, Any] = {"prediction": answer.predictions}
        if answer.confidence is not None and answer.probabilities is not None:
            data["confidence"] = answer.confidence
            for index, name in enumerate(self._names):
                data[f"probability.{name}"] = answer.probabilities[:, index]
        if answer.low is not None:
            data |= {"low": answer.low, "high": answer.high}
        if answer.quantiles is not None:
            data |= dict(zip(quantile_names(self.levels), answer.quantiles.T, strict=True))
        if answer.sets is not None:
            data["set"] = answer.sets
        flags = {"fallback": answer.fallback, "out_of_range": answer.out_of_range}
        data |= {name: told for name, told in flags.items() if told is not None}
        if answer.beside is not None:
            return pl.DataFrame({**data, **answer.beside}, strict=False)
        return pl.DataFrame({**data, **(answer.lists or {})})

    def measure(self) -> None:
        """Take the time of a run of one row and of many, and let the batcher know."""
        one = self.reader.rows(inputs_of(self.release.golden)[:1])
        few = self._fastest([one])
        several = 64 if few < INLINE_S else 8
        many = self._fastest([one] * several)
        self.batcher.cost_s = few
        self.batcher.row_s = max(0.0, many - few) / (several - 1)

    def _fastest(self, parts: Sequence[Columns]) -> float:
        """Return the least time of a few runs: what else goes on only ever adds to it."""
        times: list[float] = []
        while len(times) < 2 or (len(times) < _TRIALS and sum(times) < _TRIALS_S):
            begun = time.perf_counter()
            self.run(parts)
            times.append(time.perf_counter() - begun)
        return min(times)

    @property
    def writes(self) -> bool:
        """Whether answers are written, so that a request may say how."""
        return self._predictor.runner.writes

    def refuse_writing(self, writing: Writing) -> None:
        """Refuse to be told how to write where nothing is written.

        Raises:
            DataError: Nothing is.
        """
        self._predictor.runner.refuse_writing(writing)

    def run(self, parts: Sequence[Columns]) -> list[Answer]:
        """Answer the rows of several requests; those that are to be written alike in one run."""
        ways = dict.fromkeys(part.writing for part in parts)
        if len(ways) < 2:
            return self._run(parts, next(iter(ways), None))
        answers: dict[int, Answer] = {}
        for way in ways:
            places = [place for place, part in enumerate(parts) if part.writing == way]
            found = self._run([parts[place] for place in places], way)
            answers |= dict(zip(places, found, strict=True))
        return [answers[place] for place in range(len(parts))]

    def _run(self, parts: Sequence[Columns], writing: Writing | None) -> list[Answer]:
        """Answer the rows of several requests in one run of the graph."""
        prepared = self._predictor.governed(self.reader.ready(parts))
        said = self._predictor.runner.predict(prepared, writing)
        if said.lists is not None:
            return listed(said, [part.height for part in parts])
        if said.replies is not None:
            return replied(said.replies, [part.height for part in parts])
        why = self._reasons(prepared, said)
        labels, probabilities = said.labels, said.probabilities
        sure: list[float] | None = None
        if probabilities is None:
            predictions = labels.tolist()
        else:
            names = self._names
            predictions = [names[label] for label in labels.tolist()]
            sure = probabilities[np.arange(len(labels)), labels.astype(np.int64)].tolist()
        low = None if said.low is None else said.low.tolist()
        high = None if said.high is None else said.high.tolist()
        sets = None if said.sets is None else set_members(said)
        ruled = None if said.fallback is None else said.fallback.tolist()
        strange = None if said.out_of_range is None else said.out_of_range.tolist()
        if len(parts) == 1:
            return [Answer(predictions, sure, probabilities, low, high, why, said.quantiles, sets,
                           fallback=ruled, out_of_range=strange)]  # fmt: skip
        answers, start = [], 0
        for part in parts:
            end = start + part.height
            answers.append(
                Answer(
                    predictions[start:end],
                    None if sure is None else sure[start:end],
                    None if probabilities is None else probabilities[start:end],
                    None if low is None else low[start:end],
                    None if high is None else high[start:end],
                    None if why is None else why[start:end],
                    None if said.quantiles is None else said.quantiles[start:end],
                    None if sets is None else sets[start:end],
                    fallback=None if ruled is None else ruled[start:end],
                    out_of_range=None if strange is None else strange[start:end],
                )
            )
            start = end
        return answers

    def _reasons(self, prepared: Rows, said: Predictions) -> list[list[Json]] | None:
        """Return of each row what makes it odd: nothing for one that was not flagged."""
        if not explains(self._predictor.runner):
            return None
        told: list[list[Json]] = [[] for _ in range(len(said.labels))]
        odd = np.flatnonzero(said.labels == 1)[:EXPLAINED]
        if len(odd):
            found = reasons(self._predictor.runner, frame_of(prepared)[odd])
            for row, why in zip(odd.tolist(), found, strict=True):
                told[row] = [reason.to_json() for reason in why]
        return told

    def signals(self, parts: Sequence[Columns]) -> pl.DataFrame:
        """Return what is watched of these inputs, as columns ``x.<signal>``.

        The profile of the release names what may be kept: columns with personal data are not
        in it.
        """
        frame = signals(self.reader.frame(parts), self.schema, paths=False)
        kept = [name for name in self._watched if name in frame.columns]
        return pl.DataFrame([frame[name].alias(SIGNAL + name) for name in kept])


def listed(said: Predictions, heights: Sequence[int]) -> list[Answer]:
    """Return lists of items as the answers of several requests."""
    told = lists_frame(said).to_dict(as_series=False)
    answers, start = [], 0
    for height in heights:
        part = {name: cells[start : start + height] for name, cells in told.items()}
        answers.append(Answer(part.pop("prediction"), None, None, lists=part))
        start += height
    return answers


def replied(said: Replies, heights: Sequence[int]) -> list[Answer]:
    """Return texts, tags, vectors or boxes as the answers of several requests."""
    told = replies_frame(said).to_dict(as_series=False)
    told["prediction"] = list(said.said)  # a frame would give boxes of unlike keys the same ones
    answers, start = [], 0
    for height in heights:
        part = {name: cells[start : start + height] for name, cells in told.items()}
        answers.append(Answer(part.pop("prediction"), None, None, beside=part))
        start += height
    return answers
