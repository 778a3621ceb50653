"""Proximal policy optimisation: act in many environments, learn from what was better than expected.

Source: Schulman et al., 2017, arXiv:1707.06347; advantages: Schulman et al., 2015,
arXiv:1506.02438; details: Huang et al., 2022, "The 37 implementation details of proximal policy
optimization".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.environment.observed import Floats, Taken
from lingqu.environment.several import Several
from lingqu.learn import device
from lingqu.learn.control.acting import Acting, Repeated
from lingqu.learn.control.by_trial import ByTrial
from lingqu.learn.control.heads import head_of
from lingqu.learn.control.net import dense
from lingqu.learn.loop import Batch

_CALM, _WILD = 0.1, 10.0
"""Spread of the returns between which rewards are left as they are."""


@dataclass
class Ppo(ByTrial["ActorCritic"]):
    """Learn a policy, and beside it what to expect of each observation.

    Many environments are stepped side by side with one call of the net. What came out better than
    expected is made likelier, but never by much in one rollout: the ratio of new to old chance is
    clipped. Where an action is an amount, its mean comes from the net and its deviation is learned
    beside it; what is served is the mean.

    Args:
        steps: Of each in one rollout.
        passes: How often each row of a rollout is learned from.
        trace: Between 0 (one step is looked ahead) and 1 (to the end of an episode).
        ratio: By how much the chance of an action may change in a rollout.
        entropy: Reward for staying undecided.
        worth: Weight of the loss of what is expected.

    Example:
        >>> Ppo(environments=8, steps=32).batch
        256

    Source: Schulman et al., 2017, arXiv:1707.06347.
    """

    name: ClassVar[str] = "ppo"
    seconds: ClassVar[float] = 5.0

    environments: int = 32
    steps: int = 64
    passes: int = 10
    trace: float = 0.9
    ratio: float = 0.2
    entropy: float = 0.0
    worth: float = 0.5
    epochs: int = 250
    batch: int = 256
    learning_rate: float = 2.5e-3
    clip: float = 0.5

    def task(self, several: Several, walk: Floats) -> ActorCritic:
        """Return what is learned."""
        return ActorCritic(self, several, walk)

    def rows(self, task: ActorCritic, seed: int) -> Rollout:
        """Return what deals the rows of a round."""
        return Rollout(self, task, seed)

    def policy(self, task: ActorCritic) -> nn.Sequential:
        """Return the layers that score the actions."""
        return task.actor


class ActorCritic(Acting):
    """Two nets: how good each action looks, and what to expect.

    Args:
        wishes: Options.
        several: The environments.
        walk: Rows at random, (N, columns).
    """

    spread: Tensor

    def __init__(self, wishes: Ppo, several: Several, walk: Floats) -> None:
        super().__init__(several, walk)
        self.wishes = wishes
        self.head = head_of(self.observed)
        self.actor = dense(self.width, wishes.hidden, self.head.outputs, wishes.activation, 0.01)
        self.critic = dense(self.width, wishes.hidden, 1, wishes.activation, 1.0)
        self.register_buffer("spread", torch.zeros(()))

    def scores(self, x: Tensor) -> Tensor:
        """Return the scores of the actions, (N, actions), or means of amounts, (N, 1)."""
        out: Tensor = self.actor(self.features(x))
        return out

    def chosen(self, scores: Tensor) -> Tensor:
        """Return what is done when it counts, (N,)."""
        return self.head.best(scores)

    def expected(self, x: Tensor) -> Tensor:
        """Return what is expected, (N,)."""
        out: Tensor = self.critic(self.features(x)).squeeze(1)
        return out

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the one loss of a batch."""
        wishes, x = self.wishes, batch["x"]
        scores = self.closed(x, self.scores(x))
        ratio = (self.head.logs(scores, batch["action"]) - batch["log"]).exp()  # (B,)
        gain = batch["gain"]
        gain = (gain - gain.mean()) / (gain.std(correction=0) + 1e-8)
        held = ratio.clamp(1 - wishes.ratio, 1 + wishes.ratio)
        loss = -torch.min(ratio * gain, held * gain).mean()
        loss = loss + wishes.worth * (self.expected(x) - batch["target"]).square().mean()
        if wishes.entropy:
            loss = loss - wishes.entropy * self.head.entropy(scores).mean()
        yield "main", loss


