"""What every learner by trial shares: where its environments stand, when it is judged, its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.environment.episodes import Policy
from lingqu.environment.observed import Floats, Observed, Taken
from lingqu.environment.several import Several
from lingqu.learn import device
from lingqu.learn.control.graph import CLOSED
from lingqu.learn.control.known import Gauge, Known
from lingqu.learn.control.net import Features, sizes
from lingqu.learn.listeners import Listener, checkpoint
from lingqu.learn.loop import Run, Task


class Acting(Task):
    """A task whose rows come from acting.

    Where its environments stand, and what they have said so far, lies in buffers: so a checkpoint
    holds it, and a training that is gone on with sees the very rows that it would have seen.

    Args:
        several: The environments.
        walk: Rows that were seen before, (N, columns): the first range of what is known.

    Attributes:
        taken: Steps that were taken in all, also after the weights that are kept.
        undecided: How undecided the policy was when it last acted, as a share of that at random;
            None where it does not draw its actions.
    """

    numbers: Tensor
    steps: Tensor
    moves: Tensor
    low: Tensor
    high: Tensor
    moments: Tensor
    acted: Tensor
    undecided: float | None = None

    def __init__(self, several: Several, walk: Floats) -> None:
        super().__init__()
        self.several, self._here = several, True
        self.taken = 0
        self.observed: Observed = several.observed
        parts = len(self.observed.parts)
        for name, array in zip(("numbers", "steps", "moves"), several.state(), strict=True):
            self.register_buffer(name, torch.from_numpy(array))
        self.register_buffer("low", torch.from_numpy(walk[:, :parts].min(axis=0)))
        self.register_buffer("high", torch.from_numpy(walk[:, :parts].max(axis=0)))
        self.gauge = Gauge(self.observed, walk)
        self.register_buffer("moments", torch.from_numpy(self.gauge.nothing))
        self.register_buffer("acted", torch.zeros((), dtype=torch.int64))
        self.features = Features(self.observed, sizes(self.observed, walk))

    @property
    def width(self) -> int:
        """How many features a net reads."""
        return len(self.features.size)

    def scores(self, x: Tensor) -> Tensor:
        """Return the score of each action, (N, actions); the greatest is taken when it counts."""
        raise NotImplementedError

    def closed(self, x: Tensor, scores: Tensor) -> Tensor:
        """Return scores with those of actions that may not be taken far below all others."""
        if not self.observed.masked:
            return scores
        return scores + (1.0 - x[:, len(self.observed.parts) :]) * CLOSED

    def greedy(self) -> Policy:
        """Return the policy that takes the best action."""

        def act(rows: Floats, observations: Sequence[Any]) -> Taken:
            with torch.inference_mode():
                found = device.ask(self.best, torch.from_numpy(rows))
            return found.numpy()

        return act

    def chosen(self, scores: Tensor) -> Tensor:
        """Return what is done when it counts: places of the actions, or amounts, (N,)."""
        return scores.argmax(dim=1)

    @property
    def best(self) -> nn.Module:
        """The best action of rows, as a module of one answer."""
        return _Best(self)

    def at_start(self) -> None:
        """Bring the environments to where the buffers say, if weights were read from a file."""
        if not self._here:
            arrays = (self.numbers, self.steps, self.moves)
            self.several.restore(*(array.cpu().numpy() for array in arrays))
            self._here = True

    def stand(self, seen: Floats, actions: int) -> None:
        """Note where the environments stand, and what was seen.

        Args:
            seen: Rows of observations, (N, columns).
            actions: How many were taken.
        """
        for name, array in zip(("numbers", "steps", "moves"), self.several.state(), strict=True):
            getattr(self, name).copy_(torch.from_numpy(array))
        rows = torch.from_numpy(seen[:, : len(self.observed.parts)]).to(self.low.device)
        self.low.copy_(torch.minimum(self.low, rows.amin(dim=0)))
        self.high.copy_(torch.maximum(self.high, rows.amax(dim=0)))
        self.moments += torch.from_numpy(self.gauge.moments(seen)).to(self.moments.device)
        self.acted += actions
        self.taken = int(self.acted)

    def load_state_dict(self, *given: Any, **more: Any) -> Any:
        """Read weights and where the environments stood."""
        self._here = False
        return super().load_state_dict(*given, **more)

    @property
    def known(self) -> Known:
        """What was seen: how far it went, and what went together."""
        low, high = (end.cpu().double().numpy() for end in (self.low, self.high))
        return Known(low, high, self.gauge.near(self.moments.cpu().numpy()))


class _Best(nn.Module):
    def __init__(self, task: Acting) -> None:
        super().__init__()
        self.task = task

    def forward(self, x: Tensor) -> Tensor:
        return self.task.chosen(self.task.closed(x, self.task.scores(x)))


def refuse_trouble(run: Run, name: str) -> None:
    """Refuse a training that was halted before anything was learned.

    Raises:
        TrainError: It was.
    """
    if run.trouble and not run.best[2]:
        raise TrainError(
            "deep.diverged", name=name, why=run.trouble, learning_rate=run.plan.learning_rate
        )


def kept(path: str, on: Sequence[Listener]) -> tuple[list[Listener], Path | None]:
    """Return listeners and the file to go on from, where a training is to be kept.

    Args:
        path: File of the checkpoint; ``""`` for none.
        on: Listeners; the checkpoint comes last.
    """
    if not path:
        return list(on), None
    file = Path(path)
    return [*on, checkpoint(file)], file if file.exists() else None


class Repeated:
    """Rows that are dealt several times in one epoch, without being copied.

    Args:
        rows: A tensor, (N, …).
        times: How often each comes.

    Example:
        >>> twice = Repeated(torch.tensor([1.0, 2.0]), 2)
        >>> len(twice), twice[torch.tensor([0, 3])].tolist()
        (4, [1.0, 2.0])
    """

    def __init__(self, rows: Tensor, times: int) -> None:
        self.rows, self.times = rows, times

    @property
    def shape(self) -> torch.Size:
        return torch.Size((len(self), *self.rows.shape[1:]))

    def __len__(self) -> int:
        return self.times * len(self.rows)

    def __getitem__(self, rows: Any) -> Tensor:
        return self.rows[rows % len(self.rows)]
