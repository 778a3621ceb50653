"""Every version of every channel file that was ever walked."""

from __future__ import annotations

from sqlalchemy import delete, select

from lingqu.store.database import Database
from lingqu.store.tables import channels


class Channels:
    """Channel files by name and version; a version is the digest of the file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, name: str, version: str, text: str, at: str) -> None:
        """Make this version the latest one of its channel; putting it again changes nothing."""
        with self._database.write() as connection:
            newest = connection.execute(
                select(channels.c.version)
                .where(channels.c.name == name)
                .order_by(channels.c.id.desc())
                .limit(1)
            ).scalar()
            if newest == version:
                return
            connection.execute(
                delete(channels).where(channels.c.name == name, channels.c.version == version)
            )
            connection.execute(
                channels.insert().values(name=name, version=version, text=text, at=at)
            )

    def latest(self, name: str) -> tuple[str, str] | None:
        """Return ``(version, text)`` of the latest version, or None."""
        query = (
            select(channels.c.version, channels.c.text)
            .where(channels.c.name == name)
            .order_by(channels.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.version, row.text)

    def get(self, name: str, version: str) -> str | None:
        """Return the text of one version, or None."""
        query = select(channels.c.text).where(
            channels.c.name == name, channels.c.version == version
        )
        with self._database.read() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def names(self) -> list[str]:
        """Return the names of all channels, sorted."""
        query = select(channels.c.name).distinct().order_by(channels.c.name)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())
