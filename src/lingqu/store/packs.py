"""Packs: many small pieces of bytes in one blob, and columns that say where each piece lies.

A column of files or pictures holds places (`PLACE`) in the stored Parquet, so that versions that
share a file share its bytes. A pack never changes; its name is the digest of what it holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import polars as pl

from lingqu.core.digest import of_frame
from lingqu.core.errors import StoreError
from lingqu.core.ports import Blobs
from lingqu.core.schema import Schema
from lingqu.store.blobs import copy_in, size_of

PLACE = pl.Struct({"digest": pl.Binary, "blob": pl.String, "offset": pl.UInt64, "size": pl.UInt64})
"""Type of a column that says where bytes lie: SHA-256, blob, first byte, count."""
META = "lingqu.dataset"
"""Key in the metadata of a stored Parquet file: schema, name, digest, facts."""
PACKS = "packs"
OBJECTS = "objects"
PACK_BYTES = 32 * 2**20
"""Size at which a pack is closed: bounds memory while packing and reading."""
LARGE = 4 * 2**20
"""A piece of this size or more is a blob of its own."""


class Place(NamedTuple):
    """Where a piece lies."""

    blob: str
    offset: int
    size: int


class Packer:
    """Writes pieces, each distinct content once.

    Args:
        blobs: Where to.
        known: Pieces that are stored already, by digest; they are not written again.
        pack_bytes: Size at which a pack is closed.

    Example:
        >>> from lingqu.store.blobs import open_blobs
        >>> blobs = open_blobs("memory://packer")
        >>> packer = Packer(blobs)
        >>> first, again = packer.add(b"water"), packer.add(b"water")
        >>> packer.close()
        >>> first == again, packer.written, len(blobs.list("packs"))
        (True, 5, 1)
    """

    def __init__(
        self,
        blobs: Blobs,
        known: Mapping[bytes, Place] | None = None,
        pack_bytes: int = PACK_BYTES,
    ) -> None:
        self.places: dict[bytes, Place] = dict(known or {})
        self.written = 0
        self._blobs = blobs
        self._pack_bytes = pack_bytes
        self._open: dict[bytes, tuple[int, int]] = {}
        self._buffer = bytearray()

    def add(self, data: bytes) -> bytes:
        """Keep a piece and return its SHA-256; its place is known after `close`."""
        digest = hashlib.sha256(data).digest()
        if digest in self.places or digest in self._open:
            return digest
        self.written += len(data)
        if len(data) >= LARGE:
            path = f"{OBJECTS}/{digest.hex()}"
            self._blobs.write(path, data)
            self.places[digest] = Place(path, 0, len(data))
            return digest
        if len(self._buffer) + len(data) > self._pack_bytes:
            self.close()
        self._open[digest] = (len(self._buffer), len(data))
        self._buffer += data
        return digest

    def add_large(self, file: Path, size: int) -> bytes:
        """Keep a file as a blob of its own, without holding it in memory."""
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").digest()
        if digest not in self.places:
            path = f"{OBJECTS}/{digest.hex()}"
            copy_in(self._blobs, path, file)
            self.places[digest] = Place(path, 0, size)
            self.written += size
        return digest

    def close(self) -> None:
        """Write the pack that is open, if any."""
        if not self._open:
            return
        name = hashlib.sha256(b"".join(self._open)).hexdigest()
        path = f"{PACKS}/{name}.pack"
        self._blobs.write(path, bytes(self._buffer))
        for digest, (offset, size) in self._open.items():
            self.places[digest] = Place(path, offset, size)
        self._open.clear()
        self._buffer.clear()


def placed(digests: pl.Series, places: Mapping[bytes, Place]) -> pl.Series:
    """Return the places of pieces, row by row; a missing digest has a missing place."""
    wanted = [digest for digest in digests.unique() if digest is not None]
    rows = [places[digest] for digest in wanted]
    table = pl.DataFrame(
        {
            "digest": pl.Series(wanted, dtype=pl.Binary),
            "blob": pl.Series([row.blob for row in rows], dtype=pl.String),
            "offset": pl.Series([row.offset for row in rows], dtype=pl.UInt64),
            "size": pl.Series([row.size for row in rows], dtype=pl.UInt64),
        }
    )
    found = digests.to_frame("digest").join(table, on="digest", how="left", maintain_order="left")
    return as_places(found).alias(digests.name)


def as_places(table: pl.DataFrame) -> pl.Series:
    """Return the columns of a place as one column; a row without a digest is missing."""
    whole = pl.struct([pl.col(name).cast(dtype) for name, dtype in PLACE.to_schema().items()])
    return table.select(
        pl.when(pl.col("digest").is_not_null()).then(whole).alias("place")
    ).to_series()


def digest_of_files(manifest: pl.DataFrame) -> str:
    """Return the digest of a folder: paths, sizes and contents, wherever the bytes lie.

    Args:
        manifest: Columns ``path`` and ``file`` (a place), in the order of the paths.
    """
    told = manifest.select("path", pl.col("file").struct.field("digest", "size"))
    return of_frame(told, Schema(()))


def place_columns(schema: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that hold places."""
    return [name for name, dtype in schema.items() if dtype == PLACE]


