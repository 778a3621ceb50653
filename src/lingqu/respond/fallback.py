"""Let the release before answer, for now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Backend, Stage
from lingqu.respond.situation import Effect, Situation
from lingqu.respond.way_back import route_of, way_back


@dataclass
class Fallback:
    """Send all traffic of the channel to its fallback release.

    The release that answered so far keeps its state, so that the way back is one
    `lingqu route CHANNEL --release DIGEST`. Where the fallback answers already, the same alarm
    again changes nothing: data that drifted has drifted for every release.

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
        route = route_of(situation)
        back = way_back(route, situation)
        answering = [backend.release for backend in route.backends]
        if answering == [back] or (not answering and not back):
            return Effect("done", {"answering": back or None, "already": True})
        if not back and self.otherwise == "keep":
            raise OutletError("respond.no_fallback", channel=situation.channel)
        backends = (Backend(back, 1.0),) if back else ()
        after = replace(
            route,
            backends=backends,
            fallback=back,
            changed=situation.at,
            reason=situation.rule,
            by=self.name,
        )
        situation.ledger.routes.set(after)
        return Effect("done", {"from": answering, "to": back or None})
