"""The columns of a table as one vector.

Source: Rumelhart, Hinton and Williams, 1986, doi:10.1038/323533a0; members that share their
weights: Wen et al., "BatchEnsemble", 2020, arXiv:2002.06715, for tables Gorishniy et al., "TabM",
2024, arXiv:2410.24210.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lingqu.learn.deep.graph import activation


class Shared(nn.Module):
    """One layer of several members: a weight for all, and a scale of each for what goes in and out.

    (B, K, inner) → (B, K, outer).
    """

    def __init__(self, members: int, inner: int, outer: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inner, outer, bias=False)
        self.inward = nn.Parameter(torch.randint(0, 2, (members, inner)) * 2.0 - 1.0)
        self.outward = nn.Parameter(torch.ones(members, outer))
        self.bias = nn.Parameter(torch.zeros(members, outer))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layer(x * self.inward) * self.outward + self.bias
        return out


class Table(nn.Module):
    """Numbers → (B, width), through layers of weighted sums and bends.

    Args:
        columns: Numbers of a row.
        width: Of each layer and of the answer.
        layers: How many.
        bend: Name of the activation.
        dropout: Share of each layer that is hidden in training.
        members: Nets that share their weights and are averaged; 1 for one.

    Example:
        >>> Table(5, width=8, layers=2, members=4)(torch.zeros(3, 5)).shape
        torch.Size([3, 8])
    """

    def __init__(
        self,
        columns: int,
        width: int,
        layers: int,
        bend: str = "relu",
        dropout: float = 0.0,
        members: int = 1,
    ) -> None:
        super().__init__()
        self.members, parts, inner = members, [], columns
        for _ in range(layers):
            layer = nn.Linear(inner, width) if members == 1 else Shared(members, inner, width)
            parts += [layer, activation(bend), nn.Dropout(dropout)]
            inner = width
        self.net = nn.Sequential(*parts)

    def forward(self, x: Tensor) -> Tensor:
        if self.members > 1:
            x = x.unsqueeze(1).expand(-1, self.members, -1)  # (B, K, D)
        found: Tensor = self.net(x)
        return found.mean(1) if self.members > 1 else found
