"""Environments to learn from: several side by side, each begun anew where an episode ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lingqu.environment.observed import Floats, Taken
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched

_STRIDE = 1_000_003
_MOST = 2**31 - 1


class Several:
    """Environments that go on for ever.

    The row after the end of an episode is the first of the next: no row is between, and none is
    lost. Where an episode was cut off, its last observation is told, since what would have come
    after it counts. Each episode has a seed of its own, so where an environment stands follows
    from the seed and the actions since: `state` is a few numbers, and `restore` plays them again.

    Args:
        place: Which.
        count: How many.
        seed: Of all their episodes.

    Attributes:
        rows: Their observations now, (count, columns).

    Example:
        >>> carts = Several(Place("gym:CartPole-v1"), 2, seed=0)
        >>> carts.rows.shape, [each.tolist() for each in carts.step(np.array([0, 1]))[:2]]
        ((2, 4), [[1.0, 1.0], [False, False]])
    """

    def __init__(self, place: Place, count: int, seed: int) -> None:
        self.opened = [Watched(place) for _ in range(count)]
        self.observed = self.opened[0].observed
        self.seed = seed
        self.limit = self.opened[0].limit
        self.numbers = np.zeros(count, np.int64)
        kind = np.int16 if self.observed.span is None else np.float64
        self.moves: Taken = np.zeros((count, self.limit), kind)
        self.rows: Floats = np.stack([self._begun(i) for i in range(count)])

    def _begun(self, i: int) -> Floats:
        number = int(self.numbers[i])
        seed = (self.seed * _STRIDE + i * 7919 + number * 104_729) % _MOST
        return self.opened[i].reset(seed, number + 1)

    def step(
        self, actions: Taken | Sequence[float]
    ) -> tuple[Floats, NDArray[np.bool_], Floats, NDArray[np.bool_]]:
        """Take one action in each.

        Returns:
            Rewards (count,), whether an episode came to its end or was cut off (count,), the
            observations that the actions led to (count, columns), and whether these were cut off
            (count,). `rows` are those to act on next.
        """
        count = len(self.opened)
        rewards, ended = np.zeros(count, np.float32), np.zeros(count, bool)
        after, cut_off = np.empty_like(self.rows), np.zeros(count, bool)
        for i, action in enumerate(np.asarray(actions).tolist()):
            one = self.opened[i]
            self.moves[i, one.step_number] = action
            row, rewards[i], over, cut = one.step(action)
            after[i] = row
            if over or cut:
                ended[i], cut_off[i] = True, cut and not over
                self.numbers[i] += 1
                row = self._begun(i)
            self.rows[i] = row
        return rewards, ended, after, cut_off

    def state(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Taken]:
        """Return episode, step and actions since the episode began of each."""
        steps = np.array([one.step_number for one in self.opened], np.int64)
        return self.numbers.copy(), steps, self.moves.copy()

    def restore(
        self,
        numbers: NDArray[np.int64],
        steps: NDArray[np.int64],
        moves: Taken,
    ) -> None:
        """Bring every environment to where `state` was told, by playing its actions again."""
        self.numbers, self.moves = numbers.copy(), moves.copy()
        for i, done in enumerate(steps.tolist()):
            self.rows[i] = self._begun(i)
            for action in moves[i, :done].tolist():
                self.rows[i] = self.opened[i].step(action)[0]

    def close(self) -> None:
        """Close all of them."""
        for one in self.opened:
            one.close()
