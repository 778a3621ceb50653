"""Off-policy estimates on the Open Bandit logs, beside those of the Open Bandit Pipeline itself.

What Thompson sampling earns is estimated from the decisions that were drawn at random: by our four
estimates, and by the peer's from the same propensities and the same model of rewards. Each must be
the same number, and the intervals of IPS, SNIPS and DR must hold what Thompson sampling did earn.

    python benchmarks/control_bandits.py [--skip-peers]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from figures import Figure, peer_python, report

from lingqu.core.off_policy import NAMES, Logged, estimates, intervals
from lingqu.core.reward_model import fit_rewards
from lingqu.data.assets import AssetData

SCRIPT = Path(__file__).parent / "peers" / "control_obp.py"
PACKAGES = ("obp==0.4.1", "torch==2.13.0")
LOGS = ("open-bandit-men", "open-bandit-women", "open-bandit")
ALIKE = 1e-9
"""Largest difference between two estimates that are called the same."""
POSITIONS = ("1", "2", "3")


def decisions(name: str) -> tuple[Logged, float]:
    """Return the decisions drawn at random as seen by Thompson sampling, and what it earned."""
    rows = AssetData(name).read().frame
    banners = rows["banner"].unique().sort().to_list()
    rows = rows.with_columns(
        taken=pl.col("banner").replace_strict({one: k for k, one in enumerate(banners)}),
        place=pl.col("position").replace_strict({one: k for k, one in enumerate(POSITIONS)}),
    )
    drawn, sampled = (rows.filter(pl.col("policy") == one) for one in ("random", "bts"))
    shown = np.zeros((len(POSITIONS), len(banners)))
    np.add.at(shown, (sampled["place"].to_numpy(), sampled["taken"].to_numpy()), 1.0)
    place, taken = drawn["place"].to_numpy(), drawn["taken"].to_numpy()
    policy = (shown / shown.sum(axis=1, keepdims=True))[place]
    click, x = drawn["click"].to_numpy(), np.eye(len(POSITIONS))[place]
    told = np.empty(policy.shape)
    half = np.arange(len(taken)) % 2 == 0
    for ours in (half, ~half):
        told[ours] = fit_rewards(x[~ours], taken[~ours], click[~ours], len(banners)).of(x[ours])
    true = sampled.select(pl.col("click").mean()).item()
    return Logged(taken, click, drawn["propensity"].to_numpy(), policy, told), float(true)


def of_peer(python: Path, log: Logged) -> dict[str, Any]:
    """Return the peer's estimates and intervals of the same decisions."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decisions.npz"
        np.savez(path, taken=log.taken, reward=log.reward, propensity=log.propensity,
                 policy=log.policy, told=log.told)  # fmt: skip
        done = subprocess.run([str(python), str(SCRIPT), str(path)], check=True,
                              capture_output=True, text=True, cwd=folder)  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures_of(name: str, python: Path | None) -> tuple[list[Figure], list[str]]:
    """Return the figures of one log, and its intervals in words."""
    log, true = decisions(name)
    ours, ends = estimates(log.columns().mean(axis=0)), intervals(log, 400, seed=0)
    theirs = of_peer(python, log) if python is not None else {}
    found, notes = [], [f"{name}: Thompson sampling earned {true:.5f} a decision"]
    for estimate in NAMES:
        value, peer = float(ours[estimate]), theirs.get(estimate, [None])[0]
        same = peer is None or abs(value - peer) <= ALIKE
        found.append(Figure(f"{name}: {estimate}", value, peer, "the peer's to 1e-9", same))
        low, high = ends[estimate]
        beside = "" if peer is None else "; peer {1:.5f} – {2:.5f}".format(*theirs[estimate])
        notes.append(f"  {estimate}: {low:.5f} – {high:.5f}{beside}")
        if estimate != "dm":  # its interval tells nothing of how wrong its model is
            held = low <= true <= high
            found.append(Figure(f"{name}: truth in the interval of {estimate}", float(held), None,
                                "1", held))  # fmt: skip
    return found, notes


def run(peers: bool = True) -> tuple[list[Figure], list[str]]:
    """Return the figures of all logs."""
    python = peer_python("obp", PACKAGES, constraints=True) if peers else None
    found: list[Figure] = []
    notes: list[str] = []
    for name in LOGS:
        more, told = figures_of(name, python)
        found, notes = found + more, notes + told
    return found, notes


def main() -> int:
    """Print the figures; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-peers", action="store_true")
    given = parser.parse_args()
    return report("What a policy would have earned, from logged clicks", *run(not given.skip_peers))


if __name__ == "__main__":
    raise SystemExit(main())
