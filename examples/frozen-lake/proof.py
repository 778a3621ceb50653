"""Compare what both methods find with linear programming, which knows no iteration."""

import gymnasium
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from lingqu.environment.mdp import mdp_of
from lingqu.learn.control.policy_iteration import PolicyIteration
from lingqu.learn.control.value_iteration import ValueIteration

DISCOUNT = 0.99
print("environment    states  actions  largest difference")
for name in ("FrozenLake-v1", "FrozenLake8x8-v1", "Taxi-v4"):
    mdp = mdp_of(gymnasium.make(name).unwrapped.P)
    rows = mdp.states * mdp.actions
    own = csr_array(
        (np.ones(rows), (np.arange(rows), np.repeat(np.arange(mdp.states), mdp.actions)))
    )
    # The values are the smallest numbers that no action of any state exceeds.
    bound = DISCOUNT * mdp.transition - own
    least = linprog(np.ones(mdp.states), bound, -mdp.reward.ravel(), bounds=(None, None)).x
    found = [
        method(discount=DISCOUNT).solve(mdp).values for method in (ValueIteration, PolicyIteration)
    ]
    worst = max(float(np.abs(values - least).max()) for values in found)
    told = "below 1e-6" if worst < 1e-6 else f"{worst:.2g}"
    print(f"{name:16} {mdp.states:4} {mdp.actions:8}  {told}")
