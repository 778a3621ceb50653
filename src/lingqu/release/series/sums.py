"""Sums of series: the levels of a hierarchy, which series are in which sum, and rows of sums.

In a row that stands for a sum, ``*`` is in the place of every column that was summed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.release.series.history import Floats, Ints, Known, keys_of

SUM = "*"
"""Stands in a row in the place of a column that was summed over."""
TOTAL, SERIES = "total", "series"
Level = tuple[str, tuple[str, ...]]
"""Name of a level, and the columns that tell its sums apart."""


def levels_of(groups: Sequence[str], hierarchy: Sequence[str]) -> tuple[Level, ...]:
    """Return the levels from the sum of all down to the series.

    Example:
        >>> [name for name, _ in levels_of(["region", "shop"], ["region"])]
        ['total', 'region', 'series']
    """
    levels: list[Level] = [(TOTAL, ())]
    for index, name in enumerate(hierarchy):
        kept = tuple(hierarchy[: index + 1])
        if set(kept) != set(groups):
            levels.append((name, kept))
    return (*levels, (SERIES, tuple(groups)))


@dataclass(frozen=True)
class Sums:
    """The series of a hierarchy and their sums.

    Args:
        groups: Columns that name a series.
        levels: From the sum of all down to the series.
        leaves: The cells of each series, in the order of `groups`.
    """

    groups: tuple[str, ...]
    levels: tuple[Level, ...]
    leaves: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, frame: pl.DataFrame, groups: Sequence[str], hierarchy: Sequence[str]) -> Sums:
        """Return the hierarchy of the series of these rows."""
        cells = named(frame, groups).select(groups).unique(maintain_order=True)
        return cls(tuple(groups), levels_of(groups, hierarchy), tuple(cells.rows()))

    def to_json(self) -> dict[str, Json]:
        return {
            "levels": [[name, list(kept)] for name, kept in self.levels],
            "leaves": [list(cells) for cells in self.leaves],
        }

    @classmethod
    def from_json(cls, groups: Sequence[str], row: Mapping[str, Any]) -> Sums:
        levels = tuple((name, tuple(kept)) for name, kept in row["levels"])
        return cls(tuple(groups), levels, tuple(tuple(cells) for cells in row["leaves"]))

    @cached_property
    def nodes(self) -> tuple[list[tuple[str, ...]], Ints]:
        """Cells of every sum and then of every series, and the level of each."""
        cells: list[tuple[str, ...]] = []
        level: list[int] = []
        for number, (_, kept) in enumerate(self.levels):
            shown = [group in kept for group in self.groups]
            found = dict.fromkeys(
                tuple(cell if on else SUM for cell, on in zip(leaf, shown, strict=True))
                for leaf in self.leaves
            )
            cells += found
            level += [number] * len(found)
        return cells, np.array(level, dtype=np.int64)

    @cached_property
    def place(self) -> dict[tuple[str, ...], int]:
        """The number of each sum and series by its cells."""
        return {cells: index for index, cells in enumerate(self.nodes[0])}

    @cached_property
    def keys(self) -> list[str]:
        """The name of each sum and series."""
        return keys_of(pl.DataFrame(self.nodes[0], schema=self.groups, orient="row"), self.groups)

    @cached_property
    def count(self) -> int:
        """How many sums there are."""
        return len(self.nodes[0]) - len(self.leaves)

    @cached_property
    def matrix(self) -> Floats:
        """Which series are in which sum, and in itself: 0 or 1, (nodes, series)."""
        whole = np.zeros((len(self.nodes[0]), len(self.leaves)))
        for _, kept in self.levels:
            shown = [group in kept for group in self.groups]
            for column, leaf in enumerate(self.leaves):
                cells = tuple(c if on else SUM for c, on in zip(leaf, shown, strict=True))
                whole[self.place[cells], column] = 1.0
        return whole

    def rows(
        self, frame: pl.DataFrame, time: str, target: str, starts: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """Return the rows of all sums at the times at which every series in them has a value.

        Args:
            frame: Rows of series, their groups as `named` returns them.
            time: Column of times.
            target: Column of values.
            starts: The groups of every series and ``start``, the time from which it counts; from
                the first row of `frame` when omitted.
        """
        beside = [name for name in frame.columns if name not in (time, target, *self.groups)]
        if starts is None:
            first = frame.get_column(time).min()
            starts = pl.DataFrame(self.leaves, schema=self.groups, orient="row")
            starts = starts.with_columns(pl.lit(first, frame.schema[time]).alias("start"))
        found = []
        for _, kept in self.levels[:-1]:
            by = list(kept)
            summed = frame.group_by(time, *by, maintain_order=True).agg(
                pl.col(target).sum(), pl.len().alias("have"), *(pl.col(c).first() for c in beside)
            )
            due = starts.group_by("start", *by, maintain_order=True).agg(pl.len().alias("due"))
            due = due.sort("start", maintain_order=True)
            due = due.with_columns(
                pl.col("due").cum_sum().over(by) if by else pl.col("due").cum_sum()
            )
            whole = summed.sort(time, maintain_order=True).join_asof(
                due, left_on=time, right_on="start", by=by or None, check_sortedness=False
            )
            whole = whole.filter(pl.col("have") == pl.col("due"))
            stars = [pl.lit(SUM).alias(group) for group in self.groups if group not in kept]
            found.append(whole.with_columns(stars).select(frame.columns))
        return pl.concat(found)


def summed(sums: Sums, series: Mapping[str, Known]) -> dict[str, Known]:
    """Return the sums of series that end together; before a series began it counts as 0.

    Args:
        sums: The hierarchy.
        series: Every series and every sum by name: of the sums only the unit is read.
    """
    tails = [series[key] for key in sums.keys[sums.count :]]
    longest = max(len(tail.values) for tail in tails)
    whole = np.zeros((len(tails), longest))
    for row, tail in enumerate(tails):
        whole[row, longest - len(tail.values) :] = tail.values
    values = sums.matrix[: sums.count] @ whole
    given = np.ones(longest, dtype=bool)
    end = max(tail.end for tail in tails)
    return {
        key: Known(end, values[row], given, series[key].unit)
        for row, key in enumerate(sums.keys[: sums.count])
    }


def named(frame: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """Return the rows with the groups as text, ``*`` where a cell is empty."""
    return frame.with_columns(pl.col(group).cast(pl.String).fill_null(SUM) for group in groups)


def emptied(groups: Sequence[str]) -> list[pl.Expr]:
    """Return the groups as a caller sends them: empty in the place of what was summed over."""
    return [pl.when(pl.col(g) == SUM).then(None).otherwise(g).alias(g) for g in groups]


def with_sums(rows: Dataset, sums: Sums, starts: pl.DataFrame | None = None) -> Dataset:
    """Return rows of series with those of their sums behind them."""
    time, target = rows.schema.having("time")[0].name, rows.schema.target
    frame = named(rows.frame, sums.groups)
    if target is None:
        return rows
    whole = pl.concat([frame, sums.rows(frame, time, target.name, starts)])
    return replace(rows, frame=whole, digest="")


def starts_of(rows: Dataset, groups: Sequence[str]) -> pl.DataFrame:
    """Return when each series begins: its groups and ``start``."""
    time = rows.schema.having("time")[0].name
    frame = named(rows.frame, groups)
    return frame.group_by(groups, maintain_order=True).agg(pl.col(time).min().alias("start"))


def refuse_unclear(rows: Dataset, groups: Sequence[str]) -> None:
    """Refuse rows whose sums would mean nothing.

    Raises:
        DataError: There is one series only, a cell of a group is empty or ``*``, the series do
            not end together, or a column that is known in advance differs between them.
    """
    frame = named(rows.frame, groups)
    stars = pl.any_horizontal(pl.col(group) == SUM for group in groups)
    bad = frame.select(stars).to_series().arg_true()
    if len(bad):
        row = int(bad[0])
        column = next(group for group in groups if frame.get_column(group)[row] == SUM)
        raise DataError("forecast.sum_cell", row=row + 1, column=column)
    time = rows.schema.having("time")[0].name
    ends = frame.group_by(groups, maintain_order=True).agg(pl.col(time).max())
    if ends.height < 2:
        raise DataError("forecast.sum_of_one", series=ends.height)
    last = ends.get_column(time).max()
    early = ends.filter(pl.col(time) < last)
    if early.height:
        raise DataError(
            "forecast.sum_ends", series=keys_of(early[:1], groups)[0], count=early.height,
            end=_moment(early.get_column(time)[0]), last=_moment(last),
        )  # fmt: skip
    for known in rows.schema.features:
        if known.name in frame.columns:
            differs = frame.group_by(time, maintain_order=True).agg(
                pl.col(known.name).n_unique().alias("values")
            )
            differs = differs.filter(pl.col("values") > 1)
            if differs.height:
                raise DataError(
                    "forecast.sum_known", column=known.name, time=_moment(differs.row(0)[0])
                )


def _moment(time: Any) -> str:
    return str(time).removesuffix(" 00:00:00")
