"""What candidates said of the held-out rows of one table: kept, so that nothing is fitted twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core import metrics
from lingqu.core.predictions import Predictions
from lingqu.learn.ensemble import answer, average, greedy


@dataclass
class Table:
    """One table, and what was seen there.

    Args:
        name: Its name.
        task: ``classify`` or ``regress``.
        where: Its bucket: task, rows, kinds of columns.
        y: Truth of the held-out rows.
        said: Candidate → its answers to them.
        seconds: Candidate → CPU seconds of fitting and answering.
        expected: Candidate → the seconds that planning reckons with.
    """

    name: str
    task: str
    where: tuple[str, str, str]
    y: NDArray[Any]
    said: dict[str, Predictions] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)
    _lost: dict[tuple[str, ...], float] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """What is minimised."""
        return "log_loss" if self.task == "classify" else "rmse"

    @property
    def linear(self) -> str:
        """The candidate that is always taken first."""
        return "logistic" if self.task == "classify" else "ridge"

    def add(self, name: str, said: Predictions, seconds: float, expected: float) -> None:
        """Note what a candidate said, and what it took."""
        self.said[name], self.seconds[name], self.expected[name] = said, seconds, expected

    @property
    def everyone(self) -> list[str]:
        """All candidates but the constant."""
        return [name for name in self.said if name != "constant"]

    @property
    def worst(self) -> float:
        """The loss of the constant."""
        return metrics.loss(self.metric, self.y, self.said["constant"])

    @property
    def best(self) -> float:
        """The least loss of one candidate, or of all together."""
        return min(self.lost(self.everyone), *(self.lost([name]) for name in self.everyone))

    def lost(self, names: Sequence[str]) -> float:
        """Return the loss of an ensemble of candidates on rows that did not weigh them.

        One half of the held-out rows weighs, the other one judges, and the reverse.
        """
        key = tuple(sorted(names))
        if key not in self._lost:
            half = np.random.default_rng(0).permutation(len(self.y)) < len(self.y) // 2
            pairs = ((half, ~half), (~half, half))
            self._lost[key] = float(np.mean([self._lost_on(key, *pair) for pair in pairs]))
        return self._lost[key]

    def _lost_on(self, names: Sequence[str], weighs: NDArray[Any], judges: NDArray[Any]) -> float:
        one, two = self._part(weighs), self._part(judges)
        weights = greedy({name: one.said[name] for name in names}, one.y, self.metric)
        blend = average([two.said[name] for name in weights], list(weights.values()))
        return metrics.loss(self.metric, two.y, blend)

    def _part(self, rows: NDArray[Any]) -> Table:
        """Return the table with some of the held-out rows."""
        said = {name: _some(each, rows) for name, each in self.said.items()}
        return Table(
            self.name, self.task, self.where, self.y[rows], said, self.seconds, self.expected
        )

    def save(self, path: Path) -> None:
        """Write all of it into one file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        classes = next(iter(self.said.values())).classes
        notes = json.dumps(
            {"name": self.name, "task": self.task, "where": self.where, "classes": classes,
             "seconds": self.seconds, "expected": self.expected}
        )  # fmt: skip
        arrays = {f"said_{name}": _values(said) for name, said in self.said.items()}
        np.savez_compressed(path, y=self.y, notes=np.array(notes), **arrays)

    @classmethod
    def load(cls, path: Path) -> Table:
        """Read what `save` wrote."""
        with np.load(path) as file:
            notes = json.loads(str(file["notes"]))
            classes = tuple(notes["classes"])
            said = {name: answer(file[f"said_{name}"], classes) for name in notes["seconds"]}
            where = tuple(notes["where"])
            return cls(notes["name"], notes["task"], where, file["y"], said,
                       notes["seconds"], notes["expected"])  # fmt: skip


def _values(said: Predictions) -> NDArray[Any]:
    return said.labels[:, None] if said.probabilities is None else said.probabilities


def _some(said: Predictions, rows: NDArray[Any]) -> Predictions:
    return answer(_values(said)[rows], said.classes)
