"""Seasonal residual: is a value odd for this hour of the week, and this series?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.flag.reading import READ, ROW_AXIS, Reading, member, read
from lingqu.learn.tabular.graph import Step

MONTH, WEEKDAY, HOUR = 1, 3, 4
"""Places of the calendar parts in their block."""
SEASONS: dict[str, tuple[int, int, int, int]] = {
    "none": (1, 0, 0, 0),
    "weekday": (7, 0, 1, 0),
    "month": (12, 1, 0, 0),
    "hour": (24, 0, 0, 1),
    "hour of week": (168, 0, 24, 1),
}
"""Of each season how many slots it has, and what month, weekday and hour add to the slot."""
FEW = 8
"""Rows of a slot from which its own median is taken."""
_ENOUGH = 100
"""Rows of a series from which it has medians of its own."""


@dataclass
class SeasonalResidual:
    """Score rows by how far their numbers are from the usual ones of their time and series.

    Needs ``data.time``; with ``data.group`` every series that has enough rows is compared with
    itself. The season is the one whose medians leave the least on rows that did not make them.

    Args:
        season: ``hour of week``, ``hour``, ``weekday``, ``month`` or ``none``; found when empty.

    Example:
        >>> SeasonalResidual(season="hour").season
        'hour'

    Source: Seasonal hybrid residuals with medians: Vallis, Hochenbaum and Kejariwal, "A novel
        technique for long-term anomaly detection in the cloud", HotCloud 2014.
    """

    name: ClassVar[str] = "seasonal_residual"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "numpy"

    season: str = ""

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; nothing else is needed."""
        reading = read(train, budget.seed)
        if reading.moments < 0 or (self.season and self.season not in SEASONS):
            expected = ", ".join(SEASONS)
            raise TrainError("flag.no_season", season=self.season, expected=expected)
        season = self.season or _found(reading)
        middle, scale = _tables(reading, season)

        def scored(x: NDArray[np.float32]) -> NDArray[np.float64]:
            slot, whose = _slots(x, reading, season)
            z = reading.front.comparable(x)
            away = (z - middle[slot]) / scale[whose]
            found: NDArray[np.float64] = np.log1p((away * away).mean(1))
            return found

        steps, constants = _steps(reading, season)
        constants |= {"middles": middle, "scales": scale, "one": np.array(1.0)} | ROW_AXIS
        notes = {"season": season, "series": reading.series}
        return member(
            self.name, reading, scored(reading.x), steps, constants, scored, notes, double=True
        )

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.seasonal_residual(rows, columns, classes)


