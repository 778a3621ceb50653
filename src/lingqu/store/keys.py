"""Who may call."""

from __future__ import annotations

import builtins

from sqlalchemy import Row, select, update

from lingqu.core.nouns import Key
from lingqu.store.database import Database, only_match
from lingqu.store.tables import keys


class Keys:
    """Keys by id; only hashes of secrets are kept. Servers notice every change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: Key) -> None:
        """Record a key.

        Raises:
            StoreError: The id is taken.
        """
        with self._database.write(durable=True) as connection:
            connection.execute(
                keys.insert().values(
                    id=key.id,
                    name=key.name,
                    hash=key.hash,
                    channels=builtins.list(key.channels),
                    quota=key.quota,
                    expires=key.expires,
                    created=key.created,
                    disabled=key.disabled,
                    verbs=builtins.list(key.verbs),
                    networks=builtins.list(key.networks),
                    role=key.role,
                    certificate=key.certificate,
                    account=key.account,
                    replaces=key.replaces,
                    made_by=key.made_by,
                )
            )
            self._database.changed(connection)

    def get(self, key_id: str) -> Key | None:
        """Return a key by its whole id, or None: a stranger's key is no mistake of the user."""
        with self._database.read() as connection:
            row = connection.execute(select(keys).where(keys.c.id == key_id)).first()
        return None if row is None else _key(row)

    def list(self) -> builtins.list[Key]:
        """Return all keys, oldest first."""
        with self._database.read() as connection:
            query = select(keys).order_by(keys.c.created, keys.c.id)
            return [_key(row) for row in connection.execute(query)]

    def disable(self, key_id: str) -> None:
        """Refuse a key from now on, everywhere.

        Args:
            key_id: Id, or a beginning of it that no other key shares.

        Raises:
            StoreError: No key matches, or several do.
        """
        with self._database.write(durable=True) as connection:
            found = only_match(connection, keys.c.id, key_id, "store.unknown_key")
            connection.execute(update(keys).where(keys.c.id == found).values(disabled=True))
            self._database.changed(connection)

    def end(self, key_id: str, expires: str) -> None:
        """Let a key, by its whole id, expire at another time."""
        with self._database.write(durable=True) as connection:
            connection.execute(update(keys).where(keys.c.id == key_id).values(expires=expires))
            self._database.changed(connection)


def _key(row: Row[tuple[object, ...]]) -> Key:
    return Key(
        row.id,
        row.name,
        row.hash,
        tuple(row.channels),
        row.quota,
        row.expires,
        row.disabled,
        row.created,
        tuple(row.verbs),
        tuple(row.networks),
        row.role,
        row.certificate,
        row.account,
        row.replaces,
        row.made_by,
    )
