"""What several encoders found, as one answer.

Source: Baltrušaitis, Ahuja and Morency, "Multimodal machine learning", 2017, arXiv:1705.09406
(early and late); attention between modalities: Tsai et al., 2019, arXiv:1906.00295.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lingqu.learn.deep.attention import Block
from lingqu.learn.deep.graph import activation


class Early(nn.Module):
    """All that was found side by side, then one more layer: columns may mean more together.

    Example:
        >>> Early((4, 8), width=16, outputs=3)([torch.zeros(2, 4), torch.zeros(2, 8)]).shape
        torch.Size([2, 3])
    """

    def __init__(
        self, widths: Sequence[int], width: int, outputs: int, bend: str = "relu",
        dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(sum(widths), width),
            activation(bend),
            nn.Dropout(dropout),
            nn.Linear(width, outputs),
        )

    def forward(self, parts: Sequence[Tensor]) -> Tensor:
        out: Tensor = self.net(torch.cat(list(parts), 1))
        return out


class Late(nn.Module):
    """An answer of each part, averaged with weights that are learned.

    Example:
        >>> Late((4, 8), outputs=3)([torch.zeros(2, 4), torch.zeros(2, 8)]).shape
        torch.Size([2, 3])
    """

    def __init__(self, widths: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(width, outputs) for width in widths)
        self.weight = nn.Parameter(torch.zeros(len(widths)))

    def forward(self, parts: Sequence[Tensor]) -> Tensor:
        said = torch.stack([h(x) for h, x in zip(self.heads, parts, strict=True)], 1)  # (B, P, K)
        return (said * self.weight.softmax(0)[:, None]).sum(1)


class Attend(nn.Module):
    """The parts look at each other before they are averaged.

    Example:
        >>> parts = [torch.zeros(2, 4), torch.zeros(2, 8)]
        >>> Attend((4, 8), width=16, heads=2, outputs=3)(parts).shape
        torch.Size([2, 3])
    """

    def __init__(
        self, widths: Sequence[int], width: int, heads: int, outputs: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.ways = nn.ModuleList(nn.Linear(each, width) for each in widths)
        self.block = Block(width, heads, dropout=dropout)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, outputs))

    def forward(self, parts: Sequence[Tensor]) -> Tensor:
        x = torch.stack([w(part) for w, part in zip(self.ways, parts, strict=True)], 1)  # (B, P, C)
        out: Tensor = self.head(self.block(x).mean(1))
        return out
