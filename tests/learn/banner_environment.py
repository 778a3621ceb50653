"""An environment of single decisions whose best answers are known."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from tests.learn.decision_tables import ACTIONS, worth


class Banners(gymnasium.Env[Any, Any]):
    """Show one of four banners to whoever comes; a click is 1. Each episode is one visitor.

    Args:
        masked: Whether half of the visitors may not be shown the first two.
    """

    def __init__(self, masked: bool = False) -> None:
        if masked:
            self.action_mask = lambda x: np.array([x[0] > 0, x[0] > 0, True, True])
        self.observation_space = Box(-np.inf, np.inf, (3,), np.float64)
        self.action_space = Discrete(4)
        self.action_names = ACTIONS
        self.observation_names = ("age", "pace", "taste")

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.x = self.np_random.normal(size=3)
        return self.x, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        chance = worth(self.x[None])[0, int(action)]
        return self.x, float(self.np_random.random() < chance), True, False, {}
