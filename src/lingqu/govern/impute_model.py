"""Missing values foretold from the other columns, by chained ridge regressions.

What is learnt are coefficients, levels and ranges, never a row: a release must not carry the people
it was learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.step import SMALL

ROUNDS = 5
"""Passes over the columns, each with the fills of the pass before."""
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Ridge penalties per row that are tried; leave-one-out errors choose."""
FIRST_PENALTY = 1e-1
"""Penalty while the gaps are still guesses."""
MOST_ROWS = 50_000
"""Rows learnt from; of larger tables those whose content hashes lowest, in whatever order."""
MOST_FROM = 60
"""Encoded columns that one regression reads: those that go with it most."""
LEVELS = 20
"""Levels of a category that are told apart and foretold."""
FEWEST = 10
"""Known values below which a column keeps its constant fill."""

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Slot:
    """Where one column stands in the encoded matrix.

    Args:
        name: Name of the column.
        start: First encoded column.
        stop: Behind the last one.
        levels: Of a category; empty for numbers and Booleans.
        mean: Of the known values.
        spread: Standard deviation of the known values, > 0.
        low: Smallest known value.
        high: Largest known value.
    """

    name: str
    start: int
    stop: int
    levels: tuple[str, ...] = ()
    mean: float = 0.0
    spread: float = 1.0
    low: float = 0.0
    high: float = 0.0


def learn(frame: pl.DataFrame, columns: Sequence[Column], targets: Sequence[str]) -> Json:
    """Return the chain as JSON: ``{"slots", "steps", "gains"}``.

    Args:
        frame: Training rows, NaN already null.
        columns: What may be read: numbers, Booleans and categories.
        targets: Names of columns to foretell, among `columns`.

    Returns:
        ``gains`` says per target by how much leave-one-out errors are smaller than those of the
        constant fill, 0 to 1; a target without gain has no step and keeps the constant.

    Source: van Buuren & Groothuis-Oudshoorn, mice, J. Stat. Softw. 45 (2011), with the mean
        instead of draws; ridge: Hoerl & Kennard, Technometrics 12 (1970).
    """
    if frame.height > MOST_ROWS:
        hashes = frame.select(column.name for column in columns).hash_rows(seed=0)
        frame = frame[np.sort(np.argsort(hashes.to_numpy(), kind="stable")[:MOST_ROWS])]
    slots = _slots(frame, columns)
    wanted = [slot for slot in slots if slot.name in set(targets)]
    values, missing = _encoded(frame, slots)
    wanted.sort(key=lambda slot: (int(missing[slot.name].sum()), slot.start))
    for _ in range(ROUNDS):
        gram = values.T @ values
        for slot in wanted:
            gaps = missing[slot.name]
            if gaps.any() and len(gaps) - gaps.sum() >= FEWEST:
                step = _step(values, gram, slot, gaps, FIRST_PENALTY)
                values[gaps, slot.start : slot.stop] = _settled(_said(values[gaps], step), slot)
    steps, gains = [], {}
    gram = values.T @ values
    for slot in wanted:
        gaps = missing[slot.name]
        if len(gaps) - gaps.sum() >= FEWEST:
            step, gain = _best(values, gram, slot, gaps)
            gains[slot.name] = round(gain, 4)
            if gain > 0:
                steps.append(step)
    return {"slots": [_plain(slot) for slot in slots], "steps": steps, "gains": gains}


def _slots(frame: pl.DataFrame, columns: Sequence[Column]) -> list[Slot]:
    slots: list[Slot] = []
    start = 1  # the first encoded column is the constant
    for column in columns:
        series = frame.get_column(column.name).drop_nulls()
        if not series.len():
            continue
        if _is_words(column, series):
            counts = series.cast(pl.String).value_counts()
            counts = counts.sort("count", column.name, descending=[True, False])
            levels = tuple(counts.get_column(column.name).head(LEVELS).to_list())
            slots.append(Slot(column.name, start, start + len(levels), levels))
        else:
            known = series.cast(pl.Float64).to_numpy()
            spread = float(known.std()) or 1.0
            mean, low, high = (float(v) for v in (known.mean(), known.min(), known.max()))
            slots.append(Slot(column.name, start, start + 1, (), mean, spread, low, high))
        start = slots[-1].stop
    return slots


