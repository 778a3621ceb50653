"""The one training loop of every net.

A family writes a `Task`: a module that yields ``(optimiser name, loss)`` pairs for a batch. So
supervised learning (one pair), a GAN (two), distillation and reinforcement learning share this
loop, and with it schedules, clipping, checkpoints, time limits and the guard against NaN.

The order of the samples is a function of (seed, epoch). A run that was killed in the middle of
an epoch therefore goes on at once, and ends with the very bits of a run that was not.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch import distributed as dist

from lingqu.core.errors import TrainError
from lingqu.core.i18n import text
from lingqu.learn.checkpoint import read
from lingqu.learn.optimisers import Optimiser, clip, optimiser
from lingqu.learn.plan import SCHEDULES, Plan

__all__ = ["Batch", "Data", "Dealt", "Plan", "Run", "Source", "Task", "fit"]

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
    stop: bool = False
    trouble: str = ""

    @property
    def position(self) -> float:
        """Epochs done, with the fraction of the present one."""
        return self.epoch + self.index / self.batches

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
        """Return weights and optimisers, copied."""
        return {
            "task": {name: value.clone() for name, value in self.task.state_dict().items()},
            "optimisers": {name: each.state_dict() for name, each in self.optimisers.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set weights and optimisers to what `state` returned."""
        self.task.load_state_dict(state["task"])
        for name, each in self.optimisers.items():
            each.load_state_dict(state["optimisers"][name])


def fit(
    task: Task,
    data: Data,
    plan: Plan,
    on: Iterable[Callable[[str, Run], None]] = (),
    resume: Path | str | None = None,
) -> Run:
    """Train a task.

    Runs unchanged in one process or, when `torch.distributed` is up, in each of many: the
    batches are dealt out and gradients averaged.

    Args:
        task: The net; trained in place.
        data: What to learn from.
        plan: How.
        on: Listeners, called in order with ``"step"`` (after each optimiser step),
            ``"epoch"`` and ``"end"``. They may read the run, set `stop`, or call `replan`.
        resume: A checkpoint to go on from.

    Returns:
        The run; `trouble` says so if a loss was not finite. Then the weights are those of the
        last epoch that was.

    Example:
        >>> from lingqu.learn.losses import mse
        >>> class Line(Task):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.net = nn.Linear(1, 1)
        ...     def loss(self, batch):
        ...         return mse(self.net(batch["x"]), batch["y"])
        >>> x = torch.linspace(-1, 1, 20)[:, None]
        >>> line, plan = Line(), Plan(epochs=60, batch=5, learning_rate=0.1, optimiser="sgd")
        >>> run = fit(line, {"x": x, "y": 3 * x[:, 0]}, plan)
        >>> round(line.net.weight.item(), 2)
        3.0
    """
    rank, world = _place()
    groups = task.groups()
    made = {name: optimiser(plan.optimiser, p, plan.weight_decay) for name, p in groups.items()}
    run = Run(task, plan, made, end=float(plan.epochs))
    listeners = tuple(on)
    with _settings(plan, rank):
        if resume is not None:
            read(run, resume)
        _broadcast(task.state_dict().values(), world)
        good = run.state()
        while run.position < run.end and not run.stop:
            _epoch(run, data, listeners, rank, world)
            if not _is_sound(run):
                run.restore(good)
                run.index = 0
            elif run.index == run.batches:
                good = _close_epoch(run, listeners, world)
        task.eval()
        _tell(listeners, "end", run, world)
    return run


@contextlib.contextmanager
def _settings(plan: Plan, rank: int) -> Iterator[None]:
    """Set threads and seed for the time of a run: the caller's own are not ours to change."""
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed + rank)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(state)


def _epoch(
    run: Run,
    data: Data,
    listeners: Sequence[Callable[[str, Run], None]],
    rank: int,
    world: int,
) -> None:
    """Do the rest of one epoch, or as much of it as the run has left."""
    tensors = data(run.epoch) if callable(data) else data
    batches = _order(run, len(next(iter(tensors.values()))), rank, world)
    run.batches = len(batches)
    run.task.train()
    while run.index < run.batches and run.position < run.end and not run.stop:
        rows = batches[run.index]
        _batch(run, {name: tensor[rows] for name, tensor in tensors.items()}, world)
        if run.trouble:
            return
        run.index += 1
        run.step += 1
        if _completes(run, run.index - 1):
            _tell(listeners, "step", run, world)


