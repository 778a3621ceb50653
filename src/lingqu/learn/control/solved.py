"""What the methods of tables find, and how it becomes a graph that looks the answer up."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.environment.episodes import Policy
from lingqu.environment.grid import grid_of
from lingqu.environment.mdp import Mdp, process_of
from lingqu.learn.control.finish import model_of
from lingqu.learn.control.graph import CLOSED, Body, Writer
from lingqu.learn.control.known import Known
from lingqu.learn.control.subject import Arena

Floats = NDArray[np.float64]
_OF_TIME = 0.8
"""Share of the time that is for solving; the rest is for playing."""
_CURVE = 200


@dataclass(frozen=True)
class Solved:
    """A policy of a process with few states, and what it is worth.

    Args:
        policy: The action of each state, (S,).
        values: What each state is worth under it, (S,).
        worth: What each action is worth, (S, A); -∞ where a state does not allow it.
        curve: After each round, how far from the best it could still be.
        finished: Whether there was nothing left to gain.
    """

    policy: NDArray[np.int64]
    values: Floats
    worth: Floats
    curve: tuple[float, ...]
    finished: bool


@dataclass
class Tabular:
    """What the methods of tables have in common.

    Args:
        discount: What a reward one step later counts, above 0 and below 1.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "numpy"

    discount: float = 0.99

    def __post_init__(self) -> None:
        self.check("discount", self.discount, "> 0, < 1", 0 < self.discount < 1)

    def check(self, option: str, received: float, expected: str, right: bool) -> None:
        """Refuse an option that is not as expected.

        Raises:
            SpecError: It is not.
        """
        if not right:
            raise SpecError("tables.bad_option", algorithm=self.name, option=option,
                            expected=expected, received=received)  # fmt: skip

    @abstractmethod
    def solve(self, mdp: Mdp, seconds: float = float("inf")) -> Solved:
        """Return the best policy, or where time runs out the best so far."""

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Solve the environment that the rows were walked in; the rows themselves are not read.

        Raises:
            SpecError: It does not state its transitions, or its observations are no states.
        """
        arena = Arena.of(train, self.name, budget.seed)
        observed, inner = arena.observed, arena.watched.inner
        mdp, sizes = process_of(inner, self.name, arena.place.name), observed.levels
        if not all(sizes) or math.prod(sizes) != mdp.states or mdp.actions != len(observed.actions):
            raise SpecError("tables.no_states", algorithm=self.name, name=arena.place.name,
                            states=mdp.states, received=", ".join(map(str, sizes)))  # fmt: skip
        solved = self.solve(mdp, _OF_TIME * budget.seconds)
        for place in _spread(len(solved.curve), _CURVE):
            progress({"epoch": place + 1, "train_loss": solved.curve[place]})
        known = Known(np.zeros(len(sizes)), np.array(sizes) - 1.0)
        judged = arena.judged(looked_up(solved.policy, sizes))
        return model_of(arena, self.name, lookup(solved, sizes), known, judged,
                        _notes(solved, inner), codes=True)  # fmt: skip

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit; a table of states knows no rows."""
        return 0.5


def looked_up(policy: NDArray[np.int64], sizes: Sequence[int]) -> Policy:
    """Return the policy that looks its action up, from the codes of an observation.

    Example:
        >>> looked_up(np.array([0, 1, 2, 3]), (2, 2))(np.array([[1, 0]], np.float32), ()).tolist()
        [2]
    """
    strides = _strides(sizes)

    def act(rows: NDArray[np.float32], observations: Sequence[Any]) -> NDArray[np.int64]:
        codes = np.rint(rows[:, : len(sizes)]).astype(np.int64)
        chosen: NDArray[np.int64] = policy[codes @ strides]
        return chosen

    return act


def _strides(sizes: Sequence[int]) -> NDArray[np.int64]:
    return np.cumprod([1, *reversed(sizes)], dtype=np.int64)[:-1][::-1]


def lookup(solved: Solved, sizes: Sequence[int]) -> Body:
    """Return the body of a graph from the codes of an observation to a score of each action.

    A code that nobody knows makes all actions equal: the table says nothing there.

    Args:
        solved: The policy.
        sizes: How many codes each part of an observation has.
    """
    states, actions = solved.worth.shape
    scores = np.full((states + 1, actions), CLOSED)
    scores[np.arange(states), solved.policy] = 0.0
    scores[states] = 0.0

    def add(writer: Writer, x: str) -> str:
        missing = writer.node("IsNaN", x)
        codes = writer.node("Where", missing, writer.constant(0.0), x)
        strides = _strides(sizes).astype(np.float32)[:, None]
        state = writer.node("MatMul", codes, writer.constant(strides))  # (N, 1)
        any_missing = writer.node("ReduceMax", writer.node("Cast", missing, to=1), axes=[1])
        gap = writer.node("Cast", any_missing, to=9)
        row = writer.node("Where", gap, writer.constant(float(states)), state)
        place = writer.node("Cast", row, to=7)
        place = writer.node("Squeeze", place, writer.constant([1], np.int64))
        return writer.node("Gather", writer.constant(scores), place, axis=0)

    return add


def _notes(solved: Solved, inner: Any) -> dict[str, Json]:
    """Return what the report tells: rounds, and of a grid its values and actions."""
    told: dict[str, Json] = {"rounds": len(solved.curve), "exact": solved.finished}
    grid = grid_of(inner, len(solved.policy))
    if grid is None:
        return told
    values = np.round(solved.values, 6).reshape(grid.shape).tolist()
    actions = solved.policy.reshape(grid.shape).tolist()
    told["grid"] = {"letters": [list(row) for row in grid.letters], "values": values,
                    "actions": actions, "ways": list(grid.ways)}  # fmt: skip
    return told


def _spread(count: int, most: int) -> list[int]:
    """Return so many places at most, evenly, the first and the last among them."""
    places: list[int] = np.unique(np.linspace(0, count - 1, min(most, count)).astype(int)).tolist()
    return places
