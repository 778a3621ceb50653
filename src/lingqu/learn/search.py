"""The second phase: other settings of the leading learners, while that gains anything.

A setting is a candidate like any other: a lane with a line in the leaderboard, kept and recalled.
It is fitted on the first fold; only one that comes close to the leaders there gets the next
folds, and none is chosen before it has answered every row.

Source: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011 (TPE, through
    Optuna where it is installed); Wu, Wang and Huang, "Frugal optimization for cost-related
    hyperparameters", AAAI 2021, arXiv:2005.01571 (start from the cheap and known, move locally).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from lingqu.core.nouns import Json
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import Entry
from lingqu.learn.spaces import OneOf, Space, Span

GENERATION = 4
"""Settings that are drawn before any of them is known: whoever answers first, the next ones are
the same, so that a killed run finds its fits again."""
PATIENCE = 8
"""Settings of one learner without gain after which it is left alone."""
FIRST_GAIN = 0.006
"""What a setting is expected to bring at first, as a share of the way to the best."""
_GAINED = 1e-3
"""Share of the loss that a setting must take off to count as a gain: less is noise, and settings
that bring only that would keep a search going for ever."""
_FADE = 0.8
_NEAR = 0.25
"""Spread of the first local steps, as a share of each span."""


class Sampler(Protocol):
    """Draws points of a space and hears what became of them."""

    def ask(self) -> dict[str, Json]:
        """Return the next point."""
        ...

    def tell(self, losses: list[tuple[int, float]]) -> None:
        """Take the losses of a generation by index of the point, in order."""
        ...


class Local:
    """Random points first, then steps around the best one, which grow smaller.

    Args:
        space: What is varied.
        seed: Seed of the draws.

    Example:
        >>> from lingqu.learn.spaces import SPACES
        >>> sorted(Local(SPACES["rbf_svm"], 0).ask())
        ['c', 'gamma']
    """

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._random = space, np.random.default_rng(seed)
        self._points: list[Any] = []
        self._best: tuple[float, int] | None = None
        self._rounds = 0

    def ask(self) -> dict[str, Json]:
        """Return the next point."""
        point = self._random.random(len(self._space))
        if self._best is not None and self._random.random() > 0.2:
            step = _NEAR * 0.7**self._rounds * self._random.standard_normal(len(self._space))
            point = np.clip(self._points[self._best[1]] + step, 0.0, 1.0)
        self._points.append(point)
        pairs = zip(self._space.items(), point, strict=True)
        return {name: span.at(float(share)) for (name, span), share in pairs}

    def tell(self, losses: list[tuple[int, float]]) -> None:
        """Take the losses of a generation."""
        self._rounds += 1
        for index, lost in losses:
            if self._best is None or lost < self._best[0]:
                self._best = lost, index


class Tpe:
    """Points where those that did well are denser than those that did badly.

    Args:
        space: What is varied.
        seed: Seed of the draws.
    """

    def __init__(self, space: Space, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=2 * GENERATION)
        self._study = optuna.create_study(direction="minimize", sampler=sampler)
        self._space, self._trials = space, []  # type: tuple[Space, list[Any]]

    def ask(self) -> dict[str, Json]:
        """Return the next point."""
        trial = self._study.ask()
        self._trials.append(trial)
        return {name: self._suggested(trial, name, span) for name, span in self._space.items()}

    def _suggested(self, trial: Any, name: str, span: Span | OneOf) -> Json:
        if isinstance(span, OneOf):
            return span.values[trial.suggest_categorical(name, list(range(len(span.values))))]
        if span.whole:
            return trial.suggest_int(name, int(span.low), int(span.high), log=span.log)
        return float(f"{trial.suggest_float(name, span.low, span.high, log=span.log):.6g}")

    def tell(self, losses: list[tuple[int, float]]) -> None:
        """Take the losses of a generation."""
        for index, lost in losses:
            self._study.tell(self._trials[index], min(lost, 1e30))


@dataclass
class _Family:
    """The settings of one learner: what was drawn, what came of it."""

    sampler: Sampler
    names: list[str] = field(default_factory=list)
    losses: dict[int, float] = field(default_factory=dict)
    told: int = 0
    best: float = np.inf
    idle: int = 0

    @property
    def ready(self) -> bool:
        """Whether the next setting may be drawn: all generations before its own have ended."""
        return len(self.names) % GENERATION > 0 or len(self.losses) == len(self.names)


class Search:
    """Proposes settings of leading learners.

    Args:
        space_of: Algorithm → what may be varied of it; empty for nothing.
        loss_of: Name of a candidate → its loss on the first fold.
        seed: Seed of the draws.
        patience: Settings of one learner without gain after which it is left alone.
    """

    def __init__(
        self,
        space_of: Callable[[str], Space],
        loss_of: Callable[[str], float],
        seed: int = 0,
        patience: int = PATIENCE,
    ) -> None:
        self._space_of, self._loss_of = space_of, loss_of
        self._seed, self._patience = seed, patience
        self._families: dict[str, _Family] = {}

    @property
    def tried(self) -> int:
        """How many settings were drawn."""
        return sum(len(family.names) for family in self._families.values())

    @property
    def exhausted(self) -> bool:
        """Whether every learner that was searched was left alone in the end."""
        families = self._families.values()
        return bool(families) and all(f.idle >= self._patience for f in families)

    def rate(self, lanes: Mapping[str, Lane], weights: Mapping[str, float]) -> float:
        """Return what the best next setting is expected to bring a second."""
        roots = self._roots(lanes, weights)
        return max((self._worth(lanes[root], share) for root, share in roots.items()), default=0.0)

    def propose(
        self, lanes: Mapping[str, Lane], weights: Mapping[str, float], folds: float, spare: float
    ) -> Entry | None:
        """Return a new candidate, or None where none is worth it or none may be drawn yet.

        Args:
            lanes: The candidates so far whose settings may be varied.
            weights: Of the leader.
            folds: How many fits one after the other it takes to show what a setting is worth.
            spare: Seconds that are left.
        """
        roots = {
            root: self._worth(lanes[root], share)
            for root, share in self._roots(lanes, weights).items()
            if self._family(lanes[root]).ready and 1.3 * folds * lanes[root].seconds <= spare
        }
        if not roots:
            return None
        root = max(roots, key=lambda name: roots[name])
        family, entry = self._family(lanes[root]), lanes[root].entry
        self._report(family)
        options = {**lanes[root].settings, **family.sampler.ask()}
        name = f"{root}~{len(family.names) + 1}"
        family.names.append(name)
        return Entry(
            name, entry.algorithm, options, entry.tag, lanes[root].seconds,
            augment=entry.augment, plain=entry.plain, gain=0.0, parent=root,
        )  # fmt: skip

    def told(self, entry: Entry, lost: float) -> None:
        """Take note of how a setting did on the first fold; infinite where it failed."""
        family = self._families[entry.parent]
        family.losses[family.names.index(entry.name)] = lost
        before = min(family.best, self._loss_of(entry.parent))
        if lost < before - 1e-9 and lost < (1 - _GAINED) * before:
            family.best, family.idle = lost, 0
        else:
            family.idle += 1

    def _report(self, family: _Family) -> None:
        """Tell the sampler of generations that have ended, in their order."""
        if len(family.names) % GENERATION == 0 and family.told < len(family.names):
            indices = range(family.told, len(family.names))
            family.sampler.tell([(index, family.losses[index]) for index in indices])
            family.told = len(family.names)

    def _roots(self, lanes: Mapping[str, Lane], weights: Mapping[str, float]) -> dict[str, float]:
        """Return the learners that are worth a search, and what each weighs with its settings."""
        shares: dict[str, float] = {}
        for name in sorted(weights.keys() & lanes.keys()):
            root = lanes[name].entry.parent or name
            shares[root] = shares.get(root, 0.0) + weights[name]
        return {
            name: share
            for name, share in shares.items()
            if self._space_of(lanes[name].entry.algorithm)
            and self._family(lanes[name]).idle < self._patience
        }

    def _family(self, lane: Lane) -> _Family:
        if lane.name not in self._families:
            space = self._space_of(lane.entry.algorithm)
            seed = zlib.crc32(f"{lane.name} {self._seed}".encode())
            made = Tpe if find_spec("optuna") is not None else Local
            self._families[lane.name] = _Family(made(space, seed))
        return self._families[lane.name]

    def _worth(self, lane: Lane, share: float) -> float:
        """Return what a setting is expected to bring a second: the less, the less it weighs."""
        gain = share * FIRST_GAIN * _FADE ** self._family(lane).idle
        return gain / max(0.01, 2.0 * lane.seconds)
