"""A change of who answers: the route, the states of releases and the event, all or none."""

from __future__ import annotations

from collections.abc import Mapping

from lingqu.core.nouns import Json, Route
from lingqu.store.ledger import Ledger


def reroute(ledger: Ledger, route: Route) -> None:
    """Make this the route of its channel; releases in it are live, others that were retire.

    Args:
        ledger: Where.
        route: Complete: `changed`, `reason` and `by` go into the trail.

    Raises:
        StoreError: A release is unknown, or was blocked.
    """
    with ledger.transaction():
        ledger.routes.set(route)
        _states(ledger, route)
        ledger.events.append(
            kind="route", subject=route.channel, detail=told(route), at=route.changed
        )


def told(route: Route) -> dict[str, Json]:
    """Return what the event of a route says."""
    detail: dict[str, Json] = {
        "backends": [
            [b.release, round(b.share, 4), b.arm, *([b.when] if b.when else [])]
            for b in route.backends
        ],
        "fallback": route.fallback,
        "reason": route.reason,
        "by": route.by,
    }
    more: Mapping[str, Json] = {
        "stopped": route.stopped,
        "otherwise": [list(step) for step in route.otherwise],
        "sticky": route.sticky if route.sticky != "key" else "",
    }
    return {**detail, **{name: value for name, value in more.items() if value}}


def _states(ledger: Ledger, after: Route) -> None:
    serving = {b.release for b in after.backends} | ({after.fallback} - {""})
    for digest in serving:
        if ledger.releases.get(digest).state != "live":
            ledger.releases.move(digest, "live", after.changed)
    for record in ledger.releases.list(after.channel):
        if record.state == "live" and record.digest not in serving:
            ledger.releases.move(record.digest, "retired", after.changed)
