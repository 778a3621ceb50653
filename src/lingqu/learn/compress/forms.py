"""The forms of one fit: what a worker makes of its graph, and how each answers held-out rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.errors import LingquError
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.predictions import Predictions
from lingqu.learn.candidate import read_fold
from lingqu.learn.compress.int8 import quantised
from lingqu.learn.compress.made import Made
from lingqu.learn.compress.pareto import INT8, ORIGINAL, PRUNED, SPARSE, STUDENT
from lingqu.learn.compress.project import projected
from lingqu.learn.compress.prune import channels, stored_sparsely, zeros
from lingqu.learn.compress.speed import speeds
from lingqu.learn.effort import effort_s
from lingqu.learn.lesson import softened
from lingqu.release.encode import encode, encode_training, targets, weights
from lingqu.release.runner import PIECE, Runner

_CHANNELS, _RANKS, _NUMBERS = 0.5, 0.25, 0.1
"""Shares that stay: of the channels of a layer, of what a matrix holds, of single numbers."""
_MOST = 60_000_000
"""Numbers (rows × columns) that are trained on: of more rows, some are drawn."""
_SHOWN = 512
"""Rows on which ranges are seen and time is measured."""


def compress_one(payload: Mapping[str, Json], progress: Progress) -> dict[str, Any]:
    """Make the forms of one fit that are asked for.

    Args:
        payload: ``scratch``, ``fold``, ``seed`` and ``seconds`` as `fit_one` has them;
            ``graph``, the path of the fit's graph; ``encoding``, ``classes`` and ``goal`` of its
            model; ``algorithm`` and ``options``, by which a student is fitted; ``forms`` by name;
            ``trains``, whether nets can be trained here.
        progress: Gets nothing: a form takes a moment.

    Returns:
        ``forms``: `Made` by name, the original first; ``failed``: reasons by name, in both
        languages.
    """
    end = time.monotonic() + payload["seconds"]
    workshop = _Workshop(payload, end)
    graphs = {ORIGINAL: workshop.graph}
    failed: dict[str, dict[str, str]] = {}
    for name in payload["forms"]:
        if time.monotonic() >= end:
            break
        try:
            made = workshop.make(name, graphs)
        except LingquError as error:
            failed[name] = {"english": error.told("en"), "chinese": error.told("zh")}
            continue
        if made is not None:
            graphs[name] = made
    return {"forms": dict(workshop.judged(graphs)) if len(graphs) > 1 else {}, "failed": failed}


class _Workshop:
    """Rows and graph of one fit, and the ways to make it smaller.

    Args:
        payload: See `compress_one`.
        end: When it must be done, by the monotonic clock.
    """

    def __init__(self, payload: Mapping[str, Json], end: float) -> None:
        self._told, self._end = payload, end
        self.graph = Path(payload["graph"]).read_bytes()
        self._encoding: dict[str, Json] = payload["encoding"]
        self._train, self._valid = read_fold(Path(payload["scratch"]), payload["fold"])
        self._classes = tuple(payload["classes"])
        self._tensor = str(self._encoding["tensor"])
        self._random = np.random.default_rng(payload["seed"])
        self._shown = self._encoded(self._some(self._train, _SHOWN))

    @property
    def _sees(self) -> bool:
        """Whether the fit reads a picture, the same way whatever it was fitted on."""
        return len(self._encoding["shape"]) == 3

    def make(self, name: str, graphs: Mapping[str, bytes]) -> bytes | None:
        """Return the graph of a form, or None where there is nothing that it could do."""
        first, _, then = name.partition("+")
        if then:
            whole = graphs[first] if first in graphs else self.make(first, graphs)
            return quantised(whole, self._shown) if whole is not None else None
        if first == INT8:
            return quantised(self.graph, self._shown)
        if not self._told["trains"]:
            return None
        if first == STUDENT:
            return self._student()
        if first == SPARSE:
            masks = zeros(self.graph, _NUMBERS)
            return stored_sparsely(self._taught(self.graph, masks)) if masks else None
        if first == PRUNED:
            smaller = channels(self.graph, _CHANNELS)
        else:
            smaller = projected(self.graph, _RANKS)
        return None if smaller is None else self._taught(smaller)

    def judged(self, graphs: Mapping[str, bytes]) -> Iterator[tuple[str, Made]]:
        """Yield each form with its answers and its speed."""
        rows = self._valid if len(self._valid) else self._train
        shown = self._shown if rows is self._train else self._encoded(rows.frame.head(_SHOWN))
        told = speeds(graphs, self._tensor, shown)
        for name, graph in graphs.items():
            yield name, Made(graph, self._answers(graph), told[name], effort_s(graph))

    def _taught(self, graph: bytes, masks: Mapping[str, Any] | None = None) -> bytes:
        # The library that nets are trained with is at hand only where one is.
        from lingqu.learn.compress.teach import Rows, taught

        train = self._trained_on()
        y, _ = targets(train, self._told["goal"])
        kind = np.int64 if self._classes else np.float32
        given = weights(train)
        weight = None if given is None else (given / given.mean()).astype(np.float32)
        rows = Rows(self._read(train), y.astype(kind), weight, len(self._classes), self._changes())
        left = self._end - time.monotonic()
        return taught(graph, self.graph, rows, left, self._told["seed"], masks)

    def _student(self) -> bytes | None:
        """Fit a narrower net of the same kind to the truth and to the answers of this one."""
        smaller = narrower(self._told["algorithm"], self._told["options"])
        if smaller is None or not self._sees:  # of tables, `lingqu.learn.distil` makes students
            return None
        train = self._trained_on()
        said = self._said(self.graph, train)
        told = said.labels[:, None] if said.probabilities is None else said.probabilities
        y, _ = targets(train, self._told["goal"])
        lesson = softened(train, y, self._classes, np.asarray(told, dtype=np.float64))
        none = Dataset(lesson.frame.head(0), lesson.schema, lesson.name)
        learner = catalog.build("algorithms", self._told["algorithm"], smaller)
        budget = Budget(max(0.1, self._end - time.monotonic()), seed=self._told["seed"])
        member: Member = learner.fit(lesson, none, budget, lambda row: None).members[0]
        return member.graph

    def _changes(self) -> Any:
        """Return how pictures are changed at random in training, if the fit had it so."""
        if not (self._sees and self._told["options"].get("augment", True)):
            return None
        from lingqu.learn.deep.cnn import jiggle

        return jiggle

    def _trained_on(self) -> Dataset:
        width = int(np.prod(self._shown.shape[1:]))  # of texts, that of the longest at hand
        some = self._some(self._train, max(1000, _MOST // width))
        return Dataset(some, self._train.schema, self._train.name)

    def _some(self, rows: Dataset, most: int) -> Any:
        if len(rows) <= most:
            return rows.frame
        return rows.frame[np.sort(self._random.choice(len(rows), most, replace=False))]

    def _encoded(self, frame: Any) -> NDArray[np.float32]:
        x: NDArray[np.float32] = encode(frame, self._encoding)[self._tensor]
        return x

    def _read(self, train: Dataset) -> NDArray[np.float32]:
        whole = train.frame.height == len(self._train)
        if whole:
            return encode_training(self._train, self._encoding)[self._tensor]
        return self._encoded(train.frame)

    def _said(self, graph: bytes, rows: Dataset) -> Predictions:
        member = Member("form", "form", 1.0, self._encoding, graph)
        runner = Runner.of(Model(self._told["goal"], self._classes, (member,)), threads=1)
        x = self._encoded(rows.frame)
        parts = [runner.answered({self._tensor: x[i : i + PIECE]})
                 for i in range(0, len(x), PIECE)]  # fmt: skip
        return runner.predictions(np.concatenate(parts))

    def _answers(self, graph: bytes) -> Predictions | None:
        return self._said(graph, self._valid) if len(self._valid) else None


def narrower(algorithm: str, options: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return the options of a net half as wide, or None where an algorithm has no width.

    Example:
        >>> narrower("cnn", {"epochs": 3})
        {'epochs': 3, 'width': 16}
        >>> narrower("mlp", {"hidden": [64, 64]})["hidden"]
        [32, 32]
    """
    learner = catalog.build("algorithms", algorithm, options)
    hidden, width = getattr(learner, "hidden", None), getattr(learner, "width", None)
    if isinstance(hidden, tuple | list):
        return {**options, "hidden": [max(4, wide // 2) for wide in hidden]}
    if isinstance(width, int):
        return {**options, "width": max(4, width // 2)}
    return None