def _is_words(column: Column, series: pl.Series) -> bool:
    numeric = series.dtype.is_numeric() or series.dtype == pl.Boolean
    return column.kind == "category" or not numeric


def _encoded(frame: pl.DataFrame, slots: Sequence[Slot]) -> tuple[Matrix, dict[str, Flags]]:
    """Return the encoded rows, gaps at the mean or the commonest level, and where they are."""
    values = np.zeros((frame.height, slots[-1].stop if slots else 1))
    values[:, 0] = 1.0
    missing: dict[str, Flags] = {}
    for slot in slots:
        series = frame.get_column(slot.name)
        if frame.height <= SMALL:
            missing[slot.name] = _encode_few(series.to_list(), slot, values)
            continue
        gaps = series.is_null().to_numpy()
        missing[slot.name] = gaps
        if slot.levels:
            cells = series.cast(pl.String).fill_null(slot.levels[0])
            for i, level in enumerate(slot.levels):
                values[:, slot.start + i] = (cells == level).to_numpy()
        else:
            known_or_mean = series.cast(pl.Float64).fill_null(slot.mean).to_numpy()
            values[:, slot.start] = (known_or_mean - slot.mean) / slot.spread
    return values, missing


def _encode_few(cells: list[Any], slot: Slot, values: Matrix) -> Flags:
    """Write the cells of one column into `values` and return where the gaps are."""
    gaps = np.zeros(len(cells), dtype=bool)
    for row, cell in enumerate(cells):
        if cell is None:
            gaps[row] = True
            if slot.levels:
                values[row, slot.start] = 1.0
        elif not slot.levels:
            values[row, slot.start] = (cell - slot.mean) / slot.spread
        elif (level := _as_text(cell)) in slot.levels:
            values[row, slot.start + slot.levels.index(level)] = 1.0
    return gaps


def _as_text(cell: Any) -> str:
    """Return a cell as Polars casts it to text."""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _step(values: Matrix, gram: Matrix, slot: Slot, gaps: Flags, penalty: float) -> dict[str, Json]:
    """Return the regression of one column on the others, from the rows that have it."""
    if gaps.any():
        gram = gram - values[gaps].T @ values[gaps]
    inside = slice(slot.start, slot.stop)
    strength = np.abs(gram[:, inside]).sum(axis=1) / np.sqrt(np.maximum(np.diag(gram), 1e-12))
    strength[inside] = -1.0
    strength[0] = np.inf
    count = min(MOST_FROM, len(strength) - (slot.stop - slot.start))
    read = np.sort(np.argsort(-strength, kind="stable")[:count])
    left = gram[np.ix_(read, read)].copy()
    ridge = np.full(count, penalty * (len(gaps) - int(gaps.sum())))
    ridge[0] = 1e-9  # the constant is not shrunk
    left[np.diag_indices_from(left)] += ridge
    weights = np.linalg.solve(left, gram[read, inside])
    return {"name": slot.name, "from": read.tolist(), "weights": weights.tolist()}