def _slots(
    x: NDArray[np.float32], reading: Reading, season: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return of each row the line of its series and slot, and the line of its series alone."""
    count, month, weekday, hour = SEASONS[season]
    at = reading.moments
    parts = x[:, [at + MONTH, at + WEEKDAY, at + HOUR]].astype(np.float64)
    slot = np.floor(parts) @ np.array([month, weekday, hour], dtype=np.float64)
    slot = np.where(np.isnan(slot), count, slot).astype(np.int64)
    whose = np.full(len(x), reading.series, dtype=np.int64)
    if reading.group >= 0:
        code = x[:, reading.group]
        whose = np.where(np.isnan(code), reading.series, code).astype(np.int64)
    return whose * (count + 1) + slot, whose


def _tables(reading: Reading, season: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return medians per series and slot, and the spread of what is left per series.

    The last slot stands for a time that is missing, the last series for one never seen: all rows.
    """
    count = SEASONS[season][0]
    z = reading.front.comparable(reading.x)
    line, whose = _slots(reading.x, reading, season)
    slot = line - whose * (count + 1)
    whole = _medians(z, slot, count)
    tables, scales = [], []
    common = _spread(z - whole[slot])
    for one in range(reading.series + 1):
        rows = whose == one
        if one == reading.series or rows.sum() < _ENOUGH:
            tables.append(whole)
            scales.append(common)
            continue
        own = _medians(z[rows], slot[rows], count)
        tables.append(own)
        scales.append(np.maximum(_spread(z[rows] - own[slot[rows]]), 0.05 * common))
    return np.concatenate(tables), np.stack(scales)


def _medians(z: NDArray[np.float64], slot: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return the median of each slot, (count + 1, D); that of all rows where it has few."""
    table = np.repeat(np.median(z, axis=0)[None, :], count + 1, axis=0)
    order = np.argsort(slot, kind="stable")
    cuts = np.searchsorted(slot[order], np.arange(count + 1))
    for one in range(count):
        rows = order[cuts[one] : cuts[one + 1]]
        if len(rows) >= FEW:
            table[one] = np.median(z[rows], axis=0)
    return table


def _spread(left: NDArray[np.float64]) -> NDArray[np.float64]:
    size = np.abs(left)
    robust = 1.4826 * np.median(size, axis=0)
    return np.maximum(np.where(robust > 1e-6, robust, 1.2533 * size.mean(0)), 0.05)


def _found(reading: Reading) -> str:
    """Return the season whose medians of one half of the rows leave the least of the other."""
    best, least = "none", np.inf
    z = reading.front.comparable(reading.x)
    order = np.random.default_rng(0).permutation(len(z))
    learn, judge = order[::2], order[1::2]
    for name, (count, *_) in SEASONS.items():
        line, _ = _slots(reading.x, reading, name)
        table = _medians(z[learn], line[learn], (reading.series + 1) * (count + 1))
        left = float(np.abs(z[judge] - table[line[judge]]).mean()) if len(judge) else 0.0
        if left < 0.98 * least:  # a season must be worth its slots
            best, least = name, left
    return best


def _steps(reading: Reading, season: str) -> tuple[list[Step], dict[str, Any]]:
    """Return the nodes from ``x`` to ``score``."""
    count, month, weekday, hour = SEASONS[season]
    front, constants = reading.front.steps("comparable", double=True)
    at = reading.moments
    constants |= {
        "calendar": np.array([at + MONTH, at + WEEKDAY, at + HOUR]),
        "worth": np.array([[month], [weekday], [hour]], dtype=np.float64),
        "no_time": np.array(float(count)),
        "flat": np.array([-1]),
    }
    steps: list[Step] = [
        *front,
        ("Gather", ["x", "calendar"], ["moments"], {"axis": 1}),
        ("Floor", ["moments"], ["whole_moments"], {}),
        ("MatMul", ["whole_moments", "worth"], ["free_slot"], {}),
        ("IsNaN", ["free_slot"], ["timeless"], {}),
        ("Where", ["timeless", "no_time", "free_slot"], ["slot"], {}),
    ]
    if reading.group >= 0:
        constants |= {
            "group_place": np.array([reading.group]),
            "no_group": np.array(float(reading.series)),
            "stride": np.array(float(count + 1)),
        }
        steps += [
            ("Gather", ["x", "group_place"], ["code"], {"axis": 1}),
            ("IsNaN", ["code"], ["nobody"], {}),
            ("Where", ["nobody", "no_group", "code"], ["whose"], {}),
        ]
    else:
        constants |= {"stride": np.array(0.0), "zero": np.array(0.0)}
        steps.append(("Mul", ["slot", "zero"], ["whose"], {}))
    return [
        *steps,
        ("Mul", ["whose", "stride"], ["start"], {}),
        ("Add", ["start", "slot"], ["line"], {}),
        ("Cast", ["line"], ["whole_line"], {"to": TensorProto.INT64}),
        ("Reshape", ["whole_line", "flat"], ["line_of"], {}),
        ("Cast", ["whose"], ["whole_whose"], {"to": TensorProto.INT64}),
        ("Reshape", ["whole_whose", "flat"], ["whose_of"], {}),
        ("Gather", ["middles", "line_of"], ["expected"], {"axis": 0}),
        ("Gather", ["scales", "whose_of"], ["spread"], {"axis": 0}),
        ("Sub", ["comparable", "expected"], ["residual"], {}),
        ("Div", ["residual", "spread"], ["deviations"], {}),
        ("Mul", ["deviations", "deviations"], ["deviation_squares"], {}),
        ("ReduceMean", ["deviation_squares", "row_axis"], ["mean_square"], {"keepdims": 1}),
        ("Add", ["mean_square", "one"], ["above_one"], {}),
        ("Log", ["above_one"], ["score"], {}),
    ], constants
