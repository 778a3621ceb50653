"""Version 1: every table."""

from __future__ import annotations

from sqlalchemy import Connection

from lingqu.store.tables import metadata


def upgrade(connection: Connection) -> None:
    """Make the tables. None is there yet: all of them come in one transaction with `meta`."""
    metadata.create_all(connection, checkfirst=False)
