"""The net of a forecaster: a past that is read in order, and what is known of the step itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from lingqu.core.nouns import Json
from lingqu.release.series.parts import width

CHANNELS = 4
"""Numbers of a past value: itself, whether there is one, and where in the season it lies, twice."""
_CLIP = 8.0
_TURNS = {0: 12.0, 2: 7.0, 3: 24.0, 4: 52.2}
"""Months, weekdays, hours and weeks among the calendar's numbers: how many make a turn."""
_SLOT, _STEP = 6, 7
"""Place in the season and step ahead among them."""

Reader = Callable[[int, int], nn.Module]
"""Makes of (values, width) what reads them: (B, T, `CHANNELS`), bool (B, T) → (B, width)."""


class Forecaster(nn.Module):
    """Numbers of a view → the value, told in units of its series, (B, D) → (B, 1).

    A line over all numbers says what a line can; the net adds to it.

    Args:
        parts: What the numbers are, the past values first.
        season: Steps of a season.
        horizon: Steps ahead.
        reader: Reads the past.
        wide: Numbers that stand for it.
        scale: Middle and scale of each number, (2, D).
    """

    order: Tensor
    scale: Tensor

    def __init__(
        self, parts: Sequence[Mapping[str, Json]], season: int, horizon: int, reader: Reader,
        wide: int, scale: Tensor,
    ) -> None:  # fmt: skip
        super().__init__()
        self.past, self.season, self.horizon = width(parts[0]), season, horizon
        at = self.past
        for part in parts[1:]:
            if part["kind"] == "calendar":
                self.calendar = at
            at += width(part)
        levels = [(at - width(parts[-1]) + i, len(column["levels"])) for i, column in
                  enumerate(parts[-1].get("columns", ())) if column.get("levels")]  # fmt: skip
        self.levels = levels
        # Values come newest first and are read oldest first.
        self.register_buffer("order", torch.arange(self.past - 1, -1, -1))
        self.register_buffer("scale", scale)
        self.reader = reader(self.past, wide)
        beside = at - self.past + 2 * (len(_TURNS) + 1) + 1 + sum(many for _, many in levels)
        self.line = nn.Linear(at, 1)
        nn.init.zeros_(self.line.weight)
        nn.init.zeros_(self.line.bias)
        self.head = nn.Sequential(nn.Linear(wide + beside, 2 * wide), nn.GELU(),
                                  nn.Linear(2 * wide, 1))  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        there = ~torch.isnan(x)  # (B, D)
        known = torch.where(there, x, torch.zeros_like(x))
        calm = torch.where(there, (known - self.scale[0]) / self.scale[1], torch.zeros_like(x))
        calm = calm.clamp(-_CLIP, _CLIP)
        past = torch.index_select(known, 1, self.order).clamp(-_CLIP, _CLIP)  # (B, T)
        seen = torch.index_select(there.to(x.dtype), 1, self.order)
        turn = self._turn(known)
        places = torch.stack([past, seen, torch.sin(turn), torch.cos(turn)], 2)  # (B, T, 4)
        read = self.reader(places, seen > 0)  # (B, W)
        beside = torch.cat([calm[:, self.past :], *self._times(known), *self._kinds(known)], 1)
        out: Tensor = self.line(calm) + self.head(torch.cat([read, beside], 1))
        return out

    def _turn(self, known: Tensor) -> Tensor:
        """Return where in the season each past value lies, as an angle, (B, T)."""
        slot, step = (known[:, self.calendar + at : self.calendar + at + 1]
                      for at in (_SLOT, _STEP))  # fmt: skip
        return (slot - step - self.order.to(known.dtype)) * (2 * math.pi / max(self.season, 2))

    def _times(self, known: Tensor) -> list[Tensor]:
        """Return sines and cosines of the calendar and of the season, and the share of the way."""
        turns = {**_TURNS, _SLOT: float(max(self.season, 2))}
        told = []
        for at, turn in turns.items():
            angle = known[:, self.calendar + at : self.calendar + at + 1] * (2 * math.pi / turn)
            told += [torch.sin(angle), torch.cos(angle)]
        step = self.calendar + _STEP
        return [*told, known[:, step : step + 1] / self.horizon]

    def _kinds(self, known: Tensor) -> list[Tensor]:
        """Return of each category one number for each level."""
        return [
            (known[:, at : at + 1] == torch.arange(many, dtype=known.dtype)).to(known.dtype)
            for at, many in self.levels
        ]
