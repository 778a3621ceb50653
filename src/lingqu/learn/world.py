"""The processes that train one net together, when `torch.distributed` is up; else just this one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch import distributed as dist


@dataclass(frozen=True)
class World:
    """This process's number and how many there are.

    Example:
        >>> World.found()
        World(rank=0, size=1)
    """

    rank: int = 0
    size: int = 1

    @classmethod
    def found(cls) -> World:
        """Return the world that this process lives in."""
        if dist.is_available() and dist.is_initialized():
            return cls(dist.get_rank(), dist.get_world_size())
        return cls()

    def share(self, tensors: Iterable[Tensor]) -> None:
        """Give all processes the tensors of the first."""
        if self.size > 1:
            for tensor in tensors:
                dist.broadcast(tensor, 0)

    def agree(self, count: int) -> bool:
        """Say whether all processes have counted to the same number."""
        if self.size == 1:
            return True
        ends = torch.tensor([count, -count])
        dist.all_reduce(ends, dist.ReduceOp.MIN)
        return bool(ends[0] == -ends[1])

    def mean(self, loss: Tensor) -> float:
        """Return the mean of a loss: all must agree when it is not finite."""
        if self.size > 1:
            loss = loss.clone()
            dist.all_reduce(loss)
            loss /= self.size
        return float(loss)

    def average(self, parameters: Iterable[Tensor]) -> None:
        """Average the gradients."""
        if self.size > 1:
            for parameter in parameters:
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= self.size
