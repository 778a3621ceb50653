"""Take a release out of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Backend, Route, Stage
from lingqu.respond.situation import Effect, Situation

SERVABLE = ("candidate", "approved", "live")


@dataclass
class Block:
    """Mark the release as blocked; in use, stop the channel until a person decides.

    At the gate it makes the gate refuse: `flow` takes the findings of the rule as blocking.

    Example:
        >>> sorted(Block.stages)
        ['data', 'gate', 'live']

    Source: NIST AI RMF 1.0 (2023), MANAGE 2.4: mechanisms to disengage a system.
    """

    name: ClassVar[str] = "block"
    main: ClassVar[str] = ""
    stages: ClassVar[frozenset[Stage]] = frozenset({"data", "gate", "live"})

    def act(self, situation: Situation) -> Effect:
        ledger, release = situation.ledger, situation.release
        route = ledger.routes.get(situation.channel)
        if situation.stage == "live" and route is not None:
            # Traffic is stopped first: a process that dies here has blocked too much, not less.
            ledger.routes.set(_without(route, release, situation))
        if release and ledger.releases.get(release).state in SERVABLE:
            ledger.releases.move(release, "blocked", situation.at)
        return Effect("done", {"blocked": release})


def _without(route: Route, release: str, situation: Situation) -> Route:
    """Return the route without a release; what is left shares its traffic."""
    left = [backend for backend in route.backends if backend.release != release]
    total = sum(backend.share for backend in left)
    shares = tuple(
        Backend(b.release, b.share / total, "champion" if len(left) == 1 else b.arm) for b in left
    )
    fallback = "" if route.fallback == release else route.fallback
    return Route(situation.channel, shares, fallback, situation.at, situation.rule)
