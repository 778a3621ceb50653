"""Rows as a report shows them: a few plain values, and a small picture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Schema
from lingqu.learn.verify import OTHER
from lingqu.release.media import pixels

MIDNIGHT = time()
VALUES = 8
"""Columns shown of a row."""
SIDE = 48
"""Pixels of a side of a picture, at most."""
BETWEEN, WHITE = 2, 255
"""Pixels between the two sides of a pair, and their light."""


def shown_row(schema: Schema, row: Mapping[str, Any], named: bool = False) -> dict[str, Json]:
    """Return a row as a report shows it: a few plain values, and its picture if it has one.

    Args:
        schema: Its columns, without those that may not be shown.
        row: Its values.
        named: Whether ids are shown too, first: whoever decides on a row must find the case.
    """
    return {
        "values": {c.name: plain(row[c.name]) for c in _shown(schema, named)},
        "image": _image(schema, row),
    }


def _shown(schema: Schema, named: bool) -> tuple[Column, ...]:
    ids = schema.having("id") if named else ()
    plain_ones = [c for c in schema.features if c.kind not in ("image", "audio", "vector")]
    return (*ids, *plain_ones)[:VALUES]


def _image(schema: Schema, row: Mapping[str, Any]) -> Json:
    """Return small decoded images as rows of 0–255, for inline pictures; of a pair both sides."""
    columns = [c for c in schema.features if c.kind == "image"]
    if not columns:
        return None
    first, name = _pixels(columns[0], row), columns[0].name
    other = next((c for c in columns[1:] if c.name.replace(OTHER, "", 1) == name), None)
    if other is None:
        return first.tolist()
    between = np.full((len(first), BETWEEN), WHITE)
    return np.hstack([first, between, _pixels(other, row)]).tolist()


def _pixels(column: Column, row: Mapping[str, Any]) -> NDArray[np.int64]:
    shape = column.shape or (32, 32)
    picture = pixels(pl.Series([row[column.name]]), tuple(min(s, SIDE) for s in shape[:2]))[0]
    low, high = column.low or 0.0, column.high or 255.0
    scaled = (np.asarray(picture, dtype=float) - low) / max(high - low, 1e-9) * WHITE
    return np.clip(scaled, 0, WHITE).astype(int)


def plain(value: Any) -> Json:
    """Return a cell as JSON; what JSON lacks becomes text, a day without a time its date.

    Example:
        >>> plain(datetime(2024, 3, 5)), plain(datetime(2024, 3, 5, 8, 30))
        ('2024-03-05', '2024-03-05 08:30:00')
    """
    if isinstance(value, datetime) and value.time() == MIDNIGHT:
        value = value.date()
    return value if isinstance(value, (int, float, str, bool)) or value is None else str(value)