def fetch(places: pl.Series, blobs: Blobs) -> pl.Series:
    """Return the bytes of a column of places; each blob is read once.

    Raises:
        StoreError: A blob is gone, or its bytes are not those that were kept.
    """
    found: list[bytes | None] = [None] * len(places)
    for row, data in pieces(places, blobs):
        found[row] = data
    return pl.Series(places.name, found, dtype=pl.Binary)


def pieces(places: pl.Series, blobs: Blobs) -> Iterator[tuple[int, bytes]]:
    """Yield row number and bytes of each place, blob by blob, one blob in memory at a time.

    Raises:
        StoreError: A blob is gone, or its bytes are not those that were kept.
    """
    table = places.to_frame("place").unnest("place").with_row_index("row")
    table = table.filter(pl.col("digest").is_not_null()).sort("blob", "offset")
    current, data = "", b""
    for row, digest, blob, offset, size in table.iter_rows():
        if blob != current:
            with blobs.open(blob) as file:
                current, data = blob, file.read()
        piece = data[offset : offset + size]
        if hashlib.sha256(piece).digest() != digest:
            raise StoreError("store.damaged_piece", path=blob, offset=offset)
        yield row, piece


def read_stored(path: str, blobs: Blobs) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return the rows of a stored Parquet file as they lie, and what it says of itself.

    Raises:
        StoreError: There is no such blob.
    """
    with blobs.open(path) as file:
        data = file.read()
    words = pl.read_parquet_metadata(BytesIO(data)).get(META, "")
    return pl.read_parquet(BytesIO(data)), orjson.loads(words) if words else {}


def write_stored(path: str, frame: pl.DataFrame, meta: Mapping[str, Any], blobs: Blobs) -> None:
    """Write rows with what they say of themselves."""
    buffer = BytesIO()
    said = {META: orjson.dumps(meta).decode()} if meta else None
    frame.write_parquet(buffer, compression="zstd", metadata=said)
    blobs.write(path, buffer.getvalue())


NO_PLACES = pl.DataFrame(schema=PLACE.to_schema())


def stored_places(path: str, blobs: Blobs) -> pl.DataFrame:
    """Return the distinct places that a stored Parquet file names; none where it is gone."""
    try:
        with blobs.open(path) as file:
            data = file.read()
    except StoreError as error:
        if error.key != "store.no_blob":
            raise
        return NO_PLACES
    if not data.startswith(b"PAR1"):
        return NO_PLACES
    columns = place_columns(pl.read_parquet_schema(BytesIO(data)))
    if not columns:
        return NO_PLACES
    frame = pl.read_parquet(BytesIO(data), columns=columns)
    parts = [frame[name].drop_nulls().struct.unnest() for name in columns]
    return pl.concat(parts).unique()


def content_bytes(path: str, blobs: Blobs) -> int:
    """Return how many bytes a stored version holds: its Parquet file and the pieces it names."""
    return size_of(blobs, path) + int(stored_places(path, blobs)["size"].sum())


def known_places(paths: Iterable[str], blobs: Blobs) -> dict[bytes, Place]:
    """Return the pieces that stored versions name, by digest."""
    known: dict[bytes, Place] = {}
    for path in paths:
        for digest, blob, offset, size in stored_places(path, blobs).iter_rows():
            known[digest] = Place(blob, offset, size)
    return known
