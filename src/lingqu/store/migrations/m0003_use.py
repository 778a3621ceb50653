"""Version 3: keys and routes say more; quotas, usage, labels, pairs, a queue for people."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, select

from lingqu.store.tables import (
    feedback,
    human_queue,
    keys,
    quotas,
    routes,
    shadow_pairs,
    usage,
)

ADDED = ("role", "certificate", "account", "replaces", "made_by")
"""Words that a key did not have before."""


def upgrade(connection: Connection) -> None:
    """Give every key its account, and make the tables that are not there yet.

    What was counted towards quotas is let go: those windows end within a day, and what they
    counted had no measure.
    """
    found = inspect(connection)
    if "account" not in {column["name"] for column in found.get_columns("keys")}:
        _keys(connection)
    if "rules" not in {column["name"] for column in found.get_columns("routes")}:
        _routes(connection)
    if "window_start" in {column["name"] for column in found.get_columns("usage")}:
        usage.drop(connection)
    for table in (quotas, usage, feedback, shadow_pairs, human_queue):
        table.create(connection, checkfirst=True)


def _keys(connection: Connection) -> None:
    old = ("id", "name", "hash", "channels", "quota", "expires", "created", "disabled")
    query = select(*(keys.c[name] for name in old))
    rows = [dict(line) for line in connection.execute(query).mappings()]
    for row in rows:
        row |= {"verbs": [], "networks": [], **dict.fromkeys(ADDED, ""), "account": row["id"]}
    keys.drop(connection)
    keys.create(connection)
    if rows:
        connection.execute(keys.insert(), rows)


def _routes(connection: Connection) -> None:
    old = ("id", "channel", "backends", "fallback", "changed", "reason")
    query = select(*(routes.c[name] for name in old)).order_by(routes.c.id)
    rows = [dict(line) for line in connection.execute(query).mappings()]
    for row in rows:
        row |= {"changed_by": "", "rules": {}}
        del row["id"]
    routes.drop(connection)
    routes.create(connection)
    if rows:
        connection.execute(routes.insert(), rows)
