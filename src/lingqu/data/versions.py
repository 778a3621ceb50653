"""Dataset versions by content: the same rows and meaning are stored once, under their digest."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import orjson
import polars as pl

from lingqu.core import digest
from lingqu.core.errors import DataError, StoreError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Blobs
from lingqu.core.schema import Schema

FOLDER = "datasets"
META = "lingqu.dataset"


def save(dataset: Dataset, blobs: Blobs) -> str:
    """Store a dataset as one Parquet file that carries its schema and facts.

    Pictures that are named by path are stored with their bytes (`whole`). Saving what is stored
    writes nothing.

    Args:
        dataset: Rows; the digest is computed if it has none.
        blobs: Where to.

    Returns:
        Path of the blob, ``datasets/<digest>.parquet``.
    """
    dataset = whole(dataset)
    mark = dataset.digest
    path = f"{FOLDER}/{mark}.parquet"
    if _stored(path, blobs):
        return path
    meta = {
        "schema": dataset.schema.to_json(),
        "name": dataset.name,
        "digest": mark,
        "facts": dict(dataset.facts),
    }
    file = BytesIO()
    dataset.frame.write_parquet(
        file, compression="zstd", metadata={META: orjson.dumps(meta).decode()}
    )
    blobs.write(path, file.getvalue())
    return path


def load(path: str, blobs: Blobs) -> Dataset:
    """Load a stored version.

    Raises:
        DataError: The blob is not a dataset that Lingqu wrote.
        StoreError: There is no such blob.
    """
    with blobs.open(path) as file:
        data = file.read()
    try:
        words = pl.read_parquet_metadata(BytesIO(data)).get(META, "")
        frame = pl.read_parquet(BytesIO(data))
        meta = orjson.loads(words)
    except (pl.exceptions.PolarsError, OSError, orjson.JSONDecodeError) as error:
        problem = str(error).splitlines()[0][:200]
        raise DataError("data.bad_version", path=path, problem=problem) from error
    schema = Schema.from_json(meta["schema"])
    return Dataset(frame, schema, meta["name"], meta["digest"], meta["facts"])


def whole(dataset: Dataset) -> Dataset:
    """Return the dataset with the bytes of its media in place of their paths.

    A path says nothing of what the file holds, and is another one on another machine; so only
    the digest of a whole dataset stands for its content. Call it before a digest is taken.

    Raises:
        DataError: A file is gone, with its row.
    """
    frame = dataset.frame
    for column in dataset.schema:
        if column.kind not in ("image", "audio") or frame.schema[column.name] != pl.String:
            continue
        cells = frame[column.name]
        if cells.str.starts_with("data:").any(ignore_nulls=True):
            continue
        read = [_read(cell, column.name, row) for row, cell in enumerate(cells, start=1)]
        frame = frame.with_columns(pl.Series(column.name, read, dtype=pl.Binary))
    if frame is dataset.frame and dataset.digest:
        return dataset
    return replace(dataset, frame=frame, digest=digest.of_frame(frame, dataset.schema))


def _stored(path: str, blobs: Blobs) -> bool:
    try:
        blobs.open(path).close()
    except StoreError:
        return False
    return True


def _read(cell: str | None, column: str, row: int) -> bytes | None:
    if cell is None:
        return None
    try:
        return Path(cell).read_bytes()
    except OSError as error:
        raise DataError(
            "data.picture_unreadable", column=column, row=row, received=cell, problem=str(error)
        ) from error
