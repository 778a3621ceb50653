"""Rows of a table, made column by column: each cell is drawn from the leaf where the row falls.

The graph takes nothing and gives the trees of all columns, one behind the other: ``feature``,
``threshold``, ``left``, ``right`` of each node (a leaf has ``left`` −1), ``start`` and ``count`` of
the cells of each leaf, and these ``cells``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.predictions import Replies
from lingqu.core.schema import SEED
from lingqu.release.made.columns import Made
from lingqu.release.made.conditions import Conditions
from lingqu.release.made.noise import uniform
from lingqu.release.replies import Run

Floats = NDArray[np.float64]
ARRAYS = ("feature", "threshold", "left", "right", "start", "count", "cells")
_ROWS = 8192
"""Rows that are made together: bounds memory."""


class TreeRows:
    """Makes rows by sequential trees; told beside: ``seed``, from which a row is made again."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._made = [Made.from_json(row) for row in block["made"]]
        self._order: list[int] = block["order"]
        self._nodes: list[int] = block["nodes"]
        self._absent: list[float] = block["absent"]
        self._between: list[float] = block["between"]
        self._target: Mapping[str, Any] | None = block["target"]
        self._trees: dict[str, NDArray[Any]] = {}

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        if not self._trees:
            self._trees = dict(zip(ARRAYS, run(ARRAYS, {}), strict=True))
        asked = Conditions.of(frame, self._target)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(asked.seeds), _ROWS):
            some = slice(start, start + _ROWS)
            rows += self._rows(asked.seeds[some], asked.asked[some])
        return Replies(tuple(rows), None, {SEED: asked.seeds.tolist()})

    def _rows(self, seeds: NDArray[np.int64], asked: Sequence[Any]) -> list[dict[str, Any]]:
        """Make some rows, column after column."""
        drawn = uniform(seeds, 2 * len(self._order))  # (N, 2 × columns)
        table = np.full((len(seeds), len(self._order)), np.nan)
        read = np.zeros((len(seeds), len(self._order)), np.float32)
        for place, column in enumerate(self._order):
            made = self._made[column]
            if place == 0 and self._target is not None:
                values = made.numbers(_asked(asked, made))
            else:
                values = self._drawn(place, read, drawn[:, 2 * place : 2 * place + 2], made)
            table[:, column] = values
            read[:, place] = np.where(np.isnan(values), self._absent[place], values)
        cells = [made.cells(table[:, column]) for column, made in enumerate(self._made)]
        names = [made.name for made in self._made]
        return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]

    def _drawn(
        self, place: int, read: NDArray[np.float32], drawn: Floats, made: Made
    ) -> NDArray[np.float64]:
        """Return one cell a row of the leaf where the row falls."""
        trees, leaf = self._trees, self._leaves(place, read)
        start, count = trees["start"][leaf], trees["count"][leaf]
        at = drawn[:, 0] * count
        low = np.minimum(at.astype(np.int64), count - 1)
        values: Floats = trees["cells"][start + low]
        if not self._between[place]:
            return values
        # Cells of a leaf rise: towards the next one there is room for values that nobody had.
        above = trees["cells"][start + np.minimum(low + 1, count - 1)]
        moved = values + self._between[place] * drawn[:, 1] * (above - values)
        return np.where(np.isnan(moved), values, made.rounded(moved))

    def _leaves(self, place: int, read: NDArray[np.float32]) -> NDArray[np.int64]:
        trees, rows = self._trees, np.arange(len(read))
        node = np.full(len(read), self._nodes[place], np.int64)
        going = rows[trees["left"][node] >= 0]
        while len(going):
            here = node[going]
            smaller = read[going, trees["feature"][here]] <= trees["threshold"][here]
            node[going] = np.where(smaller, trees["left"][here], trees["right"][here])
            going = going[trees["left"][node[going]] >= 0]
        return node


def _asked(cells: Sequence[Any], made: Made) -> pl.Series:
    return pl.Series(cells, dtype=pl.Float64 if made.is_number else pl.String)
