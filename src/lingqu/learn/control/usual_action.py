"""The best single action, whatever is observed: what every policy must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.engine.budget import Deadline
from lingqu.environment.episodes import Episodes
from lingqu.environment.rules import always
from lingqu.learn.control import graph
from lingqu.learn.control.finish import model_of
from lingqu.learn.control.known import Known
from lingqu.learn.control.subject import Arena

AMOUNTS = 7
"""Amounts that are tried, evenly between their bounds, where an action is one."""


@dataclass
class UsualAction:
    """Take one action for ever, the one that brings most; where it is not allowed, another.

    Where an action is an amount, a few amounts between its bounds are tried.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> from lingqu.environment.place import Place
        >>> import polars as pl
        >>> rows = Dataset(pl.DataFrame(), Schema(()), facts={
        ...     "environment": Place("gym:CartPole-v1").to_json()})
        >>> model = UsualAction().fit(rows, rows, Budget(5.0), lambda row: None)
        >>> model.classes, round(model.members[0].notes["score"])
        (('0', '1'), 10)

    Source: Own, from its definition.
    """

    name: ClassVar[str] = "usual_action"
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Play every action; keep the one with the greatest mean return."""
        arena, deadline = Arena.of(train, self.name, budget.seed), Deadline(budget.seconds)
        span, walk = arena.observed.span, arena.walked
        actions: list[float] = list(range(len(arena.observed.actions)))
        if span is not None:
            actions = np.linspace(*span, AMOUNTS).tolist()
        found: list[Episodes] = []
        for action in actions:
            if not found or deadline.left() > 0:
                found.append(arena.judged(always(action), keep=True))
                told = {"epoch": len(found), "valid_score": float(found[-1].returns.mean())}
                progress(told)
        best = int(np.argmax([one.returns.mean() for one in found]))
        scores = [float(place == best) for place in range(len(actions))]
        if span is not None:
            scores = [2.0 * best / (AMOUNTS - 1) - 1.0]  # in half-widths about the middle
        known = Known.of(arena.observed, walk.rows)
        notes = {"random": float(walk.returns.mean())}
        return model_of(arena, self.name, graph.constant(scores), known, found[best], notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return 0.3 * max(1, classes)
