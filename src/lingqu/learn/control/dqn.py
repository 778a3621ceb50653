"""Deep Q-learning: remember what was done, learn what each action is worth.

Source: Mnih et al., 2015, doi:10.1038/nature14236; double: van Hasselt et al., 2015,
arXiv:1509.06461; the slow copy: Lillicrap et al., 2015, arXiv:1509.02971; its weights as an average
that is better than the last ones: Polyak and Juditsky, 1992.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.environment.observed import Floats
from lingqu.environment.several import Several
from lingqu.learn import device
from lingqu.learn.control.acting import Acting
from lingqu.learn.control.by_trial import ByTrial
from lingqu.learn.control.net import dense
from lingqu.learn.control.subject import Arena, refuse_amounts
from lingqu.learn.loop import Batch


@dataclass
class Dqn(ByTrial["Worth"]):
    """Learn what each action is worth, from a memory of what was done.

    One net chooses the best next action and a slow copy of it says what that is worth (double
    Q-learning). What is learned from is drawn from the memory, so each step is used many times.
    The slow copy acts, is judged and released: it is an average over many steps of learning, and
    wanders less.

    Args:
        steps: Of each between two rounds of learning.
        draws: Batches drawn from the memory in a round.
        memory: Steps that are remembered.
        first: Steps that are taken at random before learning begins.
        explore: Share of random actions at the end of the exploration.
        explored: Steps over which the share of random actions falls from all to `explore`.
        follow: Share by which the slow copy follows at each step.

    Example:
        >>> Dqn(memory=10_000).discount
        0.98

    Source: Mnih et al., 2015, doi:10.1038/nature14236; van Hasselt et al., 2015,
        arXiv:1509.06461.
    """

    name: ClassVar[str] = "dqn"
    seconds: ClassVar[float] = 12.0

    steps: int = 16
    draws: int = 32
    memory: int = 50_000
    first: int = 1_000
    activation: Literal["tanh", "relu"] = "relu"
    explore: float = 0.04
    explored: int = 2_000
    follow: float = 0.04
    every: int = 8
    epochs: int = 2_000
    batch: int = 64
    learning_rate: float = 2.3e-3
    clip: float = 10.0

    def refuse(self, arena: Arena) -> None:
        """Refuse actions that are amounts.

        Raises:
            SpecError: They are.
        """
        refuse_amounts(self.name, arena)

    def task(self, several: Several, walk: Floats) -> Worth:
        """Return what is learned."""
        return Worth(self, several, walk)

    def rows(self, task: Worth, seed: int) -> Memory:
        """Return what deals the rows of a round."""
        return Memory(self, task, seed)

    def policy(self, task: Worth) -> nn.Sequential:
        """Return the layers that score the actions."""
        return task.slow


class Worth(Acting):
    """A net that says what each action is worth, its slow copy, and the memory.

    Args:
        wishes: Options.
        several: The environments.
        walk: Rows at random, (N, columns).
    """

    was: Tensor
    then: Tensor
    action: Tensor
    reward: Tensor
    over: Tensor

    def __init__(self, wishes: Dqn, several: Several, walk: Floats) -> None:
        super().__init__(several, walk)
        self.wishes = wishes
        actions = len(self.observed.actions)
        self.worth = dense(self.width, wishes.hidden, actions, wishes.activation, 1.0)
        self.slow = deepcopy(self.worth).requires_grad_(False)
        width = walk.shape[1]
        for name in ("was", "then"):
            self.register_buffer(name, torch.zeros(wishes.memory, width))
        self.register_buffer("action", torch.zeros(wishes.memory, dtype=torch.int64))
        self.register_buffer("reward", torch.zeros(wishes.memory))
        self.register_buffer("over", torch.zeros(wishes.memory))

    def groups(self) -> dict[str, list[nn.Parameter]]:  # type: ignore[override]
        """Return the parameters of the net that learns; the slow copy only follows."""
        return {"main": list(self.worth.parameters())}

    def scores(self, x: Tensor) -> Tensor:
        """Return what the actions are worth to the slow copy, (N, actions)."""
        out: Tensor = self.slow(self.features(x))
        return out

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the loss of rows of the memory; then let the slow copy follow."""
        rows = batch["row"]
        then = self.then[rows]
        with torch.no_grad():
            seen = self.features(then)
            best = self.closed(then, self.worth(seen)).argmax(dim=1, keepdim=True)
            later = self.slow(seen).gather(1, best).squeeze(1)
            wanted = self.reward[rows] + self.wishes.discount * (1 - self.over[rows]) * later
        said = self.worth(self.features(self.was[rows]))
        said = said.gather(1, self.action[rows][:, None]).squeeze(1)
        yield "main", nn.functional.smooth_l1_loss(said, wanted)
        with torch.no_grad():
            for slow, quick in zip(self.slow.parameters(), self.worth.parameters(), strict=True):
                slow.lerp_(quick, self.wishes.follow)

    def remember(
        self, was: Floats, actions: NDArray[np.int64], rewards: Floats, then: Floats,
        over: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """Write steps into the memory, over the oldest; all (n, …)."""
        start = int(self.acted)
        places = torch.from_numpy((start + np.arange(len(was))) % self.wishes.memory)
        for name, values in (("was", was), ("then", then), ("action", actions),
                             ("reward", rewards), ("over", over.astype(np.float32))):  # fmt: skip
            there = getattr(self, name)
            there[places.to(there.device)] = torch.from_numpy(values.copy()).to(there.device)
        self.stand(np.concatenate([was, then]), len(was))


class Memory:
    """Rows to learn from: epoch → places in the memory, after some more steps were taken.

    Args:
        wishes: Options.
        task: What is learned.
        seed: Of the actions and rows drawn.
    """

    def __init__(self, wishes: Dqn, task: Worth, seed: int) -> None:
        self.wishes, self.task, self.seed = wishes, task, seed

    def __call__(self, epoch: int) -> dict[str, Tensor]:
        wishes, task = self.wishes, self.task
        task.at_start()
        draw = np.random.default_rng((self.seed, epoch))
        least = wishes.first if int(task.acted) == 0 else 0
        taken = 0
        while taken < max(least, wishes.steps * wishes.environments):
            taken += self._step(draw)
        filled = min(int(task.acted), wishes.memory)
        rows = draw.integers(0, filled, wishes.draws * wishes.batch)
        return {"row": torch.from_numpy(rows)}

    def _step(self, draw: np.random.Generator) -> int:
        task, several = self.task, self.task.several
        was = several.rows.copy()
        actions = self._best(was)
        at_random = draw.random(len(was)) < self._share()
        chances = np.where(task.observed.allowed(was), draw.random((len(was), _actions(task))), -1)
        actions = np.where(at_random, chances.argmax(axis=1), actions)
        rewards, ended, then, cut = several.step(actions)
        task.remember(was, actions, rewards, then, ended & ~cut)
        return len(was)

    def _best(self, rows: Floats) -> NDArray[np.int64]:
        if self._share() >= 1.0:
            return np.zeros(len(rows), np.int64)
        with torch.inference_mode():
            there = torch.from_numpy(rows).to(device.place(self.task))
            best: NDArray[np.int64] = self.task.best(there).cpu().numpy()
        return best

    def _share(self) -> float:
        """Return the share of actions that are taken at random now."""
        done = int(self.task.acted)
        if done < self.wishes.first:
            return 1.0
        fallen = min(1.0, done / max(1, self.wishes.explored))
        return 1.0 - fallen * (1.0 - self.wishes.explore)


def _actions(task: Worth) -> int:
    return len(task.observed.actions)
