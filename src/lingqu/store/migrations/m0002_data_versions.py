"""Version 2: datasets know their version, the operators behind it, a message and their size."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect, select

from lingqu.store.datasets import version_id
from lingqu.store.tables import datasets

ADDED: dict[str, Any] = {"kind": "table", "message": "", "operators": [], "bytes": 0}


def upgrade(connection: Connection) -> None:
    """Make the table of datasets again, because SQLite cannot change what is unique in one."""
    there = {column["name"] for column in inspect(connection).get_columns("datasets")}
    if "version" in there:
        return
    kept = [column for column in datasets.columns if column.name in there - {"id"}]
    query = select(*kept).order_by(datasets.c.id)
    rows = [{**line, **ADDED} for line in connection.execute(query).mappings()]
    for row in rows:
        row["version"] = version_id(row["digest"], row["parents"], [])
    datasets.drop(connection)
    datasets.create(connection)
    if rows:
        connection.execute(datasets.insert(), rows)
