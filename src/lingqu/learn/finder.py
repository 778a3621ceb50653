"""How fast a net can learn: one short sweep of the learning rate, before the training.

Source: Smith, "Cyclical learning rates for training neural networks", 2015, arXiv:1506.01186,
section 3.3; the choice, a tenth of the rate at which the smoothed loss is lowest, is the rule of
fast.ai's first finder.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.learn.loop import Batch, Data, Plan, Run, Task, fit

_SMOOTH = 0.9
_BLOWN = 4.0
"""How many times the lowest loss counts as blown up: what follows tells nothing."""
_SETTLED = 10
"""Steps before the lowest loss counts: the first few are single draws."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep saw.

    Args:
        rates: Learning rate of each step, rising.
        losses: Smoothed loss before each of them; the curve ends where the loss blew up.
        suggestion: Highest learning rate to plan with, under a schedule that falls.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float


def find_rate(
    task: Task, data: Data, plan: Plan, low: float = 1e-6, high: float = 1.0, steps: int = 100
) -> Sweep:
    """Raise the learning rate step by step on a copy of a net; the net itself stays as it is.

    Args:
        task: The net.
        data: What it will learn from.
        plan: How it will be trained; its learning rate, schedule and epochs are not used.
        low: First learning rate.
        high: Last one.
        steps: Optimiser steps between the two.

    Raises:
        TrainError: The bounds are not in order, or the loss was never finite.

    Example:
        >>> import torch
        >>> class Line(Task):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.net = nn.Linear(1, 1)
        ...     def loss(self, batch):
        ...         return ((self.net(batch["x"])[:, 0] - batch["y"]) ** 2).mean()
        >>> x = torch.linspace(-1, 1, 40)[:, None]
        >>> plan = Plan(batch=8, optimiser="sgd")
        >>> 0.01 < find_rate(Line(), {"x": x, "y": 3 * x[:, 0]}, plan, high=100.0).suggestion < 1
        True
    """
    if not 0 < low < high or steps < 2 * _SETTLED:
        received = f"{low!r}, {high!r}, {steps!r}"
        raise TrainError("deep.bad_sweep", received=received, least=2 * _SETTLED)
    watched = _Watched(copy.deepcopy(task))
    step = (high / low) ** (1 / (steps - 1))
    rates, smoothed = [low], [math.nan]
    best = math.inf

    def listen(event: str, run: Run) -> None:
        nonlocal best
        if event != "step":
            return
        smoothed.append(_follow(smoothed, watched.first, len(rates)))
        seen = smoothed[-1] / (1 - _SMOOTH ** len(rates))
        if len(rates) > _SETTLED:
            best = min(best, seen)
        run.stop = len(rates) >= steps or seen > _BLOWN * best
        if not run.stop:
            rates.append(low * step ** len(rates))
            run.plan = replace(run.plan, learning_rate=rates[-1])

    sweep = replace(plan, learning_rate=low, schedule="constant", epochs=max(plan.epochs, steps))
    fit(watched, data, sweep, [listen])
    losses = [value / (1 - _SMOOTH**n) for n, value in enumerate(smoothed[1:], 1)]
    return Sweep(tuple(rates[: len(losses)]), tuple(losses), _suggested(rates, losses))


def _follow(smoothed: list[float], loss: float, count: int) -> float:
    before = smoothed[-1] if count > 1 else 0.0
    return _SMOOTH * before + (1 - _SMOOTH) * loss


def _suggested(rates: list[float], losses: list[float]) -> float:
    if len(losses) <= _SETTLED:
        raise TrainError("deep.no_sweep", rate=rates[0])
    lowest = min(range(_SETTLED, len(losses)), key=losses.__getitem__)
    return rates[lowest] / 10


class _Watched(Task):
    """A task whose first loss of each batch is looked at."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task, self.first = task, math.nan

    def groups(self) -> dict[str, list[nn.Parameter]]:  # type: ignore[override]
        return {name: list(each) for name, each in self.task.groups().items()}

    def rates(self) -> dict[str, float]:
        return {f"task.{name}": rate for name, rate in self.task.rates().items()}

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        for place, (name, loss) in enumerate(self.task.losses(batch)):
            if place == 0:
                self.first = float(loss.detach())
            yield name, loss
