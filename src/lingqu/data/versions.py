"""Dataset versions by content: the same rows and meaning are stored once, under their digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import orjson
import polars as pl

from lingqu.core import digest
from lingqu.core.errors import DataError, StoreError, gist
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Blobs
from lingqu.core.schema import Schema
from lingqu.store.blobs import size_of
from lingqu.store.datasets import MEDIA, TABLE
from lingqu.store.packs import (
    META,
    Packer,
    content_bytes,
    fetch,
    known_places,
    place_columns,
    placed,
    read_stored,
    stored_places,
    write_stored,
)

FOLDER = "datasets"
PACKED_FROM = 2**20
"""Bytes of media in a column from which they lie in packs, shared by versions that hold them."""


@dataclass(frozen=True)
class Kept:
    """A stored version.

    Args:
        path: Path of the blob, ``datasets/<digest>.parquet``.
        kind: ``table``, or ``media`` where bytes of cells lie in packs.
        bytes: Size of the rows and of what they name in packs.
    """

    path: str
    kind: str
    bytes: int


def save(dataset: Dataset, blobs: Blobs, known: Iterable[str] = ()) -> str:
    """Store a dataset and return the path of its blob; see `keep`."""
    return keep(dataset, blobs, known).path


def keep(dataset: Dataset, blobs: Blobs, known: Iterable[str] = ()) -> Kept:
    """Store a dataset as one Parquet file that carries its schema and facts.

    Pictures that are named by path are stored with their bytes (`whole`). Where media weigh more
    than `PACKED_FROM` their bytes go into packs, and the file only says where they lie. Saving
    what is stored writes nothing.

    Args:
        dataset: Rows; the digest is computed if it has none.
        blobs: Where to.
        known: Paths of versions whose media this one may share.
    """
    dataset = whole(dataset)
    path = path_of(dataset.digest)
    heavy = _heavy(dataset)
    kind = MEDIA if heavy else TABLE
    if _stored(path, blobs) and (not heavy or _whole_in_packs(path, blobs)):
        return Kept(path, kind, content_bytes(path, blobs) if heavy else size_of(blobs, path))
    frame = dataset.frame
    if heavy:
        packer = Packer(blobs, known_places(known, blobs))
        digests = [_packed(frame[name], packer) for name in heavy]
        packer.close()
        frame = frame.with_columns([placed(column, packer.places) for column in digests])
    meta = {
        "schema": dataset.schema.to_json(),
        "name": dataset.name,
        "digest": dataset.digest,
        "facts": dict(dataset.facts),
    }
    write_stored(path, frame, meta, blobs)
    return Kept(path, kind, content_bytes(path, blobs) if heavy else size_of(blobs, path))


def path_of(digest: str) -> str:
    """Return where a version with this content lies."""
    return f"{FOLDER}/{digest}.parquet"


def _heavy(dataset: Dataset) -> list[str]:
    """Return the media columns whose bytes go into packs."""
    frame = dataset.frame
    media = [c.name for c in dataset.schema if c.kind in ("image", "audio")]
    held = [name for name in media if frame.schema[name] == pl.Binary]
    return [name for name in held if frame[name].bin.size().sum() >= PACKED_FROM]


def _packed(cells: pl.Series, packer: Packer) -> pl.Series:
    digests = [None if cell is None else packer.add(cell) for cell in cells]
    return pl.Series(cells.name, digests, dtype=pl.Binary)


def _whole_in_packs(path: str, blobs: Blobs) -> bool:
    """Say whether all that a stored version names is there; pruning may have begun with packs."""
    return all(_stored(blob, blobs) for blob in stored_places(path, blobs)["blob"].unique())


def load(path: str, blobs: Blobs) -> Dataset:
    """Load a stored version.

    Raises:
        DataError: The blob is not a dataset that Lingqu wrote.
        StoreError: There is no such blob.
    """
    dataset = load_places(path, blobs)
    frame = dataset.frame
    held = [fetch(frame[name], blobs) for name in place_columns(frame.schema)]
    return replace(dataset, frame=frame.with_columns(held)) if held else dataset


def load_places(path: str, blobs: Blobs) -> Dataset:
    """Load a stored version as it lies: cells in packs are places (`store/packs.py`), not bytes.

    Raises:
        DataError: The blob is not a dataset that Lingqu wrote.
        StoreError: There is no such blob.
    """
    try:
        frame, meta = read_stored(path, blobs)
    except (pl.exceptions.PolarsError, OSError, orjson.JSONDecodeError) as error:
        raise DataError("data.bad_version", path=path, problem=gist(error)) from error
    if "schema" not in meta:
        raise DataError("data.bad_version", path=path, problem=f"no {META} in its metadata")
    schema = Schema.from_json(meta["schema"])
    facts, name = meta.get("facts", {}), meta.get("name", "data")
    return Dataset(frame, schema, name, meta["digest"], facts)


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


def exported(path: str, blobs: Blobs) -> bytes:
    """Return a stored table as one Parquet file that stands alone, media inside."""
    stored = load_places(path, blobs)
    if not place_columns(stored.frame.schema):
        with blobs.open(path) as file:
            return file.read()
    dataset = load(path, blobs)
    buffer = BytesIO()
    dataset.frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def listing(manifest: pl.DataFrame) -> bytes:
    """Return a manifest for other tools: path, size and SHA-256 of every file, as Parquet."""
    place = pl.col("file").struct
    told = manifest.select(
        "path",
        place.field("size").cast(pl.Int64),
        place.field("digest").bin.encode("hex").alias("sha256"),
    )
    buffer = BytesIO()
    told.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
