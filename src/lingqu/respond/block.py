"""Take a release out of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Route, Stage
from lingqu.respond.situation import Effect, Situation


@dataclass
class Block:
    """Mark the release as blocked; in use, stop the channel until a person decides.

    Example:
        >>> sorted(Block.stages)
        ['data', 'gate', 'live']

    Source: NIST AI RMF 1.0 (2023), MANAGE 2.4: mechanisms to disengage a system.
    """

    name: ClassVar[str] = "block"
    main: ClassVar[str] = ""
    stages: ClassVar[frozenset[Stage]] = frozenset({"data", "gate", "live"})

    def act(self, situation: Situation) -> Effect:
        ledger = situation.ledger
        if situation.release:
            ledger.releases.move(situation.release, "blocked", situation.at)
        route = ledger.routes.get(situation.channel)
        if situation.stage == "live" and route is not None:
            left = tuple(b for b in route.backends if b.release != situation.release)
            total = sum(b.share for b in left)
            shares = tuple(type(b)(b.release, b.share / total, b.arm) for b in left if total > 0)
            ledger.routes.set(
                Route(situation.channel, shares, route.fallback, situation.at, situation.rule)
            )
        return Effect("done", {"blocked": situation.release})
