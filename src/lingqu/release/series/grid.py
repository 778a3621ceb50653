"""Times as whole steps: how far apart the values of a series lie, and where a time falls.

A grid is JSON, so it travels in the release. Steps are counted from 1970, months are months
whatever their length, and in a series of working days Monday follows Friday.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json

Ints = NDArray[np.int64]
Unit = Literal["time", "months", "workdays", "number"]
_DAY = 86_400_000_000
_HOUR = 3_600_000_000
_SLACK = 0.1
"""Part of a step by which a time written as a number, such as 1949.083, may be rounded."""


@dataclass(frozen=True)
class Grid:
    """Where the values of the series lie in time.

    Args:
        unit: ``time`` (steps of so many microseconds), ``months``, ``workdays``, or ``number``
            for times that are plain numbers.
        step: Microseconds, months or units of the number per step; 1 for working days.
        phase: Offset of the steps: microseconds, months or a number.
        rest: Months: microseconds after the start of the month; -1 for its last day.

    Example:
        >>> days = pl.Series(["2026-01-31", "2026-02-28", "2026-03-31"]).str.to_datetime()
        >>> grid = detect(days, np.zeros(3, dtype=np.int64))
        >>> grid.unit, grid.place(days)[0].tolist()
        ('months', [672, 673, 674])
    """

    unit: Unit
    step: float
    phase: float = 0
    rest: int = 0

    def to_json(self) -> dict[str, Json]:
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Grid:
        return cls(**row)

    def place(self, times: pl.Series) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the step of each time, and whether it lies on one."""
        if self.unit == "number":
            exact = (times.cast(pl.Float64).to_numpy() - self.phase) / self.step
            with np.errstate(invalid="ignore"):
                near = np.rint(exact)
                good = np.abs(exact - near) <= _SLACK
            return np.where(good, near, 0).astype(np.int64), good
        stamps = times.cast(pl.Datetime("us")).to_numpy().astype("datetime64[us]")
        known = ~np.isnat(stamps)
        stamps = np.where(known, stamps, np.datetime64(0, "us"))
        if self.unit == "months":
            months, rest = _months(stamps)
            steps, left = np.divmod(months - int(self.phase), int(self.step))
            wanted = (_last_days(stamps) * _DAY) if self.rest < 0 else self.rest
            return steps, known & (left == 0) & (rest == wanted)
        micros = stamps.astype(np.int64)
        if self.unit == "workdays":
            days, left = np.divmod(micros - int(self.phase), _DAY)
            dates = days.astype("datetime64[D]")
            counted = np.busday_count(np.datetime64("1970-01-01"), dates)
            return counted.astype(np.int64), known & (left == 0) & np.is_busday(dates)
        steps, left = np.divmod(micros - int(self.phase), int(self.step))
        return steps, known & (left == 0)

    def times(self, steps: Ints) -> NDArray[Any]:
        """Return the time of each step: datetime64[us], or float64 for plain numbers."""
        if self.unit == "number":
            return np.asarray(steps * self.step + self.phase)
        if self.unit == "months":
            months = (steps * int(self.step) + int(self.phase)).astype("datetime64[M]")
            if self.rest < 0:
                last = (months + 1).astype("datetime64[D]") - 1
                return last.astype("datetime64[us]")
            return months.astype("datetime64[us]") + np.timedelta64(self.rest, "us")
        if self.unit == "workdays":
            start = np.datetime64("1970-01-01")
            dates = np.busday_offset(start, steps, roll="forward").astype("datetime64[us]")
            return dates + np.timedelta64(int(self.phase), "us")
        return (steps * int(self.step) + int(self.phase)).astype("datetime64[us]")

    def named_time(self, step: int) -> str:
        """Return the time of a step as a person writes it."""
        text = str(self.times(np.array([step]))[0])
        return text.replace("T", " ").removesuffix(".000000").removesuffix(" 00:00:00")

    @property
    def seasons(self) -> tuple[int, ...]:
        """Lengths of the usual seasons, in steps, the shortest first."""
        if self.unit == "workdays":
            return (5,)
        if self.unit == "months":
            year = 12 / self.step
        elif self.unit == "number":
            year = 1 / self.step if 0 < self.step < 1 else 0.0
        else:
            return tuple(
                int(length / self.step)
                for length in (_HOUR, _DAY, 7 * _DAY, 364 * _DAY)
                if length % self.step == 0 and 4 <= length / self.step <= 400
            )
        return (round(year),) if year >= 2 and abs(year - round(year)) < 0.05 * year else ()

    def named(self) -> str:
        """Return the step in words that a person reads, such as ``7 d`` or ``1 month``."""
        if self.unit == "time":
            for name, size in (("d", _DAY), ("h", _HOUR), ("min", 60_000_000), ("s", 1_000_000)):
                if self.step % size == 0:
                    return f"{int(self.step // size)} {name}"
            return f"{self.step / 1e6:g} s"
        if self.unit == "months":
            return f"{int(self.step)} month" + ("s" if self.step > 1 else "")
        return "1 working day" if self.unit == "workdays" else f"{self.step:g}"


