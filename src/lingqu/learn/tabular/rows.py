"""Training and validation rows as the arrays a learner of tables reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Member, Model, Task
from lingqu.learn.narrow import Narrow
from lingqu.release.encode import Style, fit_encoding, targets, weights
from lingqu.release.learn_blocks_rich import many_levels
from lingqu.release.reading import PLAIN, Reading

View = Literal["auto", "plain", "rich"]
"""What a learner reads: the columns, or also what is made of several of them and of the target;
``auto`` is rich where a category has many levels."""
SAMPLE = 512
"""Rows on which a graph is compared with its library."""


_VIEWS: dict[tuple[str, str], Style] = {
    ("linear", "plain"): "linear",
    ("linear", "rich"): "linear+",
    ("tree", "plain"): "tree",
    ("tree", "rich"): "tree+",
}


@dataclass(frozen=True)
class Rows:
    """One fold in arrays.

    Args:
        encoding: How columns became numbers; travels with the model.
        inputs: Training inputs, (N, D), for who reads them a few rows at a time.
        y: Class indices, int64, or values, float64 (N,).
        weight: Row weights with mean 1, or None.
        valid_inputs: Validation inputs, (M, D); M may be 0 in a refit on all rows.
        valid_y: Validation targets, (M,).
        classes: Class names; empty for a regression.
        task: What is learned.
    """

    encoding: dict[str, Any]
    inputs: Narrow
    y: NDArray[Any]
    weight: NDArray[np.float64] | None
    valid_inputs: Narrow
    valid_y: NDArray[Any]
    classes: tuple[str, ...]
    task: Task

    @cached_property
    def x(self) -> NDArray[np.float32]:
        """The training inputs as one array, (N, D)."""
        return self.inputs.whole()

    @cached_property
    def valid_x(self) -> NDArray[np.float32]:
        """The validation inputs as one array, (M, D)."""
        return self.valid_inputs.whole()

    @property
    def present(self) -> NDArray[np.int64]:
        """Indices of the classes that occur in the training rows."""
        return np.unique(self.y).astype(np.int64)

    @property
    def sample(self) -> NDArray[np.float32]:
        """A few real rows, validation first."""
        return np.concatenate([self.valid_inputs[:SAMPLE], self.inputs[:SAMPLE]])[:SAMPLE]

    def judging(self) -> Rows:
        """Return what is needed to judge what was learned: of the training rows only a sample.

        Where there are no validation rows, the training rows stay.
        """
        if not len(self.valid_y):
            return self
        few = self.inputs.first(SAMPLE)
        few = replace(few, kept=few.kept.copy(), codes=few.codes.copy())
        return replace(self, inputs=few)

    def model(self, algorithm: str, graph: bytes, notes: Mapping[str, Any] | None = None) -> Model:
        """Return the model of one member that a fit gives."""
        member = Member(algorithm, algorithm, 1.0, self.encoding, graph, notes or {})
        return Model(self.task, self.classes, (member,))


def task_of(dataset: Dataset) -> Task:
    """Return the task that the kind of the target implies: a number is a regression."""
    target = dataset.schema.target
    return "regress" if target is not None and target.kind == "number" else "classify"


def style_of(train: Dataset, style: Literal["linear", "tree"], view: View) -> Style:
    """Return the form in which columns are read: the plain or the rich view of a style."""
    if view == "auto":
        view = "rich" if many_levels(train) else "plain"
    return _VIEWS[style, view]


def rows(
    train: Dataset,
    valid: Dataset,
    style: Literal["linear", "tree"],
    task: Task | None = None,
    view: View = "plain",
    reading: Reading = PLAIN,
) -> Rows:
    """Encode a fold; the encoding is learned from the training rows only.

    Args:
        train: Rows to learn from.
        valid: Rows to validate on; none in a refit.
        style: Form of the encoding.
        task: What is learned; by the kind of the target when omitted.
        view: ``plain``, ``rich``, or ``auto``: rich where a category has many levels.
        reading: How numbers are scaled and rare or similar levels are read.

    Raises:
        TrainError: The training rows hold one class only.
    """
    task = task or task_of(train)
    encoding = fit_encoding(train, style_of(train, style, view), reading)
    y, classes = targets(train, task)
    if task == "classify" and len(np.unique(y)) < 2:
        raise TrainError("learn.one_class", seen=classes[int(y[0])] if len(y) else None)
    inputs = Narrow.of_training(train, encoding)
    shown, valid_y = inputs.first(0), y[:0]
    if len(valid):
        shown, valid_y = Narrow.of(valid.frame, encoding), targets(valid, task)[0]
    weight = weights(train)
    if weight is not None:
        weight = np.asarray(weight, dtype=np.float64) / max(float(np.mean(weight)), 1e-300)
    return Rows(encoding, inputs, y, weight, shown, valid_y, tuple(classes), task)
