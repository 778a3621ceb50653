"""Forecasts of series and of their sums that fit together: the parts of a sum add up to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.predictions import Predictions
from lingqu.release.blocks import REQUEST, numbers
from lingqu.release.series.history import Floats, Ints, keys_of
from lingqu.release.series.sums import SUM, Sums, named

BOTTOM_UP = "bottom_up"
Base = Callable[[pl.DataFrame], tuple[Floats, Floats, Ints]]
"""Rows → the value of each by itself, the unit of its series, and how many steps ahead it lies."""


def projection(sums: Sums, weights: Floats) -> Floats:
    """Return the matrix that makes forecasts of series from those of all series and sums.

    Args:
        sums: The hierarchy.
        weights: Of each sum and series the variance of its errors, above 0.

    Returns:
        (series, nodes): weighted least squares; times `Sums.matrix` it leaves what adds up as
        it is.

    Source: Wickramasuriya, Athanasopoulos and Hyndman, "Optimal forecast reconciliation", 2019,
        doi:10.1080/01621459.2018.1448825 (MinT with a diagonal matrix); by structure:
        Athanasopoulos et al., 2017, doi:10.1016/j.ejor.2017.02.046.
    """
    s, inverse = sums.matrix, 1.0 / weights
    normal = s.T @ (s * inverse[:, None])
    return np.asarray(np.linalg.solve(normal, s.T * inverse[None, :]))


def added_up(sums: Sums, base: Floats, project: Floats | None, floor: float | None) -> Floats:
    """Return coherent values of all sums and series, (M, nodes).

    Args:
        sums: The hierarchy.
        base: Each by itself, (M, nodes); the series alone are read where `project` is None.
        project: What `projection` returned.
        floor: No value of a series is below it.
    """
    leaves = base[:, sums.count :] if project is None else base @ project.T
    if floor is not None:
        leaves = np.maximum(leaves, floor)
    return np.concatenate([leaves @ sums.matrix[: sums.count].T, leaves], axis=1)


@dataclass(frozen=True)
class _Asked:
    """Rows of a frame by moment (request and time) and node.

    Args:
        node: Of each row its sum or series; -1 for a series that nobody knows.
        moment: Of each row.
        first: A row of each moment.
        future: Which rows are to be forecast.
    """

    node: Ints
    moment: Ints
    first: Ints
    future: Any


class Coherent:
    """Answers rows of series and of sums.

    Args:
        block: The series block of a release; ``sums`` says what was found in training.
        refuse: Raises what is wrong with rows: the series block's own reading of them.
    """

    def __init__(self, block: Mapping[str, Any], refuse: Callable[[pl.DataFrame], Any]) -> None:
        told = block["sums"]
        self.sums = Sums.from_json(block["groups"], told)
        self._time, self._target = str(block["time"]), str(block["target"])
        self._refuse = refuse
        book = dict(zip(block["book"]["keys"], block["book"]["units"], strict=True))
        self._units = np.array([book[key] for key in self.sums.keys])
        self._floor: float | None = told["floor"]
        self._levels: tuple[float, ...] = tuple(block.get("quantiles", ()))
        self._ends = [
            np.array([-np.array(w["below"]), w["above"], *w["quantiles"]]) for w in told["widths"]
        ]
        self._project: Floats | None = None
        if told["method"] != BOTTOM_UP:
            self._project = projection(self.sums, np.array(told["weights"], dtype=np.float64))

    def answer(self, frame: pl.DataFrame, base: Base) -> Predictions:
        """Return the answers: of rows with a value that value.

        Raises:
            DataError: A row names no sum or series, or newer values are not those of all series.
        """
        frame = named(frame, self.sums.groups)
        asked, values = self._sorted(frame)
        newer = self._newer(frame, asked)
        self._refuse(pl.concat([frame, newer]))
        said, unit = values.copy(), np.full(len(values), np.nan)
        ends = np.repeat(values[:, None], len(self._ends[0]), axis=1)
        rows = np.flatnonzero(asked.future)
        if len(rows):
            value, units, steps, level = self._forecast(frame, newer, asked, rows, base)
            said[rows], unit[rows] = value, units
            for number, table in enumerate(self._ends):
                here = rows[level == number]
                at = np.clip(steps[level == number] - 1, 0, table.shape[1] - 1)
                ends[here] = said[here, None] + table[:, at].T * unit[here, None]
            if self._floor is not None:
                ends[rows] = np.maximum(ends[rows], self._floor)
        more: dict[str, Any] = {}
        if self._levels:
            more = {"quantiles": ends[:, 2:].copy(), "levels": self._levels}
        return Predictions(said, low=ends[:, 0], high=ends[:, 1], units=unit, **more)

    def _forecast(
        self, frame: pl.DataFrame, newer: pl.DataFrame, asked: _Asked, rows: Ints, base: Base
    ) -> tuple[Floats, Floats, Ints, Ints]:
        """Return value, unit, step ahead and level of the rows to forecast."""
        sums = self.sums
        need = np.zeros((len(asked.first), len(sums.nodes[0])), dtype=bool)
        wanted = rows[asked.node[rows] >= 0]
        if self._project is None:
            inside = sums.matrix[asked.node[wanted]] > 0
            np.logical_or.at(need[:, sums.count :], asked.moment[wanted], inside)
        else:
            need[asked.moment[wanted]] = True
        moments, nodes = np.nonzero(need)
        alone = rows[asked.node[rows] < 0]
        known = np.flatnonzero(~asked.future)
        cells = pl.DataFrame(sums.nodes[0], schema=sums.groups, orient="row")
        computed = frame[asked.first[moments]].with_columns(cells[nodes].get_columns())
        value, unit, step = base(pl.concat([computed, frame[alone], frame[known], newer]))
        table, ahead = np.zeros(need.shape), np.zeros(need.shape, dtype=np.int64)
        count = len(moments)
        table[moments, nodes], ahead[moments, nodes] = value[:count], step[:count]
        whole = added_up(sums, table, self._project, self._floor)
        at, node = asked.moment[rows], asked.node[rows]
        found, units = whole[at, node], self._units[node]
        steps, level = ahead.max(axis=1, initial=1)[at], sums.nodes[1][node]
        lost = node < 0
        own = slice(count, count + len(alone))
        found[lost], units[lost], steps[lost] = value[own], unit[own], step[own]
        level[lost] = len(sums.levels) - 1
        return found, units, steps, level

    def _sorted(self, frame: pl.DataFrame) -> tuple[_Asked, Floats]:
        """Return what the rows ask for, and the values they bring."""
        groups = self.sums.groups
        cells = frame.select(groups).rows()
        node = np.array([self.sums.place.get(row, -1) for row in cells], dtype=np.int64)
        for row in np.flatnonzero(node < 0).tolist():
            if SUM in cells[row]:
                self._refuse_sum(row, cells[row])
        calls = [0] * frame.height
        if REQUEST in frame.columns:
            calls = frame.get_column(REQUEST).to_list()
        codes: dict[tuple[Any, Any], int] = {}
        first: list[int] = []
        moment = np.zeros(frame.height, dtype=np.int64)
        for row, pair in enumerate(zip(calls, frame.get_column(self._time), strict=True)):
            if pair not in codes:
                codes[pair] = len(first)
                first.append(row)
            moment[row] = codes[pair]
        values = np.full(frame.height, np.nan)
        if self._target in frame.columns:
            values = numbers(frame.get_column(self._target)).copy()
        future = ~np.isfinite(values)
        # A row to forecast stands for its moment: it brings the columns known in advance.
        at = np.array(first, dtype=np.int64)
        at[moment[future]] = np.flatnonzero(future)
        return _Asked(node, moment, at, future), values

    def _newer(self, frame: pl.DataFrame, asked: _Asked) -> pl.DataFrame:
        """Return rows of the sums of newer values.

        Raises:
            DataError: They are not those of every series, or a sum was sent itself.
        """
        known = np.flatnonzero(~asked.future)
        if not len(known):
            return frame[:0]
        summed = known[(asked.node[known] >= 0) & (asked.node[known] < self.sums.count)]
        if len(summed):
            raise DataError("forecast.sum_sent", row=int(summed[0]) + 1)
        leaves = known[asked.node[known] >= self.sums.count]
        sent = np.bincount(asked.moment[leaves], minlength=len(asked.first))
        short = leaves[sent[asked.moment[leaves]] < len(self.sums.leaves)]
        if len(short):
            raise DataError(
                "forecast.sum_lacks", row=int(short[0]) + 1,
                sent=int(sent[asked.moment[short[0]]]), series=len(self.sums.leaves),
                time=str(frame.get_column(self._time)[int(short[0])]),
            )  # fmt: skip
        rows = frame[leaves]
        if REQUEST not in frame.columns:
            return self.sums.rows(rows, self._time, self._target)
        parts = rows.partition_by(REQUEST, maintain_order=True)
        return pl.concat([self.sums.rows(part, self._time, self._target) for part in parts])

    def _refuse_sum(self, row: int, cells: tuple[str, ...]) -> None:
        names = [", ".join(kept) or "—" for _, kept in self.sums.levels]
        raise DataError(
            "forecast.no_sum", row=row + 1,
            received=keys_of(pl.DataFrame([cells], schema=self.sums.groups, orient="row"),
                             self.sums.groups)[0],
            expected="; ".join(names),
        )  # fmt: skip
