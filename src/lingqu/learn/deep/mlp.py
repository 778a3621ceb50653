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
from lingqu.learn.deep.supervised import Recipe, fold, learn
from lingqu.learn.loop import Plan
from lingqu.learn.tabular.rows import View
from lingqu.learn.tabular.target import Wish
from lingqu.release.reading import Reading, Scaling


@dataclass
class Mlp:
    """Learn layers of weighted sums and bends; reads every column as numbers.

    Args:
        hidden: Widths of the hidden layers.
        activation: ``relu``, ``gelu``, ``tanh`` or ``sigmoid``.
        dropout: Share of each hidden layer that is hidden in training.
        epochs: Passes over the rows; 0 chooses by the number of rows.
        batch: Rows per step; 0 chooses by the number of rows.
        learning_rate: Highest learning rate.
        optimiser: ``gd``, ``sgd``, ``momentum``, ``adam`` or ``adamw``.
        schedule: ``constant``, ``step``, ``cosine``, ``one_cycle`` or ``warm_up``.
        weight_decay: Pull of the weights towards 0.
        loss: ``cross_entropy``, ``focal`` (hard rows count more) or ``hinge`` (margins, no
            frequencies) to classify; ``mse``, ``mae`` or ``huber`` to regress; ``auto`` takes
            the first that fits.
        label_smoothing: Share of the probability spread over all classes, of the cross-entropy.
        clip: Largest joint norm of the gradients; 0 for no limit.
        patience: Epochs without gain before it stops; 0 trains to the end of the schedule.
        checkpoint: Where an interrupted fit is kept, to go on from; ``""`` for nowhere.
        precision: ``float32``, ``bfloat16``, or ``auto``: bfloat16 where the machine has
            instructions for it and a step has enough to do.
        average: How much of the averaged weights stays at each step, such as 0.99; the averages
            are then what is judged and released. 0 for the last weights.
        view: ``plain`` columns, ``rich`` ones (facts about levels, joined and bent numbers), or
            ``auto``: rich where a category has more than 10 levels.
        target: How values are learned: ``plain``, standardised; ``log``, their signed logarithms
            standardised; or ``auto``, by their skew.
        scaling: How numbers are brought to one size: ``standard``; ``robust``, by median and
            quartiles; ``quantile``, by rank; ``auto``, by rank where a tail is long.
        rare: Levels with fewer training rows share one column with those never seen.
        similar: Frequent levels with which those of a category of more than 30 are compared by
            their letters, so that unseen ones resemble seen ones; 0 for none.

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
    epochs: int = 0
    batch: int = 0
    learning_rate: float = 4e-3
    optimiser: Literal["gd", "sgd", "momentum", "adam", "adamw"] = "adamw"
    schedule: Literal["constant", "step", "cosine", "one_cycle", "warm_up"] = "one_cycle"
    weight_decay: float = 0.02
    loss: Literal["auto", "cross_entropy", "focal", "hinge", "mse", "mae", "huber"] = "auto"
    label_smoothing: float = 0.0
    clip: float = 1.0
    patience: int = 0
    checkpoint: str = ""
    precision: Literal["float32", "bfloat16", "auto"] = "float32"
    average: float = 0.0
    view: View = "auto"
    target: Wish = "plain"
    scaling: Scaling = "standard"
    rare: int = 0
    similar: int = 0

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
