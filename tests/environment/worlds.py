"""Small environments: one that can be solved, and several that go wrong in one way each."""

from __future__ import annotations

import time
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces


class Corridor(gymnasium.Env[Any, Any]):
    """Seven places; the right end brings 1, each step costs a little; from places 0 and 6 on only
    one way is open. Observation: place, and how many steps are done."""

    observation_names = ("place", "steps")
    action_names = ("left", "right")
    fallback = {"column": "place", "edges": [3], "actions": ["right", "left"]}  # noqa: RUF012

    def __init__(self, length: int = 7, cost: float = 0.02) -> None:
        self.length, self.cost = length, cost
        self.observation_space = spaces.Box(0.0, 100.0, (2,), np.float32)
        self.action_space = spaces.Discrete(2)
        self.place = self.steps = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.place, self.steps = int(self.np_random.integers(0, self.length - 1)), 0
        return self._seen(), {}

    def step(self, action: Any) -> Any:
        self.place = min(self.length - 1, max(0, self.place + (1 if action == 1 else -1)))
        self.steps += 1
        over = self.place == self.length - 1
        return self._seen(), float(over) - self.cost, over, self.steps >= 20, {}

    def action_mask(self, observation: Any) -> Any:
        return np.array([observation[0] > 0, observation[0] < self.length - 1])

    def rule(self, observation: Any) -> str:
        return "right"

    def _seen(self) -> Any:
        return np.array([self.place, self.steps], np.float32)


class Counting(Corridor):
    """Says which episode it is, and which step: so a row that belongs to none is found out."""

    observation_names = ("episode", "step")

    def __init__(self) -> None:
        super().__init__()
        self.episode = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        gymnasium.Env.reset(self, seed=seed)
        self.episode, self.steps = self.episode + 1, 0
        return self._seen(), {}

    def step(self, action: Any) -> Any:
        self.steps += 1
        even = self.episode % 2 == 0
        done = self.steps == 3 + self.episode % 4
        return self._seen(), 1.0, done and even, done and not even, {}

    def action_mask(self, observation: Any) -> Any:
        return np.array([True, True])

    def _seen(self) -> Any:
        return np.array([self.episode, self.steps], np.float32)


class Raising(Corridor):
    """Raises in the third step of an episode."""

    def step(self, action: Any) -> Any:
        if self.steps == 2:
            raise RuntimeError("the belt is torn")
        return super().step(action)


class Nowhere(Corridor):
    """Says an observation that is no number."""

    def step(self, action: Any) -> Any:
        seen, reward, over, cut, told = super().step(action)
        return seen * np.nan, reward, over, cut, told


class Priceless(Corridor):
    """Says a reward that is no number."""

    def step(self, action: Any) -> Any:
        seen, _, over, cut, told = super().step(action)
        return seen, float("inf"), over, cut, told


class Endless(Corridor):
    """Never says that an episode is over, so a limit must."""

    def step(self, action: Any) -> Any:
        seen, reward, _, _, told = super().step(action)
        return seen, reward, False, False, {**told, "unsafe": self.place == 0}


class Blank(Endless):
    """Brings the same whatever is done."""

    def step(self, action: Any) -> Any:
        seen, _, over, cut, told = super().step(action)
        return seen, 1.0, over, cut, told


class Sleeping(Corridor):
    """Does not come back from a step."""

    def step(self, action: Any) -> Any:
        time.sleep(3600)


class Shut(Corridor):
    """Allows nothing."""

    def action_mask(self, observation: Any) -> Any:
        return np.array([False, False])


class Torque(Corridor):
    """Takes an amount as an action, and says which ones are open: that cannot be."""

    def __init__(self) -> None:
        super().__init__()
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)  # type: ignore[assignment]


class Aim(gymnasium.Env[Any, Any]):
    """Say twice the number that is shown: what is missed costs its square. Amounts: -1 to 3."""

    observation_names = ("shown", "noise")
    fallback = {"sum": {"shown": 1, "noise": 1}, "edges": [0], "actions": [-0.5, 2]}  # noqa: RUF012

    def __init__(self, low: float = -1.0, high: float = 3.0, parts: int = 1) -> None:
        self.observation_space = spaces.Box(-9.0, 9.0, (2,), np.float32)
        self.action_space = spaces.Box(low, high, (parts,), np.float32)
        self.taken: list[float] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.steps = 0
        return self._seen(), {}

    def step(self, action: Any) -> Any:
        self.taken.append(float(action[0]))
        self.steps += 1
        missed = float(action[0]) - 2 * float(self.shown[0])
        return self._seen(), -missed * missed, False, self.steps >= 10, {}

    def rule(self, observation: Any) -> Any:
        return 2.0 * float(observation[0])

    def _seen(self) -> Any:
        self.shown = self.np_random.uniform(-0.5, 1.5, 2).astype(np.float32)
        return self.shown


class Camera(Corridor):
    """Shows pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.observation_space = spaces.Box(0, 255, (8, 8, 3), np.uint8)  # type: ignore[assignment]


class Broken:
    """Cannot be made."""

    def __init__(self, weight: int) -> None:
        raise ValueError(f"no such weight: {weight}")


def to_the_left(observation: Any) -> int:
    return 0


def nonsense(observation: Any) -> int:
    return 7


def too_much(observation: Any) -> float:
    return 100.0
