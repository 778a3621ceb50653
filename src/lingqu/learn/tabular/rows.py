"""Training and validation rows as the arrays a learner of tables reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Member, Model, Task
from lingqu.release.encode import encode, fit_encoding, targets, weights

SAMPLE = 512
"""Rows on which a graph is compared with its library."""


@dataclass(frozen=True)
class Rows:
    """One fold in arrays.

    Args:
        encoding: How columns became `x`; travels with the model.
        x: Training inputs, float32 (N, D).
        y: Class indices, int64, or values, float64 (N,).
        weight: Row weights with mean 1, or None.
        valid_x: Validation inputs, (M, D); M may be 0 in a refit on all rows.
        valid_y: Validation targets, (M,).
        classes: Class names; empty for a regression.
        task: What is learned.
    """

    encoding: dict[str, Any]
    x: NDArray[np.float32]
    y: NDArray[Any]
    weight: NDArray[np.float64] | None
    valid_x: NDArray[np.float32]
    valid_y: NDArray[Any]
    classes: tuple[str, ...]
    task: Task

    @property
    def present(self) -> NDArray[np.int64]:
        """Indices of the classes that occur in the training rows."""
        return np.unique(self.y).astype(np.int64)

    @property
    def sample(self) -> NDArray[np.float32]:
        """A few real rows, validation first."""
        return np.concatenate([self.valid_x, self.x])[:SAMPLE]

    def model(self, algorithm: str, graph: bytes, notes: Mapping[str, Any] | None = None) -> Model:
        """Return the model of one member that a fit gives."""
        member = Member(algorithm, algorithm, 1.0, self.encoding, graph, notes or {})
        return Model(self.task, self.classes, (member,))


def task_of(dataset: Dataset) -> Task:
    """Return the task that the kind of the target implies: a number is a regression."""
    target = dataset.schema.target
    return "regress" if target is not None and target.kind == "number" else "classify"


def rows(
    train: Dataset, valid: Dataset, style: Literal["linear", "tree"], task: Task | None = None
) -> Rows:
    """Encode a fold; the encoding is learned from the training rows only.

    Raises:
        TrainError: The training rows hold one class only.
    """
    task = task or task_of(train)
    encoding = fit_encoding(train, style)
    y, classes = targets(train, task)
    if task == "classify" and len(np.unique(y)) < 2:
        raise TrainError("learn.one_class", seen=classes[int(y[0])] if len(y) else None)
    x = encode(train.frame, encoding)["x"]
    empty = len(valid) == 0
    valid_x = x[:0] if empty else encode(valid.frame, encoding)["x"]
    valid_y = y[:0] if empty else targets(valid, task)[0]
    weight = weights(train)
    if weight is not None:
        weight = np.asarray(weight, dtype=np.float64) / max(float(np.mean(weight)), 1e-300)
    return Rows(encoding, x, y, weight, valid_x, valid_y, tuple(classes), task)
