"""Weights averaged over the steps of a training: what is judged, kept and exported.

The net goes on learning with its own weights; the averages follow it at a distance and smooth
out the last steps' wandering, at the cost of one more copy.

Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the
exponential form with its decay raised from 0 by the steps done, as in TensorFlow's
`ExponentialMovingAverage`; used to judge nets by Tarvainen and Valpola, 2017, arXiv:1703.01780.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]


def copied(net: nn.Module) -> Weights:
    """Return all weights and buffers of a net, copied."""
    return {name: value.clone() for name, value in net.state_dict().items()}


class Average:
    """A moving average of the weights and statistics of a net.

    Args:
        net: Whose; its present weights are the first average.
        decay: How much of the average stays at each step, in (0, 1); in the first steps less,
            (1 + n) / (10 + n), or it would remember the random start.

    Example:
        >>> net = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.zeros_(net.weight)
        >>> average = Average(net, decay=0.9)
        >>> _ = nn.init.ones_(net.weight)
        >>> average.follow(net)
        >>> average.swap(net)
        >>> round(net.weight.item(), 4)
        0.8182
    """

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.decay, self.steps = decay, 0
        self.shown = False
        """Whether the net holds the averages now, and this the net's own weights."""
        self.others = copied(net)
        """The averages; while the net holds them, its own weights."""

    @torch.no_grad()
    def follow(self, net: nn.Module) -> None:
        """Take one step towards the net's weights; what only counts is taken as it is."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        mine: list[Tensor] = []
        theirs: list[Tensor] = []
        for name, value in net.state_dict().items():
            if value.is_floating_point():
                mine.append(self.others[name])
                theirs.append(value)
            else:
                self.others[name].copy_(value)
        torch._foreach_lerp_(mine, theirs, 1.0 - decay)

    def swap(self, net: nn.Module) -> None:
        """Exchange the averages and the net's own weights."""
        present = copied(net)
        net.load_state_dict(self.others)
        self.others, self.shown = present, not self.shown

    def state_dict(self, net: nn.Module) -> dict[str, Any]:
        """Return the net's own weights, their averages and the steps, copied."""
        within, beside = copied(net), {name: t.clone() for name, t in self.others.items()}
        own, average = (beside, within) if self.shown else (within, beside)
        return {"task": own, "average": average, "followed": self.steps}

    def load_state_dict(self, net: nn.Module, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        net.load_state_dict(state["task"])
        self.others = {
            name: state["average"][name].to(value.device, copy=True)
            for name, value in net.state_dict().items()
        }
        self.steps, self.shown = int(state["followed"]), False