def detect(times: pl.Series, series: Ints) -> Grid | None:
    """Find the grid on which the times of several series lie.

    The most frequent distance between neighbours is the step; the smallest one, where it is
    frequent too and all others are multiples of it.

    Args:
        times: Datetimes or numbers without gaps, shape (N,).
        series: Which series each belongs to.

    Returns:
        The grid; None where no series has two different times.
    """
    if times.dtype.is_numeric():
        return _detect_numbers(times.cast(pl.Float64).to_numpy(), series)
    stamps = times.cast(pl.Datetime("us")).to_numpy().astype("datetime64[us]")
    micros = stamps.astype(np.int64)
    step = _usual(micros, series)
    if step is None:
        return None
    months, rest = _months(stamps)
    if step >= 27 * _DAY:
        ends = rest == _last_days(stamps) * _DAY
        if ends.all() or (rest == rest[0]).all():
            apart = _usual(months, series)
            if apart is not None:
                ended = bool(ends.all())
                return Grid("months", apart, int(months[0] % apart), -1 if ended else int(rest[0]))
    phase = int(micros[0] % _DAY)
    if step == _DAY and len(micros) >= 10 and ((micros - phase) % _DAY == 0).all():
        dates = (micros // _DAY).astype("datetime64[D]")
        if np.is_busday(dates).all() and len(np.unique(dates.astype(np.int64) % 7)) == 5:
            return Grid("workdays", 1, phase)
    return Grid("time", int(step), int(micros[0] % step))


def _detect_numbers(values: NDArray[np.float64], series: Ints) -> Grid | None:
    distances = _distances(values, series)
    if not distances.size:
        return None
    # A twelfth of a year is written as 0.083 or 0.084: the mean of the usual ones is the step.
    middle = float(np.median(distances))
    step = float(distances[np.abs(distances - middle) <= _SLACK * middle].mean())
    year = round(1 / step) if step < 1 else 0
    if year and abs(1 / step - year) < 0.02 * year:
        step = 1 / year
    return Grid("number", step, float(values[0] - np.floor(values[0] / step) * step))


def _distances(values: NDArray[Any], series: Ints) -> NDArray[Any]:
    """Return the distances above 0 between neighbours of one series."""
    order = np.lexsort((values, series))
    apart = np.diff(values[order])
    return np.asarray(apart[(np.diff(series[order]) == 0) & (apart > 0)])


def _usual(values: Ints, series: Ints) -> int | None:
    distances = _distances(values, series)
    if not distances.size:
        return None
    found, counts = np.unique(distances, return_counts=True)
    least = int(found[0])
    # Where many steps lack, most neighbours lie further apart than a step.
    if 4 * counts[0] >= len(distances) and not (distances % least).any():
        return least
    return int(found[counts.argmax()])


def _months(stamps: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return whole months since 1970 and the microseconds after."""
    months = stamps.astype("datetime64[M]")
    return months.astype(np.int64), (stamps - months).astype(np.int64)


def _last_days(stamps: NDArray[Any]) -> Ints:
    """Return the days between the first and the last day of each month."""
    months = stamps.astype("datetime64[M]")
    days = (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
    return np.asarray(days.astype(np.int64) - 1)
