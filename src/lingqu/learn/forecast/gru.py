"""A recurrent net that forecasts: it reads the last values one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from torch import Tensor, nn

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import KINDS, Kind
from lingqu.learn import costs
from lingqu.learn.forecast.forecaster import CHANNELS
from lingqu.learn.forecast.nets import Wishes, fit_net
from lingqu.release.series.history import Gaps


@dataclass
class Gru:
    """Forecast by one gated recurrent net, learned from all series.

    The net reads two seasons of past values, told in units of their series, and says each step
    ahead directly, from the calendar of that step and the same places of earlier seasons. It
    learns the median, by mean absolute error; intervals come from the backtest, as those of every
    forecaster.

    Args:
        horizon: Steps ahead.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value: ``fill``, ``zero`` or ``refuse``.
        grid: Where the values lie in time; found when empty.
        epochs: Passes over the examples; 0 chooses by their number, and keeps the weights that
            forecast the last steps best.
        width: Numbers that the net remembers.
        learning_rate: Highest learning rate.
        most: Examples (series, origin, step) at most.

    Example:
        >>> Gru(horizon=14, season=7).engine, Gru(width=16).width
        ('torch', 16)

    Source: Cho et al., 2014, arXiv:1406.1078 (GRU); Wen et al., "A multi-horizon quantile
        recurrent forecaster", 2017, arXiv:1711.11053 (direct steps); one net for all series:
        Salinas et al., "DeepAR", 2020, arXiv:1704.04110.
    """

    name: ClassVar[str] = "gru"
    tasks: ClassVar[frozenset[str]] = frozenset({"forecast"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)
    engine: ClassVar[str] = "torch"

    horizon: int = 1
    season: int = 0
    gaps: Gaps = "fill"
    grid: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 0
    width: int = 32
    learning_rate: float = 5e-3
    most: int = 20_000

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` is not looked at."""
        wishes = Wishes(
            self.horizon, self.season, self.gaps, self.grid, self.epochs, self.width,
            self.learning_rate, self.most, past=(2, 12, 48),
        )  # fmt: skip
        return fit_net(self.name, wishes, lambda _, wide: Recurrence(wide), train, budget, progress)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.gru(rows, columns, classes)


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
