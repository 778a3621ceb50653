"""What is trained, and where its training stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from lingqu.core.nouns import Json
from lingqu.learn.average import Average, copied
from lingqu.learn.optimisers import Optimiser
from lingqu.learn.plan import SCHEDULES, Plan
from lingqu.learn.world import World

_AGAIN = 1.5
"""Times the epochs that were of use, as many as a fit on other rows gets (decision 0023)."""

Batch = Mapping[str, Tensor]


class Source(Protocol):
    """Rows of which some can be had as a tensor: a tensor itself, or what makes one."""

    @property
    def shape(self) -> torch.Size: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> Tensor: ...


Dealt = Mapping[str, Source]
Data = Dealt | Callable[[int], Dealt]
"""Rows of equal length by name, or a function epoch → such (a rollout, fresh samples)."""


class Task(nn.Module):
    """What a new family writes: either `loss`, or `groups` and `losses`."""

    def groups(self) -> dict[str, Sequence[nn.Parameter]]:
        """Return the parameters that each optimiser changes."""
        return {"main": list(self.parameters())}

    def rates(self) -> Mapping[str, float]:
        """Return factors of the learning rate by parameter name; 1 for those not named."""
        return {}

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield (optimiser, loss); the generator goes on after that optimiser has stepped."""
        yield "main", self.loss(batch)

    def loss(self, batch: Batch) -> Tensor:
        """Return one loss, a scalar."""
        raise NotImplementedError


@dataclass
class Run:
    """Where a training stands: all that a checkpoint holds.

    Args:
        task: The net.
        plan: How it is trained.
        optimisers: One per group of the task.
        epoch: Whole epochs done.
        index: Batches done of this epoch.
        batches: Batches in this epoch.
        step: Batches done in all.
        end: Epochs after which the run ends; a time limit may lower it, also to a fraction.
        means: Mean of each loss since the epoch began.
        curve: One row per epoch, written by `report`.
        best: Best score so far, rows since then, and the weights that had it (`early_stop`).
        average: The averages of the weights; None without. Listeners to ``"epoch"`` and
            ``"end"`` find them in the task.
        stop: A listener sets it to end the run.
        trouble: Why the run was halted by the NaN guard, or ``""``.
    """

    task: Task
    plan: Plan
    optimisers: dict[str, Optimiser]
    epoch: int = 0
    index: int = 0
    batches: int = 1
    step: int = 0
    end: float = 0.0
    means: dict[str, float] = field(default_factory=dict)
    curve: list[dict[str, float]] = field(default_factory=list)
    best: tuple[float, int, dict[str, Tensor]] = (-math.inf, 0, {})
    anchor: tuple[float, float] = (0.0, 0.0)
    average: Average | None = None
    stop: bool = False
    trouble: str = ""

    @property
    def position(self) -> float:
        """Epochs done, with the fraction of the present one."""
        return self.epoch + self.index / self.batches

    @property
    def useful(self) -> float:
        """Epochs until the best one, where `early_stop` looks at held-out rows; else all of them.

        Those after it taught nothing, and a fit without held-out rows cannot see that.
        """
        best, age, _ = self.best
        return self.position - age if math.isfinite(best) else self.position

    def again(self) -> dict[str, dict[str, Json]]:
        """Return the notes of a training on which others build: a refit, and fits on other folds.

        A refit makes as many passes as were of use here: to the end of the schedule, without anyone
        looking, nets learn a few hundred rows by heart. What time cut short says nothing to others.
        """
        told: dict[str, dict[str, Json]] = {"refit": {"epochs": max(1, math.ceil(self.useful))}}
        whole = self.stop or self.position >= self.plan.epochs
        if whole and math.isfinite(self.best[0]):
            more = math.ceil(_AGAIN * self.useful)
            told["settled"] = {"epochs": max(1, min(self.plan.epochs, more))}
        return told

    @property
    def share(self) -> float:
        """Share of the schedule that is done, in [0, 1]."""
        began, done = self.anchor
        span = max(self.end - began, 1e-9)
        return min(1.0, done + (1 - done) * (self.position - began) / span)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return self.plan.learning_rate * SCHEDULES[self.plan.schedule](self.share)

    def replan(self, end: float) -> None:
        """End at another epoch; the rest of the schedule is squeezed or stretched to fit."""
        self.anchor, self.end = (self.position, self.share), max(end, self.position)

    def state(self) -> dict[str, Any]:
        """Return weights, averages and optimisers, copied."""
        optimisers = {name: each.state_dict() for name, each in self.optimisers.items()}
        if self.average is not None:
            return {**self.average.state_dict(self.task), "optimisers": optimisers}
        return {"task": copied(self.task), "optimisers": optimisers}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set weights, averages and optimisers to what `state` returned."""
        if self.average is not None:
            self.average.load_state_dict(self.task, state)
        else:
            self.task.load_state_dict(state["task"])
        for name, each in self.optimisers.items():
            each.load_state_dict(state["optimisers"][name])

    def join(self, world: World) -> None:
        """Let all processes begin with the weights of the first."""
        world.share(self.task.state_dict().values())
        if self.average is not None:
            world.share(self.average.others.values())

    def swap(self) -> None:
        """Exchange the task's own weights and their averages, if there are any."""
        if self.average is not None:
            self.average.swap(self.task)
