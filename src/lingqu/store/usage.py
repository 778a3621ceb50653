"""What every key asked of every release, by the hour."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select

from lingqu.store.database import Database
from lingqu.store.tables import usage

COUNTS = ("requests", "errors", "rows", "tokens", "money")


@dataclass(frozen=True)
class Used:
    """What one key used of one release in one hour.

    Args:
        key: Id of the key; ``""`` where none was needed.
        channel: Name of the channel.
        release: Digest of who answered; ``""`` where nobody did.
        hour: When the hour began, Unix seconds.
        requests: Requests that were let in.
        errors: How many of them failed by our fault.
        rows: Answered rows.
        tokens: Tokens read and written.
        money: What they cost, in the currency of the channel.
    """

    key: str
    channel: str
    release: str
    hour: int
    requests: int = 0
    errors: int = 0
    rows: int = 0
    tokens: int = 0
    money: float = 0.0


class Usage:
    """Counts by key, channel, release and hour; adding is atomic across processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, used: Sequence[Used]) -> None:
        """Add to what is known of the same hours."""
        if not used:
            return
        ordered = sorted(used, key=lambda one: (one.key, one.channel, one.release, one.hour))
        with self._database.write() as connection:
            for one in ordered:
                new = self._database.insert(usage).values(asdict(one))
                sums = {name: usage.c[name] + new.excluded[name] for name in COUNTS}
                keys = ["key", "channel", "release", "hour"]
                connection.execute(new.on_conflict_do_update(index_elements=keys, set_=sums))

    def list(
        self,
        since: int = 0,
        until: int | None = None,
        channel: str | None = None,
        keys: Sequence[str] | None = None,
    ) -> builtins.list[Used]:
        """Return what was used, oldest first.

        Args:
            since: First hour, Unix seconds.
            until: End, Unix seconds, exclusive; now when omitted.
            channel: Of one channel only.
            keys: Of these keys only.
        """
        query = select(usage).where(usage.c.hour >= since)
        if until is not None:
            query = query.where(usage.c.hour < until)
        if channel is not None:
            query = query.where(usage.c.channel == channel)
        if keys is not None:
            query = query.where(usage.c.key.in_(keys))
        query = query.order_by(usage.c.hour, usage.c.key, usage.c.channel, usage.c.release)
        with self._database.read() as connection:
            return [Used(**row) for row in connection.execute(query).mappings()]

    def total(self) -> int:
        """Return how many requests are counted."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.sum(usage.c.requests))).scalar() or 0)
