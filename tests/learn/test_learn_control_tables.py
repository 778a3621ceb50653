"""Methods of tables: as good as linear programming says is possible, and looked up as solved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array
from tests.environment.stock_sales import write_sales
from tests.learn.control_trials import rows_of

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.ports import Budget
from lingqu.environment.episodes import play
from lingqu.environment.job import policy_of
from lingqu.environment.mdp import Mdp, mdp_of
from lingqu.environment.parts import held_out
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched
from lingqu.learn.control.policy_iteration import PolicyIteration
from lingqu.learn.control.solved import looked_up
from lingqu.learn.control.value_iteration import ValueIteration
from lingqu.release.model import from_bytes, to_bytes

NAMES = ("value_iteration", "policy_iteration")
LAKE = Place("gym:FrozenLake-v1")


def fit(name: str, place: Place, **options: Any) -> Any:
    learner = catalog.build("algorithms", name, options)
    return learner.fit(rows_of(place), rows_of(place), Budget(20.0, seed=3), lambda row: None)


def by_programming(mdp: Mdp, discount: float) -> np.ndarray[Any, Any]:
    """Return the values that linear programming finds: the smallest that no action exceeds."""
    count = mdp.states * mdp.actions
    own = csr_array(
        (np.ones(count), (np.arange(count), np.repeat(np.arange(mdp.states), mdp.actions))),
        shape=(count, mdp.states),
    )
    keep = mdp.allowed.ravel()
    bound = (own - discount * mdp.transition)[keep]
    found = linprog(np.ones(mdp.states), -bound, -mdp.reward.ravel()[keep], bounds=(None, None))
    assert found.success
    return np.asarray(found.x)


@pytest.mark.parametrize("learner", [ValueIteration, PolicyIteration])
@pytest.mark.parametrize("name", ["FrozenLake-v1", "FrozenLake8x8-v1", "Taxi-v4"])
def test_values_are_those_of_linear_programming(learner: Any, name: str) -> None:
    mdp = mdp_of(gymnasium.make(name).unwrapped.P)  # type: ignore[attr-defined]
    solved = learner(discount=0.99).solve(mdp)
    assert solved.finished
    assert np.abs(solved.values - by_programming(mdp, 0.99)).max() < 1e-6
    assert np.abs(solved.worth.max(axis=1) - solved.values).max() < 1e-6


@pytest.mark.parametrize("learner", [ValueIteration, PolicyIteration])
def test_what_a_state_does_not_allow_is_never_taken(learner: Any) -> None:
    table = {0: {0: [(1.0, 0, 1.0, False)], 1: [(1.0, 0, 9.0, False)]}}
    mdp = mdp_of(table, np.array([[True, False]]))
    solved = learner(discount=0.5).solve(mdp)
    assert solved.policy.tolist() == [0] and solved.values.tolist() == [2.0]
    assert by_programming(mdp, 0.5) == pytest.approx([2.0])


@pytest.mark.parametrize("name", NAMES)
def test_the_lake_is_crossed_as_often_as_it_can_be(name: str) -> None:
    model = fit(name, LAKE, discount=0.999)
    said = play(LAKE, policy_of(from_bytes(to_bytes(model)), Watched(LAKE).observed), range(200))
    assert said.returns.mean() > 0.66  # 0.74 is the best in a hundred steps
    notes = model.members[0].notes
    assert notes["exact"] and notes["grid"]["letters"][3] == ["H", "F", "F", "G"]
    assert len(notes["grid"]["actions"]) == 4


@pytest.mark.parametrize("name", NAMES)
def test_the_graph_answers_what_was_solved(name: str) -> None:
    place = Place("gym:Taxi-v4")
    model = fit(name, place)
    observed = Watched(place).observed
    solved = ValueIteration().solve(mdp_of(Watched(place).inner.P))
    rows = np.arange(500, dtype=np.float32)[:, None]
    rows = np.hstack([rows, np.ones((500, 6), np.float32)]) if observed.masked else rows
    said = policy_of(model, observed)(rows, ())
    worth = solved.worth[np.arange(500), said]
    assert np.abs(worth - solved.values).max() < 1e-9
    assert fit(name, place).members[0].graph == model.members[0].graph


def test_stock_is_kept_better_than_by_a_rule_that_ignores_how_sales_go(tmp_path: Path) -> None:
    write_sales(tmp_path, weeks=110, articles=6)
    options = {"sales": "sales.csv", "held": 24}
    place = Place("lingqu.environment.inventory:Inventory", options, str(tmp_path))
    model = fit("policy_iteration", place, discount=0.98)
    judge = held_out(place)
    inner = Watched(judge).inner
    observed = Watched(judge).observed
    ours = play(judge, policy_of(model, observed), range(6))
    rule = looked_up_rule(inner)
    theirs = play(judge, rule, range(6))
    assert ours.closed.sum() == theirs.closed.sum() == 0
    assert ours.returns.mean() > theirs.returns.mean()


def looked_up_rule(inner: Any) -> Any:
    return lambda rows, seen: np.array([inner.rule(one) for one in seen], dtype=np.int64)


def test_codes_are_read_in_the_order_of_their_parts() -> None:
    policy = np.arange(6)
    rows = np.array([[0, 0], [0, 2], [1, 0], [1, 2]], dtype=np.float32)
    assert looked_up(policy, (2, 3))(rows, ()).tolist() == [0, 2, 3, 5]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_table_is_refused(name: str) -> None:
    with pytest.raises(SpecError, match="states none"):
        fit(name, Place("gym:CartPole-v1"))
    with pytest.raises(SpecError, match="discount: 1"):
        catalog.build("algorithms", name, {"discount": 1.0})


def test_time_ends_a_solution_that_is_usable() -> None:
    mdp = mdp_of(gymnasium.make("FrozenLake8x8-v1").unwrapped.P)  # type: ignore[attr-defined]
    solved = ValueIteration(discount=0.999).solve(mdp, seconds=0.0)
    assert not solved.finished and len(solved.curve) == 1
    assert solved.policy.shape == (64,)
