"""Releases and the states they may go through."""

from __future__ import annotations

import builtins

from sqlalchemy import Row, select, update

from lingqu.core.errors import StoreError
from lingqu.core.nouns import ReleaseRecord, ReleaseState
from lingqu.store.database import Database, only_match
from lingqu.store.tables import releases

MOVES: dict[ReleaseState, tuple[ReleaseState, ...]] = {
    "candidate": ("approved", "blocked"),
    "approved": ("live", "retired", "blocked"),
    "live": ("retired", "blocked", "approved"),
    "retired": ("live",),
    "blocked": ("candidate",),
}
"""State → the states it may become. Retired → live is a rollback."""


class Releases:
    """Releases by digest. Every change counts as a revision, so that servers notice it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, record: ReleaseRecord) -> None:
        """Record a release; the same digest again keeps its state and takes the new facts."""
        values = {
            "digest": record.digest,
            "channel": record.channel,
            "run": record.run,
            "state": record.state,
            "created": record.created,
            "changed": record.created,
            "summary": record.summary,
        }
        new = self._database.insert(releases).values(values)
        kept = {name: new.excluded[name] for name in ("run", "summary")}
        with self._database.write(durable=True) as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["digest"], set_=kept))
            self._database.changed(connection)

    def get(self, digest: str) -> ReleaseRecord:
        """Return one release by its digest or a beginning of it that no other shares.

        Raises:
            StoreError: No release matches, or several do.
        """
        with self._database.read(snapshot=True) as connection:
            found = only_match(connection, releases.c.digest, digest, "store.unknown_release")
            return _record(
                connection.execute(select(releases).where(releases.c.digest == found)).one()
            )

    def list(self, channel: str | None = None) -> builtins.list[ReleaseRecord]:
        """Return the releases of a channel (or of all), newest first."""
        query = select(releases).order_by(releases.c.created.desc(), releases.c.digest)
        if channel is not None:
            query = query.where(releases.c.channel == channel)
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(query)]

    def move(self, digest: str, state: ReleaseState, at: str) -> ReleaseRecord:
        """Change the state of a release.

        Args:
            digest: Digest, or a beginning of it that no other release shares.
            state: The new state, one of those that `MOVES` allows.
            at: UTC time.

        Returns:
            The release in its new state.

        Raises:
            StoreError: Unknown release, or a change that `MOVES` does not allow.
        """
        with self._database.write(durable=True) as connection:
            found = only_match(connection, releases.c.digest, digest, "store.unknown_release")
            chosen = releases.c.digest == found
            row = connection.execute(select(releases).where(chosen).with_for_update()).one()
            allowed = MOVES[row.state]
            if state not in allowed:
                raise StoreError(
                    "store.bad_move",
                    digest=found[:12],
                    state=row.state,
                    received=state,
                    expected=", ".join(allowed),
                )
            connection.execute(update(releases).where(chosen).values(state=state, changed=at))
            self._database.changed(connection)
            return _record(connection.execute(select(releases).where(chosen)).one())


def _record(row: Row[tuple[object, ...]]) -> ReleaseRecord:
    return ReleaseRecord(row.digest, row.channel, row.run, row.state, row.created, row.summary)
