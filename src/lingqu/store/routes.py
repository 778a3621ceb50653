"""Which releases of a channel answer, now and before."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Row, select

from lingqu.core.nouns import Backend, Route
from lingqu.store.database import Database
from lingqu.store.tables import routes


class Routes:
    """Routes by channel. Setting one adds a line, so the history stays; servers notice it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, route: Route) -> None:
        """Make this the route of its channel from now on."""
        with self._database.write(durable=True) as connection:
            connection.execute(
                routes.insert().values(
                    channel=route.channel,
                    backends=[asdict(backend) for backend in route.backends],
                    fallback=route.fallback,
                    changed=route.changed,
                    reason=route.reason,
                    changed_by=route.by,
                    rules={
                        "stopped": route.stopped,
                        "sticky": route.sticky,
                        "otherwise": [list(step) for step in route.otherwise],
                    },
                )
            )
            self._database.changed(connection)

    def get(self, channel: str) -> Route | None:
        """Return the route of a channel, or None where none was set."""
        query = (
            select(routes).where(routes.c.channel == channel).order_by(routes.c.id.desc()).limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _route(row)

    def history(self, channel: str) -> list[Route]:
        """Return every route the channel had, the present one first."""
        query = select(routes).where(routes.c.channel == channel).order_by(routes.c.id.desc())
        with self._database.read() as connection:
            return [_route(row) for row in connection.execute(query)]


def _route(row: Row[tuple[object, ...]]) -> Route:
    backends = tuple(Backend(**backend) for backend in row.backends)
    rules = row.rules
    return Route(
        row.channel,
        backends,
        row.fallback,
        row.changed,
        row.reason,
        row.changed_by,
        rules.get("stopped", False),
        rules.get("sticky", "key"),
        tuple((name, options) for name, options in rules.get("otherwise", [])),
    )
