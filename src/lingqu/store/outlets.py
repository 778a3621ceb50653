"""Places where releases are used."""

from __future__ import annotations

import builtins
from typing import Any

from sqlalchemy import Row, select, update

from lingqu.core.errors import StoreError
from lingqu.core.nouns import OutletRecord
from lingqu.store.database import Database, only_match
from lingqu.store.tables import outlets

CHANGEABLE = ("address", "detail", "driver", "opened", "pid", "state")


class Outlets:
    """Outlets by id. Every change counts as a revision, so that servers notice it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, record: OutletRecord) -> None:
        """Record an outlet, in the place of one with the same id."""
        values = {
            "id": record.id,
            "channel": record.channel,
            "driver": record.driver,
            "state": record.state,
            "address": record.address,
            "pid": record.pid,
            "opened": record.opened,
            "detail": record.detail,
        }
        with self._database.write(durable=True) as connection:
            connection.execute(self._database.upsert(outlets, ("id",), values))
            self._database.changed(connection)

    def get(self, outlet_id: str) -> OutletRecord:
        """Return one outlet by its id or a beginning of it that no other shares.

        Raises:
            StoreError: No outlet matches, or several do.
        """
        with self._database.read(snapshot=True) as connection:
            found = only_match(connection, outlets.c.id, outlet_id, "store.unknown_outlet")
            return _record(connection.execute(select(outlets).where(outlets.c.id == found)).one())

    def list(
        self, channel: str | None = None, state: str | None = None
    ) -> builtins.list[OutletRecord]:
        """Return outlets, the last opened first."""
        query = select(outlets).order_by(outlets.c.opened.desc(), outlets.c.id)
        if channel is not None:
            query = query.where(outlets.c.channel == channel)
        if state is not None:
            query = query.where(outlets.c.state == state)
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(query)]

    def update(self, outlet_id: str, **changes: Any) -> OutletRecord:
        """Change some fields of an outlet.

        Raises:
            StoreError: Unknown outlet, or a field that cannot be changed.
        """
        for name in changes:
            if name not in CHANGEABLE:
                raise StoreError("store.bad_change", received=name, expected=", ".join(CHANGEABLE))
        with self._database.write(durable=True) as connection:
            found = only_match(connection, outlets.c.id, outlet_id, "store.unknown_outlet")
            if changes:
                connection.execute(update(outlets).where(outlets.c.id == found).values(changes))
                self._database.changed(connection)
            return _record(connection.execute(select(outlets).where(outlets.c.id == found)).one())


def _record(row: Row[tuple[object, ...]]) -> OutletRecord:
    return OutletRecord(
        row.id,
        row.channel,
        row.driver,
        row.state,
        row.address,
        row.pid,
        row.opened,
        row.detail,
    )
