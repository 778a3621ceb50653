"""What a wish for speed or size asks for, and what a graph uses up of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Member
from lingqu.learn.candidate import EFFORT, STEPS, Fit

Shares = NDArray[np.float64]
"""Of a goal, (3,): of the seconds, the milliseconds, the megabytes."""
Wish = Literal["accurate", "balanced", "small"]

_BLOCK_S = 5e-4
"""Seconds for 10,000 rows of a column that is encoded by itself."""
_BLOCK_MS, _CATEGORY_MS = 0.006, 0.0005
"""Milliseconds of one row; categories side by side are looked up together. With a column of numbers
and 15 categories an encoder of German credits took 0.013 to 0.018 on one core."""
_CALL_MS = 0.004
_STEP_MS = 0.0007
"""Milliseconds that a step of a graph takes for one row, however little it computes."""
_CATEGORIES = frozenset({"category", "ordinal"})


@dataclass(frozen=True)
class Goal:
    """What a wish asks for.

    Args:
        many_s: Seconds of one core for 10,000 rows; row_ms: milliseconds for one.
        size_mb: Megabytes of all graphs.
        loss: Share of the score that may be lost by leaving members out.
    """

    many_s: float
    row_ms: float
    size_mb: float
    loss: float


# The rest of the millisecond that `balanced` aims at is for typing the cells and for the answer.
GOALS: dict[str, Goal] = {
    "accurate": Goal(60.0, 100.0, 1000.0, 0.0),
    "balanced": Goal(0.4, 0.2, 40.0, 0.002),
    "small": Goal(0.025, 0.12, 4.0, 0.01),
}
_SIDE_BY_SIDE = 2
"""Cores that many rows are taken to be shared among, at most: a laptop's."""


def goal_of(wish: Wish, cores: int) -> Goal:
    """Return what a wish asks for, its seconds those of all cores together.

    Args:
        wish: For speed or size.
        cores: Of the machine; rows are answered on all of them.

    Example:
        >>> goal_of("balanced", 1).many_s, goal_of("balanced", 16).many_s
        (0.4, 0.8)
    """
    goal = GOALS[wish]
    return replace(goal, many_s=goal.many_s * min(cores, _SIDE_BY_SIDE))


def cost(fit: Fit, goal: Goal) -> Shares:
    """Return what the graph of a fit uses up of a goal, by what its member notes of it.

    Few rows wait for the steps of a graph, many for what is computed in them.

    Example:
        >>> from lingqu.core.nouns import Model
        >>> member = Member("m", "ridge", 1.0, {}, b"graph", notes={EFFORT: 0.1})
        >>> cost(Fit(Model("regress", (), (member,)), None), GOALS["balanced"]).round(2).tolist()
        [0.25, 0.05, 0.0]
    """
    notes = fit.model.members[0].notes
    seconds = float(notes.get(EFFORT, 0.0))
    row_ms = seconds / 10 + _STEP_MS * float(notes.get(STEPS, 0))
    return _of(goal, seconds, row_ms, fit.size_mb)


def encoder_cost(member: Member, goal: Goal) -> Shares:
    """Return what encoding the columns of a member uses up of a goal."""
    kinds = [block["type"] for block in member.encoding.get("blocks", ())]
    looked_up = sum(kind in _CATEGORIES for kind in kinds)
    row_ms = _CALL_MS + _CATEGORY_MS * looked_up + _BLOCK_MS * (len(kinds) - looked_up)
    return _of(goal, _BLOCK_S * len(kinds), row_ms, 0.0)


def _of(goal: Goal, seconds: float, row_ms: float, size_mb: float) -> Shares:
    return np.array([seconds / goal.many_s, row_ms / goal.row_ms, size_mb / goal.size_mb])
