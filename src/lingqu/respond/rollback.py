"""Go back to the release before, for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Backend, Route, Stage
from lingqu.respond.situation import Effect, Situation


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
        route = ledger.routes.get(situation.channel)
        if route is None or not route.fallback:
            raise OutletError("respond.no_fallback", channel=situation.channel)
        gone = [b.release for b in route.backends if b.release != route.fallback]
        ledger.routes.set(
            Route(
                situation.channel,
                (Backend(route.fallback, 1.0),),
                "",
                situation.at,
                situation.rule,
            )
        )
        for digest in gone:
            if ledger.releases.get(digest).state == "live":
                ledger.releases.move(digest, "retired", situation.at)
        if ledger.releases.get(route.fallback).state != "live":
            ledger.releases.move(route.fallback, "live", situation.at)
        return Effect("done", {"from": gone, "to": route.fallback})
