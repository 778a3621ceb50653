"""What a generator is asked by: a seed, and perhaps what the row shall be of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError, SpecError
from lingqu.core.schema import SEED, Column, Schema, because
from lingqu.release.made.noise import LARGEST, uniform

_STREAM = 101
"""Draws of what a row is of, where nobody says it."""


def served(schema: Schema) -> Schema:
    """Return the columns by which rows are asked for: the seed, and what was the target.

    Args:
        schema: Of the rows that were learned from.

    Raises:
        SpecError: The target is called like the seed.

    Example:
        >>> rows = Schema((Column("age", "number"), Column("ill", "category", "target")))
        >>> served(rows).names
        ('seed', 'ill')
    """
    seed = Column(SEED, "number", seen=True, **because("generate.reason_seed"))
    target = schema.target
    if target is None:
        return Schema((seed,))
    if target.name == SEED:
        raise SpecError("generate.target_seed", target=SEED)
    why = because("generate.reason_asked")
    return Schema((seed, replace(target, role="feature", nullable=True, **why)))


def wished(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return rows of a request with what callers may leave out: a seed is drawn, the rest empty.

    Args:
        frame: Rows as they came.
        schema: As `served` returned it.
    """
    more: list[pl.Series] = [
        pl.Series(column.name, [None] * frame.height, dtype=pl.Null)
        for column in schema
        if column.name not in frame.columns
    ]
    frame = frame.with_columns(more)
    seeds = frame.get_column(SEED)
    if not seeds.null_count():
        return frame
    fresh = pl.Series(drawn_seeds(frame.height))
    known = seeds.is_not_null()
    filled = fresh.cast(pl.Float64) if seeds.dtype == pl.Null else None
    if filled is None:
        cells = zip(known.to_list(), seeds.to_list(), fresh.to_list(), strict=True)
        filled = pl.Series([cell if there else new for there, cell, new in cells], strict=False)
    return frame.with_columns(filled.alias(SEED))


def drawn_seeds(count: int, seed: int | None = None) -> NDArray[np.int64]:
    """Return seeds for rows: of one seed always the same, of none never.

    Example:
        >>> bool((drawn_seeds(3, 5) == drawn_seeds(3, 5)).all())
        True
    """
    return np.random.default_rng(seed).integers(0, LARGEST, count, dtype=np.int64)


@dataclass(frozen=True)
class Conditions:
    """What the rows of one request are made from.

    Args:
        seeds: Of each row, int64 (N,).
        asked: What each row shall be of, as it was asked for or drawn by its share: cells as
            they will stand in the answer; all None where nothing can be asked for.
    """

    seeds: NDArray[np.int64]
    asked: Sequence[Any]

    @classmethod
    def of(cls, frame: pl.DataFrame, target: Mapping[str, Any] | None) -> Conditions:
        """Read the conditions of a request.

        Args:
            frame: Rows with a seed, and with the target where there is one.
            target: What the block says of it: ``name``, and ``levels`` with their ``shares``, or
                ``values``, numbers of which one is drawn. None where nothing can be asked for.

        Raises:
            DataError: A seed is no whole number, or a class is not known.
        """
        seeds = _whole(frame.get_column(SEED))
        if target is None:
            return cls(seeds, [None] * len(seeds))
        told = frame.get_column(target["name"]).to_list()
        cells = [str(cell).lower() if isinstance(cell, bool) else cell for cell in told]
        if "levels" in target:
            _refuse_unknown(cells, target)
        at = uniform(seeds, 1, _STREAM)[:, 0]
        choices: list[Any] = list(target.get("levels", target.get("values", ())))
        shares = np.cumsum(target.get("shares", [1.0] * len(choices)))
        drawn = np.minimum(np.searchsorted(shares / shares[-1], at), len(choices) - 1)
        pairs = zip(cells, drawn.tolist(), strict=True)
        return cls(seeds, [choices[new] if cell is None else cell for cell, new in pairs])


def _whole(series: pl.Series) -> NDArray[np.int64]:
    """Return seeds; anything but a whole number that float64 holds is refused."""
    for row, cell in enumerate(series.to_list(), start=1):
        if cell is None or cell != int(cell) or not 0 <= cell < LARGEST:
            raise DataError("generate.bad_seed", row=row, received=cell)
    return series.cast(pl.Int64).to_numpy()


def _refuse_unknown(cells: Sequence[Any], target: Mapping[str, Any]) -> None:
    known = set(target["levels"])
    for row, cell in enumerate(cells, start=1):
        if cell is not None and cell not in known:
            raise DataError(
                "generate.unknown_class", row=row, column=target["name"], received=str(cell)[:60],
                expected=", ".join(map(str, target["levels"][:20])),
            )  # fmt: skip
