"""Remove a person's rows from prediction logs."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from lingqu.core.errors import StoreError


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
        batches, schema, is_file = _read(path)
        if column not in schema.names:
            return 0
        kept, removed = [], 0
        for batch in batches:
            hit = matches(pl.Series(pl.from_arrow(batch.column(column))), value)
            removed += int(hit.sum())
            kept.append(batch.filter(pa.array((~hit).to_list(), pa.bool_())))
        if removed:
            _write(path, _without_ghosts(kept, schema), is_file)
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error
    return removed


def _read(path: Path) -> tuple[list[Any], Any, bool]:
    data = path.read_bytes()
    is_file = data.startswith(b"ARROW1")
    try:
        if is_file:
            reader = pa.ipc.open_file(data)
            batches = [reader.get_batch(n) for n in range(reader.num_record_batches)]
            return batches, reader.schema, True
        stream = pa.ipc.open_stream(data)
    except pa.ArrowInvalid as error:
        problem = f"not an Arrow IPC file: {error}"
        raise StoreError("store.blob_failed", path=str(path), problem=problem) from error
    batches = []
    while True:
        try:
            batches.append(stream.read_next_batch())
        except (StopIteration, pa.ArrowInvalid, OSError):
            return batches, stream.schema, False


def _without_ghosts(batches: list[Any], schema: Any) -> Any:
    """Build every dictionary anew: the old ones still list values that no row has any more."""
    table = pa.Table.from_batches(batches, schema)
    for place, field in enumerate(schema):
        if pa.types.is_dictionary(field.type):
            plain = table.column(place).cast(field.type.value_type)
            anew = plain.dictionary_encode().cast(field.type)
            table = table.set_column(place, field, anew)
    return table


def _write(path: Path, table: Any, is_file: bool) -> None:
    partial = path.with_name(f".{path.name}.partial")
    make = pa.ipc.new_file if is_file else pa.ipc.new_stream
    try:
        with partial.open("wb") as sink:
            with make(sink, table.schema) as writer:
                writer.write_table(table)
            sink.flush()
            os.fsync(sink.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
