"""Bring any frame to the canonical columns of a schema, at training and at prediction alike.

number → Float64 · category, text → String · boolean → Boolean · datetime → Datetime("us") ·
image → String (path), Binary or Array(UInt8 | Float32, (H, W[, C])) · vector → Array(Float32, n).

A missing value is null; NaN, ±inf and the usual words for "nothing" (`MISSING`) become null. What
cannot be read as its kind is refused with row and column, never turned into null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.i18n import Phrase
from lingqu.core.schema import Column, Kind, Schema
from lingqu.release.few_rows import FEW, FewRows, Rows, frame_of
from lingqu.release.frames import like as like
from lingqu.release.frames import to_polars as to_polars
from lingqu.release.kinds.arrays import as_image, as_media, as_vector
from lingqu.release.kinds.boxes import as_boxes
from lingqu.release.kinds.cells import plain
from lingqu.release.kinds.dates import as_datetime
from lingqu.release.kinds.numbers import as_number
from lingqu.release.kinds.refusal import refused
from lingqu.release.kinds.texts import as_category, as_text
from lingqu.release.kinds.yes_no import as_boolean


def conform(frame: pl.DataFrame, schema: Schema, *, where: str = "") -> pl.DataFrame:
    """Return the columns of the schema, in its order and in canonical types.

    Args:
        frame: Rows in any types; extra columns are dropped.
        schema: What is wanted. For a prediction pass ``Schema(schema.inputs)``.
        where: Name of the source, for errors.

    Returns:
        A frame whose columns are exactly `schema.names`. Unknown category levels are kept.

    Raises:
        DataError: A column is missing, or a cell cannot be read as its kind (the first bad row,
            counted from 1).

    Example:
        >>> schema = Schema((Column("age", "number"), Column("city", "category")))
        >>> conform(pl.DataFrame({"age": ["41"], "city": [3]}), schema).rows()
        [(41.0, '3')]
    """
    return frame_of(read(frame, schema, where=where))


def read(frame: pl.DataFrame, schema: Schema, *, where: str = "") -> Rows:
    """Return what `conform` does; few rows as Python values, which become a frame when asked."""
    there = frame.columns
    known = set(there)
    missing = [column.name for column in schema if column.name not in known]
    if missing:
        raise DataError(
            "data.missing_column",
            where=where or "data",
            columns=", ".join(repr(name) for name in missing[:8]),
            count=len(missing),
            near=near(missing[0], there) or "—",
            received=listed(there),
        )
    if 0 < frame.height <= FEW:
        return _few(frame, schema, where)
    return pl.DataFrame([as_kind(frame[column.name], column, where) for column in schema])


def _few(frame: pl.DataFrame, schema: Schema, where: str) -> FewRows:
    cells = plain(frame, schema)
    left: dict[str, pl.Series] = {}
    for column in schema:
        if column.name not in cells:
            left[column.name] = as_kind(frame.get_column(column.name), column, where)
            if column.kind in TYPES:
                cells[column.name] = left[column.name].to_list()
    numbers = {c.name: cells[c.name] for c in schema if c.kind in ("number", "boolean")}
    texts = {c.name: cells[c.name] for c in schema if c.kind in ("category", "text")}

    def whole() -> pl.DataFrame:
        kinds = {c.name: TYPES[c.kind] for c in schema if c.name not in left}
        series = dict(left)
        if kinds:
            rows = zip(*(cells[name] for name in kinds), strict=True)
            told = [dict(zip(kinds, row, strict=True)) for row in rows]
            series |= {s.name: s for s in pl.from_dicts(told, schema=kinds).get_columns()}
        return pl.DataFrame([series[name] for name in schema.names])

    return FewRows(frame.height, numbers, texts, whole)


TYPES: dict[Kind, Any] = {
    "number": pl.Float64,
    "category": pl.String,
    "text": pl.String,
    "boolean": pl.Boolean,
}
"""Canonical types of the kinds whose cells are plain Python values."""


def as_kind(series: pl.Series, column: Column, where: str = "") -> pl.Series:
    """Return one column in the canonical type of its kind; see `conform`.

    Example:
        >>> as_kind(pl.Series("paid", ["是", "否"]), Column("paid", "boolean")).to_list()
        [True, False]
    """
    if series.dtype == pl.Object:
        raise refused(series, column, where, 0, Phrase("data.expects_one_type"))
    return _CASTS[column.kind](series, column, where)


_CASTS: dict[Kind, Callable[[pl.Series, Column, str], pl.Series]] = {
    "number": as_number,
    "category": as_category,
    "boolean": as_boolean,
    "text": as_text,
    "datetime": as_datetime,
    "image": as_image,
    "audio": as_media,
    "vector": as_vector,
    "boxes": as_boxes,
}
