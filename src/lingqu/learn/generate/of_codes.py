"""A net that learns rows of codes: how it is trained, looked at and made a model of."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from torch import Tensor

from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn.deep.options import Trained
from lingqu.learn.generate.coded import Coded
from lingqu.learn.generate.collapse import steadied
from lingqu.learn.generate.table import few_rows
from lingqu.learn.loop import Plan, Task
from lingqu.learn.replies.training import Training
from lingqu.release.made.columns import KINDS
from lingqu.release.replies import reply_encoding

N = TypeVar("N", bound=Task)
_EPOCHS = 40
"""Passes over the rows that there shall be at least."""
LOOKED = 512
"""Rows that are made to see whether all are alike."""


@dataclass(frozen=True)
class Released:
    """What is released of a net.

    Args:
        graph: ONNX bytes.
        parts: Of what noise is drawn; empty for a plain normal draw.
        notes: What is told of it beside.
    """

    graph: bytes
    parts: list[list[list[float]]]
    notes: Mapping[str, Json]


@dataclass(kw_only=True)
class OfCodes(Trained, Generic[N]):
    """A learner of rows of a table that are told by codes.

    Args:
        noise: Numbers that a row is made from.
        bins: Bins of a column of numbers.
        most_rows: Rows that are learned from at most, drawn by the seed.
        checkpoint: Where an interrupted fit is kept, to go on from; ``""`` for nowhere.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"generate"})
    kinds: ClassVar[frozenset[Kind]] = KINDS
    engine: ClassVar[str] = "torch"
    least: ClassVar[int]
    """Steps that there shall be at least."""
    instead: ClassVar[str]
    """Learner to try where all rows come out alike."""

    batch: int = 256
    clip: float = 0.0
    noise: int = 32
    bins: int = 24
    most_rows: int = 50_000
    checkpoint: str = ""

    def net(self, coded: Coded) -> N:
        """Return what is trained."""
        raise NotImplementedError

    def sample(self, coded: Coded) -> tuple[Tensor, Tensor]:
        """Return what the net is asked with, one row of it."""
        raise NotImplementedError

    def alike(self, net: N, coded: Coded) -> bool:
        """Tell whether what a net makes is all alike."""
        raise NotImplementedError

    def released(self, net: N, coded: Coded, budget: Budget) -> Released:
        """Return what is released of a trained net."""
        raise NotImplementedError

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Train the net; nothing is tuned on `valid`."""
        coded = Coded.of(train, self.bins, self.most_rows, budget.seed)
        (net, notes), told = steadied(
            self._trained(coded, budget, progress, time.monotonic()),
            lambda found: self.alike(found[0], coded), budget.seed, self.name, self.instead,
        )  # fmt: skip
        made = self.released(net, coded, budget)
        encoding = reply_encoding(coded.block(self.noise, made.parts), coded.table.left_out)
        notes = {**notes, **made.notes, "told": [*told, *few_rows(train)]}
        member = Member(self.name, self.name, 1.0, encoding, made.graph, notes)
        return Model("generate", (), (member,))

    def _trained(
        self, coded: Coded, budget: Budget, progress: Progress, begun: float
    ) -> Callable[[int], tuple[N, dict[str, Json]]]:
        """Return what trains a net from a seed."""
        steps = max(1, -(-len(coded.rows) // self.batch))
        epochs = self.epochs or max(_EPOCHS, -(-self.least // steps))

        def trained(seed: int) -> tuple[N, dict[str, Json]]:
            plan = Plan.of(self, epochs=epochs, seed=seed, threads=budget.threads)
            training = Training(
                self.name, lambda: self.net(coded), {"rows": coded.rows}, self.sample(coded), None,
                checkpoint=self.checkpoint,
            )  # fmt: skip
            return training.run(plan, budget, progress, begun)

        return trained
