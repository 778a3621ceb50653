"""What is known of every series: values on the grid, up to the last one; and how gaps are filled.

Everything that a forecast rests on is an array of values that ends at its origin, so nothing
after the origin can play a part: it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.release.series.grid import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Gaps = Literal["fill", "zero", "refuse"]
STILL = 0.01
"""Scale of a series that never moved, as a share of its level: what it would move by, if it did,
nobody knows, but it is not its level."""
DIGITS = 7
"""Significant digits of a value in a tail: those of the float32 that the graph reads."""


@dataclass(frozen=True)
class Known:
    """The values of one series on the grid.

    Args:
        end: Step of the last value.
        values: Values up to there, oldest first, without gaps.
        given: Which of them were given; the others were filled.
        unit: Mean absolute error of the seasonal naive forecast within it: its scale.
    """

    end: int
    values: Floats
    given: NDArray[np.bool_]
    unit: float = 1.0

    @property
    def start(self) -> int:
        """Step of the first value."""
        return self.end - len(self.values) + 1

    def until(self, end: int, length: int | None = None) -> Known:
        """Return what was known at an earlier step; the last `length` values of it."""
        stop = len(self.values) - (self.end - end)
        start = 0 if length is None else max(0, stop - length)
        return Known(end, self.values[start:stop], self.given[start:stop], self.unit)


@dataclass
class Book:
    """All series by name, in the order in which they came.

    Args:
        grid: Where their values lie.
        season: Steps of a season; 1 for none.
        gaps: How a step without a value is filled.
        series: The series.
        typical: Level and unit of a series in the middle, for one that is not known.
    """

    grid: Grid
    season: int = 1
    gaps: Gaps = "fill"
    series: dict[str, Known] = field(default_factory=dict)
    typical: tuple[float, float] = (0.0, 1.0)

    def __iter__(self) -> Iterator[tuple[str, Known]]:
        return iter(self.series.items())

    @property
    def end(self) -> int:
        """The last step at which any series is known."""
        return max((known.end for known in self.series.values()), default=0)

    def measured(self) -> Book:
        """Return the book with the unit of every series, and the typical one."""
        units = {key: unit_of(known.values, self.season) for key, known in self}
        series = {
            key: Known(known.end, known.values, known.given, units[key]) for key, known in self
        }
        levels = [float(known.values[-self.season :].mean()) for _, known in self]
        typical = (float(np.median(levels)), float(np.median(list(units.values()))))
        return Book(self.grid, self.season, self.gaps, series, typical)

    def to_json(self, length: int) -> dict[str, Json]:
        """Return the last `length` values of every series."""
        return {
            "grid": self.grid.to_json(),
            "season": self.season,
            "gaps": self.gaps,
            "typical": list(self.typical),
            "keys": list(self.series),
            "ends": [known.end for _, known in self],
            "units": [known.unit for _, known in self],
            "tails": [[_short(v) for v in known.values[-length:]] for _, known in self],
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Book:
        series = {}
        for key, end, unit, tail in zip(
            row["keys"], row["ends"], row["units"], row["tails"], strict=True
        ):
            values = np.array(tail, dtype=np.float64)
            series[key] = Known(int(end), values, np.ones(len(values), dtype=bool), float(unit))
        typical = (float(row["typical"][0]), float(row["typical"][1]))
        grid = Grid.from_json(row["grid"])
        return cls(grid, int(row["season"]), row["gaps"], series, typical)


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def unit_of(values: Floats, season: int) -> float:
    """Return the mean absolute error of the seasonal naive forecast within a series, above 0.

    Of one that never moved it is a hundredth of its level, of a single value the level.

    Example:
        >>> unit_of(np.array([1.0, 5.0, 2.0, 6.0]), 2), unit_of(np.full(9, 500.0), 2)
        (1.0, 5.0)

    Source: Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006,
        doi:10.1016/j.ijforecast.2006.03.001 (the scale of MASE).
    """
    for lag in (season, 1):
        if len(values) > lag:
            error = float(np.abs(values[lag:] - values[:-lag]).mean())
            if error > 0:
                return error
    level = (float(np.abs(values).mean()) if len(values) else 0.0) or 1.0
    return STILL * level if len(values) > 1 else level


def keys_of(frame: pl.DataFrame, groups: Sequence[str]) -> list[str]:
    """Return the name of the series of each row; ``""`` where there is only one.

    A slash within a cell is doubled where several columns name a series, so that two series
    never share a name.

    Example:
        >>> keys_of(pl.DataFrame({"city": ["Xi'an"], "shop": ["a/b"]}), ["city", "shop"])
        ["Xi'an / a//b"]
    """
    if not groups:
        return [""] * frame.height
    cells = [frame.get_column(group).cast(pl.String).fill_null("") for group in groups]
    if len(cells) == 1:
        return cells[0].to_list()
    doubled = [cell.str.replace_all("/", "//", literal=True) for cell in cells]
    joined: list[str] = pl.select(pl.concat_str(doubled, separator=" / ")).to_series().to_list()
    return joined


def filled(steps: Ints, values: Floats, gaps: Gaps) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the values of every step from the first to the last, and which were given.

    Args:
        steps: Rising, each once.
        values: Finite.
        gaps: ``fill`` draws a straight line between the neighbours, ``zero`` puts 0.

    Example:
        >>> filled(np.array([3, 5]), np.array([1.0, 2.0]), "fill")[0].tolist()
        [1.0, 1.5, 2.0]
    """
    every = np.arange(steps[0], steps[-1] + 1)
    given = np.zeros(len(every), dtype=bool)
    given[steps - steps[0]] = True
    if given.all():
        return values, given
    if gaps == "zero":
        whole = np.zeros(len(every))
        whole[given] = values
        return whole, given
    return np.interp(every, steps, values), given