def _order(run: Run, count: int, rank: int, world: int) -> Sequence[Tensor]:
    """Return the row numbers of each batch of this process, a function of (seed, epoch)."""
    if count == 0:
        raise TrainError("deep.no_rows", received=count)
    generator = torch.Generator().manual_seed(run.plan.seed * 100_003 + run.epoch)
    order = torch.randperm(count, generator=generator)
    if world > 1:  # equal shares, or one process would wait for a step that another lacks
        padded = math.ceil(count / world) * world
        order = order.repeat(math.ceil(padded / count))[:padded][rank::world]
    return torch.split(order, len(order) if run.plan.optimiser == "gd" else run.plan.batch)


def _completes(run: Run, index: int) -> bool:
    """Say whether a step follows batch `index`; the last window of an epoch may be short."""
    return (index + 1) % run.plan.accumulate == 0 or index + 1 == run.batches


def _batch(run: Run, batch: Batch, world: int) -> None:
    """Do one batch: for each loss of the task, a backward pass and perhaps a step."""
    plan, index, rate = run.plan, run.index, run.learning_rate
    window = min(plan.accumulate, run.batches - index + index % plan.accumulate)
    autocast: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if plan.precision == "bfloat16":
        autocast = torch.autocast(next(run.task.parameters()).device.type, torch.bfloat16)
    with autocast:
        for name, loss in run.task.losses(batch):
            value = _shared(loss.detach(), world)
            if not math.isfinite(value):
                run.trouble = text(
                    "deep.loss_not_finite",
                    name=name,
                    value=value,
                    epoch=run.epoch + 1,
                    batch=index + 1,
                )
                run.stop = True
                return
            run.means[name] = run.means.get(name, 0.0) + (value - run.means.get(name, 0.0)) / (
                index + 1
            )
            chosen = run.optimisers[name]
            # Only its own parameters: a generator's loss must leave no trace in its critic.
            (loss / window).backward(inputs=chosen.parameters)  # type: ignore[no-untyped-call]
            if _completes(run, index):
                _average(chosen.parameters, world)
                if plan.clip:
                    clip(chosen.parameters, plan.clip)
                chosen.step(rate)
                chosen.forget_gradients()


def _is_sound(run: Run) -> bool:
    """Look at the weights too: the last step before a halt has no loss after it to tell."""
    tensors = run.task.state_dict().values()
    if not run.trouble and not all(bool(t.isfinite().all()) for t in tensors):
        run.trouble = text("deep.weights_not_finite", epoch=run.epoch + 1, batch=run.index)
        run.stop = True
    return not run.trouble


def _close_epoch(
    run: Run, listeners: Sequence[Callable[[str, Run], None]], world: int
) -> dict[str, Any]:
    """Count the epoch and tell the listeners; return the state to fall back on."""
    _broadcast(run.task.buffers(), world)
    run.epoch, run.index = run.epoch + 1, 0
    run.task.eval()
    state = run.state()
    _tell(listeners, "epoch", run, world)
    run.means = {}
    return state


def _tell(
    listeners: Sequence[Callable[[str, Run], None]], event: str, run: Run, world: int
) -> None:
    for listener in listeners:
        listener(event, run)
    if world > 1 and listeners:  # clocks differ: the first process decides for all
        told = torch.tensor([float(run.stop), run.end, *run.anchor], dtype=torch.float64)
        dist.broadcast(told, 0)
        run.stop, run.end = bool(told[0]), float(told[1])
        run.anchor = float(told[2]), float(told[3])


def _place() -> tuple[int, int]:
    """Return this process's number and how many there are."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def _broadcast(tensors: Iterable[Tensor], world: int) -> None:
    if world > 1:
        for tensor in tensors:
            dist.broadcast(tensor, 0)


def _shared(loss: Tensor, world: int) -> float:
    """Return the mean of a loss over the processes: all must agree when it is not finite."""
    if world > 1:
        loss = loss.clone()
        dist.all_reduce(loss)
        loss /= world
    return float(loss)


def _average(parameters: Iterable[Tensor], world: int) -> None:
    if world > 1:
        for parameter in parameters:
            if parameter.grad is not None:
                dist.all_reduce(parameter.grad)
                parameter.grad /= world
