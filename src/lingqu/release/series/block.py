"""The block of an encoding that turns rows of series into what a forecasting graph reads.

It holds the tails of the series. A row says of which series and time it wants to know; rows with
the value filled in are newer history, from which the forecasts of the other rows then start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.release.blocks import LARGEST, REQUEST, STEP, UNIT, numbers
from lingqu.release.series.coherent import Coherent
from lingqu.release.series.history import (
    Book,
    Floats,
    Ints,
    Known,
    joined,
    keys_of,
    known_rows,
    unit_of,
)
from lingqu.release.series.parts import View, columns_of, numbers_of, width
from lingqu.release.series.sums import Sums, summed

LEVEL, MOVE, FIRST = 0, 1, 4
"""Columns of the tensor: level and movement at the origin, `UNIT`, `STEP`; then the parts."""


@dataclass(frozen=True)
class Asked:
    """Rows of a frame, sorted out.

    Args:
        view: The rows to forecast and what they rest on; None where every value is known.
        future: Which rows of the frame those are.
        values: Values of the rows that are known, NaN for the others.
        plain: Series of each origin in the book where nothing newer was sent, else -1.
    """

    view: View | None
    future: NDArray[np.bool_]
    values: Floats
    plain: Ints


class SeriesBlock:
    """Rows of series as numbers.

    Args:
        block: ``time``, ``groups``, ``target``, ``horizon``, ``length``, ``book``, ``parts`` and
            ``columns``, the columns that must be there.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._time: str = block["time"]
        self._groups: Sequence[str] = block["groups"]
        self._target: str = block["target"]
        self._horizon = int(block["horizon"])
        self._length = int(block["length"])
        self._parts: Sequence[Mapping[str, Any]] = block["parts"]
        self._book = Book.from_json(block["book"])
        self._place = {key: index for index, key in enumerate(self._book.series)}
        self._tables: dict[int, Floats] = {}
        self.width = FIRST + sum(width(part) for part in self._parts)

    def write(self, frame: pl.DataFrame, out: NDArray[np.float32]) -> None:
        asked = self.asked(frame)
        out[:] = 0
        known = ~asked.future
        out[known, LEVEL] = asked.values[known]
        view = asked.view
        if view is None:
            return
        whole = np.empty((len(view.steps), self.width))
        whole[:, LEVEL], whole[:, MOVE] = view.level[view.origin], view.move[view.origin]
        whole[:, UNIT], whole[:, STEP] = view.units[view.origin], view.steps
        at = FIRST
        for index, part in enumerate(self._parts):
            size = width(part)
            whole[:, at : at + size] = self._numbers(index, part, view, asked.plain)
            at += size
        out[asked.future] = np.clip(whole, -LARGEST, LARGEST)

    def _numbers(
        self, index: int, part: Mapping[str, Any], view: View, plain: Ints
    ) -> NDArray[np.float64]:
        """Return the numbers of a part; what a method says of the tails is worked out once."""
        if part["kind"] != "local" or (plain < 0).any():
            return numbers_of(part, view)
        if index not in self._tables:
            keys = list(self._book.series)
            everyone = np.repeat(np.arange(len(keys)), self._horizon)
            steps = np.tile(np.arange(1, self._horizon + 1), len(keys))
            values, units = self._stacked([known for _, known in self._book])
            whole = View(keys, values, units, everyone, steps, steps, view.frame,
                         self._book.grid, self._book.season, self._horizon)  # fmt: skip
            self._tables[index] = numbers_of(part, whole).reshape(len(keys), self._horizon)
        return self._tables[index][plain[view.origin], view.steps - 1][:, None]

    def asked(self, frame: pl.DataFrame) -> Asked:
        """Sort rows into what is known and what is to be forecast.

        Raises:
            DataError: A time that is missing or on no step, two rows for one step, or a time that
                is not ahead of what is known or too far ahead of it.
        """
        steps, exact = self._book.grid.place(frame.get_column(self._time))
        if not exact.all():
            self._refuse_time(frame, int(np.argmin(exact)))
        keys = keys_of(frame, self._groups)
        if REQUEST in frame.columns:
            calls = frame.get_column(REQUEST).to_list()
        else:
            calls = [0] * frame.height
        values = np.full(frame.height, np.nan)
        if self._target in frame.columns:
            values = numbers(frame.get_column(self._target)).copy()
        future = ~np.isfinite(values)
        newer: dict[tuple[int, str], Known] = {}
        if not future.all():
            newer = self._newer(frame, keys, calls, steps, values, ~future)
        if not future.any():
            return Asked(None, future, values, np.zeros(0, dtype=np.int64))
        rows = np.flatnonzero(future)
        codes: dict[tuple[int, str], int] = {}
        origin = np.array(
            [codes.setdefault((calls[row], keys[row]), len(codes)) for row in rows.tolist()],
            dtype=np.int64,
        )
        known = [newer.get(pair) or self._known(pair[1]) for pair in codes]
        plain = [-1 if pair in newer else self._place.get(pair[1], -1) for pair in codes]
        ends = np.array([one.end for one in known], dtype=np.int64)
        ahead = steps[rows] - ends[origin]
        wrong = (ahead < 1) | (ahead > self._horizon)
        if wrong.any():
            at = int(np.argmax(wrong))
            self._refuse_step(frame, int(rows[at]), int(ends[origin[at]]), int(ahead[at]))
        stacked, units = self._stacked(known)
        view = View(
            [key for _, key in codes], stacked, units, origin, ahead, steps[rows],
            frame if len(rows) == frame.height else frame[rows],
            self._book.grid, self._book.season, self._horizon,
        )  # fmt: skip
        return Asked(view, future, values, np.array(plain, dtype=np.int64))

    def _newer(
        self, frame: pl.DataFrame, keys: Sequence[str], calls: Sequence[int], steps: Ints,
        values: Floats, filled: NDArray[np.bool_],
    ) -> dict[tuple[int, str], Known]:  # fmt: skip
        """Return the series for which values were sent, with these behind their tails."""
        found: dict[tuple[int, str], Known] = {}
        call = np.array(calls)
        for one in dict.fromkeys(calls):
            rows = np.flatnonzero(filled & (call == one))
            if not len(rows):
                continue
            named = [keys[row] for row in rows.tolist()]
            sent = known_rows(named, steps[rows], values[rows], self._book.gaps, self._book.grid)
            for key, fresh in sent.items():
                old = self._book.series.get(key)
                if old is None:
                    unit = unit_of(fresh.values, self._book.season)
                    found[one, key] = Known(fresh.end, fresh.values, fresh.given, unit)
                elif fresh.end > old.end:
                    found[one, key] = joined(old, fresh, self._book.gaps)
        return found

    def _known(self, key: str) -> Known:
        """Return a series of the book, or what stands for one that nobody knows."""
        found = self._book.series.get(key)
        if found is not None:
            return found
        level, unit = self._book.typical
        return Known(self._book.end, np.array([level]), np.ones(1, dtype=bool), unit)

    def _stacked(self, known: Sequence[Known]) -> tuple[Floats, Floats]:
        """Return the ends of the series side by side, and their units."""
        values = np.full((len(known), self._length), np.nan)
        for row, one in enumerate(known):
            tail = one.values[-self._length :]
            values[row, self._length - len(tail) :] = tail
        return values, np.array([one.unit for one in known])

    def _refuse_time(self, frame: pl.DataFrame, row: int) -> None:
        raise DataError(
            "forecast.off_grid",
            row=row + 1,
            column=self._time,
            received=str(frame.get_column(self._time)[row]),
            step=self._book.grid.named(),
        )

    def _refuse_step(self, frame: pl.DataFrame, row: int, end: int, ahead: int) -> None:
        raise DataError(
            "forecast.not_ahead" if ahead < 1 else "forecast.too_far",
            row=row + 1,
            series=keys_of(frame[row], self._groups)[0] or self._target,
            column=self._time,
            received=str(frame.get_column(self._time)[row]),
            last=self._book.grid.named_time(end),
            steps=ahead,
            horizon=self._horizon,
            target=self._target,
        )


