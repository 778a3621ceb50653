"""Bring a ledger to the version this Lingqu knows, or refuse a newer one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from sqlalchemy import Connection, inspect, select

from lingqu.core.errors import StoreError
from lingqu.store.database import Database
from lingqu.store.migrations import STEPS
from lingqu.store.tables import meta

Step = Callable[[Connection], None]
_MIGRATE_LOCK = 0x6C71_6D69


def migrate(database: Database, steps: Sequence[Step | str] = STEPS) -> int:
    """Walk the steps that this ledger has not walked yet, all in one transaction.

    When the version matches, nothing is written and no lock is taken.

    Args:
        database: Where.
        steps: Functions, or dotted paths ``module:function``, in order.

    Returns:
        The version of the ledger.

    Raises:
        StoreError: The ledger is of a newer version, or cannot be written.
    """
    known = len(steps)
    with database.read() as connection:
        found = _version(connection)
    if found < known:
        with database.write(durable=True) as connection:
            database.lock(connection, _MIGRATE_LOCK)
            found = _version(connection)  # another process may have been quicker
            for step in steps[found:]:
                _loaded(step)(connection)
            if found < known:
                row = {"id": 1, "schema_version": known, "revision": 0}
                new = database.insert(meta).values(row)
                connection.execute(
                    new.on_conflict_do_update(index_elements=["id"], set_={"schema_version": known})
                )
    if found > known:
        raise StoreError("store.newer_schema", path=database.where, found=found, known=known)
    return known


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(meta.name):
        return 0
    return int(connection.execute(select(meta.c.schema_version)).scalar() or 0)


def _loaded(step: Step | str) -> Step:
    if not isinstance(step, str):
        return step
    module, _, name = step.partition(":")
    loaded: Step = getattr(import_module(module), name)
    return loaded
