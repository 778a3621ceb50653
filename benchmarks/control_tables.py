"""Tables of states: the best policy beside linear programming, and stock beside the rule (s, S).

Two small worlds of Gymnasium are solved by value and by policy iteration; the peer is linear
programming (SciPy's HiGHS). Stock is kept in the last 26 weeks of 200 articles by a policy that
was computed on the weeks before; the peer is the rule (s, S), tuned on the same weeks.

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
from figures import Figure, report
from scipy.optimize import linprog
from scipy.sparse import csr_array

from lingqu.environment.episodes import play
from lingqu.environment.mdp import Mdp, mdp_of
from lingqu.environment.parts import held_out
from lingqu.environment.place import Place
from lingqu.environment.rules import rule_of
from lingqu.learn.control.policy_iteration import PolicyIteration
from lingqu.learn.control.solved import looked_up
from lingqu.learn.control.value_iteration import ValueIteration

WORLDS = ("FrozenLake-v1", "FrozenLake8x8-v1", "Taxi-v4")
DISCOUNT = 0.99
PREPARE = Path(__file__).parents[1] / "examples" / "stock-keeper" / "prepare.py"
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
    error = 1.96 * float(gain.std(ddof=1)) / np.sqrt(len(gain))
    better = float(gain.mean()) - error > 0
    low, high = inner.reorder
    word = "beats" if better else "does NOT surely beat"
    notes = [
        f"the policy {word} (s, S) = ({low}, {high}) on {len(gain)} articles in weeks held out:",
        f"  gain {gain.mean():.2f} ± {error:.2f} of {-rule.mean():.1f} (95 %), paired",
        f"  {solved.worth.shape[0]} states, solved in {used:.2f} CPU s",
    ]
    line = Figure("stock-keeper: cost of 26 weeks of an article", -float(ours.mean()),
                  -float(rule.mean()), "below (s, S), surely", better)  # fmt: skip
    return [line], notes


def main() -> int:
    """Print the figures; 1 if a target was missed."""
    found = worlds()
    with tempfile.TemporaryDirectory() as folder:
        more, notes = stock(folder)
    return report("Tables of states", found + more, notes)


if __name__ == "__main__":
    raise SystemExit(main())