def joined(old: Known, new: Known, gaps: Gaps) -> Known:
    """Return a series with newer values behind it; what lies between is filled as gaps are."""
    if new.end <= old.end:
        return old
    fresh = new.until(new.end, new.end - old.end) if new.start <= old.end else new
    steps = np.arange(fresh.start, fresh.end + 1)
    values, given = filled(
        np.concatenate([[old.end], steps]), np.concatenate([old.values[-1:], fresh.values]), gaps
    )
    given = given & np.concatenate([np.zeros(len(given) - len(fresh.given), bool), fresh.given])
    return Known(
        fresh.end,
        np.concatenate([old.values, values[1:]]),
        np.concatenate([old.given, given[1:]]),
        old.unit,
    )


def known_rows(
    keys: Sequence[str], steps: Ints, values: Floats, gaps: Gaps, grid: Grid
) -> dict[str, Known]:
    """Return the series of rows whose values are known, in order of their first row.

    Raises:
        DataError: Two rows stand for one step of a series.
    """
    codes: dict[str, int] = {}
    code = np.array([codes.setdefault(key, len(codes)) for key in keys], dtype=np.int64)
    order = np.lexsort((steps, code))
    code, steps, values = code[order], steps[order], values[order]
    twice = np.flatnonzero((np.diff(code) == 0) & (np.diff(steps) == 0))
    names = list(codes)
    if len(twice):
        at = int(twice[0])
        series = names[int(code[at])]
        raise DataError(
            "forecast.twice" if series else "forecast.twice_alone",
            series=series,
            values=f"{values[at]:g}, {values[at + 1]:g}",
            time=grid.named_time(int(steps[at])),
        )
    bounds = np.flatnonzero(np.diff(code)) + 1
    found = {}
    for part_steps, part_values, part_code in zip(
        np.split(steps, bounds), np.split(values, bounds), np.split(code, bounds), strict=True
    ):
        if len(part_steps):
            whole, given = filled(part_steps, part_values, gaps)
            found[names[int(part_code[0])]] = Known(int(part_steps[-1]), whole, given)
    return found
