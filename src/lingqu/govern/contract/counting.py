"""One select for the counts of many rules; the numbers and cells of rows that fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from lingqu.core.nouns import Json
from lingqu.govern.contract.result import plain
from lingqu.govern.contract.table import Built
from lingqu.govern.step import SAMPLES


def _counts(ready: Built) -> pl.Expr:
    if ready.observed is not None:
        return ready.observed
    if ready.failures is not None:
        return ready.failures
    return ready.rows.sum()  # type: ignore[union-attr]


def counted(
    frame: pl.DataFrame | pl.LazyFrame, built: Mapping[int, Built]
) -> dict[int, tuple[Any, int] | Exception]:
    """Return the count (or observed value) and the rows judged of each rule.

    One that the engine cannot answer gets an exception.
    """
    named = [
        expr
        for i, ready in built.items()
        for expr in (_counts(ready).alias(str(i)), ready.judged.alias(f"{i}n"))
    ]
    if not named:
        return {}
    try:
        row = collected(frame.lazy().select(named), isinstance(frame, pl.LazyFrame)).row(
            0, named=True
        )
        return {i: (row[str(i)], int(row[f"{i}n"])) for i in built}
    except pl.exceptions.PolarsError as error:
        if len(built) == 1:
            return {i: error for i in built}
    # One rule does not fit its column: ask one by one, so that only that rule is unknown.
    found: dict[int, tuple[Any, int] | Exception] = {}
    for i, ready in built.items():
        found |= counted(frame, {i: ready})
    return found


def collected(frame: pl.LazyFrame, streaming: bool) -> pl.DataFrame:
    """Return the rows of a query."""
    return frame.collect(engine="streaming" if streaming else "in-memory")


def gather(
    part: pl.DataFrame, start: int, built: Mapping[int, Built], rows: Mapping[int, list[int]]
) -> None:
    """Add the numbers of failing rows of a part of the table, to at most `SAMPLES` a rule."""
    if not built:
        return
    found = part.lazy().select(
        ready.rows.fill_null(False).arg_true().head(SAMPLES).implode().alias(str(i))  # type: ignore[union-attr]
        for i, ready in built.items()
    )
    for name, numbers in found.collect(engine="in-memory").row(0, named=True).items():
        held = rows[int(name)]
        held += [start + number for number in numbers[: SAMPLES - len(held)]]


def sample(row: int, cells: Iterable[Any]) -> dict[str, Json]:
    """Return a failing row to be shown: its number, and the cells that the rule read."""
    values = [plain(cell) for cell in cells]
    return {"row": row, "value": values[0] if len(values) == 1 else values}
