"""A transformer that forecasts: pieces of the past look at each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.learn.deep.attention import Block, mean_of
from lingqu.learn.forecast.forecaster import CHANNELS
from lingqu.learn.forecast.nets import SeriesNet

PIECES = 12
"""Pieces into which the past is cut, about."""
_HEADS = 4


@dataclass
class Transformer(SeriesNet):
    """Forecast by one transformer over pieces of the past, learned from all series.

    The net reads four seasons of past values, told in units of their series and cut into some
    twelve pieces, and says each step ahead directly, from the calendar of that step and the same
    places of earlier seasons. It learns the median, by mean absolute error; intervals come from
    the backtest, as those of every forecaster.

    Args:
        width: Numbers of a piece inside, a multiple of 4.
        layers: Blocks of attention.

    Example:
        >>> Transformer(horizon=14, season=7).engine, Transformer(layers=1).layers
        ('torch', 1)

    Source: Vaswani et al., 2017, arXiv:1706.03762; Nie et al., "A time series is worth 64 words",
        ICLR 2023, arXiv:2211.14730 (pieces of the past as words).
    """

    name: ClassVar[str] = "transformer"
    past: ClassVar[tuple[int, int, int]] = (4, 24, 168)

    layers: int = 2

    def reader(self, past: int, wide: int) -> nn.Module:
        """Return what reads the past."""
        return Pieces(past, wide, self.layers)


class Pieces(nn.Module):
    """Past values, the oldest first → what their pieces say together, (B, T, 4) → (B, wide).

    Args:
        past: Values, T.
        wide: Numbers of a piece inside.
        layers: Blocks of attention.

    Example:
        >>> Pieces(30, 8, 1)(torch.zeros(3, 30, CHANNELS), torch.ones(3, 30) > 0).shape
        torch.Size([3, 8])
    """

    def __init__(self, past: int, wide: int, layers: int) -> None:
        super().__init__()
        self.size = max(1, past // PIECES)
        self.count = -(-past // self.size)
        self.lacking = self.count * self.size - past
        self.told = nn.Linear(self.size * CHANNELS, wide)
        self.places = nn.Parameter(torch.zeros(self.count + 1, wide))
        nn.init.normal_(self.places, std=0.1)
        self.blocks = nn.ModuleList(Block(wide, _HEADS) for _ in range(layers))
        self.last = nn.LayerNorm(wide)

    def forward(self, places: Tensor, there: Tensor) -> Tensor:
        B = places.shape[0]
        padded = F.pad(places, (0, 0, self.lacking, 0))  # (B, P · size, 4), empty before the oldest
        x = self.told(padded.reshape(B, self.count, self.size * CHANNELS))  # (B, P, C)
        some = F.pad(there.to(x.dtype), (self.lacking, 0)).reshape(B, self.count, self.size)
        # A place of its own lets a series without a past have an answer, too.
        x = torch.cat([torch.zeros_like(x[:, :1]), x], 1) + self.places
        seen = torch.cat([torch.ones_like(some[:, :1, 0]), some.sum(2)], 1) > 0  # (B, 1 + P)
        for block in self.blocks:
            x = block(x, seen)
        return mean_of(self.last(x), seen)
