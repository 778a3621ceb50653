"""Rules about pictures: the size, read from the head of each file."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from PIL import Image

from lingqu.govern.contract.row_rules import valued
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, UnevaluatedError


def opened(cell: Any, folder: Path) -> BytesIO | Path:
    """Return what a media cell holds: its bytes, or the path of its file."""
    return BytesIO(cell) if isinstance(cell, bytes) else folder / cell


def each(column: str, table: Table, fails: Callable[[Any], bool]) -> pl.Expr:
    """Return which cells of a media column fail; null where there is no cell."""
    dtype = table.dtype(column)
    if dtype not in (pl.String, pl.Binary):
        raise UnevaluatedError("contract.needs_media", column=column, dtype=dtype)

    def look(cells: pl.Series) -> pl.Series:
        found = [None if cell is None else fails(cell) for cell in cells]
        return pl.Series(cells.name, found, pl.Boolean)

    return pl.col(column).map_batches(look, pl.Boolean, is_elementwise=True)


def image_size(rule: Rule, table: Table) -> Built:
    """A picture fails that is too small, too large, or cannot be read."""
    name, options = rule.columns[0], rule.options

    def bad(width: int, height: int) -> bool:
        return not (
            options.get("min_width", 0) <= width <= options.get("max_width", width)
            and options.get("min_height", 0) <= height <= options.get("max_height", height)
        )

    dtype = table.dtype(name)
    if isinstance(dtype, pl.Array) and len(dtype.shape) in (2, 3):
        height, width = dtype.shape[:2]
        wrong = bad(width, height)
        return valued(rule, pl.col(name).is_not_null() & wrong)

    def fails(cell: Any) -> bool:
        try:
            with Image.open(opened(cell, table.folder)) as image:
                return bad(*image.size)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return True

    return valued(rule, each(name, table, fails))
