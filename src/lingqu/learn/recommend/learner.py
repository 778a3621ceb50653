"""What the recommenders have in common: one reading, one way to chances, one member."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn import costs
from lingqu.learn.recommend.graph import answer_graph, chances
from lingqu.learn.recommend.reading import Reading, read
from lingqu.learn.recommend.sharpness import CELLS, fit_sharpness
from lingqu.learn.tabular.graph import Step, verify
from lingqu.release.baskets.block import BasketsBlock, encoding_of
from lingqu.release.baskets.rows import taken as taken_of

Floats = NDArray[np.float64]
_CHECKED = 8
"""Users whose answers the graph must give as the learner does."""


@dataclass(frozen=True)
class Learned:
    """What a learner found.

    Args:
        steps: Of its graph, from ``taken`` and ``had`` (N, items) to ``told`` (N, items).
        constants: Of these steps.
        told: The same in NumPy: how much of each item was taken (N, items) → (N, items).
        notes: For the report.
        popular: What stands for the popularity of items, or None for how often each was taken.
        fixed: Whether what is told is a logarithm of chances already.
    """

    steps: Sequence[Step]
    constants: Mapping[str, NDArray[Any]]
    told: Callable[[Floats], Floats]
    notes: Mapping[str, Json] = field(default_factory=dict)
    popular: Floats | None = None
    fixed: bool = False


@dataclass
class Recommender:
    """A recommender: its answers are a function of what somebody took, nothing else.

    So whoever took something more, or is known by a list alone, is answered without a new fit.

    Args:
        top: Items of an answer.
        sharpness: How sure the answers are; learned on held-out rows when omitted.
        prior: How much the popularity of items counts beside; learned with it.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"recommend"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    top: int = 10
    sharpness: float | None = None
    prior: float | None = None

    @abstractmethod
    def learn(
        self, reading: Reading, train: Dataset, budget: Budget, progress: Progress
    ) -> Learned:
        """Learn from histories."""

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; on `valid` only how sure the answers are is learned."""
        reading = read(train, self.top)
        learned = self.learn(reading, train, budget, progress)
        popular = reading.popular() if learned.popular is None else learned.popular
        sharpness, prior = 1.0, 0.0
        if not learned.fixed:
            sharpness, prior = self._sharpness(reading, learned, popular, valid)
        data = answer_graph(learned.steps, learned.constants, popular, sharpness, prior)
        few = reading.matrix[:_CHECKED].toarray().astype(np.float64)
        asked = np.hstack([few, np.ones((len(few), 1))])
        expected = chances(learned.told(few), few, popular, sharpness, prior)
        verify(self.name, data, asked, expected)
        notes = {
            **learned.notes,
            "users": len(reading.rows.users),
            "items": len(reading.rows.items),
            "sharpness": sharpness,
            "prior": prior,
        }
        member = Member(self.name, self.name, 1.0, encoding_of(reading.block), data, notes)
        return Model("recommend", reading.rows.items, (member,))

    def _sharpness(
        self, reading: Reading, learned: Learned, popular: Floats, valid: Dataset
    ) -> tuple[float, float]:
        """Return what was given, or what the held-out rows say."""
        if self.sharpness is not None:
            return self.sharpness, self.prior or 0.0
        if not len(valid):
            return 1.0, 0.0
        block = BasketsBlock(reading.block)
        few = valid.frame[: max(2, CELLS // block.width)]
        tensor = np.empty((few.height, block.width), dtype=np.float32)
        block.write(few, tensor)
        history = tensor[:, :-1].astype(np.float64)
        wanted = taken_of(Dataset(few, valid.schema)).item
        return fit_sharpness(learned.told(history), history, popular, wanted)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit; `classes` are the items."""
        return costs.SECONDS[cls.name](rows, columns, classes)
