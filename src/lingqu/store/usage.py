"""How much of its quota each key has spent."""

from __future__ import annotations

from sqlalchemy import select

from lingqu.store.database import Database
from lingqu.store.tables import usage


class Usage:
    """Counters by key and window; adding is atomic across processes and machines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key_id: str, window_start: int, amount: int) -> int:
        """Add to a counter and return its new total.

        Args:
            key_id: Whose.
            window_start: When the window opened, in Unix seconds.
            amount: Requests, rows or tokens; negative gives some back.
        """
        values = {"key": key_id, "window_start": window_start, "amount": amount}
        new = self._database.insert(usage).values(values)
        sums = {"amount": usage.c.amount + new.excluded.amount}
        statement = new.on_conflict_do_update(
            index_elements=["key", "window_start"], set_=sums
        ).returning(usage.c.amount)
        with self._database.write() as connection:
            return int(connection.execute(statement).scalar_one())

    def spent(self, key_id: str, window_start: int) -> int:
        """Return the total of a counter, 0 when nothing was added."""
        query = select(usage.c.amount).where(
            usage.c.key == key_id, usage.c.window_start == window_start
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar() or 0)
