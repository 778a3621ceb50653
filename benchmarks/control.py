"""Control: what policies cost and reach, Stable-Baselines3 beside us in the same run.

One line per figure: name, ours, peer, target, reached; exit code 1 if one is not. One thread;
CPU seconds of training, with all the judging that a fit of ours does, without that of the peer.
The judge of both: 20 greedy episodes of Gymnasium's own CartPole-v1, with seeds that neither
trains on.

    python benchmarks/control.py [--seeds 5] [--skip-peers] [--only ppo,dqn]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import polars as pl
import torch
from figures import Figure, peer_python, report

from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.schema import Schema
from lingqu.environment.episodes import play
from lingqu.environment.job import policy_of
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched
from lingqu.learn.control.dqn import Dqn
from lingqu.learn.control.ppo import Ppo

CART, ENOUGH, EPISODES = Place("gym:CartPole-v1"), 475.0, 20
TESTED = 2_000_000
PACKAGES = ["stable-baselines3==2.9.2", "gymnasium==1.4.0", "torch==2.13.0"]
MOST_S = {"ppo-zoo": 30.0, "ppo": 40.0, "dqn": 30.0}
SCRIPT = Path(__file__).parent / "peers" / "control_sb3.py"


@dataclass(frozen=True)
class Trained:
    """One training: CPU seconds, steps, and the mean return of fresh episodes."""

    cpu_s: float
    steps: int
    mean: float


def ours(kind: type[Any], seed: int) -> Trained:
    """Train one of ours and judge it."""
    rows = Dataset(pl.DataFrame(), Schema(()), facts={"environment": CART.to_json()})
    begun = time.process_time()
    model = kind().fit(rows, rows, Budget(1200.0, seed=seed), lambda row: None)
    spent = time.process_time() - begun
    policy = policy_of(model, Watched(CART).observed)
    told = play(CART, policy, range(TESTED, TESTED + EPISODES))
    return Trained(spent, int(model.members[0].notes["steps"]), float(told.returns.mean()))


def peer(python: Path, kind: str, seed: int) -> Trained:
    """Train one of the peer's; it stops when it is solved, or has used its time."""
    command = [str(python), str(SCRIPT), kind, str(seed), str(MOST_S[kind])]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return Trained(said["cpu_s"], said["steps"], said["return"])


def told(name: str, found: Sequence[Trained]) -> str:
    parts = [f"{one.cpu_s:.2f} s {one.steps:,} steps {one.mean:.1f}" for one in found]
    return f"{name}: " + " · ".join(parts)


def figures(
    name: str, found: Sequence[Trained], others: Sequence[Trained], most_s: float
) -> list[Figure]:
    """Return the figures of one learner; of the peer the median of its seeds."""
    slowest = max(one.cpu_s for one in found)
    solved = sum(one.mean >= ENOUGH for one in found)
    speed = statistics.median(one.steps / one.cpu_s for one in found)
    beside = statistics.median(one.cpu_s for one in others) if others else None
    quick = statistics.median(one.steps / one.cpu_s for one in others) if others else None
    done = float(sum(one.mean >= ENOUGH for one in others)) if others else None
    wanted = f"{len(found)} of {len(found)}"
    made = [
        Figure(f"CartPole {name}: seeds with a mean return >= 475", solved, done, wanted,
               solved == len(found)),
        Figure(f"CartPole {name}: CPU s of training, slowest seed", slowest, beside,
               f"<= {most_s:g}", slowest <= most_s),
    ]  # fmt: skip
    if name == "ppo":
        made.append(Figure("CartPole ppo: steps per CPU s, median", speed, quick, ">= 6000",
                           speed >= 6000))  # fmt: skip
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--peer-seeds", type=int, default=1)
    parser.add_argument("--skip-peers", action="store_true")
    parser.add_argument("--only", default="ppo,dqn")
    given = parser.parse_args()
    torch.set_num_threads(1)
    python = None if given.skip_peers else peer_python("control", PACKAGES, constraints=True)
    lines: list[Figure] = []
    notes: list[str] = []
    for name, kind, against, most_s in (
        ("ppo", Ppo, ("ppo-zoo", "ppo"), 2.5), ("dqn", Dqn, ("dqn",), 15.0)
    ):  # fmt: skip
        if name not in given.only.split(","):
            continue
        found = [ours(kind, seed) for seed in range(given.seeds)]
        notes.append(told(f"ours, {name}", found))
        beside: dict[str, list[Trained]] = {}
        for other in against if python is not None else ():
            assert python is not None
            beside[other] = [peer(python, other, seed) for seed in range(given.peer_seeds)]
            notes.append(told(f"stable-baselines3, {other}", beside[other]))
        lines += figures(name, found, beside.get(against[0], []), most_s)
    return report("control, one thread, CPU seconds", lines, notes)


if __name__ == "__main__":
    sys.exit(main())
