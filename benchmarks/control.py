"""Control: what policies cost and reach, the peers beside us in the same run.

One line per figure: name, ours, peer, target, reached; exit code 1 if one is not. One thread;
CPU seconds of training, with all the judging that a fit of ours does, without that of the peer.
The judge of both: 20 greedy episodes of Gymnasium's own CartPole-v1, with seeds that neither
trains on. Pendulum-v1, whose actions are amounts, is shown with our own alone. The other parts are
`control_tables.py` and `control_bandits.py`.

    python benchmarks/control.py [--seeds 5] [--skip-peers] [--only ppo,dqn,amounts,tables,bandits]
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
from importlib import import_module
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
SWING, SWUNG = Place("gym:Pendulum-v1"), -300.0
"""The pendulum, and the mean return above which it is held up in most episodes."""
PARTS = ("ppo", "dqn", "amounts", "tables", "bandits")
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


def ours(kind: type[Any], seed: int, place: Place = CART, **options: Any) -> Trained:
    """Train one of ours and judge it."""
    rows = Dataset(pl.DataFrame(), Schema(()), facts={"environment": place.to_json()})
    begun = time.process_time()
    model = kind(**options).fit(rows, rows, Budget(1200.0, seed=seed), lambda row: None)
    spent = time.process_time() - begun
    policy = policy_of(model, Watched(place).observed)
    told = play(place, policy, range(TESTED, TESTED + EPISODES))
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


def amounts(seeds: int) -> tuple[list[Figure], list[str]]:
    """Return what PPO reaches where an action is an amount; 120,000 steps, no target promised."""
    options = {"discount": 0.9, "trace": 0.95, "epochs": 60, "every": 5}
    found = [ours(Ppo, seed, SWING, **options) for seed in range(seeds)]
    held = sum(one.mean >= SWUNG for one in found)
    line = Figure(f"Pendulum ppo: seeds with a mean return >= {SWUNG:g}", held, None, "shown", True)
    return [line], [told("ours, ppo on Pendulum", found)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--peer-seeds", type=int, default=1)
    parser.add_argument("--skip-peers", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS))
    given = parser.parse_args()
    parts = given.only.split(",")
    torch.set_num_threads(1)
    by_trial = {"ppo", "dqn"} & set(parts)
    python = None
    if by_trial and not given.skip_peers:
        python = peer_python("control", PACKAGES, constraints=True)
    lines: list[Figure] = []
    notes: list[str] = []
    for name, kind, against, most_s in (
        ("ppo", Ppo, ("ppo-zoo", "ppo"), 2.5), ("dqn", Dqn, ("dqn",), 15.0)
    ):  # fmt: skip
        if name not in parts:
            continue
        found = [ours(kind, seed) for seed in range(given.seeds)]
        notes.append(told(f"ours, {name}", found))
        beside: dict[str, list[Trained]] = {}
        for other in against if python is not None else ():
            assert python is not None
            beside[other] = [peer(python, other, seed) for seed in range(given.peer_seeds)]
            notes.append(told(f"stable-baselines3, {other}", beside[other]))
        lines += figures(name, found, beside.get(against[0], []), most_s)
    more = [amounts(given.seeds)] if "amounts" in parts else []
    for name in ("tables", "bandits"):
        if name in parts:
            more.append(import_module(f"control_{name}").run(not given.skip_peers))
    lines += [line for figures_of, _ in more for line in figures_of]
    notes += [note for _, told_of in more for note in told_of]
    return report("control, one thread, CPU seconds", lines, notes)


if __name__ == "__main__":
    sys.exit(main())
