"""Processes: read from the table of an environment, or refused with state and action."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

from lingqu.core.errors import DataError, SpecError
from lingqu.environment.mdp import best, mdp_of, process_of


def test_a_lake_is_read_as_it_is_stated() -> None:
    table = gymnasium.make("FrozenLake-v1").unwrapped.P  # type: ignore[attr-defined]
    mdp = mdp_of(table)
    assert (mdp.states, mdp.actions) == (16, 4)
    # From the square before the goal, two of three slips to the right or along reach it or stay.
    assert mdp.reward[14].max() == pytest.approx(1 / 3)
    leaves = 1 - mdp.transition.sum(axis=1).reshape(16, 4)
    assert leaves[14, 2] == pytest.approx(1 / 3)


def test_a_policy_that_is_followed_for_ever_is_worth_what_it_earns() -> None:
    mdp = mdp_of({0: {0: [(1.0, 1, 2.0, False)]}, 1: {0: [(1.0, 0, 0.0, False)]}})
    values = mdp.follow(np.zeros(2, dtype=np.int64), 0.5)
    assert values.round(12).tolist() == [2 / 0.75, 1 / 0.75] or np.allclose(values, [8 / 3, 4 / 3])


@pytest.mark.parametrize(
    ("outcomes", "problem"),
    [
        ([(0.5, 0, 1.0, False)], "Σ p = 0.5"),
        ([(1.5, 0, 1.0, False), (-0.5, 0, 1.0, False)], "Σ p = 1"),
        ([(1.0, 7, 1.0, False)], "→ 7"),
        ([(1.0, 0, float("nan"), False)], "r = \\[nan\\]"),
        ([(1.0, 0)], "ValueError"),
    ],
)
def test_a_wrong_table_is_refused_with_state_and_action(outcomes: Any, problem: str) -> None:
    with pytest.raises(DataError, match=f"state 0, action 0: {problem}"):
        mdp_of({0: {0: outcomes}})


def test_what_states_no_process_is_refused_with_what_would_fit() -> None:
    inner = gymnasium.make("CartPole-v1").unwrapped
    with pytest.raises(SpecError, match="ppo, dqn"):
        process_of(inner, "value_iteration", "gym:CartPole-v1")


def test_the_first_of_equal_actions_is_taken() -> None:
    assert best(np.array([[5.0, 5.0 + 1e-12], [-np.inf, 1.0]])).tolist() == [0, 1]
