"""A file larger than memory in pieces, and what a release answers to each; bad rows aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data import files
from lingqu.data.blocks import BLOCK, later
from lingqu.data.glimpse import COLUMNAR
from lingqu.data.jsonl import JsonLines
from lingqu.data.parquet import Parquet
from lingqu.data.parts import ROWS, parts, scannable
from lingqu.data.tables import TableFile
from lingqu.release.answers import columns
from lingqu.release.golden import inputs_of
from lingqu.release.release import Release

HELD = 64_000_000
"""Bytes of rows that a piece may hold, about."""
_LOOKED = 64
"""Rows by which the size of a row is judged."""


@dataclass(frozen=True)
class Piece:
    """Some rows of a file.

    Args:
        first: Rows before these.
        path: The file that they come from.
        load: Reads them, once.
    """

    first: int
    path: str
    load: Callable[[], pl.DataFrame]


@dataclass(frozen=True)
class Bad:
    """A row that could not be read.

    Args:
        row: Its number in the input, from 1.
        reason: Why.
    """

    row: int
    reason: str


def pieces(source: Source, wanted: Sequence[str], most: int = ROWS) -> Iterator[Piece]:
    """Cut a source into pieces; the same file is always cut alike.

    Args:
        source: What `lingqu.data.resolve` returned.
        wanted: Columns to read, where a file allows to read single ones.
        most: Most rows of a piece.

    Raises:
        DataError: The file is broken.
    """
    if isinstance(source, COLUMNAR):
        paths = files.expand(source.path, source.storage)
        if all(scannable(source, path) for path in paths):
            yield from _columnar(source, paths, wanted, most)
            return
    first = 0
    for part in parts(source):
        # What a line of JSON does not say is nothing, also where no line of a block says it.
        absent = [name for name in wanted if name not in part.frame.columns]
        if absent and isinstance(source, JsonLines):
            nothing = [pl.lit(None, pl.String).alias(name) for name in absent]
            part = replace(part, frame=part.frame.with_columns(nothing))
        for start in range(0, part.frame.height, most):
            frame = part.frame[start : start + most]
            yield Piece(first + start, part.path, lambda frame=frame: frame)  # type: ignore[misc]
        first += part.frame.height


def _columnar(
    source: Source, paths: Sequence[str], wanted: Sequence[str], most: int
) -> Iterator[Piece]:
    scan = pl.scan_parquet if isinstance(source, Parquet) else pl.scan_ipc
    first = 0
    for path in paths:
        try:
            lazy = scan(path).select(list(wanted))
            rows = int(lazy.select(pl.len()).collect().item())
            looked = lazy.head(_LOOKED).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise files.broken(path, type(source).__name__, error) from error
        row = max(1, int(looked.estimated_size()) // max(1, looked.height))
        step = max(1, min(most, HELD // row))
        for start in range(0, rows, step):
            yield Piece(first + start, path, _slice(lazy, start, step, path))
        first += rows


def _slice(lazy: pl.LazyFrame, start: int, step: int, path: str) -> Callable[[], pl.DataFrame]:
    def load() -> pl.DataFrame:
        try:
            return lazy.slice(start, step).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise files.broken(path, "table", error) from error

    return load


def column_names(source: Source, path: str) -> list[str]:
    """Return the names of the columns of a source, from its beginning.

    Raises:
        DataError: There are no rows, or they cannot be read.
    """
    if isinstance(source, COLUMNAR):
        found = files.expand(source.path, source.storage)[0]
        if scannable(source, found):
            scan = pl.scan_parquet if isinstance(source, Parquet) else pl.scan_ipc
            try:
                return scan(found).collect_schema().names()
            except (pl.exceptions.PolarsError, OSError) as error:
                raise files.broken(found, type(source).__name__, error) from error
    for part in parts(source, size=BLOCK // 64):
        return part.frame.columns
    raise DataError("data.no_rows", path=path, columns="—")


def rows_of(source: Source) -> int | None:
    """Return how many rows a source has, where that is known without reading them."""
    if not isinstance(source, COLUMNAR):
        return None
    paths = files.expand(source.path, source.storage)
    if not all(scannable(source, path) for path in paths):
        return None
    scan = pl.scan_parquet if isinstance(source, Parquet) else pl.scan_ipc
    return sum(int(scan(path).select(pl.len()).collect().item()) for path in paths)


def plain_bytes(source: Source) -> int | None:
    """Return the bytes of plain text files: how far one has come is told by them."""
    if not isinstance(source, TableFile) or files.is_url(source.path):
        return None
    paths = files.expand(source.path, source.storage)
    text = all(Path(path).suffix.lower() in (".csv", ".tsv", ".jsonl") for path in paths)
    return sum(Path(path).stat().st_size for path in paths) if text else None


class Answering:
    """Answers pieces with one release; a row that cannot be read costs only its own answer.

    Args:
        release: It.
    """

    def __init__(self, release: Release) -> None:
        self._release = release
        golden = pl.DataFrame(inputs_of(release.golden)[:1], infer_schema_length=None)
        self._none = columns(release.answer(golden)).clear()

    @property
    def names(self) -> list[str]:
        """The columns of an answer."""
        return self._none.columns

    def answer(self, frame: pl.DataFrame, first: int, most: int) -> tuple[pl.DataFrame, list[Bad]]:
        """Answer rows; those that cannot be read are answered with nothing.

        Where rows fail, halves are asked: what is bad is found in as many steps as a search
        takes, and every other row is answered once.

        Args:
            frame: Rows, raw.
            first: Rows of the input before these.
            most: Stop looking once so many are bad.

        Returns:
            As many answers as rows, and the bad rows.
        """
        bad: list[Bad] = []
        answers: list[pl.DataFrame] = []
        waiting = [(0, frame.height)]
        while waiting and len(bad) <= most:
            start, stop = waiting.pop()
            try:
                answers.append(columns(self._release.answer(frame[start:stop])))
            except DataError as error:
                if stop - start == 1:
                    bad.append(Bad(first + start + 1, str(later(error, row=first + start))))
                    answers.append(self._none.clear(1))
                else:
                    middle = (start + stop) // 2
                    waiting += [(middle, stop), (start, middle)]
        if not answers:
            return self._none, bad
        return pl.concat(answers, how="vertical_relaxed"), bad


def refuse_missing(wanted: Sequence[str], there: Sequence[str], path: str) -> None:
    """Refuse a file that lacks a column: every row would be bad.

    Raises:
        DataError: It does.
    """
    missing = [name for name in wanted if name not in there]
    if missing:
        raise DataError(
            "data.missing_column",
            where=path,
            columns=", ".join(repr(name) for name in missing[:8]),
            count=len(missing),
            near=near(missing[0], list(there)) or "—",
            received=listed(list(there)),
        )
