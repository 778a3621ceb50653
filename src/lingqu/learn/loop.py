"""The one training loop of every net.

A family writes a `Task`: a module that yields ``(optimiser name, loss)`` pairs for a batch. So
supervised learning (one pair), a GAN (two), distillation and reinforcement learning share this
loop, and with it schedules, clipping, averages, checkpoints, time limits and the guard against
NaN. It computes on the GPU if torch sees one, and hands the net back where it was.

The order of the samples is a function of (seed, epoch). A run that was killed in the middle of
an epoch therefore goes on at once, and ends with the very bits of a run that was not.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from lingqu.core.errors import TrainError
from lingqu.core.i18n import text
from lingqu.learn import device
from lingqu.learn.average import Average
from lingqu.learn.checkpoint import read
from lingqu.learn.optimisers import clip, optimiser
from lingqu.learn.plan import Plan
from lingqu.learn.run import Batch, Data, Dealt, Run, Source, Task
from lingqu.learn.tune import shown
from lingqu.learn.world import World

__all__ = ["SIZE", "Batch", "Data", "Dealt", "Plan", "Run", "Source", "Task", "fit"]

SIZE = "size"
"""Name under which data tell how large each row is, (N,): rows of like size then share batches."""
_PART = 32
"""Batches that are sorted together."""

_SHOWN = 8
"""Rows of a bad batch that are named."""


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
        task: The net; trained in place, on the GPU if there is one.
        data: What to learn from.
        plan: How.
        on: Listeners, called in order with ``"step"`` (after each optimiser step),
            ``"epoch"`` and ``"end"``. They may read the run, set `stop`, or call `replan`.
        resume: A checkpoint to go on from.

    Returns:
        The run; `trouble` says so if a loss was not finite. Then the weights are those of the
        last epoch that was. With `plan.average`, the net's weights are the averages.

    Raises:
        TrainError: There are no rows, or the checkpoint or a name in `Task.rates` is wrong.

    Example:
        >>> from torch import nn
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
    world, home, there = World.found(), device.place(task), device.found()
    if there.type != "cpu":  # on a processor a net stays as and where it is
        task.to(there)
    run = _begun(task, plan)
    rows = data if callable(data) else device.held(data, device.place(task))
    listeners = tuple(on)
    with _settings(plan, world.rank, device.place(task)):
        if resume is not None:
            read(run, resume)
        else:
            run.join(world)
        good = run.state()
        while run.position < run.end and not run.stop:
            _epoch(run, rows, listeners, world)
            if not _is_sound(run):
                run.restore(good)
                run.index = 0
            elif run.index == run.batches:
                good = _close_epoch(run, listeners, world)
        task.eval()
        run.swap()
        _tell(listeners, "end", run, world)
    if there.type != "cpu":
        task.to(home)
    return run


def _begun(task: Task, plan: Plan) -> Run:
    """Return a run that has not done a step."""
    chosen, _ = device.precision(plan.precision, None, device.place(task))
    plan = replace(plan, precision=chosen)
    known = dict(task.named_parameters())
    rates = task.rates()
    if unknown := [name for name in rates if name not in known]:
        raise TrainError("deep.no_layer", received=unknown[0], expected=shown(list(known)))
    factors = {id(known[name]): rate for name, rate in rates.items()}
    made = {
        name: optimiser(
            plan.optimiser, p, plan.weight_decay, [factors.get(id(each), 1.0) for each in p]
        )
        for name, p in task.groups().items()
    }
    average = Average(task, plan.average) if plan.average else None
    return Run(task, plan, made, end=float(plan.epochs), average=average)


@contextlib.contextmanager
def _settings(plan: Plan, rank: int, where: torch.device) -> Iterator[None]:
    """Set threads and seed for the time of a run: the caller's own are not ours to change."""
    threads, state = torch.get_num_threads(), device.draws(where)
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed + rank)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        device.set_draws(state, where)


def _epoch(
    run: Run,
    data: Data,
    listeners: Sequence[Callable[[str, Run], None]],
    world: World,
) -> None:
    """Do the rest of one epoch, or as much of it as the run has left."""
    where = device.place(run.task)
    tensors = data(run.epoch) if callable(data) else data
    batches = _order(run, tensors, world)
    run.batches = len(batches)
    run.task.train()
    while run.index < run.batches and run.position < run.end and not run.stop:
        rows = batches[run.index]
        batch = {name: tensor[rows].to(where) for name, tensor in tensors.items()}
        if fault := _batch(run, batch, world):
            first = ", ".join(str(int(row)) for row in rows[:_SHOWN])
            run.trouble = f"{fault} {text('deep.rows_of_batch', rows=first, count=len(rows))}"
            run.stop = True
            return
        run.index += 1
        run.step += 1
        if _completes(run, run.index - 1):
            if run.average is not None:
                run.average.follow(run.task)
            _tell(listeners, "step", run, world)


