"""A table or a query of a database, read through SQLAlchemy, never written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    TextClause,
    create_engine,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from lingqu.core import digest
from lingqu.core.catalog import EXTRAS, near
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError, SpecError, gist
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind, Schema
from lingqu.data import files
from lingqu.data.infer import typed
from lingqu.release.frames import refuse_twice


@dataclass
class Sql:
    """Rows of a database.

    Args:
        url: ``sqlite:///file.db?table=name``, ``postgresql://…?query=SELECT …`` and the like.
            The connection is opened read-only where the database knows how (SQLite, PostgreSQL).
        table: Table to read, instead of ``?table=``.
        query: SELECT to read, instead of ``?query=``.
        params: Values for the names that the query writes as ``:name``; they never become part
            of its text.
        chunk_rows: Rows fetched at a time; the database keeps the rest.
        kinds: Kinds of columns that are known.
    """

    main: ClassVar[str] = "url"
    url: str
    table: str = ""
    query: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    chunk_rows: int = 100_000
    kinds: dict[str, Kind] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Read every row and infer the schema.

        Raises:
            DataError: No such database or table, a refused query, or no rows.
        """
        frame = self._frame()
        if frame.height == 0:
            columns = listed(frame.columns, 20)
            raise DataError("data.no_rows", path=self._shown(), columns=columns)
        facts = {"source": self._shown(), "query": self._wanted()[1], "files": 0}
        name = self._wanted()[0] or "query"
        return typed(frame, hints=self.kinds, name=name, facts=facts, where=self._shown())

    def fingerprint(self) -> str:
        """Return a digest of the query and of what it reads.

        SQLite: the content of the file and its write-ahead log. PostgreSQL: row count and a sum
        of row hashes, computed there. Other databases offer nothing cheap that is true, so the
        rows themselves are read.
        """
        url = self._bare()
        table, query = self._wanted()
        if url.get_backend_name() == "sqlite":
            path = str(url.database)
            parts = [files.fingerprint(path, {})]
            log = Path(f"{path}-wal")
            if log.is_file() and log.stat().st_size:
                parts.append(files.fingerprint(str(log), {}))
        elif url.get_backend_name() == "postgresql":
            ((_, rows),) = self._fetch(POSTGRES_SUM.replace("{query}", query))
            parts = [str(value) for value in rows[0]]
        else:
            parts = [digest.of_frame(self._frame(), Schema(()))]
        params = {name: str(value) for name, value in self.params.items()}
        return digest.of_json({"table": table, "query": query, "params": params, "rows": parts})

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in frames of at most `chunk_rows`, as the database gives them.

        The types of a column may differ between frames where the database lets them.

        Raises:
            DataError: No such database or table, or a refused query.
        """
        for names, rows in self._fetch(self._wanted()[1]):
            try:
                # SQLite lets one column hold several types; such a column becomes text.
                yield _readable(
                    pl.DataFrame(
                        rows, schema=names, orient="row", infer_schema_length=None, strict=False
                    )
                )
            except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
                raise DataError("data.mixed_column", problem=gist(error)) from error

    def _frame(self) -> pl.DataFrame:
        parts = list(self.batches())
        if len({tuple(part.schema.items()) for part in parts}) > 1:
            parts = _alike(parts)
        return pl.concat(parts)

    def _url(self) -> URL:
        try:
            return make_url(self.url)
        except ArgumentError as error:
            raise DataError("data.bad_sql_url", url=self.url) from error

    def _bare(self) -> URL:
        url = self._url().difference_update_query(["table", "query"])
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
            raise files.missing(str(url.database))
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        return url

    def _shown(self) -> str:
        return self._url().render_as_string(hide_password=True)

    def _wanted(self) -> tuple[str, str]:
        """Return the table, if one was named, and the query."""
        asked = self._url().query
        table = self.table or str(asked.get("table", ""))
        query = (self.query or str(asked.get("query", ""))).strip().rstrip(";")
        if bool(table) == bool(query):
            raise DataError("data.bad_sql_url", url=self._shown())
        quoted = ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))
        if self._url().get_backend_name() in ("mysql", "mariadb"):
            quoted = quoted.replace('"', "`")
        return table, query or f"SELECT * FROM {quoted}"

    def _fetch(self, query: str) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        """Yield the names of the columns with some rows; once where there are none."""
        if self.chunk_rows < 1:
            raise DataError("collect.chunk_rows", received=self.chunk_rows)
        url = self._bare()
        engine = self._engine(url)
        try:
            with engine.connect() as connection:
                if url.get_backend_name() == "postgresql":
                    connection = connection.execution_options(postgresql_readonly=True)
                self._check_table(connection)
                # A cursor on the server takes nothing but a query that reads.
                if READS.match(query):
                    connection = connection.execution_options(yield_per=self.chunk_rows)
                result = connection.execute(self._bound(query), self.params)
                names = list(result.keys())
                refuse_twice(names, self._shown())
                empty = True
                for part in result.partitions(self.chunk_rows):
                    empty = False
                    yield names, [tuple(row) for row in part]
                if empty:
                    yield names, []
        except SQLAlchemyError as error:
            problem = gist(getattr(error, "orig", error))
            raise DataError("data.sql_failed", url=self._shown(), problem=problem) from error
        finally:
            engine.dispose()

    def _engine(self, url: URL) -> Engine:
        try:
            return create_engine(_read_only(url), poolclass=NullPool)
        except ModuleNotFoundError as error:
            package = error.name or url.drivername
            raise SpecError(
                "core.missing_extra",
                name=self._shown(),
                package=package,
                extra=EXTRAS.get(package, "all"),
            ) from error

    def _bound(self, query: str) -> TextClause:
        """Return the query with its parameters; every other colon in it is text.

        Raises:
            DataError: A parameter is given that the query does not name.
        """
        for name in self.params:
            if not re.search(rf"(?<![:\w]):{re.escape(name)}\b", query):
                raise DataError("collect.sql_param", name=name, query=query[:200])
        # The longest name first, so that none is taken for the beginning of another.
        known = "|".join(sorted(map(re.escape, self.params), key=len, reverse=True))
        if not known:
            return text(query.replace(":", r"\:"))
        return text(re.sub(rf"(?<![:\w]):({known})\b|:", _escaped, query))

    def _check_table(self, connection: Connection) -> None:
        table = self._wanted()[0]
        if not table or "." in table:
            return
        found = inspect(connection)
        known = [*found.get_table_names(), *found.get_view_names()]
        if table not in known:
            raise DataError(
                "data.no_table", url=self._shown(), table=table, near=near(table, known) or "—"
            )


READS = re.compile(r"(?i)\s*(select|with|values|table)\b")
POSTGRES_SUM = (
    "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ({query}\n) AS t"
)


def _escaped(match: re.Match[str]) -> str:
    return match[0] if match[1] else r"\:"


def _readable(frame: pl.DataFrame) -> pl.DataFrame:
    """Write what no column can hold (a UUID, an address, a range of dates) as its text."""
    odd = [column for column in frame.get_columns() if column.dtype == pl.Object]
    texts = [[None if cell is None else str(cell) for cell in column] for column in odd]
    return frame.with_columns(
        pl.Series(column.name, cells, pl.String) for column, cells in zip(odd, texts, strict=True)
    )


def _alike(parts: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Bring the parts of one table to common types; what has none becomes text."""
    common: dict[str, pl.DataType] = {}
    for name in parts[0].columns:
        pieces = [part[name].clear() for part in parts if part[name].dtype != pl.Null]
        try:
            joined = pl.concat([piece.to_frame() for piece in pieces], how="vertical_relaxed")
            common[name] = joined.schema[name]
        except pl.exceptions.PolarsError:
            common[name] = pl.String()
    return [part.cast({name: common[name] for name in part.columns}) for part in parts]


def _read_only(url: URL) -> URL:
    if url.get_backend_name() != "sqlite":
        return url
    path = Path(str(url.database)).resolve().as_uri()
    return url.set(database=path).update_query_dict({"mode": "ro", "uri": "true"})
