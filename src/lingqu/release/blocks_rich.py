"""The blocks of the rich views, compiled: what is made of several columns, or of a level's past.

They add to the plain blocks of a style: facts about the levels of a category, products and
ratios of numbers, ramps between quantiles, the calendar as a line, how much is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.release.blocks import (
    CLIP,
    LARGEST,
    Floats,
    Levels,
    instants,
    numbers,
    numbers_of,
)
from lingqu.release.few_rows import Rows

TINY = 1e-9
"""A divisor nearer to 0 than this gives no ratio."""


class Standard:
    """Scales what linear methods read, and fills it; leaves it raw where there is no scale."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._scaled = "mean" in block
        if self._scaled:
            self._mean = np.asarray(block["mean"], dtype=np.float64)
            self._scale = np.asarray(block["scale"], dtype=np.float64)

    def settle(self, values: NDArray[np.float64], out: Floats) -> None:
        """Write values (N, width) into the tensor."""
        if not self._scaled:
            out[:] = np.clip(values, -LARGEST, LARGEST)
            return
        with np.errstate(over="ignore", invalid="ignore"):
            values = (values - self._mean) / self._scale
        out[:] = np.nan_to_num(np.clip(values, -CLIP, CLIP), nan=0.0)


class Facts:
    """What is known of a category's levels: how often, the target's mean, the means of numbers.

    Each number gives two columns: its mean in the row's level, and how far the row is from it.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["columns"][0]
        self._numbers: list[str] = block["columns"][1:]
        self.levels = Levels(block["levels"])
        self._table = np.asarray(block["table"], dtype=np.float64)
        self.own = self._table.shape[1] - len(self._numbers)  # of a level, not of a number
        self.width = self.own + 2 * len(self._numbers)
        self._standard = Standard(block)

    def write(self, rows: Rows, out: Floats) -> None:
        self._standard.settle(self.raw(rows, self._table), out)

    def raw(self, rows: Rows, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the columns before they are scaled, by a table (levels + 2, …)."""
        known = table[self.levels.codes_of(rows, self._column)]
        if not self._numbers:
            return known
        values, means = np.empty((rows.height, self.width)), known[:, self.own :]
        values[:, : self.own] = known[:, : self.own]
        values[:, self.own :: 2] = means
        values[:, self.own + 1 :: 2] = numbers_of(rows, self._numbers).T - means
        return values

    def finish(self, values: NDArray[np.float64], out: Floats) -> None:
        """Scale columns that were made otherwise, as for training rows."""
        self._standard.settle(values, out)


class Pairs:
    """Products, ratios and differences of two numbers each."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._columns: list[str] = block["columns"]
        at = {name: place for place, name in enumerate(self._columns)}
        self._pairs = [(at[one], sign, at[two]) for one, sign, two in block["pairs"]]
        self.width = len(self._pairs)
        self._standard = Standard(block)

    def write(self, rows: Rows, out: Floats) -> None:
        values = numbers_of(rows, self._columns)
        found = np.empty((rows.height, self.width))
        for place, (one, sign, two) in enumerate(self._pairs):
            found[:, place] = joined(values[one], sign, values[two])
        self._standard.settle(found, out)


def joined(one: NDArray[np.float64], sign: str, two: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one · two, one / two or one - two; NaN where a divisor is 0.

    Example:
        >>> joined(np.array([6.0, 1.0]), "/", np.array([3.0, 0.0])).tolist()
        [2.0, nan]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if sign == "/":
            return one / np.where(np.abs(two) < TINY, np.nan, two)
        return one * two if sign == "*" else one - two


class Ramps:
    """Numbers as ramps between their quantiles: what a straight line needs to bend."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._columns: list[str] = block["columns"]
        edges = [np.asarray(each, dtype=np.float64) for each in block["edges"]]
        self._left = np.concatenate([each[:-1] for each in edges])
        self._size = np.concatenate([np.diff(each) for each in edges])
        self._of = np.repeat(np.arange(len(edges)), [len(each) - 1 for each in edges])
        self._median = np.asarray(block["median"], dtype=np.float64)
        self.width = len(self._of)

    def write(self, rows: Rows, out: Floats) -> None:
        values = numbers_of(rows, self._columns).T
        values = np.where(np.isnan(values), self._median, values)
        with np.errstate(over="ignore"):
            out[:] = np.clip((values[:, self._of] - self._left) / self._size, 0, 1) - 0.5


class Elapsed:
    """Date and time as a line: days since an origin, place in the month, weekend or not."""

    _DAY = 86_400_000_000

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["column"]
        self._mean, self._scale = float(block["mean"]), float(block["scale"])
        self.width = 4

    def write(self, frame: pl.DataFrame, out: Floats) -> None:
        stamps = instants(frame.get_column(self._column))
        missing = np.isnat(stamps)
        known = np.where(missing, np.datetime64(0, "us"), stamps)
        days = known.astype(np.int64) / self._DAY
        month = known.astype("datetime64[M]")
        day = (known - month).astype(np.int64) / (31 * self._DAY)  # [0, 1)
        out[:, 0] = np.clip((days - self._mean) / self._scale, -CLIP, CLIP)
        out[:, 1], out[:, 2] = np.sin(2 * np.pi * day), np.cos(2 * np.pi * day)
        out[:, 3] = (np.floor(days).astype(np.int64) + 3) % 7 >= 5
        out[missing] = 0


class Gaps:
    """How many of some columns are missing in a row, as a share."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._columns: list[str] = block["columns"]
        self.width = 1

    def write(self, frame: pl.DataFrame, out: Floats) -> None:
        total = np.zeros(frame.height)
        for name in self._columns:
            series = frame.get_column(name)
            gone = series.is_null().to_numpy()
            if series.dtype.is_float():
                gone = gone | np.isnan(numbers(series))
            total += gone
        out[:, 0] = total / len(self._columns)


RICH: dict[str, type[Any]] = {
    "facts": Facts,
    "pairs": Pairs,
    "ramps": Ramps,
    "elapsed": Elapsed,
    "gaps": Gaps,
}
