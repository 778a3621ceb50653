"""Reading the trail."""

from __future__ import annotations

from lingqu.core.nouns import Event
from lingqu.store.home import Home


def newest(
    home: Home, kind: str | None = None, subject: str | None = None, limit: int = 50
) -> list[Event]:
    """Return the newest events of a kind or subject, oldest of them first."""
    last = home.ledger.events.head().count
    found: list[Event] = []
    step = max(limit, 200)
    upper = last
    while upper > 0 and len(found) < limit:
        after = max(0, upper - step)
        part = home.ledger.events.list(kind=kind, subject=subject, after=after, limit=step)
        found = [event for event in part if event.sequence <= upper] + found
        upper = after
    return found[-limit:]
