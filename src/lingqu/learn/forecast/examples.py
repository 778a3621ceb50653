"""Examples for models that learn from all series: (series, origin, step) → the value there.

Every origin sees only values up to itself, cut out of the series before anything is computed
from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Schema
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.history import Floats, Ints
from lingqu.release.series.parts import View, names_of, numbers_of

MOST = 40_000
"""Examples at most: more of them hardly teach more and cost time."""
ORIGINS = 12_000
"""Origins at most."""
_FEWEST = 2
_CLIP = 20.0
"""Told targets further away than this are outliers and would rule a squared error."""
_CHUNK = 4096


@dataclass(frozen=True)
class Examples:
    """Arrays of examples.

    Args:
        told: Numbers of the parts, (N, D).
        names: A name for each.
        target: The value, told in units of its series at its origin, (N,).
        weight: Movement at the origin in units of the series: large errors weigh as they will.
        places: Step of each value on the grid, (N,).
        ends: Step of the last value of its series, (N,).
    """

    told: Floats
    names: list[str]
    target: Floats
    weight: Floats
    places: Ints
    ends: Ints

    def table(self, rows: NDArray[Any] | slice = slice(None)) -> Dataset:
        """Return examples as a table of numbers, for a learner of tables."""
        columns = {f"x{i}": self.told[rows][:, i] for i in range(self.told.shape[1])}
        frame = pl.DataFrame({**columns, "y": self.target[rows], "w": self.weight[rows]})
        frame = frame.with_columns(pl.col(*columns).fill_nan(None))
        schema = [Column(name, "number", nullable=True) for name in columns]
        roles = [Column("y", "number", "target"), Column("w", "number", "weight")]
        return Dataset(frame, Schema((*schema, *roles)), "examples")


def examples(
    train: Dataset, reading: Reading, parts: Sequence[Mapping[str, Json]], seed: int,
    most: int = MOST,
) -> Examples:  # fmt: skip
    """Make examples of all series, of as many origins as there is room for.

    Args:
        train: The rows, for the columns that are known in advance.
        reading: The same rows as series.
        parts: What the model reads.
        seed: Seed of the draw of origins and steps.
        most: Examples at most.
    """
    random = np.random.default_rng(seed)
    origins = _origins(reading, random, most)
    known = _rows_of(reading) if any(part["kind"] == "known" for part in parts) else None
    series = [one for _, one in reading.book]
    names = list(reading.book.series)
    found: list[tuple[Floats, Floats, Floats, Ints, Ints]] = []
    for start in range(0, len(origins), _CHUNK):
        block = origins[start : start + _CHUNK]
        values = np.full((len(block), reading.length), np.nan)
        owner, steps, truth = [], [], []
        for row, (which, end) in enumerate(block.tolist()):
            one = series[which]
            seen = one.until(end, reading.length).values
            values[row, reading.length - len(seen) :] = seen
            after = np.flatnonzero(one.given[end + 1 - one.start :][: reading.horizon]) + 1
            each = max(1, -(-most // max(1, len(origins))))
            if len(after) > each:
                after = np.sort(random.choice(after, each, replace=False))
            owner.append(np.full(len(after), row))
            steps.append(after)
            truth.append(one.values[end - one.start + after])
        rows, ahead = np.concatenate(owner), np.concatenate(steps).astype(np.int64)
        units = np.array([series[which].unit for which in block[:, 0]])
        places = block[rows, 1] + ahead
        frame = pl.DataFrame()
        if known is not None:
            cells = [
                known.get((int(w), int(p)), -1) for w, p in zip(block[rows, 0], places, strict=True)
            ]
            have = np.array(cells) >= 0
            rows, ahead, places = rows[have], ahead[have], places[have]
            truth = [np.concatenate(truth)[have]]
            frame = train.frame[np.array(cells)[have]]
        view = View([names[w] for w in block[:, 0]], values, units, rows, ahead, places, frame,
                    reading.book.grid, reading.book.season, reading.horizon)  # fmt: skip
        told = np.concatenate([numbers_of(part, view) for part in parts], axis=1)
        target = view.told(np.concatenate(truth)[:, None])[:, 0]
        ends = np.array([series[which].end for which in block[:, 0]], dtype=np.int64)
        weight = np.clip(view.move / units, 0.2, 5.0)[rows]
        found.append((told, np.clip(target, -_CLIP, _CLIP), weight, places, ends[rows]))
    told, target, weight, places, ends = (
        np.concatenate(column) for column in zip(*found, strict=True)
    )
    labels = [name for part in parts for name in names_of(part)]
    return Examples(told, labels, target, weight, places, ends)


def _origins(reading: Reading, random: np.random.Generator, most: int) -> Ints:
    """Return pairs of series and origin, (O, 2); the origin's own value is known."""
    pairs = []
    season = reading.book.season
    for which, (_, one) in enumerate(reading.book):
        least = min(max(_FEWEST, season + 1), max(_FEWEST, len(one.values) // 3))
        first, last = one.start + least - 1, one.end - 1
        if last >= first:
            ends = np.arange(first, last + 1)
            ends = ends[one.given[ends - one.start]]
            pairs.append(np.column_stack([np.full(len(ends), which), ends]))
    if not pairs:
        return np.zeros((0, 2), dtype=np.int64)
    whole = np.concatenate(pairs)
    size = min(len(whole), ORIGINS, most)
    if size < len(whole):
        whole = whole[np.sort(random.choice(len(whole), size, replace=False))]
    return whole


def _rows_of(reading: Reading) -> dict[tuple[int, int], int]:
    """Return the row of every series and step."""
    keys, steps = reading.rows
    place = {key: index for index, key in enumerate(reading.book.series)}
    return {
        (place[key], int(step)): row
        for row, (key, step) in enumerate(zip(keys, steps, strict=True))
    }
