"""Estimates of the Open Bandit Pipeline for decisions in a file: one JSON line.

python control_obp.py DECISIONS.npz
"""

from __future__ import annotations

import json
import sys

import numpy as np
from obp.ope import (
    DirectMethod,
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
)

given = np.load(sys.argv[1])
shared = {
    "reward": given["reward"],
    "action": given["taken"],
    "pscore": given["propensity"],
    "action_dist": given["policy"][:, :, None],
    "estimated_rewards_by_reg_model": given["told"][:, :, None],
    "position": np.zeros(len(given["taken"]), dtype=int),
}
methods = {
    "ips": InverseProbabilityWeighting(),
    "snips": SelfNormalizedInverseProbabilityWeighting(),
    "dm": DirectMethod(),
    "dr": DoublyRobust(),
}
found = {}
for name, method in methods.items():
    ends = method.estimate_interval(**shared, n_bootstrap_samples=400, random_state=0)
    low, high = (value for key, value in ends.items() if "CI" in key)
    found[name] = [float(method.estimate_policy_value(**shared)), float(low), float(high)]
print(json.dumps(found))
