"""A few rows, cell by cell: planning an expression for each column costs more than the answer.

Only what is plainly of its kind is read here, exactly as many rows are. All else is left to
`conform.as_kind`, which reads or refuses it: in one way, and in the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import polars as pl

from lingqu.core.schema import Column, Kind, Schema
from lingqu.release.few_rows import Cells
from lingqu.release.kinds.words import MISSING, sides

_NOTHING = frozenset(MISSING)
_EXACT = 2**53
"""From here on a float no longer tells every integer."""
_BLANKS = " \t\r\n"


def plain(frame: pl.DataFrame, schema: Schema) -> dict[str, Cells]:
    """Return the cells of the columns that are plainly of their kind, in canonical types.

    Args:
        frame: A few rows with every column of the schema, at least one.
        schema: What is wanted.

    Example:
        >>> schema = Schema((Column("age", "number"), Column("city", "category")))
        >>> plain(pl.DataFrame({"age": [4, 5], "city": ["NA", "成都"]}), schema)
        {'age': [4.0, 5.0], 'city': [None, '成都']}
    """
    types = dict(zip(frame.columns, map(type, frame.dtypes), strict=True))
    reads = [(c, _READ.get((c.kind, types[c.name]))) for c in schema]
    asked = [(column, read) for column, read in reads if read is not None]
    # One crossing into Rust instead of one per column.
    rows = frame[[column.name for column, _ in asked]].rows()
    found: dict[str, Cells] = {}
    for (column, read), cells in zip(asked, zip(*rows, strict=True), strict=False):
        made = read(cells, column)
        if made is not None:
            found[column.name] = made
    return found


def _finite(cells: Cells, column: Column) -> Cells:
    if all(cell is None or isfinite(cell) for cell in cells):
        return cells
    return [cell if cell is not None and isfinite(cell) else None for cell in cells]


def _floats(cells: Cells, column: Column) -> Cells:
    return [None if cell is None else float(cell) for cell in cells]


def _as_they_are(cells: Cells, column: Column) -> Cells:
    return cells


def _digits(cells: Cells, column: Column) -> Cells:
    return [None if cell is None else str(cell) for cell in cells]


def _whole(cells: Cells, column: Column) -> Cells | None:
    """Return whole numbers as text; None where others are among them."""
    known = [cell if cell is not None and isfinite(cell) else None for cell in cells]
    if not all(cell is None or (cell.is_integer() and abs(cell) < _EXACT) for cell in known):
        return None
    return [None if cell is None else str(int(cell)) for cell in known]


def _levels(cells: Cells, column: Column) -> Cells:
    low, high = column.levels if len(column.levels) == 2 else ("false", "true")
    return [None if cell is None else high if cell else low for cell in cells]


def _named(cells: Cells, column: Column) -> Cells:
    if _NOTHING.isdisjoint(cells):
        return cells
    return [None if cell in _NOTHING else cell for cell in cells]


def _answers(cells: Cells, column: Column) -> Cells | None:
    """Return yes and no; None where a cell says neither."""
    low, high = sides(column.levels)
    read: list[bool | None] = []
    for cell in cells:
        word = cell if cell is None else cell.strip(_BLANKS).lower()
        if word is not None and word not in low and word not in high:
            return None
        read.append(None if word is None else word in high)
    return read


Read = Callable[[Cells, Column], Cells | None]


def _then(first: Read, second: Read) -> Read:
    def both(cells: Cells, column: Column) -> Cells | None:
        words = first(cells, column)
        return None if words is None else second(words, column)

    return both


_WORDS: dict[Any, Read] = {
    pl.String: _as_they_are,
    pl.Categorical: _as_they_are,
    pl.Int64: _digits,
    pl.Float64: _whole,
    pl.Null: _as_they_are,
}
_READ: dict[tuple[Kind, Any], Read] = {
    ("number", pl.Float64): _finite,
    ("number", pl.Int64): _floats,
    ("number", pl.Boolean): _floats,
    ("number", pl.Null): _as_they_are,
    ("boolean", pl.Boolean): _as_they_are,
    ("category", pl.Boolean): _then(_levels, _named),
    ("text", pl.Boolean): _levels,
    **{("text", dtype): read for dtype, read in _WORDS.items()},
    **{("category", dtype): _then(read, _named) for dtype, read in _WORDS.items()},
    **{("boolean", dtype): _then(read, _answers) for dtype, read in _WORDS.items()},
}
"""Kind and type of a column → what reads its cells; None of it where they are not plain."""
