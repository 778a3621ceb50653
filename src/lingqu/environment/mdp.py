"""Small Markov decision processes: every state, every action, and where each leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve

from lingqu.core.errors import DataError, SpecError

Floats = NDArray[np.float64]
_SLACK = 1e-6
"""How far from 1 the probabilities of one action may sum to."""
_EQUAL = 1e-9
"""Actions whose worth differs by less are equally good: the first of them is taken."""


@dataclass(frozen=True)
class Mdp:
    """A process whose every transition is known.

    Args:
        transition: Probability that an action in a state leads to a state from which it goes on,
            (S · A, S), the actions of a state side by side. What is lacking to 1 is the end.
        reward: What is expected of an action in a state, (S, A).
        allowed: Which actions a state allows, (S, A); each allows one at least.
    """

    transition: csr_array
    reward: Floats
    allowed: NDArray[np.bool_]

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.reward)

    @property
    def actions(self) -> int:
        """Number of actions."""
        return int(self.reward.shape[1])

    def worth(self, values: Floats, discount: float) -> Floats:
        """Return what each action is worth where what follows is worth `values`, (S, A).

        What a state does not allow is worth -∞.
        """
        later = (self.transition @ values).reshape(self.reward.shape)
        return np.where(self.allowed, self.reward + discount * later, -np.inf)

    def follow(self, policy: NDArray[np.int64], discount: float) -> Floats:
        """Return what each state is worth where a policy is followed for ever, (S,).

        Args:
            policy: The action of each state, (S,).
            discount: What a reward one step later counts, below 1.
        """
        rows = np.arange(self.states) * self.actions + policy
        chosen = self.transition[rows]
        system = eye_array(self.states, format="csc") - discount * chosen.tocsc()
        found: Floats = spsolve(system, self.reward[np.arange(self.states), policy])
        return found


def best(worth: Floats) -> NDArray[np.int64]:
    """Return the best action of each state, the first of equally good ones, (S,).

    Example:
        >>> best(np.array([[1.0, 1.0 + 1e-12], [0.0, 2.0]])).tolist()
        [0, 1]
    """
    top = worth.max(axis=1, keepdims=True)
    close = worth >= top - _EQUAL * np.maximum(1.0, np.abs(top))
    first: NDArray[np.int64] = close.argmax(axis=1).astype(np.int64)
    return first


def is_stated(inner: Any) -> bool:
    """Say whether an environment states all its transitions: as ``P``, or by a method ``mdp``."""
    return callable(getattr(inner, "mdp", None)) or getattr(inner, "P", None) is not None


def process_of(inner: Any, algorithm: str, name: str) -> Mdp:
    """Return the process that an environment states.

    Args:
        inner: The environment itself, without what is wrapped around it.
        algorithm: What asks, for an error.
        name: What the environment is called, for an error.

    Raises:
        SpecError: It states none.
        DataError: What it states is none, see `mdp_of`.
    """
    if not is_stated(inner):
        raise SpecError("tables.no_process", algorithm=algorithm, name=name)
    if callable(getattr(inner, "mdp", None)):
        made: Mdp = inner.mdp()
        return made
    return mdp_of(inner.P)


def mdp_of(
    table: Mapping[int, Mapping[int, Sequence[Sequence[Any]]]],
    allowed: NDArray[np.bool_] | None = None,
) -> Mdp:
    """Read the table ``P`` of an environment.

    Args:
        table: State → action → rows of probability, next state, reward and whether that is the
            end, as the environments `toy_text` of Gymnasium have it.
        allowed: Which actions a state allows, (S, A); all when omitted.

    Raises:
        DataError: States or actions are not numbered from 0 without gaps, the probabilities of an
            action do not sum to 1, or a reward is not finite; it names state and action.

    Example:
        >>> table = {0: {0: [(0.5, 0, 0.0, False), (0.5, 1, 1.0, True)]}, 1: {0: [(1, 1, 0, True)]}}
        >>> mdp_of(table).reward.tolist(), mdp_of(table).transition.toarray().tolist()
        ([[0.5], [0.0]], [[0.5, 0.0], [0.0, 0.0]])
    """
    states, actions = len(table), len(table.get(0, ()))
    reward = np.zeros((states, actions))
    values: list[float] = []
    rows: list[int] = []
    columns: list[int] = []
    for state in range(states):
        for action in range(actions):
            outcomes = _outcomes(table, state, action)
            for chance, after, gain, ends in outcomes:
                reward[state, action] += chance * gain
                if not ends:
                    values.append(chance)
                    rows.append(state * actions + action)
                    columns.append(after)
    size = states * actions, states
    transition = csr_array((values, (rows, columns)), shape=size)
    return Mdp(transition, reward, np.ones_like(reward, bool) if allowed is None else allowed)


def _outcomes(
    table: Mapping[int, Mapping[int, Sequence[Sequence[Any]]]], state: int, action: int
) -> list[tuple[float, int, float, bool]]:
    """Return the outcomes of an action, refused where they are none."""
    try:
        told = table[state][action]
        read = [(float(p), int(after), float(gain), bool(ends)) for p, after, gain, ends in told]
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(state, action, f"{type(error).__name__}: {error}") from error
    sum_of = sum(chance for chance, *_ in read)
    if not abs(sum_of - 1) <= _SLACK or any(chance < 0 for chance, *_ in read):
        raise _bad(state, action, f"Σ p = {sum_of:g}")
    wrong = [after for _, after, _, _ in read if not 0 <= after < len(table)]
    if wrong:
        raise _bad(state, action, f"→ {wrong[0]}")
    if not np.isfinite([gain for _, _, gain, _ in read]).all():
        raise _bad(state, action, f"r = {[gain for _, _, gain, _ in read]}")
    return read


def _bad(state: int, action: int, problem: str) -> DataError:
    return DataError("tables.bad_process", state=state, action=action, problem=problem)
