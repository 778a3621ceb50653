"""A learner by trial: it acts in several environments, learns from what came of it, is judged."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, TypeVar

import numpy as np
from torch import nn

from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.environment.episodes import Episodes
from lingqu.environment.observed import Floats
from lingqu.environment.several import Several
from lingqu.learn.control import graph
from lingqu.learn.control.acting import Acting, kept, refuse_trouble
from lingqu.learn.control.finish import model_of
from lingqu.learn.control.judge import Judge
from lingqu.learn.control.net import operator_of, weights_of
from lingqu.learn.control.subject import Arena
from lingqu.learn.deep.options import Trained
from lingqu.learn.deep.supervised import seeded
from lingqu.learn.listeners import Listener, time_limit
from lingqu.learn.loop import Dealt, Plan, fit

T = TypeVar("T", bound=Acting)
_SAME = 1e-3
"""Share of the bounds within which all amounts are one."""


def one_action(played: Episodes, arena: Arena) -> bool:
    """Say whether all of some episodes did the same wherever more than one action was open."""
    observed = arena.observed
    if observed.span is not None:
        return bool(np.ptp(played.actions) < _SAME * (observed.span[1] - observed.span[0]))
    free = observed.allowed(played.rows).sum(axis=1) > 1
    return len(np.unique(played.actions[free])) <= 1


@dataclass(kw_only=True)
class ByTrial(Trained, Generic[T]):
    """A learner that acts and learns from what came of it.

    Args:
        environments: Stepped side by side.
        hidden: Widths of the layers.
        activation: ``tanh`` or ``relu``.
        discount: What a reward counts one step later.
        every: Rounds of acting and learning between two judgements.
        checkpoint: Where an interrupted fit is kept, to go on from; ``""`` for nowhere.
        epochs: Rounds at most.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "torch"
    seconds: ClassVar[float]
    """CPU seconds of a fit, about."""

    environments: int = 8
    optimiser: Literal["gd", "sgd", "momentum", "adam", "adamw"] = "adam"
    schedule: Literal["constant", "step", "cosine", "one_cycle", "warm_up"] = "cosine"
    weight_decay: float = 0.0
    hidden: tuple[int, ...] = (64, 64)
    activation: Literal["tanh", "relu"] = "tanh"
    discount: float = 0.98
    every: int = 2
    checkpoint: str = ""

    def task(self, several: Several, walk: Floats) -> T:
        """Return what is learned.

        Args:
            several: The environments.
            walk: Rows that acting at random saw, (N, columns).
        """
        raise NotImplementedError

    def rows(self, task: T, seed: int) -> Callable[[int], Dealt]:
        """Return what deals the rows of a round, after some more acting."""
        raise NotImplementedError

    def policy(self, task: T) -> nn.Sequential:
        """Return the layers that score the actions."""
        raise NotImplementedError

    def refuse(self, arena: Arena) -> None:
        """Refuse an environment that this learner cannot act in.

        Raises:
            SpecError: It is one.
        """

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Act and learn until it is solved, the time is over or all rounds are done."""
        began = time.monotonic()
        arena = Arena.of(train, self.name, budget.seed)
        self.refuse(arena)
        walk = arena.walked
        several = Several(arena.place, self.environments, budget.seed)
        with seeded(budget.seed):
            task = self.task(several, walk.rows)
        judge = Judge(arena, progress, self.every, self.patience)
        left = budget.seconds - (time.monotonic() - began)
        listeners: list[Listener] = [judge, time_limit(0.9 * left)]
        plan = Plan.of(self, seed=budget.seed, threads=1)
        rows = self.rows(task, budget.seed)
        run = fit(task, rows, plan, *kept(self.checkpoint, listeners))
        refuse_trouble(run, self.name)
        several.close()
        judged = judge.look(task, keep=True)
        notes: dict[str, Json] = {
            "steps": task.taken, "rollouts": run.epoch, "random": float(walk.returns.mean()),
            "unfinished": bool(run.end < self.epochs and not judge.won),
        }  # fmt: skip
        if task.undecided is not None:
            notes |= {"undecided": task.undecided, "one_action": one_action(judged, arena)}
        size = task.features.size.cpu().numpy()
        body = graph.layers(weights_of(self.policy(task)), operator_of(self.activation), size)
        return model_of(arena, self.name, body, task.known, judged, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return cls.seconds
