"""A recurrent net that forecasts: it reads the last values one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from lingqu.learn.forecast.forecaster import CHANNELS
from lingqu.learn.forecast.nets import SeriesNet


@dataclass
class Gru(SeriesNet):
    """Forecast by one gated recurrent net, learned from all series.

    The net reads two seasons of past values, told in units of their series, and says each step
    ahead directly, from the calendar of that step and the same places of earlier seasons. It
    learns the median, by mean absolute error; intervals come from the backtest, as those of every
    forecaster.

    Args:
        width: Numbers that the net remembers.

    Example:
        >>> Gru(horizon=14, season=7).engine, Gru(width=16).width
        ('torch', 16)

    Source: Cho et al., 2014, arXiv:1406.1078 (GRU); Wen et al., "A multi-horizon quantile
        recurrent forecaster", 2017, arXiv:1711.11053 (direct steps); one net for all series:
        Salinas et al., "DeepAR", 2020, arXiv:1704.04110.
    """

    name: ClassVar[str] = "gru"
    past: ClassVar[tuple[int, int, int]] = (2, 12, 48)

    learning_rate: float = 5e-3

    def reader(self, past: int, wide: int) -> nn.Module:
        """Return what reads the past."""
        return Recurrence(wide)


class Recurrence(nn.Module):
    """Past values, the oldest first → what is remembered of them, (B, T, 4) → (B, wide).

    Example:
        >>> import torch
        >>> Recurrence(8)(torch.zeros(3, 5, CHANNELS), torch.ones(3, 5) > 0).shape
        torch.Size([3, 8])
    """

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.cell = nn.GRU(CHANNELS, wide, batch_first=True)

    def forward(self, places: Tensor, there: Tensor) -> Tensor:
        # Values before a series began come as zeros that say so; they come first, if any do.
        out, _ = self.cell(places)  # (B, T, W)
        last: Tensor = out[:, -1]
        return last
