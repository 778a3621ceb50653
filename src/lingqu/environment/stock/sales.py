"""A series of sales by week, in boxes, and how the last weeks of each week sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError

RECENT = 4
"""Weeks that say how sales go."""
BOUNDS = (0.5, 0.85, 1.25, 1.8)
"""Sales of the last weeks, in shares of the usual ones, at which the level rises by one."""
LEVELS = len(BOUNDS) + 1


@dataclass(frozen=True)
class Sales:
    """Sales of some articles in boxes.

    Args:
        names: The articles.
        demand: Boxes that were wanted, (articles, weeks).
        levels: How the weeks before each week sold, (articles, weeks + 1), 0 to `LEVELS` - 1.
        split: The first held-out week.
        boxes: Boxes that each article sells in a mean week of training.
    """

    names: tuple[str, ...]
    demand: NDArray[np.int64]
    levels: NDArray[np.int64]
    split: int
    boxes: float

    @property
    def first(self) -> int:
        """The first week before which there are enough to say how sales go."""
        return RECENT

    @property
    def weeks(self) -> int:
        """All weeks, held-out ones among them."""
        return int(self.demand.shape[1])


def read_sales(path: str, article: str, time: str, amount: str, held: int, boxes: float) -> Sales:
    """Read sales; a week without a row sold nothing.

    Args:
        path: CSV file.
        article: Column with the article; all rows are of one when it is absent.
        time: Column with the week.
        amount: Column with the pieces sold.
        held: Held-out weeks, the last ones.
        boxes: Boxes that an article shall sell in a mean week of training.

    Raises:
        DataError: The file cannot be read, lacks a column, or has too few weeks.
    """
    try:
        frame = pl.read_csv(path, schema_overrides={article: pl.String, amount: pl.Float64})
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError("tables.no_sales", path=path, problem=str(error).splitlines()[0]) from error
    absent = [name for name in (time, amount) if name not in frame.columns]
    if absent:
        problem = f"{', '.join(absent)} ∉ {', '.join(frame.columns)}"
        raise DataError("tables.no_sales", path=path, problem=problem)
    if article not in frame.columns:
        frame = frame.with_columns(pl.lit("all").alias(article))
    weeks = frame.get_column(time).unique().sort()
    split = len(weeks) - held
    if held < 1 or split < 3 * RECENT:
        raise DataError("tables.few_weeks", path=path, weeks=len(weeks), held=held,
                        expected=3 * RECENT + max(1, held))  # fmt: skip
    wide = frame.pivot(time, index=article, values=amount, aggregate_function="sum").sort(article)
    pieces = wide.select(str(week) for week in weeks).fill_null(0.0).to_numpy().clip(0.0)
    usual = pieces[:, :split].mean(axis=1)
    sold = usual > 0
    demand = np.rint(pieces[sold] * boxes / usual[sold, None]).astype(np.int64)
    names = tuple(wide.get_column(article).filter(pl.Series(sold)).to_list())
    return Sales(names, demand, levels_of(demand, boxes), split, boxes)


def levels_of(demand: NDArray[np.int64], boxes: float) -> NDArray[np.int64]:
    """Return how the weeks before each week sold, (articles, weeks + 1).

    The first weeks, before which there are too few, count as usual.

    Example:
        >>> levels_of(np.array([[4, 4, 4, 4, 12, 12]]), 4.0).tolist()
        [[2, 2, 2, 2, 2, 3, 4]]
    """
    sums = np.cumsum(np.pad(demand, ((0, 0), (1, 0))), axis=1)
    recent = (sums[:, RECENT:] - sums[:, :-RECENT]) / (RECENT * boxes)
    levels = np.searchsorted(BOUNDS, recent, side="right")
    usual = int(np.searchsorted(BOUNDS, 1.0, side="right"))
    return np.pad(levels, ((0, 0), (RECENT, 0)), constant_values=usual)
