"""Stable-Baselines3 on CartPole-v1: CPU seconds of training until 20 greedy episodes bring 475.

    python control_sb3.py ppo-zoo|ppo|dqn SEED MOST_CPU_S

Prints one JSON line. Judging, every 4,096 steps, is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env

torch.set_num_threads(1)
EVERY, ENOUGH, EPISODES = 4096, 475.0, 20


def judged(model: Any) -> float:
    """Return the mean return of greedy episodes, on seeds that nothing was trained on."""
    found = []
    for number in range(EPISODES):
        world = gym.make("CartPole-v1")
        seen, _ = world.reset(seed=2_000_000 + number)
        total, over = 0.0, False
        while not over:
            action, _ = model.predict(seen, deterministic=True)
            seen, reward, ended, cut, _ = world.step(int(action))
            total, over = total + float(reward), ended or cut
        found.append(total)
    return float(np.mean(found))


class Stop(BaseCallback):
    """Judges now and then; ends when it is solved, or too dear."""

    def __init__(self, most_s: float) -> None:
        super().__init__()
        self.most_s, self.judging = most_s, 0.0
        self.due, self.begun = EVERY, time.process_time()
        self.found = 0.0

    def _on_step(self) -> bool:
        if self.num_timesteps < self.due:
            return True
        self.due += EVERY
        at = time.process_time()
        self.found = judged(self.model)
        self.judging += time.process_time() - at
        return self.found < ENOUGH and self.cpu_s < self.most_s

    @property
    def cpu_s(self) -> float:
        return time.process_time() - self.begun - self.judging


def model_of(kind: str, seed: int) -> Any:
    """Return an agent: with the settings of the RL zoo, or with the defaults of the library."""
    if kind == "ppo":
        return PPO("MlpPolicy", "CartPole-v1", seed=seed, device="cpu")
    if kind == "ppo-zoo":
        return PPO(
            "MlpPolicy", make_vec_env("CartPole-v1", 8, seed=seed), n_steps=32, batch_size=256,
            gae_lambda=0.8, gamma=0.98, n_epochs=20, ent_coef=0.0, seed=seed, device="cpu",
            learning_rate=lambda left: left * 1e-3, clip_range=lambda left: left * 0.2,
        )  # fmt: skip
    return DQN(
        "MlpPolicy", "CartPole-v1", learning_rate=2.3e-3, batch_size=64, buffer_size=100_000,
        learning_starts=1000, gamma=0.99, target_update_interval=10, train_freq=256,
        gradient_steps=128, exploration_fraction=0.16, exploration_final_eps=0.04,
        policy_kwargs={"net_arch": [256, 256]}, seed=seed, device="cpu",
    )  # fmt: skip


def main() -> None:
    kind, seed, most_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    model, stop = model_of(kind, seed), Stop(most_s)
    stop.begun = time.process_time()
    model.learn(100_000, callback=stop)
    print(json.dumps({"kind": kind, "seed": seed, "cpu_s": stop.cpu_s, "return": stop.found,
                      "steps": stop.num_timesteps}))  # fmt: skip


if __name__ == "__main__":
    main()
