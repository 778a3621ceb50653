"""Estimate a policy whose true value is known: Thompson sampling, from the rows drawn at random."""

import numpy as np
import polars as pl

from lingqu.core.off_policy import NAMES, Logged, estimates, intervals
from lingqu.core.reward_model import fit_rewards
from lingqu.data.assets import AssetData

POSITIONS = ["1", "2", "3"]

for name in ("open-bandit-men", "open-bandit-women", "open-bandit"):
    rows = AssetData(name).read().frame
    banners = rows["banner"].unique().sort().to_list()
    rows = rows.with_columns(
        taken=pl.col("banner").replace_strict({one: k for k, one in enumerate(banners)}),
        place=pl.col("position").replace_strict({one: k for k, one in enumerate(POSITIONS)}),
    )
    drawn, sampled = (rows.filter(pl.col("policy") == one) for one in ("random", "bts"))
    # How probable Thompson sampling shows a banner at a position: how often it did.
    shown = np.zeros((len(POSITIONS), len(banners)))
    np.add.at(shown, (sampled["place"].to_numpy(), sampled["taken"].to_numpy()), 1.0)
    place, taken = drawn["place"].to_numpy(), drawn["taken"].to_numpy()
    policy = (shown / shown.sum(axis=1, keepdims=True))[place]
    click, x = drawn["click"].to_numpy(), np.eye(len(POSITIONS))[place]
    told = np.empty(policy.shape)
    half = np.arange(len(taken)) % 2 == 0  # each half is told its rewards by the other
    for ours in (half, ~half):
        told[ours] = fit_rewards(x[~ours], taken[~ours], click[~ours], len(banners)).of(x[ours])
    log = Logged(taken, click, drawn["propensity"].to_numpy(), policy, told)
    found, ends = estimates(log.columns().mean(axis=0)), intervals(log, 1000, seed=0)
    print(f"{name}: Thompson sampling earned {sampled['click'].mean():.4f} a decision")
    for estimate in NAMES:
        low, high = ends[estimate]
        print(f"  {estimate:6}{found[estimate]:.4f}  {low:.4f} – {high:.4f}")
