"""What every learner by trial shares: where its environments stand, when it is judged, its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.core.ports import Progress
from lingqu.environment.episodes import Episodes, Policy
from lingqu.environment.observed import Floats, Observed
from lingqu.environment.several import Several
from lingqu.learn import device
from lingqu.learn.average import copied
from lingqu.learn.control.finish import solved
from lingqu.learn.control.graph import CLOSED, Range
from lingqu.learn.control.net import Features
from lingqu.learn.control.subject import Arena
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
    """

    numbers: Tensor
    steps: Tensor
    moves: Tensor
    low: Tensor
    high: Tensor
    acted: Tensor
    features: Features

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
        self.register_buffer("acted", torch.zeros((), dtype=torch.int64))

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

        def act(rows: Floats, observations: Sequence[Any]) -> NDArray[np.int64]:
            with torch.inference_mode():
                found = device.ask(self.best, torch.from_numpy(rows))
            return found.numpy()

        return act

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
        self.acted += actions
        self.taken = int(self.acted)

    def load_state_dict(self, *given: Any, **more: Any) -> Any:
        """Read weights and where the environments stood."""
        self._here = False
        return super().load_state_dict(*given, **more)

    @property
    def known(self) -> Range:
        """The range of all that was seen."""
        return Range(self.low.cpu().double().numpy(), self.high.cpu().double().numpy())


class _Best(nn.Module):
    def __init__(self, task: Acting) -> None:
        super().__init__()
        self.task = task

    def forward(self, x: Tensor) -> Tensor:
        return self.task.closed(x, self.task.scores(x)).argmax(dim=1)


class Judge:
    """A listener that plays the judging episodes now and then, and keeps the best weights.

    Args:
        arena: Where they are played.
        progress: Gets a row each time.
        every: Epochs between two times.
        patience: Times without gain before training ends; 0 for never.

    Attributes:
        won: Whether the last policy surely reached what the environment calls solved.
    """

    def __init__(self, arena: Arena, progress: Progress, every: int, patience: int) -> None:
        self.arena, self.progress = arena, progress
        self.every, self.patience = every, patience
        self.won = False

    def __call__(self, event: str, run: Run) -> None:
        if event == "end":
            if run.best[2]:
                run.task.load_state_dict(run.best[2])
            return
        if event != "epoch" or run.trouble or run.epoch % self.every:
            return
        judged = self.look(run.task)
        value = float(judged.returns.mean())
        row = {"epoch": float(run.epoch), "steps": float(_acted(run.task)), "valid_score": value,
               "learning_rate": run.learning_rate, **run.means}  # fmt: skip
        run.curve.append(row)
        self.progress(row)
        best, age, kept = run.best
        run.best = (value, 0, copied(run.task)) if value >= best else (best, age + 1, kept)
        self.won = solved(judged, self.arena.enough)
        run.stop |= self.won or 0 < self.patience <= run.best[1]

    def look(self, task: Any) -> Episodes:
        """Play the judging episodes with what is best now."""
        task.eval()
        return self.arena.judged(task.greedy())


def _acted(task: Task) -> int:
    return int(task.acted) if isinstance(task, Acting) else 0


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
