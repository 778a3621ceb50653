"""One database: connections, transactions, how durable they are, and what its errors mean."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from lingqu.core.catalog import near
from lingqu.core.errors import StoreError
from lingqu.store import tables
from lingqu.store.extras import need

BUSY_TIMEOUT_S = 30
EXPECTED_URL = "sqlite:///path/ledger.db or postgresql://user:password@host/database"


class Database:
    """Transactions on SQLite or Postgres, told apart here and nowhere else.

    SQLite runs in write-ahead mode. A transaction that was reported done survives `kill -9`
    always, because its bytes are with the operating system. Against a power cut there are two
    sorts: `durable` ones (events, releases, routes, keys, outlets) wait for the disk
    (``synchronous=FULL``); the others (stages, candidates, usage) do not, as what they hold can
    be made again, and a later durable transaction also carries them to the disk.

    Args:
        url: SQLAlchemy URL, ``sqlite:///path`` or ``postgresql://…``.

    Raises:
        StoreError: The URL is neither.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.where = parsed.render_as_string(hide_password=True)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = _engine(parsed)
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._local = threading.local()

    @contextmanager
    def read(self, snapshot: bool = False) -> Iterator[Connection]:
        """Give a connection for reading; `snapshot` makes several statements see one state."""
        joined = self._joined()
        if joined is not None:
            with self._worded():
                yield joined
            return
        engine = self.engine if snapshot else self._reader
        with self._worded(), engine.connect() as connection:
            if snapshot and self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            elif snapshot:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self, durable: bool = False) -> Iterator[Connection]:
        """Give a connection inside a transaction that commits at the end of the block.

        A write inside another write of the same thread joins it: either all is kept or nothing.
        On SQLite the write lock is taken at the start (``BEGIN IMMEDIATE``), so what is read in
        the block cannot change before it is written.
        """
        joined = self._joined()
        if joined is not None:
            with self._worded():
                yield joined
            return
        with self._worded(), self.engine.connect() as connection:
            if self.is_sqlite:
                self._set_durability(connection, durable)
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            self._local.connection = connection
            try:
                yield connection
                connection.commit()
            finally:
                self._local.connection = None

    def lock(self, connection: Connection, number: int) -> None:
        """Let one transaction at a time pass here; SQLite writers already queue."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    def changed(self, connection: Connection) -> None:
        """Count a change that servers must notice, in the transaction that makes it."""
        connection.execute(update(tables.meta).values(revision=tables.meta.c.revision + 1))

    def insert(self, table: Table) -> Any:
        """Return an INSERT that knows ``on_conflict_do_update``, in the dialect at hand."""
        if self.is_sqlite:
            return sqlite.insert(table)
        # A ledger in a file need not carry the other dialect: a server counts its memory.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    def upsert(self, table: Table, keys: tuple[str, ...], values: dict[str, Any]) -> Any:
        """Return an INSERT that overwrites the row with the same `keys`."""
        new = self.insert(table).values(values)
        rest = {name: new.excluded[name] for name in values if name not in keys}
        return new.on_conflict_do_update(index_elements=list(keys), set_=rest)

    def close(self) -> None:
        self.engine.dispose()

    def _joined(self) -> Connection | None:
        return getattr(self._local, "connection", None)

    @staticmethod
    def _set_durability(connection: Connection, durable: bool) -> None:
        wanted = "FULL" if durable else "NORMAL"
        if connection.info.get("synchronous") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise StoreError("store.exists", problem=_problem(error)) from error
        except (DBAPIError, PoolTimeoutError) as error:
            raise self._said(error) from error
        except StatementError as error:
            if isinstance(error.orig, StoreError):  # a value that its column refuses
                raise error.orig from None
            raise

    def _said(self, error: Exception) -> StoreError:
        """Say in the user's words what an error of the driver means."""
        problem = _problem(error)
        low = problem.lower()
        if "locked" in low or isinstance(error, PoolTimeoutError):
            return StoreError("store.busy", path=self.where, seconds=BUSY_TIMEOUT_S)
        if "full" in low or "disk i/o error" in low or "no space" in low:
            return StoreError("store.disk_full", path=self.where, problem=problem)
        if "readonly" in low or "unable to open" in low or "permission denied" in low:
            return StoreError("store.unwritable", path=self.where, problem=problem)
        return StoreError("store.failed", path=self.where, problem=problem)


def only_match(
    connection: Connection, column: Column[str], given: str, unknown: str, limit: int = 4
) -> str:
    """Return the one id that is `given` or begins with it.

    Args:
        connection: Where to look.
        column: The id column.
        given: An id or its beginning, as a user types it.
        unknown: Message key of the error when there is none.
        limit: How many matches an ambiguity names.

    Raises:
        StoreError: None matches, or several do.
    """
    exact = connection.execute(select(column).where(column == given)).scalar()
    if exact is not None:
        return str(exact)
    begins = func.substr(column, 1, len(given)) == given
    found: list[str] = []
    if given:
        query = select(column).where(begins).order_by(column).limit(limit)
        found = [str(row) for row in connection.execute(query).scalars()]
    if not found:
        known = connection.execute(select(column).order_by(column.desc()).limit(200)).scalars()
        raise StoreError(unknown, received=given, near=near(given, list(known)) or "—")
    if len(found) > 1:
        raise StoreError("store.ambiguous", received=given, near=", ".join(found))
    return found[0]


def _problem(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("store.bad_url", url=url, problem=str(error), expected=EXPECTED_URL) from (
            error
        )
    kind = parsed.get_backend_name()
    if kind == "postgres":
        parsed, kind = parsed.set(drivername="postgresql"), "postgresql"
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite")
    problem = "a ledger must be a file" if kind == "sqlite" else f"unknown kind {kind!r}"
    shown = parsed.render_as_string(hide_password=True)
    raise StoreError("store.bad_url", url=shown, problem=problem, expected=EXPECTED_URL)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        # isolation_level None leaves BEGIN to us: the driver begins too late to hold the lock.
        arguments = {
            "isolation_level": None,
            "timeout": BUSY_TIMEOUT_S,
            "check_same_thread": False,
        }
        engine = create_engine(url, connect_args=arguments, max_overflow=-1)
    else:
        need("psycopg", url.render_as_string(hide_password=True))
        engine = create_engine(url, pool_pre_ping=True)
    event.listen(engine, "connect", _mark_process)
    event.listen(engine, "checkout", _refuse_inherited)
    return engine


def _mark_process(connection: Any, record: Any) -> None:
    record.info["pid"] = os.getpid()


def _refuse_inherited(connection: Any, record: Any, proxy: Any) -> None:
    """A connection must not cross a fork; the child opens one of its own."""
    if record.info["pid"] != os.getpid():
        record.dbapi_connection = proxy.dbapi_connection = None
        raise DisconnectionError("inherited by fork")
