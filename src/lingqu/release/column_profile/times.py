"""Columns of dates: their range, the days that lack, weekdays and hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Self

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.column import ColumnProfile
from lingqu.release.column_profile.distinct import Distinct
from lingqu.release.column_profile.numbers import counted
from lingqu.release.column_profile.quantiles import EXACT
from lingqu.release.column_profile.summary import Summary

_GAPS = 3
_SECONDS = 1e6
_DAY = timedelta(days=1)


class TimeProfile(ColumnProfile):
    """Dates: first and last, quantiles, days without a row, weekdays (Monday first), hours.

    What is no date counts as missing.
    """

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.low: Any = None
        self.high: Any = None
        self.seconds, self.different = Summary(exact), Distinct()
        self.days: dict[date, int] = {}
        self.weekdays, self.hours = np.zeros(7, np.int64), np.zeros(24, np.int64)

    def read(self, series: pl.Series) -> pl.Series:
        if series.dtype == pl.String:
            series = series.str.to_datetime(strict=False, time_unit="us")
        if series.dtype not in (pl.Date, pl.Datetime):
            return pl.Series(series.name, [None] * len(series), dtype=pl.Datetime("us"))
        if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone is not None:
            series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return series

    def look(self, values: pl.Series) -> None:
        lows, highs = [values.min()], [values.max()]
        if self.low is not None:
            lows, highs = [*lows, self.low], [*highs, self.high]
        self.low, self.high = min(lows), max(highs)  # type: ignore[type-var]
        self.different.add(values)
        moments = values.cast(pl.Datetime("us"))
        self.seconds.add(moments.to_physical().to_numpy() / _SECONDS)
        days = moments.dt.date().alias("day").value_counts(name="n")
        for day, rows in days.iter_rows():
            self.days[day] = self.days.get(day, 0) + rows
        self.hours += np.bincount(moments.dt.hour().to_numpy(), minlength=24)
        weekdays = days["day"].dt.weekday().to_numpy() - 1
        self.weekdays += np.bincount(weekdays, days["n"].to_numpy(), 7).astype(np.int64)

    def join(self, other: Self) -> None:
        ends = [end for end in (self.low, other.low) if end is not None]
        self.low = min(ends, default=None)
        self.high = max([end for end in (self.high, other.high) if end is not None], default=None)
        self.seconds.merge(other.seconds)
        self.different.merge(other.different)
        for day, rows in other.days.items():
            self.days[day] = self.days.get(day, 0) + rows
        self.hours += other.hours
        self.weekdays += other.weekdays

    def shown(self) -> dict[str, Json]:
        if self.low is None:
            return {**counted(self.different), "min": None, "max": None}
        numbers = self.seconds.to_json()
        shown: dict[str, Json] = {
            **counted(self.different),
            "min": _brief(str(self.low)),
            "max": _brief(str(self.high)),
            "quantiles": {k: _brief(_moment(v)) for k, v in numbers["quantiles"].items()},
            "histogram": numbers["histogram"],
            "days": len(self.days),
            "gaps": self._gaps(),
            "weekdays": self.weekdays.tolist(),
        }
        # Dates without a time of day all stand at midnight.
        return shown | ({"hours": self.hours.tolist()} if self.hours[1:].any() else {})

    def _gaps(self) -> list[dict[str, Json]]:
        """Return the longest runs of days without a row."""
        days = sorted(self.days)
        lengths = [(after - before).days - 1 for before, after in pairwise(days)]
        longest = sorted(range(len(lengths)), key=lambda place: (-lengths[place], place))[:_GAPS]
        return [
            {
                "from": str(days[place] + _DAY),
                "to": str(days[place + 1] - _DAY),
                "days": lengths[place],
            }
            for place in longest
            if lengths[place] > 0
        ]


def _brief(moment: str) -> str:
    return moment.removesuffix(" 00:00:00")


def _moment(seconds: float) -> str:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    found = start + timedelta(seconds=round(seconds))
    return found.replace(tzinfo=None).isoformat(sep=" ")
