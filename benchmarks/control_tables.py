"""Tables of states: the best policy beside linear programming, and stock beside the rule (s, S).

Two small worlds of Gymnasium are solved by value and by policy iteration; the peer is linear
programming (SciPy's HiGHS). Stock is kept in the last 26 weeks of 200 articles by a policy that
was computed on the weeks before; the peer is the rule (s, S), tuned on the same weeks. PPO and DQN
learn there by trial and are shown beside both.

    python benchmarks/control_tables.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import polars as pl
from figures import Figure, report
from scipy.optimize import linprog
from scipy.sparse import csr_array

from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.schema import Schema
from lingqu.environment.episodes import play
from lingqu.environment.job import policy_of
from lingqu.environment.mdp import Mdp, mdp_of
from lingqu.environment.parts import held_out
from lingqu.environment.place import Place
from lingqu.environment.rules import rule_of
from lingqu.environment.watched import Watched
from lingqu.learn.control.dqn import Dqn
from lingqu.learn.control.policy_iteration import PolicyIteration
from lingqu.learn.control.ppo import Ppo
from lingqu.learn.control.solved import looked_up
from lingqu.learn.control.value_iteration import ValueIteration

WORLDS = ("FrozenLake-v1", "FrozenLake8x8-v1", "Taxi-v4")
DISCOUNT = 0.99
PREPARE = Path(__file__).parents[1] / "examples" / "stock-keeper" / "prepare.py"
BY_TRIAL: tuple[tuple[Any, dict[str, Any]], ...] = (
    (Ppo, {"epochs": 80, "every": 10, "discount": 0.98, "trace": 0.95, "entropy": 0.003}),
    (Dqn, {"epochs": 500, "every": 50, "learning_rate": 1e-3, "explored": 20_000}),
)
"""Learners by trial, and how they learn to keep stock."""
OPTIONS = {"sales": "weekly.csv", "held": 26, "lead": 2, "holding": 1, "shortage": 9, "order": 4}


def by_programming(mdp: Mdp) -> Any:
    """Return the values of all states: the smallest numbers that no action exceeds."""
    rows = mdp.states * mdp.actions
    states = np.repeat(np.arange(mdp.states), mdp.actions)
    own = csr_array((np.ones(rows), (np.arange(rows), states)))
    bound = DISCOUNT * mdp.transition - own
    return linprog(np.ones(mdp.states), bound, -mdp.reward.ravel(), bounds=(None, None)).x


def worlds() -> list[Figure]:
    """Return how far both methods are from linear programming."""
    found = []
    for name in WORLDS:
        mdp = mdp_of(gymnasium.make(name).unwrapped.P)  # type: ignore[attr-defined]
        least = by_programming(mdp)
        for method in (ValueIteration, PolicyIteration):
            begun = time.process_time()
            values = method(discount=DISCOUNT).solve(mdp).values
            used = time.process_time() - begun
            worst = float(np.abs(values - least).max())
            told = f"{name}, {method.name}: largest difference"
            found.append(Figure(told, worst, 0.0, "<= 1e-6", worst <= 1e-6))
            found.append(Figure(f"{name}, {method.name}: CPU s", used, None, "<= 1", used <= 1))
    return found


def stock(folder: str) -> tuple[list[Figure], list[str]]:
    """Return what half a year of an article costs, by our policy and by the tuned rule."""
    subprocess.run([sys.executable, str(PREPARE)], check=True, cwd=folder, capture_output=True)
    place = Place("lingqu.environment.inventory:Inventory", OPTIONS, folder)
    inner, judge = place.make(), held_out(place)
    begun = time.process_time()
    solved = ValueIteration(discount=0.98).solve(inner.mdp())
    used = time.process_time() - begun
    sizes = tuple(int(size) for size in inner.observation_space.nvec)
    seeds = range(len(inner.sales.names))
    ours = play(judge, looked_up(solved.policy, sizes), seeds).returns
    rule = play(judge, rule_of("rule", judge, 0), seeds).returns
    gain = ours - rule
    better = float(gain.mean()) > 1.96 * float(gain.std(ddof=1)) / np.sqrt(len(gain))
    low, high = inner.reorder
    notes = [
        f"(s, S) = ({low}, {high}); {len(gain)} articles in weeks held out; gains are paired, 95 %",
        f"the policy {_word(gain)}; {solved.worth.shape[0]} states, solved in {used:.2f} CPU s",
    ]
    lines = [Figure("stock-keeper: cost of 26 weeks of an article", -float(ours.mean()),
                    -float(rule.mean()), "below (s, S), surely", better)]  # fmt: skip
    for kind, options in BY_TRIAL:
        told, spent, steps = by_trial(kind, options, place, judge, seeds)
        lines.append(Figure(f"stock-keeper: cost, {kind.name} by trial", -float(told.mean()),
                            -float(rule.mean()), "shown", True))  # fmt: skip
        notes.append(f"{kind.name} {_word(told - rule)}; {steps:,} steps in {spent:.1f} CPU s")
    return lines, notes


def by_trial(
    kind: Any, options: dict[str, Any], place: Place, judge: Place, seeds: Any
) -> tuple[Any, float, int]:
    """Return what a learner by trial brings in the weeks held out, its CPU seconds and steps."""
    rows = Dataset(pl.DataFrame(), Schema(()), facts={"environment": place.to_json()})
    begun = time.process_time()
    model = kind(**options).fit(rows, rows, Budget(600.0, seed=0), lambda row: None)
    spent = time.process_time() - begun
    policy = policy_of(model, Watched(judge).observed)
    return play(judge, policy, seeds).returns, spent, int(model.members[0].notes["steps"])


def _word(gain: Any) -> str:
    """Say what a paired gain over the rule is, and whether it is surely one."""
    error = 1.96 * float(gain.std(ddof=1)) / np.sqrt(len(gain))
    told = f"gain over (s, S) {gain.mean():.2f} ± {error:.2f}"
    if gain.mean() > error:
        return f"beats it: {told}"
    return f"LOSES to it: {told}" if gain.mean() < -error else f"is no better surely: {told}"


def run(peers: bool = True) -> tuple[list[Figure], list[str]]:
    """Return the figures of tables and of stock; the peers here are ours to compute."""
    with tempfile.TemporaryDirectory() as folder:
        lines, notes = stock(folder)
    return worlds() + lines, notes


def main() -> int:
    """Print the figures; 1 if a target was missed."""
    return report("Tables of states", *run())


if __name__ == "__main__":
    raise SystemExit(main())
