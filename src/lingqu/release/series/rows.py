"""Rows of a table as steps of series: where each lies, and which are held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.release.series.grid import Grid, detect
from lingqu.release.series.history import Ints, keys_of


def groups_of(train: Dataset) -> list[str]:
    """Return the columns that name the series of a row."""
    return [column.name for column in train.schema.having("group")]


def grid_of(train: Dataset) -> Grid:
    """Find where the values of training rows lie in time.

    Raises:
        DataError: No series has two different times, or a time is missing.
    """
    time = train.schema.having("time")[0].name
    groups = groups_of(train)
    times = train.frame.get_column(time)
    if times.null_count():
        row = int(times.is_null().arg_max() or 0)
        raise DataError("forecast.no_moment", row=row + 1, column=time)
    codes: dict[str, int] = {}
    named = [codes.setdefault(key, len(codes)) for key in keys_of(train.frame, groups)]
    found = detect(times, np.array(named, dtype=np.int64)) if len(times) else None
    if found is None:
        raise DataError("forecast.one_moment", column=time, rows=len(times))
    return found


def placed(train: Dataset, grid: Grid) -> Ints:
    """Return the step of every row.

    Raises:
        DataError: A time lies between two steps.
    """
    time = train.schema.having("time")[0].name
    groups = groups_of(train)
    times = train.frame.get_column(time)
    steps, exact = grid.place(times)
    if not exact.all():
        row = int(np.argmin(exact))
        raise DataError(
            "forecast.irregular", row=row + 1, column=time, received=str(times[row]),
            series=keys_of(train.frame[row], groups)[0] or train.name, step=grid.named(),
            count=int((~exact).sum()),
        )  # fmt: skip
    return steps


def series_codes(train: Dataset) -> Ints:
    """Return a number for the series of each row, in the order in which they come."""
    groups = groups_of(train)
    codes: dict[str, int] = {}
    found = [codes.setdefault(key, len(codes)) for key in keys_of(train.frame, groups)]
    return np.array(found, dtype=np.int64)


def behind(codes: Ints, steps: Ints, back: int, horizon: int) -> tuple[NDArray[np.bool_], Ints]:
    """Cut every series at an origin some steps before its last row.

    The origin is a step with a row, so that no row lies further ahead of it than the horizon.

    Args:
        codes: Series of each row.
        steps: Step of each row.
        back: Steps between the origin and the last row.
        horizon: Steps ahead that are looked at.

    Returns:
        Which rows lie at or before the origin of their series, and how many steps each lies
        behind it: 0 where that is not from 1 to `horizon`, or where the series has fewer than
        two rows before.

    Example:
        >>> behind(np.zeros(5, int), np.arange(5), 2, 2)[1].tolist()
        [0, 0, 0, 1, 2]
    """
    count = int(codes.max()) + 1 if len(codes) else 0
    last = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(last, codes, steps)
    nominal = last - back
    origin = last.copy()
    after = steps >= nominal[codes]
    np.minimum.at(origin, codes[after], steps[after])
    before = steps <= origin[codes]
    number = np.bincount(codes[before], minlength=count)
    ahead = steps - origin[codes]
    inside = (ahead >= 1) & (steps <= nominal[codes] + horizon) & (number >= 2)[codes]
    return before, np.where(inside & (ahead <= horizon), ahead, 0)
