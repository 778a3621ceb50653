"""Remove a person's rows from prediction logs."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.errors import StoreError
from lingqu.store.arrow_stream import message_ends, read_stream


def matches(column: pl.Series, value: Any) -> pl.Series:
    """Tell for every value of a column whether it equals `value`; a missing one does not.

    Example:
        >>> matches(pl.Series([7.0, 8.0, None]), "7").to_list()
        [True, False, False]
    """
    if column.dtype.is_float():
        return (column.cast(pl.Float64) == _number(value)).fill_null(False)
    if column.dtype.is_integer() and isinstance(value, float) and value.is_integer():
        value = int(value)
    if column.dtype == pl.Boolean:
        value = str(value).lower()
    return (column.cast(pl.String) == str(value)).fill_null(False)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan  # which equals nothing


def erase_log(path: Path, column: str, value: Any) -> int:
    """Rewrite an Arrow IPC file (stream or file form) without the rows that match.

    The file is replaced whole: a reader sees the old one or the new. A stream that a crash cut
    off in the middle of a batch keeps its whole batches.

    Args:
        path: A file that nobody writes to any more.
        column: Column to compare; a file without it is left alone.
        value: As in `erase`.

    Returns:
        Rows removed.

    Raises:
        StoreError: The file is not Arrow IPC, or cannot be written.
    """
    try:
        is_file = _form(path) == "file"
        frame = pl.read_ipc(io.BytesIO(path.read_bytes())) if is_file else read_stream(path)
        if frame is None or column not in frame.columns:
            return 0
        hit = matches(frame[column], value)
        removed = int(hit.sum())
        if removed:
            _write(path, _without_ghosts(frame.filter(~hit)), is_file)
    except pl.exceptions.PolarsError as error:
        problem = f"not a whole Arrow IPC file: {error}"
        raise StoreError("store.blob_failed", path=str(path), problem=problem) from error
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error
    return removed


def _form(path: Path) -> str:
    """Tell a file from a stream by how it begins; a stream begins with a whole schema."""
    data = path.read_bytes()
    if data.startswith(b"ARROW1"):
        return "file"
    if next(message_ends(data), None) is None:
        problem = "not an Arrow IPC file"
        raise StoreError("store.blob_failed", path=str(path), problem=problem)
    return "stream"


def _without_ghosts(frame: pl.DataFrame) -> pl.DataFrame:
    """Write categories as text: their dictionary may list values that no row has any more."""
    return frame.with_columns(
        pl.col(name).cast(pl.String)
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Categorical | pl.Enum)
    )


def _write(path: Path, frame: pl.DataFrame, is_file: bool) -> None:
    partial = path.with_name(f".{path.name}.partial")
    write = frame.write_ipc if is_file else frame.write_ipc_stream
    try:
        with partial.open("wb") as sink:
            # The oldest form has no string views, whose buffers may hold more than the rows.
            write(sink, compat_level=pl.CompatLevel.oldest())
            sink.flush()
            os.fsync(sink.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
