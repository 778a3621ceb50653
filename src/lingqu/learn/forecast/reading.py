"""Rows of a table as series, and what every forecaster of one fit shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.column_names import listed
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.release.blocks import numbers
from lingqu.release.series.block import block_of, encoding_of
from lingqu.release.series.grid import Grid
from lingqu.release.series.history import Book, Floats, Gaps, Ints, keys_of, known_rows
from lingqu.release.series.parts import View
from lingqu.release.series.rows import grid_of, groups_of, placed

MOST_FILLED = 0.5
"""Largest share of the steps of a series that are filled in; where more lack, nothing is known."""
LEVELS = 100
"""Levels of a category, known in advance, that are told apart."""
MOST_VALUES = 4_000_000
"""Values of all tails together: bounds the size of a release."""


@dataclass(frozen=True)
class Reading:
    """Training rows as series.

    Args:
        book: The series.
        time: Column of times; groups: columns that name a series; target: the values.
        known: The columns that are known in advance, as `parts` reads them.
        horizon: Steps ahead.
        length: Values of a tail.
        floor: 0 where no value is below it: no forecast is, then.
        rows: Of each row its series and its step.
    """

    book: Book
    time: str
    groups: tuple[str, ...]
    target: str
    known: tuple[Mapping[str, Json], ...]
    horizon: int
    length: int
    floor: float | None
    rows: tuple[list[str], Ints]

    def model(
        self, name: str, parts: Sequence[Mapping[str, Json]], graph: bytes, notes: Mapping[str, Any]
    ) -> Model:
        """Return the model of one member: the tails, the parts, and the graph that reads them."""
        block = block_of(
            self.book, parts, time=self.time, groups=self.groups, target=self.target,
            horizon=self.horizon, length=self.length,
        )  # fmt: skip
        return Model("forecast", (), (Member(name, name, 1.0, encoding_of(block), graph, notes),))

    def tails(self) -> View:
        """Return the view of all steps ahead of the end of every series."""
        known = [one for _, one in self.book]
        values = np.full((len(known), self.length), np.nan)
        for row, one in enumerate(known):
            tail = one.values[-self.length :]
            values[row, self.length - len(tail) :] = tail
        origin = np.repeat(np.arange(len(known)), self.horizon)
        steps = np.tile(np.arange(1, self.horizon + 1), len(known))
        ends = np.array([one.end for one in known])
        units = np.array([one.unit for one in known])
        return View(
            list(self.book.series), values, units, origin, steps, ends[origin] + steps,
            pl.DataFrame(), self.book.grid, self.book.season, self.horizon,
        )  # fmt: skip


def read(
    train: Dataset, horizon: int, season: int = 0, gaps: Gaps = "fill",
    grid: Mapping[str, Any] | None = None,
) -> Reading:  # fmt: skip
    """Read training rows as series.

    Args:
        train: Rows with a time column; a group column names the series.
        horizon: Steps ahead, at least 1.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value.
        grid: Where the values lie in time; found when empty.

    Raises:
        SpecError: No horizon, or no column of times.
        DataError: A time that is missing or off the grid, two rows for a step, too many gaps.
    """
    if horizon < 1:
        raise SpecError("forecast.no_horizon", received=horizon)
    schema, frame = train.schema, train.frame
    times, target = schema.having("time"), schema.target
    if not times or target is None:
        raise SpecError("forecast.no_time", columns=listed(schema.names))
    groups = tuple(groups_of(train))
    time = times[0].name
    lattice = Grid.from_json(grid) if grid else grid_of(train)
    steps, values = placed(train, lattice), numbers(frame.get_column(target.name))
    keys = keys_of(frame, groups)
    series = known_rows(keys, steps, values, gaps, lattice)
    for key, one in series.items():
        lacking = int((~one.given).sum())
        if lacking and (
            gaps == "refuse" or (gaps == "fill" and lacking > MOST_FILLED * len(one.given))
        ):
            raise DataError(
                "forecast.gaps" if gaps == "fill" else "forecast.gap_refused",
                series=key or target.name, lacking=lacking, steps=len(one.given),
                first=_first_gap(one.given, one.start, lattice), step=lattice.named(),
            )  # fmt: skip
    book = Book(lattice, season or season_of([one.values for one in series.values()], lattice),
                gaps, series).measured()  # fmt: skip
    known = tuple(_known(train, time, groups))
    floor = 0.0 if len(values) and float(values.min()) >= 0 else None
    length = tail_length(book, horizon)
    return Reading(book, time, groups, target.name, known, horizon, length, floor, (keys, steps))


def season_of(series: Sequence[Floats], grid: Grid) -> int:
    """Find the season in which the values repeat: the shortest usual one that is as clear as any.

    How clear a season is, is the autocorrelation of the changes from step to step, so that a
    trend does not hide it.

    Example:
        >>> waves = np.tile([1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0], 9)
        >>> season_of([waves], Grid("time", 86_400_000_000))
        7
    """
    clear = {}
    for season in grid.seasons:
        found = [_repeats(values, season) for values in series if len(values) >= 2 * season + 3]
        if found:
            clear[season] = float(np.median(found))
    best = max(clear.values(), default=0.0)
    if best < 0.15:
        return 1
    return min(season for season, share in clear.items() if share >= 0.7 * best)


def _repeats(values: Floats, season: int) -> float:
    changes = np.diff(values)
    changes = changes - changes.mean()
    total = float(changes @ changes)
    return float(changes[season:] @ changes[:-season]) / total if total > 0 else 0.0


def tail_length(book: Book, horizon: int) -> int:
    """Return how many values of each series travel: what the parts read, and some seasons more."""
    season = book.season
    wide = max((s for s in book.grid.seasons if s <= 400), default=1)
    wanted = max(64, (10 if season <= 12 else 4) * season, wide + horizon + 2, 2 * horizon + season)
    most = max(2 * season + horizon, 64, MOST_VALUES // max(1, len(book.series)))
    longest = max((len(one.values) for _, one in book), default=1)
    return max(2, min(wanted, most, longest))


def _known(train: Dataset, time: str, groups: Sequence[str]) -> list[Mapping[str, Json]]:
    """Return the columns that are known in advance, with the levels of categories."""
    columns: list[Mapping[str, Json]] = []
    for column in train.schema.features:
        if column.name in (time, *groups) or column.name not in train.frame.columns:
            continue
        if column.kind in ("number", "boolean"):
            columns.append({"column": column.name})
        elif column.kind == "category":
            counted = (
                train.frame.get_column(column.name).cast(pl.String).value_counts().drop_nulls()
            )
            levels = [row[0] for row in sorted(counted.rows(), key=lambda r: (-r[1], r[0]))]
            columns.append({"column": column.name, "levels": levels[:LEVELS]})
    return columns


def _first_gap(given: NDArray[np.bool_], start: int, grid: Grid) -> str:
    at = int(np.argmin(given))
    return grid.named_time(start + at)