def coherent(block: Mapping[str, Any]) -> Coherent:
    """Return what answers rows of series and of sums, of a block that says how they fit."""
    return Coherent(block, SeriesBlock(block).asked)


def block_of(
    book: Book,
    parts: Sequence[Mapping[str, Json]],
    *,
    time: str,
    groups: Sequence[str],
    target: str,
    horizon: int,
    length: int,
) -> dict[str, Json]:
    """Return the block as JSON."""
    columns = [time, *groups, *columns_of(parts)]
    return {
        "type": "series", "time": time, "groups": list(groups), "target": target,
        "horizon": horizon, "length": length, "columns": columns,
        "parts": [dict(part) for part in parts],
        "book": book.to_json(length),
    }  # fmt: skip


def encoding_of(block: Mapping[str, Json]) -> dict[str, Json]:
    """Return the encoding of one such block."""
    size = FIRST + sum(width(part) for part in block["parts"])
    return {
        "version": 1, "style": "series", "tensor": "x", "shape": [size], "blocks": [dict(block)],
        "left_out": [],
    }  # fmt: skip


def carried(block: Mapping[str, Json], frame: pl.DataFrame) -> dict[str, Json]:
    """Return the block with the values of newer rows in its tails; nothing else changes.

    Sums are those of the tails of their series, whatever rows of them there may be.
    """
    book = Book.from_json(block["book"])
    steps, _ = book.grid.place(frame.get_column(block["time"]))
    values = numbers(frame.get_column(block["target"]))
    some = np.flatnonzero(np.isfinite(values))
    keys = keys_of(frame[some], block["groups"])
    series = dict(book.series)
    for key, fresh in known_rows(keys, steps[some], values[some], book.gaps, book.grid).items():
        old = series.get(key)
        if old is None:
            unit = unit_of(fresh.values, book.season)
            series[key] = Known(fresh.end, fresh.values, fresh.given, unit)
        else:
            series[key] = joined(old, fresh, book.gaps)
    if "sums" in block:
        series |= summed(Sums.from_json(block["groups"], block["sums"]), series)
    book.series = series
    return {**block, "book": book.to_json(int(block["length"]))}
