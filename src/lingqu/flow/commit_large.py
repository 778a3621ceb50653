"""Keep a table of any size as a version, and open one: streamed, row group by row group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import orjson
import polars as pl

from lingqu.core import digest
from lingqu.core.errors import DataError, gist
from lingqu.core.nouns import Json
from lingqu.core.schema import Schema
from lingqu.data import versions
from lingqu.data.fitting import MisfitError, Seen
from lingqu.data.lazy import LazyTable, staged
from lingqu.data.parquet import Parquet
from lingqu.data.parts import ROWS
from lingqu.data.table_size import MEDIA
from lingqu.flow.copies_large import Marked
from lingqu.store.blobs import copy_in, copy_out, size_of
from lingqu.store.datasets import DatasetRecord
from lingqu.store.home import Home
from lingqu.store.packs import META

REMOVED = "removed"
_TRIES = 3


@dataclass(frozen=True)
class Written:
    """Rows that were written as a version that no ledger knows yet.

    Args:
        digest: Digest of the rows that stayed and of their schema: what `of_frame` gives them.
        blob: Path of the Parquet file.
        rows: Rows that stayed.
        removed: Rows that were left out.
        removed_blob: Path of the list of them (row, reason, evidence), or ``""``.
        bytes: Size of the file.
        facts: What is known of the rows; of those left out too.
    """

    digest: str
    blob: str
    rows: int
    removed: int
    removed_blob: str
    bytes: int
    facts: Mapping[str, Json]


@dataclass(frozen=True)
class Committed(Written):
    """A version in the ledger.

    Args:
        version: Its id.
    """

    version: str


def commit_large(
    home: Home,
    table: LazyTable,
    marks: Sequence[Marked] = (),
    *,
    channel: str = "",
    name: str = "",
    parents: Sequence[str] = (),
    operators: Sequence[Mapping[str, Json]] = (),
    message: str = "",
    facts: Mapping[str, Json] | None = None,
    after: DatasetRecord | None = None,
) -> Committed:
    """Keep a table of any size as a version: marked rows left out, each with its reason.

    Args:
        home: The workspace.
        table: The rows.
        marks: Rows to leave out; the first mark of a row is the one that counts.
        channel: Channel it belongs to, or ``""``.
        name: What it is called there; the name of the table when omitted.
        parents: Digests of what it was made from.
        operators: What made it, as `flow.keep_version.identities` returns it.
        message: Why.
        facts: What is declared of it, beside the facts of the source.
        after: The version before of that name: it stays what the same rows are, and other rows
            come after it.

    Raises:
        DataError: A column holds media, every row is marked, or a mark lies outside of the table.
        StoreError: The disk is full or may not be written.
    """
    with TemporaryDirectory(dir=home.folder("tmp")) as place:
        table = stage_large(table, Path(place))
        written = write_large(home, table, marks, facts)
    if after is not None and after.digest == written.digest:
        return Committed(**vars(written), version=after.version)
    version = home.ledger.datasets.put(
        written.digest,
        channel,
        name or table.name,
        written.blob,
        table.schema.to_json(),
        written.facts,
        written.rows,
        [after.digest] if after is not None else parents,
        home.clock(),
        operators=operators,
        message=message,
        bytes=written.bytes,
    )
    return Committed(**vars(written), version=version)


def stage_large(
    table: LazyTable,
    folder: Path,
    through: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> LazyTable:
    """Return a table whose typed rows lie in a file, every row proved; written in one pass.

    Args:
        table: The rows.
        folder: Where to write them.
        through: Changes each batch; then the rows are written whatever they lie in.

    Raises:
        DataError: A column holds media; or the source is broken, or a column of a declared kind
            holds a cell that is not of it, with file, row, column and value.
    """
    for column in table.schema:
        if column.kind in MEDIA:
            raise DataError("large.media", column=column.name, kind=column.kind)
    if table.proved and table.ready and isinstance(table.source, Parquet) and through is None:
        return table
    path = folder / f"{len(list(folder.iterdir()))}.parquet"
    for _ in range(_TRIES):
        try:
            return _staged(table, path, through)
        except MisfitError:
            # Everything is read to the end once, so that all that is odd is known at once.
            table = replace(table, proved=False).confirmed()
    return _staged(table, path, through)


def _staged(
    table: LazyTable, path: Path, through: Callable[[pl.DataFrame], pl.DataFrame] | None
) -> LazyTable:
    seen = Seen()

    def noted(batch: pl.DataFrame) -> pl.DataFrame:
        if not table.proved:
            seen.add(batch, table.schema)
        return batch if through is None else through(batch)

    table.frame(noted).sink_parquet(path, compression="lz4", row_group_size=ROWS)
    return staged(path, table if table.proved else table.settled(seen))


def write_large(
    home: Home,
    table: LazyTable,
    marks: Sequence[Marked] = (),
    facts: Mapping[str, Json] | None = None,
) -> Written:
    """Write the rows that stay, and the list of those that do not, into the blobs.

    The digest is that of the same rows in memory, so a version does not depend on how it was
    written; one column at a time is held to work it out.

    Args:
        home: The workspace.
        table: Rows that `stage_large` has written to a file.
        marks: Rows to leave out; the first mark of a row is the one that counts.
        facts: What is declared of it, beside the facts of the source.

    Raises:
        DataError: Every row is marked, or a mark lies outside of the table.
        StoreError: The disk is full or may not be written.
    """
    _refuse(table, marks)
    stays = _stays(table, marks)
    mark = digest.of_columns(_columns(table, stays), table.schema)
    told = {**table.facts, **(facts or {})}
    blob = versions.path_of(mark)
    gone = _removed(table, marks)
    removed = f"{blob.removesuffix('.parquet')}.{REMOVED}.parquet" if gone.height else ""
    with TemporaryDirectory(dir=home.folder("tmp")) as place:
        _written(home, table, stays, mark, told, Path(place) / "version.parquet")
        if removed:
            gone.write_parquet(Path(place) / "removed.parquet", compression="zstd")
            copy_in(home.blobs, removed, Path(place) / "removed.parquet")
            told = {**told, REMOVED: {"rows": gone.height, "blob": removed}}
    count = (table.rows or 0) - gone.height
    return Written(mark, blob, count, gone.height, removed, size_of(home.blobs, blob), told)


def _refuse(table: LazyTable, marks: Sequence[Marked]) -> None:
    rows = table.rows or 0
    for marked in marks:
        if len(marked.rows) and (marked.rows.max() >= rows or marked.rows.min() < 0):
            raise DataError(
                "large.marks_outside", row=int(marked.rows.max()) + 1, name=table.name, rows=rows
            )


def _stays(table: LazyTable, marks: Sequence[Marked]) -> pl.Series | None:
    """Return which rows stay, or None when all do."""
    if not any(len(marked.rows) for marked in marks):
        return None
    stays = np.ones(table.rows or 0, dtype=bool)
    for marked in marks:
        stays[marked.rows] = False
    if not stays.any():
        raise DataError("large.empty", name=table.name, rows=table.rows)
    return pl.Series(stays)


def _columns(table: LazyTable, stays: pl.Series | None) -> Iterator[pl.Series]:
    lazy = table.frame()
    for name in table.schema.names:
        if stays is None:
            yield lazy.select(name).collect().to_series()
        else:
            yield lazy.select(name).collect().to_series().filter(stays)


def _written(
    home: Home,
    table: LazyTable,
    stays: pl.Series | None,
    mark: str,
    facts: Mapping[str, Json],
    path: Path,
) -> None:
    """Write the version in row groups, with what it says of itself, unless it is there."""
    blob = versions.path_of(mark)
    if blob in home.blobs.list(blob):
        return
    meta = {
        "schema": table.schema.to_json(),
        "name": table.name,
        "digest": mark,
        "facts": dict(facts),
    }
    first = 0

    def through(batch: pl.DataFrame) -> pl.DataFrame:
        nonlocal first
        start, first = first, first + batch.height
        return batch if stays is None else batch.filter(stays.slice(start, batch.height))

    table.frame(through).sink_parquet(
        path,
        compression="zstd",
        row_group_size=ROWS,
        metadata={META: orjson.dumps(meta).decode()},
    )
    copy_in(home.blobs, blob, path)


def _removed(table: LazyTable, marks: Sequence[Marked]) -> pl.DataFrame:
    """Return the rows that leave: number, reason in both languages, evidence as JSON."""
    parts = [marked.to_frame() for marked in marks if len(marked.rows)]
    if not parts:
        return pl.DataFrame()
    return pl.concat(parts).unique("row", keep="first", maintain_order=True).sort("row")


def open_large(home: Home, blob: str, folder: Path) -> LazyTable:
    """Return a stored version as a table that streams.

    Args:
        home: The workspace.
        blob: Path of the version, as the ledger knows it.
        folder: Where to copy it, in parts.

    Raises:
        DataError: It is not a dataset that Lingqu wrote.
        StoreError: There is no such blob.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / Path(blob).name
    copy_out(home.blobs, blob, path)
    try:
        meta = orjson.loads(pl.read_parquet_metadata(path)[META])
        lazy = pl.scan_parquet(path)
        rows = int(lazy.select(pl.len()).collect().item())
        types: dict[str, pl.DataType] = dict(lazy.collect_schema())
    except (pl.exceptions.PolarsError, OSError, KeyError, orjson.JSONDecodeError) as error:
        raise DataError("data.bad_version", path=blob, problem=gist(error)) from error
    return LazyTable(
        meta["name"],
        Schema.from_json(meta["schema"]),
        types,
        rows,
        meta["facts"],
        Parquet(str(path)),
        proved=True,
        ready=True,
    )
