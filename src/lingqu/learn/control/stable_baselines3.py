"""Policies of Stable-Baselines3, as graphs of ours: its learners, our judge, our release.

Source: Raffin et al., "Stable-Baselines3: reliable reinforcement learning implementations", 2021,
Journal of Machine Learning Research 22(268).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import gymnasium
import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import A2C, DQN, PPO
from stable_baselines3.common.callbacks import BaseCallback
from torch import nn

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.environment.episodes import Policy
from lingqu.environment.observed import Floats
from lingqu.environment.watched import Watched
from lingqu.learn.control import graph
from lingqu.learn.control.finish import model_of, solved
from lingqu.learn.control.known import Gauge, Known
from lingqu.learn.control.net import Features, sizes, weights_of
from lingqu.learn.control.subject import Arena, refuse_amounts
from lingqu.learn.deep.supervised import seeded

METHODS: dict[str, Any] = {"ppo": PPO, "a2c": A2C, "dqn": DQN}
_OPERATORS: dict[type[nn.Module], str] = {nn.Tanh: "Tanh", nn.ReLU: "Relu"}
_STRIDE = 1_000_003


@dataclass
class StableBaselines3:
    """Learn with a method of Stable-Baselines3; its net becomes a graph of ours.

    Everything else is as with our own learners: the judge, the range of what was seen, the
    fallback, the release. Environments that close actions are refused: its methods do not know
    of them.

    Args:
        method: ``ppo``, ``a2c`` or ``dqn``.
        steps: Steps at most.
        every: Steps between two judgements.
        options: What its class is given beside, such as ``{learning_rate: 0.0023}``.

    Example:
        >>> StableBaselines3(method="dqn").steps
        100000

    Source: Raffin et al., 2021, JMLR 22(268).
    """

    name: ClassVar[str] = "stable_baselines3"
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "torch"

    method: Literal["ppo", "a2c", "dqn"] = "ppo"
    steps: int = 100_000
    every: int = 4_096
    options: dict[str, Any] = field(default_factory=dict)

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Learn until it is solved, the time is over or all steps are done; keep the best.

        Raises:
            TrainError: The environment closes actions, or an option is none of the method's.
        """
        end = time.monotonic() + 0.9 * budget.seconds
        arena = Arena.of(train, self.name, budget.seed)
        refuse_amounts(self.name, arena)
        if arena.observed.masked:
            raise TrainError("control.no_masks", algorithm=self.name, name=arena.place.name)
        walk = arena.walked
        size = sizes(arena.observed, walk.rows)
        with seeded(budget.seed):
            world = Bare(arena, size, walk.rows, budget.seed)
            try:
                agent = METHODS[self.method](
                    "MlpPolicy", world, seed=budget.seed, device="cpu", **self.options
                )
            except TypeError as error:
                raise TrainError(
                    "control.peer_option", algorithm=self.name, method=self.method, why=str(error)
                ) from error
            judge = Judge(self, arena, size, progress, end)
            agent.learn(self.steps, callback=judge)
        judge.look(agent.num_timesteps)
        weights, operator = judge.best
        judged = arena.judged(acting(weights, operator, world.features), keep=True)
        notes: dict[str, Json] = {
            "steps": int(agent.num_timesteps), "random": float(walk.returns.mean()),
            "method": self.method, "unfinished": bool(judge.late),
        }  # fmt: skip
        body = graph.layers(weights, operator, size)
        return model_of(arena, self.name, body, world.known, judged, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return 20.0


Weights = list[tuple[NDArray[Any], NDArray[Any]]]


class Bare(gymnasium.Env[Any, Any]):
    """An environment as its methods want it: features in one array, actions from 0 on."""

    def __init__(self, arena: Arena, size: NDArray[np.float32], walk: Floats, seed: int) -> None:
        self.watched, self.seed, self.number = Watched(arena.place), seed, 0
        self.features = Features(arena.observed, size)
        self.low, self.high = walk.min(axis=0), walk.max(axis=0)
        self.gauge = Gauge(arena.observed, walk)
        self.moments = self.gauge.nothing
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (len(size),), np.float32)
        self.action_space = gymnasium.spaces.Discrete(len(arena.observed.actions))

    def reset(
        self, *, seed: int | None = None, options: Any = None
    ) -> tuple[Floats, dict[str, Any]]:
        """Begin an episode with a seed of its own."""
        self.number += 1
        seed = (self.seed * _STRIDE + self.number * 104_729) % (2**31 - 1)
        return self._seen(self.watched.reset(seed, self.number)), {}

    def step(self, action: Any) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """Take an action."""
        row, reward, over, cut = self.watched.step(int(action))
        return self._seen(row), reward, over, cut, {}

    @property
    def known(self) -> Known:
        """What was seen."""
        ends = self.low.astype(np.float64), self.high.astype(np.float64)
        return Known(*ends, self.gauge.near(self.moments))

    def _seen(self, row: Floats) -> Floats:
        self.low, self.high = np.minimum(self.low, row), np.maximum(self.high, row)
        self.moments = self.moments + self.gauge.moments(row[None])
        found: Floats = self.features(torch.from_numpy(row[None])).numpy()[0]
        return found


class Judge(BaseCallback):
    """Plays the judging episodes now and then, keeps the best net, ends in time."""

    def __init__(
        self, wishes: StableBaselines3, arena: Arena, size: NDArray[np.float32],
        progress: Progress, end: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.wishes, self.arena, self.progress, self.end = wishes, arena, progress, end
        self.features = Features(arena.observed, size)
        self.best: tuple[Weights, str] = ([], "")
        self.value, self.due, self.late = -np.inf, wishes.every, False

    def _on_step(self) -> bool:
        self.late = time.monotonic() >= self.end
        if self.num_timesteps >= self.due:
            self.due += self.wishes.every
            return not self.look(self.num_timesteps) and not self.late
        return not self.late

    def look(self, steps: int) -> bool:
        """Judge the net as it is; say whether it is surely good enough."""
        weights, operator = net_of(self.model)
        judged = self.arena.judged(acting(weights, operator, self.features))
        value = float(judged.returns.mean())
        self.progress({"epoch": steps / self.wishes.every, "steps": steps, "valid_score": value})
        if value >= self.value:
            self.value, self.best = value, (weights, operator)
        return solved(judged, self.arena.enough)


def net_of(agent: Any) -> tuple[Weights, str]:
    """Return the layers from features to scores of the actions, and what bends between them."""
    policy = agent.policy
    if hasattr(policy, "q_net"):
        layers = list(policy.q_net.q_net)
    else:
        layers = [*policy.mlp_extractor.policy_net, policy.action_net]
    bends = {_OPERATORS[type(layer)] for layer in layers if type(layer) in _OPERATORS}
    return weights_of(nn.Sequential(*layers)), bends.pop() if bends else "Tanh"


def acting(weights: Weights, operator: str, features: Features) -> Policy:
    """Return the policy of layers."""
    bend = np.tanh if operator == "Tanh" else lambda x: np.maximum(x, 0)

    def act(rows: Floats, observations: Any) -> NDArray[np.int64]:
        x = features(torch.from_numpy(rows)).numpy()
        for place, (weight, bias) in enumerate(weights):
            x = (bend(x) if place else x) @ weight.T + bias
        best: NDArray[np.int64] = x.argmax(axis=1)
        return best

    return act
