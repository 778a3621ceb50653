"""A multi-layer perceptron: the net of the seeds, on any columns.

Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors",
1986, doi:10.1038/323533a0; Srivastava et al., "Dropout", 2014.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, Literal

from torch import nn

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs, losses
from lingqu.learn.deep.graph import activation
from lingqu.learn.deep.options import Supervision
from lingqu.learn.deep.supervised import Recipe, fold, learn
from lingqu.learn.loop import Plan
from lingqu.learn.tabular.options import Curve, Levels, Scales, Views
from lingqu.release.reading import Reading


@dataclass
class Mlp(Curve, Views, Scales, Levels, Supervision):
    """Learn layers of weighted sums and bends; reads every column as numbers.

    Args:
        hidden: Widths of the hidden layers.
        activation: ``relu``, ``gelu``, ``tanh`` or ``sigmoid``.
        dropout: Share of each hidden layer that is hidden in training.

    Example:
        >>> Mlp(hidden=(64, 64), optimiser="adam", schedule="constant").hidden
        (64, 64)

    Source: Rumelhart, Hinton and Williams, 1986, doi:10.1038/323533a0.
    """

    name: ClassVar[str] = "mlp"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "torch"

    hidden: tuple[int, ...] = (128, 64)
    activation: Literal["relu", "gelu", "tanh", "sigmoid"] = "relu"
    dropout: float = 0.2
    batch: int = 0
    learning_rate: float = 4e-3

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch that is best on `valid`."""
        start = time.monotonic()
        reading = Reading(self.scaling, self.rare, self.similar)
        rows = fold(train, valid, "linear", self.view, self.target, reading)
        columns = rows.x.shape[1]
        batch = self.batch or costs.mlp_batch(len(rows.x))
        epochs = self.epochs or costs.mlp_epochs(len(rows.x), batch)
        recipe = Recipe(
            self.name,
            lambda: network(columns, self.hidden, rows.outputs, self.activation, self.dropout),
            losses.fitting(self.loss, rows.goal, self.label_smoothing),
            patience=self.patience,
            checkpoint=self.checkpoint,
            refit={"target": rows.bend.kind} if rows.bend else {},
        )
        plan = Plan.of(self, epochs=epochs, batch=batch, seed=budget.seed)
        left = replace(budget, seconds=budget.seconds - (time.monotonic() - start))
        return learn(rows, recipe, plan, left, progress)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.mlp(rows, columns, classes)


def network(
    columns: int,
    hidden: tuple[int, ...],
    outputs: int,
    bend: str = "relu",
    dropout: float = 0.0,
) -> nn.Sequential:
    """Return the net, (N, columns) → (N, outputs).

    Example:
        >>> len(network(64, (64, 64), 10))
        7
    """
    layers: list[nn.Module] = []
    for inner, outer in pairwise((columns, *hidden)):
        layers += [nn.Linear(inner, outer), activation(bend), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear((columns, *hidden)[-1], outputs))
