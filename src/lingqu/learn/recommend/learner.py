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
from lingqu.learn.recommend.graph import Sure, answer_graph, chances
from lingqu.learn.recommend.reading import Reading, read
from lingqu.learn.recommend.sharpness import CELLS, fit_sharpness
from lingqu.learn.tabular.graph import Step, verify
from lingqu.release.baskets.block import BasketsBlock, encoding_of, unread
from lingqu.release.baskets.rows import taken as taken_of

Floats = NDArray[np.float64]
_CHECKED = 8
"""Users whose answers the graph must give as the learner does."""


@dataclass(frozen=True)
class Learned:
    """What a learner found.

    Args:
        steps: Of its graph, from ``taken`` and ``had`` (N, items) and ``people`` (N, known) to
            ``told`` (N, items).
        constants: Of these steps.
        told: The same in NumPy: how much of each item was taken (N, items), what is known of the
            users (N, known) → (N, items).
        notes: For the report.
        popular: What stands for the popularity of items, or None for how often each was taken.
        fixed: Whether what is told is a logarithm of chances already.
        reads: Whether what is known of users is read.
    """

    steps: Sequence[Step]
    constants: Mapping[str, NDArray[Any]]
    told: Callable[[Floats, Floats], Floats]
    notes: Mapping[str, Json] = field(default_factory=dict)
    popular: Floats | None = None
    fixed: bool = False
    reads: bool = False


@dataclass
class Recommender:
    """A recommender: its answers are a function of what somebody took, and what is known of them.

    So whoever took something more, or is known by a list alone, is answered without a new fit.

    Args:
        top: Items of an answer.
        sharpness: How sure the answers are; learned on held-out rows when omitted.
        prior: How much the popularity of items counts beside; learned with it.
        stranger: The same two for whoever took nothing, where a learner reads what is known of
            users; learned with them.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"recommend"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    top: int = 10
    sharpness: float | None = None
    prior: float | None = None
    stranger: Sequence[float] | None = None

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
        sure: Sure = (1.0, 0.0)
        stranger: Sure | None = None
        if not learned.fixed:
            sure, stranger = self._sharpness(reading, learned, popular, valid)
        known = reading.people.shape[1]
        data = answer_graph(learned.steps, learned.constants, popular, sure, stranger, known)
        few = reading.matrix[:_CHECKED].toarray().astype(np.float64)
        people = reading.people[:_CHECKED]
        few[len(few) // 2 :: 2] = 0.0  # some of them as if they had taken nothing
        expected = chances(learned.told(few, people), few, popular, sure, stranger, people)
        verify(self.name, data, np.hstack([few, people, np.ones((len(few), 1))]), expected)
        notes = {
            **learned.notes,
            "users": len(reading.rows.users),
            "items": len(reading.rows.items),
            "sharpness": sure[0],
            "prior": sure[1],
            **({"stranger": list(stranger)} if stranger else {}),
        }
        block = reading.block if learned.reads else unread(reading.block)
        member = Member(self.name, self.name, 1.0, encoding_of(block), data, notes)
        return Model("recommend", reading.rows.items, (member,))

    def _sharpness(
        self, reading: Reading, learned: Learned, popular: Floats, valid: Dataset
    ) -> tuple[Sure, Sure | None]:
        """Return what was given, or what the held-out rows say: of users, and of strangers."""
        plain: Sure = (1.0, 0.0)
        if self.sharpness is not None:
            stranger = plain if self.stranger is None else (self.stranger[0], self.stranger[1])
            return (self.sharpness, self.prior or 0.0), stranger if learned.reads else None
        if not len(valid):
            return plain, plain if learned.reads else None
        block = BasketsBlock(reading.block)
        few = valid.frame[: max(2, CELLS // block.width)]
        tensor = np.empty((few.height, block.width), dtype=np.float32)
        block.write(few, tensor)
        items = len(reading.rows.items)
        history, people = tensor[:, :items].astype(np.float64), tensor[:, items:-1].astype(float)
        wanted = taken_of(Dataset(few, valid.schema)).item
        sure = fit_sharpness(learned.told(history, people), history, popular, wanted)
        if not learned.reads:
            return sure, None
        nothing = np.zeros_like(history)
        return sure, fit_sharpness(learned.told(nothing, people), nothing, popular, wanted)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit; `classes` are the items."""
        return costs.SECONDS[cls.name](rows, columns, classes)
