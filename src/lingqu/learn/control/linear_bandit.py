"""Learning by acting where one decision does not change the next: a line of rewards per action."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.engine.budget import Deadline
from lingqu.environment.episodes import Policy
from lingqu.environment.observed import Observed
from lingqu.environment.several import Several
from lingqu.learn.control.finish import model_of
from lingqu.learn.control.graph import Body, layers
from lingqu.learn.control.known import Known
from lingqu.learn.control.subject import Arena, refuse_amounts

Floats = NDArray[np.float64]
SHARP = 1000.0
"""By what promises are multiplied before the softmax of the graph: it takes the best one."""
_TOLD = 50
"""Times that the reward so far is told."""


class Lines:
    """Of each action a ridge of its rewards on the context, kept up to date row by row.

    Args:
        width: Numbers of a context.
        actions: How many actions there are.
        penalty: Strength of the ridge.

    Attributes:
        weight: The coefficients of each action, (A, D).

    Example:
        >>> lines = Lines(1, 2, 1e-6)
        >>> for reward in (1.0, 3.0):
        ...     lines.learn(np.ones(1), 0, reward)
        >>> lines.promise(np.ones((1, 1))).round(3).tolist()
        [[2.0, 0.0]]

    Source: Sherman and Morrison, 1950, doi:10.1214/aoms/1177729893 (the update).
    """

    def __init__(self, width: int, actions: int, penalty: float) -> None:
        self.inverse = np.repeat(np.eye(width)[None] / penalty, actions, axis=0)  # (A, D, D)
        self.sums = np.zeros((actions, width))
        self.weight = np.zeros((actions, width))

    def promise(self, x: Floats) -> Floats:
        """Return what each action promises in contexts (N, D): (N, A)."""
        found: Floats = x @ self.weight.T
        return found

    def doubt(self, x: Floats) -> Floats:
        """Return how uncertain each promise is in one context (D,): (A,)."""
        found: Floats = np.sqrt(((self.inverse @ x) @ x).clip(0.0))
        return found

    def learn(self, x: Floats, action: int, reward: float) -> None:
        """Take a row into account."""
        known = self.inverse[action]
        moved = known @ x
        self.inverse[action] = known - np.outer(moved, moved) / (1.0 + x @ moved)
        self.sums[action] += reward * x
        self.weight[action] = self.inverse[action] @ self.sums[action]


@dataclass
class LinearBandit:
    """What learners of single decisions have in common: they act, and learn from every reward.

    Args:
        steps: Decisions to learn from, at most.
        penalty: Strength of the ridge of each action.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    steps: int = 5000
    penalty: float = 1.0

    def __post_init__(self) -> None:
        for option, value in (("steps", self.steps), ("penalty", self.penalty)):
            if not value > 0:
                raise SpecError("tables.bad_option", algorithm=self.name, option=option,
                                expected="> 0", received=value)  # fmt: skip

    @abstractmethod
    def scores(self, lines: Lines, x: Floats, draw: np.random.Generator) -> Floats:
        """Return by what an action is chosen in a context (D,): (A,)."""

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Act in the environment that the rows were walked in."""
        arena, deadline = Arena.of(train, self.name, budget.seed), Deadline(budget.seconds)
        refuse_amounts(self.name, arena)
        observed, walk = arena.observed, arena.walked
        size = usual_sizes(observed, walk.rows)
        draw = np.random.default_rng(budget.seed)
        lines = Lines(len(size) + 1, len(observed.actions), self.penalty)
        world, earned, done = Several(arena.place, 1, budget.seed), 0.0, 0
        while done < self.steps and (done < 2 or deadline.left() > 0.2 * budget.seconds):
            row = world.rows.copy()
            x = wide(observed, row, size)[0]
            allowed = observed.allowed(row)[0]
            action = int(np.where(allowed, self.scores(lines, x, draw), -np.inf).argmax())
            reward = float(world.step([action])[0][0])
            lines.learn(x, action, reward)
            earned, done = earned + reward, done + 1
            if done % max(1, self.steps // _TOLD) == 0:
                progress({"epoch": done, "steps": done, "valid_score": earned / done})
        world.close()
        judged = arena.judged(greedy(observed, lines, size), keep=True)
        notes = {"decisions": done, "mean_reward": earned / max(1, done),
                 "random": float(walk.returns.mean()), "unfinished": done < self.steps}  # fmt: skip
        known = Known.of(observed, walk.rows)
        return model_of(arena, self.name, _body(lines, size), known, judged, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return 1.0 + 2e-4 * columns


def usual_sizes(observed: Observed, rows: NDArray[np.float32]) -> Floats:
    """Return by what each feature is divided: the deviation of numbers, 1 for what is a code."""
    found: list[float] = []
    for place, levels in enumerate(observed.levels):
        deviation = float(np.std(rows[:, place].astype(np.float64)))
        found += [1.0] * levels if levels else [deviation if deviation > 1e-9 else 1.0]
    return np.array(found)


def wide(observed: Observed, rows: NDArray[np.float32], size: Floats) -> Floats:
    """Return the features of rows as the graph has them, and a 1 behind: (N, F + 1)."""
    parts: list[Any] = []
    for place, levels in enumerate(observed.levels):
        column = rows[:, place].astype(np.float64)
        parts.append(np.eye(levels)[column.astype(np.int64)] if levels else column[:, None])
    return np.hstack([np.hstack(parts) / size, np.ones((len(rows), 1))])


def greedy(observed: Observed, lines: Lines, size: Floats) -> Policy:
    """Return the policy that takes the allowed action that promises most."""

    def act(rows: NDArray[np.float32], observations: Any) -> NDArray[np.int64]:
        promise = lines.promise(wide(observed, rows, size))
        best: NDArray[np.int64] = np.where(observed.allowed(rows), promise, -np.inf).argmax(axis=1)
        return best

    return act


def _body(lines: Lines, size: Floats) -> Body:
    weight = SHARP * lines.weight
    return layers([(weight[:, :-1], weight[:, -1])], "Identity", size)
