"""Hugging Face `datasets`: a `Dataset` or a `DatasetDict` in memory, told by its form.

The library itself is never imported: whoever hands such an object over has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import DataError
from lingqu.core.schema import Kind

MEDIA: dict[str, Kind] = {"Image": "image", "Audio": "audio"}


def is_hub(value: Any) -> bool:
    """Tell whether an object is a data set of that library."""
    kind = type(value)
    known = ("Dataset", "DatasetDict", "IterableDataset", "IterableDatasetDict")
    return kind.__module__.partition(".")[0] == "datasets" and kind.__name__ in known


def rows(value: Any, split: str = "") -> tuple[pl.DataFrame, dict[str, Kind]]:
    """Return the rows and the kinds that the features tell.

    Class codes become the names of their classes (-1, which means no label, becomes missing),
    and pictures and recordings become their encoded bytes.

    Args:
        value: A `Dataset`, or a `DatasetDict`.
        split: Which part of a `DatasetDict`; all parts, with a column ``split``, when omitted.

    Raises:
        DataError: It has no such part, streams its rows, or its parts differ.
    """
    if type(value).__name__.startswith("Iterable"):
        raise DataError("collect.hub_stream", received=type(value).__name__)
    if not isinstance(value, Mapping):
        if split:
            raise DataError("collect.no_split", split=split, near="—", received="—")
        return _part(value, "")
    if split and split not in value:
        raise DataError(
            "collect.no_split", split=split, near=near(split, value), received=", ".join(value)
        )
    parts = {name: _part(value[name], name) for name in ([split] if split else value)}
    if not parts:
        raise DataError("data.no_rows", path="DatasetDict", columns="—")
    first, (frame, kinds) = next(iter(parts.items()))
    if len(parts) == 1:
        return frame, kinds
    for name, (other, _) in parts.items():
        odd = sorted(set(frame.columns) ^ set(other.columns))
        if odd:
            difference = ", ".join(map(repr, odd[:8]))
            raise DataError("data.files_differ", path=name, first=first, difference=difference)
    column = "split" if "split" not in frame.columns else "hub_split"
    marked = [
        part.select(frame.columns).with_columns(pl.lit(name).alias(column))
        for name, (part, _) in parts.items()
    ]
    kinds = {**kinds, column: "category"}
    return pl.concat(marked, how="vertical_relaxed"), kinds


def _part(dataset: Any, name: str) -> tuple[pl.DataFrame, dict[str, Kind]]:
    # In this format rows come as they are stored: nothing is decoded, and chosen rows stay chosen.
    table = dataset.with_format("arrow")[:]
    columns: list[pl.Series] = []
    kinds: dict[str, Kind] = {}
    for column, feature in dataset.features.items():
        what = type(feature).__name__
        values = _stored(table.column(column), column)
        if what == "ClassLabel":
            values = _named(values, list(feature.names))
            kinds[column] = "category"
        elif what in MEDIA:
            values = _bytes(values, column)
            kinds[column] = MEDIA[what]
        columns.append(values)
    return pl.DataFrame(columns), kinds


def _stored(values: Any, name: str) -> pl.Series:
    """Return an Arrow column as a series; array features are wrapped in a type of the library."""
    if hasattr(values.type, "storage_type"):
        chunks = [pl.Series(name, chunk.storage) for chunk in values.chunks]
        return pl.concat(chunks) if chunks else pl.Series(name, [], dtype=pl.Null)
    return pl.Series(name, values)


def _named(codes: pl.Series, names: list[str]) -> pl.Series:
    words = pl.Series(names, dtype=pl.String)
    known = (codes >= 0) & (codes < len(names))
    places = codes.set(~known.fill_null(False), None)
    return words.gather(places).alias(codes.name)


def _bytes(values: pl.Series, column: str) -> pl.Series:
    """Return the bytes of media; those that name a file only are read."""
    if values.dtype == pl.Null:
        return values.cast(pl.Binary)
    held = values.struct.field("bytes").to_list()
    paths = values.struct.field("path").to_list()
    read: list[bytes | None] = []
    for row, (data, path) in enumerate(zip(held, paths, strict=True), start=1):
        try:
            read.append(Path(path).read_bytes() if data is None and path else data)
        except OSError as error:
            raise DataError(
                "collect.media_missing", column=column, row=row, received=path, problem=str(error)
            ) from error
    return pl.Series(column, read, dtype=pl.Binary)
