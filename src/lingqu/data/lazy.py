"""Tables that need not fit in memory: a schema from a sample, proved while the rows stream.

`scan` looks at the first rows (of Parquet and Arrow: at rows from everywhere) and guesses the
schema as `infer` does. `LazyTable.confirmed` reads everything once: a column that holds something
its kind cannot hold is given a wider kind, and what only the whole column tells (missing values,
smallest, largest) is filled in. From then on `batches` gives the rows that `Source.read` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from lingqu.core import digest
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import Source
from lingqu.core.schema import Kind, Schema
from lingqu.data import files
from lingqu.data.blocks import BLOCK
from lingqu.data.delimited import Csv
from lingqu.data.fitting import MisfitError, Seen, fitted, widened
from lingqu.data.glimpse import COLUMNAR, glimpse
from lingqu.data.infer import typed
from lingqu.data.jsonl import JsonLines
from lingqu.data.parquet import Parquet
from lingqu.data.parts import Part, folder_of, parts
from lingqu.data.resolve import resolve
from lingqu.data.sql import Sql
from lingqu.data.tables import TableFile

SAMPLE = 100_000
"""Rows that the schema is guessed from."""
STREAMING = (Csv, JsonLines, *COLUMNAR, Sql)
"""Sources that can be read part by part."""


@dataclass(frozen=True)
class LazyTable:
    """Rows that are read in batches, each time they are asked for.

    Args:
        name: What the user calls it.
        schema: Its typed columns; see `proved`.
        types: Column → Polars type of its values in a batch.
        rows: How many, or None while that is not known.
        facts: What is known of the source.
        source: Where the rows come from.
        hints: Kinds that were declared; they are not widened.
        proved: Whether every row has been seen to fit the schema.
        ready: Whether the source gives the rows in canonical types.
        size: Bytes of text in a batch.
        sample: Raw rows that the schema was guessed from.
    """

    name: str
    schema: Schema
    types: Mapping[str, pl.DataType]
    rows: int | None
    facts: Mapping[str, Json]
    source: Source
    hints: Mapping[str, Kind] = field(default_factory=dict)
    proved: bool = False
    ready: bool = False
    size: int = BLOCK
    sample: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Yield typed rows in bounded batches, in order.

        Args:
            columns: Columns that are wanted, in this order; all when omitted.

        Raises:
            DataError: A row cannot be read as the schema says, with file, row, column and value.
        """
        names = list(self.schema.names if columns is None else columns)
        read = names if columns is not None and isinstance(self.source, COLUMNAR) else None
        for part in parts(self.source, read, self.size):
            yield part.frame.select(names) if self.ready else self._fitted(part, names)

    def _fitted(self, part: Part, names: Sequence[str]) -> pl.DataFrame:
        columns = [self.schema[name] for name in names]
        base = folder_of(self.source)
        return fitted(part, self.schema, columns, self.types, base, self.sample)

    def frame(self, through: Callable[[pl.DataFrame], pl.DataFrame] | None = None) -> pl.LazyFrame:
        """Return the rows as a LazyFrame that streams: only the columns a query needs are typed.

        Args:
            through: Called with every batch, in order; its answer goes on in the place of the
                batch.

        Example:
            >>> table = scan(pl.DataFrame({"age": [41, 29]}))
            >>> table.frame().select(pl.col("age").max()).collect().item()
            41.0
        """

        if self.ready and through is None and isinstance(self.source, Parquet):
            return pl.scan_parquet(files.expand(self.source.path, {})).select(self.schema.names)

        def source(
            columns: list[str] | None, where: pl.Expr | None, rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            left = rows
            for batch in self.batches(columns):
                if left is not None:
                    batch = batch.head(left)
                    left -= batch.height
                if through is not None:
                    batch = through(batch)
                yield batch if where is None else batch.filter(where)
                if left == 0:
                    return

        return register_io_source(source, schema=dict(self.types))

    def confirmed(self) -> LazyTable:
        """Read everything once; return the table with a schema that every row fits.

        Raises:
            DataError: A column of a declared kind holds a cell that cannot be read as that kind,
                or the source is broken, with file, row, column and value.
        """
        if self.proved:
            return self
        table, seen = self, Seen()
        for part in parts(self.source, None, self.size):
            table, frame = table.fitting(part)
            seen.add(frame, table.schema)
        return table.settled(seen)

    def fitting(self, part: Part) -> tuple[LazyTable, pl.DataFrame]:
        """Return the table, widened until this part fits, and the typed rows of the part."""
        table = self
        for _ in range(3 * len(part.frame.columns) + 3):
            try:
                return table, table._fitted(part, table.schema.names)
            except MisfitError as misfit:
                table = table.widened(misfit)
        # Each kind is wider than the one before it, so this is not reached.
        raise DataError("data.mixed_column", problem=f"{part.path}: {part.first}")

    def widened(self, misfit: MisfitError) -> LazyTable:
        """Return the table with the column that did not fit in a kind that holds its values.

        Raises:
            DataError: Its kind was declared, so it must not change.
        """
        if misfit.column in self.hints:
            raise DataError(misfit.key, **misfit.facts)
        base = folder_of(self.source)
        column, values, sample = widened(misfit, self.sample, base)
        known = column.name in self.schema
        columns = [column if c.name == column.name else c for c in self.schema]
        return replace(
            self,
            schema=Schema(tuple(columns if known else [*columns, column])),
            types={**self.types, column.name: values.dtype},
            sample=sample,
        )

    def settled(self, seen: Seen) -> LazyTable:
        """Return the table with what `seen` tells of all its rows."""
        if not seen.rows:
            columns = listed(self.schema.names, 20)
            raise DataError("data.no_rows", path=self.name, columns=columns)
        schema = seen.schema(self.schema, self.hints)
        return replace(self, schema=schema, rows=seen.rows, proved=True)

    def collect(self) -> Dataset:
        """Return everything in memory, with its digest."""
        table = self.confirmed()
        frame = pl.concat(list(table.batches()))
        mark = digest.of_frame(frame, table.schema)
        return Dataset(frame, table.schema, table.name, mark, table.facts)


def scan(
    source: Any,
    options: Mapping[str, Any] | None = None,
    *,
    base: Path = Path("."),
    size: int = BLOCK,
    sample: int = SAMPLE,
) -> LazyTable:
    """Open a table without reading more than a sample of it.

    CSV, TSV and JSON lines (also compressed), Parquet, Arrow files and databases stream. Other
    sources (Excel, folders of pictures, frames) are read whole and then given in batches.

    Args:
        source: What `resolve` takes, or a source.
        options: Options of the source.
        base: Folder that relative paths start from.
        size: Bytes of text in a batch.
        sample: Rows that the schema is guessed from.

    Raises:
        DataError: Missing, empty, binary, ragged … with file, row and column.

    Example:
        >>> table = scan(pl.DataFrame({"paid": ["yes", "no"]}))
        >>> [(column.name, column.kind) for column in table.schema], table.rows
        ([('paid', 'boolean')], 2)
    """
    opened = source if hasattr(source, "read") and hasattr(source, "fingerprint") else None
    found: Source = opened or resolve(source, options, base)
    path = str(getattr(found, "path", getattr(found, "url", ""))).partition("?")[0]
    if not isinstance(found, STREAMING):
        return held(found.read(), size)
    raw, rows = glimpse(found, sample, size)
    hints = getattr(found, "kinds", {})
    count = len(files.expand(found.path, found.storage)) if isinstance(found, TableFile) else 0
    facts = {"source": path, "files": count}
    guessed = typed(
        raw, hints=hints, name=files.stem(path), facts=facts, base=folder_of(found), where=path
    )
    return LazyTable(
        guessed.name,
        guessed.schema,
        dict(guessed.frame.schema),
        rows,
        guessed.facts,
        found,
        hints,
        size=size,
        sample=raw,
    )


def held(dataset: Dataset, size: int = BLOCK) -> LazyTable:
    """Return a table of rows that are in memory.

    Example:
        >>> held(scan(pl.DataFrame({"a": [1.5, 2.5]})).collect()).rows
        2
    """
    types = dict(dataset.frame.schema)
    return LazyTable(
        dataset.name,
        dataset.schema,
        types,
        len(dataset),
        dataset.facts,
        _Held(dataset),
        proved=True,
        ready=True,
        size=size,
    )


def staged(path: Path, like: LazyTable) -> LazyTable:
    """Return the table whose typed rows lie in a Parquet file that was written from `like`."""
    source = Parquet(str(path))
    return replace(like, source=source, hints={}, proved=True, ready=True)


@dataclass(frozen=True)
class _Held:
    """A source whose rows are in memory."""

    dataset: Dataset

    def read(self) -> Dataset:
        return self.dataset

    def fingerprint(self) -> str:
        return self.dataset.digest
