"""Let the release before answer, for now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Backend, Route, Stage
from lingqu.respond.situation import Effect, Situation


@dataclass
class Fallback:
    """Send all traffic of the channel to its fallback release.

    The release that answered so far keeps its state and its warm place, so that the way back
    is one change of the route.

    Args:
        otherwise: What to do when there is no release before: ``keep`` answering (the action
            is then recorded as failed), or ``stop`` the channel.

    Example:
        >>> Fallback().otherwise
        'keep'

    Source: Nygard, Release It! (2nd ed., 2018), ch. 5: fail to a degraded mode.
    """

    name: ClassVar[str] = "fallback"
    main: ClassVar[str] = "otherwise"
    stages: ClassVar[frozenset[Stage]] = frozenset({"live"})
    otherwise: Literal["keep", "stop"] = "keep"

    def act(self, situation: Situation) -> Effect:
        routes = situation.ledger.routes
        route = routes.get(situation.channel)
        if route is None:
            raise OutletError("respond.no_route", channel=situation.channel)
        answering = [backend.release for backend in route.backends]
        if answering == [route.fallback]:
            return Effect("done", {"answering": route.fallback, "already": True})
        if route.fallback:
            backends: tuple[Backend, ...] = (Backend(route.fallback, 1.0),)
        elif self.otherwise == "stop":
            backends = ()
        else:
            raise OutletError("respond.no_fallback", channel=situation.channel)
        back = answering[0] if answering else ""
        routes.set(Route(situation.channel, backends, back, situation.at, situation.rule))
        return Effect("done", {"from": answering, "to": route.fallback or None})
