"""One environment, every answer looked at: what raises or is no number is told with where."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError, gist
from lingqu.environment.observed import Floats, Observed, observed_of
from lingqu.environment.place import LIMIT, Place


class Watched:
    """An environment that is stepped by an action's place or amount, and says rows of numbers.

    Args:
        place: Which.
        more: Options for its constructor beside those of the place.

    Attributes:
        observed: How its observations are read.
        observation: The last one, as the environment said it.
        limit: Steps after which an episode ends.
        unsafe: Whether the environment called the last step unsafe.

    Raises:
        SpecError: It cannot be opened, or a policy of columns cannot act in it.
        TrainError: It goes wrong at once.
    """

    def __init__(self, place: Place, **more: Any) -> None:
        self.place = place
        self.environment = place.make(**more)
        self.inner = getattr(self.environment, "unwrapped", self.environment)
        self.episode = self.step_number = 0
        self.unsafe = False
        self._mask = getattr(self.inner, "action_mask", None)
        self.observed = Observed((), ("",))
        self._told: Any = None
        self._start(0)
        masked = callable(self._mask) or self._told is not None
        self.observed = observed_of(self.environment, place.name, masked)
        own = getattr(getattr(self.environment, "spec", None), "max_episode_steps", None)
        self.limit = place.limit or own or LIMIT
        self.enough: float | None = getattr(
            getattr(self.environment, "spec", None), "reward_threshold", None
        )

    def reset(self, seed: int, episode: int = 0) -> Floats:
        """Begin an episode; return the row of its first observation, (columns,)."""
        self.episode = episode
        self._start(seed)
        return self._row()

    def _start(self, seed: int) -> None:
        self.step_number, self.unsafe = 0, False
        try:
            self.observation, info = self.environment.reset(seed=seed)
        except Exception as error:
            raise self._wrong("control.raised", error) from error
        self._told = info.get("action_mask")

    def step(self, action: float) -> tuple[Floats, float, bool, bool]:
        """Take an action: its place among the actions, or an amount, which its bounds hold.

        Returns:
            Row of the observation, reward, whether the episode came to its end, and whether it
            was cut off.

        Raises:
            TrainError: The environment raised, or said what is no number.
        """
        self.step_number += 1
        try:
            said = self.environment.step(self._sent(action))
            self.observation, reward, over, cut, info = said
        except Exception as error:
            raise self._wrong("control.raised", error) from error
        reward = float(reward)
        if not math.isfinite(reward):
            raise self._wrong("control.not_finite", what="reward", received=reward)
        self._told = info.get("action_mask")
        self.unsafe = bool(info.get("unsafe", False))
        cut = bool(cut) or (self.step_number >= self.limit and not over)
        return self._row(), reward, bool(over), cut

    def _sent(self, action: float) -> Any:
        """Return an action as the environment wants it."""
        if self.observed.span is None:
            return int(action) + self.observed.first
        space, (low, high) = self.environment.action_space, self.observed.span
        held = min(high, max(low, float(action)))
        whole = np.issubdtype(space.dtype, np.integer)
        return np.full(space.shape, round(held) if whole else held, space.dtype)

    def _row(self) -> Floats:
        try:
            row = self.observed.row(self.observation)
        except Exception as error:
            raise self._wrong("control.raised", error) from error
        if not np.isfinite(row).all():
            raise self._wrong("control.not_finite", what="observation", received=row.tolist())
        if not self.observed.masked:
            return row
        return np.concatenate([row, self._open().astype(np.float32)])

    def _open(self) -> NDArray[np.bool_]:
        """Return which actions may be taken now, (actions,)."""
        try:
            said = self._mask(self.observation) if callable(self._mask) else self._told
            open_ones: NDArray[np.bool_] = np.asarray(said).astype(bool).reshape(-1)
        except Exception as error:
            raise self._wrong("control.raised", error) from error
        if len(open_ones) != len(self.observed.actions) or not open_ones.any():
            received = open_ones.astype(int).tolist()
            raise self._wrong("control.bad_mask", received=received)
        return open_ones

    def _wrong(self, key: str, error: Exception | None = None, **facts: Any) -> TrainError:
        if error is not None:
            facts["why"] = f"{type(error).__name__}: {gist(error)}"
        where = {"name": self.place.name, "episode": self.episode, "step": self.step_number}
        return TrainError(key, **where, **facts)

    def close(self) -> None:
        """Close the environment, if it can be closed."""
        if hasattr(self.environment, "close"):
            self.environment.close()
