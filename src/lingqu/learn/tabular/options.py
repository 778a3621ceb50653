"""Options that learners of tables share: each is declared, documented and obeyed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from lingqu.core.nouns import Dataset, Task
from lingqu.core.schema import Kind
from lingqu.learn.costs import SECONDS
from lingqu.learn.documented import Documented
from lingqu.learn.tabular.balance import balanced
from lingqu.learn.tabular.monotone import Direction
from lingqu.learn.tabular.rows import Rows, View, rows
from lingqu.learn.tabular.target import Wish
from lingqu.release.reading import Reading, Scaling


class Tabular(Documented):
    """A learner of tables."""

    name: ClassVar[str]
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return SECONDS[cls.name](rows, columns, classes)


@dataclass(kw_only=True)
class Levels:
    """How levels of categories are read.

    Args:
        rare: Levels with fewer training rows are read like those never seen.
        similar: Frequent levels with which those of a category of more than 30 are compared by
            their letters, so that unseen ones resemble seen ones; 0 for none.
    """

    rare: int = 0
    similar: int = 0


@dataclass(kw_only=True)
class Scales:
    """How numbers are read where their size matters.

    Args:
        scaling: How numbers are brought to one size: ``standard``; ``robust``, by median and
            quartiles; ``quantile``, by rank; ``auto``, by rank where a tail is long.
    """

    scaling: Scaling = "standard"


@dataclass(kw_only=True)
class Views:
    """Which columns are read.

    Args:
        view: ``plain`` columns, ``rich`` ones (facts about levels, joined numbers, and, where
            sums are learned, bent ones), or ``auto``: rich where a category has more than 10
            levels.
    """

    view: View = "auto"


@dataclass(kw_only=True)
class Balance:
    """What classes weigh.

    Args:
        balance: Give all classes the same sum of weights, however rare they are.
    """

    balance: bool = False


@dataclass(kw_only=True)
class Curve:
    """How values are learned.

    Args:
        target: Values of a regression as they are (``plain``), as signed logarithms (``log``),
            or as logarithms where they are skewed (``auto``).
    """

    target: Wish = "plain"


@dataclass(kw_only=True)
class Monotony:
    """Which way answers may go.

    Args:
        monotone: Column → ``increasing`` or ``decreasing`` (1 or -1): answers, or the
            probability of the second of two classes, may only rise or fall with it. Only plain
            columns are then read.
    """

    monotone: Mapping[str, Direction] = field(default_factory=dict)


@dataclass(kw_only=True)
class Distances(Levels, Scales, Tabular):
    """A learner that compares rows number by number."""

    def fold(self, train: Dataset, valid: Dataset) -> Rows:
        """Return the rows as numbers of one size."""
        return rows(train, valid, "linear", reading=Reading(self.scaling, self.rare, self.similar))


@dataclass(kw_only=True)
class Sums(Levels, Scales, Views, Tabular):
    """A learner of weighted sums, or of distances, of columns or of what is made of them."""

    def fold(self, train: Dataset, valid: Dataset, task: Task | None = None) -> Rows:
        """Return the rows as numbers of one size; the task is that of the target if none is said"""
        reading = Reading(self.scaling, self.rare, self.similar)
        return rows(train, valid, "linear", task, self.view, reading)


@dataclass(kw_only=True)
class Questions(Curve, Views, Levels, Balance, Tabular):
    """A learner of trees, which ask of one column at a time."""

    def fold(self, train: Dataset, valid: Dataset) -> Rows:
        """Return the rows with gaps and codes of levels as they are, weighed as wished."""
        reading = Reading(rare=self.rare, similar=self.similar)
        found = rows(train, valid, "tree", view=self.seen, reading=reading)
        return balanced(found) if self.balance else found

    @property
    def seen(self) -> View:
        """The columns that it reads."""
        return self.view


@dataclass(kw_only=True)
class Directed(Questions, Monotony):
    """A learner of trees that can promise which way its answers go."""

    @property
    def seen(self) -> View:
        """The columns that it reads: what is made of several has no direction."""
        return "plain" if self.monotone else self.view
