"""Batches of raw rows from every source of tables, each with the place it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data import delimited, endings, files, jsonl
from lingqu.data.arrow import FILE, ArrowFile
from lingqu.data.blocks import BLOCK, LONGEST, counted, later, text_blocks, unpacked
from lingqu.data.delimited import HEAD, Csv
from lingqu.data.jsonl import JsonLines
from lingqu.data.parquet import Parquet
from lingqu.data.sql import Sql
from lingqu.data.tables import TableFile

ROWS = 131_072
"""Rows of a batch where the source does not cut by bytes."""


@dataclass(frozen=True)
class Part:
    """A batch of rows as they were read.

    Args:
        frame: The rows; types may differ between parts where the source lets them.
        path: The file they came from.
        first: Rows of that file before these.
    """

    frame: pl.DataFrame
    path: str
    first: int = 0


def parts(
    source: Source, columns: Sequence[str] | None = None, size: int = BLOCK
) -> Iterator[Part]:
    """Yield the rows of a source in batches; a source that cannot stream is read whole.

    Args:
        source: What `resolve` returned.
        columns: Columns that are wanted; others may be left out.
        size: Bytes of text in a batch.

    Raises:
        DataError: As the source itself raises it, rows counted from the start of the file.
    """
    if isinstance(source, Sql):
        first = 0
        for frame in source.batches():
            yield Part(frame, source.url.partition("?")[0], first)
            first += frame.height
    elif isinstance(source, TableFile):
        yield from _files(source, columns, size)
    else:
        yield from _slices(source.read().frame, getattr(source, "path", ""))


def _files(source: TableFile, columns: Sequence[str] | None, size: int) -> Iterator[Part]:
    names: list[str] = []
    paths = files.expand(source.path, source.storage)
    for path in paths:
        for part in _file(source, path, columns, size):
            names = names or part.frame.columns
            odd = sorted(set(names).symmetric_difference(part.frame.columns))
            # Lines of JSON may lack what is missing; a table says what its columns are.
            if odd and not isinstance(source, JsonLines):
                shown = ", ".join(repr(name) for name in odd[:8])
                raise DataError("data.files_differ", path=path, first=paths[0], difference=shown)
            yield part


def _file(source: TableFile, path: str, columns: Sequence[str] | None, size: int) -> Iterator[Part]:
    if isinstance(source, Csv):
        with unpacked(path, source.storage, source.member, source.max_mb) as stream:
            yield from _csv(source, path, text_blocks(stream, path, source.encoding, size))
    elif isinstance(source, JsonLines):
        with unpacked(path, source.storage, source.member, source.max_mb) as stream:
            yield from _json(path, text_blocks(stream, path, source.encoding, size))
    elif scannable(source, path):
        scan = pl.scan_parquet if isinstance(source, Parquet) else pl.scan_ipc
        yield from _scanned(scan(path), path, columns, source)
    else:
        yield from _slices(source.rows(files.load(path, source.storage), path), path)


def scannable(source: TableFile, path: str) -> bool:
    """Tell whether a file can be read from any row, without the rows before it."""
    if files.is_url(path) or path.lower().endswith((*endings.PACKED, *endings.ARCHIVES)):
        return False
    if isinstance(source, ArrowFile):
        with open(path, "rb") as file:
            return file.read(len(FILE)) == FILE
    return isinstance(source, Parquet)


def _scanned(
    lazy: pl.LazyFrame, path: str, columns: Sequence[str] | None, source: TableFile
) -> Iterator[Part]:
    try:
        if columns is not None:
            lazy = lazy.select(columns)
        rows = lazy.select(pl.len()).collect().item()
        for first in range(0, rows, ROWS):
            yield Part(lazy.slice(first, ROWS).collect(), path, first)
    except (pl.exceptions.PolarsError, OSError) as error:
        kind = type(source).__name__.removesuffix("File")
        raise files.broken(path, kind, error) from error


def _slices(frame: pl.DataFrame, path: str) -> Iterator[Part]:
    for first in range(0, frame.height, ROWS):
        yield Part(frame.slice(first, ROWS), path, first)


def _json(path: str, blocks: Iterator[bytes]) -> Iterator[Part]:
    lines = rows = 0
    for block in blocks:
        if block.strip():
            try:
                frame = jsonl.parse(block, path)
            except DataError as error:
                raise later(error, row=lines) from error
            yield Part(frame, path, rows)
            rows += frame.height
        lines += counted(block, b"\n")


def _csv(source: Csv, path: str, blocks: Iterator[bytes]) -> Iterator[Part]:
    records = _records(blocks)
    block = _opening(records)
    if not block:
        raise DataError("data.empty_file", path=path)
    delimiter = source.delimiter
    if delimiter == "auto":
        delimiter = delimited.sniff(block[:HEAD].decode("utf-8", "ignore"))
    frame = _exact(source, path, block, delimiter, source.header)
    names = frame.columns
    # Where there is no header a made one keeps the parser from judging a block by itself.
    head = delimiter.join(names).encode() + b"\n"
    if source.header:
        head = block[: _first_record(block)]
    yield Part(frame, path)
    rows, lines = frame.height, counted(block, b"\n")
    for block in records:
        if block.strip(b"\r\n"):
            try:
                plain = _plain(block, delimiter, names)
                if plain is None:
                    frame = _exact(source, path, head + block, delimiter, True)
                else:
                    frame = plain
                    delimited.refuse_giants(frame, path, source.max_characters)
            except DataError as error:
                raise later(error, row=rows, line=lines - head.count(b"\n")) from error
            frame.columns = names
            yield Part(frame, path, rows)
            rows += frame.height
        lines += counted(block, b"\n")


def _opening(records: Iterator[bytes]) -> bytes:
    """Return the beginning of a table: its first record with something behind it, or all of it."""
    opening = b""
    for block in records:
        opening = (opening + block).lstrip(b"\r\n")
        if opening[_first_record(opening) :].strip(b"\r\n"):
            break
    return opening


def _exact(source: Csv, path: str, block: bytes, delimiter: str, header: bool) -> pl.DataFrame:
    """Parse a block as a whole file is parsed."""
    return delimited.parse(
        block, path, delimiter=delimiter, header=header, max_characters=source.max_characters
    )


def _first_record(block: bytes) -> int:
    """Return where the first record ends; a quoted name may hold a line end."""
    end = block.find(b"\n") + 1
    while end and block.count(b'"', 0, end) % 2:
        end = block.find(b"\n", end) + 1
    return end or len(block)


def _records(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Move what a quoted cell was cut in the middle of to the next block.

    A quote that is never closed would swallow the rest of the file: what it has swallowed by then
    is passed on, and the exact parser says in which row it began.
    """
    left = b""
    for block in blocks:
        block = left + block if left else block
        cut = len(block)
        if b'"' in block and counted(block, b'"') % 2 and cut < LONGEST:
            cut = _last_end(block)
        if cut:
            yield block[:cut] if cut < len(block) else block
        left = block[cut:]
    if left:
        yield left


