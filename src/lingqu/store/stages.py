"""The cache of finished stages: what need not be made again."""

from __future__ import annotations

import builtins

from sqlalchemy import Row, delete, select, update

from lingqu.core.nouns import StageRecord
from lingqu.store.database import Database
from lingqu.store.tables import stages


class Stages:
    """Finished stages by key. Losing one costs time, never truth."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, key: str) -> StageRecord | None:
        """Return the stage that was finished under this key, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(stages).where(stages.c.key == key)).first()
        return None if row is None else _record(row)

    def put(self, record: StageRecord, at: str) -> None:
        """Keep a finished stage, in the place of one with the same key."""
        values = {
            "key": record.key,
            "name": record.name,
            "state": record.state,
            "seconds": record.seconds,
            "result": record.result,
            "created": at,
            "used": at,
        }
        with self._database.write() as connection:
            connection.execute(self._database.upsert(stages, ("key",), values))

    def touch(self, key: str, at: str) -> bool:
        """Note that a stage was used, so that `prune` keeps it; False when it is gone."""
        with self._database.write() as connection:
            done = connection.execute(update(stages).where(stages.c.key == key).values(used=at))
            return done.rowcount == 1

    def remove(self, key: str) -> None:
        """Forget a stage; absent is fine."""
        with self._database.write() as connection:
            connection.execute(delete(stages).where(stages.c.key == key))

    def list(self) -> builtins.list[StageRecord]:
        """Return all stages, oldest first."""
        query = select(stages).order_by(stages.c.created, stages.c.key)
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(query)]


def _record(row: Row[tuple[object, ...]]) -> StageRecord:
    return StageRecord(row.name, row.key, row.state, row.seconds, row.result)