def _best(values: Matrix, gram: Matrix, slot: Slot, gaps: Flags) -> tuple[dict[str, Json], float]:
    """Return the regression whose leave-one-out errors are least, and what it gains."""
    known = ~gaps
    wanted = values[known, slot.start : slot.stop]
    constant = _error(np.tile(_constant(wanted, slot), (len(wanted), 1)), wanted, slot)
    found: list[tuple[float, dict[str, Json]]] = []
    for penalty in PENALTIES:
        step = _step(values, gram, slot, gaps, penalty)
        read = step["from"]
        rows = values[np.ix_(known, read)]
        left = rows.T @ rows
        left[np.diag_indices_from(left)] += np.r_[1e-9, np.full(len(read) - 1, penalty * len(rows))]
        leverage = np.einsum("ij,ji->i", rows, np.linalg.solve(left, rows.T))[:, None]
        leverage = np.minimum(leverage, 1 - 1e-6)
        said = (rows @ np.array(step["weights"]) - leverage * wanted) / (1 - leverage)
        found.append((_error(said, wanted, slot), step))
    error, step = min(found, key=lambda pair: pair[0])
    step["weights"] = [[float(f"{w:.9g}") for w in row] for row in step["weights"]]
    return step, 1 - error / constant if constant > 0 else 0.0


def _constant(wanted: Matrix, slot: Slot) -> Matrix:
    """Return what the constant fill would say: the median, or the commonest level."""
    if not slot.levels:
        return np.asarray(np.median(wanted, axis=0))
    return np.asarray(np.eye(len(slot.levels))[int(wanted.sum(axis=0).argmax())])


def _error(said: Matrix, wanted: Matrix, slot: Slot) -> float:
    """Return the mean squared error of numbers, the share of wrong levels of categories."""
    if not slot.levels:
        return float(((said - wanted) ** 2).mean())
    right = wanted[np.arange(len(wanted)), said.argmax(axis=1)]
    return float(1 - right.mean())


def _said(rows: Matrix, step: Mapping[str, Json]) -> Matrix:
    return np.asarray(rows[:, step["from"]] @ np.asarray(step["weights"]))


def _settled(said: Matrix, slot: Slot) -> Matrix:
    """Return fills within the range that was seen; of a category, one level."""
    if slot.levels:
        return np.asarray(np.eye(len(slot.levels))[said.argmax(axis=1)])
    low, high = ((end - slot.mean) / slot.spread for end in (slot.low, slot.high))
    return np.clip(said, low, high)


def _plain(slot: Slot) -> dict[str, Json]:
    return {**vars(slot), "levels": list(slot.levels)}


class Chain:
    """The learnt regressions, ready to fill rows."""

    def __init__(self, state: Mapping[str, Json]) -> None:
        self.slots = [Slot(**{**row, "levels": tuple(row["levels"])}) for row in state["slots"]]
        by_name = {slot.name: slot for slot in self.slots}
        self.steps: list[tuple[Slot, dict[str, Any]]] = [
            (by_name[step["name"]], {"from": step["from"], "weights": np.array(step["weights"])})
            for step in state["steps"]
        ]

    @property
    def reads(self) -> list[str]:
        """Names of the columns it reads."""
        return [slot.name for slot in self.slots]

    @property
    def fills(self) -> list[str]:
        """Names of the columns it fills."""
        return [slot.name for slot, _ in self.steps]

    def fill(self, rows: pl.DataFrame) -> dict[str, list[Any]]:
        """Return, per column with gaps, the values of all rows, gaps filled.

        Each row is filled by itself, so one row gets the answer it gets among many.

        Args:
            rows: The columns of `reads`; at least one gap somewhere.
        """
        values, missing = _encoded(rows, self.slots)
        open_steps = [(s, step, missing[s.name]) for s, step in self.steps if missing[s.name].any()]
        # One column with gaps reads no other fill: a second round would say the same.
        for _ in range(ROUNDS if len(open_steps) > 1 else 1):
            for slot, step, gaps in open_steps:
                values[gaps, slot.start : slot.stop] = _settled(_said(values[gaps], step), slot)
        filled: dict[str, list[Any]] = {}
        for slot, _, gaps in open_steps:
            cells = rows.get_column(slot.name).to_list()
            for row in np.flatnonzero(gaps).tolist():
                part = values[row, slot.start : slot.stop]
                if slot.levels:
                    cells[row] = slot.levels[int(part.argmax())]
                else:
                    cells[row] = float(part[0]) * slot.spread + slot.mean
            filled[slot.name] = cells
        return filled