class Rollout:
    """Rows to learn from: epoch → what acting with the present policy brought.

    Args:
        wishes: Options.
        task: The policy.
        seed: Of the actions drawn.
    """

    def __init__(self, wishes: Ppo, task: ActorCritic, seed: int) -> None:
        self.wishes, self.task, self.seed = wishes, task, seed

    def __call__(self, epoch: int) -> dict[str, Repeated]:
        wishes, task = self.wishes, self.task
        task.at_start()
        several, n, T = task.several, wishes.environments, wishes.steps
        x = np.empty((T, n, several.rows.shape[1]), np.float32)  # (T, n, columns)
        after, ended, cut = np.empty_like(x), np.empty((T, n), bool), np.empty((T, n), bool)
        logs, rewards, entropy = np.empty((3, T, n), np.float32)
        noise = task.head.noise(np.random.default_rng((self.seed, epoch)), (T, n))
        taken: list[Taken] = []
        for t in range(T):
            x[t] = several.rows
            action, logs[t], entropy[t] = self._drawn(x[t], noise[t])
            taken.append(action)
            rewards[t], ended[t], after[t], cut[t] = several.step(task.head.sent(action))
        task.undecided = task.head.undecided(float(entropy.mean()))
        rewards /= self._spread(rewards, ended)
        value, later = self._expected(x), self._expected(after)
        gain = advantages(rewards, value, later, ended, cut, wishes.discount, wishes.trace)
        task.stand(np.concatenate([x.reshape(T * n, -1), after[-1]]), T * n)
        rows: dict[str, NDArray[Any]] = {
            "x": x, "action": np.stack(taken), "log": logs, "gain": gain, "target": gain + value
        }  # fmt: skip
        return {name: self._dealt(each) for name, each in rows.items()}

    def _dealt(self, rows: NDArray[Any]) -> Repeated:
        flat = rows.reshape(-1, *rows.shape[2:])
        return Repeated(torch.from_numpy(flat), self.wishes.passes)

    def _drawn(self, x: Floats, noise: Floats) -> tuple[Taken, Floats, Floats]:
        """Return actions, the logarithms of their chances, and how undecided it was, (n,) each."""
        task = self.task
        with torch.inference_mode():
            there = torch.from_numpy(x).to(device.place(task))
            scores = task.closed(there, task.scores(there))
            return *task.head.drawn(scores, noise), task.head.entropy(scores).cpu().numpy()

    def _expected(self, x: Floats) -> Floats:
        with torch.inference_mode():
            flat = torch.from_numpy(x.reshape(-1, x.shape[-1])).to(device.place(self.task))
            found: Floats = self.task.expected(flat).cpu().numpy().reshape(x.shape[:2])
        return found

    def _spread(self, rewards: Floats, ended: NDArray[np.bool_]) -> float:
        """Return by what rewards are divided: settled in the first rollout, by its returns."""
        if not float(self.task.spread):
            total, found = np.zeros(rewards.shape[1]), []
            for t in range(len(rewards)):
                total = rewards[t] + self.wishes.discount * total
                found.append(total.copy())
                total[ended[t]] = 0.0
            size = float(np.std(found))
            calm = _CALM <= size <= _WILD or size == 0
            self.task.spread.fill_(1.0 if calm else size)
        return float(self.task.spread)


def advantages(
    rewards: Floats,
    value: Floats,
    later: Floats,
    ended: NDArray[np.bool_],
    cut: NDArray[np.bool_],
    discount: float,
    trace: float,
) -> Floats:
    """Return how much better each action was than expected, all (T, n).

    Where an episode came to its end nothing follows; where it was cut off, what its last
    observation promises still counts.

    Args:
        rewards: Of each step.
        value: Expected before it.
        later: Expected of the observation that it led to.
        ended: Whether the episode ended with it.
        cut: Whether it was only cut off.
        discount: What a reward counts one step later.
        trace: Share of later surprises that an action is given.

    Example:
        >>> one = np.ones((1, 1), np.float32)
        >>> no, yes = np.zeros((1, 1), bool), np.ones((1, 1), bool)
        >>> [advantages(one, one, one, *ends, 0.5, 0.9).item() for ends in ((yes, no), (yes, yes))]
        [0.0, 0.5]

    Source: Schulman et al., 2015, arXiv:1506.02438, equation 16.
    """
    found, sofar = np.zeros_like(rewards), np.zeros(rewards.shape[1], np.float32)
    follows = np.where(ended & ~cut, 0.0, 1.0).astype(np.float32)
    for t in reversed(range(len(rewards))):
        surprise = rewards[t] + discount * later[t] * follows[t] - value[t]
        sofar = surprise + discount * trace * np.where(ended[t], 0.0, sofar)
        found[t] = sofar
    return found
