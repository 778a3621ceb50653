"""A picture as one vector: its patches look at each other.

Source: Dosovitskiy et al., "An image is worth 16x16 words", 2020, arXiv:2010.11929; the mean of
all patches instead of a token of its own: Beyer et al., 2022, arXiv:2205.01580.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lingqu.learn.deep.attention import Block

_PATCHES = 8
"""Patches along the shorter side, about."""


class Vit(nn.Module):
    """A picture → (B, width).

    Args:
        channels: Of the picture.
        size: Its height and width.
        width: Numbers of a patch inside.
        layers: Blocks.
        heads: Of each block.
        dropout: Share that is hidden in training.

    Example:
        >>> Vit(1, (28, 28), width=32, layers=1, heads=4)(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 32])
    """

    def __init__(
        self,
        channels: int,
        size: tuple[int, int],
        width: int,
        layers: int,
        heads: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        side = max(1, min(size) // _PATCHES)
        count = (size[0] // side) * (size[1] // side)
        self.patches = nn.Conv2d(channels, width, side, side)
        self.places = nn.Parameter(torch.zeros(count, width))
        nn.init.normal_(self.places, std=0.02)
        self.blocks = nn.ModuleList(Block(width, heads, dropout=dropout) for _ in range(layers))
        self.last = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2) + self.places  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        found: Tensor = self.last(x).mean(1)
        return found
