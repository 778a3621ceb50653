"""Go back to the release before, for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Backend, Stage
from lingqu.respond.situation import Effect, Situation
from lingqu.respond.way_back import route_of, way_back


@dataclass
class Rollback:
    """Make the fallback release the only one that answers and retire what answered before.

    Example:
        >>> Rollback().name
        'rollback'

    Source: Humble & Farley, Continuous Delivery (2010), ch. 10: rolling back deployments.
    """

    name: ClassVar[str] = "rollback"
    main: ClassVar[str] = ""
    stages: ClassVar[frozenset[Stage]] = frozenset({"live"})

    def act(self, situation: Situation) -> Effect:
        ledger = situation.ledger
        route = route_of(situation)
        back = way_back(route, situation)
        if not back:
            raise OutletError("respond.no_fallback", channel=situation.channel)
        if ledger.releases.get(back).state != "live":
            ledger.releases.move(back, "live", situation.at)
        after = replace(
            route,
            backends=(Backend(back, 1.0),),
            fallback="",
            changed=situation.at,
            reason=situation.rule,
            by=self.name,
        )
        ledger.routes.set(after)
        # After a fallback what answered before is no longer in the route, but still live.
        live = [r for r in ledger.releases.list(situation.channel) if r.state == "live"]
        gone = [record.digest for record in live if record.digest != back]
        for digest in gone:
            ledger.releases.move(digest, "retired", situation.at)
        return Effect("done", {"from": gone, "to": back})
