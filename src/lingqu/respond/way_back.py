"""The way back: the release that a channel returns to."""

from __future__ import annotations

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Route
from lingqu.respond.situation import Situation


def route_of(situation: Situation) -> Route:
    """Return the route of the channel.

    Raises:
        OutletError: The channel is not deployed.
    """
    route = situation.ledger.routes.get(situation.channel)
    if route is None:
        raise OutletError("respond.no_route", channel=situation.channel)
    return route


def way_back(route: Route, situation: Situation) -> str:
    """Return the release to go back to, or ``""`` where there is none.

    Raises:
        OutletError: There is one, but it was blocked: it must not answer again.
    """
    if not route.fallback:
        return ""
    record = situation.ledger.releases.get(route.fallback)
    if record.state == "blocked":
        raise OutletError(
            "respond.fallback_blocked", channel=route.channel, release=record.digest[:12]
        )
    return record.digest
