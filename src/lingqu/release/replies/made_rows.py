"""Rows of a table, made by a net: from noise to chances of codes, from codes to cells.

The graph takes ``x`` (B, noise + given + parts): noise, which class was asked for and which part of
the noise's mixture this is, the last two as zeros and a one. It gives ``heads`` (B, codes), the
scores of the codes of all columns but the one that is asked for, side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.predictions import Replies
from lingqu.core.schema import SEED
from lingqu.release.made.codes import Codes
from lingqu.release.made.columns import Made
from lingqu.release.made.conditions import Conditions
from lingqu.release.made.noise import normal, uniform
from lingqu.release.replies import Run

Floats = NDArray[np.float64]
_ROWS = 2048
"""Rows that are made together: bounds memory."""
_NOISE, _PART = 1, 2
"""Streams of draws: of the noise, and of the part of the mixture."""


class MadeRows:
    """Makes rows by a net; told beside: ``seed``, from which a row is made again."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._made = [Made.from_json(row) for row in block["made"]]
        self._codes = [Codes.from_json(row) for row in block["codes"]]
        self._asked: int | None = block["asked"]
        self._noise = int(block["noise"])
        self._given = int(block["given"])
        self._parts: list[list[list[float]]] = block["parts"]
        self._target: Mapping[str, Any] | None = block["target"]

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        asked = Conditions.of(frame, self._target)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(asked.seeds), _ROWS):
            some = slice(start, start + _ROWS)
            rows += self._rows(asked.seeds[some], asked.asked[some], run)
        return Replies(tuple(rows), None, {SEED: asked.seeds.tolist()})

    def _rows(
        self, seeds: NDArray[np.int64], asked: Sequence[Any], run: Run
    ) -> list[dict[str, Any]]:
        """Make some rows: noise, scores, codes, cells."""
        told = np.zeros(len(seeds))
        given = np.zeros((len(seeds), self._given), np.float32)
        which = np.zeros(len(seeds), np.int64)
        if self._asked is not None:
            made = self._made[self._asked]
            told = made.numbers(pl.Series(asked, dtype=pl.Float64 if made.is_number else pl.String))
            which = self._codes[self._asked].encoded(told)
            given[np.arange(len(seeds)), which] = 1.0
        x = np.hstack([normal(seeds, self._noise, _NOISE), given, self._mixed(seeds, which)])
        (heads,) = run(["heads"], {"x": x.astype(np.float32)})
        drawn = uniform(seeds, 3 * len(self._made))  # (N, 3 × columns)
        cells, start = [], 0
        for place, (made, codes) in enumerate(zip(self._made, self._codes, strict=True)):
            if place == self._asked:
                cells.append(made.cells(told))
                continue
            end, chances = start + len(codes.parts), drawn[:, 3 * place : 3 * place + 3]
            taken = taken_by(heads[:, start:end], chances[:, 0])
            cells.append(made.cells(made.rounded(codes.decoded(taken, chances[:, 1:]))))
            start = end
        names = [made.name for made in self._made]
        return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]

    def _mixed(self, seeds: NDArray[np.int64], which: NDArray[np.int64]) -> Floats:
        """Return the part of the mixture of each row, drawn by the shares of its class, (N, P)."""
        count = sum(len(parts) for parts in self._parts)
        chosen = np.zeros((len(seeds), count))
        at = uniform(seeds, 1, _PART)[:, 0]
        for code in np.unique(which).tolist() if self._parts else ():
            mask = np.flatnonzero(which == code)
            numbers, shares = np.array(self._parts[code]).T
            sums = np.cumsum(shares) / shares.sum()
            place = np.minimum(np.searchsorted(sums, at[mask]), len(sums) - 1)
            chosen[mask, numbers[place].astype(np.int64)] = 1.0
        return chosen


def taken_by(scores: NDArray[Any], at: Floats) -> NDArray[np.int64]:
    """Return the code that each row takes: softmax of its scores, drawn by a chance in (0, 1).

    Example:
        >>> taken_by(np.array([[0.0, 9.0], [0.0, 0.0]]), np.array([0.5, 0.2])).tolist()
        [1, 0]
    """
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    sums = np.cumsum(powers, axis=1)
    below = (sums < (at * sums[:, -1])[:, None]).sum(axis=1).astype(np.int64)
    taken: NDArray[np.int64] = np.minimum(below, scores.shape[1] - 1)
    return taken