def _last_end(block: bytes) -> int:
    """Return the end of the last line that is not inside quotes."""
    array = np.frombuffer(block, dtype=np.uint8)
    inside = np.cumsum(array == 34, dtype=np.uint8) & 1
    ends = np.flatnonzero((array == 10) & (inside == 0))
    return int(ends[-1]) + 1 if len(ends) else 0


def _plain(block: bytes, delimiter: str, names: list[str]) -> pl.DataFrame | None:
    """Parse a block in which nothing is quoted and every record is whole; None for any other.

    As many delimiters as there must be, and no record with too many (Polars refuses that), leave
    none with too few.
    """
    if b'"' in block or len(names) == 1:
        return None
    records = counted(block, b"\n") + (not block.endswith(b"\n"))
    if counted(block, delimiter.encode()) != records * (len(names) - 1):
        return None
    try:
        frame = pl.read_csv(
            block,
            separator=delimiter,
            has_header=False,
            infer_schema=False,
            new_columns=names,
        )
    except pl.exceptions.PolarsError:
        return None
    return frame if frame.height == records and frame.width == len(names) else None


def folder_of(source: Source) -> Path | None:
    """Return the folder that relative paths in the cells start from."""
    path = getattr(source, "path", "")
    if not isinstance(source, TableFile) or files.is_url(path) or endings.archive(path):
        return None
    return Path(files.expand(path, source.storage)[0]).parent
