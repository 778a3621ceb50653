"""The ledger: one database, one small repository per noun."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from lingqu.core.errors import StoreError
from lingqu.store.actions import Actions
from lingqu.store.candidates import Candidates
from lingqu.store.channels import Channels
from lingqu.store.database import BUSY_TIMEOUT_S, Database
from lingqu.store.datasets import Datasets
from lingqu.store.events import Events
from lingqu.store.feedback import Feedback
from lingqu.store.findings import Findings
from lingqu.store.keys import Keys
from lingqu.store.migrate import migrate
from lingqu.store.outlets import Outlets
from lingqu.store.questions import Questions
from lingqu.store.quotas import Quotas
from lingqu.store.releases import Releases
from lingqu.store.routes import Routes
from lingqu.store.runs import Runs
from lingqu.store.shadow_pairs import ShadowPairs
from lingqu.store.signing import SigningKey
from lingqu.store.stages import Stages
from lingqu.store.usage import Usage

_TURN = 0x6C696E677176
"""Number of the Postgres advisory lock that `Ledger.turn` takes."""


class Ledger:
    """A holder of repositories; it knows no table. Safe from several threads and processes.

    Args:
        database: Where everything is kept.
        signing_key: Signs the head of the trail.
    """

    def __init__(self, database: Database, signing_key: SigningKey | None = None) -> None:
        self._database = database
        self.channels = Channels(database)
        self.runs = Runs(database)
        self.stages = Stages(database)
        self.candidates = Candidates(database)
        self.datasets = Datasets(database)
        self.releases = Releases(database)
        self.outlets = Outlets(database)
        self.routes = Routes(database)
        self.pairs = ShadowPairs(database)
        self.questions = Questions(database)
        self.keys = Keys(database)
        self.quotas = Quotas(database)
        self.usage = Usage(database)
        self.feedback = Feedback(database)
        self.findings = Findings(database)
        self.actions = Actions(database)
        self.events = Events(database, signing_key)

    @property
    def where(self) -> str:
        """The URL, its password hidden."""
        return self._database.where

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Keep everything that this thread writes inside the block, or nothing of it.

        For a change and the event that tells of it:
        ``with ledger.transaction(): ledger.releases.move(…); ledger.events.append(…)``.
        """
        with self._database.write(durable=True) as connection:
            yield connection

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let one process at a time pass here, for what must not be written by two at once."""
        with self._database.write() as connection:
            self._database.lock(connection, _TURN)
            yield

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """See one state of everything that is read inside the block."""
        with self._database.read(snapshot=True) as connection:
            yield connection

    def revision(self) -> int:
        """Return a counter that grows with every change of routes, keys, releases and outlets.

        Cheap enough for a server to ask many times a second.
        """
        with self._database.read() as connection:
            row = connection.exec_driver_sql("SELECT revision FROM meta").fetchone()
        return 0 if row is None else int(row[0])

    def close(self) -> None:
        """Close the connections; closing what is closed does nothing."""
        self._database.close()


def open_ledger(url: str, signing_key: SigningKey | None = None) -> Ledger:
    """Open a ledger; make or migrate its tables when that is needed.

    Args:
        url: ``sqlite:///path/ledger.db`` or ``postgresql://user:password@host/database``.
        signing_key: Key of the workspace; without it events are linked but not signed.

    Raises:
        StoreError: It cannot be opened or written, or is of a newer version.
    """
    database = Database(url)
    try:
        if database.is_sqlite:
            _prepare_file(database)
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Ledger(database, signing_key)


def _prepare_file(database: Database) -> None:
    """Make the folder, and switch the file to the write-ahead log, which it then stays in."""
    folder = Path(str(database.engine.url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(folder), problem=problem) from error
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            with database.read() as connection:
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            return
        except StoreError as error:
            # SQLite does not wait its busy time-out for this switch when two processes make it.
            contended = error.key == "store.busy" and isinstance(error.__cause__, OperationalError)
            if not contended or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