def _order(run: Run, rows: Dealt, world: World) -> Sequence[Tensor]:
    """Return the row numbers of each batch of this process, a function of (seed, epoch)."""
    count = len(next(iter(rows.values())))
    if count == 0:
        raise TrainError("deep.no_rows", received=count)
    generator = torch.Generator().manual_seed(run.plan.seed * 100_003 + run.epoch)
    order = torch.randperm(count, generator=generator)
    if world.size > 1:  # equal shares, or one would wait for a step that another lacks
        padded = math.ceil(count / world.size) * world.size
        order = order.repeat(math.ceil(padded / count))[:padded][world.rank :: world.size]
    if run.plan.optimiser == "gd":
        return [order]
    if SIZE in rows:
        size = rows[SIZE][order].to(order.device)  # rows may lie on a GPU, their order does not
        return _alike(order, size, run.plan.batch, generator)
    return torch.split(order, run.plan.batch)


def _alike(order: Tensor, size: Tensor, batch: int, generator: torch.Generator) -> Sequence[Tensor]:
    """Return batches of rows of like size: a padded batch costs what its longest row does.

    Rows are sorted within parts of the epoch only, and batches of a part come in any order, so
    that an epoch does not go from short to long.
    """
    batches: list[Tensor] = []
    span = _PART * batch
    for part, sizes in zip(torch.split(order, span), torch.split(size, span), strict=True):
        sorted_rows = torch.split(part[sizes.argsort(stable=True)], batch)
        turn = torch.randperm(len(sorted_rows), generator=generator)
        batches += [sorted_rows[int(place)] for place in turn]
    return batches


def _completes(run: Run, index: int) -> bool:
    """Say whether a step follows batch `index`; the last window of an epoch may be short."""
    return (index + 1) % run.plan.accumulate == 0 or index + 1 == run.batches


def _batch(run: Run, batch: Batch, world: World) -> str:
    """Do one batch: for each loss of the task, a backward pass and perhaps a step.

    Returns:
        What is wrong with its loss, or ``""``; weights are then as they were before it.
    """
    plan, index, rate = run.plan, run.index, run.learning_rate
    window = min(plan.accumulate, run.batches - index + index % plan.accumulate)
    autocast: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if plan.precision == "bfloat16":
        autocast = torch.autocast(device.place(run.task).type, torch.bfloat16)
    with autocast:
        for name, loss in run.task.losses(batch):
            value = world.mean(loss.detach())
            if not math.isfinite(value):
                epoch, number = run.epoch + 1, index + 1
                return text(
                    "deep.loss_not_finite", name=name, value=value, epoch=epoch, batch=number
                )
            run.means[name] = run.means.get(name, 0.0) + (value - run.means.get(name, 0.0)) / (
                index + 1
            )
            chosen = run.optimisers[name]
            # Only its own parameters: a generator's loss must leave no trace in its critic.
            (loss / window).backward(inputs=chosen.parameters)  # type: ignore[no-untyped-call]
            if _completes(run, index):
                world.average(chosen.parameters)
                if plan.clip:
                    clip(chosen.parameters, plan.clip)
                chosen.step(rate)
                chosen.forget_gradients()
    return ""


def _is_sound(run: Run) -> bool:
    """Look at the weights too: the last step before a halt has no loss after it to tell."""
    tensors = run.task.state_dict().values()
    if not run.trouble and not all(bool(t.isfinite().all()) for t in tensors):
        run.trouble = text("deep.weights_not_finite", epoch=run.epoch + 1, batch=run.index)
        run.stop = True
    return not run.trouble


def _close_epoch(
    run: Run, listeners: Sequence[Callable[[str, Run], None]], world: World
) -> dict[str, Any]:
    """Count the epoch and tell the listeners; return the state to fall back on."""
    world.share(run.task.buffers())
    run.epoch, run.index = run.epoch + 1, 0
    run.task.eval()
    state = run.state()
    run.swap()
    _tell(listeners, "epoch", run, world)
    run.swap()
    run.means = {}
    return state


def _tell(
    listeners: Sequence[Callable[[str, Run], None]], event: str, run: Run, world: World
) -> None:
    for listener in listeners:
        listener(event, run)
    if world.size > 1 and listeners:  # clocks differ: the first process decides for all
        told = torch.tensor([float(run.stop), run.end, *run.anchor], dtype=torch.float64)
        dist.broadcast(told, 0)
        run.stop, run.end = bool(told[0]), float(told[1])
        run.anchor = float(told[2]), float(told[3])
