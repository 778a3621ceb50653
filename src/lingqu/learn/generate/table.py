"""What learners of tables read: the rows as numbers, and what can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError, TrainError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.release.made.columns import KINDS, Made, learned

FEW = 8
"""Rows of a class below which nothing can be learned of it."""
_DRAWN = 1000
"""Values of an asked number that are kept, evenly spread: where none is asked for, one is drawn."""


@dataclass(frozen=True)
class Table:
    """Rows as numbers.

    Args:
        made: The columns that are learned, in their order.
        values: Cells as numbers, NaN where one is missing; float64, shape (N, columns).
        target: What can be asked for, as `Conditions.of` reads it; None without a target.
        left_out: Columns that are not learned.
    """

    made: tuple[Made, ...]
    values: NDArray[np.float64]
    target: Mapping[str, Any] | None
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset, most: int = 0, seed: int = 0) -> Table:
        """Read a dataset.

        Args:
            dataset: Governed rows.
            most: Rows at most, drawn; 0 for all.
            seed: Seed of that draw.

        Raises:
            DataError: A column is of a kind that is not made.
            TrainError: There are fewer than two rows.
        """
        columns, frame = learned(dataset.schema), dataset.frame
        refuse_kinds(dataset)
        if len(dataset) < 2:
            raise TrainError(
                "learn.too_few_rows", name=dataset.name, rows=len(dataset), usable=len(dataset)
            )
        if most and len(frame) > most:
            drawn = np.random.default_rng(seed).choice(len(frame), most, replace=False)
            frame = frame[np.sort(drawn)]
        made = tuple(Made.of(column, frame.get_column(column.name)) for column in columns)
        values = np.column_stack([one.numbers(frame.get_column(one.name)) for one in made])
        names = {column.name for column in columns}
        others = tuple(c.name for c in dataset.schema if c.name not in names)
        return cls(made, values, _target(dataset, frame), others)

    @property
    def asked(self) -> list[str]:
        """The name of the target, or nothing."""
        return [self.target["name"]] if self.target is not None else []

    @property
    def order(self) -> list[int]:
        """The columns in the order in which they are drawn: what is asked for comes first."""
        first = [place for place, one in enumerate(self.made) if one.name in self.asked]
        return [*first, *(place for place in range(len(self.made)) if place not in first)]


def refuse_kinds(dataset: Dataset) -> None:
    """Refuse columns of which no cells can be made.

    Raises:
        DataError: There are some; it names them.
    """
    columns = learned(dataset.schema)
    odd = [column for column in columns if column.kind not in KINDS]
    if odd:
        named = ", ".join(f"{column.name} ({column.kind})" for column in odd[:8])
        raise DataError(
            "generate.kinds", columns=named, expected=", ".join(sorted(KINDS)),
            drop=", ".join(column.name for column in odd[:8]),
        )  # fmt: skip


def few_rows(dataset: Dataset) -> list[dict[str, Json]]:
    """Return notes on classes with too few rows to learn anything of."""
    target = dataset.schema.target
    if target is None or target.kind == "number":
        return []
    counts = dataset.frame.get_column(target.name).cast(pl.String).drop_nulls().value_counts()
    rare = sorted((n, name) for name, n in counts.iter_rows() if n < FEW)
    told = ", ".join(f"{name} ({n})" for n, name in rare[:8])
    said = both("generate.note_few", classes=told, least=FEW)
    return [{"en": said["en"], "zh": said["zh"]}] if rare else []


def _target(dataset: Dataset, frame: pl.DataFrame) -> dict[str, Json] | None:
    column = dataset.schema.target
    if column is None:
        return None
    series = frame.get_column(column.name).drop_nulls()
    if column.kind == "number":
        ordered = series.cast(pl.Float64).sort().to_numpy()
        places = np.linspace(0, len(ordered) - 1, min(_DRAWN, len(ordered))).astype(int)
        return {"name": column.name, "values": ordered[places].tolist()}
    counts = dict(series.cast(pl.String).value_counts().iter_rows())
    levels = [level for level in column.levels or sorted(counts) if counts.get(level)]
    total = sum(counts.values())
    return {"name": column.name, "levels": levels, "shares": [counts[x] / total for x in levels]}
