"""Whole episodes, played side by side: what a policy brings, and the rows that it saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.environment.observed import EPISODE, REWARD, STEP, Floats, Observed, Taken
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched

Policy = Callable[[Floats, Sequence[Any]], Taken]
"""Rows (N, columns) and the observations behind them → places of the actions, or amounts, (N,)."""


@dataclass
class Episodes:
    """What came of some episodes.

    Args:
        returns: Sum of the rewards of each, (E,).
        lengths: Steps of each, (E,).
        unsafe: Steps of each that the environment called unsafe, (E,).
        closed: Choices of each that were not allowed, though taken, (E,).
        barred: Actions of all choices that were not open, and all actions; shares by `masked`.
        rows: Observations before each step, (N, columns); of kept episodes only.
        actions: Places of the actions, or amounts, (N,); rewards: (N,); episode: (N,); step: (N,).
    """

    returns: NDArray[np.float64]
    lengths: NDArray[np.int64]
    unsafe: NDArray[np.int64]
    closed: NDArray[np.int64]
    barred: tuple[int, int] = (0, 0)
    rows: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    actions: Taken = field(default_factory=lambda: np.zeros(0, np.int64))
    rewards: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    episode: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    step: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def frame(self, observed: Observed) -> pl.DataFrame:
        """Return the kept rows as columns: observation, action, reward, episode, step."""
        beside = [
            observed.said(self.actions),
            pl.Series(REWARD, self.rewards),
            pl.Series(EPISODE, [f"{number + 1}" for number in self.episode.tolist()]),
            pl.Series(STEP, self.step),
        ]
        return observed.frame(self.rows).hstack(beside)

    def told(self) -> dict[str, Json]:
        """Return what each episode brought, as JSON."""
        steps = max(1, int(self.lengths.sum()))
        return {
            "returns": self.returns.tolist(),
            "lengths": self.lengths.tolist(),
            "unsafe_rate": float((self.unsafe + self.closed).sum() / steps),
            "masked_rate": self.barred[0] / max(1, self.barred[1]),
        }


def play(
    place: Place,
    policy: Policy,
    seeds: Sequence[int],
    keep: int = 0,
    begun: Callable[[int], None] = lambda count: None,
    most: int = 64,
    gone: Sequence[Watched] = (),
) -> Episodes:
    """Play one episode for each seed, many side by side; a policy is asked once for all of them.

    Args:
        place: The environment.
        policy: What acts.
        seeds: Of the episodes.
        keep: Of so many episodes, from the first, every row is kept.
        begun: Hears how many steps were done, so that whoever waits knows that it goes on.
        most: Environments at once.
        gone: Opened environments to use instead of opening new ones.

    Example:
        >>> from lingqu.environment.rules import rule_of
        >>> cart = Place("gym:CartPole-v1")
        >>> play(cart, rule_of("random", cart, 0), range(3)).returns.tolist()
        [29.0, 33.0, 12.0]
    """
    opened = list(gone) or [Watched(place) for _ in range(min(most, len(seeds)))]
    parts = []
    for start in range(0, len(seeds), len(opened)):
        some = list(seeds[start : start + len(opened)])
        parts.append(_side_by_side(opened, policy, some, start, max(0, keep - start), begun))
    if not gone:
        for one in opened:
            one.close()
    return _joined(parts)


def _side_by_side(
    opened: Sequence[Watched],
    policy: Policy,
    seeds: Sequence[int],
    first: int,
    keep: int,
    begun: Callable[[int], None],
) -> Episodes:
    """Play as many episodes as there are seeds, in lockstep."""
    count, observed = len(seeds), opened[0].observed
    x = np.stack([opened[i].reset(seed, first + i + 1) for i, seed in enumerate(seeds)])
    lengths, unsafe, closed = np.zeros((3, count), np.int64)
    told = Episodes(np.zeros(count), lengths, unsafe, closed)
    kept: list[tuple[Any, ...]] = []
    alive, done, barred = list(range(count)), 0, 0
    while alive:
        rows = x[alive]
        open_ones = observed.allowed(rows)
        chosen = policy(rows, [opened[i].observation for i in alive])
        barred += int((~open_ones).sum())
        for place, (i, action) in enumerate(zip(alive, chosen.tolist(), strict=True)):
            row, reward, over, cut = opened[i].step(action)
            if i < keep:
                kept.append((x[i].copy(), action, reward, first + i, opened[i].step_number))
            told.returns[i] += reward
            told.unsafe[i] += opened[i].unsafe
            told.closed[i] += observed.masked and not open_ones[place, action]
            told.lengths[i] += 1
            x[i] = row
            if over or cut:
                alive = [one for one in alive if one != i]
        done += len(rows)
        begun(done)
    told.barred = barred, int(told.lengths.sum()) * len(observed.actions)
    return _with_rows(told, kept)


def _with_rows(told: Episodes, kept: Sequence[tuple[Any, ...]]) -> Episodes:
    """Put the kept rows in, episode by episode."""
    ordered = sorted(kept, key=lambda one: (one[3], one[4]))
    if ordered:
        rows, actions, rewards, episode, step = zip(*ordered, strict=True)
        told.rows, told.actions = np.stack(rows), np.array(actions)
        told.rewards, told.episode = np.array(rewards), np.array(episode, np.int64)
        told.step = np.array(step, np.int64)
    return told


def _joined(parts: Sequence[Episodes]) -> Episodes:
    if len(parts) == 1:
        return parts[0]
    names = ("returns", "lengths", "unsafe", "closed", "actions", "rewards", "episode", "step")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    kept = [part.rows for part in parts if len(part.rows)]
    barred = tuple(sum(part.barred[place] for part in parts) for place in (0, 1))
    rows = np.concatenate(kept) if kept else np.zeros((0, 0), np.float32)
    return Episodes(barred=(barred[0], barred[1]), rows=rows, **whole)
