"""A transformer that forecasts: pieces of the past look at each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn import costs
from lingqu.learn.deep.attention import Block, mean_of
from lingqu.learn.forecast.forecaster import CHANNELS
from lingqu.learn.forecast.nets import Wishes, fit_net
from lingqu.release.series.history import Gaps

PIECES = 12
"""Pieces into which the past is cut, about."""
_HEADS = 4


@dataclass
class Transformer:
    """Forecast by one transformer over pieces of the past, learned from all series.

    The net reads four seasons of past values, told in units of their series and cut into some
    twelve pieces, and says each step ahead directly, from the calendar of that step and the same
    places of earlier seasons. It learns the median, by mean absolute error; intervals come from
    the backtest, as those of every forecaster.

    Args:
        horizon: Steps ahead.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value: ``fill``, ``zero`` or ``refuse``.
        grid: Where the values lie in time; found when empty.
        epochs: Passes over the examples; 0 chooses by their number, and keeps the weights that
            forecast the last steps best.
        width: Numbers of a piece inside, a multiple of 4.
        layers: Blocks of attention.
        learning_rate: Highest learning rate.
        most: Examples (series, origin, step) at most.

    Example:
        >>> Transformer(horizon=14, season=7).engine, Transformer(layers=1).layers
        ('torch', 1)

    Source: Vaswani et al., 2017, arXiv:1706.03762; Nie et al., "A time series is worth 64 words",
        ICLR 2023, arXiv:2211.14730 (pieces of the past as words).
    """

    name: ClassVar[str] = "transformer"
    tasks: ClassVar[frozenset[str]] = frozenset({"forecast"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "torch"

    horizon: int = 1
    season: int = 0
    gaps: Gaps = "fill"
    grid: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 0
    width: int = 32
    layers: int = 2
    learning_rate: float = 3e-3
    most: int = 20_000

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` is not looked at."""
        wishes = Wishes(
            self.horizon, self.season, self.gaps, self.grid, self.epochs, self.width,
            self.learning_rate, self.most, past=(4, 24, 168),
        )  # fmt: skip
        return fit_net(
            self.name, wishes, lambda past, wide: Pieces(past, wide, self.layers), train, budget,
            progress,
        )  # fmt: skip

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.transformer(rows, columns, classes)


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
