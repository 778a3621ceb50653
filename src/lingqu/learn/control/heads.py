"""From what a net says to an action: one of a few by its chance, or an amount about a mean.

Source: amounts: Schulman et al., 2017, arXiv:1707.06347 (a deviation of its own, whatever is
observed); held by the bounds where they act: Huang et al., 2022, "The 37 implementation details of
proximal policy optimization".
"""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.environment.observed import Floats, Observed, Taken

_DEVIATION = math.log(0.6)
"""Logarithm of the deviation of amounts at the start, in half-widths of their bounds."""


class Head(nn.Module):
    """What becomes of the last layer of a policy.

    Attributes:
        outputs: Numbers of that layer.
    """

    outputs: int

    @abstractmethod
    def logs(self, scores: Tensor, taken: Tensor) -> Tensor:
        """Return the logarithms of the chances of what was taken, (N,)."""

    @abstractmethod
    def entropy(self, scores: Tensor) -> Tensor:
        """Return how undecided it is, (N,)."""

    @abstractmethod
    def best(self, scores: Tensor) -> Tensor:
        """Return what is done when it counts: places or amounts, (N,)."""

    @abstractmethod
    def noise(self, draw: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Return the chance that `drawn` takes."""

    @abstractmethod
    def drawn(self, scores: Tensor, noise: Floats) -> tuple[Taken, Floats]:
        """Return an action for each row as it is learned from, and the logarithm of its chance."""

    def sent(self, taken: Taken) -> Taken:
        """Return actions as environments want them."""
        return taken

    @abstractmethod
    def undecided(self, entropy: float) -> float:
        """Return a mean entropy as a share of that at random."""


class Choice(Head):
    """One of a few actions.

    Args:
        actions: How many.

    Example:
        >>> math.isclose(Choice(2).entropy(torch.zeros(1, 2)).item(), math.log(2), rel_tol=1e-6)
        True
    """

    def __init__(self, actions: int) -> None:
        super().__init__()
        self.outputs = actions

    def logs(self, scores: Tensor, taken: Tensor) -> Tensor:
        return torch.log_softmax(scores, dim=1).gather(1, taken[:, None]).squeeze(1)

    def entropy(self, scores: Tensor) -> Tensor:
        logs = torch.log_softmax(scores, dim=1)
        return -(logs.exp() * logs).sum(dim=1)

    def best(self, scores: Tensor) -> Tensor:
        return scores.argmax(dim=1)

    def noise(self, draw: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        return draw.random(shape).astype(np.float32)

    def drawn(self, scores: Tensor, noise: Floats) -> tuple[Taken, Floats]:
        logs = torch.log_softmax(scores, dim=1).cpu().numpy()
        taken = drawn(logs, noise)
        return taken, logs[np.arange(len(logs)), taken]

    def undecided(self, entropy: float) -> float:
        return entropy / math.log(max(2, self.outputs))


class Amount(Head):
    """A number between bounds: the mean comes from the net, the deviation is learned beside it.

    The net speaks in half-widths about the middle, so it need not know the bounds. What is drawn
    beyond them is learned from as it was drawn, and held by them where it acts.

    Args:
        span: The bounds.

    Example:
        >>> head = Amount((0.0, 12.0))
        >>> head.best(torch.tensor([[0.5], [3.0]])).tolist()
        [9.0, 12.0]
    """

    outputs = 1

    def __init__(self, span: tuple[float, float]) -> None:
        super().__init__()
        self.middle, self.reach = (span[0] + span[1]) / 2, (span[1] - span[0]) / 2
        self.size = nn.Parameter(torch.tensor(_DEVIATION))

    def logs(self, scores: Tensor, taken: Tensor) -> Tensor:
        away = (taken - scores.squeeze(1)) / self.size.exp()
        return -0.5 * away.square() - self.size - 0.5 * math.log(2 * math.pi)

    def entropy(self, scores: Tensor) -> Tensor:
        return (self.size + 0.5 * math.log(2 * math.pi * math.e)).expand(len(scores))

    def best(self, scores: Tensor) -> Tensor:
        return self.middle + self.reach * scores.squeeze(1).clamp(-1.0, 1.0)

    def noise(self, draw: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        return draw.standard_normal(shape, dtype=np.float32)

    def drawn(self, scores: Tensor, noise: Floats) -> tuple[Taken, Floats]:
        there = torch.from_numpy(noise).to(scores.device)
        taken = scores.squeeze(1) + self.size.exp() * there
        logs = self.logs(scores, taken)
        return taken.detach().cpu().numpy(), logs.detach().cpu().numpy()

    def sent(self, taken: Taken) -> Taken:
        found: Taken = self.middle + self.reach * np.clip(taken.astype(np.float64), -1.0, 1.0)
        return found

    def undecided(self, entropy: float) -> float:
        return math.exp(entropy - 0.5 * math.log(2 * math.pi * math.e) - _DEVIATION)


def head_of(observed: Observed) -> Head:
    """Return what becomes of the last layer in an environment."""
    return Choice(len(observed.actions)) if observed.span is None else Amount(observed.span)


def drawn(logs: Floats, chances: Floats) -> NDArray[np.int64]:
    """Draw an action for each row.

    Args:
        logs: Logarithms of the chances of the actions, (N, actions).
        chances: Uniform draws, (N,).

    Example:
        >>> drawn(np.log(np.array([[0.5, 0.5], [0.5, 0.5]], np.float32)), np.array([0.4, 0.6]))
        array([0, 1])
    """
    sums = np.exp(logs).cumsum(axis=1)
    places: NDArray[np.int64] = (chances[:, None] * sums[:, -1:] >= sums).sum(axis=1)
    return places.clip(max=logs.shape[1] - 1)
