"""Rows as codes: what nets of tables learn, and the block by which what they draw is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import SEED
from lingqu.learn.generate.collapse import all_alike
from lingqu.learn.generate.table import Table
from lingqu.release.made.codes import Codes


@dataclass(frozen=True)
class Coded:
    """Rows as codes.

    Args:
        table: The rows as numbers.
        codes: Of each column.
        rows: The code of each cell, int64 (N, columns).
        asked: The column that is asked for, or None.
    """

    table: Table
    codes: tuple[Codes, ...]
    rows: Tensor
    asked: int | None

    @classmethod
    def of(cls, dataset: Dataset, bins: int, most: int, seed: int) -> Coded:
        """Read a dataset; see `Table.of`."""
        table = Table.of(dataset, most, seed)
        codes = tuple(
            Codes.learned(table.values[:, place], made.is_number, bins)
            for place, made in enumerate(table.made)
        )
        told = [each.encoded(table.values[:, place]) for place, each in enumerate(codes)]
        asked = table.order[0] if table.asked else None
        return cls(table, codes, torch.from_numpy(np.stack(told, axis=1)), asked)

    @property
    def drawn(self) -> list[int]:
        """The columns that are drawn: all but the one that is asked for."""
        return [place for place in range(len(self.codes)) if place != self.asked]

    @property
    def widths(self) -> list[int]:
        """How many codes each column has."""
        return [len(each.parts) for each in self.codes]

    @property
    def given(self) -> int:
        """How many codes can be asked for."""
        return 0 if self.asked is None else self.widths[self.asked]

    def conditions(self, rows: Tensor) -> Tensor:
        """Return what is asked of rows of codes, as zeros and a one, (B, given)."""
        if self.asked is None:
            return torch.zeros(len(rows), 0)
        return one_hot(rows[:, self.asked], self.given).float()

    def alike(self, scores: Tensor, rows: Tensor) -> bool:
        """Tell whether rows that are made of scores (B, codes) are all alike, as real ones are not.

        Args:
            scores: Of the codes of the drawn columns.
            rows: Real rows that they are set beside, (B, columns).
        """
        widths = [self.widths[place] for place in self.drawn]
        parts = zip(torch.split(scores, widths, dim=1), widths, strict=True)
        chance = torch.Generator().manual_seed(0)  # rows are drawn, not taken at their likeliest
        drawn = [(torch.multinomial(part.softmax(dim=1), 1, generator=chance)[:, 0], width)
                 for part, width in parts]  # fmt: skip
        made = [one_hot(codes, width) for codes, width in drawn]
        real = [one_hot(rows[:, place], width)
                for place, width in zip(self.drawn, widths, strict=True)]  # fmt: skip
        return all_alike(torch.cat(made, 1).numpy(), torch.cat(real, 1).numpy())

    def block(self, noise: int, parts: list[list[list[float]]]) -> dict[str, Json]:
        """Return the block of the encoding; see `release.replies.made_rows`."""
        return {
            "type": "made_rows", "columns": [SEED, *self.table.asked],
            "made": [made.to_json() for made in self.table.made],
            "codes": [each.to_json() for each in self.codes], "asked": self.asked,
            "noise": noise, "given": self.given, "parts": parts, "target": self.table.target,
        }  # fmt: skip
