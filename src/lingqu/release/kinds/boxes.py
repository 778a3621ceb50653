"""Boxes around objects: a list of label, x, y, width and height in pixels for each picture."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from lingqu.core.i18n import Phrase
from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.kinds.refusal import refused

TYPE = pl.List(
    pl.Struct(
        {"label": pl.String, **dict.fromkeys(("x", "y", "width", "height"), pl.Float64)}
    )
)  # fmt: skip
"""Canonical type of a column of boxes."""
_SIDES = ("x", "y", "width", "height")


def as_boxes(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return boxes in their canonical type; an empty list is a picture without objects.

    Args:
        series: Lists of mappings, or such lists as JSON text.
        column: The column.
        where: Name of the source, for errors.

    Raises:
        DataError: A cell is no list of boxes, or a box has no label or no size.

    Example:
        >>> cells = pl.Series("b", ['[{"label": 7, "x": 1, "y": 2, "width": 3, "height": 4}]'])
        >>> as_boxes(cells, Column("b", "boxes"), "").to_list()
        [[{'label': '7', 'x': 1.0, 'y': 2.0, 'width': 3.0, 'height': 4.0}]]
    """
    if series.dtype == TYPE and not series.null_count():
        return series.alias(column.name)
    cells: list[list[dict[str, Json]] | None] = []
    for row, cell in enumerate(series.to_list()):
        try:
            cells.append(_cell(cell))
        except (ValueError, TypeError, KeyError):
            raise refused(series, column, where, row, Phrase("data.expects_boxes")) from None
    return pl.Series(column.name, cells, dtype=TYPE)


def is_boxes(cell: Any) -> bool:
    """Say whether a value reads as a list of boxes.

    Example:
        >>> is_boxes('[{"label": "a", "x": 0, "y": 0, "width": 1, "height": 1}]'), is_boxes("[]")
        (True, True)
    """
    try:
        return _cell(cell) is not None
    except (ValueError, TypeError, KeyError):
        return False


def _cell(cell: Any) -> list[dict[str, Json]] | None:
    if isinstance(cell, str):
        if not cell.strip():
            return None
        cell = json.loads(cell)
    if cell is None:
        return None
    if not isinstance(cell, list):
        raise TypeError(type(cell).__name__)
    return [_box(box) for box in cell]


def _box(box: Any) -> dict[str, Json]:
    if not isinstance(box, Mapping) or box["label"] is None or isinstance(box["label"], list):
        raise TypeError(type(box).__name__)
    sides = {side: float(box[side]) for side in _SIDES}
    if not all(map(math.isfinite, sides.values())) or sides["width"] <= 0 or sides["height"] <= 0:
        raise ValueError(sides)
    label = box["label"]
    whole = isinstance(label, float) and label.is_integer()
    return {"label": str(int(label)) if whole else str(label), **sides}
